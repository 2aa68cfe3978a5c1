package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestScanIsTheSameInAnyBlocks cuts a file into blocks in any place.
func TestScanIsTheSameInAnyBlocks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		part := rapid.SampledFrom(
			[]string{
				"a;b\n", "\r\n", "\r", "\n", "\x1a", "\x00", "å", "\ufffd", "\ufeff", "€", "\xc3", "\xe5",
				"\xff\xfe", "\xf0\x9f\x98\x80", "x",
			})
		var file []byte
		for _, p := range rapid.SliceOfN(part, 1, 30).Draw(rt, "parts") {
			file = append(file, p...)
		}
		first, second := &bytesScan{}, &bytesScan{}
		_, err := first.Write(file)
		require.NoError(rt, err)
		first.finish()
		for rest := file; len(rest) > 0; {
			n := rapid.IntRange(min(4, len(rest)), len(rest)).Draw(rt, "block")
			_, err := second.Write(rest[:n])
			require.NoError(rt, err)
			rest = rest[n:]
		}
		second.finish()
		first.held, second.held = nil, nil
		require.Equal(rt, first, second)
	})
}
