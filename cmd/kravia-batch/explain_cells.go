package main

import (
	"context"
	"slices"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// explainedCell is what became of one cell. Column is what its header is read as, "" where the column is only
// copied to the report. A value that the profile gives has no header.
type explainedCell struct {
	Header string `json:"header,omitempty"`
	Column string `json:"column,omitempty"`
	How    string `json:"how"`             // why the header stands for the column, or why the cell is not used
	Value  string `json:"value,omitempty"` // as a reader of the file sees it
	Read   string `json:"read,omitempty"`  // what it became
	// the currency that stood with the number: in the cell, in its number format or in the header
	Currency string `json:"currency,omitempty"`
}

// recordOf finds the record of a row in the only table of a reading, nil if there is none. last is the row of
// the last record.
func recordOf(reading *batch.Reading, row int) (found *billing.Record, last int, err error) {
	for rec, err := range reading.Records(0) {
		if err != nil {
			return nil, 0, err
		}
		if rec.Row == row {
			return &rec, row, nil
		}
		last = rec.Row
	}
	return nil, last, nil
}

// explainPassed explains why a row is not a record.
func explainPassed(ctx context.Context, reading *batch.Reading, row, last int) (*explanation, error) {
	table := reading.Tables()[0]
	var why string
	var cells []string
	err := reading.Again(ctx, func(file *intake.File) (err error) {
		why, cells, err = file.Passed(ctx, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	if why == "" {
		return nil, usage(msgRowNoLine, row, table.File, last)
	}
	e := &explanation{
		Version: 1, Place: billing.Place{File: table.File, Sheet: table.Sheet, Row: row}, Passed: why,
		Cells:  []explainedCell{},
		Others: []billing.Place{}, Problems: []billing.Problem{},
	}
	for i, cell := range cells {
		c := explainedCell{Value: cell, How: "not used"}
		if i < len(table.Header) {
			c.Header = table.Header[i]
		}
		e.Cells = append(e.Cells, c)
	}
	return e, nil
}

// explainCells follows every cell of a row, and then what the profile puts beside them.
func explainCells(reading *batch.Reading, made []intake.Made, record *billing.Record,
	rules *billing.Rules,
) []explainedCell {
	table := reading.Tables()[0]
	cells := make([]explainedCell, len(table.Header))
	there := map[billing.Column]bool{}
	for i, header := range table.Header {
		c := table.Known[i]
		cells[i] = explainedCell{Header: header, Column: c.String(), How: howRead(reading.Columns[0], header, c)}
		if i < len(record.Cells) {
			cells[i].Value = record.Cells[i]
		}
		if c == 0 {
			continue
		}
		there[c] = true
		cells[i].Read = record.Get(c)
		for _, said := range record.Currencies {
			if said.Column == c {
				cells[i].Currency = string(said.Word)
			}
		}
		switch {
		case rules.Constants[c] != "":
			cells[i].How = wordConstant
		case cells[i].Read == "" && rules.Defaults[c] != "":
			cells[i].Read, cells[i].How = rules.Defaults[c],
				wordDefaultUnless
		}
	}
	for _, m := range made {
		if !there[m.Column] {
			there[m.Column] = true
			cells = append(cells, explainedCell{
				Header: m.By, Column: m.Column.String(), How: wordByProfile, Value: m.Gives,
				Read: record.Get(m.Column),
			})
		}
	}
	for _, c := range billing.Columns() {
		switch {
		case there[c]:
		case rules.Constants[c] != "":
			cells = append(cells,
				explainedCell{Column: c.String(), Read: rules.Constants[c], How: wordConstant})
		case rules.Defaults[c] != "":
			cells = append(cells,
				explainedCell{Column: c.String(), Read: rules.Defaults[c], How: wordDefault})
		}
	}
	return cells
}

// howRead is why a header stands for its column, or why it is not used.
func howRead(uses []intake.ColumnUse, header string, c billing.Column) string {
	i := slices.IndexFunc(uses, func(use intake.ColumnUse) bool {
		return use.Column == c && (c != 0 || use.Header == header)
	})
	if i < 0 {
		return wordOnlyCopied // cells beside the headed columns
	}
	return uses[i].How
}
