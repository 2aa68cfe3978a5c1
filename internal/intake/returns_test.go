package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCarriageReturns keeps those in quotes, and reads none outside of them as a part of a cell.
func TestCarriageReturns(t *testing.T) {
	t.Parallel()
	const header = "order_reference;description;amount\n"
	for name, tc := range map[string]struct {
		content string
		want    []string // descriptions, nil: refused
	}{
		"in quotes":           {header + "A1;\"x\ry\";10\nA2;z;20\n", []string{"x\ry", "z"}},
		"in quotes, CR lines": {"order_reference;description;amount\rA1;\"x\ry\";10\r", []string{"x\ny"}},
		"twice before LF": {
			"order_reference;description;amount\r\r\nA1;x;10\r\r\nA2;z;20\r\r\n",
			[]string{"x", "z"},
		},
		"at the end of the file": {header + "A1;x;10\nA2;z;20\r", []string{"x", "z"}},
		"between records":        {header + "A1;x;10\rA2;y;20\nA3;z;30\n", nil},
		"between short records":  {"order_reference;description;amount;a;b\nA0;x;10;c;d\nA1;x;10\rA2;y;20\n", nil},
		"in a cell":              {header + "A1;x\ry;10\n", nil},
	} {
		got, err := cells(t, write(t, "lines.csv", tc.content))
		if tc.want == nil {
			require.Error(t, err, name)
			require.Contains(t, requireCode(t, err, "csv.ragged").Message, "carriage return")
			continue
		}
		require.NoError(t, err, name)
		var descriptions []string
		for _, record := range got {
			descriptions = append(descriptions, record[1])
		}
		require.Equal(t, tc.want, descriptions, name)
	}
}
