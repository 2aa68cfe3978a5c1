package report

import (
	"context"
	"maps"
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// sheetPostings lists the postings. A report without accounts does not have the sheet.
const sheetPostings = "Postings"

// postingsList is the sheet Postings. Below the list are for each currency the sums of debits and credits, their
// difference, and the sums of each account, which a reader compares with the ledger.
type postingsList struct {
	*list
	earlier int         // vouchers that are left out because they are too early
	sums    []postedSum // by currency code
}

// postedSum is the sums of the postings of one currency.
type postedSum struct {
	sides
	currency money.Currency
	accounts map[string]sides // "" for lines without an account
	row      int              // of the total in the foot
}

// sides are the debits and the credits of postings, in minor units.
type sides struct{ debit, credit int64 }

func (s sides) plus(amount int64) sides {
	return sides{s.debit + max(amount, 0), s.credit + max(-amount, 0)}
}

// add counts and lists a posting.
func (l *postingsList) add(currency money.Currency, p *posting, cells []string) {
	i, found := slices.BinarySearchFunc(l.sums, currency.Code(), func(s postedSum, code string) int {
		return strings.Compare(s.currency.Code(), code)
	})
	if !found {
		l.sums = slices.Insert(l.sums, i, postedSum{currency: currency, accounts: map[string]sides{}})
	}
	sum := &l.sums[i]
	sum.sides, sum.accounts[p.account] = sum.plus(p.amount), sum.accounts[p.account].plus(p.amount)
	t := toneNone
	if p.problem != "" {
		t = toneProblem
	}
	l.next()
	for k, text := range cells {
		l.put(text, l.columns[k].kind, t, currency.Digits())
	}
	l.list.add()
}

// writePostings puts the sheet into the workbook, with the sums in its foot.
func (b *book) writePostings(ctx context.Context) error {
	l := b.postings
	if l == nil {
		return nil
	}
	var left string
	if from := b.report.PostingsFrom; from != "" {
		left = l.say("Vouchers from %s on; earlier ones, left out here: %d", string(from), l.earlier)
	}
	if l.earlier > 0 {
		l.ifEmpty(left)
	} else {
		l.ifEmpty(b.words.say("Nothing to post: this run invoiced nothing"))
	}
	var differences []string
	l.foot = func() { differences = l.writeFoot(left) }
	if err := l.lay(ctx); err != nil {
		return err
	}
	return b.redUnlessZero(l.sheet.name, differences...)
}

// Columns of the foot, from 1.
const (
	footAccount  = 3
	footDebit    = 4
	footCredit   = 5
	footCurrency = 6
	footBalance  = 7
)

// writeFoot writes the sums below the postings, and what is left out. It returns the cells of the differences.
func (l *postingsList) writeFoot(left string) (differences []string) {
	if len(l.sums) == 0 {
		return nil
	}
	for i := range l.sums {
		differences = append(differences, l.total(&l.sums[i]))
	}
	l.page.add(0)
	for i, heading := range []string{
		l.say("By account"), "", l.headings[footAccount-1], l.headings[footDebit-1], l.headings[footCredit-1],
		l.headings[footCurrency-1], l.say("Balance"),
	} {
		widen(&l.widths[i], heading, kindHeader)
		l.text(heading, headerKind(i+1 == footDebit || i+1 == footCredit || i+1 == footBalance), toneHeader)
	}
	l.page.add(0)
	for i := range l.sums {
		l.byAccount(&l.sums[i])
	}
	if left != "" {
		l.page.add(0)
		l.cells = append(l.cells, cell{form: formText, text: left})
		l.page.add(0)
	}
	return differences
}

// total writes the sums of a currency, and returns the cell of their difference.
func (l *postingsList) total(s *postedSum) string {
	sum := func(col int) string { return l.over("SUMIFS", l.columns[col-1].name, inCurrencyOf(s.currency)) }
	s.row = l.sheet.row + 1
	l.footRow(toneTotal, l.say("Total"), "", s.currency, computed{sum(footDebit), s.debit},
		computed{sum(footCredit), s.credit})
	l.footRow(toneTotal, l.say("Difference"), "", s.currency,
		computed{ref(footDebit, s.row) + "-" + ref(footCredit, s.row), s.debit - s.credit})
	return ref(footDebit, s.row+1)
}

// byAccount writes the sums of each account in a currency. Lines without an account are the total less the accounts.
func (l *postingsList) byAccount(s *postedSum) {
	first := l.sheet.row + 1
	row := func(account string, of sides, sum func(col int) string) {
		balance := ref(footDebit, l.sheet.row+1) + "-" + ref(footCredit, l.sheet.row+1)
		l.footRow(toneNone, "", account, s.currency, computed{sum(footDebit), of.debit},
			computed{sum(footCredit), of.credit}, computed{balance, of.debit - of.credit})
	}
	for _, account := range slices.Sorted(maps.Keys(s.accounts)) {
		if account == "" {
			continue
		}
		row(account, s.accounts[account], func(col int) string {
			return l.over("SUMIFS", l.columns[col-1].name, condition{"account", ref(footAccount, l.sheet.row+1)},
				inCurrencyOf(s.currency))
		})
	}
	if none := s.accounts[""]; none != (sides{}) {
		last := l.sheet.row
		row(l.say("no account"), none, func(col int) string {
			return ref(col, s.row) + "-SUM(" + ref(col, first) + ":" + ref(col, last) + ")"
		})
	}
}

// computed is a formula and its value in minor units.
type computed struct {
	formula string
	value   int64
}

// footRow writes a row of the foot. The amounts are the debit, the credit and the balance, or the first of them.
func (l *postingsList) footRow(t tone, label, account string, currency money.Currency, amounts ...computed) {
	put := func(text, formula string, k kind) {
		widen(&l.widths[len(l.cells)], text, k)
		l.formula(formula, text, look{kind: k, tone: t, digits: currency.Digits()})
	}
	amount := func(i int) {
		if i < len(amounts) {
			of := amounts[i]
			put(money.New(of.value, currency).String(), rounded(of.formula, currency.Digits()), kindAmount)
		} else {
			put("", "", kindText)
		}
	}
	put(label, "", kindLabel)
	put("", "", kindText)
	put(account, "", kindText)
	amount(0)
	amount(1)
	put(currency.Code(), "", kindText)
	if len(amounts) > 2 {
		amount(2)
	}
	l.page.add(0)
}
