package billing_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// Two spellings of one value agree; two values do not.
func TestRowsOfAnOrderAgree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		base, column string
		agree        string // apart by " ~ "
		differ       string // from the first of agree
	}{
		{"", "currency", "NOK ~ nok ~ Nok", "SEK"},
		{"", "product", "b2b ~ B2B ~ kravia.invoice_b2b ~ KRAVIA.INVOICE_B2B", "b2b_grouped ~ b2c"},
		{"", "country", "NO ~ no ~ Norge ~ NORGE ~ Norway ~ Noreg ~ norja ~ SJ ~ sj", "SE ~ Sverige ~ DE"},
		{"swedish", "country", "SE ~ Sverige ~ sweden ~ RUOTSI", "NO"},
		{"finnish", "country", "FI ~ Suomi ~ finland ~ AX ~ ax ~ Åland ~ A\u030aland ~ ÅLAND", "SE ~ Norja"},
		{
			"", "organization_number", "974760673 ~ 974 760 673 ~ NO974760673MVA ~ no 974.760.673 mva ~ 974-760-673",
			"974760674 ~ 999999999",
		},
		{
			"swedish", "organization_number",
			"5560360793 ~ 556036-0793 ~ SE556036-0793 ~ SE556036079301 ~ 165560360793", "5560360794 ~ 5592804784",
		},
		{"finnish", "organization_number", "01120389 ~ 0112038-9 ~ 112038-9 ~ FI01120389", "0112038-8"},
		{
			"", "phone_number",
			"+4799999999 ~ 99999999 ~ 999 99 999 ~ 0047 999 99 999 ~ " +
				"(+47) 99 99 99 99 ~ +47 999-99-999 ~ 99.99.99.99", "+4799999998 ~ 12",
		},
		{"", "email", "ola@nordmann.no ~ Ola@Nordmann.NO", "ole@nordmann.no"},
		{"", "postal_code", "0151 ~ N-0151 ~ NO-0151 ~ no-0151 ~ 151 ~ 0 151", "0152 ~ 1510"},
		{"swedish", "postal_code", "11120 ~ 111 20 ~ S-111 20 ~ SE-111 20 ~ se-11120", "11121 ~ 1112"},
		{"finnish", "postal_code", "00100 ~ FIN-00100 ~ FI-00100 ~ 100 ~ AX-00100", "00101"},
		{"", "days_until_due", "14 ~ 014 ~ +14", "15 ~ 14 d"},
		{"", "invoice_channel", "merchant ~ Merchant ~ MERCHANT", "kravia"},
		{
			"", "address_line", "Storgata 1 ~ Storgata  1 ~ Storgata\u00a01 ~ Stor\u00adgata 1",
			"Storgata 11 ~ storgata 1",
		},
		{"", "business_name", "Nordmann AS ~ Nordmann  AS", "NORDMANN AS ~ Nordmann"},
		{"", "customer_reference", "PO 7 ~ PO  7", "PO 8 ~ po 7"},
		{"", "customer_number", "007", "7"},
	} {
		first, rest, _ := strings.Cut(tt.agree, " ~ ")
		cell := func(value string) string { return tt.base + " | " + tt.column + "=" + value }
		for _, value := range append(strings.Split(rest, " ~ "), first) {
			if value == "" {
				continue
			}
			groups := group(t, rules(), sheet(cell(first), cell(value))...)
			require.NotContains(t, codes(groups), "order.differs", "%s %q %q: %v", tt.column, first, value,
				messages(groups))
			require.NotNil(t, groups[0].Order, "%s %q %q: %v", tt.column, first, value, messages(groups))
			again := group(t, rules(), sheet(cell(value), cell(first))...)
			require.NotNil(t, again[0].Order, "%s %q %q: %v", tt.column, value, first, messages(again))
		}
		for value := range strings.SplitSeq(tt.differ, " ~ ") {
			groups := group(t, rules(), sheet(cell(first), cell(value))...)
			require.Contains(t, codes(groups), "order.differs", "%s %q %q", tt.column, first, value)
			require.Nil(t, groups[0].Order)
		}
	}
	require.Contains(t, messages(group(t, rules(), sheet("country=NO", "country=Sverige")...)),
		`row 3: country is "Sverige" here and "NO" in row 2 of the same order `+
			`(make the rows agree, or leave one of the cells empty)`)
}

func TestCurrency(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		row      string
		said     string
		standard string // the profile's default
		want     string // "" for none
		codes    string
	}{
		{"of the column", "currency=NOK", "", "SEK", "NOK", ""},
		{"of the column in lower case", "currency=nok", "", "", "NOK", ""},
		{"of the amount", "currency=", "amount EUR", "NOK", "EUR", "currency.country"},
		{"of the euro sign", "finnish | currency=", "amount €", "NOK", "EUR", ""},
		{"of the default", "currency=", "", "SEK", "SEK", "currency.country"},
		{"of the country", "currency=", "", "", "NOK", ""},
		{"of Sweden", "swedish | currency=", "", "", "SEK", ""},
		{"of Finland", "finnish | currency=", "", "", "EUR", ""},
		{
			"of Denmark", "currency= | country=DK | organization_number=22756214 | phone_number=+4532123456", "", "",
			"DKK", "country.unsupported currency.unsupported",
		},
		{
			"of no country", "currency= | country=DE | phone_number=+4930123456", "", "", "",
			"country.unsupported currency.missing",
		},
		{
			"of another country's amount", "currency= | country=DE | phone_number=+4930123456", "amount EUR", "", "EUR",
			"country.unsupported",
		},
		{"kroner in NOK", "currency=NOK", "amount kr", "", "NOK", ""},
		{"kroner of the country", "swedish | currency=", "amount kr", "", "SEK", ""},
		{
			"kroner of no country", "currency= | country=DE | phone_number=+4930123456", "amount kr", "", "",
			"country.unsupported currency.missing",
		},
		{"euro in NOK", "currency=NOK", "amount €", "", "", "currency.differs"},
		{"euro in NOK by default", "currency=", "amount €", "NOK", "EUR", "currency.country"},
		{"kroner in EUR", "finnish", "amount kr", "", "", "currency.differs"},
		{"kroner in Finland", "finnish | currency=", "amount kr", "", "", "currency.unclear"},
		{"dollars of no country", "currency=", "amount $", "", "", "currency.unclear"},
		{"dollars in USD", "currency=USD", "amount $", "", "USD", "currency.unsupported"},
		{"two currencies", "currency=", "amount SEK | unit_price NOK", "", "", "currency.differs currency.country"},
		{"kroner and euro", "currency=", "amount kr | unit_price €", "", "", "currency.differs currency.country"},
		{"SEK in NOK", "currency=NOK", "vat_amount SEK", "", "", "currency.differs"},
		{"no currency", "currency=kroner", "", "", "", "currency.unknown"},
		{"no country", "currency= | country=", "", "", "", "country.missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := rules()
			r.Severity = map[billing.Code]billing.Severity{"currency.unsupported": billing.Warning}
			r.Defaults = map[billing.Column]string{billing.ColCurrency: tt.standard}
			r.Seller = "NO"
			groups := group(t, r, says(record(tt.row+" | vat=25 | unit_price=299"), tt.said))
			require.Equal(t, tt.codes, strings.Join(codes(groups), " "), "%v", messages(groups))
			require.Equal(t, tt.want != "", groups[0].Order != nil)
			if tt.want != "" {
				require.Equal(t, tt.want, groups[0].Order.Currency.Code())
				require.Equal(t, tt.want, groups[0].Rows[0].Currency)
			}
		})
	}
	require.Equal(t, []string{"order.incomplete", "currency.differs"},
		codes(group(t, rules(), record("line_id="), says(record("line_id= | amount=1"), "amount €"))),
		"also in another row")
	require.Equal(t, []string{"currency.unsupported"}, codes(group(t, rules(), record("currency=USD"))))
	require.Nil(t, group(t, rules(), record("currency=USD"))[0].Order)
	require.Equal(t, []string{`row 2: amount says €, but the order is in NOK (make the currencies agree)`},
		messages(group(t, rules(), says(record(""), "amount €"))))
	require.Equal(t,
		[]string{
			`row 2: no currency is given, and the currency of DE is not known ` +
				`(fill in currency; the file has no column for currency)`,
		},
		messages(group(t, rules(), record("country=DE | currency= | phone_number=+4930123456")))[1:])
}

func TestDue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		row      string
		defaults map[billing.Column]string
		days     int
		date     billing.Date
	}{
		{"days_until_due=", nil, 14, ""},
		{"days_until_due=20", nil, 20, ""},
		{"days_until_due=", map[billing.Column]string{billing.ColDaysUntilDue: "021"}, 21, ""},
		{"days_until_due=20", map[billing.Column]string{billing.ColDueDate: "2026-12-24"}, 20, ""},
		{
			"days_until_due= | due_date=2026-12-24",
			map[billing.Column]string{billing.ColDaysUntilDue: "21"},
			-1,
			"2026-12-24",
		},
		{
			"days_until_due=",
			map[billing.Column]string{billing.ColDaysUntilDue: "21", billing.ColDueDate: "2026-12-24"},
			-1,
			"2026-12-24",
		},
	} {
		r := rules()
		r.Defaults = tt.defaults
		o := group(t, r, record(tt.row))[0].Order
		require.NotNil(t, o, tt.row)
		require.Equal(t, tt.days, o.DaysUntilDue, tt.row)
		require.Equal(t, tt.date, o.DueDate, tt.row)
	}
	require.Contains(t, messages(group(t, rules(), record("days_until_due= | due_date=2026-11-21")))[0],
		"2026-11-21 is 1 days before 2026-11-22")
	require.Contains(t, messages(group(t, rules(), record("days_until_due= | due_date=2027-11-23")))[0],
		"2027-11-23 is 366 days after 2026-11-22")
}

// A default channel does not apply to grouped invoices.
func TestChannel(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Defaults = map[billing.Column]string{billing.ColInvoiceChannel: "Merchant"}
	groups := group(t, r, record("grouped"), record("order_reference=b"),
		record("order_reference=c | invoice_channel=KRAVIA"))
	require.Empty(t, codes(groups))
	require.Equal(t, billing.Channel(""), groups[0].Order.Channel)
	require.Equal(t, billing.ChannelMerchant, groups[1].Order.Channel)
	require.Equal(t, billing.ChannelKravia, groups[2].Order.Channel)
}

func TestProduct(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]billing.Product{
		"product=": billing.B2B, "consumer | product=": billing.B2C, "product=B2B_Grouped": billing.B2BGrouped,
		"consumer | product=KRAVIA.invoice_b2c": billing.B2C,
	} {
		require.Equal(t, want, group(t, rules(), record(row))[0].Order.Product, row)
	}
}
