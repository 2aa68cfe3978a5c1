package billing

import (
	"encoding/binary"
	"errors"

	"kraviabatch/internal/money"
)

// rowVersion is the first byte of an encoded row. Rows of version 1 have no Treatment. Rows of still older journals are
// JSON and begin with a brace. Journals keep rows for years, so DecodeRow must go on reading every version.
const rowVersion = 2

// rowHead is the size of the version and of the length of what follows: one byte and four.
const rowHead = 5

var errRow = errors.New(msgNoRow)

// AppendRow appends a row to data, in a compact form that says where it ends. DecodeRow gives an empty list back as
// nil.
func AppendRow(data []byte, row *Row) []byte {
	data = append(data, rowVersion, 0, 0, 0, 0)
	start := len(data)
	data = appendPlace(data, &row.Place)
	for _, n := range []int{row.Ordinal, row.Table, int(row.Rate)} {
		data = binary.AppendUvarint(data, uint64(n)) //nolint:gosec // G115: decoded the same way
	}
	for _, text := range row.texts() {
		data = appendText(data, *text)
	}
	data = appendAmount(appendAmount(data, row.Amount), row.VATAmount)
	data = append(data, bit(row.Valid))
	data = binary.AppendUvarint(data, uint64(len(row.Cells)))
	for _, cell := range row.Cells {
		data = appendText(data, cell)
	}
	data = binary.AppendUvarint(data, uint64(len(row.Problems)))
	for i := range row.Problems {
		data = appendProblem(appendPlace(data, &row.Problems[i].Place), &row.Problems[i])
	}
	// G115: a row is far below 4 GiB
	binary.LittleEndian.PutUint32(data[start-4:], uint32(len(data)-start)) //nolint:gosec // see above
	return data
}

// DecodeRow reads the row at the beginning of data, and returns what follows it. It fails on a form that it does not
// know. The row's texts share one string.
func DecodeRow(data []byte) (row Row, rest []byte, err error) {
	if len(data) < rowHead || data[0] == 0 || data[0] > rowVersion {
		return row, nil, errRow
	}
	end := rowHead + uint64(binary.LittleEndian.Uint32(data[1:]))
	if end > uint64(len(data)) {
		return row, nil, errRow
	}
	d := decoder{text: string(data[rowHead:end])}
	row.Place = d.place()
	// G115: written by AppendRow
	row.Ordinal, row.Table, row.Rate = d.number(), d.number(), money.Rate(d.number()) //nolint:gosec // see above
	texts := row.texts()
	known := texts[:]
	if data[0] == 1 {
		known = texts[:len(texts)-1]
	}
	for _, text := range known {
		*text = d.string()
	}
	row.Amount, row.VATAmount = d.amount(), d.amount()
	row.Valid = d.number() != 0
	if n := d.count(); n > 0 {
		row.Cells = make([]string, n)
	}
	for i := range row.Cells {
		row.Cells[i] = d.string()
	}
	for n := d.count(); n > 0 && !d.bad; n-- {
		row.Problems = append(row.Problems, d.problem(d.place()))
	}
	if d.bad || d.text != "" {
		return Row{}, nil, errRow
	}
	return row, data[end:], nil
}

// texts lists the row's texts in the order in which they are encoded. A new text goes to the end, with a new version.
func (r *Row) texts() [10]*string {
	return [...]*string{
		&r.Reference, &r.LineID, &r.Customer, &r.Description, &r.Quantity, &r.AmountText, &r.VAT, &r.Currency,
		&r.Country, &r.Treatment,
	}
}

func appendPlace(data []byte, p *Place) []byte {
	data = appendText(appendText(data, p.File), p.Sheet)
	return binary.AppendUvarint(data, uint64(p.Row)) //nolint:gosec // G115: a row number
}

func (d *decoder) place() Place { return Place{File: d.string(), Sheet: d.string(), Row: d.number()} }

// appendProblem encodes a problem without its place.
func appendProblem(data []byte, p *Problem) []byte {
	data = binary.AppendUvarint(data, uint64(p.Severity))
	for _, text := range []string{string(p.Code), p.Column, p.Value, p.Message, p.Hint} {
		data = appendText(data, text)
	}
	return data
}

func (d *decoder) problem(at Place) Problem {
	p := Problem{Place: at, Severity: Severity(d.number())} //nolint:gosec // G115: written by appendProblem
	p.Code, p.Column, p.Value, p.Message, p.Hint = Code(d.string()), d.string(), d.string(), d.string(), d.string()
	return p
}

func appendAmount(data []byte, a *money.Amount) []byte {
	if a == nil {
		return append(data, 0)
	}
	data = appendText(append(data, 1), a.Currency().Code())
	return binary.AppendUvarint(data, uint64(a.Minor())) //nolint:gosec // G115: comes back as it was
}

// amount reads what appendAmount wrote, nil for none.
func (d *decoder) amount() *money.Amount {
	if d.number() == 0 {
		return nil
	}
	var currency money.Currency
	if code := d.string(); code != "" {
		var err error
		if currency, err = money.ParseCurrency(code); err != nil {
			d.bad = true
		}
	}
	amount := money.New(int64(d.number()), currency)
	return &amount
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
