package billing_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// memory is scratch storage for tests.
type memory struct{ bytes.Buffer }

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(m.Bytes()).ReadAt(p, at)
}

var _ billing.Scratch = (*memory)(nil)

func rules() *billing.Rules {
	return &billing.Rules{DaysUntilDue: 14, Channel: billing.ChannelKravia, Today: "2026-11-22"}
}

// The rows that tests change. Each is correct as it is. A cell is column=value, and " | " separates the cells.
const (
	businessRow = "order_reference=inv-2026-001 | product=b2b | currency=NOK | days_until_due=30 | " +
		"first_name=Ola | last_name=Nordmann | business_name=Nordmann AS | organization_number=974760673 | " +
		"email=ola@nordmann.no | phone_number=+4799999999 | address_line=Storgata 1 | postal_code=0151 | " +
		"postal_place=Oslo | country=NO | line_id=sub-001 | " +
		"description=Monthly subscription - Premium | quantity=1 | amount=299.00 | vat=25"
	consumerRow = businessRow +
		" | order_reference=inv-2026-002 | product=b2c | days_until_due=14 | first_name=Kari | business_name= | " +
		"organization_number= | email=kari@example.no | phone_number=+4798765432 | address_line=Lillegata 5 | " +
		"postal_code=5003 | postal_place=Bergen | line_id=item-1 | description=Online subscription"
	swedishRow = businessRow +
		" | country=SE | currency=SEK | organization_number=5560360793 | postal_code=11122 | phone_number=+46701234567"
	finnishRow = businessRow +
		" | country=FI | currency=EUR | organization_number=01120389 | postal_code=00100 | " +
		"phone_number=+358401234567 | vat=25.5"
)

var bases = map[string]string{
	"": businessRow, "consumer": consumerRow, "swedish": swedishRow, "finnish": finnishRow,
	"grouped": businessRow + " | product=b2b_grouped",
}

// record reads a row: the cells of a base ("" is the business), and cells that replace some: "consumer | vat=15".
func record(text string) billing.Record {
	base, _, _ := strings.Cut(text, " | ")
	if strings.Contains(base, "=") {
		base = ""
	}
	rec := billing.Record{Place: billing.Place{File: "lines.csv", Row: 2}, Cells: []string{"a", "b"}}
	for cell := range strings.SplitSeq(bases[base]+" | "+text, " | ") {
		name, value, ok := strings.Cut(cell, "=")
		if c, known := billing.ColumnByName(name); ok && known {
			rec.Set(c, value)
		} else if ok {
			panic(cell)
		}
	}
	return rec
}

// sheet reads rows as record does, from row 2 on. Rows after the first have no line id.
func sheet(rows ...string) []billing.Record {
	records := make([]billing.Record, len(rows))
	for i, text := range rows {
		records[i] = record(text)
		records[i].Row = i + 2
		if i > 0 && !strings.Contains(text, "line_id=") {
			records[i].Set(billing.ColLineID, "")
		}
	}
	return records
}

// says adds currency words to a record: "amount € | unit_price kr".
func says(rec billing.Record, text string) billing.Record {
	for said := range strings.SplitSeq(text, " | ") {
		if name, word, ok := strings.Cut(said, " "); ok {
			c, _ := billing.ColumnByName(name)
			w, known := money.ParseCurrencyWord(word)
			if !known {
				panic(word)
			}
			rec.Currencies = append(rec.Currencies, billing.Said{Column: c, Word: w})
		}
	}
	return rec
}

// group gives the groups of records in one file.
func group(t require.TestingT, r *billing.Rules, records ...billing.Record) []billing.Group {
	return groupFiles(t, r, records)
}

// groupFiles gives the groups of records in files lines.csv, lines2.csv and so on.
func groupFiles(t require.TestingT, r *billing.Rules, files ...[]billing.Record) []billing.Group {
	var groups []billing.Group
	for group, err := range grouper(t, r, files...).Groups() {
		require.NoError(t, err)
		groups = append(groups, group)
	}
	return groups
}

func grouper(t require.TestingT, r *billing.Rules, files ...[]billing.Record) *billing.Grouper {
	require.NoError(t, r.Lint())
	g := billing.NewGrouper(r, &memory{})
	for i, records := range files {
		name := "lines.csv"
		if i > 0 {
			name = fmt.Sprintf("lines%d.csv", i+1)
		}
		g.AddTable(billing.Table{File: name})
		for _, rec := range records {
			require.NoError(t, g.Add(rec))
		}
	}
	return g
}

// codes lists the problem codes of all rows, in order.
func codes(groups []billing.Group) []string {
	var found []string
	for _, g := range groups {
		for _, row := range g.Rows {
			for _, p := range row.Problems {
				found = append(found, string(p.Code))
			}
		}
	}
	return found
}

// messages lists the problems of all rows: "row 3: message (hint)".
func messages(groups []billing.Group) []string {
	var found []string
	for _, g := range groups {
		for _, row := range g.Rows {
			for _, p := range row.Problems {
				found = append(found, fmt.Sprintf("row %d: %s (%s)", p.Row, p.Message, p.Hint))
			}
		}
	}
	return found
}
