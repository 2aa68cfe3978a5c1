package report

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strconv"

	"kraviabatch/internal/billing"
)

// listedProblem is a problem for the sheet Problems.
type listedProblem struct {
	billing.Problem
	At place // of its row, on the sheet Rows
}

// writeProblems writes the sheet Problems, sorted by group if the summary holds all problems.
func (b *book) writeProblems(ctx context.Context) error {
	l := b.list(sheetProblems, []column{
		{"severity", kindText},
		{"code", kindText},
		{"count", kindNumber},
		{"what to do", kindProse},
		{"file", kindText},
		{"sheet", kindText},
		{"row", kindNumber},
		{"column", kindText},
		{"value", kindProse},
		{"what is wrong", kindProse},
		{"go to", kindJump},
	}, []int{11, 30, 8, 44, 20, 12, 7, 18, 20, 44, 13})
	listed := b.problems.All()
	if b.summary.ProblemsTotal == len(b.summary.Problems) {
		listed = b.grouped(listed)
	}
	for p, err := range listed {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return fmt.Errorf("sheet %s: %w", sheetProblems, err)
		}
		l.addProblem(&p)
	}
	l.ifEmpty(b.words.say("No problems were found"))
	return l.lay(ctx)
}

// grouped yields the problems by group, in the sequence of Summary.Groups. It holds them in memory, so it is only for a
// limited number; more problems stay in input order, and the reader filters them.
func (b *book) grouped(listed iter.Seq2[listedProblem, error]) iter.Seq2[listedProblem, error] {
	return func(yield func(listedProblem, error) bool) {
		of := map[*billing.ProblemGroup][]listedProblem{}
		for p, err := range listed {
			if err != nil {
				yield(p, err)
				return
			}
			g := b.summary.shape.groups.Of(&p.Problem)
			of[g] = append(of[g], p)
		}
		for _, g := range b.summary.Groups {
			for _, p := range of[g] {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}

func (l *list) addProblem(p *listedProblem) {
	l.next()
	t := toneProblem
	if p.Severity != billing.Error {
		t = toneWarning
	}
	words, group := l.book.words, l.book.summary.shape.groups.Of(&p.Problem)
	message, hint := words.problem(p.Code, p.Message, p.Hint)
	l.texts(t, 0, words.text(p.Severity.String()))
	l.texts(t, 0, string(p.Code), strconv.Itoa(group.Count), hint, p.File, p.Sheet, strconv.Itoa(p.Row), p.Column,
		p.Value, message)
	l.jump(p.At, toneNone)
	l.add()
}
