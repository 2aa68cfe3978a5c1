package report

import (
	"context"
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// sheetPostings lists the postings; a report without accounts has no such sheet.
const sheetPostings = "Postings"

// postingsList is the sheet Postings. Below the list stand for each currency the sums of debits and credits, and their difference.
type postingsList struct {
	*list
	columns []postingColumn
	sums    []postedSum // by currency code
}

// postedSum is what the postings of one currency come to. Amounts are in minor units.
type postedSum struct {
	currency      money.Currency
	debit, credit int64
}

func (b *book) beginPostings(columns []postingColumn) *postingsList {
	var headed []column
	for _, c := range columns {
		headed = append(headed, column{c.title, c.kind})
	}
	b.postings = &postingsList{list: b.list(sheetPostings, headed, nil), columns: columns}
	return b.postings
}

func (l *postingsList) add(v *voucher) {
	currency := v.currency()
	i, found := slices.BinarySearchFunc(l.sums, currency.Code(), func(s postedSum, code string) int { return strings.Compare(s.currency.Code(), code) })
	if !found {
		l.sums = slices.Insert(l.sums, i, postedSum{currency: currency})
	}
	for k := range v.postings {
		p := &v.postings[k]
		l.sums[i].debit += max(p.amount, 0)
		l.sums[i].credit += max(-p.amount, 0)
		t := toneNone
		if p.problem != "" {
			t = toneProblem
		}
		l.next()
		for _, c := range l.columns {
			l.put(c.text(v, p), c.kind, t, currency.Digits())
		}
		l.list.add()
	}
}

// writePostings puts the sheet into the workbook, with the sums at its foot.
func (b *book) writePostings(ctx context.Context) error {
	l := b.postings
	if l == nil {
		return nil
	}
	l.ifEmpty(b.words.say("Nothing to post: this run invoiced nothing"))
	var differences []string
	l.foot = func() {
		for i := range l.sums {
			differences = append(differences, l.footOf(&l.sums[i]))
		}
	}
	if err := l.lay(ctx); err != nil {
		return err
	}
	return b.redUnlessZero(l.sheet.name, differences...)
}

// Columns of the foot, from 1.
const (
	footLabel    = 1
	footDebit    = 4
	footCredit   = 5
	footCurrency = 6
)

// footOf writes the sums of a currency, and tells the cell of their difference.
func (l *postingsList) footOf(s *postedSum) string {
	sum := func(col int) string {
		return over(l.list, `SUMIFS(%s,%s,"`+s.currency.Code()+`")`, l.list.columns[col-1].name, l.list.columns[footCurrency-1].name)
	}
	row := l.sheet.row + 1
	l.footRow(l.say("Total"), s.currency, map[int][2]string{
		footDebit: {sum(footDebit), money.New(s.debit, s.currency).String()}, footCredit: {sum(footCredit), money.New(s.credit, s.currency).String()},
	})
	l.footRow(l.say("Difference"), s.currency, map[int][2]string{
		footDebit: {ref(footDebit, row) + "-" + ref(footCredit, row), money.New(s.debit-s.credit, s.currency).String()},
	})
	return ref(footDebit, row+1)
}

// footRow is a row of the foot, with formulas and their values by column.
func (l *postingsList) footRow(label string, currency money.Currency, cells map[int][2]string) {
	for col := footLabel; col <= footCurrency; col++ {
		cell, found := cells[col]
		switch {
		case col == footLabel:
			widen(&l.widths[col-1], label, kindLabel)
			l.text(label, kindLabel, toneTotal)
		case col == footCurrency:
			l.text(currency.Code(), kindText, toneTotal)
		case found:
			widen(&l.widths[col-1], cell[1], kindAmount)
			l.formula(rounded(cell[0], currency), cell[1], look{kind: kindAmount, tone: toneTotal, digits: currency.Digits()})
		default:
			l.text("", kindText, toneTotal)
		}
	}
	l.page.add(0)
}
