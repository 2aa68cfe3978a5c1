package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Credits counts orders that are credits and adds up their rows. They are invalid orders, and among those in every other total.
type Credits struct {
	Orders int
	Money  []money.Amount // by currency code
}

// IsCredit reports whether a row says that its order is a credit.
func IsCredit(row *billing.Row) bool {
	return slices.ContainsFunc(row.Problems, func(p billing.Problem) bool { return p.Code == billing.CodeOrderCredit })
}

// AddRow adds the amount of a row of one of the orders.
func (c *Credits) AddRow(row *billing.Row) error {
	if row.Amount == nil {
		return nil
	}
	currency := row.Amount.Currency()
	i, found := slices.BinarySearchFunc(c.Money, currency.Code(), func(a money.Amount, code string) int {
		return strings.Compare(a.Currency().Code(), code)
	})
	if !found {
		c.Money = slices.Insert(c.Money, i, money.New(0, currency))
	}
	sum, err := c.Money[i].Add(*row.Amount)
	if err != nil {
		return fmt.Errorf("sum of credits: %w", err)
	}
	c.Money[i] = sum
	return nil
}

// String is "2 orders, -350.00 NOK".
func (c *Credits) String() string { return share{orders: c.Orders, money: c.Money}.String() }

// MarshalJSON writes the number of orders and their sums in minor units.
func (c *Credits) MarshalJSON() ([]byte, error) {
	type sum struct {
		Currency string `json:"currency"`
		Total    int64  `json:"total"`
	}
	sums := []sum{}
	for _, m := range c.Money {
		sums = append(sums, sum{m.Currency().Code(), m.Minor()})
	}
	return json.Marshal(struct {
		Orders int   `json:"orders"`
		Money  []sum `json:"money"`
	}{c.Orders, sums})
}

// credit is the rows of an invalid order, which may be a credit.
type credit struct {
	reference string
	customer  string
	hint      string // "" where none of its rows says that it is a credit
	said      place  // of the row that does, on the sheet Rows
	rows      int
	sums      Credits
	err       error // of adding up
}

// addInvalid keeps the sums of invalid orders: one row of an order says what all of its rows belong to.
func (c *counter) addInvalid(r *Row, at place) {
	if r.Final != billing.FinalInvalid {
		return
	}
	key := maphash.String(c.seed, r.Reference)
	order := c.invalid[key]
	if order == nil {
		order = &credit{}
		c.invalid[key] = order
	}
	order.rows++
	order.err = errors.Join(order.err, order.sums.AddRow(&r.Row))
	i := slices.IndexFunc(r.Problems, func(p billing.Problem) bool { return p.Code == billing.CodeOrderCredit })
	if i < 0 || order.hint != "" {
		return
	}
	order.reference, order.customer, order.hint, order.said = r.Reference, r.Customer, r.Problems[i].Hint, at
	c.shape.credits = append(c.shape.credits, order)
}

// countCredits adds up the orders that are credits.
func (c *counter) countCredits() error {
	if len(c.shape.credits) == 0 {
		return nil
	}
	c.Credits = &Credits{Orders: len(c.shape.credits)}
	for _, order := range c.shape.credits {
		err := order.err
		for i := range order.sums.Money {
			err = errors.Join(err, c.Credits.AddRow(&billing.Row{Amount: &order.sums.Money[i]}))
		}
		if err != nil {
			return fmt.Errorf("reconcile credits: %w", err)
		}
	}
	return nil
}

// sheetCredits lists the credits to make by hand; a report without any has no such sheet.
const sheetCredits = "Credits"

func (b *book) writeCredits(ctx context.Context) error {
	if b.summary.Credits == nil {
		return nil
	}
	l, err := b.list(sheetCredits, []column{
		{referenceColumn, kindText},
		{"customer", kindProse},
		{"rows", kindNumber},
		{"amount", kindAmount},
		{"currency", kindText},
		{"what to do", kindProse},
		{"go to", kindJump},
	}, []int{24, 44, 9, 20, 11, 74, 16})
	for _, c := range b.summary.shape.credits {
		if err == nil {
			err = l.addCredit(c)
		}
	}
	if err != nil {
		return fmt.Errorf("sheet %s: %w", sheetCredits, err)
	}
	return l.lay(ctx)
}

func (l *list) addCredit(c *credit) error {
	if _, err := l.next(); err != nil {
		return err
	}
	var sum money.Amount // none where the rows are of several currencies
	amount := ""
	if len(c.sums.Money) <= 1 {
		for _, sum = range c.sums.Money {
		}
		amount = sum.String()
	}
	for i, text := range []string{c.reference, c.customer, strconv.Itoa(c.rows), amount, sum.Currency().Code(), c.hint} {
		l.put(text, l.columns[i].kind, toneNone, sum.Currency().Digits())
	}
	l.jump(c.said, toneNone)
	return l.add()
}
