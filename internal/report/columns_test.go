package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

// listsOf are the texts of the last three fixed columns of a CSV report with one row, split where readers split them.
func listsOf(t require.TestingT, row Row) (codes, problems, hints []string) {
	s, err := newShape(&Report{})
	require.NoError(t, err)
	out, l := newCSV(&s, "", dialectOf(CSV)), newLine(&row)
	out.add(&l, s.moreCells(&row, nil))
	var file bytes.Buffer
	require.NoError(t, errors.Join(out.write(&file), out.file.Close(), os.Remove(out.file.Name())))
	table, err := csv.NewReader(&file).ReadAll()
	require.NoError(t, err)
	cell := func(name string) []string { return strings.Split(table[1][columnOf(s.fixed, name)-1], "; ") }
	return cell("problem_code"), cell("problem"), cell("hint")
}

func TestProblemsOfARowAreListed(t *testing.T) {
	t.Parallel()
	row := Row{
		Final:   billing.FinalRejected,
		Outcome: billing.Outcome{Code: "provider.refused", Message: "-1 is refused; by rule 7"},
	}
	row.Problems = []billing.Problem{
		{
			Code: "quantity.zero", Message: "the quantity is 0",
			Hint: "write a positive quantity; put the sign on the amount",
		},
		{Code: "amount.unreadable", Message: `"=1+1" is no number;`, Hint: "write 2"},
	}
	codes, problems, hints := listsOf(t, row)
	require.Equal(t, []string{"quantity.zero", "amount.unreadable", "provider.refused"}, codes)
	require.Equal(t, []string{"the quantity is 0", `'"=1+1" is no number;`, "'-1 is refused, by rule 7"}, problems,
		"with the guard against formulas")
	require.Equal(t, []string{"write a positive quantity, put the sign on the amount", "write 2", ""}, hints)
}

// Whatever the texts are, a program that splits the three cells gets a code, a problem and a hint for every problem.
func TestProblemsCanBeSplit(t *testing.T) {
	t.Parallel()
	text := rapid.StringOf(rapid.SampledFrom([]rune(";;;  ,=-\"'|\tab\r\n")))
	rapid.Check(t, func(t *rapid.T) {
		row := Row{Final: billing.FinalInvalid}
		row.Problems = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) billing.Problem {
			return billing.Problem{
				Code: billing.Code(text.Draw(t, "code")), Message: text.Draw(t, "message"),
				Hint: text.Draw(t, "hint"),
			}
		}), 1, 5).Draw(t, "problems")
		said := func(text string) string { // what is left of a text beside the guard against formulas
			return strings.ReplaceAll(strings.ReplaceAll(clean(text), "; ", ", "), "'", "")
		}
		codes, problems, hints := listsOf(t, row)
		require.Len(t, codes, len(row.Problems))
		require.Len(t, problems, len(row.Problems))
		require.Len(t, hints, len(row.Problems))
		for i, p := range row.Problems {
			require.Equal(t, said(string(p.Code)), said(codes[i]))
			require.Equal(t, said(p.Message), said(problems[i]))
			require.Equal(t, said(p.Hint), said(hints[i]))
		}
	})
}
