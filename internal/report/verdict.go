package report

import (
	"fmt"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// banner says in words whose invoices these are.
func banner(run *RunInfo) (string, tone) {
	account := ""
	if run.Account != "" {
		account = " Account " + run.Account + "."
	}
	switch run.Environment {
	case Sandbox:
		return "SANDBOX – a rehearsal with the built-in provider. Nothing left this computer, no invoice is real.", toneSandbox
	case Test:
		return "TEST – the provider's test environment." + account + " No invoice is real.", toneTest
	case Live:
		return "LIVE – real invoices to real customers." + account, toneLive
	}
	return strings.ToUpper(string(run.Environment)) + " – unknown environment." + account, toneLive
}

// verdict answers in one sentence whether everything was invoiced, and for how much.
func verdict(s *Summary) (string, tone) {
	done, total := tally(s, live), tally(s, func(billing.Final) bool { return true })
	voided, left := tally(s, cancelled), tally(s, func(f billing.Final) bool { return !live(f) && !cancelled(f) })
	var more string
	if voided.rows > 0 {
		more = fmt.Sprintf(" Cancelled: %s.", voided)
	}
	if waiting := s.Orders.Of(billing.FinalRegistered); waiting > 0 {
		more += fmt.Sprintf(" Waiting for an invoice number: %s.", counted(waiting, "order"))
	}
	good := toneGood
	if n := s.ProblemsOf(billing.CodeOtherPeriod); n > 0 {
		good = toneAttention
		more += fmt.Sprintf(" An earlier run has %s for another period, see sheet Problems.", counted(n, "row"))
	}
	switch {
	case !s.Balanced:
		first := s.Differences[0]
		return fmt.Sprintf("OUT OF BALANCE – do not rely on this report. %s: in %s, out %s. Show it to the operator.",
			capital(first.What), first.In, first.Out), toneProblem
	case total.rows == 0 && s.LeftOut != nil:
		return "Nothing to do: the profile leaves out every row.", toneAttention
	case total.rows == 0:
		return "Nothing to do: the input has no rows.", toneGood
	case done.rows == total.rows:
		return fmt.Sprintf("Yes, everything was invoiced: %s.", done) + more, good
	case left.rows == 0:
		return fmt.Sprintf("Nothing is left. Invoiced: %s.", done) + more, good
	case done.rows == 0:
		return fmt.Sprintf("No, nothing was invoiced. Left: %s.", left) + more, toneProblem
	}
	return fmt.Sprintf("No, not everything was invoiced. Invoiced: %s. Left: %s.", done, left) + more, toneAttention
}

func cancelled(f billing.Final) bool { return f == billing.FinalVoided }

// share is the part of a batch that is in some of the states.
type share struct {
	rows, orders int
	money        []money.Amount
}

func tally(s *Summary, in func(billing.Final) bool) share {
	var t share
	minor := make([]int64, len(s.Money)) // parts of sums that did not overflow
	for _, f := range billing.Finals() {
		if !in(f) {
			continue
		}
		t.rows += s.Rows.Of(f)
		t.orders += s.Orders.Of(f)
		for i := range s.Money {
			minor[i] += s.Money[i].Of(f).Minor()
		}
	}
	for i := range s.Money {
		if minor[i] != 0 {
			t.money = append(t.money, money.New(minor[i], s.Money[i].Currency))
		}
	}
	return t
}

// String is "2 orders, 12 345.67 NOK and 5.00 EUR".
func (t share) String() string {
	text := counted(t.orders, "order")
	if t.orders == 0 && t.rows > 0 {
		text = counted(t.rows, "row")
	}
	sums := make([]string, len(t.money))
	for i, m := range t.money {
		sums[i] = m.Grouped()
	}
	if len(sums) > 0 {
		text += ", " + strings.Join(sums, " and ")
	}
	return text
}

func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// todo is who must do what about rows in a state.
func todo(f billing.Final) string {
	return [finals + 1]string{
		billing.FinalInvoiced:        "Nothing",
		billing.FinalAlreadyInvoiced: "Nothing: an earlier run invoiced them, they were not sent again",
		billing.FinalRegistered:      "Operator: run refresh later to get the invoice numbers",
		billing.FinalRejected:        "Accounting: correct what the provider refused, run the file again",
		billing.FinalFailed:          "Operator: run the file again, nothing was created",
		billing.FinalInDoubt:         "Operator: run refresh. Do not invoice by hand before it is settled",
		billing.FinalConflict:        "Accounting: the reference is in use with other content, decide which is right",
		billing.FinalInvalid:         "Accounting: correct the rows as sheet Problems says, run the file again",
		billing.FinalNotAttempted:    "Operator: run the file again, these were not sent",
		billing.FinalVoided:          "Nothing: cancelled after they were created",
	}[f]
}
