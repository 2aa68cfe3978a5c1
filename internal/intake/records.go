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

// batchRows is how many rows are decoded at once.
const batchRows = 512

// Records streams the file's records in input order, File.Rows of them. After an error, which is an
// *[Error] when the file turned out damaged or changed, nothing follows; what came before must
// not be billed then. It can be called again.
func (f *File) Records(ctx context.Context) iter.Seq2[billing.Record, error] {
	return func(yield func(billing.Record, error) bool) {
		d, err := f.decoder(ctx)
		count := 0
		for err == nil {
			var batch []entry
			batch, err = d.batch(ctx)
			for i := range batch {
				count++
				if !yield(batch[i].Record, nil) {
					return
				}
			}
		}
		if errors.Is(err, io.EOF) {
			err = f.unchanged()
			if err == nil && count != f.Rows {
				err = changed()
			}
		}
		if err != nil {
			yield(billing.Record{}, f.placed(inSheet(err, f.Tables[0].Sheet)))
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

// extra is what belongs to a record beside its known cells.
type extra struct {
	place    billing.Place
	cells    []string
	problems []billing.Problem
}

// decoder gives gocsv the rows of any table, a batch at a time, with the known columns' names as header.
type decoder struct {
	frame   frame
	plan    *plan
	place   billing.Place
	known   []int      // indexes of known columns
	rows    [][]string // cells of the known columns: the header, and the batch
	extras  []extra    // of the batch
	entries []entry
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
		frame: frame{in: in, header: table.Header, odd: f.plan.oddWidth}, plan: &f.plan, place: billing.Place{File: f.Name, Sheet: table.Sheet},
	}
	var header []string
	for i, c := range f.plan.columns {
		if c.known.Name != "" {
			d.known, header = append(d.known, i), append(header, c.known.Name)
		}
	}
	d.rows = [][]string{header}
	return d, nil
}

// batch gives the next records. Beside the last ones, which may be none, it gives io.EOF or what kept more from being read.
func (d *decoder) batch(ctx context.Context) ([]entry, error) {
	d.extras = d.extras[:0]
	var end error
	for end == nil && len(d.extras) < batchRows {
		var r *row
		if r, end = d.next(ctx); end == nil {
			d.take(r)
		}
	}
	if err := gocsv.UnmarshalDecoder(d, &d.entries); err != nil {
		return nil, err
	}
	batch := d.entries[:len(d.extras)]
	for i, x := range d.extras {
		batch[i].Place, batch[i].Cells, batch[i].Problems = x.place, x.cells, x.problems
	}
	return batch, end
}

// GetCSVRows is the batch under its header.
func (d *decoder) GetCSVRows() ([][]string, error) { return d.rows[:1+len(d.extras)], nil }

// next is the row of the next record. The rows behind the last one are read too, since they may be damaged.
func (d *decoder) next(ctx context.Context) (*row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := d.frame.next()
	if err != nil {
		return nil, err
	}
	if r.number > d.plan.last {
		if err := drain(d.frame.in); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
	return r, d.frame.checkWidth(r)
}

// take adds a record to the batch.
func (d *decoder) take(r *row) {
	x := extra{place: d.place, cells: make([]string, len(d.plan.columns))}
	x.place.Row = r.number
	for i := range r.cells {
		x.cells[i] = shownCell(&r.cells[i], d.plan.epoch)
	}
	at := 1 + len(d.extras)
	if at == len(d.rows) {
		d.rows = append(d.rows, make([]string, len(d.known)))
	}
	var none cell
	for i, column := range d.known {
		value := &none
		if column < len(r.cells) {
			value = &r.cells[column]
		}
		c := &d.plan.columns[column]
		content, problem := c.read(value, d.plan.epoch)
		d.rows[at][i] = content
		if problem != nil {
			x.problems = append(x.problems, billing.Problem{
				Code: billing.Code(c.known.Name + "." + problem.suffix), Severity: problem.severity, Place: x.place,
				Column: c.known.Name, Value: shown(strings.TrimSpace(value.text)), Message: problem.message, Hint: problem.hint,
			})
		}
	}
	d.extras = append(d.extras, x)
}
