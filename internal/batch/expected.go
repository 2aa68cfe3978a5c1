package batch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

// ErrControlTotal refuses an input that is not what the caller expected.
var ErrControlTotal = errors.New("control total")

// ExpectedSum is a control total of money. Without a currency it is in the one that the input has.
type ExpectedSum struct {
	Number   money.Decimal
	Currency money.Currency // zero for none
}

// Expected compares the input with its control totals, before anything is planned, and gives them with their
// currencies, nil for none. All differences are told at once.
func (r *Reading) Expected() (*journal.Expected, error) {
	in, expected := r.input, &journal.Expected{}
	var differences []string
	if in.ExpectRows >= 0 {
		expected.Rows = new(in.ExpectRows)
		if read := rowsOf(r.Files); read != in.ExpectRows {
			differences = append(differences,
				fmt.Sprintf("%d rows were expected and %d were read", in.ExpectRows, read))
		}
	}
	sums := len(in.ExpectTotal) + len(in.ExpectNet) + len(in.ExpectVAT)
	if sums > 0 {
		totals, err := Count(r.Groups())
		if err != nil {
			return nil, err
		}
		differences = append(differences, in.compareSums(expected, totals)...)
	}
	switch {
	case len(differences) > 0:
		return nil, fmt.Errorf("%w: %s; no call was made", ErrControlTotal, strings.Join(differences, "; "))
	case expected.Rows == nil && sums == 0:
		return nil, nil //nolint:nilnil // nothing was expected
	}
	return expected, nil
}

// compareSums holds the totals against what was expected of them. Where the VAT of a row is not known, no net
// and no VAT is.
func (in *Input) compareSums(expected *journal.Expected, totals *Totals) []string {
	var differences, more []string
	expected.Total, differences = compare(sumOf{"--expect-total", "total", "including VAT"}, in.ExpectTotal,
		totals.Money)
	if n := totals.WithoutVAT; n > 0 && len(in.ExpectNet)+len(in.ExpectVAT) > 0 {
		return append(differences,
			fmt.Sprintf(
				"a net or a VAT was expected and %d of %d rows have an amount without a VAT that can be computed: correct those that `kravia-batch check` names",
				n, totals.Rows))
	}
	expected.Net, more = compare(sumOf{"--expect-net", "net", "without VAT"}, in.ExpectNet, totals.Net)
	differences = append(differences, more...)
	expected.VAT, more = compare(sumOf{"--expect-vat", "VAT", "of VAT"}, in.ExpectVAT, totals.VAT)
	return append(differences, more...)
}

// sumOf is a sum over rows that can be expected, in words.
type sumOf struct{ flag, name, of string }

// compare holds the sums of the rows against what was expected, and gives that with its currencies. Where
// something is expected, every currency that the rows have must be.
func compare(sum sumOf, expected []ExpectedSum, sums []money.Amount) (wanted []money.Amount, differences []string) {
	if len(expected) == 0 {
		return nil, nil
	}
	left := slices.Clone(sums)
	for _, want := range expected {
		if want.Currency == (money.Currency{}) {
			if len(sums) != 1 {
				return nil,
					[]string{
						fmt.Sprintf(
							"a %s of %s was expected without a currency, and the rows add up to %s %s: name the currencies, as in %s \"1184.66 EUR,251116.31 NOK\"",
							sum.name, want.Number, listed(sums), sum.of, sum.flag),
					}
			}
			want.Currency = sums[0].Currency()
		}
		got := money.New(0, want.Currency)
		if i := slices.IndexFunc(left, func(sum money.Amount) bool { return sum.Currency() == want.Currency }); i >= 0 {
			got = left[i]
			left = slices.Delete(left, i, i+1)
		}
		amount, exact, err := want.Number.Amount(want.Currency)
		words := amount.Grouped()
		if err != nil || !exact {
			words = fmt.Sprintf("%s %s", want.Number, want.Currency)
		}
		if err != nil || !exact || amount != got {
			differences = append(differences,
				fmt.Sprintf("a %s of %s was expected and the rows add up to %s %s", sum.name, words, got.Grouped(),
					sum.of))
		}
		wanted = append(wanted, amount)
	}
	for _, got := range left {
		differences = append(differences,
			fmt.Sprintf("no %s in %s was expected and the rows add up to %s %s", sum.name, got.Currency(),
				got.Grouped(), sum.of))
	}
	return wanted, differences
}

// listed names sums: "1 184.66 EUR and 251 116.31 NOK".
func listed(sums []money.Amount) string {
	if len(sums) == 0 {
		return "nothing"
	}
	words := make([]string, len(sums))
	for i, sum := range sums {
		words[i] = sum.Grouped()
	}
	return strings.Join(words, " and ")
}
