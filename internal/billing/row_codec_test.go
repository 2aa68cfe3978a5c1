package billing_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func anyPlace() *rapid.Generator[billing.Place] {
	return rapid.Custom(func(t *rapid.T) billing.Place {
		return billing.Place{
			File: rapid.String().Draw(t, "file"), Sheet: rapid.String().Draw(t, "sheet"),
			Row: rapid.Int().Draw(t, "row"),
		}
	})
}

func anyAmount() *rapid.Generator[*money.Amount] {
	return rapid.Custom(func(t *rapid.T) *money.Amount {
		currency := rapid.SampledFrom(
			[]money.Currency{{}, money.MustCurrency("NOK"), money.MustCurrency("JPY")}).Draw(t, "currency")
		amount := money.New(rapid.Int64().Draw(t, "minor"), currency)
		return rapid.SampledFrom([]*money.Amount{nil, &amount}).Draw(t, "amount")
	})
}

func anyProblem() *rapid.Generator[billing.Problem] {
	return rapid.Custom(func(t *rapid.T) billing.Problem {
		text := rapid.String()
		return billing.Problem{
			Code:     billing.Code(text.Draw(t, "code")),
			Severity: rapid.SampledFrom([]billing.Severity{0, billing.Error, billing.Warning, 255}).Draw(t, "severity"),
			Place:    anyPlace().Draw(t, "place"), Column: text.Draw(t, "column"), Value: text.Draw(t, "value"),
			Message: text.Draw(t, "message"), Hint: text.Draw(t, "hint"),
		}
	})
}

// anyList draws a list that is nil if it is empty.
func anyList[T any](t *rapid.T, of *rapid.Generator[T], label string) []T {
	if list := rapid.SliceOfN(of, 0, 30).Draw(t, label); len(list) > 0 {
		return list
	}
	return nil
}

func anyRow() *rapid.Generator[billing.Row] {
	return rapid.Custom(func(t *rapid.T) billing.Row {
		text := rapid.OneOf(rapid.String(),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		return billing.Row{
			Place: anyPlace().Draw(t, "place"), Ordinal: rapid.Int().Draw(t, "ordinal"),
			Table:     rapid.Int().Draw(t, "table"),
			Reference: text.Draw(t, "reference"), LineID: text.Draw(t, "line"), Customer: text.Draw(t, "customer"),
			Description: text.Draw(t, "description"),
			Quantity:    text.Draw(t, "quantity"), Amount: anyAmount().Draw(t, "amount"),
			AmountText: text.Draw(t, "amount text"), VAT: text.Draw(t, "vat"),
			VATAmount: anyAmount().Draw(t, "vat amount"), Currency: text.Draw(t, "currency"),
			Rate:    money.Rate(rapid.Int32().Draw(t, "rate")),
			Country: text.Draw(t, "country"), Treatment: text.Draw(t, "treatment"),
			Valid: rapid.Bool().Draw(t, "valid"), Cells: anyList(t, text, "cells"),
			Problems: anyList(t, anyProblem(), "problems"),
		}
	})
}

// Rows come back exactly as they were, one after another. A row that is cut short is an error.
func TestRowsComeBackFromTheirCodec(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(anyRow(), 1, 3).Draw(t, "rows")
		var data []byte
		for i := range want {
			data = billing.AppendRow(data, &want[i])
		}
		rest := data
		for i := range want {
			var got billing.Row
			var err error
			got, rest, err = billing.DecodeRow(rest)
			require.NoError(t, err)
			require.Equal(t, want[i], got)
		}
		require.Empty(t, rest)
		first := billing.AppendRow(nil, &want[0])
		_, _, err := billing.DecodeRow(first[:rapid.IntRange(0, len(first)-1).Draw(t, "cut")])
		require.Error(t, err)
	})
}

// A journal of the version before rows had a treatment is read as it was written.
func TestRowOfEarlierVersion(t *testing.T) {
	t.Parallel()
	data, err := hex.DecodeString("014500000005612e63737600020100c413025231013108466a6f7264204153044c65696501" +
		"3100023235034e4f4b024e4f01034e4f4bd46101034e4f4bc4130102025231044c65696500")
	require.NoError(t, err)
	row, rest, err := billing.DecodeRow(data)
	require.NoError(t, err)
	require.Empty(t, rest)
	amount, vat := money.New(12500, money.MustCurrency("NOK")), money.New(2500, money.MustCurrency("NOK"))
	require.Equal(t, billing.Row{
		Place: billing.Place{File: "a.csv", Row: 2}, Ordinal: 1, Reference: "R1", LineID: "1", Customer: "Fjord AS",
		Description: "Leie", Quantity: "1",
		Amount: &amount, VAT: "25", VATAmount: &vat, Currency: "NOK", Rate: 2500, Country: "NO", Valid: true,
		Cells: []string{"R1", "Leie"},
	}, row)
}

// Damage is an error or another row, and never more memory than the bytes account for.
func FuzzDecodeRow(f *testing.F) {
	amount := money.New(-12345, money.MustCurrency("NOK"))
	f.Add(billing.AppendRow(nil, &billing.Row{
		Place: billing.Place{File: "november.xlsx", Sheet: "Linjer", Row: 7}, Ordinal: 5, Reference: "2026-11-1",
		Amount: &amount, Rate: 2500, Valid: true,
		Cells:    []string{"a", "", "b"},
		Problems: []billing.Problem{{Code: "amount.missing", Severity: billing.Error, Message: "m"}},
	}))
	f.Add([]byte(`{"file":"a.csv"}`))
	f.Add([]byte{1, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		row, rest, err := billing.DecodeRow(data)
		if err != nil {
			require.Equal(t, billing.Row{}, row)
			return
		}
		require.Less(t, len(rest), len(data))
		require.LessOrEqual(t, len(row.Cells)+len(row.Problems), len(data))
		again, _, err := billing.DecodeRow(billing.AppendRow(nil, &row))
		require.NoError(t, err)
		require.Equal(t, row, again)
	})
}

// BenchmarkRowCodec encodes and decodes one row.
func BenchmarkRowCodec(b *testing.B) {
	amount, vat := money.New(29900, money.MustCurrency("NOK")), money.New(5980, money.MustCurrency("NOK"))
	row := billing.Row{
		Place: billing.Place{File: "november.csv", Row: 7}, Ordinal: 5, Reference: "INV-2026-0000001", LineID: "l1",
		Customer:    "Firma 1 \"Nord\", AS",
		Description: "Abonnement, oktober 1", Quantity: "7", Amount: &amount, VAT: "25", VATAmount: &vat,
		Currency: "NOK", Rate: 2500, Country: "NO", Valid: true,
		Cells: []string{
			"INV-2026-0000001", "10001", "b2b", "NOK", "14", "Firma 1 \"Nord\", AS", "900000071", "Kari",
			"Nordmann1", "kari1@example.no", "+4740000001",
			"Storgata 1", "5003", "Bergen", "NO", "l1", "SKU-1", "Abonnement, oktober 1", "7", "299.00", "25",
			"2026-10-12",
		},
	}
	var data []byte
	b.ReportAllocs()
	for b.Loop() {
		data = billing.AppendRow(data[:0], &row)
		_, _, err := billing.DecodeRow(data)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(len(data)), "bytes/row")
}
