package report

import (
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// begin opens the sheets Rows and Orders and the list of problems.
func (b *book) begin(s *shape) {
	columns := append(slices.Clip(s.fixed), s.more()...)
	headings := slices.Concat(b.words.names(s.fixed), s.own.names, b.words.names(lastColumns(s.changed)))
	headings[columnOf(columns, "amount")-1] = b.words.say("amount incl. VAT")
	b.rows, b.orderColumns = b.listUnder(headings, sheetRows, columns, nil), s.orderColumns
	b.rows.printed, b.rows.titles, b.rows.foot = len(s.fixed), "$C:$D", b.footRows
	columns = nil
	for _, c := range s.orderColumns {
		columns = append(columns, c.column)
	}
	columns = append(columns, column{"first_row", kindJump})
	headings = b.words.headings(columns)
	headings[columnOf(columns, "amount")-1] = b.words.say("amount incl. VAT")
	headings[columnOf(columns, "vat_amount")-1] = b.words.say("VAT")
	headings[columnOf(columns, "net_amount")-1] = b.words.say("net")
	b.orders = b.listUnder(headings, sheetOrders, columns, nil)
	b.orders.widths[len(columns)-1] = jumpWidth
	b.orders.titles, b.orders.foot = "$B:$B", b.footOrders
	b.orders.printed = columnOf(columns, "invoice_channel")
	b.beginProblems()
}

// maxLinks is the highest number of rows whose references link to their orders: the time for real links grows with the
// square of their number.
const maxLinks = 2000

// referenceColumn is the column whose cells link to the order.
const referenceColumn = "order_reference"

// columnOf returns the position of a column, from 1, or 0.
func columnOf(columns []column, name string) int {
	return 1 + slices.IndexFunc(columns, func(c column) bool { return c.name == name })
}

// addRow writes a row and, if it is the first one of its order, the order. more are the cells after the fixed columns.
// It returns the row's place.
func (b *book) addRow(r *Row, l *line, more []string) place {
	at := b.rows.next()
	links := b.report.Control.Rows <= maxLinks && b.rows.err == nil
	if r.order != nil {
		r.listed = b.addOrder(r.order, at)
	}
	t := b.toneOf(r.Final, l.ProblemCode != "")
	digits, fixed := digitsOf(r.Amount), len(b.rows.columns)-len(more)
	l = l.in(b.words, r)
	for i, c := range b.rows.columns[:fixed] {
		k := c.kind
		if links && r.listed.Row != 0 && c.name == referenceColumn {
			k = kindJump
			b.rows.sheet.links = append(b.rows.sheet.links, link{ref(i+1, at.Row), r.listed})
		}
		// Such a number may or may not include VAT, and is in no total.
		if c.name == "amount" && r.Amount == nil {
			k = kindText
		}
		b.rows.put(l.cell(i), k, t, digits)
	}
	for i, text := range more {
		switch c := b.rows.columns[fixed+i]; {
		case c.name == invoicedColumn:
			b.rows.put(b.words.invoiced(r.Invoiced), kindText, t, 0)
		case c.kind == kindNumber:
			b.rows.putDecimal(text, t)
		default:
			b.rows.put(text, c.kind, t, digits)
		}
	}
	b.rows.add()
	return at
}

// putDecimal appends a cell of a numeric column of the input: a number if that is certain, else text.
func (l *list) putDecimal(text string, t tone) {
	if number := decimalOf(text); number != "" {
		_, fraction, _ := strings.Cut(number, ".")
		l.put(number, kindAmount, t, min(len(fraction), maxDigits))
		return
	}
	l.put(text, kindText, t, 0)
}

// addOrder writes an order and returns its place. first is the place of its first row, zero for none.
func (b *book) addOrder(o *Order, first place) place {
	at := b.orders.next()
	t := b.toneOf(o.Final, o.Outcome.Code != "")
	currency := o.Gross.Currency()
	if b.orderSums[currency] == nil {
		b.orderSums[currency] = make([]int64, len(b.orderColumns))
	}
	sums := b.orderSums[currency]
	for i := range b.orderColumns {
		c, text := &b.orderColumns[i], ""
		if c.amount == nil {
			text = c.text(o)
		} else if minor, some := c.amount(o); some {
			text = money.New(minor, currency).String()
			sums[i] += minor
		}
		b.orders.put(text, c.kind, t, currency.Digits())
	}
	if first.Row != 0 {
		b.orders.jump(first, t)
	}
	b.orders.add()
	return at
}

// footRows writes the totals of the sheet Rows, one row for each currency.
func (b *book) footRows() {
	for i := range b.summary.Money {
		m := &b.summary.Money[i]
		of := &b.summary.Invoicing[i]
		net, vat := int64(0), int64(0) // the gross sum of the same rows did not overflow
		for p := range part(parts) {
			if p != partCancelled {
				net, vat = net+of.by[p].net(), vat+of.by[p].vat()
			}
		}
		b.rows.total(m.Currency, map[string]money.Amount{
			"amount": m.Out(), "vat_amount": money.New(vat, m.Currency), "net_amount": money.New(net, m.Currency),
		})
	}
}

// footOrders writes the totals of the sheet Orders, one row for each currency.
func (b *book) footOrders() {
	for i := range b.summary.Money {
		currency := b.summary.Money[i].Currency
		sums := map[string]money.Amount{}
		for i, minor := range b.orderSums[currency] {
			if c := &b.orderColumns[i]; c.amount != nil && b.orders.filled[i] {
				sums[c.name] = money.New(minor, currency)
			}
		}
		if len(sums) > 0 {
			b.orders.total(currency, sums)
		}
	}
}

// total writes a row of the foot that adds up columns over the rows of one currency.
func (l *list) total(currency money.Currency, sums map[string]money.Amount) {
	texts := map[string]string{referenceColumn: l.say("Total"), "currency": currency.Code()}
	for _, c := range l.columns {
		if sum, found := sums[c.name]; found {
			l.sum(l.over("SUMIFS", c.name, inCurrencyOf(currency)), sum, toneTotal)
		} else {
			l.text(texts[c.name], kindText, toneTotal)
		}
	}
	l.page.add(0)
}
