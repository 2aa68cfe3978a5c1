package billing

import (
	"strings"

	"kraviabatch/internal/money"
)

// checkCredit refuses an order that adds up to less than zero. It does so also if the customer or the terms have
// problems, because correcting those would not make an invoice of it.
func (c *builder) checkCredit() {
	if !c.sumIsSure() {
		return
	}
	sum := money.New(0, c.order.Currency)
	for _, line := range c.order.Lines {
		var err error
		if sum, err = sum.Add(line.Gross); err != nil {
			return // total reports the overflow
		}
	}
	if sum.Minor() < 0 {
		c.report(0, CodeOrderCredit, sum.String(), "reference", c.reference, "total", sum.Grouped(), "column",
			ColAmount.String())
	}
}

// sumIsSure reports whether the order's sum is certain: no error concerns its rows, their amounts or its currency.
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
