package intake

import (
	"iter"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// layout is the result of the survey: how each column is read, and which rows are records. Records only reads it.
type layout struct {
	columns     []column     // as many as the table is wide
	made        []column     // columns whose cells the profile makes
	last        int          // row number of the last record
	totals      map[int]bool // row numbers of totals, which are no records
	falseTotals map[int]falseTotal
	description int                // index of the description, -1 if it is not known yet
	reference   int                // index of the order reference, -1 for none
	prices      int                // index of the column that says whether a row's prices are with VAT, -1 for none
	currency    money.CurrencyWord // of all amounts, from a row above the header
	hidden      map[string]int     // order reference → number of a hidden row that is skipped
	skipHidden  bool
	strictWidth bool // CSV: a row with another number of cells is refused
	given       bool // the profile gives the headers, for a file without any
	comma       bool // a comma separates the cells
}

// falseTotal is a row that says total but is not passed over. why is the reason, for its problem.
type falseTotal struct{ says, why string }

// index is where a known column stands, -1 for nowhere. From madeBase on it is a made column.
func (l *layout) index(c billing.Column) int {
	for i := range l.made {
		if l.made[i].known == c {
			return madeBase + i
		}
	}
	for i := range l.columns {
		if l.columns[i].known == c {
			return i
		}
	}
	return -1
}

// treatments is the index of a VAT column whose words stand for rates by the profile, in a table without a column
// of treatments, -1 for none. The words are the treatments then.
func (l *layout) treatments() int {
	if at := l.index(billing.ColVAT); at >= 0 && l.column(at).values != nil && l.index(billing.ColVATTreatment) < 0 {
		return at
	}
	return -1
}

// all iterates over the table's columns and the made ones, with their indexes.
func (l *layout) all() iter.Seq2[int, *column] {
	return func(yield func(int, *column) bool) {
		for i := range l.columns {
			if !yield(i, &l.columns[i]) {
				return
			}
		}
		for i := range l.made {
			if !yield(madeBase+i, &l.made[i]) {
				return
			}
		}
	}
}

// column is the column of an index.
func (l *layout) column(i int) *column {
	if i >= madeBase {
		return &l.made[i-madeBase]
	}
	return &l.columns[i]
}

// cellAt is the cell of a row in the column of an index. Beyond the row's end it is empty.
func (r *row) cellAt(i int) *cell {
	if i >= madeBase && i-madeBase < len(r.made) {
		return &r.made[i-madeBase].cell
	}
	if i < 0 || i >= len(r.cells) {
		return &cell{}
	}
	return &r.cells[i]
}

// read reads a row's cell in the column of an index, which may be a made one.
func (l *layout) read(r *row, i int) reading {
	if i < madeBase {
		return l.columns[i].read(r.cellAt(i))
	}
	c, m := &l.made[i-madeBase], &r.made[i-madeBase]
	if m.problem.Code != "" {
		return reading{value: m.cell.Value, problem: &m.problem}
	}
	said := c.read(&m.cell)
	said.others = m.currencies
	return said
}
