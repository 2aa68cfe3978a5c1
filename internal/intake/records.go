package intake

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"kraviabatch/internal/billing"
)

// batchRows is how many rows gocsv decodes at once.
const batchRows = 512

// Records streams the file's records in input order, File.Rows of them. An error ends the stream; it is an *[Error]
// when the file turned out to be damaged or changed. The records before an error must not be billed: they may be of
// another file than the one that was surveyed. Records can be called again.
func (f *File) Records(ctx context.Context) iter.Seq2[billing.Record, error] {
	return func(yield func(billing.Record, error) bool) {
		d, err := f.decoder(ctx)
		count := 0
		if err == nil {
			defer d.filter.stop()
			next, stop := ahead(func(batch *[]billing.Record) error { return d.batch(ctx, batch) })
			defer stop()
			for err == nil {
				var batch *[]billing.Record
				if batch, err = next(); ctx.Err() != nil {
					err = ctx.Err()
					break
				}
				for i := range *batch {
					count++
					if !yield((*batch)[i], nil) {
						return
					}
				}
			}
		}
		if errors.Is(err, io.EOF) {
			if err = f.unchanged(); err == nil && count != f.Rows {
				err = changed()
			}
		}
		if err != nil {
			yield(billing.Record{}, f.placed(inSheet(err, f.Tables[0].Sheet)))
		}
	}
}

// entry is what gocsv decodes a row into. It takes the cells itself, because gocsv's own conversion would change
// numbers and use reflection for every cell. It is small, because gocsv copies it.
type entry struct {
	*billing.Record
}

// UnmarshalCSVWithFields takes one cell. Its header is the number of a known column, as one character.
func (e *entry) UnmarshalCSVWithFields(column, value string) error {
	if e.Record == nil {
		e.Record = &billing.Record{}
	}
	e.Set(billing.Column(column[0]), value)
	return nil
}

// decoder gives the rows of a CSV file or a sheet to gocsv, a batch at a time. The header that gocsv sees has the
// numbers of the known columns.
type decoder struct {
	file       *File
	filter     *recordFilter
	place      billing.Place
	known      []int            // indexes of the known columns
	quantity   int              // index of the quantity, -1 for none
	treatments int              // see layout.treatments
	rows       [][]string       // what gocsv reads: the header, and the known columns of the batch
	records    []billing.Record // the batch, without the values that gocsv decodes
	entries    []entry
}

// decoder begins a reading of the records. It refuses a file whose bytes are not those of the survey.
func (f *File) decoder(ctx context.Context) (*decoder, error) {
	if err := f.unchanged(); err != nil {
		return nil, err
	}
	sum, err := f.hash(ctx)
	if err != nil {
		return nil, err
	}
	if sum != f.SHA256 {
		return nil, changed()
	}
	in, err := f.filter()
	if err != nil {
		return nil, err
	}
	if f.options.LeftOut != nil {
		in.leftOut = func(r *row) error { return f.options.LeftOut(f.asLeftOut(r)) }
	}
	d := &decoder{
		file: f, filter: in, quantity: f.layout.index(billing.ColQuantity), treatments: f.layout.treatments(),
		place: billing.Place{File: f.Name, Sheet: f.Tables[0].Sheet},
	}
	var header []string
	for i, c := range f.layout.all() {
		if c.known != 0 {
			d.known, header = append(d.known, i), append(header, string(rune(c.known)))
		}
	}
	if d.treatments >= 0 {
		header = append(header, string(rune(billing.ColVATTreatment)))
	}
	d.rows = [][]string{header}
	return d, nil
}

// batch gives the next records. With the last ones, perhaps none, comes io.EOF or the error that ends the reading.
func (d *decoder) batch(ctx context.Context, batch *[]billing.Record) error {
	d.records = (*batch)[:0]
	var end error
	for end == nil && len(d.records) < batchRows {
		var r *row
		if r, end = d.next(ctx); end == nil {
			d.take(r)
		}
	}
	if err := gocsv.UnmarshalDecoder(d, &d.entries); err != nil {
		return err
	}
	for i := range d.records {
		d.records[i].Values = d.entries[i].Values
	}
	*batch = d.records
	return end
}

// GetCSVRows gives gocsv the batch under its header.
func (d *decoder) GetCSVRows() ([][]string, error) { return d.rows[:1+len(d.records)], nil }

// next is the row of the next record. It also reads the rows after the last one, because they may be damaged.
func (d *decoder) next(ctx context.Context) (*row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := d.filter.next()
	if err != nil {
		return nil, err
	}
	return d.filter.cut(r), nil
}

// take adds a record to the batch.
func (d *decoder) take(r *row) {
	layout, at := &d.file.layout, 1+len(d.records)
	if d.records = d.records[:min(at, cap(d.records))]; len(d.records) < at {
		d.records = append(d.records, billing.Record{})
	}
	rec := &d.records[at-1]
	rec.Place, rec.Cells, rec.Currencies, rec.Problems = d.place, make([]string, len(layout.columns)), nil, nil
	rec.Row = r.number
	for i := range r.cells {
		rec.Cells[i] = layout.columns[i].repeat(&r.cells[i])
	}
	if at == len(d.rows) {
		d.rows = append(d.rows, make([]string, len(d.rows[0])))
	}
	for i, column := range d.known {
		c := layout.column(column)
		said := layout.read(r, column)
		d.rows[at][i] = said.value
		if said.problem != nil {
			addProblem(rec, *said.problem)
		}
		for _, word := range append(c.currencies(&said, layout.currency), said.others...) {
			rec.Currencies = append(rec.Currencies, billing.Said{Column: c.known, Word: word})
		}
	}
	if d.treatments >= 0 {
		d.rows[at][len(d.known)] = layout.column(d.treatments).values.word(r.cellAt(d.treatments).Text())
	}
	if layout.reference >= 0 && len(layout.hidden) > 0 {
		reference := strings.TrimSpace(r.cellAt(layout.reference).Text())
		if row, ok := layout.hidden[reference]; ok {
			addProblem(rec,
				billing.NewProblem("order.hidden", reference, "reference", reference, "row", strconv.Itoa(row)))
		}
	}
	if r.problem.Code != "" {
		addProblem(rec, r.problem)
	}
	if d.file.unquantified(r, d.quantity) {
		addProblem(rec, billing.NewProblem("quantity.missing", ""))
	}
	if total, ok := layout.falseTotals[r.number]; ok {
		addProblem(rec, billing.NewProblem("row.total", total.says, "why", total.why))
	}
}

// unquantified reports whether a row has a price from the profile alone and no quantity, in a file with quantities in
// column at. Such a row may be a text, which must not be billed.
func (f *File) unquantified(r *row, at int) bool {
	p := f.profile
	if at < 0 || p.given(billing.ColQuantity) != "" || !saysNothing(r.cellAt(at)) ||
		at >= madeBase && r.made[at-madeBase].problem.Code != "" {
		return false
	}
	priced := false
	for _, c := range []billing.Column{billing.ColUnitPrice, billing.ColAmount} {
		at := f.layout.index(c)
		priced = priced || p.given(c) != ""
		if at < 0 || saysNothing(r.cellAt(at)) {
			continue
		}
		if at < madeBase {
			return false
		}
		from := &f.derivation.columns[at-madeBase].from
		for i, o := range from.origins {
			own := from.formula == nil || isNumeric(from.formula.reads[i])
			if own && o.join < 0 && !saysNothing(r.cellAt(o.at)) {
				return false
			}
		}
		priced = true
	}
	return priced
}

// addProblem adds a problem to a record. Several cells may have the same problem from a register; it counts once.
func addProblem(rec *billing.Record, p billing.Problem) {
	p.Place = rec.Place
	again := func(other billing.Problem) bool { return other.Code == p.Code && other.Message == p.Message }
	if p.Column == "" && slices.ContainsFunc(rec.Problems, again) {
		return
	}
	rec.Problems = append(rec.Problems, p)
}
