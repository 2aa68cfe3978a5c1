package report

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

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
	at := l.foot()
	if err := l.lay(ctx); err != nil {
		return err
	}
	return b.redUnlessZero(l.sheet.name, at)
}

// columns of the foot, from 1.
const (
	footLabel    = 1
	footDebit    = 4
	footCredit   = 5
	footCurrency = 6
)

// foot writes the sums, and tells the cells of the differences.
func (l *postingsList) foot() (differences []string) {
	var sums [][2]string // formulas over the list as it is without its foot
	for _, s := range l.sums {
		of := func(col int) string {
			return rounded(over(l.list, `SUMIFS(%s,%s,"`+s.currency.Code()+`")`, l.list.columns[col-1].name, l.list.columns[footCurrency-1].name), s.currency)
		}
		sums = append(sums, [2]string{of(footDebit), of(footCredit)})
	}
	if l.err == nil && l.sheet.row+2*len(sums) > cmp.Or(l.book.report.rowsPerSheet, maxRowsPerSheet) {
		l.start()
	}
	for i, s := range l.sums {
		amount := look{kind: kindAmount, tone: toneTotal, digits: s.currency.Digits()}
		total := l.sheet.row + 1
		l.footRow(l.book.words.say("Total"), s.currency, []footCell{
			{sums[i][0], money.New(s.debit, s.currency).String()}, {sums[i][1], money.New(s.credit, s.currency).String()},
		}, amount)
		l.footRow(l.book.words.say("Difference"), s.currency, []footCell{
			{rounded(ref(footDebit, total)+"-"+ref(footCredit, total), s.currency), money.New(s.debit-s.credit, s.currency).String()},
		}, amount)
		differences = append(differences, ref(footDebit, total+1))
	}
	return differences
}

type footCell struct{ formula, value string }

// footRow is a row below the list, which no filter of the list hides.
func (l *postingsList) footRow(label string, currency money.Currency, cells []footCell, amount look) {
	for col := footLabel; col <= footCurrency; col++ {
		switch i := col - footDebit; {
		case col == footLabel:
			l.text(label, kindLabel, toneTotal)
		case col == footCurrency:
			l.text(currency.Code(), kindText, toneTotal)
		case i >= 0 && i < len(cells):
			widen(&l.widths[col-1], cells[i].value, kindAmount)
			l.formula(cells[i].formula, cells[i].value, amount)
		default:
			l.text("", kindText, toneTotal)
		}
	}
	l.list.add()
	l.below++
}

// redUnlessZero colours cells of a sheet when their numbers are not 0.
func (b *book) redUnlessZero(sheet string, cells []string) error {
	fill, text := toneLive.colours()
	id, err := b.f.NewConditionalStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: text}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}},
	})
	for _, cell := range cells {
		err = errors.Join(err, b.f.SetConditionalFormat(sheet, cell, []excelize.ConditionalFormatOptions{
			{Type: "cell", Criteria: "!=", Value: "0", Format: &id},
		}))
	}
	return err
}
