package intake

import (
	"iter"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// layout is what the first pass tells the second: how each column is read, and which rows are records.
type layout struct {
	columns     []column     // as many as the table is wide
	made        []column     // whose cells the profile makes
	last        int          // row number of the last record
	totals      map[int]bool // rows that sum up others, which are no records
	falseTotals map[int]falseTotal
	description int                // column of the description, -1 if it is not known yet
	reference   int                // column of the order reference, -1 for none
	prices      int                // column that says on each row whether prices are with VAT, -1 for none
	currency    money.CurrencyWord // of all amounts, as a row above the header says
	hidden      map[string]int     // by reference: a row that is hidden and passed over
	skipHidden  bool
	strictWidth bool // CSV: a row with another number of cells is refused
	given       bool // the names of the columns are the profile's
	comma       bool // a comma separates the cells
}

// falseTotal is a row that says that it sums up others, and does not.
type falseTotal struct{ says, why string }

// index is where a known column stands, -1 if nowhere. From madeBase on it is a made column.
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

// treatments is the index of the column whose words the profile gives rates for, which are the treatments
// where no column has such. It is -1 for none.
func (l *layout) treatments() int {
	at := l.index(billing.ColVAT)
	if at < 0 || l.column(at).values == nil || l.index(billing.ColVATTreatment) >= 0 {
		return -1
	}
	return at
}

// all are the table's columns and the made ones, with their indexes.
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

// cellAt is a cell of a row, empty beyond its end.
func (r *row) cellAt(i int) *cell {
	if i >= madeBase && i-madeBase < len(r.made) {
		return &r.made[i-madeBase].cell
	}
	if i < 0 || i >= len(r.cells) {
		return &cell{}
	}
	return &r.cells[i]
}

// read is what a row says in a column, which may be made.
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
