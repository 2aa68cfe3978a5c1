package billing_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// odd lists texts that no column expects, and some that one does.
var odd = []string{
	"", " ", "0", "-1", "1", "00", "0.005", "-0.01", "1e9", "999999999999999999", "-999999999999999999",
	"92233720368547758.07", "0.000000000000000001",
	"25", "12", "0.25", "0.5%", "100", "100.000001", "59.80", "NULL", "#REF!", "ø", "\u202e", "\u200b", "\xff\xfe",
	"a\nb", "{period}", "{value}", "%!s", "=1+1",
	"NO", "se", "FI", "AX", "DE", "XX", "N-", "S-1", "-", "MVA", "NOMVA", "SE01", "SE000000000001", "160000000000",
	"0000000000", "000000000",
	"974760673", "5560360793", "b2b", "b2b_grouped", "b2c", "NOK", "eur", "JPY", "KWD", "USD", "incl", "excl",
	"kravia", "2026-11-23", "2024-02-30",
	"+", "+47", "+4799999999", "(", "/", "+47/99999999", "Nordmann, Ola", ",", "Ola", "14", "+14", "A-1", "A-2", "A",
}

func cell(t *rapid.T) string {
	if rapid.IntRange(0, 9).Draw(t, "any") == 0 {
		return rapid.String().Draw(t, "text")
	}
	return rapid.SampledFrom(odd).Draw(t, "odd")
}

// oddRecord is a correct row of some order with some odd cells, currency words and problems.
func oddRecord(t *rapid.T, row int) billing.Record {
	bases := []string{"", "consumer", "swedish", "finnish", "grouped"}
	rec := record(rapid.SampledFrom(bases).Draw(t, "base") + " | line_id= | order_reference=" +
		rapid.SampledFrom([]string{"A", "B", "A-1", "A-2"}).Draw(t, "reference"))
	rec.Row = row
	for range rapid.IntRange(0, 4).Draw(t, "edits") {
		rec.Set(rapid.SampledFrom(billing.Columns()).Draw(t, "column"), cell(t))
	}
	if rapid.IntRange(0, 5).Draw(t, "said") == 0 {
		word := rapid.SampledFrom([]money.CurrencyWord{"kr", "€", "$", "NOK", "EUR"}).Draw(t, "word")
		rec.Currencies = append(rec.Currencies, billing.Said{Column: billing.ColAmount, Word: word})
	}
	if rapid.IntRange(0, 9).Draw(t, "problem") == 0 {
		rec.Problems = append(rec.Problems,
			billing.NewProblem(rapid.SampledFrom(billing.Codes()).Draw(t, "code").Code, cell(t)))
	}
	return rec
}

func oddRules(t *rapid.T) *billing.Rules {
	r := rules()
	r.SplitOrders, r.ExclVAT, r.Minor = rapid.Bool().Draw(t, "split"), rapid.Bool().Draw(t, "excl"),
		rapid.Bool().Draw(t, "minor")
	r.RoundByRate = rapid.Bool().Draw(t, "by rate")
	r.Seller = rapid.SampledFrom([]string{"", "NO", "FI", "DE"}).Draw(t, "seller")
	r.Reference = rapid.SampledFrom([]string{"", "{customer_number}", "{country}-{currency}"}).Draw(t, "template")
	r.Severity = map[billing.Code]billing.Severity{}
	if rapid.Bool().Draw(t, "lower") {
		for _, info := range billing.Codes() {
			r.Severity[info.Code] = rapid.SampledFrom(
				[]billing.Severity{billing.Error, billing.Warning, billing.Off}).Draw(t, "severity")
		}
	}
	r.Constants, r.Defaults = map[billing.Column]string{}, map[billing.Column]string{}
	for _, values := range []map[billing.Column]string{r.Constants, r.Defaults} {
		if rapid.IntRange(0, 3).Draw(t, "set") == 0 {
			values[rapid.SampledFrom(billing.Columns()).Draw(t, "column")] = cell(t)
		}
	}
	return r
}

// Whatever rows and rules say: nothing panics, every row comes back once, an order is the sum of its rows, and no order
// lacks what its invoice needs.
func TestAnyRecords(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := oddRules(t)
		files := make([][]billing.Record, rapid.IntRange(1, 2).Draw(t, "files"))
		total := 0
		for i := range files {
			n := rapid.SampledFrom([]int{0, 1, 2, 3, 10, 120}).Draw(t, "rows")
			for row := range n {
				files[i] = append(files[i], oddRecord(t, row+2))
			}
			total += n
		}
		seen := map[int]bool{}
		references := map[string]bool{}
		for _, g := range groupFiles(t, r, files...) {
			for _, row := range g.Rows {
				require.False(t, seen[row.Ordinal], "a row is in one group")
				seen[row.Ordinal] = true
				require.Equal(t, g.Order != nil, row.Valid)
				for _, p := range row.Problems {
					require.True(t, p.Severity != billing.Error || !row.Valid, "%+v", p)
					require.NotEmpty(t, p.Message)
				}
				require.True(t, row.Valid ||
					slices.ContainsFunc(row.Problems, func(p billing.Problem) bool {
						return p.Severity == billing.Error
					}),
					"a row that is not sent says why")
			}
			if g.Order != nil {
				require.False(t, references[g.Reference], "a reference is sent once")
				references[g.Reference] = true
				checkOrder(t, &g)
			}
		}
		require.Len(t, seen, total)
	})
}

// checkOrder checks what every order that is sent must have.
func checkOrder(t *rapid.T, g *billing.Group) {
	o := g.Order
	require.Regexp(t, `^[A-Za-z0-9._-]{1,35}$`, o.Reference)
	require.Equal(t, o.Reference, g.Reference)
	require.Contains(t, []billing.Product{billing.B2B, billing.B2BGrouped, billing.B2C}, o.Product)
	require.NotEmpty(t, o.Currency.Code())
	require.Len(t, o.Address.Country, 2)
	if o.Product == billing.B2C {
		require.Empty(t, o.Address.OrganizationNumber+o.Address.BusinessName)
	} else {
		require.NotEmpty(t, o.Address.OrganizationNumber)
		require.NotEmpty(t, o.Address.BusinessName)
	}
	require.Equal(t, o.Product == billing.B2BGrouped, o.Channel == "")
	require.True(t, o.DaysFrom("2026-11-22") >= 0 && o.DaysFrom("2026-11-22") <= billing.MaxDays)
	require.NotEmpty(t, o.Lines)
	require.LessOrEqual(t, len(o.Lines), billing.MaxLines)
	require.True(t, o.Gross.Minor() >= 1 && o.Gross.Minor() <= billing.MaxTotal)
	require.Len(t, g.Rows, o.Rows)
	require.Equal(t, g.Rows[0].Ordinal, o.First)
	var gross, vat, rowGross, rowVAT int64
	ids := map[string]bool{}
	for _, line := range o.Lines {
		gross, vat = gross+line.Gross.Minor(), vat+line.VAT.Minor()
		require.False(t, ids[line.ID], "a line id stands once")
		ids[line.ID] = true
		require.NotEmpty(t, line.Description)
		require.False(t, line.Quantity.IsZero())
		require.Equal(t, o.Currency, line.Gross.Currency())
	}
	for _, row := range g.Rows {
		require.NotNil(t, row.Amount)
		require.NotNil(t, row.VATAmount)
		require.Equal(t, o.Currency.Code(), row.Currency)
		require.Equal(t, o.Reference, row.Reference)
		require.True(t, ids[row.LineID])
		rowGross, rowVAT = rowGross+row.Amount.Minor(), rowVAT+row.VATAmount.Minor()
	}
	require.Equal(t, []int64{gross, vat, gross, vat}, []int64{o.Gross.Minor(), o.VAT.Minor(), rowGross, rowVAT})
}

// An order does not depend on the sequence of its rows, nor on rows of other orders between them.
func TestOrderOfRowsIsNoContent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "rows")
		rows := make([]string, n)
		for i := range rows {
			reference := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "reference")
			rows[i] = fmt.Sprintf("line_id= | order_reference=%s | description=%d | amount=%s | vat=%s", reference, i,
				money.New(rapid.Int64Range(-5, 1000).Draw(t, "amount"), money.MustCurrency("NOK")),
				rapid.SampledFrom([]string{"25", "15", "25"}).Draw(t, "vat"))
			switch rapid.IntRange(0, 9).Draw(t, "column") {
			case 0:
				rows[i] += " | email=OLA@nordmann.no | phone_number=99 99 99 99"
			case 1:
				rows[i] += " | email= | country= | currency= | product="
			case 2:
				rows[i] += rapid.SampledFrom([]string{"", "", " | vat=3"}).Draw(t, "no rate")
			}
		}
		r := rules()
		r.ExclVAT, r.RoundByRate = rapid.Bool().Draw(t, "excl"), rapid.Bool().Draw(t, "by rate")
		outcome := func(rows []string) map[string]string {
			found := map[string]string{}
			for _, g := range group(t, r, sheet(rows...)...) {
				found[g.Reference] = "refused"
				if o := g.Order; o != nil {
					o.Address.Email = "" // as the first row has it
					found[g.Reference] = fmt.Sprintf("%s %s %s", o.Gross, o.VAT, o.Hash())
				}
			}
			return found
		}
		shuffled := slices.Clone(rows)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(n, func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		require.Equal(t, outcome(rows), outcome(shuffled))
	})
}
