package batch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// ErrControlTotal refuses an input that is not what the caller expected.
var ErrControlTotal = errors.New("control total")

// ExpectedTotal is a control total including VAT. Without a currency it is in the one that the input has.
type ExpectedTotal struct {
	Number   money.Decimal
	Currency money.Currency // zero for none
}

// Expected compares the input with its control totals, before anything is planned. All differences are told at once.
func (r *Reading) Expected() error {
	var differences []string
	in := r.input
	if read := rowsOf(r.Files); in.ExpectRows >= 0 && read != in.ExpectRows {
		differences = append(differences, fmt.Sprintf("%d rows were expected and %d were read", in.ExpectRows, read))
	}
	if len(in.ExpectTotal) > 0 {
		totals, err := Count(r.Groups())
		if err != nil {
			return err
		}
		differences = append(differences, compareTotals(in.ExpectTotal, totals.Money)...)
	}
	if len(differences) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s; no call was made", ErrControlTotal, strings.Join(differences, "; "))
}

// compareTotals holds the sums of the rows against what was expected. Every currency that the rows have must be expected.
func compareTotals(expected []ExpectedTotal, sums []money.Amount) (differences []string) {
	left := slices.Clone(sums)
	for _, want := range expected {
		if want.Currency == (money.Currency{}) {
			if len(sums) != 1 {
				return []string{fmt.Sprintf("a total of %s was expected without a currency, and the rows add up to %s including VAT: name the currencies, as in --expect-total \"1184.66 EUR,251116.31 NOK\"",
					want.Number, listed(sums))}
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
			differences = append(differences, fmt.Sprintf("a total of %s was expected and the rows add up to %s including VAT", words, got.Grouped()))
		}
	}
	for _, sum := range left {
		differences = append(differences, fmt.Sprintf("no total in %s was expected and the rows add up to %s including VAT", sum.Currency(), sum.Grouped()))
	}
	return differences
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
