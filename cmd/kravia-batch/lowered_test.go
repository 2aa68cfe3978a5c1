package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// goodLine is a row without problems, as column=value.
var goodLine = []string{
	"order_reference=A1", "product=b2b", "currency=NOK", "days_until_due=14", "first_name=Ola", "last_name=Nordmann",
	"business_name=Nordmann AS",
	"organization_number=974760673", "email=ola@nordmann.no", "phone_number=+4799999999", "address_line=Storgata 1",
	"postal_code=0151",
	"postal_place=Oslo", "country=NO", "description=Abonnement", "amount=299.00", "vat=25", "vat_amount=59.80",
	"quantity=1", "unit_price=",
	"invoice_channel=", "line_id=", "item_id=", "customer_number=", "customer_reference=", "cost_center=",
	"delivery_date=", "discount_percent=",
	"discount_amount=", "vat_treatment=", "prices=", "due_date=", "contact_name=", "address_line_2=", "co_address=",
}

// lineWith is goodLine with other cells, apart by |, under its header.
func lineWith(cells string) (header, line []string) {
	for _, cell := range goodLine {
		column, value, _ := strings.Cut(cell, "=")
		header, line = append(header, column), append(line, value)
	}
	for cell := range strings.SplitSeq(cells, "|") {
		if column, value, ok := strings.Cut(cell, "="); ok {
			line[slices.Index(header, column)] = value
		}
	}
	return header, line
}

const invoicedAsItIs = "A1 invoiced 299.00 59.80 NOK"

// nextFile stands between the rows of two files.
const nextFile = "next file"

// lowered has an input for each general code that may be lowered, and what becomes of its rows when the code is off.
func lowered() map[billing.Code]struct{ rows, want []string } {
	as := []string{invoicedAsItIs}
	// by the sandbox, which knows the strictest edition of the provider's rules
	refused := []string{"A1 rejected 299.00 59.80 NOK"}
	return map[billing.Code]struct{ rows, want []string }{
		"text.invisible": {[]string{"organization_number=974760673\u200b"}, as},
		"order.files": {
			[]string{"", nextFile, "description=Mer"},
			[]string{invoicedAsItIs, invoicedAsItIs},
		},
		"order.alike": {
			[]string{"", "order_reference=a1|description=Mer"},
			[]string{invoicedAsItIs, "a1 invoiced 299.00 59.80 NOK"},
		},
		"currency.unsupported": {[]string{"currency=USD"}, []string{"A1 invoiced 299.00 59.80 USD"}},
		"currency.country":     {[]string{"currency=SEK"}, []string{"A1 invoiced 299.00 59.80 SEK"}},
		"invoice_channel.grouped": {
			[]string{"product=b2b_grouped|invoice_channel=merchant"},
			[]string{"A1 registered 299.00 59.80 NOK"},
		},
		"organization_number.check_digit": {[]string{"organization_number=974760674"}, as},
		"organization_number.restored": {
			[]string{
				"country=FI|currency=EUR|organization_number=737546-2|postal_code=00100|vat=25.5|vat_amount=60.75",
			},
			[]string{"A1 invoiced 299.00 60.75 EUR"},
		},
		"organization_number.vat_number": {
			[]string{"country=SE|currency=SEK|organization_number=SE556036079301|postal_code=11122"},
			[]string{"A1 invoiced 299.00 59.80 SEK"},
		},
		"organization_number.person": {
			[]string{"country=SE|currency=SEK|organization_number=8501011236|postal_code=11122"},
			[]string{"A1 invoiced 299.00 59.80 SEK"},
		},
		"first_name.missing":   {[]string{"first_name="}, refused},
		"last_name.missing":    {[]string{"last_name="}, refused},
		"email.missing":        {[]string{"email="}, refused},
		"email.invalid":        {[]string{"email=ola@nordmann"}, as},
		"phone_number.missing": {[]string{"phone_number="}, as},
		"phone_number.invalid": {[]string{"phone_number=123"}, as},
		"address_line.missing": {[]string{"address_line="}, refused},
		"postal_code.missing":  {[]string{"postal_code="}, refused},
		"postal_code.format":   {[]string{"postal_code=123456"}, refused},
		"postal_code.restored": {[]string{"postal_code=151"}, as},
		"postal_place.missing": {[]string{"postal_place="}, refused},
		"country.unsupported": {
			[]string{"country=DE|currency=EUR"},
			[]string{"A1 invoiced 299.00 59.80 EUR"},
		},
		"grouped.split": {
			[]string{"product=b2b_grouped", "order_reference=A2|product=b2b_grouped|business_name=NORDMANN AS"},
			[]string{"A1 registered 299.00 59.80 NOK", "A2 registered 299.00 59.80 NOK"},
		},
		"row.duplicate":    {[]string{"", ""}, []string{invoicedAsItIs, invoicedAsItIs}},
		"description.long": {[]string{"description=" + strings.Repeat("x", 101)}, as},
		"description.text": {
			[]string{"", "description=Avtale 7|amount=|vat=|vat_amount=|quantity="},
			[]string{invoicedAsItIs, "A1 invoiced 0.00 0.00 NOK"},
		},
		"discount_percent.fraction": {
			[]string{"unit_price=299.00|amount=|discount_percent=0.5|vat_amount=59.50"},
			[]string{"A1 invoiced 297.51 59.50 NOK"},
		},
		"amount.mismatch":          {[]string{"unit_price=290.00"}, as},
		"vat.rate":                 {[]string{"vat=14|vat_amount=36.72"}, []string{"A1 invoiced 299.00 36.72 NOK"}},
		"vat_amount.unreadable":    {[]string{"vat_amount=?"}, as},
		"vat_amount.mismatch":      {[]string{"vat_amount=74.75"}, as},
		"delivery_date.unreadable": {[]string{"delivery_date=32.01.2026"}, as},
	}
}

// loweredCells are the codes that any column's cells can have, with a cell that has it.
func loweredCells() map[string]string {
	return map[string]string{"null": "NULL", "entity": "A &amp; B", "apostrophe": "'A B"}
}

// TestLoweredCodes switches every code off that a profile may switch off: what check then calls right is
// invoiced as the file has it.
func TestLoweredCodes(t *testing.T) {
	t.Parallel()
	cases := lowered()
	for _, info := range billing.Codes() {
		column, ending, _ := strings.Cut(string(info.Code), ".")
		if info.Severity == billing.Off {
			continue
		}
		if ending == "constant" || info.Code == "order.hidden" || info.Code == "row.first_row" ||
			info.Code == "order.parts_before" {
			// see TestLoweredConstants, TestLoweredHiddenRow, TestLanguage and TestPartsBefore
			require.True(t, info.Lowerable)
			continue
		}
		tc, ok := cases[info.Code]
		cell := loweredCells()[ending]
		require.Equal(t, info.Lowerable, ok || cell != "", info.Code)
		if !info.Lowerable {
			continue
		}
		t.Run(string(info.Code), func(t *testing.T) {
			t.Parallel()
			if cell == "" {
				runLowered(t, info.Code, "", writeRows(t, tc.rows), tc.want)
				return
			}
			runLowered(t, info.Code, "", writeRows(t, []string{column + "=" + cell}), nil)
		})
	}
}

// TestLoweredCellIsSent has the text of a cell be what the customer reads.
func TestLoweredCellIsSent(t *testing.T) {
	t.Parallel()
	for ending, cell := range loweredCells() {
		t.Run(ending, func(t *testing.T) {
			t.Parallel()
			paths := writeRows(t, []string{"description=" + cell})
			runLowered(t, billing.Code("description."+ending), "", paths, []string{invoicedAsItIs})
			profile := filepath.Join(filepath.Dir(paths[0]), "p.yaml")
			code, stdout, stderr := call(t, "run", "--dry-run", "--json", "--profile", profile, paths[0])
			require.Equal(t, 0, code, stderr)
			require.Contains(t, stdout, fmt.Sprintf(`"description": %q`, cell))
		})
	}
}

// TestLoweredHiddenRow has the shown rows of an order invoiced without the hidden one.
func TestLoweredHiddenRow(t *testing.T) {
	t.Parallel()
	header, line := lineWith("")
	_, hidden := lineWith("description=Mer")
	path := filepath.Join(t.TempDir(), "lines.xlsx")
	writeWorkbook(t, path, [][]string{header, line, hidden})
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	require.NoError(t, f.SetRowVisible(f.GetSheetName(0), 3, false))
	require.NoError(t, f.Save())
	require.NoError(t, f.Close())
	runLowered(t, "order.hidden", "input: {hidden_rows: skip}\n", []string{path}, []string{invoicedAsItIs})
}

// TestPartsBefore has an order refused that an earlier run sent in parts, or in one where it is to be sent in
// parts now, unless the profile says that this is meant. The same order again is none of these.
func TestPartsBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	profile, lines := filepath.Join(dir, "p.yaml"), filepath.Join(dir, "lines.csv")
	invoice := func(severity, reference string, rows int, others ...string) (code int, said string) {
		t.Helper()
		header, _ := lineWith("")
		table := [][]string{header}
		for i := range rows {
			_, line := lineWith(fmt.Sprintf("order_reference=%s|description=Time %d", reference, i))
			table = append(table, line)
		}
		for _, other := range others {
			_, line := lineWith("order_reference=" + other)
			table = append(table, line)
		}
		file, err := os.Create(lines)
		require.NoError(t, err)
		require.NoError(t, csv.NewWriter(file).WriteAll(table))
		require.NoError(t, file.Close())
		require.NoError(t, os.WriteFile(profile, []byte("split_orders: true\n"+severity), 0o600))
		code, stdout, stderr := call(t, "run", "--sandbox", "--rate", "0", "--state", dir, "--reports",
			filepath.Join(dir, "reports"), "--json", "--profile", profile, lines)
		return code, stdout + stderr
	}
	refused := func(reference string, rows int, before string) {
		t.Helper()
		code, said := invoice("", reference, rows)
		require.Equal(t, 3, code, said)
		require.Contains(t, said,
			fmt.Sprintf("an earlier run sent order %s as %s; sending it now would bill its lines twice",
				reference, before))
	}
	for range 2 {
		code, said := invoice("", "A1", 101)
		require.Zero(t, code, said)
	}
	refused("A1", 90, "A1-1")
	for _, severity := range []string{"severity: {order.parts_before: off}\n", ""} {
		code, said := invoice(severity, "A1", 90)
		require.Zero(t, code, said)
	}

	for range 2 {
		code, said := invoice("", "B1", 10, "B1-1")
		require.Zero(t, code, said)
	}
	refused("B1", 101, "B1")
}

// TestLoweredConstants has a profile's constant put over cells that say otherwise, where the profile says
// that this is meant.
func TestLoweredConstants(t *testing.T) {
	t.Parallel()
	rows := map[string]string{ // those that make the line of goodLine right but for the cell
		"unit_price": "unit_price=290.00|amount=", "discount_percent": "discount_percent=10|unit_price=299.00|amount=",
		"discount_amount": "discount_amount=10.00|unit_price=299.00|amount=",
		"due_date":        "due_date=2020-01-31|days_until_due=",
		"vat":             "vat=15", "vat_amount": "vat_amount=11.00", "amount": "amount=11.00",
		"quantity":       "quantity=3",
		"days_until_due": "days_until_due=20",
		"currency":       "currency=EUR", "country": "country=SE", "product": "product=b2c", "prices": "prices=excl",
		"invoice_channel": "invoice_channel=merchant",
		"delivery_date":   "delivery_date=2026-10-31", "organization_number": "organization_number=310401374",
		"phone_number": "phone_number=+4740000011",
		"postal_code":  "postal_code=0253",
	}
	values := map[string]string{ // of columns that goodLine leaves empty
		"unit_price": "299.00", "discount_percent": "0", "discount_amount": "0",
		"due_date": time.Now().AddDate(0, 1, 0).Format(time.DateOnly),
		"prices":   "incl", "invoice_channel": "kravia", "delivery_date": "2026-11-30", "contact_name": "Ola Nordmann",
	}
	for _, c := range billing.Columns() {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			_, value, _ := strings.Cut(
				goodLine[slices.IndexFunc(goodLine, func(cell string) bool {
					return strings.HasPrefix(cell, c.String()+"=")
				})], "=")
			value = cmp.Or(value, values[c.String()], "X1")
			paths := writeRows(t, []string{cmp.Or(rows[c.String()], c.String()+"=other")})
			runLowered(t, billing.Code(c.String()+".constant"), fmt.Sprintf("constants: {%s: %q}\n", c, value),
				paths, []string{invoicedAsItIs})
		})
	}
}

// writeRows writes rows that differ from goodLine into one file, or into more.
func writeRows(t *testing.T, rows []string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	var table [][]string
	write := func() {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("lines%d.csv", len(paths)+1)))
		file, err := os.Create(paths[len(paths)-1])
		require.NoError(t, err)
		require.NoError(t, csv.NewWriter(file).WriteAll(table))
		require.NoError(t, file.Close())
		table = nil
	}
	for _, cells := range rows {
		if cells == nextFile {
			write()
			continue
		}
		header, line := lineWith(cells)
		if table == nil {
			table = append(table, header)
		}
		table = append(table, line)
	}
	write()
	return paths
}

// TestNeededCodes has every profile refused that lowers a code whose value is needed, with the place in the profile.
func TestNeededCodes(t *testing.T) {
	t.Parallel()
	profile := filepath.Join(t.TempDir(), "p.yaml")
	for _, info := range billing.Codes() {
		if info.Lowerable {
			continue
		}
		require.Equal(t, info.Code != billing.CodeOtherPeriod, info.Severity == billing.Error, info.Code)
		for _, word := range []string{"off", "warning"} {
			require.NoError(t,
				os.WriteFile(profile, fmt.Appendf(nil, "name: p\nseverity:\n  %s: %s\n", info.Code, word), 0o600))
			code, stdout, stderr := call(t, "run", "--sandbox", "--state", t.TempDir(), "--profile", profile,
				filepath.Join(samples, "november.csv"))
			require.Equal(t, 5, code, info.Code)
			require.Empty(t, stdout)
			require.Contains(t, stderr, fmt.Sprintf("p.yaml:3:3: %s cannot be lowered to %s", info.Code, word))
		}
	}
}

// TestAllCodesLowered switches all of them off at once, on rows that have every problem: a run sends what
// check calls right, no more and no less.
func TestAllCodesLowered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	profile := "severity:\n"
	for _, info := range billing.Codes() {
		if info.Lowerable {
			profile += fmt.Sprintf("  %s: off\n", info.Code)
		}
	}
	path := filepath.Join(dir, "p.yaml")
	require.NoError(t, os.WriteFile(path, []byte(profile), 0o600))
	code, stdout, stderr := call(t, "check", "--json", "--reports", "off", "--profile", path,
		filepath.Join(samples, "problems.csv"))
	require.Equal(t, 3, code, stderr)
	var checked struct {
		Rows        int
		InvalidRows int `json:"invalid_rows"`
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &checked))
	code, stdout, stderr = call(t, "run", "--sandbox", "--rate", "0", "--state", dir, "--reports", dir, "--format",
		"csv", "--json", "--profile", path, filepath.Join(samples, "problems.csv"))
	require.Equal(t, 3, code, stderr)
	var ran struct {
		Rows struct{ Total, Invoiced, Registered, Rejected, Invalid int }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &ran))
	require.Equal(t, 9, ran.Rows.Rejected,
		"by the sandbox: a part of the address is missing, or has not the form of its country")
	require.Equal(t, checked.Rows, ran.Rows.Total)
	require.Equal(t, checked.InvalidRows, ran.Rows.Invalid)
	require.Equal(t, checked.Rows-checked.InvalidRows, ran.Rows.Invoiced+ran.Rows.Registered+ran.Rows.Rejected)
}

// runLowered checks files under a profile, and then checks and runs them under one that also switches the
// code off. A nil want is whatever check says: a cell that is not read as its column's is kept back by
// another code.
func runLowered(t *testing.T, code billing.Code, given string, paths, want []string) {
	t.Helper()
	dir := filepath.Dir(paths[0])
	profile := filepath.Join(dir, "p.yaml")
	require.NoError(t, os.WriteFile(profile, []byte(given+"name: p\n"), 0o600))
	codes := func(args ...string) (exit int, codes []billing.Code) {
		exit, stdout, stderr := call(t,
			append(append([]string{"check", "--json", "--reports", "off"}, paths...), args...)...)
		require.Contains(t, []int{0, 3}, exit, stderr)
		var found struct{ Problems []billing.Problem }
		require.NoError(t, json.Unmarshal([]byte(stdout), &found))
		for _, p := range found.Problems {
			codes = append(codes, p.Code)
		}
		return exit, codes
	}
	_, before := codes("--profile", profile)
	require.Contains(t, before, code, "the input has the problem")
	require.NoError(t, os.WriteFile(profile, fmt.Appendf(nil, "%sseverity: {%s: off}\n", given, code), 0o600))
	checked, after := codes("--profile", profile)
	require.NotContains(t, after, code)

	reports := filepath.Join(dir, "reports")
	args := []string{
		"run", "--sandbox", "--rate", "0", "--state", filepath.Join(dir, "state"), "--reports", reports,
		"--format", "csv", "--profile", profile,
	}
	exit, stdout, stderr := call(t, append(args, paths...)...)
	if strings.Contains(stdout, "rejected") {
		checked = 3
	}
	require.Equal(t, checked, exit, stdout+stderr)
	got := reported(t, reports)
	if want != nil {
		require.Equal(t, want, got)
		return
	}
	for _, row := range got {
		require.Equal(t, exit == 3, strings.Contains(row, " invalid ") || strings.Contains(row, " rejected "), row)
	}
}

// reported are the rows of the only report in a folder: reference, state, amount, VAT, currency.
func reported(t *testing.T, dir string) (rows []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	require.NoError(t, err)
	require.Len(t, paths, 1)
	table := readCSV(t, paths[0])
	for _, row := range table[1:] {
		var cells []string
		for _, column := range []string{"order_reference", "state", "amount", "vat_amount", "currency"} {
			cells = append(cells, row[slices.Index(table[0], column)])
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return rows
}
