package report

import (
	"cmp"
	"context"
	"errors"
	"io"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Preview makes a report that of a plan: it says what a run would send.
type Preview struct {
	Hash   string             // of the plan
	By     string             // the plan's author
	Day    billing.Date       // days until due count from this day
	ToSend int                // number of orders to be sent
	Money  []money.Amount     // of these orders, including VAT, by currency
	VAT    []billing.VATTotal // of the valid rows
}

// WritePreview writes the workbook of a report with a [Preview] into dir and returns its path. The file is written
// completely or not at all, and never over another file.
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

// planTop is the top of a preview: that nothing is sent, what would be sent, and the comparison with last month.
func (w *summarySheet) planTop() {
	run, p, words := &w.book.report.Run, w.book.report.Preview, w.book.words
	whose, t := w.banner(run)
	w.seller()
	w.wide(words.say("PLAN – NOTHING IS SENT"), kindBanner, toneAttention)
	w.wide(whose, kindBanner, t)
	w.wide(words.say("Plan of %s by %s", p.Day, p.By), kindTitle, toneNone)
	made := words.say("Made %s (%s), SHA-256 %s", localTime(run.Started, w.s.shape.location), zone, p.Hash)
	if run.Period != "" {
		made += ". " + words.say("Period %s", run.Period)
	}
	w.prose(made)
	w.gap()
	text, t := words.say("To be sent: %s", words.orders(p.ToSend)), toneGood
	if len(p.Money) > 0 {
		text += ", " + words.sums(p.Money)
	}
	if left := w.s.Orders.Total() - p.ToSend; left > 0 {
		text += ". " + words.say("Not to be sent: %s, see the states below.", words.orders(left))
		t = toneWarning
	}
	w.wide(text, kindBanner, t)
	w.lastMonth()
}

// planVAT is the VAT of the valid rows by rate.
func (w *summarySheet) planVAT() {
	w.heading(w.say("VAT of all valid rows"))
	w.header(2, 4, w.say("Rate"), w.say("Net"), w.say("VAT"), w.say("Amount incl. VAT"), "")
	for _, v := range w.book.report.Preview.VAT {
		net, err := v.Gross.Sub(v.VAT)
		w.err = cmp.Or(w.err, err)
		w.text(w.book.words.decimal(v.Rate.String())+" % "+v.Gross.Currency().Code(), kindText, toneNone)
		for _, a := range []money.Amount{net, v.VAT, v.Gross} {
			w.amount(a, toneNone)
		}
		w.add(lineHigh)
	}
}

// toneOf returns the tone of a row or order. In a preview an order that was not sent yet has none.
func (b *book) toneOf(f billing.Final, warned bool) tone {
	if b.report.Preview == nil || f != billing.FinalNotAttempted {
		return toneOf(f, warned)
	}
	if warned {
		return toneWarning
	}
	return toneNone
}

// planned returns, in English, what will become of the orders of a plan in a state.
func planned(f billing.Final) string {
	const done phrase = "Will not be sent: an earlier run did"
	return cmp.Or(string([finals + 1]phrase{
		billing.FinalNotAttempted: "Will be sent when the plan is run",
		billing.FinalInDoubt: "An earlier run sent them and got no answer: " +
			"they are looked up first when the plan is run",
		billing.FinalInvalid:         "Will not be sent: see sheet Problems",
		billing.FinalInvoiced:        done,
		billing.FinalAlreadyInvoiced: done,
		billing.FinalRegistered:      done,
		billing.FinalVoided:          done,
		billing.FinalConflict:        "Will not be sent: the reference is in use with other content",
	}[f]), todo(f))
}
