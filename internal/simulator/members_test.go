package simulator

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	require.Empty(t, members(nil))
	for _, object := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":-1.5e3,"b":true ,"c": null}`, "{\n\t\"a\" : [1, {\"b\":\"]\"}] ,\r\n \"c\":{\"d\":\"}\"}\n}",
		`{"a\"b":"c\\","d":"\\\"}","ø":"å"}`, `{"":""}`, `{"a":[],"b":{},"c":[[]]}`, `{"a":{"b":{"c":"{[\""}}}`,
	} {
		var want map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(object), &want))
		require.Equal(t, want, members(json.RawMessage(object)), object)
	}
}

// FuzzMembers compares with the decoder.
func FuzzMembers(f *testing.F) {
	f.Add(`{"a":[1,{"b":"]"}],"c":{"d":"}"}}`)
	f.Fuzz(func(t *testing.T, object string) {
		var want map[string]json.RawMessage
		if json.Unmarshal([]byte(object), &want) != nil || want == nil {
			return
		}
		got := members(json.RawMessage(object))
		require.Len(t, got, len(want))
		for name, value := range want {
			require.Equal(t, string(value), string(got[name]))
		}
	})
}
