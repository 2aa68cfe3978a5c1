package simulator

import (
	"encoding/json"
	"maps"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	require.Zero(t, members(nil).count())
	for _, text := range []string{
		`{}`, `{ } `, `{"a":1}`, `{"a":-1.5e3,"b":true ,"c": null}`,
		"{\n\t\"a\" : [1, {\"b\":\"]\"}] ,\r\n \"c\":{\"d\":\"}\"}\n}",
		`{"a\"b":"c\\","d":"\\\"}","ø":"å"}`, `{"":""}`, `{"a":[],"b":{},"c":[[]]}`, `{"a":{"b":{"c":"{[\""}}}`,
	} {
		var want map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(text), &want))
		require.Equal(t, want, maps.Collect(members(json.RawMessage(text)).all()), text)
	}
	for _, text := range []string{`[]`, `[ ]`, `[1]`, `[1,"a,]" , {"b":[2]},[[]], null]`} {
		var want []json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(text), &want))
		got := split(json.RawMessage(text))
		require.Equal(t, len(want), got.count(), text)
		for i := range want {
			require.Equal(t, want[i], got.at(i), text)
		}
	}
}

// FuzzMembers compares with the decoder.
func FuzzMembers(f *testing.F) {
	f.Add(`{"a":[1,{"b":"]"}],"c":{"d":"}"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var want map[string]json.RawMessage
		if !utf8.ValidString(text) || json.Unmarshal([]byte(text), &want) != nil || want == nil {
			return
		}
		got := members(json.RawMessage(text))
		require.GreaterOrEqual(t, got.count(), 2*len(want)) // a name may be there twice
		for name := range want {
			require.NotNil(t, got.get(name))
		}
	})
}
