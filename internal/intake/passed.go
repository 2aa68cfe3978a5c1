package intake

import (
	"context"
	"errors"
	"io"
)

// Passed tells why a row is no record, as a sentence about "the row", and what its cells show, none for a header. why is "" for a
// record and for a row behind the end of the list. The error is an *[Error] when the file turned out damaged.
func (f *File) Passed(ctx context.Context, number int) (why string, cells []string, err error) {
	switch header := f.headerRow(); {
	case number < header:
		return "stands above the header", nil, nil
	case number == header:
		return "is the header", nil, nil
	}
	in, err := f.source.rows()
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
		if (&recordFilter{header: f.Tables[0].Header}).isHeader(r) {
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
