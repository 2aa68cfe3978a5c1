package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"kraviabatch/internal/billing"
)

// Made explains a cell that the profile makes.
type Made struct {
	Column billing.Column
	By     string // the expression, and where else the cell comes from
	Gives  string // the result of the expression
	Read   string // the value of the record
}

// MadeCells explains the cells that the profile makes of a row. number is the row as a spreadsheet shows it.
func (f *File) MadeCells(ctx context.Context, number int) (cells []Made, err error) {
	r, err := f.rowAt(ctx, number)
	if err != nil || r == nil || r.number != number {
		return nil, f.placed(err)
	}
	for i := range r.made {
		said := f.layout.read(r, madeBase+i)
		by := f.derivation.columns[i].from.String() + f.derivation.how(i, r.made[i].elsewhere)
		gives := shown(strings.TrimSpace(r.made[i].cell.Text()))
		cells = append(cells, Made{f.layout.made[i].known, by, gives, shown(said.value)})
	}
	return cells, nil
}

// rowAt is the row of a number, or the next one where the table does not have it, nil after the last.
func (f *File) rowAt(ctx context.Context, number int) (found *row, err error) {
	in, err := f.rows()
	if err != nil {
		return nil, err
	}
	err = each(ctx, in, func(r *row) error {
		if r.number < number {
			return nil
		}
		found = r
		return io.EOF
	})
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return found, err
}

// Passed says why a row is no record, as the end of a sentence that begins with "the row", and what its cells show: nil
// for a header. why is "" for a record and after the list. The error is an *[Error] for a damaged file.
func (f *File) Passed(ctx context.Context, number int) (why string, cells []string, err error) {
	switch header := f.source.headerRow(); {
	case header == 0:
	case number < header:
		return msgRowAbove, nil, nil
	case number == header:
		return msgRowIsHeader, nil, nil
	}
	switch r, err := f.rowAt(ctx, number); {
	case err != nil:
		return "", nil, f.placed(inSheet(err, f.Tables[0].Sheet))
	case r == nil:
		return "", nil, nil
	case r.number > number: // a rowReader leaves out rows without cells
		return msgRowBlank, nil, nil
	case isHeader(r, f.Tables[0].Header):
		return msgRowRepeatsHeader, nil, nil
	default:
		return f.passedRow(r), r.texts(), nil
	}
}

// passedRow is why a row under the header is no record, "" for a record. It repeats the rules of recordFilter.
func (f *File) passedRow(r *row) string {
	switch {
	case r.blank():
		return msgRowBlank
	case f.layout.totals[r.number]:
		return msgRowTotal
	case r.hidden && f.layout.skipHidden:
		return msgRowHidden
	case r.number > f.layout.last:
		return msgRowFooter
	case r.role == aHead:
		return msgRowHead
	case r.role == aRegister:
		return msgRowRegister
	case r.role == leftOut:
		return fmt.Sprintf(msgRowLeftOut, f.profile.Only)
	}
	return ""
}
