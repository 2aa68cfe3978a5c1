package report

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// sheetLeftOut lists the rows that the profile left out. A report without any does not have the sheet.
const sheetLeftOut = "Left out"

// leftOutShape is the layout of the sheet Left out.
type leftOutShape struct {
	columns []column // the fixed ones, then the input's own
	own     own

	texts, buffer []string // buffers that are used again
}

func newLeftOutShape(tables []billing.Table) leftOutShape {
	s := leftOutShape{columns: []column{
		{"file", kindText},
		{"sheet", kindText},
		{"row", kindNumber},
		{referenceColumn, kindText},
		{"customer", kindProse},
		{"description", kindProse},
		{"amount", kindAmount},
		{"currency", kindText},
	}}
	s.own = ownColumns(tables, s.columns)
	for _, name := range s.own.names {
		s.columns = append(s.columns, column{name, kindText})
	}
	return s
}

// cells returns a row's texts by column, valid until the next call, and the decimals of its amount.
func (s *leftOutShape) cells(row *billing.LeftOut) (cells []string, digits int) {
	amount, digits := row.Amount, 2
	if number, err := money.ParseDecimal(row.Amount, money.Dot); err == nil {
		currency := currencyOf(row)
		if amount = number.String(); currency.Code() != "" {
			digits = currency.Digits()
		}
		digits = max(digits, number.Decimals())
	}
	s.texts = append(s.texts[:0], row.File, row.Sheet, strconv.Itoa(row.Row), row.Reference, row.Customer,
		row.Description, amount, row.Currency)
	s.buffer = s.own.cells(row.Table, row.Cells, s.buffer)
	s.texts = append(s.texts, s.buffer...)
	return s.texts, digits
}

// countLeftOut adds up the rows that the profile left out, calls see for each, and compares their number with the
// control's.
func (c *counter) countLeftOut(ctx context.Context, see func(*billing.LeftOut)) error {
	total := &LeftOut{}
	for row, err := range c.report.leftOut() {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return fmt.Errorf("%s: %w", msgLeftOut, err)
		}
		total.Add(&row)
		see(&row)
	}
	if in := c.report.Control.LeftOut; in != total.Rows {
		c.differ(msgLeftOut, strconv.Itoa(in), strconv.Itoa(total.Rows))
	}
	if total.Rows > 0 {
		c.LeftOut = total
	}
	return nil
}

func (b *book) addLeftOut(s *leftOutShape, row *billing.LeftOut) {
	if b.leftOut == nil {
		fixed := len(s.columns) - len(s.own.names)
		b.leftOut = b.listUnder(append(b.words.headings(s.columns[:fixed]), s.own.names...), sheetLeftOut, s.columns,
			nil)
	}
	b.leftOut.next()
	cells, digits := s.cells(row)
	b.leftOut.texts(toneNone, digits, cells...)
	b.leftOut.add()
}

// writeJSON writes the summary and at its end every row that the profile left out, one a line.
func writeJSON(ctx context.Context, r *Report, s *Summary, w io.Writer) error {
	if s.LeftOut == nil {
		return WriteJSON(w, s)
	}
	var text bytes.Buffer
	if err := WriteJSON(&text, s); err != nil {
		return err
	}
	text.Truncate(text.Len() - len("\n}\n"))
	separator := ",\n  \"left_out_rows\": [\n    "
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	for row, err := range r.leftOut() {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		text.WriteString(separator)
		if err := encoder.Encode(s.shape.leftOut.line(&row)); err != nil {
			return err
		}
		text.Truncate(text.Len() - len("\n"))
		if _, err := w.Write(billing.EscapeJSON(text.Bytes())); err != nil {
			return err
		}
		text.Reset()
		separator = ",\n    "
	}
	_, err := io.WriteString(w, "\n  ]\n}\n")
	return err
}
