package report

import (
	"context"
	"fmt"
	"strconv"

	"kraviabatch/internal/billing"
)

// maxLinks is up to how many rows references link to their orders: real links cost the square of their number.
const maxLinks = 2000

// checkEvery is after how many lines a writer looks whether it should stop.
const checkEvery = 1024

// referenceColumn is the one whose cells link to the order.
const referenceColumn = "order_reference"

// columnOf is the position of a fixed column, from 1.
func columnOf(name string) int {
	for i, c := range fixedColumns() {
		if c.name == name {
			return i + 1
		}
	}
	return 0
}

func (b *book) writeRows(ctx context.Context) error {
	s := &b.summary.shape
	columns := append([]column{}, s.fixed...)
	for _, name := range s.ownHeader() {
		columns = append(columns, column{name, kindText})
	}
	p := &pages{book: b, names: b.rows, columns: columns, widths: s.rowWidths[:len(columns)]}
	if err := p.start(); err != nil {
		return fmt.Errorf("sheet Rows: %w", err)
	}
	links := newLinks(b)
	var buffer []string
	n := 0
	for row, err := range b.report.Rows() {
		if err == nil && n%checkEvery == 0 {
			err = ctx.Err()
		}
		if err == nil {
			buffer = s.ownCells(&row, buffer)
			err = b.addRow(p, &row, buffer, links.find(&row, n))
		}
		if err != nil {
			return fmt.Errorf("sheet Rows: %w", err)
		}
		n++
	}
	return p.end()
}

// addRow writes a row; order is the place of its order in the list of orders to link to, or -1.
func (b *book) addRow(p *pages, r *Row, own []string, order int) error {
	if err := p.next(); err != nil {
		return err
	}
	l := newLine(r)
	t := b.toneOf(r.Final, l.ProblemCode != "")
	digits := digitsOf(r.Amount)
	for i, c := range b.summary.shape.fixed {
		k := c.kind
		if order >= 0 && c.name == referenceColumn {
			k = kindJump
		}
		if err := p.put(l.cell(i), k, t, digits); err != nil {
			return err
		}
	}
	for _, text := range own {
		if err := p.put(text, kindText, t, 0); err != nil {
			return err
		}
	}
	if err := p.add(); err != nil || order < 0 {
		return err
	}
	name, row := b.place(b.orders, order)
	from := colName(columnOf(referenceColumn)) + strconv.Itoa(p.sheet.row)
	return b.f.SetCellHyperLink(p.sheet.name, from, fmt.Sprintf("%s!B%d", quotedSheet(name), row), "Location")
}

// links knows the orders of the rows that have passed, while there are few rows.
type links struct {
	firstRows []int32
	orders    map[string]int
}

func newLinks(b *book) *links {
	if b.summary.Rows.Total() > maxLinks {
		return &links{}
	}
	return &links{b.summary.shape.firstRows, make(map[string]int)}
}

// find is the place of the n-th row's order in the list of orders, or -1.
func (l *links) find(r *Row, n int) int {
	if k := len(l.orders); k < len(l.firstRows) && int(l.firstRows[k]) == n {
		l.orders[r.Reference] = k
	}
	if order, ok := l.orders[r.Reference]; ok {
		return order
	}
	return -1
}

func (b *book) writeOrders(ctx context.Context) error {
	s := &b.summary.shape
	columns := make([]column, 0, len(s.orderColumns)+1)
	for _, c := range s.orderColumns {
		columns = append(columns, column{c.name, c.kind})
	}
	columns = append(columns, column{"first_row", kindJump})
	p := &pages{book: b, names: b.orders, columns: columns, widths: append(append([]int{}, s.orderWidths...), 16)}
	if err := p.start(); err != nil {
		return fmt.Errorf("sheet Orders: %w", err)
	}
	n := 0
	for order, err := range b.report.Orders() {
		if err == nil && n%checkEvery == 0 {
			err = ctx.Err()
		}
		if err == nil {
			err = b.addOrder(p, &order, n)
		}
		if err != nil {
			return fmt.Errorf("sheet Orders: %w", err)
		}
		n++
	}
	return p.end()
}

func (b *book) addOrder(p *pages, o *Order, n int) error {
	if err := p.next(); err != nil {
		return err
	}
	s := &b.summary.shape
	t := b.toneOf(o.Final, o.Outcome.Code != "")
	for _, c := range s.orderColumns {
		if err := p.put(c.text(o), c.kind, t, o.Gross.Currency().Digits()); err != nil {
			return err
		}
	}
	if n < len(s.firstRows) {
		name, row := b.place(b.rows, int(s.firstRows[n]))
		if err := p.jump(name, row, t); err != nil {
			return err
		}
	}
	return p.add()
}

// problemColumns are the columns of the sheet Problems.
func problemColumns() []column {
	return []column{
		{"severity", kindText},
		{"code", kindText},
		{"count", kindNumber},
		{"what to do", kindProse},
		{"file", kindText},
		{"sheet", kindText},
		{"row", kindNumber},
		{"column", kindText},
		{"value", kindProse},
		{"what is wrong", kindProse},
		{"go to", kindJump},
	}
}

func (b *book) writeProblems(ctx context.Context) error {
	p := &pages{book: b, names: b.problems, columns: problemColumns(), widths: []int{12, 34, 9, 50, 28, 14, 8, 20, 24, 50, 14}}
	if err := p.start(); err != nil {
		return fmt.Errorf("sheet Problems: %w", err)
	}
	if b.summary.ProblemsTotal == 0 {
		p.cells = append(p.cells, "No problems were found")
		if err := p.add(); err != nil {
			return fmt.Errorf("sheet Problems: %w", err)
		}
	}
	add := b.streamProblems
	if b.summary.ProblemsTotal == len(b.summary.Problems) {
		add = b.groupProblems
	}
	if err := add(ctx, p); err != nil {
		return fmt.Errorf("sheet Problems: %w", err)
	}
	return p.end()
}

// groupProblems lists all problems by what to do, the most frequent first.
func (b *book) groupProblems(_ context.Context, p *pages) error {
	for _, g := range b.summary.Groups {
		for i := range b.summary.Problems {
			problem := &b.summary.Problems[i]
			if b.summary.shape.groups.Of(problem) != g {
				continue
			}
			if err := b.addProblem(p, problem, g.Count, b.summary.shape.problemRows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// streamProblems lists problems that are too many to sort in input order; the filter groups them.
func (b *book) streamProblems(ctx context.Context, p *pages) error {
	first, next := b.summary.shape.firstRows, 0
	n := 0
	for row, err := range b.report.Rows() {
		if err == nil && n%checkEvery == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		isFirst := next < len(first) && int(first[next]) == n
		if isFirst {
			next++
		}
		for _, problem := range findings(&row, isFirst) {
			if err := b.addProblem(p, &problem, b.summary.shape.groups.Of(&problem).Count, n); err != nil {
				return err
			}
		}
		n++
	}
	return nil
}

func (b *book) addProblem(p *pages, problem *billing.Problem, count, row int) error {
	if err := p.next(); err != nil {
		return err
	}
	t := toneProblem
	if problem.Severity != billing.Error {
		t = toneWarning
	}
	texts := []string{
		problem.Severity.String(), string(problem.Code), fmt.Sprint(count), problem.Hint, problem.File, problem.Sheet,
		fmt.Sprint(problem.Row), problem.Column, problem.Value, problem.Message,
	}
	for i, text := range texts {
		tone := toneNone
		if i < 2 {
			tone = t
		}
		if err := p.put(text, p.columns[i].kind, tone, 0); err != nil {
			return err
		}
	}
	name, line := b.place(b.rows, row)
	if err := p.jump(name, line, toneNone); err != nil {
		return err
	}
	return p.add()
}
