package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// goodLine is a row without problems, as column=value.
var goodLine = []string{
	"order_reference=A1", "product=b2b", "currency=NOK", "days_until_due=14", "first_name=Ola", "last_name=Nordmann", "business_name=Nordmann AS",
	"organization_number=974760673", "email=ola@nordmann.no", "phone_number=+4799999999", "address_line=Storgata 1", "postal_code=0151",
	"postal_place=Oslo", "country=NO", "description=Abonnement", "amount=299.00", "vat=25", "vat_amount=59.80", "quantity=1", "unit_price=",
	"invoice_channel=", "line_id=", "item_id=", "customer_number=", "customer_reference=", "cost_center=", "delivery_date=",
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

// lowered has an input for each code of billing that may be lowered, and what becomes of its rows when the code is off.
func lowered() map[billing.Code]struct{ rows, want []string } {
	as := []string{invoicedAsItIs}
	refused := []string{"A1 rejected 299.00 59.80 NOK"} // by the sandbox, which knows the strictest edition of the provider's rules
	return map[billing.Code]struct{ rows, want []string }{
		"text.invisible":                  {[]string{"organization_number=974760673\u200b"}, as},
		"currency.unsupported":            {[]string{"currency=USD"}, []string{"A1 invoiced 299.00 59.80 USD"}},
		"currency.country":                {[]string{"currency=SEK"}, []string{"A1 invoiced 299.00 59.80 SEK"}},
		"invoice_channel.grouped":         {[]string{"product=b2b_grouped|invoice_channel=merchant"}, []string{"A1 registered 299.00 59.80 NOK"}},
		"organization_number.check_digit": {[]string{"organization_number=974760674"}, as},
		"organization_number.restored": {
			[]string{"country=FI|currency=EUR|organization_number=737546-2|postal_code=00100|vat=25.5|vat_amount=60.75"}, []string{"A1 invoiced 299.00 60.75 EUR"},
		},
		"organization_number.person": {[]string{"country=SE|currency=SEK|organization_number=8501011236|postal_code=11122"}, []string{"A1 invoiced 299.00 59.80 SEK"}},
		"first_name.missing":         {[]string{"first_name="}, refused},
		"last_name.missing":          {[]string{"last_name="}, refused},
		"email.missing":              {[]string{"email="}, refused},
		"email.invalid":              {[]string{"email=ola@nordmann"}, as},
		"phone_number.missing":       {[]string{"phone_number="}, as},
		"phone_number.invalid":       {[]string{"phone_number=123"}, as},
		"address_line.missing":       {[]string{"address_line="}, refused},
		"postal_code.missing":        {[]string{"postal_code="}, refused},
		"postal_code.format":         {[]string{"postal_code=123456"}, refused},
		"postal_code.restored":       {[]string{"postal_code=151"}, as},
		"postal_place.missing":       {[]string{"postal_place="}, refused},
		"country.unsupported":        {[]string{"country=DE|currency=EUR"}, []string{"A1 invoiced 299.00 59.80 EUR"}},
		"grouped.split": {
			[]string{"product=b2b_grouped", "order_reference=A2|product=b2b_grouped|business_name=NORDMANN AS"},
			[]string{"A1 registered 299.00 59.80 NOK", "A2 registered 299.00 59.80 NOK"},
		},
		"row.duplicate":            {[]string{"", ""}, []string{invoicedAsItIs, invoicedAsItIs}},
		"description.long":         {[]string{"description=" + strings.Repeat("x", 101)}, as},
		"amount.mismatch":          {[]string{"unit_price=290.00"}, as},
		"amount.negative":          {[]string{"", "amount=-50.00|vat_amount=-10.00"}, []string{invoicedAsItIs, "A1 invoiced -50.00 -10.00 NOK"}},
		"vat.rate":                 {[]string{"vat=14|vat_amount=36.72"}, []string{"A1 invoiced 299.00 36.72 NOK"}},
		"vat_amount.unreadable":    {[]string{"vat_amount=?"}, as},
		"vat_amount.mismatch":      {[]string{"vat_amount=74.75"}, as},
		"delivery_date.unreadable": {[]string{"delivery_date=32.01.2026"}, as},
	}
}

// TestLoweredCodes switches every code off that a profile may switch off: what check then calls right is invoiced as the file has it.
func TestLoweredCodes(t *testing.T) {
	t.Parallel()
	cases := lowered()
	for _, info := range billing.Codes() {
		tc, ok := cases[info.Code]
		require.Equal(t, info.Lowerable, ok, info.Code)
		if !ok {
			continue
		}
		t.Run(string(info.Code), func(t *testing.T) {
			t.Parallel()
			var table [][]string
			for _, cells := range tc.rows {
				header, line := lineWith(cells)
				if table == nil {
					table = append(table, header)
				}
				table = append(table, line)
			}
			path := filepath.Join(t.TempDir(), "lines.csv")
			file, err := os.Create(path)
			require.NoError(t, err)
			require.NoError(t, csv.NewWriter(file).WriteAll(table))
			require.NoError(t, file.Close())
			runLowered(t, info.Code, path, tc.want)
		})
	}
}

// TestLoweredDates does the same with identifiers that a spreadsheet holds as dates.
func TestLoweredDates(t *testing.T) {
	t.Parallel()
	invalid := []string{"A1 invalid 299.00 59.80 NOK"} // another problem keeps the order back
	want := map[billing.Code][]string{
		"order_reference.date": {"2026-11-25 invoiced 299.00 59.80 NOK"}, "days_until_due.date": invalid, "organization_number.date": invalid, "phone_number.date": invalid,
		"postal_code.date": invalid,
	}
	for _, info := range intake.Codes() {
		if !info.Lowerable {
			require.Equal(t, billing.Error, info.Severity, info.Code)
			continue
		}
		t.Run(string(info.Code), func(t *testing.T) {
			t.Parallel()
			column, _, _ := strings.Cut(string(info.Code), ".")
			header, line := lineWith("")
			book := excelize.NewFile()
			require.NoError(t, book.SetSheetRow("Sheet1", "A1", &header))
			require.NoError(t, book.SetSheetRow("Sheet1", "A2", &line))
			cell := cellName(t, slices.Index(header, column), 1)
			date, err := book.NewStyle(&excelize.Style{NumFmt: 14})
			require.NoError(t, err)
			require.NoError(t, book.SetCellValue("Sheet1", cell, 46351))
			require.NoError(t, book.SetCellStyle("Sheet1", cell, cell, date))
			path := filepath.Join(t.TempDir(), "lines.xlsx")
			require.NoError(t, book.SaveAs(path))
			require.NoError(t, book.Close())
			rows := want[info.Code]
			if rows == nil {
				rows = []string{invoicedAsItIs}
			}
			runLowered(t, info.Code, path, rows)
		})
	}
}

// TestAllCodesLowered switches all of them off at once, on rows that have every problem: a run sends what
// check calls right, no more and no less.
func TestAllCodesLowered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	profile := "severity:\n"
	for _, info := range slices.Concat(billing.Codes(), intake.Codes()) {
		if info.Lowerable {
			profile += fmt.Sprintf("  %s: off\n", info.Code)
		}
	}
	path := filepath.Join(dir, "p.yaml")
	require.NoError(t, os.WriteFile(path, []byte(profile), 0o600))
	code, stdout, stderr := call(t, "check", "--json", "--reports", "off", "--profile", path, filepath.Join(samples, "problems.csv"))
	require.Equal(t, 3, code, stderr)
	var checked struct {
		Rows        int
		InvalidRows int `json:"invalid_rows"`
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &checked))
	code, stdout, stderr = call(t, "run", "--sandbox", "--rate", "0", "--state", dir, "--reports", dir, "--format", "csv", "--json", "--profile", path, filepath.Join(samples, "problems.csv"))
	require.Equal(t, 3, code, stderr)
	var ran struct {
		Rows struct{ Total, Invoiced, Registered, Rejected, Invalid int }
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &ran))
	require.Equal(t, 8, ran.Rows.Rejected, "by the sandbox: a part of the address is missing, or has not the form of its country")
	require.Equal(t, checked.Rows, ran.Rows.Total)
	require.Equal(t, checked.InvalidRows, ran.Rows.Invalid)
	require.Equal(t, checked.Rows-checked.InvalidRows, ran.Rows.Invoiced+ran.Rows.Registered+ran.Rows.Rejected)
}

// runLowered checks and runs a file under a profile that switches the code off.
func runLowered(t *testing.T, code billing.Code, path string, want []string) {
	t.Helper()
	dir := filepath.Dir(path)
	profile := filepath.Join(dir, "p.yaml")
	require.NoError(t, os.WriteFile(profile, fmt.Appendf(nil, "severity: {%s: off}\n", code), 0o600))
	codes := func(args ...string) (exit int, codes []billing.Code) {
		exit, stdout, stderr := call(t, append([]string{"check", "--json", "--reports", "off", path}, args...)...)
		require.Contains(t, []int{0, 3}, exit, stderr)
		var found struct{ Problems []billing.Problem }
		require.NoError(t, json.Unmarshal([]byte(stdout), &found))
		for _, p := range found.Problems {
			codes = append(codes, p.Code)
		}
		return exit, codes
	}
	_, before := codes()
	require.Contains(t, before, code, "the input has the problem")
	checked, after := codes("--profile", profile)
	require.NotContains(t, after, code)

	exit, stdout, stderr := call(t, "run", "--sandbox", "--rate", "0", "--state", filepath.Join(dir, "state"), "--reports", dir, "--format", "csv", "--profile", profile, path)
	if strings.Contains(want[0], " rejected ") {
		checked = 3
	}
	require.Equal(t, checked, exit, stdout+stderr)
	reports, err := filepath.Glob(filepath.Join(dir, "lines_*.csv"))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	table := readCSV(t, reports[0])
	var got []string
	for _, row := range table[1:] {
		var cells []string
		for _, column := range []string{"order_reference", "state", "amount", "vat_amount", "currency"} {
			cells = append(cells, row[slices.Index(table[0], column)])
		}
		got = append(got, strings.Join(cells, " "))
	}
	require.Equal(t, want, got)
}
