package report

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Difference is a count or a sum that should be equal on both sides and is not.
type Difference struct {
	What    string // "rows", "money in NOK", …
	In, Out string // the control's side and the report's side
}

// ImbalanceError is the error of a report whose sides differ. Nobody should trust such a run before somebody has found
// the reason.
type ImbalanceError struct{ Differences []Difference }

// Error names every difference.
func (e *ImbalanceError) Error() string {
	parts := make([]string, len(e.Differences))
	for i, d := range e.Differences {
		parts[i] = fmt.Sprintf(msgDifference, d.What, d.In, d.Out)
	}
	return fmt.Sprintf(msgImbalance, strings.Join(parts, "; "))
}

// counter counts a report while its rows pass, and proves it:
//   - as many rows come out as went in, each exactly once and with a final state;
//   - for each currency as much money comes out as went in;
//   - in each state the orders have the same rows and money as the rows;
//   - as many rows are left out as were read as such.
type counter struct {
	*Summary
	report      *Report
	seed        maphash.Seed
	byOrder     [finals + 1]int           // rows of orders, by state
	moneyOrders map[money.Currency]*Money // of the orders
	money       map[money.Currency]*Money // of the rows
	invoicing   invoicing
	receivables receivables
	byOthers    map[string]int     // number of orders by other run
	creditOf    map[uint64]*credit // by the hash of the reference
	misplaced   bool               // a wrong ordinal was reported
}

func newCounter(r *Report) (*counter, error) {
	shape, err := newShape(r)
	if err != nil {
		return nil, err
	}
	c := &counter{
		Summary: &Summary{
			run: r.Run, requests: r.Requests, Expected: r.Control.Expected, LastMonth: r.LastMonth,
			ExitCode: r.Run.ExitCode, shape: shape,
		},
		report: r, seed: maphash.MakeSeed(),
		moneyOrders: map[money.Currency]*Money{}, money: map[money.Currency]*Money{},
		invoicing: newInvoicing(r.Run.SellerCountry), receivables: newReceivables(r.Today),
		byOthers: map[string]int{}, creditOf: map[uint64]*credit{},
	}
	c.Orders.add(billing.FinalInvalid, r.Control.InvalidOrders)
	return c, nil
}

func (c *counter) differ(what, in, out string) {
	c.Differences = append(c.Differences, Difference{what, in, out})
}

func (c *counter) addOrder(order *Order) error {
	if order.Final < 1 || int(order.Final) > finals {
		return fmt.Errorf(msgOrderNoState, order.Reference)
	}
	c.Orders.add(order.Final, 1)
	c.byOrder[order.Final] += order.Rows
	c.shape.orderRows += order.Rows
	c.invoicing.addOrder(order)
	c.receivables.add(order)
	if order.Run != "" {
		c.byOthers[order.Run]++
	}
	if err := moneyOf(c.moneyOrders, order.Gross.Currency()).add(order.Final, order.Gross); err != nil {
		return fmt.Errorf("sum of orders: %w", err)
	}
	return nil
}

func (c *counter) lost(order *Order) error {
	c.differ(fmt.Sprintf(msgOrder, order.Reference), msgSomeRow, msgNoRow)
	return c.addOrder(order)
}

// addRow counts a row and, at the first row of an order, the order. It returns the problems to be listed at the row.
func (c *counter) addRow(r *Row) ([]billing.Problem, error) {
	if r.Final < 1 || int(r.Final) > finals {
		return nil, fmt.Errorf(msgRowNoState, r.File, r.Place.Row)
	}
	if r.Ordinal != c.Rows.Total() && !c.misplaced {
		c.misplaced = true
		c.differ(msgPlace, strconv.Itoa(c.Rows.Total()), strconv.Itoa(r.Ordinal))
	}
	c.Rows.add(r.Final, 1)
	found := findings(r)
	c.problems(found)
	if r.order != nil {
		if err := c.addOrder(r.order); err != nil {
			return nil, err
		}
	}
	if r.Amount == nil {
		return found, nil
	}
	if err := moneyOf(c.money, r.Amount.Currency()).add(r.Final, *r.Amount); err != nil {
		return nil, fmt.Errorf("sum of rows: %w", err)
	}
	return found, c.invoicing.addRow(r)
}

// moneyOf returns the money of a currency, and makes it at the first use.
func moneyOf(all map[money.Currency]*Money, currency money.Currency) *Money {
	m := entry(all, currency)
	m.Currency = currency
	return m
}

// problems counts the problems of a row. The summary keeps the first ones, and the first few of every group.
func (c *counter) problems(found []billing.Problem) {
	for _, f := range found {
		c.ProblemsTotal++
		g := c.shape.groups.Add(&f)
		if len(c.Problems) < MaxProblems || g.Count == len(g.First) {
			c.Problems = append(c.Problems, f)
		}
	}
}

// finish completes the summary and compares the two sides. If they differ the error is an [*ImbalanceError], and the
// summary is complete but not Balanced.
func (c *counter) finish() (*Summary, error) {
	for _, control := range c.report.Control.Money {
		m := moneyOf(c.money, control.Currency())
		sum, err := m.In.Add(control)
		if err != nil {
			return nil, fmt.Errorf("control total: %w", err)
		}
		m.In = sum
	}
	for currency := range c.moneyOrders {
		moneyOf(c.money, currency)
	}
	c.Money = sorted(c.money, func(a, b *Money) int { return compareCurrency(a.Currency, b.Currency) })
	for _, m := range c.Money {
		c.invoicing.of(m.Currency) // also of a currency whose rows are missing
		c.shape.orderMoney = append(c.shape.orderMoney, moneyOf(c.moneyOrders, m.Currency).Out())
	}
	c.Invoicing, c.VAT = c.invoicing.finish()
	c.Receivables = c.receivables.finish()
	for _, run := range slices.Sorted(maps.Keys(c.byOthers)) {
		c.ByOthers = append(c.ByOthers, OtherRun{run, c.byOthers[run]})
	}
	c.Groups = slices.SortedFunc(slices.Values(c.shape.groups.All()), func(a, b *billing.ProblemGroup) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), last(a.Waits(), b.Waits()), cmp.Compare(b.Count, a.Count),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Hint, b.Hint))
	})
	c.compare()
	c.Balanced = len(c.Differences) == 0
	if !c.Balanced {
		return c.Summary, &ImbalanceError{c.Differences}
	}
	return c.Summary, nil
}

// last compares two values of which the true one comes last.
func last(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// compare compares the sums with the control totals, and the orders with their rows.
func (c *counter) compare() {
	count := func(what string, in, out int) {
		if in != out {
			c.differ(what, strconv.Itoa(in), strconv.Itoa(out))
		}
	}
	sum := func(what string, in, out money.Amount) {
		if in.Minor() != out.Minor() {
			c.differ(what, in.String(), out.String())
		}
	}
	count(msgRows, c.report.Control.Rows, c.Rows.Total())
	for i := range c.Money {
		sum(fmt.Sprintf(msgMoney, c.Money[i].Currency.Code()), c.Money[i].In, c.Money[i].Out())
	}
	for _, f := range billing.Finals() {
		if f == billing.FinalInvalid {
			continue
		}
		count(fmt.Sprintf(msgRowsOf, f), c.byOrder[f], c.Rows.Of(f))
		for i := range c.Money {
			m := &c.Money[i]
			sum(fmt.Sprintf(msgMoneyOf, f, m.Currency.Code()), moneyOf(c.moneyOrders, m.Currency).Of(f), m.Of(f))
		}
	}
}
