package intake

import (
	"context"
	"errors"
	"io"
	"strings"

	"kraviabatch/internal/billing"
)

// Made is the way of a cell that the profile makes: by what, what that gives, and what it is read as.
type Made struct {
	Column          billing.Column
	By, Gives, Read string
}

// MadeCells are the cells that the profile makes of a row.
func (f *File) MadeCells(ctx context.Context, number int) (cells []Made, err error) {
	in, err := f.rows()
	if err != nil {
		return nil, f.placed(err)
	}
	err = each(ctx, in, func(r *row) error {
		if r.number != number {
			return nil
		}
		for i := range r.made {
			said := f.layout.read(r, madeBase+i)
			by := f.derivation.columns[i].from.String() + f.derivation.how(i, r.made[i].elsewhere)
			cells = append(cells,
				Made{f.layout.made[i].known, by, shown(strings.TrimSpace(r.made[i].cell.Text())), shown(said.value)})
		}
		return io.EOF
	})
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return cells, f.placed(err)
}

// Passed tells why a row is no record, as a sentence about "the row", and what its cells show, none for a
// header. why is "" for a record and for a row behind the end of the list. The error is an *[Error] when the
// file turned out damaged.
func (f *File) Passed(ctx context.Context, number int) (why string, cells []string, err error) {
	switch header := f.headerRow(); {
	case header == 0:
	case number < header:
		return "stands above the header", nil, nil
	case number == header:
		return "is the header", nil, nil
	}
	in, err := f.rows()
	if err != nil {
		return "", nil, f.placed(inSheet(err, f.Tables[0].Sheet))
	}
	for {
		r, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return "", nil, nil
		case err == nil:
			err = ctx.Err()
		}
		if err != nil {
			return "", nil, f.placed(inSheet(err, f.Tables[0].Sheet))
		}
		if r.number < number {
			continue
		}
		if r.number > number { // readers leave rows without cells out
			return "is blank", nil, nil
		}
		if isHeader(r, f.Tables[0].Header) {
			return "repeats the header", nil, nil
		}
		for i := range r.cells {
			cells = append(cells, r.cells[i].Text())
		}
		return f.passedRow(r), cells, nil
	}
}

// passedRow is why the rows of a table that a recordFilter or the profile's footer takes out are no records.
func (f *File) passedRow(r *row) string {
	switch {
	case r.blank():
		return "is blank"
	case f.layout.totals[r.number]:
		return "says total, and its amount is the sum of rows before it, so that it was passed over"
	case r.hidden && f.layout.skipHidden:
		return "is hidden, and the profile passes hidden rows over"
	case r.number > f.layout.last:
		return "belongs to the rows at the end that the profile passes over"
	case r.role == aHead:
		return "carries the order of the rows after it, as the profile says"
	case r.role == aRegister:
		return "belongs to a register of the profile"
	case r.role == leftOut:
		return "is left out, as the profile says: only: " + f.profile.Only.String()
	}
	return ""
}

// headerRow is where the header stands.
func (f *File) headerRow() int {
	switch s := f.source.(type) {
	case *csvSource:
		return s.header
	case *sheetSource:
		return s.header
	}
	return 0
}
