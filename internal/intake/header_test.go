package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeadersOfARefusalAreNoData(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cells []string
		want  string
	}{
		{[]string{"Ordre", "", "Pris eks. mva", "Uke 44"}, `"Ordre", "Pris eks. mva", "Uke 44"`},
		{[]string{"", "ola@example.no"}, "a cell that looks like data instead of a column name"},
		{[]string{"Ordre", "ola@example.no"}, "2 cells that look like data instead of column names"},
		{[]string{"Ola Nordmann", "tlf. 987 65 432"}, "2 cells that look like data instead of column names"},
		{[]string{"Ola Nordmann", "", "99,50"}, "2 cells that look like data instead of column names"},
		{[]string{"a", "b", "c", "d", "e", "f", "g", "2026"}, `"a", "b", "c", "d", "e", "f", "g", "2026"`},
		{[]string{"a", "b", "c", "d", "e", "f", "1", "99,50"}, "8 cells that look like data instead of column names"},
		{nil, ""},
	} {
		require.Equal(t, test.want, headers(test.cells), "%q", test.cells)
	}
}
