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
			run: r.Run, requests: r.Requests, Expected: r.Control.Expected, ExitCode: r.Run.ExitCode, shape: shape,
		},
		report:      r,
		seed:        maphash.MakeSeed(),
		moneyOrders: make(map[money.Currency]*Money),
		money:       make(map[money.Currency]*Money),
		invoicing:   newInvoicing(r.Run.SellerCountry),
		receivables: newReceivables(r.Today),
		byOthers:    make(map[string]int),
		creditOf:    make(map[uint64]*credit),
	}
	c.Orders.add(billing.FinalInvalid, r.Control.InvalidOrders)
	return c, nil
}

// differ notes a difference.
func (c *counter) differ(what, in, out string) {
	c.Differences = append(c.Differences, Difference{what, in, out})
}

// addOrder counts an order.
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

// lost counts an order that has no row.
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
	m := all[currency]
	if m == nil {
		m = &Money{Currency: currency}
		all[currency] = m
	}
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
	for _, m := range c.money {
		c.Money = append(c.Money, *m)
	}
	slices.SortFunc(c.Money, func(a, b Money) int { return compareCurrency(a.Currency, b.Currency) })
	for _, m := range c.Money { // also a currency whose rows are missing
		c.invoicing.of(m.Currency)
	}
	c.Invoicing, c.VAT = c.invoicing.finish()
	c.Receivables = c.receivables.finish()
	for _, run := range slices.Sorted(maps.Keys(c.byOthers)) {
		c.ByOthers = append(c.ByOthers, OtherRun{run, c.byOthers[run]})
	}
	c.sortGroups()
	for _, m := range c.Money {
		c.shape.orderMoney = append(c.shape.orderMoney, moneyOf(c.moneyOrders, m.Currency).Out())
	}
	c.compare()
	c.Balanced = len(c.Differences) == 0
	if !c.Balanced {
		return c.Summary, &ImbalanceError{c.Differences}
	}
	return c.Summary, nil
}

// sortGroups sorts the groups of problems as [Summary.Groups] says.
func (c *counter) sortGroups() {
	c.Groups = c.shape.groups.All()
	slices.SortFunc(c.Groups, func(a, b *billing.ProblemGroup) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), last(a.Waits(), b.Waits()), cmp.Compare(b.Count, a.Count),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Hint, b.Hint))
	})
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
	if in, out := c.report.Control.Rows, c.Rows.Total(); in != out {
		c.differ(msgRows, strconv.Itoa(in), strconv.Itoa(out))
	}
	for i := range c.Money {
		m := &c.Money[i]
		if m.In.Minor() != m.Out().Minor() {
			c.differ(fmt.Sprintf(msgMoney, m.Currency.Code()), m.In.String(), m.Out().String())
		}
	}
	for _, f := range billing.Finals() {
		if f == billing.FinalInvalid {
			continue
		}
		if c.byOrder[f] != c.Rows.Of(f) {
			c.differ(fmt.Sprintf(msgRowsOf, f), strconv.Itoa(c.byOrder[f]), strconv.Itoa(c.Rows.Of(f)))
		}
		c.compareOrders(f)
	}
}

// compareOrders compares the money of orders and of rows in a state.
func (c *counter) compareOrders(f billing.Final) {
	for i := range c.Money {
		m := &c.Money[i]
		orders, rows := moneyOf(c.moneyOrders, m.Currency).Of(f), m.Of(f)
		if orders.Minor() != rows.Minor() {
			c.differ(fmt.Sprintf(msgMoneyOf, f, m.Currency.Code()), orders.String(), rows.String())
		}
	}
}
