package batch

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// ErrLostRows is the fault of this program that the groups are not the rows that were read, each once.
var ErrLostRows = errors.New("rows were lost or doubled inside the program")

// everyRow passes groups on. It ends with [ErrLostRows] when they do not hold every row of the files of lines
// exactly once.
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

// rowsOf is the number of lines, as they were counted where the files are read. Rows of a register are none.
func rowsOf(files []journal.File) (rows int) {
	for _, f := range linesOf(files) {
		rows += f.Rows
	}
	return rows
}

// eachRow does something with every row of a group, up to the first error.
func eachRow(g *billing.Group, do func(*billing.Row) error) error {
	for i := range g.Rows {
		if err := do(&g.Rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// rowCheck holds the rows of the groups against what was counted where the files were read.
type rowCheck struct {
	files []journal.File // of lines
	came  []bool         // by ordinal
}

func (c *rowCheck) see(row *billing.Row) error {
	if row.Ordinal < 0 || row.Ordinal >= len(c.came) {
		return fmt.Errorf("%w: %d rows were read and there is a row number %d; no call was made", ErrLostRows,
			len(c.came), row.Ordinal+1)
	}
	if c.came[row.Ordinal] {
		f, n := c.place(row.Ordinal)
		return fmt.Errorf("%w: row number %d of %s came out of grouping twice; no call was made", ErrLostRows, n+1,
			f.Name)
	}
	c.came[row.Ordinal] = true
	return nil
}

// complete names the first file of which a row is missing, and the row.
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
	return fmt.Errorf(
		"%w: %d rows of %s were read and %d came out of grouping, row number %d is missing; no call was made",
		ErrLostRows, f.Rows, f.Name, came, n+1)
}

// place is the file of a row, and the row's place in it from 0.
func (c *rowCheck) place(ordinal int) (of journal.File, n int) {
	for _, of = range c.files {
		if ordinal < of.Rows {
			break
		}
		ordinal -= of.Rows
	}
	return of, ordinal
}
