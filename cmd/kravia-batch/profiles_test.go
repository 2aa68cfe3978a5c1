package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// profileSample is a sample of a shipped profile, and what must become of it: worked out from the sample, not
// with the program.
type profileSample struct {
	file    string // without the folder
	with    string // the profile's other files, with a space between two
	leftOut int    // rows that the profile leaves out
	orders  []string
}

// profileSamples has the first file's name begin with the profile's; "-messy" follows in the second sample of
// each. Of an order it has reference, product, currency, net, VAT, gross, and how many lines.
var profileSamples = []profileSample{
	{"tripletex.csv", "", 0, []string{
		"10001 b2b NOK 1423.88 355.97 1779.85 2",
		"10002 b2b NOK 7194.00 269.10 7463.10 2",
		"10003 b2b SEK 2300.00 276.00 2576.00 1",
	}},
	{"tripletex-messy.csv", "", 0, []string{
		"10101 b2b NOK 7656.25 1914.06 9570.31 2", // with a return and a row of text
		"10102 b2c NOK 627.90 139.18 767.08 2",
		"10103 b2b NOK 987.00 0.00 987.00 1",
	}},
	{"fiken.csv", "fiken-kunder.csv", 0, []string{
		"501 b2b NOK 3267.88 637.57 3905.45 3",
		"502 b2b NOK 424.70 49.58 474.28 2",
		"503 b2c NOK 2298.00 0.00 2298.00 2",
	}},
	{"fiken-messy.csv", "fiken-messy-kunder.csv", 2, []string{ // a credit note and an offer
		"601 b2b NOK 6574.75 1643.68 8218.43 2",
		"602 b2c NOK 324.80 81.20 406.00 2",
		"605 b2b SEK 2300.00 276.00 2576.00 1",
	}},
	{"poweroffice-go.xlsx", "", 0, []string{
		"5001 b2b NOK 1423.88 355.97 1779.85 2",
		"5002 b2c NOK 1794.00 269.10 2063.10 1",
		"5003 b2b NOK 7700.00 276.00 7976.00 2",
	}},
	{"poweroffice-go-messy.xlsx", "", 0, []string{
		"5101 b2b NOK 7656.25 1914.06 9570.31 2",
		"5102 b2c NOK 607.90 136.18 744.08 2",
		"5103 b2b NOK 987.00 0.00 987.00 1",
	}},
	{"fortnox.xlsx", "", 0, []string{
		"301 b2b SEK 5135.45 1283.86 6419.31 3", // discounts in percent and in kronor
		"302 b2b SEK 1000.00 84.00 1084.00 2",   // prices with VAT
		"303 b2c SEK 712.00 178.00 890.00 1",
	}},
	{"fortnox-messy.xlsx", "", 2, []string{ // a credit invoice and a cancelled one
		"401 b2b SEK 7656.25 1914.06 9570.31 2",
		"403 b2c SEK 550.00 109.00 659.00 2",
		"405 b2c EUR 40.00 10.00 50.00 1",
	}},
	{"visma-eekonomi.csv", "visma-eekonomi-kunder.csv visma-eekonomi-artiklar.csv", 0, []string{
		"9001 b2b SEK 4285.45 1071.36 5356.81 2",
		"9002 b2b SEK 1000.00 84.00 1084.00 2",
		"9003 b2c SEK 792.00 198.00 990.00 1",
	}},
	{"visma-eekonomi-messy.csv", "visma-eekonomi-messy-kunder.csv visma-eekonomi-messy-artiklar.csv", 0, []string{
		"9101 b2b SEK 7656.25 1914.06 9570.31 2",
		"9102 b2c SEK 629.60 128.90 758.50 2",
		"9103 b2b SEK 987.50 246.88 1234.38 1",
	}},
	{"24sevenoffice.csv", "24sevenoffice-companies.csv 24sevenoffice-products.csv", 0, []string{
		"7001-2026-12-01 b2b NOK 1498.75 374.69 1873.44 2",
		"7002-2026-12-01 b2b NOK 2123.00 269.10 2392.10 2",
		"7003-2026-12-01 b2c NOK 119.20 29.80 149.00 1",
	}},
	{"24sevenoffice-messy.csv", "24sevenoffice-messy-companies.csv 24sevenoffice-messy-products.csv", 0, []string{
		"7101-2026-12-01 b2b NOK 8750.00 2187.50 10937.50 2",
		"7102-2026-12-15 b2c NOK 79.20 19.80 99.00 1",
		"7101-2026-12-15 b2b NOK 349.00 87.25 436.25 1",
	}},
	{"uni-economy.xlsx", "uni-economy-kunder.xlsx", 0, []string{
		"30001 b2b NOK 1423.88 355.97 1779.85 2",
		"30002 b2b NOK 7194.00 269.10 7463.10 2",
		"30003 b2c NOK 792.00 198.00 990.00 1",
	}},
	{"uni-economy-messy.csv", "uni-economy-messy-kunder.csv", 1, []string{ // a payment
		"30101 b2b NOK 7656.25 1914.06 9570.31 2",
		"30102 b2c NOK 617.86 140.64 758.50 2",
		"30103 b2b NOK 2300.00 276.00 2576.00 1",
	}},
	{"procountor.csv", "procountor-kumppanit.csv", 0, []string{
		"900001 b2b EUR 142.39 36.31 178.70 2",
		"900002 b2c EUR 80.00 9.75 89.75 2",
	}},
	{"procountor-messy.csv", "procountor-messy-kumppanit.csv", 0, []string{
		"900101 b2b EUR 759.50 193.67 953.17 2",
		"900102 b2c EUR 54.00 12.07 66.07 2",
	}},
	{"shopify.csv", "", 0, []string{
		"1001 b2c NOK 919.12 229.78 1148.90 2",
		"1002 b2c NOK 360.00 90.00 450.00 1",
		"1003 b2c NOK 180.00 27.00 207.00 1",
	}},
	// a shop with prices without VAT; a paid order and a cancelled one, of two rows each
	{"shopify-messy.csv", "", 4, []string{
		"2001 b2c NOK 190.40 47.60 238.00 2",
		"2002 b2c NOK 60.00 9.00 69.00 2", // with an item that is given away
	}},
	{"chargebee.csv", "chargebee-customers.csv", 0, []string{
		"INV-101 b2b SEK 2620.50 655.13 3275.63 2",
		"INV-102 b2c SEK 198.00 30.69 228.69 2",
	}},
	{"chargebee-messy.csv", "chargebee-messy-customers.csv", 2, []string{ // paid and voided
		"INV-201 b2b SEK 8750.00 2187.50 10937.50 3", // with a return that has a discount
		"INV-203 b2c SEK 779.60 119.90 899.50 3",
	}},
	{"toggl.csv", "toggl-clients.csv", 1, []string{ // not billable
		"2026-11-K1 b2b NOK 4596.00 1149.00 5745.00 2",
		"2026-11-K2 b2b NOK 9292.00 2323.01 11615.01 2",
		"2026-11-K3 b2c NOK 990.00 247.50 1237.50 1",
	}},
	{"toggl-messy.csv", "toggl-messy-clients.csv", 3, []string{ // not billable, and nine seconds
		"2026-11-K1 b2b NOK 12120.00 3030.00 15150.00 2",
		"2026-11-K3 b2c NOK 1237.50 309.38 1546.88 1",
	}},
}

// name is the sample's without the ending.
func (s *profileSample) name() string { return strings.TrimSuffix(s.file, filepath.Ext(s.file)) }

func (s *profileSample) messy() bool { return strings.HasSuffix(s.name(), "-messy") }

func (s *profileSample) profile() string { return strings.TrimSuffix(s.name(), "-messy") }

// files are all files of the sample, that of the lines first, as seen from the folder samples.
func (s *profileSample) files() []string {
	var files []string
	for file := range strings.FieldsSeq(s.file + " " + s.with) {
		files = append(files, filepath.Join("profiles", file))
	}
	return files
}

// args are the flags and files that name the sample.
func (s *profileSample) args() []string {
	args := []string{"--period", "2026-11", "--profile", filepath.Join(samples, "profiles", s.profile()+".yaml")}
	for _, file := range s.files() {
		args = append(args, filepath.Join(samples, file))
	}
	return args
}

// TestProfileSamples has every shipped profile make the orders of its samples that were worked out by hand.
func TestProfileSamples(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, sample := range profileSamples {
		used[sample.profile()+".yaml"] = true
		for _, file := range sample.files() {
			used[filepath.Base(file)] = true
		}
		t.Run(sample.name(), func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := call(t, append([]string{"run", "--dry-run", "--json"}, sample.args()...)...)
			require.Equal(t, 0, code, stderr)
			orders, leftOut := readDryRun(t, stdout)
			require.Equal(t, sample.orders, orders)
			require.Equal(t, sample.leftOut, leftOut)
		})
	}
	all, err := filepath.Glob(filepath.Join(samples, "profiles", "*"))
	require.NoError(t, err)
	for _, path := range all {
		require.True(t, used[filepath.Base(path)], "%s belongs to no sample", path)
	}
}

var leftOutNotice = regexp.MustCompile(`(\d+) rows? (?:is|are) left out, as the profile \S+ says: `)

// readDryRun is what a dry run would send, in the words of profileSamples, and how many rows the profile left out.
func readDryRun(t *testing.T, stdout string) (orders []string, leftOut int) {
	t.Helper()
	var dry struct {
		Notices  []string
		Requests []struct {
			Body struct {
				Payment struct {
					Product string `json:"payment_product_type"`
				}
				Session struct {
					Order struct {
						Amount    int64
						VAT       int64 `json:"vat_amount"`
						Currency  string
						Reference string `json:"merchant_reference"`
						Items     []struct{}
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &dry))
	for _, request := range dry.Requests {
		order, product := request.Body.Session.Order,
			strings.TrimPrefix(request.Body.Payment.Product, "kravia.invoice_")
		orders = append(orders, fmt.Sprintf("%s %s %s %s %s %s %d", order.Reference, product, order.Currency,
			hundredths(order.Amount-order.VAT), hundredths(order.VAT), hundredths(order.Amount), len(order.Items)))
	}
	for _, notice := range dry.Notices {
		if m := leftOutNotice.FindStringSubmatch(notice); m != nil {
			n, err := strconv.Atoi(m[1])
			require.NoError(t, err)
			leftOut += n
		}
	}
	return orders, leftOut
}

// hundredths is an amount that is not negative, in minor units, with its decimals.
func hundredths(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }

// TestProfilesStop has what no line of an invoice would carry, or what needs a person, stop an order and say why.
func TestProfilesStop(t *testing.T) {
	t.Parallel()
	for _, changed := range []struct {
		sample   string
		old, new string // in the first of the sample's files that has old
		problem  string
	}{
		// raw fish, or Tripletex' own number of the low rate
		{"tripletex", ";2;;33", ";2;;32", `vat: "32" is not among the profile's values`},
		{"tripletex", ";2;;33", ";2;;51", `vat: "51" is not among the profile's values`}, // reverse charge
		{"tripletex", ";2;;33", ";2;;52", `vat: "52" is not among the profile's values`}, // export
		{"tripletex", ";Sverige;", ";Tyskland;", `country: "Tyskland" is not among`},
		{"fiken", "EXEMPT\n", "EXEMPT_REVERSE\n", `vat: "EXEMPT_REVERSE" is not among the profile's values`},
		{"fiken", "1003;Kari", "1033;Kari", `the register kunder has no row with Kundenummer "1003"`},
		{"visma-eekonomi", "Varor 6 %", "Varor export", `vat: "Varor export" is not among the profile's values`},
		{"24sevenoffice", "Ekstra bruker;0;", "Ekstra bruker;10;", `RepeatingDiscount is 10, percent or kroner`},
		{"24sevenoffice", "Servering;149,50", "Annet;149,50", `vat: "Annet" is not among the profile's values`},
		{
			"uni-economy-messy", "30101;100002;", "30199;100002;",
			`the register invoices has no row with Fakturanr "30101"`,
		},
		{"uni-economy-messy", "30102;100003;", "30101;100003;", `the register invoices has Fakturanr "30101" twice`},
		{"procountor", "M;EUR", "O;EUR", `a record of type O is no sales invoice`},
		{"procountor", ";;0;f;", ";;0;t;", `J is "t", so that prices are with VAT`},
		{"procountor", ";;0;f;", ";;5;f;", `a discount of 5 % on the whole invoice is on no row`},
		{
			"procountor", `Esimerkkikatu 1\00100`, `Esimerkkikatu 1\PL 12\00100`,
			`the address in Q has not the five parts`,
		},
		{"procountor", `Esimerkkikatu 1\00100`, `00100`, `the address in Q has not the five parts`},
		{"procountor", `Esimerkki Oy\Esimerkkikatu 1\00100\Helsinki\FI`, ``, `the address in Q has not the five parts`},
		{"shopify", "1148.90,0.00,229.78,1148.90", "1148.90,79.00,229.78,1227.90", `Shipping of 79.00 is on no line`},
		{"shopify", "229.78,1148.90,,0.00", "229.78,1148.90,,100.00", `Discount Amount of 100.00 is on no line`},
		{"shopify", "+4740000041,,,,,,Net 15", "+4740000041,,12.00,,,,Net 15", `Duties of 12.00 are on no line`},
		{"shopify", "Invoice,,0.00", "Invoice,,50.00", `50.00 was refunded`},
		{"shopify", "pending", "authorized", `Financial Status is authorized`},
		{"shopify", "MVA 25%,229.78,", "MVA 25%,200.00,MVA 15%", `the order has two taxes, MVA 25% and MVA 15%`},
		{"shopify", "MVA 25%,229.78", ",0.00", `the order has no tax`},
		{"shopify", "U-7,true,true", "U-7,true,false", `the item is not taxed`},
		{"shopify", "D-2,true,true", "D-2,true,false", `the item is not taxed`}, // on a row that has no order's cells
		{"shopify", "229.78,1148.90", "229.78,1200.00", `Total is neither Subtotal and Shipping nor these and Taxes`},
		{
			"shopify", "MVA 25%,229.78", "VAT 25%,229.78",
			`vat: "VAT 25%" is not among the profile's values for vat: "MVA 25%", "MVA 15%", "MVA 12%"`,
		},
		{"chargebee", "true,6.0,594,", "false,0,0,reverse_charge", `not taxed for the reason "reverse_charge"`},
		{"chargebee", "true,6.0,594,", ",6.0,594,", `Is Taxed is "", neither true nor false`},
		{"chargebee", ",2475,", ",1980,", `vat_amount: the VAT amount is 19.80, but the program computes 24.75`}, // prices with VAT
		{
			"toggl", "Kari Eksempel,K3", "Kari Andersen,K3",
			`the register clients has no row with Client "Kari Eksempel"`,
		},
		{"toggl", "07:45:00", "07.45 h", `the program cannot decide what kind of row this is`},
		{"fortnox", "Freight", "59", `Freight of 59 is on no row`},
		{"fortnox", "AdministrationFee", "29", `AdministrationFee of 29 is on no row`},
		{"fortnox", "TaxReduction", "1500", `TaxReduction of 1500 is taken off no row`},
		{"fortnox", "Credit", "", `Credit is "", neither true nor false`},
		{"fortnox", "Cancelled", "?", `Cancelled is "?", neither true nor false`},
		{"fortnox", "VATIncluded", "", `VATIncluded is "", neither true nor false`},
		{"fortnox", "TermsOfPayment", "PA", `days_until_due: "PA" is not a whole number of days`},
		{"fortnox", "CustomerNumber", "9", `the register customers has no row with CustomerNumber "9"`},
		{
			"fortnox", "InvoiceRows.Total", "3000",
			`amount: the amount is 3000.00 but quantity and unit price make 3160.00`,
		},
		{"fortnox", "Country", "Tyskland", `country: "Tyskland" is not among the profile's values`},
	} {
		t.Run(changed.sample+" "+changed.new, func(t *testing.T) {
			t.Parallel()
			dir, done := t.TempDir(), false
			sample := profileSampleOf(t, changed.sample)
			profile := filepath.Join(samples, "profiles", sample.profile()+".yaml")
			args := []string{"check", "--reports", "off", "--period", "2026-11", "--profile", profile}
			for _, file := range sample.files() {
				from, to := filepath.Join(samples, file), filepath.Join(dir, filepath.Base(file))
				switch data, err := os.ReadFile(from); {
				case filepath.Ext(from) == ".xlsx":
					done = changeSecondRow(t, from, to, changed.old, changed.new) || done
				default:
					require.NoError(t, err)
					text := string(data)
					if !done && strings.Contains(text, changed.old) {
						text, done = strings.Replace(text, changed.old, changed.new, 1), true
					}
					require.NoError(t, os.WriteFile(to, []byte(text), 0o600))
				}
				args = append(args, to)
			}
			require.True(t, done, changed.old)
			code, stdout, stderr := call(t, args...)
			require.Equal(t, 3, code, stderr)
			require.Contains(t, stdout, changed.problem)
		})
	}
}

func profileSampleOf(t *testing.T, name string) *profileSample {
	t.Helper()
	for i := range profileSamples {
		if profileSamples[i].name() == name {
			return &profileSamples[i]
		}
	}
	require.Fail(t, "no such sample", name)
	return nil
}

// changeSecondRow copies a workbook with another value in a column's first cell below the header, if the
// first sheet has the column.
func changeSecondRow(t *testing.T, from, to, header, value string) (found bool) {
	t.Helper()
	book, err := excelize.OpenFile(from)
	require.NoError(t, err)
	sheet := book.GetSheetName(0)
	rows, err := book.GetRows(sheet)
	require.NoError(t, err)
	for i, cell := range rows[0] {
		if cell == header {
			require.NoError(t, book.SetCellDefault(sheet, cellName(t, i, 1), value))
			found = true
		}
	}
	require.NoError(t, book.SaveAs(to))
	require.NoError(t, book.Close())
	return found
}
