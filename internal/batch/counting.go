package batch

import (
	"errors"
	"fmt"
	"iter"
	"sort"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// ErrLostRows is the fault of this program that the groups are not the rows that were read, each once.
var ErrLostRows = errors.New("rows were lost or doubled inside the program")

// rowCheck holds the rows of the groups against what was counted where the files were read.
type rowCheck struct {
	files  []journal.File // of lines
	starts []int          // by file: ordinal of its first row
	seen   []uint64       // a bit for each ordinal
	rows   []int          // by file: how many were seen
	total  int
}

// everyRow passes groups on. It ends with [ErrLostRows] when they do not hold every row of the files exactly once.
func everyRow(files []journal.File, groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		c := newRowCheck(files)
		for g, err := range groups {
			for i := range g.Rows {
				if err == nil {
					err = c.see(g.Rows[i].Ordinal)
				}
			}
			if !yield(g, err) || err != nil {
				return
			}
		}
		if err := c.complete(); err != nil {
			yield(billing.Group{}, err)
		}
	}
}

func newRowCheck(files []journal.File) *rowCheck {
	files = linesOf(files)
	c := &rowCheck{files: files, rows: make([]int, len(files))}
	for _, f := range files {
		c.starts = append(c.starts, c.total)
		c.total += f.Rows
	}
	c.seen = make([]uint64, (c.total+63)/64)
	return c
}

// rowsOf is the number of lines, as they were counted where the files are read. Rows of a register are none.
func rowsOf(files []journal.File) (rows int) {
	for _, f := range linesOf(files) {
		rows += f.Rows
	}
	return rows
}

func (c *rowCheck) see(ordinal int) error {
	if ordinal < 0 || ordinal >= c.total {
		return fmt.Errorf("%w: %d rows were read and there is a row number %d; no call was made", ErrLostRows, c.total, ordinal+1)
	}
	file := sort.Search(len(c.starts), func(i int) bool { return c.starts[i] > ordinal }) - 1
	word, bit := ordinal/64, uint64(1)<<(ordinal%64)
	if c.seen[word]&bit != 0 {
		return fmt.Errorf("%w: row number %d of %s came out of grouping twice; no call was made", ErrLostRows, ordinal-c.starts[file]+1, c.files[file].Name)
	}
	c.seen[word] |= bit
	c.rows[file]++
	return nil
}

// complete names the first file of which a row is missing, and the row, counted from the file's first.
func (c *rowCheck) complete() error {
	for i, f := range c.files {
		if c.rows[i] == f.Rows {
			continue
		}
		missing := c.starts[i]
		for c.seen[missing/64]&(1<<(missing%64)) != 0 {
			missing++
		}
		return fmt.Errorf("%w: %d rows of %s were read and %d came out of grouping, row number %d is missing; no call was made",
			ErrLostRows, f.Rows, f.Name, c.rows[i], missing-c.starts[i]+1)
	}
	return nil
}
