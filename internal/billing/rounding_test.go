package billing_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

func byRate() *billing.Rules {
	r := rules()
	r.RoundByRate = true
	return r
}

// net makes rows whose amounts are without VAT, each followed by its rate: "0.99 25, 10.02 15".
func net(amounts string) []billing.Record { return priced(amounts, "excl") }

// gross makes rows whose amounts are with VAT.
func gross(amounts string) []billing.Record { return priced(amounts, "incl") }

func priced(amounts, prices string) []billing.Record {
	var rows []string
	for i, cells := range strings.Split(amounts, ", ") {
		amount, rate, _ := strings.Cut(cells, " ")
		if own, found := strings.CutPrefix(amount, "incl:"); found {
			amount, prices = own, "incl"
		}
		rows = append(rows,
			fmt.Sprintf("line_id= | description=%d | amount=%s | vat=%s | prices=%s", i, amount, rate, prices))
	}
	return sheet(rows...)
}

// taxes writes the lines of an order and then the order, each as gross/VAT: "1.23/0.24 1.24/0.25 = 2.47/0.49".
func taxes(o *billing.Order) string {
	var lines []string
	for _, line := range o.Lines {
		lines = append(lines, line.Gross.String()+"/"+line.VAT.String())
	}
	return fmt.Sprintf("%s = %s/%s", strings.Join(lines, " "), o.Gross, o.VAT)
}

func TestRoundByRate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		rows       []billing.Record
		line, rate string // what each rounding makes of it
	}{
		{"one line", net("0.99 25"), "1.24/0.25 = 1.24/0.25", "1.24/0.25 = 1.24/0.25"},
		{
			"net, the first of equals", net("0.99 25, 0.99 25, 0.99 25"),
			"1.24/0.25 1.24/0.25 1.24/0.25 = 3.72/0.75", "1.23/0.24 1.24/0.25 1.24/0.25 = 3.71/0.74",
		},
		{
			"net, the largest", net("0.99 25, 10.02 25, 0.99 25"),
			"1.24/0.25 12.53/2.51 1.24/0.25 = 15.01/3.01", "1.24/0.25 12.52/2.50 1.24/0.25 = 15.00/3.00",
		},
		{
			"net, the largest is below zero", net("5.01 25, 6.01 25, -10.02 25"),
			"6.26/1.25 7.51/1.50 -12.53/-2.51 = 1.24/0.24", "6.26/1.25 7.51/1.50 -12.52/-2.50 = 1.25/0.25",
		},
		{
			"net, upwards", net("1.01 25, 1.01 25"),
			"1.26/0.25 1.26/0.25 = 2.52/0.50", "1.27/0.26 1.26/0.25 = 2.53/0.51",
		},
		{
			"gross, downwards", gross("0.99 25, 0.99 25, 0.99 25"),
			"0.99/0.20 0.99/0.20 0.99/0.20 = 2.97/0.60", "0.99/0.19 0.99/0.20 0.99/0.20 = 2.97/0.59",
		},
		{
			"gross, upwards to the largest", gross("1.02 25, 1.02 25, 1.12 25"),
			"1.02/0.20 1.02/0.20 1.12/0.22 = 3.16/0.62", "1.02/0.20 1.02/0.20 1.12/0.23 = 3.16/0.63",
		},
		{
			"each rate by itself", net("0.99 25, 0.30 15, 0.99 25, 0.30 15, 0.99 25"),
			"1.24/0.25 0.35/0.05 1.24/0.25 0.35/0.05 1.24/0.25 = 4.42/0.85",
			"1.23/0.24 0.34/0.04 1.24/0.25 0.35/0.05 1.24/0.25 = 4.40/0.83",
		},
		{
			"no VAT", net("0.99 0, 0.99 0, 0.99 0"),
			"0.99/0.00 0.99/0.00 0.99/0.00 = 2.97/0.00", "0.99/0.00 0.99/0.00 0.99/0.00 = 2.97/0.00",
		},
		{
			"net and gross each by itself", net("0.99 25, 0.99 25, 0.99 25, incl:0.99 25, 0.99 25, 0.99 25, 50.00 25"),
			"1.24/0.25 1.24/0.25 1.24/0.25 0.99/0.20 0.99/0.20 0.99/0.20 50.00/10.00 = 56.69/11.35",
			"1.23/0.24 1.24/0.25 1.24/0.25 0.99/0.20 0.99/0.20 0.99/0.20 50.00/9.99 = 56.68/11.33",
		},
		{
			"a return as large as a charge", net("-0.99 25, 0.99 25, 0.99 25, 0.99 25, 0.99 25"),
			"-1.24/-0.25 1.24/0.25 1.24/0.25 1.24/0.25 1.24/0.25 = 3.72/0.75",
			"-1.24/-0.25 1.23/0.24 1.24/0.25 1.24/0.25 1.24/0.25 = 3.71/0.74",
		},
		{
			"net, more than the largest can bear", net("0.02 25, 0.02 25, 0.02 25, 0.02 25, 0.02 25, 0.02 25"),
			"0.03/0.01 0.03/0.01 0.03/0.01 0.03/0.01 0.03/0.01 0.03/0.01 = 0.18/0.06",
			"0.02/0.00 0.02/0.00 0.02/0.00 0.03/0.01 0.03/0.01 0.03/0.01 = 0.15/0.03",
		},
		{
			"gross, more than the largest can bear",
			gross("0.02 25, 0.02 25, 0.02 25, 0.02 25, 0.02 25, 0.02 25, 0.01 25, 0.02 25"),
			"0.02/0.00 0.02/0.00 0.02/0.00 0.02/0.00 0.02/0.00 0.02/0.00 0.01/0.00 0.02/0.00 = 0.15/0.00",
			"0.02/0.02 0.02/0.01 0.02/0.00 0.02/0.00 0.02/0.00 0.02/0.00 0.01/0.00 0.02/0.00 = 0.15/0.03",
		},
	} {
		for r, want := range map[*billing.Rules]string{rules(): tt.line, byRate(): tt.rate} {
			groups := group(t, r, tt.rows...)
			require.Len(t, groups, 1, tt.name)
			require.NotNil(t, groups[0].Order, "%s: %v", tt.name, messages(groups))
			require.Equal(t, want, taxes(groups[0].Order), "%s, by rate: %t", tt.name, r.RoundByRate)
			for i, row := range groups[0].Rows {
				line := groups[0].Order.Lines[i]
				require.Equal(t, []string{line.Gross.String(), line.VAT.String()},
					[]string{row.Amount.String(), row.VATAmount.String()}, tt.name)
			}
		}
	}
}

// The rates of other countries, currencies without a minor unit and amounts in minor units are rounded the same way.
func TestRoundByRateElsewhere(t *testing.T) {
	t.Parallel()
	excl := byRate()
	excl.ExclVAT = true
	taxed := func(rows ...string) string {
		groups := group(t, excl, sheet(rows...)...)
		require.NotNil(t, groups[0].Order, "%v", messages(groups))
		return taxes(groups[0].Order)
	}
	require.Equal(t, "0.12/0.02 0.13/0.03 = 0.25/0.05", taxed("finnish | amount=0.10", "finnish | amount=0.10"))
	require.Equal(t, "0.99/0.11 0.99/0.10 = 1.98/0.21",
		taxed("swedish | amount=0.88 | vat=12", "swedish | amount=0.89 | vat=12"))
	excl.Severity = map[billing.Code]billing.Severity{"currency.unsupported": billing.Off}
	require.Equal(t, "127/26 126/25 = 253/51", taxed("currency=JPY | amount=101", "currency=JPY | amount=101"))
	excl.Minor = true
	require.Equal(t, "1.27/0.26 1.26/0.25 = 2.53/0.51", taxed("amount=101", "amount=101"))
}

// Rows that are not lines take no rounding, and the lines beside them take theirs.
func TestRoundByRateWithTexts(t *testing.T) {
	t.Parallel()
	const line, words = "line_id= | amount=0.99 | prices=excl | description=Hours",
		"line_id= | quantity= | amount= | vat= | description=Text"
	groups := group(t, byRate(), sheet(words, line, words, line, line)...)
	require.Equal(t, "1.23/0.24 1.24/0.25 1.24/0.25 = 3.71/0.74", taxes(groups[0].Order))
	var rows []string
	for _, row := range groups[0].Rows {
		rows = append(rows, row.Amount.String()+"/"+row.VATAmount.String())
	}
	require.Equal(t, []string{"0.00/0.00", "1.23/0.24", "0.00/0.00", "1.24/0.25", "1.24/0.25"}, rows)
}

// An order that cannot be sent has the same sums as one that can, so that control totals hold.
func TestRoundByRateOfOrdersThatAreNotSent(t *testing.T) {
	t.Parallel()
	rows := net("0.99 25, 0.99 25, 0.99 25")
	rows[1].Set(billing.ColEmail, "x")
	groups := group(t, byRate(), rows...)
	require.Nil(t, groups[0].Order)
	require.Equal(t, "1.23", groups[0].Rows[0].Amount.String())
	require.Equal(t, "0.24", groups[0].Rows[0].VATAmount.String())
}

// Every part of a split order is an order of its own, and its VAT is that of its own sum.
func TestRoundByRateOfParts(t *testing.T) {
	t.Parallel()
	rows := make([]string, 150)
	for i := range rows {
		rows[i] = fmt.Sprintf("line_id= | order_reference=A | item_id=%d | amount=1.01 | prices=excl", i)
	}
	rows[30] += " | amount=200.00"
	r := byRate()
	r.SplitOrders = true
	groups := group(t, r, sheet(rows...)...)
	require.Len(t, groups, 2)
	first, second := groups[0].Order, groups[1].Order
	// of 299.99
	require.Equal(t, []string{"A-1", "374.99", "75.00"},
		[]string{first.Reference, first.Gross.String(), first.VAT.String()})
	// of 50.50
	require.Equal(t, []string{"A-2", "63.13", "12.63"},
		[]string{second.Reference, second.Gross.String(), second.VAT.String()})
	require.Equal(t, "250.25", first.Lines[30].Gross.String(), "99 lines of 1.26 and this one")
	require.Equal(t, "1.39", second.Lines[0].Gross.String(), "49 lines of 1.26 and this one")
	require.Equal(t, "1.26", first.Lines[0].Gross.String())
	require.Equal(t, "250.25", groups[0].Rows[30].Amount.String())

	r.SplitOrders = false
	rows = rows[:100]
	require.Equal(t, "374.99", group(t, r, sheet(rows...)...)[0].Order.Gross.String())
}

// The stated VAT amount may agree with the line's VAT before or after the rounding by rate.
func TestVATAmountByRate(t *testing.T) {
	t.Parallel()
	rows := func(first string) []billing.Record {
		rows := []string{"line_id= | amount=100.00 | prices=excl | description=Large" + first}
		for i := range 9 {
			rows = append(rows,
				fmt.Sprintf("line_id= | amount=1.01 | prices=excl | description=%d | vat_amount=0.25", i))
		}
		return sheet(rows...)
	}
	for vat, want := range map[string]string{
		"25.00": "", "25.01": "", "24.99": "", // 25.00 of its own
		"25.02": "", "25.03": "", // and 0.02 that it bears
		"25.04": "vat_amount.mismatch", "24.98": "vat_amount.mismatch", "20.00": "vat_amount.mismatch",
		"-25.00": "vat_amount.mismatch",
	} {
		groups := group(t, byRate(), rows(" | vat_amount="+vat)...)
		if want == "" {
			require.Empty(t, codes(groups), vat)
			require.Equal(t, "125.02/25.02",
				groups[0].Order.Lines[0].Gross.String()+"/"+groups[0].Order.Lines[0].VAT.String())
			require.Equal(t, "136.36/27.27", groups[0].Order.Gross.String()+"/"+groups[0].Order.VAT.String())
			continue
		}
		require.Equal(t, want, codes(groups)[0], vat)
		require.Nil(t, groups[0].Order)
	}
	require.Equal(t, "row 2: the VAT amount is 20.00, but the program computes 25.00 "+
		"(check whether amounts are with or without VAT (prices in the profile))",
		messages(group(t, byRate(), rows(" | vat_amount=20.00")...))[0])
	require.Equal(t, "vat_amount.mismatch", codes(group(t, rules(), rows(" | vat_amount=25.02")...))[0],
		"by line it bears nothing")
	decided := group(t, byRate(), rows(" | vat= | vat_amount=25.00")...)
	require.Equal(t, "25", decided[0].Rows[0].VAT)
	require.Equal(t, "136.36", decided[0].Order.Gross.String())
	require.Equal(t, []string{"vat_amount.unreadable"}, codes(group(t, byRate(), record("vat_amount=x"))))
}

func TestRoundByRateTooLarge(t *testing.T) {
	t.Parallel()
	const most = "90000000000000000"
	groups := group(t, byRate(), sheet("amount="+most+" | prices=incl", "amount="+most+" | prices=incl | description=2",
		"amount=-"+most+" | vat=15 | prices=incl", "amount=-"+most+" | vat=15 | prices=incl | description=2")...)
	require.Nil(t, groups[0].Order)
	require.Contains(t, codes(groups), "amount.too_large")
}

// The hash covers the rounding; an order that no rounding changes keeps its hash.
func TestHashByRate(t *testing.T) {
	t.Parallel()
	hash := func(r *billing.Rules, rows []billing.Record) string { return group(t, r, rows...)[0].Order.Hash() }
	for _, rows := range [][]billing.Record{
		net("0.99 25"), net("1.00 25, 1.00 25"),
		gross("1.00 25, 2.00 15, 1.00 25"),
	} {
		require.Equal(t, hash(rules(), rows), hash(byRate(), rows))
	}
	for _, rows := range [][]billing.Record{
		net("0.99 25, 0.99 25, 0.99 25"), gross("0.99 25, 0.99 25, 0.99 25"), net("5.01 25, 6.01 25, -10.02 25"),
	} {
		require.NotEqual(t, hash(rules(), rows), hash(byRate(), rows))
	}
	rows := net("0.99 25, 0.99 25, 0.99 25")
	base := hash(byRate(), rows)
	turned := []billing.Record{rows[2], rows[0], rows[1]}
	require.Equal(t, base, hash(byRate(), turned), "which of equal lines bears the difference is not content")
	changed := net("0.99 25, 0.98 25, 0.99 25")
	require.NotEqual(t, base, hash(byRate(), changed))
}

// Whatever the lines are: the VAT of a rate is that of its sum, no line's VAT exceeds its amount, and the stated
// amounts stay.
func TestAnyRoundingByRate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "lines")
		most := rapid.SampledFrom([]int{3, 100, 1_000_000}).Draw(t, "most")
		rows := make([]string, n)
		for i := range rows {
			minor := rapid.IntRange(-most/3, most).Draw(t, "amount")
			rows[i] = fmt.Sprintf("line_id= | description=%d | amount=%d | vat=%s | prices=%s", i, minor,
				rapid.SampledFrom([]string{"25", "15", "11.11", "0"}).Draw(t, "rate"),
				rapid.SampledFrom([]string{"incl", "excl"}).Draw(t, "prices"))
		}
		byLine, r := rules(), byRate()
		byLine.Minor, r.Minor = true, true
		groups, alone := group(t, r, sheet(rows...)...), group(t, byLine, sheet(rows...)...)
		require.Len(t, groups, 1)
		type share struct {
			rate   int64
			prices string
		}
		stated, vats := map[share]int64{}, map[share]int64{}
		for i, row := range groups[0].Rows {
			rec := sheet(rows...)[i]
			var amount int64
			_, err := fmt.Sscan(rec.Get(billing.ColAmount), &amount)
			require.NoError(t, err)
			of := share{int64(row.Rate), rec.Get(billing.ColPrices)}
			vat := row.VATAmount.Minor()
			stated[of], vats[of] = stated[of]+amount, vats[of]+vat
			require.True(t, vat >= min(0, amount) && vat <= max(0, amount), "%s bears %d", rows[i], vat)
			if of.prices == "incl" {
				require.Equal(t, amount, row.Amount.Minor())
			} else {
				require.Equal(t, amount, row.Amount.Minor()-vat)
			}
			if n == 1 {
				require.Equal(t, alone[0].Rows[i].VATAmount, row.VATAmount)
			}
		}
		for of, sum := range stated {
			divisor := int64(10_000)
			if of.prices == "incl" {
				divisor += of.rate
			}
			require.Equal(t, halfUp(sum*of.rate, divisor), vats[of], "%+v", of)
		}
		if groups[0].Order != nil {
			checkOrder(t, &groups[0])
		}
	})
}

// halfUp is n / d rounded half away from zero.
func halfUp(n, d int64) int64 {
	exact := big.NewRat(n, d)
	half := big.NewRat(int64(exact.Sign()), 2)
	sum := exact.Add(exact, half)
	return new(big.Int).Quo(sum.Num(), sum.Denom()).Int64()
}
