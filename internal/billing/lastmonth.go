package billing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/money"
)

// LastMonth is how a plan differs from an earlier run, customer by customer. Sums include VAT and are of what is, or is to
// be, invoiced.
type LastMonth struct {
	Run           string        `json:"run"`
	Period        string        `json:"period"` // YYYY-MM or ""
	Started       time.Time     `json:"started"`
	ChangePercent int           `json:"change_percent"` // a change of more counts as changed
	All           CustomerGroup `json:"all"`            // without its list
	Same          int           `json:"same"`           // customers in both with no more than that change
	New           CustomerGroup `json:"new"`
	Gone          CustomerGroup `json:"gone"`
	Changed       CustomerGroup `json:"changed"`
}

// CustomerGroup is some customers and their sums.
type CustomerGroup struct {
	Customers int              `json:"customers"`
	Money     []Shift          `json:"money"`
	List      []CustomerChange `json:"list,omitempty"` // the largest differences, not always all
}

// Shift is the sum of one currency, then and now.
type Shift struct {
	Before money.Amount `json:"before"`
	Now    money.Amount `json:"now"`
}

// CustomerChange is one customer's sum of one currency, then and now. A customer with two currencies counts twice.
type CustomerChange struct {
	Number   string       `json:"customer_number"`
	Customer string       `json:"customer"`
	Before   money.Amount `json:"before"`
	Now      money.Amount `json:"now"`
}

// Add puts a customer on the list and into the sums.
func (g *CustomerGroup) Add(c *CustomerChange) error {
	g.List = append(g.List, *c)
	return g.Sum(c)
}

// Sum puts a customer into the sums.
func (g *CustomerGroup) Sum(c *CustomerChange) (err error) {
	g.Customers++
	i := slices.IndexFunc(g.Money, func(s Shift) bool { return s.Now.Currency() == c.Now.Currency() })
	if i < 0 {
		g.Money = append(g.Money, Shift{c.Before, c.Now})
		return nil
	}
	if g.Money[i].Before, err = g.Money[i].Before.Add(c.Before); err != nil {
		return err
	}
	g.Money[i].Now, err = g.Money[i].Now.Add(c.Now)
	return err
}

// Cut shortens the list to the n that stand first.
func (g *CustomerGroup) Cut(n int) { g.List = g.List[:min(n, len(g.List))] }

// String is "3 customers, 1 200.00 NOK before and 0.00 NOK now".
func (g *CustomerGroup) String() string {
	parts := []string{customers(g.Customers)}
	for _, s := range g.Money {
		parts = append(parts, s.Before.Grouped()+" before and "+s.Now.Grouped()+" now")
	}
	return strings.Join(parts, ", ")
}

func customers(n int) string {
	if n == 1 {
		return "1 customer"
	}
	return fmt.Sprintf("%d customers", n)
}
