package main

import (
	"bytes"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// oneGroup is a group whose rows have these problems, one each.
func oneGroup(problems ...billing.Problem) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		g := billing.Group{}
		for i, p := range problems {
			p.Place = billing.Place{File: "x.csv", Row: i + 2}
			g.Rows = append(g.Rows, billing.Row{Problems: []billing.Problem{p}})
		}
		yield(g, nil)
	}
}

// printed is what check prints of groups, and the list.
func printed(t *testing.T, l *problemList, groups iter.Seq2[billing.Group, error]) string {
	t.Helper()
	for _, err := range l.watch(groups) {
		require.NoError(t, err)
	}
	var out bytes.Buffer
	printProblems(lines{raw: &out}, l)
	return out.String()
}

func TestProblemsAreCountedAndNotKept(t *testing.T) {
	t.Parallel()
	problems := make([]billing.Problem, 12_000)
	for i := range problems {
		problems[i] = billing.Problem{
			Code: "email.missing", Severity: billing.Error, Message: "no e-mail",
			Hint: "fill in email",
		}
	}
	l := &problemList{}
	text := printed(t, l, oneGroup(problems...))
	require.Contains(t, text, "error email.missing, 12000 times\n")
	require.Contains(t, text, "  … and 11995 more\n  fix: fill in email\n")
	require.Empty(t, l.first)
	l = &problemList{listed: maxListed}
	printed(t, l, oneGroup(problems...))
	require.Equal(t, 12_000, l.total)
	require.Len(t, l.first, maxListed)
}

func TestProblemsByWhatToDo(t *testing.T) {
	t.Parallel()
	wait := func(row int) billing.Problem {
		return billing.Problem{
			Code: billing.CodeOrderIncomplete, Severity: billing.Error, Message: "waits",
			Hint: fmt.Sprintf("fix row %d", row),
		}
	}
	bad := func(hint string) billing.Problem {
		return billing.Problem{
			Code: "amount.unreadable", Severity: billing.Error, Column: "amount",
			Message: "no number", Hint: hint,
		}
	}
	require.Equal(t, `error amount.unreadable, 1 time
  x.csv row 5, amount: no number
  fix: take out the letters

error amount.unreadable, 2 times
  x.csv row 3, amount: no number
  x.csv row 4, amount: no number
  fix: write a dot

error order.incomplete, 3 rows wait for another row of their order
  fix: correct the rows with the other problems; an order is sent when all its rows are correct and every row of its file belongs to an order

`, printed(t, &problemList{}, oneGroup(wait(3), bad("write a dot"), bad("write a dot"), bad("take out the letters"), wait(3), wait(5))))
}
