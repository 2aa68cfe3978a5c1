package report

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// sheetLastMonth lists the customers that are new, gone or changed. The report of a run has it only if there is an
// earlier run.
const sheetLastMonth = "Last month"

func (b *book) writeLastMonth(ctx context.Context) error {
	m, say := b.report.LastMonth, b.words.say
	if m == nil && b.report.Preview == nil {
		return nil
	}
	l := b.list(sheetLastMonth, []column{
		{say("difference"), kindText},
		{say("customer number"), kindText},
		{say("customer"), kindProse},
		{say("currency"), kindText},
		{say("before"), kindAmount},
		{say("now"), kindAmount},
		{say("change"), kindAmount},
		{say("percent"), kindNumber},
	}, []int{14, 20, 44, 11, 22, 22, 22, 14})
	if m == nil {
		l.ifEmpty(say("There is no earlier run to compare with"))
		m = &billing.LastMonth{}
	}
	if m.TooMany {
		l.ifEmpty(say("There are too many customers to compare"))
	}
	l.addChanges(say("new"), toneGood, &m.New)
	l.addChanges(say("gone"), toneProblem, &m.Gone)
	l.addChanges(say("changed"), toneWarning, &m.Changed)
	l.ifEmpty(say("No customer is new, gone or changed"))
	return l.lay(ctx)
}

// addChanges lists a group of customers, and says how many more there are.
func (l *list) addChanges(word string, t tone, of *billing.CustomerGroup) {
	for i := range of.List {
		c := &of.List[i]
		change, err := c.Now.Sub(c.Before)
		l.err = cmp.Or(l.err, err)
		l.next()
		l.texts(t, c.Now.Currency().Digits(), word, c.Number, c.Customer, c.Now.Currency().Code(), c.Before.String(),
			c.Now.String(), change.String(), percent(c.Before, c.Now))
		l.add()
	}
	if more := of.Customers - len(of.List); more > 0 {
		l.next()
		l.texts(t, 0, word, "", l.book.words.count(more,
			"and 1 customer with a smaller difference", "and %d customers with smaller differences"))
		l.add()
	}
}

// percent returns the change in whole percent, rounded toward zero, or "" when there is nothing to compare or the
// number is too large.
func percent(before, now money.Amount) string {
	const most = 1 << 56 // 100 times as much still fits
	change := now.Minor() - before.Minor()
	if before.Minor() <= 0 || now.Minor() == 0 || change > most || change < -most {
		return ""
	}
	return strconv.FormatInt(change*100/before.Minor(), 10)
}

// lastMonth compares with an earlier run. If there is none, only the report of a plan says so.
func (w *summarySheet) lastMonth() {
	m, words := w.book.report.LastMonth, w.book.words
	if m == nil {
		if w.book.report.Preview != nil {
			w.heading(words.say(sheetLastMonth))
			w.prose(words.say("There is no earlier run to compare with"))
		}
		return
	}
	day := m.Started.In(w.s.shape.location).Format(time.DateOnly)
	against := words.say("Compared with run %s of %s", m.Run, day)
	if m.Period != "" {
		against = words.say("Compared with run %s of %s, period %s", m.Run, day, m.Period)
	}
	w.heading(against)
	if m.TooMany {
		w.prose(words.say("There are too many customers to compare"))
		return
	}
	w.prose(words.say("Sums include VAT. Before: what that run invoiced or registered. "+
		"Now: what is invoiced or will be. Each customer is on sheet %s", words.say(sheetLastMonth)))
	w.pairs([]Setting{
		{words.say("All"), words.customers(&m.All)},
		{words.say("New"), words.customers(&m.New)},
		{words.say("Gone"), words.customers(&m.Gone)},
		{words.say("Changed by more than %d %%", m.ChangePercent), words.customers(&m.Changed)},
		{words.say("Changed less, or not at all"), words.customers(&billing.CustomerGroup{Customers: m.Same})},
	})
}

// customers returns a group in words: 3 customers, 1,200.00 NOK before and 0.00 NOK now.
func (w words) customers(g *billing.CustomerGroup) string {
	parts := []string{w.count(g.Customers, "1 customer", "%d customers")}
	for _, s := range g.Money {
		parts = append(parts, w.say("%s before and %s now", w.money(s.Before), w.money(s.Now)))
	}
	return strings.Join(parts, ", ")
}

// brief returns a comparison without its lists, for the JSON summary.
func brief(m *billing.LastMonth) *billing.LastMonth {
	if m == nil {
		return nil
	}
	short := *m
	for _, g := range []*billing.CustomerGroup{&short.All, &short.New, &short.Gone, &short.Changed} {
		g.List, g.Money = nil, append([]billing.Shift{}, g.Money...)
	}
	return &short
}
