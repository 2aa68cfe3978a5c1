package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func TestParticulars(t *testing.T) {
	t.Parallel()
	nok := func(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }
	line := func(rate money.Rate, treatment string, gross, vat int64, day billing.Date) billing.Line {
		return billing.Line{Rate: rate, Treatment: treatment, Gross: nok(gross), VAT: nok(vat), DeliveryDate: day}
	}
	o := billing.Order{
		Address: billing.Address{
			OrganizationNumber: "974760673", CustomerReference: "PO 7", CostCenter: "410",
			Country: "SE", BusinessName: "Fjord AS",
		},
		Lines: []billing.Line{
			line(0, "52", 1000, 0, "2026-11-15"), line(2500, "3", 12500, 2500, "2026-10-31"),
			line(0, "5", 300, 0, ""), line(1500, "31", 1150, 150, "2026-11-30"),
			line(2500, "3", -2500, -500, "2026-11-01"), line(2500, "", 125, 25, ""),
		},
	}
	require.Equal(t, billing.Particulars{
		Organization: "974760673", CustomerReference: "PO 7", CostCenter: "410", Country: "SE",
		DeliveredFrom: "2026-10-31", DeliveredTo: "2026-11-30",
		VAT: []billing.VATShare{
			{Rate: 2500, Gross: 125, VAT: 25},
			{Rate: 2500, Treatment: "3", Gross: 10000, VAT: 2000},
			{Rate: 1500, Treatment: "31", Gross: 1150, VAT: 150},
			{Treatment: "5", Gross: 300},
			{Treatment: "52", Gross: 1000},
		},
	}, o.Particulars())
}

// The shares add up to the order, whatever its lines.
func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var o billing.Order
		var gross, vat int64
		for range rapid.IntRange(0, 20).Draw(t, "lines") {
			g, v := rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "gross"),
				rapid.Int64Range(-1000, 1000).Draw(t, "vat")
			o.Lines = append(o.Lines, billing.Line{
				Rate:      money.Rate(rapid.SampledFrom([]int32{2500, 1500, 0}).Draw(t, "rate")),
				Treatment: rapid.SampledFrom([]string{"", "3", "5"}).Draw(t, "treatment"),
				Gross:     money.New(g, money.MustCurrency("NOK")), VAT: money.New(v, money.MustCurrency("NOK")),
			})
			gross, vat = gross+g, vat+v
		}
		for i, share := range o.Particulars().VAT {
			gross, vat = gross-share.Gross, vat-share.VAT
			if i > 0 {
				before := o.Particulars().VAT[i-1]
				require.True(t, before.Rate > share.Rate || before.Rate == share.Rate &&
					before.Treatment < share.Treatment)
			}
		}
		require.Zero(t, gross)
		require.Zero(t, vat)
	})
}
