package billing_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestVATRates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		seller, currency, customer string
		day                        billing.Date
		want, of                   string
	}{
		{"", "NOK", "SE", "2026-11-22", "25 15 12 11.11 0", "NO"},
		{"", "SEK", "NO", "2026-11-22", "25 12 6 0", "SE"},
		{"", "DKK", "DK", "2026-11-22", "25 0", "DK"},
		{"", "EUR", "FI", "2024-08-31", "24 14 10 0", "FI"},
		{"", "EUR", "FI", "2024-09-01", "25.5 14 10 0", "FI"},
		{"", "EUR", "FI", "2025-12-31", "25.5 14 10 0", "FI"},
		{"", "EUR", "FI", "2026-01-01", "25.5 13.5 10 0", "FI"},
		{"", "EUR", "SE", "2026-11-22", "25.5 25 15 13.5 12 11.11 10 6 0", "the Nordic countries"},
		{"", "EUR", "DE", "2024-08-31", "25 24 15 14 12 11.11 10 6 0", "the Nordic countries"},
		{"NO", "EUR", "FI", "2026-11-22", "25 15 12 11.11 0", "NO"},
		{"SE", "NOK", "NO", "2026-11-22", "25 12 6 0", "SE"},
		{"FI", "SEK", "SE", "2026-11-22", "25.5 13.5 10 0", "FI"},
		{"", "", "NO", "2026-11-22", "25 15 12 11.11 0", "NO"},
		{"", "", "FI", "2026-11-22", "25.5 13.5 10 0", "FI"},
		{"", "USD", "NO", "2026-11-22", "", ""},
		{"", "", "", "2026-11-22", "", ""},
		{"DE", "EUR", "FI", "2026-11-22", "", "DE"},
	} {
		rates, of := billing.VATRates(tt.seller, tt.currency, tt.customer, tt.day)
		var names []string
		for _, r := range rates {
			names = append(names, r.String())
		}
		require.Equal(t, tt.want, strings.Join(names, " "), "%+v", tt)
		require.Equal(t, tt.of, of, "%+v", tt)
	}
}

func TestVATRate(t *testing.T) {
	t.Parallel()
	checkProblems(t, rules(), []problemTest{
		{"0", "vat=0", "", true},
		{"with a sign", "vat=25 %", "", true},
		{"11.11", "vat=11.11", "", true},
		{"words", "vat=high", "vat.unreadable", false},
		{"fraction", "vat=0.25", "vat.fraction", false},
		{"small fraction", "vat=0.0625", "vat.fraction", false},
		{"half a percent", "vat=0.5%", "vat.rate", false},
		{"three decimals", "vat=25.255", "vat.unreadable", false},
		{"negative", "vat=-25", "vat.unreadable", false},
		{"tax code 3", "vat=3", "vat.rate", false},
		{"tax code 31", "vat=31", "vat.rate", false},
		{"tax code 33", "vat=33", "vat.rate", false},
		{"tax code 6", "vat=6", "vat.rate", false},
		{"amount", "vat=59.80", "vat.rate", false},
		{"none", "vat=", "vat.missing", false},
		{"Swedish 6 is of no Norwegian seller", "swedish | currency=NOK | vat=6", "currency.country vat.rate", false},
		{"Norwegian 15 is of no Swedish seller", "swedish | vat=15", "vat.rate", false},
		{"Swedish food at 12 % is valid for restaurants", "swedish | vat=12 | delivery_date=2026-04-01", "", true},
		{"Finnish standard before September 2024", "finnish | vat=24 | delivery_date=2024-08-31", "", true},
		{"Finnish standard from September 2024", "finnish | vat=24 | delivery_date=2024-09-01", "vat.rate", false},
		{"Finnish food before 2026", "finnish | vat=14 | delivery_date=2025-12-31", "", true},
		{"Finnish food in 2026", "finnish | vat=14 | delivery_date=2026-01-01", "vat.rate", false},
		{"Finnish food without a day", "finnish | vat=14", "vat.rate", false},
		{"euro for a Swede at a Swedish rate", "swedish | currency=EUR | vat=6", "currency.country", true},
		{"euro for a Swede at no rate", "swedish | currency=EUR | vat=24", "currency.country vat.rate", false},
		{
			"days differ in one order",
			"finnish | vat=14 | delivery_date=2025-12-31; finnish | vat=13.5; " +
				"finnish | vat=14 | delivery_date=2025-12-31 | amount=1", "", true,
		},
	})
	norwegian := rules()
	norwegian.Seller = "NO"
	checkProblems(t, norwegian, []problemTest{
		{"Norwegian seller in euro", "finnish | vat=25", "", true},
		{"Norwegian seller in euro at a Finnish rate", "finnish", "vat.rate", false},
		{"Norwegian seller in kronor", "swedish | vat=15", "", true},
	})
	require.Equal(t,
		[]string{"row 2: 59.8 % is not a VAT rate in NO on 2026-11-22 (use 25, 15, 12, 11.11 or 0; " +
			"if the column holds tax codes or VAT amounts, its header must say so)"},
		messages(group(t, rules(), record("vat=59.80"))))
	require.Contains(t,
		messages(group(t, rules(), record("swedish | currency=EUR | vat=24 | delivery_date=2026-02-01")))[1],
		"24 % is not a VAT rate in the Nordic countries on 2026-02-01 (use 25.5, 25, 15, 13.5, 12, 11.11, 10, 6 or 0;")
}

func TestVATAmount(t *testing.T) {
	t.Parallel()
	checkProblems(t, rules(), []problemTest{
		{"right", "vat_amount=59.80", "", true},
		{"within one øre", "vat_amount=59.81", "", true},
		{"beyond one øre", "vat_amount=59.82", "vat_amount.mismatch", false},
		{"of net", "vat_amount=74.75", "vat_amount.mismatch", false},
		{"of a net price", "amount=239.20 | prices=excl | vat_amount=59.80", "", true},
		{"words", "vat_amount=none", "vat_amount.unreadable", false},
		{"decides 25", "vat= | vat_amount=59.80", "", true},
		{"decides nothing: between rates", "vat= | amount=1.00 | vat_amount=0.10", "vat.missing", false},
		{"decides nothing: no rate", "vat= | vat_amount=74.75", "vat.missing", false},
		{"decides nothing: unreadable", "vat= | vat_amount=x", "vat_amount.unreadable vat.missing", false},
		{"decides nothing: zero", "vat= | amount=0 | vat_amount=0; ", "vat.missing order.incomplete", false},
		{"decides nothing: other sign", "vat= | vat_amount=-59.80", "vat.missing", false},
		{"decides nothing without an amount", "vat= | vat_amount=59.80 | amount=", "amount.missing vat.missing", false},
		{
			"decides nothing in another currency", "vat= | currency=USD | vat_amount=59.80",
			"currency.unsupported vat.missing", false,
		},
	})
	for _, tt := range []struct {
		row, rate  string
		gross, vat int64
	}{
		{"vat= | vat_amount=59.80", "25", 29900, 5980},
		{"vat= | vat_amount=39.00", "15", 29900, 3900},
		{"vat= | vat_amount=0", "0", 29900, 0},
		{"vat= | vat_amount=29.90", "11.11", 29900, 2990},
		{"vat= | vat_amount=59.80 | amount=239.20 | prices=excl", "25", 29900, 5980},
		{"vat= | vat_amount=59.80 | amount= | unit_price=119.60 | quantity=2 | prices=Excl", "25", 29900, 5980},
		{"finnish | vat= | vat_amount=60.75", "25.5", 29900, 6075},
		{"vat=25 | prices=excl", "25", 37375, 7475},
		{"vat=25 | prices=incl", "25", 29900, 5980},
		{"vat=11.11", "11.11", 29900, 2990},
		{"vat=25.0", "25", 29900, 5980},
	} {
		o := group(t, rules(), record(tt.row))
		require.NotNil(t, o[0].Order, "%s: %v", tt.row, messages(o))
		require.Equal(t, tt.gross, o[0].Order.Gross.Minor(), tt.row)
		require.Equal(t, tt.vat, o[0].Order.VAT.Minor(), tt.row)
		require.Equal(t, tt.rate, o[0].Rows[0].VAT, tt.row)
		require.Equal(t, tt.rate, o[0].Rows[0].Rate.String(), tt.row)
	}
	for row, want := range map[string]string{
		"vat=":                                 "the line has no VAT rate",
		"vat= | vat_amount=74.75":              "the line has no VAT rate, and vat_amount fits no rate",
		"vat= | amount=1.00 | vat_amount=0.10": "the line has no VAT rate, and vat_amount fits 12 or 11.11",
		"vat= | vat_amount=59.80 | amount=x":   "the line has no VAT rate, and vat_amount does not show it",
	} {
		require.Contains(t, strings.Join(messages(group(t, rules(), record(row))), "\n"),
			want+" (write the percentage, or 0 for none", row)
	}
}

// Each row of a file can say whether its prices include VAT.
func TestPricesByRow(t *testing.T) {
	t.Parallel()
	for _, excl := range []bool{false, true} {
		r := rules()
		r.ExclVAT = excl
		o := group(t, r,
			sheet("amount=100 | prices=excl", "amount=125 | prices=INCL",
				"amount=100 | vat= | vat_amount=25 | prices=excl")...)[0].Order
		require.NotNil(t, o)
		require.Equal(t, int64(37500), o.Gross.Minor())
		require.Equal(t, int64(7500), o.VAT.Minor())
		want := int64(10000)
		if excl {
			want = 12500
		}
		require.Equal(t, want, group(t, r, record("amount=100"))[0].Order.Gross.Minor())
	}
}
