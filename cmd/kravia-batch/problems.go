package main

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"

	"kraviabatch/internal/billing"
)

// maxListed is how many problems are kept for JSON; the report's Problems sheet has all.
const maxListed = 10_000

// problemList counts the problems of a reading by what fixes them.
type problemList struct {
	groups billing.ProblemGroups
	total  int
	first  []billing.Problem // at most listed
	listed int
}

// newProblemList is an empty list. It keeps single problems only where they are printed one by one, as JSON.
func newProblemList(json bool) *problemList {
	if json {
		return &problemList{listed: maxListed}
	}
	return &problemList{}
}

// watch passes groups on and adds their problems.
func (l *problemList) watch(groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		for g, err := range groups {
			for i := range g.Rows {
				l.add(g.Rows[i].Problems)
			}
			if !yield(g, err) {
				return
			}
		}
	}
}

func (l *problemList) add(problems []billing.Problem) {
	l.total += len(problems)
	l.first = append(l.first, problems[:min(len(problems), l.listed-len(l.first))]...)
	for i := range problems {
		l.groups.Add(&problems[i])
	}
}

// printProblems lists problems with the same fix together: warnings first, then errors, and last the rows that only
// wait for another row to be fixed.
func printProblems(w io.Writer, l *problemList) {
	groups := l.groups.All()
	slices.SortStableFunc(groups, func(a, b *billing.ProblemGroup) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(waiting(a), waiting(b)),
			cmp.Compare(a.Count, b.Count), cmp.Compare(a.Code, b.Code))
	})
	for _, g := range groups {
		if waiting(g) > 0 {
			fmt.Fprintf(w, "%s %s, %s\n", g.Severity, g.Code, waits(g))
			fmt.Fprintf(w, "  "+msgFix+"\n\n", g.Hint)
			continue
		}
		printGroup(w, g)
	}
}

// waiting is 1 for rows that only wait for others to be fixed.
func waiting(g *billing.ProblemGroup) int {
	if g.Waits() {
		return 1
	}
	return 0
}

// waits says what a group of waiting rows waits for: a row of the same order, or one of the file that may
// belong to any order.
func waits(g *billing.ProblemGroup) string {
	what := "order"
	if g.Code == billing.CodeOrderHeld {
		what = "file"
	}
	if g.Count == 1 {
		return fmt.Sprintf(msgRowWaits, what)
	}
	return fmt.Sprintf(msgRowsWait, plural(g.Count, "row"), what)
}

func printGroup(w io.Writer, g *billing.ProblemGroup) {
	fmt.Fprintf(w, "%s %s, %s\n", g.Severity, g.Code, plural(g.Count, "time"))
	for _, p := range g.First {
		fmt.Fprintf(w, "  %s: %s\n", place(p), p.Message)
		if g.Hint == "" {
			fmt.Fprintf(w, "    "+msgFix+"\n", p.Hint)
		}
	}
	if more := g.Count - len(g.First); more > 0 {
		fmt.Fprintf(w, "  "+msgMore+"\n", more)
	}
	if g.Hint != "" {
		fmt.Fprintf(w, "  "+msgFix+"\n", g.Hint)
	}
	fmt.Fprintln(w)
}

func place(p billing.Problem) string {
	where := fmt.Sprintf("%s row %d", p.File, p.Row)
	if p.Sheet != "" {
		where = fmt.Sprintf("%s, %s row %d", p.File, p.Sheet, p.Row)
	}
	if p.Column != "" {
		where += ", " + p.Column
	}
	return where
}
