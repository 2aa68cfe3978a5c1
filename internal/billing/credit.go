package billing

import (
	"strings"

	"kraviabatch/internal/money"
)

// checkCredit refuses an order that adds up to less than zero. That is said beside what is wrong with its
// customer and terms, for correcting these makes no invoice of it.
func (c *builder) checkCredit() {
	if !c.sumIsSure() {
		return
	}
	sum := money.New(0, c.order.Currency)
	for _, line := range c.order.Lines {
		var err error
		if sum, err = sum.Add(line.Gross); err != nil {
			return // see total
		}
	}
	if sum.Minor() < 0 {
		c.report(0, CodeOrderCredit, sum.String(), "reference", c.reference, "total", sum.Grouped(), "column",
			ColAmount.String())
	}
}

// sumIsSure reports whether no problem casts a doubt on what the order adds up to: on its rows, their amounts
// or its currency.
func (c *builder) sumIsSure() bool {
	for i := range c.rows {
		for _, p := range c.rows[i].Problems {
			name, _, _ := strings.Cut(string(p.Code), ".")
			column := columnsByName[name]
			ofCustomer := column > ColOrderReference && column < ColLineID && column != ColCurrency
			if p.Severity == Error && !ofCustomer {
				return false
			}
		}
	}
	return true
}
