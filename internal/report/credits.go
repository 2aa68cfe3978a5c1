package report

import (
	"context"
	"encoding/json"
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

// credit is an order that is a credit.
type credit struct {
	at     int // place of the row that says so, among all rows
	rows   int
	amount money.Amount
	mixed  bool // its rows are of several currencies
}

// noteCredit keeps the order of a row that says that it is a credit.
func (c *counter) noteCredit(r *Row) {
	if r.Final != billing.FinalInvalid || !IsCredit(&r.Row) {
		return
	}
	key := maphash.String(c.seed, r.Reference)
	if _, known := c.creditOf[key]; known {
		return
	}
	c.creditOf[key] = len(c.shape.credits)
	c.shape.credits = append(c.shape.credits, credit{at: c.Rows.Total() - 1})
}

// countCredits goes through the rows once more, for one row of an order says what all of its rows belong to.
func (c *counter) countCredits(ctx context.Context) error {
	if len(c.shape.credits) == 0 {
		return nil
	}
	c.Credits = &Credits{Orders: len(c.shape.credits)}
	for row, err := range c.report.Rows() {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.addCredit(&row)
		}
		if err != nil {
			return fmt.Errorf("reconcile credits: %w", err)
		}
	}
	return nil
}

func (c *counter) addCredit(r *Row) error {
	i, known := c.creditOf[maphash.String(c.seed, r.Reference)]
	if !known || r.Final != billing.FinalInvalid {
		return nil
	}
	order := &c.shape.credits[i]
	order.rows++
	if r.Amount != nil && !order.mixed {
		sum, err := order.amount.Add(*r.Amount)
		order.amount, order.mixed = sum, err != nil
	}
	return c.Credits.AddRow(&r.Row)
}

// sheetCredits lists the credits to make by hand; a report without any has no such sheet.
const sheetCredits = "Credits"

func (b *book) creditSheets() []string {
	if b.summary.Credits == nil {
		return nil
	}
	return b.pageNames(sheetCredits, len(b.summary.shape.credits))
}

func (b *book) writeCredits(ctx context.Context) error {
	if b.summary.Credits == nil {
		return nil
	}
	p := &pages{
		book: b, names: b.creditSheets(), widths: []int{24, 44, 9, 20, 11, 74, 16},
		columns: []column{
			{referenceColumn, kindText},
			{"customer", kindProse},
			{"rows", kindNumber},
			{"amount", kindAmount},
			{"currency", kindText},
			{"what to do", kindProse},
			{"go to", kindJump},
		},
	}
	if err := p.start(); err != nil {
		return fmt.Errorf("sheet %s: %w", sheetCredits, err)
	}
	left := b.summary.shape.credits
	n := 0
	for row, err := range b.report.Rows() {
		if err == nil && n%checkEvery == 0 {
			err = ctx.Err()
		}
		if err == nil && len(left) > 0 && left[0].at == n {
			err = b.addCredit(p, &row, &left[0])
			left = left[1:]
		}
		if err != nil {
			return fmt.Errorf("sheet %s: %w", sheetCredits, err)
		}
		if n++; len(left) == 0 {
			break
		}
	}
	return p.end()
}

// addCredit writes an order of which r is the row that says what it is.
func (b *book) addCredit(p *pages, r *Row, c *credit) error {
	if err := p.next(); err != nil {
		return err
	}
	amount, currency := c.amount.String(), c.amount.Currency()
	if c.mixed {
		amount, currency = "", money.Currency{}
	}
	hint := r.Problems[slices.IndexFunc(r.Problems, func(p billing.Problem) bool { return p.Code == billing.CodeOrderCredit })].Hint
	for i, text := range []string{r.Reference, r.Customer, strconv.Itoa(c.rows), amount, currency.Code(), hint} {
		if err := p.put(text, p.columns[i].kind, toneNone, currency.Digits()); err != nil {
			return err
		}
	}
	name, row := b.place(b.rows, c.at)
	if err := p.jump(name, row, toneNone); err != nil {
		return err
	}
	return p.add()
}
