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

// Credits counts the orders that are credits, and adds up their rows. The program never sends a credit: it is an
// invalid order, and every other total counts it so.
type Credits struct {
	Orders int
	Money  []money.Amount // by currency code
}

// IsCredit reports whether a row says that its order is a credit.
func IsCredit(row *billing.Row) bool { return slices.ContainsFunc(row.Problems, isCredit) }

func isCredit(p billing.Problem) bool { return p.Code == billing.CodeOrderCredit }

// AddRow adds the amount of a row of a credit.
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

// String returns "2 orders, -350.00 NOK".
func (c *Credits) String() string {
	text, before := counted(c.Orders, "order"), ", "
	for _, m := range c.Money {
		text, before = text+before+m.Grouped(), msgAnd
	}
	return text
}

// counted returns "1 order" or "2 orders".
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

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
	reference string
	customer  string
	hint      string
	said      place // the row with the problem, on the sheet Rows
	rows      int
	sums      Credits // its own
}

// addCredit counts a row of a credit. The problem at the order's first row says that the order is one.
func (c *counter) addCredit(r *Row, at place) error {
	if r.Final != billing.FinalInvalid {
		return nil
	}
	key := maphash.String(c.seed, r.Reference)
	order := c.creditOf[key]
	if i := slices.IndexFunc(r.Problems, isCredit); order == nil && i >= 0 {
		order = &credit{reference: r.Reference, customer: r.Customer, hint: r.Problems[i].Hint, said: at}
		c.creditOf[key], c.shape.credits = order, append(c.shape.credits, order)
		if c.Credits == nil {
			c.Credits = &Credits{}
		}
		c.Credits.Orders++
	}
	if order == nil {
		return nil
	}
	order.rows++
	return errors.Join(order.sums.AddRow(&r.Row), c.Credits.AddRow(&r.Row))
}

// sheetCredits lists the credits to make by hand; a report without any has no such sheet.
const sheetCredits = "Credits"

func (b *book) writeCredits(ctx context.Context) error {
	if b.summary.Credits == nil {
		return nil
	}
	l := b.list(sheetCredits, []column{
		{"order_reference", kindText},
		{"customer", kindProse},
		{"rows", kindNumber},
		{"amount", kindAmount},
		{"currency", kindText},
		{"what to do", kindProse},
		{"go to", kindJump},
	}, []int{24, 44, 9, 20, 11, 74, 16})
	for _, c := range b.summary.shape.credits {
		var sum money.Amount // none when the rows have several currencies
		amount := ""
		if len(c.sums.Money) <= 1 {
			for _, sum = range c.sums.Money {
			}
			amount = sum.String()
		}
		l.next()
		l.texts(toneNone, sum.Currency().Digits(), c.reference, c.customer, strconv.Itoa(c.rows), amount,
			sum.Currency().Code(), b.words.text(c.hint))
		l.jump(c.said, toneNone)
		l.add()
	}
	return l.lay(ctx)
}
