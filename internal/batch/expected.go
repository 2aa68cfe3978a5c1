package batch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

// ErrControlTotal refuses an input that does not have the control totals that the user expects.
var ErrControlTotal = errors.New("control total")

// ExpectedSum is a control total of money. Without a currency it is in the one currency of the input.
type ExpectedSum struct {
	Number   money.Decimal
	Currency money.Currency // zero for none
}

// Expected compares the input with the control totals of the user, before anything is planned. It gives them with their
// currencies, nil for none. Error: [ErrControlTotal], with all differences at once.
func (r *Reading) Expected() (*journal.Expected, error) {
	in, expected := r.input, &journal.Expected{}
	var differences []string
	if in.ExpectRows >= 0 {
		expected.Rows = new(in.ExpectRows)
		if read := rowsOf(r.Files); read != in.ExpectRows {
			differences = append(differences, fmt.Sprintf(msgExpectedRows, in.ExpectRows, read))
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
		return nil, fmt.Errorf(msgControlTotal, ErrControlTotal, strings.Join(differences, "; "))
	case expected.Rows == nil && sums == 0:
		return nil, nil //nolint:nilnil // nothing was expected
	}
	return expected, nil
}

// compareSums compares the totals with those that are expected. Where the VAT of a row is not known, neither net nor
// VAT is known.
func (in *Input) compareSums(expected *journal.Expected, totals *Totals) []string {
	var differences, more []string
	expected.Total, differences = compare(
		sumOf{"--expect-total", "total", "including VAT"}, in.ExpectTotal, totals.Money)
	if n := totals.WithoutVAT; n > 0 && len(in.ExpectNet)+len(in.ExpectVAT) > 0 {
		return append(differences, fmt.Sprintf(msgVATUnknown, n, totals.Rows))
	}
	expected.Net, more = compare(sumOf{"--expect-net", "net", "without VAT"}, in.ExpectNet, totals.Net)
	differences = append(differences, more...)
	expected.VAT, more = compare(sumOf{"--expect-vat", "VAT", "of VAT"}, in.ExpectVAT, totals.VAT)
	return append(differences, more...)
}

// sumOf is the kind of a sum over rows, in words for the user.
type sumOf struct{ flag, name, of string }

// compare compares the sums of the rows with the expected ones, and gives these with their currencies. Where one sum is
// expected, there must be one for every currency of the rows.
func compare(sum sumOf, expected []ExpectedSum, sums []money.Amount) (wanted []money.Amount, differences []string) {
	if len(expected) == 0 {
		return nil, nil
	}
	left := slices.Clone(sums)
	for _, want := range expected {
		if want.Currency == (money.Currency{}) {
			if len(sums) != 1 {
				return nil, []string{fmt.Sprintf(msgNoCurrency, sum.name, want.Number, listed(sums), sum.of, sum.flag)}
			}
			want.Currency = sums[0].Currency()
		}
		got := money.New(0, want.Currency)
		inCurrency := func(sum money.Amount) bool { return sum.Currency() == want.Currency }
		if i := slices.IndexFunc(left, inCurrency); i >= 0 {
			got = left[i]
			left = slices.Delete(left, i, i+1)
		}
		amount, exact, err := want.Number.Amount(want.Currency)
		words := amount.Grouped()
		if err != nil || !exact {
			words = fmt.Sprintf("%s %s", want.Number, want.Currency)
		}
		if err != nil || !exact || amount != got {
			differences = append(differences, fmt.Sprintf(msgExpectedSum, sum.name, words, got.Grouped(), sum.of))
		}
		wanted = append(wanted, amount)
	}
	for _, got := range left {
		differences = append(differences,
			fmt.Sprintf(msgUnexpectedSum, sum.name, got.Currency(), got.Grouped(), sum.of))
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
