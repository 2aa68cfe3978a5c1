package billing

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/money"
)

// LastMonth is how a plan or a run differs from an earlier run, customer by customer. Sums include VAT. Before is what
// the earlier run's orders are invoiced or registered with. Now is what is invoiced, or will be.
type LastMonth struct {
	Run           string        `json:"run"`
	Period        string        `json:"period"` // YYYY-MM or ""
	Started       time.Time     `json:"started"`
	ChangePercent int           `json:"change_percent"`     // a larger change counts as changed
	TooMany       bool          `json:"too_many,omitempty"` // too many customers, so nothing is compared
	All           CustomerGroup `json:"all"`                // without its list
	Same          int           `json:"same"`               // customers of both without such a change
	New           CustomerGroup `json:"new"`
	Gone          CustomerGroup `json:"gone"`
	Changed       CustomerGroup `json:"changed"`
}

// CustomerGroup is some customers and their sums.
type CustomerGroup struct {
	Customers int              `json:"customers"`
	Money     []Shift          `json:"money"`
	List      []CustomerChange `json:"list,omitempty"` // those with the largest differences, not always all
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

// Cut shortens the list to its first n customers.
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

// maxListed is how many customers each list of a comparison has; the lists are in memory.
const maxListed = 10_000

// customer is the key of a customer: the number, or the name if there is no number. Every currency counts by itself.
type customer struct {
	currency     money.Currency
	number, name string // one of them
}

// Comparison adds up what customers were billed by an earlier run and what they are billed now. Its memory grows with
// the customers, not with the orders. The zero Comparison has nothing to compare with.
type Comparison struct {
	LastMonth *LastMonth // complete after Finish; nil if there is nothing to compare with
	customers map[customer]*CustomerChange
}

// CompareWith begins a comparison with the run that m names.
func CompareWith(m LastMonth) *Comparison {
	return &Comparison{&m, map[customer]*CustomerChange{}}
}

// Before adds an order of the earlier run as it stands now. It counts if it has an invoice or will get one.
func (c *Comparison) Before(final Final, number, name string, gross money.Amount) {
	if final != FinalInvoiced && final != FinalAlreadyInvoiced && final != FinalRegistered {
		return
	}
	sums := c.of(number, name, gross.Currency())
	sums.Before, _ = sums.Before.Add(gross) // an order has at most 2^31 minor units
}

// Now adds an order of the current plan or run. It counts if it is invoiced or will be, also if it is in doubt or
// refused for now, so that a plan and its run agree. Invalid and voided orders and conflicts do not count.
func (c *Comparison) Now(final Final, number, name string, gross money.Amount) {
	if c.LastMonth == nil || final == FinalConflict || final == FinalInvalid || final == FinalVoided {
		return
	}
	sums := c.of(number, name, gross.Currency())
	sums.Customer = name // as it is called today
	sums.Now, _ = sums.Now.Add(gross)
}

// maxCustomers is how many customers are compared; they are in memory.
const maxCustomers = 250_000

// of is the entry of a customer. If there are too many customers, it is one that nobody keeps.
func (c *Comparison) of(number, name string, currency money.Currency) *CustomerChange {
	if c.LastMonth.TooMany {
		return &CustomerChange{}
	}
	key := customer{currency: currency, number: number}
	if number == "" {
		key.name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	}
	sums := c.customers[key]
	if sums == nil {
		if len(c.customers) == maxCustomers {
			c.LastMonth.TooMany, c.customers = true, nil
			return &CustomerChange{}
		}
		none := money.New(0, currency)
		sums = &CustomerChange{Number: number, Customer: name, Before: none, Now: none}
		c.customers[key] = sums
	}
	return sums
}

// Finish sorts the customers into new, gone and changed ones, the largest difference first.
func (c *Comparison) Finish() (err error) {
	m := c.LastMonth
	if m == nil {
		return nil
	}
	groups := []*CustomerGroup{&m.All, &m.New, &m.Gone, &m.Changed}
	for _, change := range c.customers {
		switch {
		case change.Before.Minor() == 0:
			err = m.New.Add(change)
		case change.Now.Minor() == 0:
			err = m.Gone.Add(change)
		case moved(change.Before, change.Now, m.ChangePercent):
			err = m.Changed.Add(change)
		default:
			m.Same++
		}
		if err == nil {
			err = m.All.Sum(change)
		}
		if err != nil {
			return fmt.Errorf(msgCompare, m.Run, err)
		}
		for _, g := range groups {
			if len(g.List) == 2*maxListed {
				g.shorten()
			}
		}
	}
	for _, g := range groups {
		g.shorten()
		slices.SortFunc(g.Money, func(a, b Shift) int {
			return cmp.Compare(a.Now.Currency().Code(), b.Now.Currency().Code())
		})
	}
	return nil
}

// shorten keeps the largest differences.
func (g *CustomerGroup) shorten() {
	slices.SortFunc(g.List, func(a, b CustomerChange) int {
		return cmp.Or(cmp.Compare(a.Now.Currency().Code(), b.Now.Currency().Code()),
			cmp.Compare(distance(b.Before, b.Now), distance(a.Before, a.Now)),
			cmp.Compare(a.Number, b.Number), cmp.Compare(a.Customer, b.Customer))
	})
	g.Cut(maxListed)
}

// distance is the difference of two sums in minor units. Sums of orders are never negative.
func distance(a, b money.Amount) uint64 {
	return uint64(max(a.Minor(), b.Minor()) - min(a.Minor(), b.Minor())) //nolint:gosec // G115: not negative
}

// moved reports whether now differs from before by more than percent of before, exactly.
func moved(before, now money.Amount, percent int) bool {
	highA, lowA := bits.Mul64(distance(before, now), 100)
	highB, lowB := bits.Mul64(uint64(before.Minor()), uint64(percent)) //nolint:gosec // G115: not negative
	return highA > highB || (highA == highB && lowA > lowB)
}
