package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Preview makes a report that of a plan: what a run would send, with nothing sent yet.
type Preview struct {
	Hash      string // of the plan
	By        string
	Day       billing.Date // from which days until due are counted
	ToSend    int          // orders
	Money     []money.Amount
	VAT       []billing.VATTotal // of the valid rows
	LastMonth *billing.LastMonth // nil when there is nothing to compare with
}

// WritePreview writes the workbook of a report with a [Preview] into dir, whole and never over another file, and gives its path.
func WritePreview(ctx context.Context, r *Report, dir, name string) (path string, err error) {
	m, err := begin(r, dir, []Format{XLSX})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.read(ctx); err != nil {
		return "", err
	}
	if _, err := m.finish(); err != nil {
		return "", err
	}
	return atomicfile.Create(dir, name, func(w io.Writer) error { return m.write(ctx, XLSX, w) })
}

const sheetLastMonth = "Last month"

// writeLastMonth lists the customers that differ: new, gone, changed.
func (b *book) writeLastMonth(ctx context.Context) error {
	if b.report.Preview == nil {
		return nil
	}
	l := b.list(sheetLastMonth, []column{
		{"difference", kindText},
		{"customer_number", kindText},
		{"customer", kindProse},
		{"currency", kindText},
		{"before", kindAmount},
		{"now", kindAmount},
		{"change", kindAmount},
		{"percent", kindNumber},
	}, []int{14, 20, 44, 11, 22, 22, 22, 14})
	m := b.report.Preview.LastMonth
	if m == nil {
		l.ifEmpty("There is no earlier run to compare with")
		m = &billing.LastMonth{}
	}
	l.addChanges("new", toneGood, &m.New)
	l.addChanges("gone", toneProblem, &m.Gone)
	l.addChanges("changed", toneWarning, &m.Changed)
	l.ifEmpty("No customer is new, gone or changed")
	return l.lay(ctx)
}

// addChanges lists a group of customers, and says where its list goes on.
func (l *list) addChanges(word string, t tone, of *billing.CustomerGroup) {
	for i := range of.List {
		c := &of.List[i]
		change, err := c.Now.Sub(c.Before)
		if err != nil && l.err == nil {
			l.err = err
		}
		l.next()
		l.texts(t, c.Now.Currency().Digits(), word, c.Number, c.Customer, c.Now.Currency().Code(), c.Before.String(), c.Now.String(), change.String(),
			percent(c.Before, c.Now))
		l.add()
	}
	if more := of.Customers - len(of.List); more > 0 {
		l.next()
		l.texts(t, 0, word, "", fmt.Sprintf("and %s with smaller differences", counted(more, "customer")))
		l.add()
	}
}

// percent is the change in whole percent, rounded toward zero, "" where there was nothing before or where it says nothing.
func percent(before, now money.Amount) string {
	const most = 1 << 56 // times 100 fits
	change := now.Minor() - before.Minor()
	if before.Minor() <= 0 || now.Minor() == 0 || change > most || change < -most {
		return ""
	}
	return strconv.FormatInt(change*100/before.Minor(), 10)
}

// planTop is what stands first in a preview: that nothing is sent, what would be, and how it differs from last month.
func (w *summarySheet) planTop(p *Preview) {
	run := &w.book.report.Run
	whose, t := banner(run)
	w.seller()
	w.wide("PLAN – NOTHING IS SENT", kindBanner, toneAttention)
	w.wide(whose, kindBanner, t)
	w.wide("Plan of "+string(p.Day)+" by "+p.By, kindTitle, toneNone)
	made := "Made " + localTime(run.Started, w.s.shape.location) + " (" + zone + "), SHA-256 " + p.Hash
	if run.Period != "" {
		made += ". Period " + run.Period
	}
	w.wide(made, kindProse, toneNone)
	w.gap()
	sums := make([]string, len(p.Money))
	for i, m := range p.Money {
		sums[i] = m.Grouped()
	}
	text := "To be sent: " + counted(p.ToSend, "order")
	if len(sums) > 0 {
		text += ", " + strings.Join(sums, " and ")
	}
	t = toneGood
	if p.ToSend < w.s.Orders.Total() {
		text += fmt.Sprintf(". Not to be sent: %s, see the states below.", counted(w.s.Orders.Total()-p.ToSend, "order"))
		t = toneWarning
	}
	w.wide(text, kindBanner, t)
	w.heading("Compared with last month (each customer on sheet " + sheetLastMonth + ")")
	m := p.LastMonth
	if m == nil {
		w.wide("There is no earlier run to compare with", kindProse, toneNone)
		return
	}
	against := "Run " + m.Run + " of " + localTime(m.Started, w.s.shape.location)
	if m.Period != "" {
		against += ", period " + m.Period
	}
	w.pairs([]Setting{
		{"Compared with", against},
		{"All", m.All.String()},
		{"New", m.New.String()},
		{"Gone", m.Gone.String()},
		{fmt.Sprintf("Changed by more than %d %%", m.ChangePercent), m.Changed.String()},
		{"Within that", counted(m.Same, "customer")},
	})
}

// planVAT is the VAT of the rows that can be sent, by rate.
func (w *summarySheet) planVAT(p *Preview) {
	w.heading("VAT of all valid rows")
	w.header(2, 4, "Rate", "Net", "VAT", "Gross")
	for i := range p.VAT {
		v := &p.VAT[i]
		w.vatLine(v.Rate.String()+" % "+v.Gross.Currency().Code(), v)
	}
}

// toneOf is the fill of a row or order; in a preview it is no news that nothing was sent.
func (b *book) toneOf(f billing.Final, warned bool) tone {
	if b.report.Preview == nil || f != billing.FinalNotAttempted {
		return toneOf(f, warned)
	}
	if warned {
		return toneWarning
	}
	return toneNone
}

// planned is who does what about orders of a plan, in the words of a preview.
func planned(f billing.Final) string {
	const done = "Will not be sent: an earlier run did"
	return cmp.Or([finals + 1]string{
		billing.FinalNotAttempted:    "Will be sent when the plan is run",
		billing.FinalInDoubt:         "An earlier run sent them and knows no answer: looked up first when the plan is run",
		billing.FinalInvalid:         "Will not be sent: see sheet Problems",
		billing.FinalInvoiced:        done,
		billing.FinalAlreadyInvoiced: done,
		billing.FinalRegistered:      done,
		billing.FinalVoided:          done,
		billing.FinalConflict:        "Will not be sent: the reference is in use with other content",
	}[f], todo(f))
}
