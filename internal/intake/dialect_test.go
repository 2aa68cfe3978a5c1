package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDelimiterIsSettled holds a sep= line and a profile's delimiter against the lines.
func TestDelimiterIsSettled(t *testing.T) {
	t.Parallel()
	const table = "order_reference|description|amount\nA1|x|10\n"
	for _, tc := range []struct {
		separator, first, declared string
		refused                    string
	}{
		{";", "", "", ""},
		{";", "sep=;\n", "", ""},
		{";", "SEP=;\r\n", ";", ""},
		{"\t", "sep=\t\n", "\t", ""},
		{"^", "sep=^\n", "", ""},
		{",", "sep=,,,,\n", "", ""},
		{";", "\"sep=;\"\n", "", ""},
		{";", "\ufeffsep=;\n", "", ""},
		{";", "sep=;\n", ",", `the profile declares the delimiter ',', but the file begins with "sep=;"`},
		{";", "", ",", `the profile declares the delimiter ',', but ';' stands between the column names`},
		{
			";", "Report for November, of 3\n", ",",
			`the profile declares the delimiter ',', but ';' stands between the column names`,
		},
		{";", "sep=ab\n", "", `"sep=ab" does not name one character`},
		{";", "sep=\"\n", "", ""},
	} {
		got, _, err := readTable(t, tc.first+strings.ReplaceAll(table, "|", tc.separator), tc.declared)
		if tc.refused != "" {
			require.ErrorContains(t, err, tc.refused)
			continue
		}
		require.NoError(t, err, tc.first)
		require.Equal(t, "x", got)
	}
}
