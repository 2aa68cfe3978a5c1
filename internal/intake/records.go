package intake

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"

	"github.com/gocarina/gocsv"

	"kraviabatch/internal/billing"
)

// ahead is how many decoded records may wait for their reader.
const ahead = 64

// Records streams the file's records in input order, File.Rows of them. After an error, which is an
// *[Error] when the file turned out damaged or changed, nothing follows; what came before must
// not be billed then. It can be called again.
func (f *File) Records(ctx context.Context) iter.Seq2[billing.Record, error] {
	return func(yield func(billing.Record, error) bool) {
		d, err := f.decoder(ctx)
		if err != nil {
			yield(billing.Record{}, f.placed(inSheet(err, f.Tables[0].Sheet)))
			return
		}
		entries := make(chan entry, ahead)
		ended := make(chan error, 1)
		ctx, cancel := context.WithCancel(ctx)
		d.done = ctx.Done()
		go func() { ended <- gocsv.UnmarshalDecoderToChan(d, entries) }()
		stop := func() error {
			cancel()
			for range entries {
			}
			return <-ended
		}
		count := 0
		for e := range entries {
			e.complete(<-d.extras)
			count++
			if !yield(e.Record, nil) {
				_ = stop()
				return
			}
		}
		err = stop()
		if err == nil && d.err == nil {
			d.err = f.unchanged()
			if d.err == nil && count != f.Rows {
				d.err = changed()
			}
		}
		if err = errors.Join(err, d.err); err != nil {
			yield(billing.Record{}, f.placed(inSheet(d.first(err), f.Tables[0].Sheet)))
		}
	}
}

// entry is what gocsv decodes a row into. It is a value type with a hook for all fields, because
// gocsv's own conversion would change numbers and reflect on every cell.
type entry struct {
	billing.Record
}

// UnmarshalCSVWithFields takes one cell of a known column.
func (e *entry) UnmarshalCSVWithFields(column, value string) error {
	if field := fieldOf(&e.Record, column); field != nil {
		*field = value
	}
	return nil
}

// extra is what belongs to a record beside its known cells, in the order of the records.
type extra struct {
	place    billing.Place
	cells    []string
	problems []billing.Problem
}

func (e *entry) complete(x extra) {
	e.Place, e.Cells, e.Problems = x.place, x.cells, x.problems
}

// decoder gives gocsv the rows of any table with the known columns' names as header.
type decoder struct {
	frame  frame
	plan   *plan
	place  billing.Place
	known  []int // indexes of known columns
	out    []string
	extras chan extra
	done   <-chan struct{}
	begun  bool
	err    error
}

func (f *File) decoder(ctx context.Context) (*decoder, error) {
	if err := f.unchanged(); err != nil {
		return nil, err
	}
	sum, err := f.hash(ctx, &bytesScan{})
	if err != nil {
		return nil, err
	}
	if sum != f.SHA256 {
		return nil, changed()
	}
	in, err := f.source.rows()
	if err != nil {
		return nil, err
	}
	table := f.Tables[0]
	d := &decoder{
		frame: frame{in: in, header: table.Header, odd: f.plan.oddWidth}, plan: &f.plan,
		place: billing.Place{File: f.Name, Sheet: table.Sheet}, extras: make(chan extra, ahead+2),
	}
	for i, c := range f.plan.columns {
		if c.known.Name != "" {
			d.known = append(d.known, i)
		}
	}
	d.out = make([]string, len(d.known))
	return d, nil
}

// GetCSVRow is the next record under the known columns, the header first.
func (d *decoder) GetCSVRow() ([]string, error) {
	if !d.begun {
		d.begun = true
		for i, at := range d.known {
			d.out[i] = d.plan.columns[at].known.Name
		}
		return d.out, nil
	}
	select {
	case <-d.done:
		d.err = context.Canceled
		return nil, io.EOF
	default:
	}
	r, err := d.frame.next()
	if err == nil && r.number > d.plan.last {
		err = drain(d.frame.in)
		if err == nil {
			err = io.EOF
		}
	}
	if err == nil {
		err = d.frame.checkWidth(r)
	}
	if err != nil {
		if !errors.Is(err, io.EOF) {
			d.err = err
		}
		return nil, io.EOF
	}
	select {
	case d.extras <- d.convert(r):
		return d.out, nil
	case <-d.done:
		d.err = context.Canceled
		return nil, io.EOF
	}
}

// GetCSVRows is part of gocsv's decoder and not used for streaming.
func (*decoder) GetCSVRows() ([][]string, error) { return nil, errors.ErrUnsupported }

// first prefers the reader's own error to what gocsv makes of it.
func (d *decoder) first(err error) error {
	if d.err != nil {
		return d.err
	}
	return err
}

// convert fills out with the record's known cells and returns the rest of it.
func (d *decoder) convert(r *row) extra {
	x := extra{place: d.place, cells: make([]string, len(d.plan.columns))}
	x.place.Row = r.number
	for i := range r.cells {
		x.cells[i] = shownCell(&r.cells[i], d.plan.epoch)
	}
	var none cell
	for i, at := range d.known {
		value := &none
		if at < len(r.cells) {
			value = &r.cells[at]
		}
		c := &d.plan.columns[at]
		content, problem := c.read(value, d.plan.epoch)
		d.out[i] = content
		if problem != nil {
			x.problems = append(x.problems, billing.Problem{
				Code: billing.Code(c.known.Name + "." + problem.suffix), Severity: problem.severity, Place: x.place,
				Column: c.known.Name, Value: shown(strings.TrimSpace(value.text)), Message: problem.message, Hint: problem.hint,
			})
		}
	}
	return x
}
