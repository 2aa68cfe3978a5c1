package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// constants reads a profile's constants: "vat=25 | country=NO".
func constants(text string) map[billing.Column]string {
	found := map[billing.Column]string{}
	rec, base := record(text), record("")
	for _, c := range billing.Columns() {
		if rec.Values[c] != base.Values[c] {
			found[c] = rec.Values[c]
		}
	}
	return found
}

// A cell that contradicts the constant of the profile is reported; the order is not sent.
func TestConstantsContradicted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, column, constant, cell string
		code                         string // "" where both say the same
	}{
		{"rate", "vat", "25", "15", "vat.constant"},
		{"rate of the same value", "vat", "25", "25.00", ""},
		{"rate with its sign", "vat", "25", "25 %", ""},
		{"rate as a fraction", "vat", "25", "0.25", "vat.constant"},
		{"no rate", "vat", "25", "0", "vat.constant"},
		{"currency", "currency", "NOK", "EUR", "currency.constant"},
		{"currency in small letters", "currency", "NOK", "nok", ""},
		{"a word for the currency", "currency", "NOK", "kr", ""},
		{"a sign of another currency", "currency", "NOK", "€", "currency.constant"},
		{"quantity", "quantity", "2", "3", "quantity.constant"},
		{"quantity of the same value", "quantity", "2", "2.0", ""},
		{"quantity that is no number", "quantity", "2", "two", "quantity.constant"},
		{"amount", "amount", "5", "299.00", "amount.constant"},
		{"amount of the same value", "amount", "299", "299.00", ""},
		{"return", "amount", "299", "-299", "amount.constant"},
		{"country", "country", "NO", "SE", "country.constant"},
		{"country by name", "country", "NO", "Norge", ""},
		{"country as a name", "country", "Norge", "no", ""},
		{"part of the country", "country", "NO", "SJ", ""},
		{"country that is none", "country", "NO", "Norgge", "country.constant"},
		{"product", "product", "b2b", "b2c", "product.constant"},
		{"product in full", "product", "b2b", "kravia.invoice_b2b", ""},
		{"choice in capitals", "invoice_channel", "kravia", "KRAVIA", ""},
		{"choice", "invoice_channel", "kravia", "merchant", "invoice_channel.constant"},
		{"prices", "prices", "incl", "excl", "prices.constant"},
		{"prices in capitals", "prices", "incl", "Incl", ""},
		{"organization number with separators", "organization_number", "974760673", "NO 974 760 673 MVA", ""},
		{"organization number", "organization_number", "974760673", "310401374", "organization_number.constant"},
		{"phone number as dialled", "phone_number", "+4799999999", "99 99 99 99", ""},
		{"phone number", "phone_number", "+4799999999", "99 99 99 98", "phone_number.constant"},
		{"postal code that lost a zero", "postal_code", "0151", "151", ""},
		{"postal code", "postal_code", "0151", "0152", "postal_code.constant"},
		{"days", "days_until_due", "30", "14", "days_until_due.constant"},
		{"days with a zero", "days_until_due", "30", "030", ""},
		{"text", "business_name", "Nordmann AS", "Fjordlys AS", "business_name.constant"},
		{"text in capitals and spaces", "business_name", "Nordmann AS", " NORDMANN  as ", ""},
		{"e-mail in capitals", "email", "ola@nordmann.no", "Ola@Nordmann.no", ""},
		{"letters apart from their accents", "postal_place", "Årnes", "A\u030arnes", ""},
		{"what cannot be seen", "postal_place", "Oslo", "Os\u200blo", ""},
		{"nothing but a space", "vat", "25", " \u00a0", ""},
		{"day", "delivery_date", "2026-11-30", "2026-11-29", "delivery_date.constant"},
		{"line", "line_id", "sub-001", "sub-002", "line_id.constant"},
		{"reference", "order_reference", "inv-1", "inv-2", "order_reference.constant"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			column, _ := billing.ColumnByName(tt.column)
			r := rules()
			r.Constants = map[billing.Column]string{column: tt.constant}
			found := group(t, r, record(tt.column+"="+tt.cell))
			if tt.code == "" {
				require.Empty(t, codes(found))
				require.NotNil(t, found[0].Order)
				return
			}
			require.Equal(t, []string{tt.code}, codes(found))
			require.Nil(t, found[0].Order)
			require.Equal(t, tt.column, found[0].Rows[0].Problems[0].Column)
			require.Equal(t, tt.cell, found[0].Rows[0].Problems[0].Value)
		})
	}
}

func TestConstantsInWords(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Constants = constants("vat=12 | currency=SEK | country=SE")
	want := []string{
		`row 2: the profile sets "SEK" for every row, but the cell says "NOK" ` +
			`(empty the cell, ignore its column in the profile, or remove the constant from the profile)`,
		`row 2: the profile sets "SE" for every row, but the cell says "NO" ` +
			`(empty the cell, ignore its column in the profile, or remove the constant from the profile)`,
		`row 2: the profile sets "12" for every row, but the cell says "25" ` +
			`(empty the cell, ignore its column in the profile, or remove the constant from the profile)`,
	}
	require.Subset(t, messages(group(t, r, record(""))), want)
	for range 20 { // whatever the order of a map
		require.Equal(t, []string{"currency.constant", "country.constant", "vat.constant"},
			codes(group(t, r, record("")))[:3])
	}
}

// A profile may lower the code; the constant then replaces the cell.
func TestConstantsOnPurpose(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Constants = constants("vat=15 | quantity=2")
	for severity, want := range map[billing.Severity][]string{billing.Warning: {"vat.constant"}, billing.Off: nil} {
		r.Severity = map[billing.Code]billing.Severity{"vat.constant": severity, "quantity.constant": billing.Off}
		groups := group(t, r, record(""))
		require.Equal(t, want, codes(groups))
		require.Equal(t, "15", groups[0].Order.Lines[0].Rate.String())
		require.Equal(t, "2", groups[0].Order.Lines[0].Quantity.String())

		groups = group(t, r, sheet("", "description=Contract 7 | amount= ")...)
		require.NotNil(t, groups[0].Order, messages(groups))
		require.Len(t, groups[0].Order.Lines, 1, "a row of text stays one")
	}
	r.Severity = nil
	require.Contains(t,
		codes(
			group(t, r, sheet("quantity=2 | vat=15", "description=Contract 7 | amount= | vat=15 | quantity=3")...)),
		"amount.missing")
}

// A cell that intake could not read is reported once.
func TestConstantsBesideIntake(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Constants = constants("vat=15 | currency=SEK")
	rec := record("vat=#REF! | currency=NULL | country=SE | organization_number=5560360793 | postal_code=11122")
	rec.Problems = []billing.Problem{
		billing.NewProblem("vat.error_value", "#REF!"),
		billing.NewProblem("currency.null", "NULL"),
	}
	require.Equal(t, []string{"vat.error_value", "currency.null"}, codes(group(t, r, rec)))
	r.Severity = map[billing.Code]billing.Severity{"currency.null": billing.Off}
	require.Equal(t, []string{"vat.error_value", "currency.constant"}, codes(group(t, r, rec)),
		"what is lowered hides nothing")
}

// The same text is another number in another country.
func TestConstantsByCountry(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Constants = constants("phone_number=+46701234567")
	swedish, norwegian := "swedish | order_reference=S | phone_number=0701234567",
		"order_reference=N | phone_number=0701234567"
	want := map[string]string{"S": "sent", "N": "phone_number.constant"}
	require.Equal(t, want, byReference(group(t, r, sheet(swedish, norwegian)...)))
	require.Equal(t, want, byReference(group(t, r, sheet(norwegian, swedish)...)))
	r.Constants = constants(
		"phone_number=+46701234567 | country=SE | currency=SEK | organization_number=5560360793 | postal_code=11122")
	require.Equal(t, map[string]string{"S": "sent"}, byReference(group(t, r, sheet(swedish)...)))
	r.Constants = constants("phone_number=+46701234567")
	r.Defaults = map[billing.Column]string{billing.ColCountry: "SE"}
	require.Equal(t, map[string]string{"S": "sent"}, byReference(group(t, r, sheet(swedish+" | country=")...)))
}

// A row whose own reference contradicts the constant holds back the orders that it may belong to, and has the constant.
func TestConstantsOfReference(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Reference, r.Constants = "F-{customer_number}", constants("customer_number=7")
	rows := sheet("order_reference=", "order_reference= | customer_number=8")
	require.Equal(t, map[string]string{"F-7": "order.held customer_number.constant"}, byReference(group(t, r, rows...)))
	g := grouper(t, r, rows)
	for rec, err := range g.Records(0) {
		require.NoError(t, err)
		require.Equal(t, "7", rec.Get(billing.ColCustomerNumber))
		if rec.Row == 3 {
			require.Equal(t, billing.Place{File: "lines.csv", Row: 3}, rec.Problems[0].Place)
			require.Equal(t, "8", rec.Own(billing.ColCustomerNumber))
		}
	}
}

func BenchmarkConstants(b *testing.B) {
	r := rules()
	r.Constants = constants("phone_number=+4798765432 | vat=15 | country=Norge")
	records := sheet("phone_number=98 76 54 32 | vat=15.00", "phone_number= | vat= | country=",
		"phone_number=+4798765432 | vat=15 | country=Norge")
	g := billing.NewGrouper(r, &memory{})
	g.AddTable(billing.Table{File: "lines.csv"})
	b.ReportAllocs()
	for b.Loop() {
		for _, rec := range records {
			if err := g.Add(rec); err != nil {
				b.Fatal(err)
			}
		}
	}
}
