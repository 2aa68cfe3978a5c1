package batch

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// ErrLostRows is a fault of this program: the groups do not hold every row that was read exactly once.
var ErrLostRows = errors.New(msgLostRows)

// everyRow passes groups on, and checks that they hold every row of the files of lines exactly once. If they do not,
// its last error is [ErrLostRows]. This is what makes sure that no row is forgotten or billed twice by a fault in
// grouping.
func everyRow(files []journal.File, groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		c := &rowCheck{linesOf(files), make([]bool, rowsOf(files))}
		for g, err := range seen(groups, func(g *billing.Group) error { return eachRow(g, c.see) }) {
			if !yield(g, err) || err != nil {
				return
			}
		}
		if err := c.complete(); err != nil {
			yield(billing.Group{}, err)
		}
	}
}

// rowsOf is the number of lines, counted while the files were read. Rows of a register do not count.
func rowsOf(files []journal.File) (rows int) {
	for _, f := range linesOf(files) {
		rows += f.Rows
	}
	return rows
}

// eachRow calls do with every row of a group, up to the first error.
func eachRow(g *billing.Group, do func(*billing.Row) error) error {
	for i := range g.Rows {
		if err := do(&g.Rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// rowCheck compares the rows of the groups with the number that was counted while the files were read.
type rowCheck struct {
	files []journal.File // of lines
	came  []bool         // by ordinal: the row came out of grouping
}

func (c *rowCheck) see(row *billing.Row) error {
	if row.Ordinal < 0 || row.Ordinal >= len(c.came) {
		return fmt.Errorf(msgRowBeyond, ErrLostRows, len(c.came), row.Ordinal+1)
	}
	if c.came[row.Ordinal] {
		f, n := c.place(row.Ordinal)
		return fmt.Errorf(msgRowTwice, ErrLostRows, n+1, f.Name)
	}
	c.came[row.Ordinal] = true
	return nil
}

// complete refuses groups that lack a row, and names the first missing row and its file.
func (c *rowCheck) complete() error {
	missing := slices.Index(c.came, false)
	if missing < 0 {
		return nil
	}
	f, n := c.place(missing)
	came := 0
	for _, did := range c.came[missing-n : missing-n+f.Rows] {
		if did {
			came++
		}
	}
	return fmt.Errorf(msgRowMissing, ErrLostRows, f.Rows, f.Name, came, n+1)
}

// place is the file of a row, and the row's number in it, from 0.
func (c *rowCheck) place(ordinal int) (of journal.File, n int) {
	for _, of = range c.files {
		if ordinal < of.Rows {
			break
		}
		ordinal -= of.Rows
	}
	return of, ordinal
}
