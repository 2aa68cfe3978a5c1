package billing_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

func TestProblemGroups(t *testing.T) {
	t.Parallel()
	var g billing.ProblemGroups
	add := func(n int, code billing.Code, severity billing.Severity, hint func(i int) string) {
		for i := range n {
			g.Add(&billing.Problem{Code: code, Severity: severity, Place: billing.Place{Row: i}, Hint: hint(i)})
		}
	}
	same := func(hint string) func(int) string { return func(int) string { return hint } }
	add(12_000, "email.missing", billing.Error, same("fill in email"))
	add(7, "amount.unreadable", billing.Error, same("take out the letters"))
	add(3, "amount.unreadable", billing.Error, same("write a dot"))
	add(2, "amount.unreadable", billing.Warning, same("write a dot"))
	add(103, "order.incomplete", billing.Error, func(i int) string { return fmt.Sprintf("fix row %d", i) })
	add(50, "date.odd", billing.Error, func(i int) string { return fmt.Sprintf("write day %d", i) })

	var got []string
	for _, group := range g.All() {
		got = append(got,
			fmt.Sprintf("%s %s %d %d %q", group.Severity, group.Code, group.Count, len(group.First), group.Hint))
	}
	require.Len(t, got, 5+21, "of hints that differ each time most share a group")
	require.Equal(t, []string{
		`error email.missing 12000 5 "fill in email"`,
		`error amount.unreadable 7 5 "take out the letters"`,
		`error amount.unreadable 3 3 "write a dot"`,
		`warning amount.unreadable 2 2 "write a dot"`,
		`error order.incomplete 103 5 "correct the rows with the other problems; ` +
			`an order is sent when all its rows are correct and every row of its file belongs to an order"`,
		`error date.odd 1 1 "write day 0"`,
	}, got[:6])
	require.Equal(t, `error date.odd 30 5 ""`, got[25])
}

// However many problems there are, each is counted once, in the group that Of gives, and only a few are kept.
func TestProblemGroupsCountEachProblem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var g billing.ProblemGroups
		problems := rapid.SliceOf(rapid.Custom(func(t *rapid.T) billing.Problem {
			return billing.Problem{
				Code:     rapid.SampledFrom([]billing.Code{"a.b", "c.d", billing.CodeOrderIncomplete}).Draw(t, "code"),
				Severity: rapid.SampledFrom([]billing.Severity{billing.Error, billing.Warning}).Draw(t, "severity"),
				Hint: rapid.SampledFrom(
					[]string{"", "x", "y", fmt.Sprint(rapid.IntRange(0, 200).Draw(t, "own"))}).Draw(t, "hint"),
			}
		})).Draw(t, "problems")
		counts := map[*billing.ProblemGroup]int{}
		for i := range problems {
			counts[g.Add(&problems[i])]++
		}
		require.Len(t, g.All(), len(counts))
		require.LessOrEqual(t, len(counts), 6*21)
		for group, n := range counts {
			require.Equal(t, n, group.Count)
			require.Len(t, group.First, min(n, 5))
		}
		for i := range problems {
			group := g.Of(&problems[i])
			require.Equal(t, problems[i].Code, group.Code)
			require.Equal(t, problems[i].Severity, group.Severity)
			require.True(t, group.Hint == "" || group.Waits() || group.Hint == problems[i].Hint)
		}
		require.Nil(t, g.Of(&billing.Problem{Code: "none"}))
	})
}
