package intake_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

const wholeProfile = `name: my-erp
input:
  {sheet: Lines, header_row: 3, encoding: Windows-1252, delimiter: ";", decimal: ",", dates: dd.mm.yyyy, skip_footer: 1}
columns: {order_reference: "Ordre nr.", amount: "Sum inkl. mva"}
constants: {currency: NOK, country: NO, postal_code: 0151}
defaults: {days_until_due: 14}
prices: excl_vat
amounts: minor
reference: "{period}-{customer_number}"
split_orders: true
severity: {organization_number.check_digit: error, email.invalid: off, vat.missing: error}
`

func TestProfileIsRead(t *testing.T) {
	t.Parallel()
	p, err := intake.LoadProfile(write(t, "erp.yaml", wholeProfile))
	require.NoError(t, err)
	require.Equal(t, &intake.Profile{
		Name: "my-erp",
		Input: intake.Input{
			Sheet: "Lines", HeaderRow: 3, Encoding: "windows-1252", Delimiter: ";", Decimal: ",", Dates: "dd.mm.yyyy",
			SkipFooter: 1,
		},
		Columns: intake.Headers(
			map[billing.Column]string{billing.ColOrderReference: "Ordre nr.", billing.ColAmount: "Sum inkl. mva"}),
		Constants: map[billing.Column]string{
			billing.ColCurrency: "NOK", billing.ColCountry: "NO", billing.ColPostalCode: "0151",
		},
		Defaults: map[billing.Column]string{billing.ColDaysUntilDue: "14"},
		Prices:   intake.PricesExclVAT, Minor: true, Reference: "{period}-{customer_number}", SplitOrders: true,
		Severity: map[billing.Code]billing.Severity{
			"organization_number.check_digit": billing.Error, "email.invalid": billing.Off,
			"vat.missing": billing.Error,
		},
	}, p)

	p, err = intake.LoadProfile(write(t, "bare.yaml", "prices: incl_vat\n"))
	require.NoError(t, err)
	require.Equal(t, &intake.Profile{Name: "bare", Prices: intake.PricesInclVAT}, p)
	_, err = intake.LoadProfile(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestProfileMistakesHaveAPlaceAndASuggestion(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ yaml, want string }{
		{"nmae: x\n", `p.yaml:1:1: unknown key "nmae" (did you mean name?)`},
		{"name: x\ninput:\n  delimeter: ;\n", `p.yaml:3:3: unknown key "delimeter" (did you mean delimiter?)`},
		{"columns:\n  ammount: Sum\n", `p.yaml:2:3: unknown column "ammount" (did you mean amount?)`},
		{
			"constants: {order_refrence: x}\n",
			`p.yaml:1:13: unknown column "order_refrence" (did you mean order_reference?)`,
		},
		{
			"severity:\n  phone_number.scientfic: error\n",
			`p.yaml:2:3: unknown problem code "phone_number.scientfic" (did you mean phone_number.scientific?)`,
		},
		{"severity: {organisation_number.check_digit: off}\n", `did you mean organization_number.check_digit?`},
		{
			"severity:\n  email.invalid: off\n  vat.missing: off\n",
			`p.yaml:3:3: vat.missing cannot be lowered to off: what it checks is needed`,
		},
		{"severity: {order.lines: warning}\n", `p.yaml:1:12: order.lines cannot be lowered to warning`},
		{"severity: {quantity.no_value: warning}\n", `p.yaml:1:12: quantity.no_value cannot be lowered to warning`},
		{"severity: {amount.date: fatal}\n", `p.yaml:1:25: severity "fatal" is not one of error, warning, off`},
		{"ignore: [\"\"]\n", `p.yaml:1:9: "" is not a column name`},
		{"ignore: [Lager, \"*\"]\n", `"*" is not a column name`},
		{"prices: excl-vat\n", `p.yaml:1:9: unknown value "excl-vat" (did you mean excl_vat?)`},
		{"input: {decimal: komma}\n", `p.yaml:1:18: unknown value "komma"`},
		{"input: {header_row: 0}\n", `p.yaml:1:21: "0" is not a whole number from 1 to`},
		{
			"defaults: {country: NO, vat: 25}\n",
			`p.yaml:1:25: vat cannot have a default: the empty cell of an exempt line would be taxed`,
		},
		{"split_orders: ja\n", `p.yaml:1:15: true or false is expected`},
		{"columns: [a]\n", `keys with values are expected`},
		{
			"columns: {amount: Sum, unit_price: SUM}\n",
			`p.yaml:1:24: the header "SUM" is given to amount and to unit_price`,
		},
		{"columns: {amount: ''}\n", `p.yaml:1:11: column amount has no header`},
		{"name: a\nname: b\n", `p.yaml:2:1: `},
		{"reference: '{month}'\n", `unknown placeholder "month"`},
		{"reference: '{period'\n", `braces`},
		{"reference: '{customer_number}'\n", `p.yaml:1:12: the reference "{customer_number}" is the same every month`},
		{"reference: '{cost_center}-{organization_number}'\n", `is the same every month`},
		{"reference: 'A-2031'\n", `is the same every month`},
		{"name: [\n", `p.yaml:1:`},
		{"", `empty`},
		{"name: {a: b}\n", `a single value is expected`},
	} {
		_, err := intake.LoadProfile(write(t, "p.yaml", tc.yaml))
		var mistake *intake.ProfileError
		require.ErrorAs(t, err, &mistake, tc.yaml)
		require.Contains(t, err.Error(), tc.want, tc.yaml)
	}
}

// TestReferenceThatDoesNotComeBack loads templates whose references differ each month. With equal references the second
// month would be taken for invoiced already.
func TestReferenceThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	for _, template := range []string{
		"{period}-{customer_number}", "{customer_number}-{due_date}", "F-{customer_reference}",
		"2026-11-{customer_number}", "202611{customer_number}",
	} {
		p, err := intake.LoadProfile(write(t, "p.yaml", "reference: '"+template+"'\n"))
		require.NoError(t, err)
		require.Equal(t, template, p.Reference)
	}
}

// TestProfileReadsFiles reads samples that need a profile, or mean something else under one.
func TestProfileReadsFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path    string
		profile intake.Profile
		want    []string
	}{
		"decimal point": {
			"csv/number_ambiguous.csv",
			intake.Profile{Input: intake.Input{Decimal: "."}},
			[]string{
				"2 order_reference=A1 description=x amount=500 vat=25",
				"3 order_reference=A2 description=y amount=1.234 vat=25",
			},
		},
		"decimal comma": {
			"csv/number_ambiguous.csv",
			intake.Profile{Input: intake.Input{Decimal: ","}},
			[]string{
				"2 order_reference=A1 description=x amount=500 vat=25",
				"3 order_reference=A2 description=y amount=1234 vat=25",
			},
		},
		"a cell against the declared mark": {
			"csv/number_contradiction.csv",
			intake.Profile{Input: intake.Input{Decimal: ","}},
			[]string{
				"2 order_reference=A1 description=x amount=1.5 vat=25",
				"3 order_reference=A2 description=y amount=1.5 vat=25 !amount.decimal_mark",
			},
		},
		"month first": {
			"csv/date_ambiguous.csv",
			intake.Profile{Input: intake.Input{Dates: "mm/dd/yyyy"}},
			[]string{"2 order_reference=A1 due_date=2026-03-04 description=x amount=10"},
		},
		"day first": {
			"csv/date_ambiguous.csv",
			intake.Profile{Input: intake.Input{Dates: "dd/mm/yyyy"}},
			[]string{"2 order_reference=A1 due_date=2026-04-03 description=x amount=10"},
		},
		"footer": {
			"csv/footer.csv",
			intake.Profile{Input: intake.Input{SkipFooter: 2}},
			[]string{"2 order_reference=A1 description=x amount=299 vat=25"},
		},
		"constant": {
			"csv/constants.csv",
			intake.Profile{Constants: map[billing.Column]string{billing.ColDescription: "Rent"}},
			[]string{"2 order_reference=A1 amount=299"},
		},
		"one of two headers": {
			"csv/two_amounts.csv",
			intake.Profile{Ignore: []string{"am*"}, Columns: intake.Headers(map[billing.Column]string{
				billing.ColAmount: "sum", billing.ColDescription: "description",
			})},
			[]string{"2 description=x amount=3"},
		},
		"prices without VAT": {
			"csv/excl_vat.csv",
			intake.Profile{Prices: intake.PricesExclVAT},
			[]string{"2 order_reference=A1 description=x amount=100.5"},
		},
		"UTF-16 without a mark": {
			"csv/utf16_no_mark.csv",
			intake.Profile{Input: intake.Input{Encoding: "utf-16le"}},
			[]string{"2 order_reference=A1 description=Stotte amount=299 vat=25"},
		},
		"header row": {
			"csv/preamble.csv",
			intake.Profile{Input: intake.Input{HeaderRow: 4}},
			[]string{"5 order_reference=A1 description=x amount=299 vat=25"},
		},
		"sheet": {
			"xlsx/two_sheets.xlsx",
			intake.Profile{Input: intake.Input{Sheet: "more"}},
			[]string{"2 order_reference=A2 description=x amount=10 vat=25"},
		},
		"hidden sheet": {
			"xlsx/hidden.xlsx",
			intake.Profile{Input: intake.Input{Sheet: "Old"}},
			[]string{"2 order_reference=Z description=z amount=1 vat=1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := open(t, tc.path, &tc.profile)
			require.NoError(t, err)
			require.Equal(t, tc.want, lines(t.Context(), t, f))
		})
	}
}

func TestExportThatLeftItsProfile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path    string
		profile intake.Profile
		code    string
		says    string
	}{
		"renamed column": {
			"csv/plain_semicolon.csv",
			intake.Profile{
				Name: "erp",
				Columns: intake.Headers(
					map[billing.Column]string{billing.ColVAT: "Vatt", billing.ColAmount: "amount"}),
			},
			"header.profile_column", `did the export rename it to "vat"?`,
		},
		"missing column": {
			"csv/plain_semicolon.csv",
			intake.Profile{
				Name:    "erp",
				Columns: intake.Headers(map[billing.Column]string{billing.ColQuantity: "Antall"}),
			},
			"header.profile_column", `the profile erp reads quantity from the column "Antall", which is not there`,
		},
		"missing sheet": {
			"xlsx/two_sheets.xlsx",
			intake.Profile{Input: intake.Input{Sheet: "Line"}},
			"xlsx.sheet",
			`did you mean "Lines"?`,
		},
		"header row beyond the cells": {
			"xlsx/openpyxl.xlsx",
			intake.Profile{Name: "erp", Input: intake.Input{HeaderRow: 90}},
			"xlsx.sheet",
			"no visible sheet has cells in row 90",
		},
		"wrong encoding": {
			"csv/swedish_1252.csv", intake.Profile{Input: intake.Input{Encoding: "utf-8"}}, "file.encoding", "line 1",
		},
		"wrong delimiter": {
			"csv/plain_semicolon.csv",
			intake.Profile{Input: intake.Input{Delimiter: ","}},
			"file.format",
			"the profile declares the delimiter ',', but ';' stands",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, tc.path, &tc.profile)
			refusal := requireCode(t, err, tc.code)
			require.Contains(t, refusal.Error(), tc.says)
		})
	}
}

// FuzzProfile loads any text as a profile. The result is a profile, or a mistake with its place.
func FuzzProfile(f *testing.F) {
	f.Add([]byte(wholeProfile))
	f.Add([]byte("columns: {amount: *a}\n"))
	f.Add([]byte("input: !!binary x\n? a\n: b\n"))
	f.Add([]byte("name: " + strings.Repeat("[", 99)))
	f.Add([]byte("- - - a\n"))
	archives, err := filepath.Glob("testdata/language/*.txtar")
	require.NoError(f, err)
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		require.NoError(f, err)
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "p.yaml")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		p, err := intake.LoadProfile(path)
		if err != nil {
			var mistake *intake.ProfileError
			require.ErrorAs(t, err, &mistake)
			return
		}
		require.NotNil(t, p)
	})
}

// TestRegisterOf finds registers by patterns of their files' names, in which only the asterisk stands for any text.
func TestRegisterOf(t *testing.T) {
	t.Parallel()
	p := &intake.Profile{Registers: []intake.Join{
		{Name: "a", File: "kunder*.csv"}, {Name: "b", File: "[1] varer?.csv"}, {Name: "c", Sheet: "C"},
	}}
	for path, want := range map[string]string{
		"kunder.csv": "a", "dir/KUNDER 2026.CSV": "a", "kunder.xlsx": "", "nye kunder.csv": "", "[1] varer?.csv": "b",
		"1 varerx.csv": "", "C": "", intake.Stdin: "",
	} {
		require.Equal(t, want, p.RegisterOf(path), path)
	}
	var none *intake.Profile
	require.Empty(t, none.RegisterOf("kunder.csv"))
}
