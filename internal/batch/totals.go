package batch

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// Totals are counts and sums over groups. Money, Net and VAT are sums per currency over all rows whose amount could be
// read, valid or not.
type Totals struct {
	journal.Control
	ByRate     []billing.VATTotal // of valid rows
	WithoutVAT int                // rows whose amount could be read and whose VAT could not be computed
	Credits    *report.Credits    // invalid orders that the user must credit, nil for none
}

// Count counts all groups.
func Count(groups iter.Seq2[billing.Group, error]) (*Totals, error) {
	t := &Totals{}
	for _, err := range seen(groups, t.Add) {
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Add counts a group. Error: a sum that is too large.
func (t *Totals) Add(g *billing.Group) error {
	t.Rows += len(g.Rows)
	if g.Order != nil {
		t.Orders++
	} else {
		t.InvalidOrders++
		t.InvalidRows += len(g.Rows)
		if err := t.addCredit(g); err != nil {
			return err
		}
	}
	return eachRow(g, t.addRow)
}

func (t *Totals) addRow(row *billing.Row) error {
	if row.Amount == nil {
		return nil
	}
	if err := AddTo(&t.Money, *row.Amount); err != nil {
		return fmt.Errorf("%s row %d: %w", row.File, row.Row, err)
	}
	if row.VATAmount == nil {
		t.WithoutVAT++
		return nil
	}
	net, err := row.Amount.Sub(*row.VATAmount)
	if err = errors.Join(err, AddTo(&t.Net, net), AddTo(&t.VAT, *row.VATAmount)); err != nil {
		return fmt.Errorf("%s row %d: %w", row.File, row.Row, err)
	}
	if !row.Valid {
		return nil
	}
	i := slices.IndexFunc(t.ByRate, func(v billing.VATTotal) bool {
		return v.Rate == row.Rate && v.Gross.Currency() == row.Amount.Currency()
	})
	if i < 0 {
		i = len(t.ByRate)
		t.ByRate = append(t.ByRate, billing.VATTotal{Rate: row.Rate})
	}
	// The sum over all rows fits into an amount, so the sum of a part fits too, unless amounts of both signs are huge.
	t.ByRate[i].Gross, _ = t.ByRate[i].Gross.Add(*row.Amount)
	t.ByRate[i].VAT, _ = t.ByRate[i].VAT.Add(*row.VATAmount)
	return nil
}

// addCredit counts an invalid group among the credits where one of its rows is a credit.
func (t *Totals) addCredit(g *billing.Group) error {
	if !slices.ContainsFunc(g.Rows, func(row billing.Row) bool { return report.IsCredit(&row) }) {
		return nil
	}
	if t.Credits == nil {
		t.Credits = &report.Credits{}
	}
	t.Credits.Orders++
	return eachRow(g, t.Credits.AddRow)
}

// AddTo adds an amount to the sum in its currency. There is one sum per currency. Error: a sum that is too large.
func AddTo(sums *[]money.Amount, a money.Amount) error {
	i := slices.IndexFunc(*sums, func(s money.Amount) bool { return s.Currency() == a.Currency() })
	if i < 0 {
		*sums = append(*sums, a)
		return nil
	}
	sum, err := (*sums)[i].Add(a)
	(*sums)[i] = sum
	return err
}

// Valid is the gross of the valid rows, by currency.
func (t *Totals) Valid() []money.Amount {
	var sums []money.Amount
	for _, v := range t.ByRate {
		_ = AddTo(&sums, v.Gross) // it fits, see addRow
	}
	return sums
}

// HeldBack is the gross of the invalid rows, as far as it could be read, by currency. Currencies whose sum is zero are
// left out.
func (t *Totals) HeldBack() []money.Amount {
	var held []money.Amount
	for _, sum := range t.Money {
		for _, v := range t.ByRate {
			if v.Gross.Currency() == sum.Currency() {
				sum, _ = sum.Sub(v.Gross) // a part of the sum
			}
		}
		if sum.Minor() != 0 {
			held = append(held, sum)
		}
	}
	return held
}

// SortVAT sorts ByRate as reports do: by currency, the highest rate first.
func (t *Totals) SortVAT() {
	slices.SortFunc(t.ByRate, func(a, b billing.VATTotal) int {
		return cmp.Or(cmp.Compare(a.Gross.Currency().Code(), b.Gross.Currency().Code()), cmp.Compare(b.Rate, a.Rate))
	})
}
