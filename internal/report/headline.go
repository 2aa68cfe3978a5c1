package report

import (
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// banner says whether the invoices are real, and of which account.
func (w *summarySheet) banner(run *RunInfo) (string, tone) {
	account := ""
	if run.Account != "" {
		account = " " + w.say("Account %s.", run.Account)
	}
	switch run.Environment {
	case Sandbox:
		return w.say("SANDBOX – a rehearsal with the built-in provider. " +
			"Nothing left this computer, no invoice is real."), toneSandbox
	case Test:
		return w.say("TEST – the provider's test environment. No invoice is real.") + account, toneTest
	case Live:
		return w.say("LIVE – real invoices to real customers.") + account, toneLive
	}
	return w.say("%s – unknown environment.", strings.ToUpper(string(run.Environment))) + account, toneLive
}

// headline answers the first question in a few sentences: is everything invoiced, by which run, and for how much. Its
// tone is that of the answer.
func (w words) headline(s *Summary) (string, tone) {
	done, good := w.share(s, partThisRun), toneGood // where everything is done
	if s.ProblemsOf(billing.CodeOtherPeriod) > 0 || s.ordersOf(partCancelled) > 0 {
		good = toneAttention
	}
	switch {
	case !s.Balanced:
		first := s.Differences[0]
		return w.say("OUT OF BALANCE – do not rely on this report. %s: in %s, out %s. Show it to the operator.",
			strings.ToUpper(first.What[:1])+first.What[1:], first.In, first.Out), toneProblem
	case s.Rows.Total() == 0 && s.LeftOut != nil:
		return w.say("Nothing to do: the profile leaves out every row."), toneAttention
	case s.Rows.Total() == 0:
		return w.say("Nothing to do: the input has no rows."), toneGood
	case s.left() > 0 && s.ordersOf(partThisRun) > 0:
		return w.say("No, not everything: this run invoiced %s.", done) + w.others(s), toneAttention
	case s.left() > 0:
		return w.say("No: this run invoiced nothing.") + w.others(s), toneProblem
	case s.ordersOf(partThisRun) == s.Orders.Total() && s.ordersOf(partCancelled) == 0:
		return w.say("Yes, everything was invoiced by this run: %s.", done) + w.others(s), good
	case s.ordersOf(partThisRun) > 0:
		return w.say("Yes, everything is done: this run invoiced %s.", done) + w.others(s), good
	case s.ordersOf(partLater) > 0:
		return w.say("Nothing to post yet: this run invoiced nothing.") + w.others(s), good
	}
	return w.say("Nothing to post: this run invoiced nothing, everything was done before.") + w.others(s), good
}

// others says what this run did not invoice, and what was cancelled since.
func (w words) others(s *Summary) (text string) {
	add := func(of string, more ...any) { text += " " + w.say(of, more...) }
	if s.ordersOf(partCancelled) > 0 {
		add("Cancelled since: %s.", w.share(s, partCancelled))
	}
	if s.ordersOf(partBefore) > 0 {
		add("Invoiced before: %s.", w.share(s, partBefore))
	}
	if s.ordersOf(partLater) > 0 {
		add("Registered, and invoiced later: %s.", w.share(s, partLater))
	}
	if s.left() > 0 {
		add("Not invoiced: %s.", w.leftOver(s))
	}
	if n := s.ProblemsOf(billing.CodeOtherPeriod); n > 0 {
		add("An earlier run has %s for another period, see sheet %s.", w.count(n, "1 row", "%d rows"),
			w.say(sheetProblems))
	}
	return text
}

func (s *Summary) ordersOf(p part) (n int) {
	for i := range s.Invoicing {
		n += s.Invoicing[i].by[p].Orders
	}
	return n
}

// isLeft reports whether orders in a state are neither invoiced nor registered nor cancelled.
func isLeft(f billing.Final) bool { return !live(f) && f != billing.FinalVoided }

func (s *Summary) left() (n int) {
	for _, f := range billing.Finals() {
		if isLeft(f) {
			n += s.Rows.Of(f)
		}
	}
	return n
}

// share returns a part in words: "2 orders, 12,345.67 NOK and 5.00 EUR".
func (w words) share(s *Summary, p part) string {
	var sums []money.Amount
	for i := range s.Invoicing {
		sums = append(sums, money.New(s.Invoicing[i].by[p].Gross.Minor(), s.Invoicing[i].Currency))
	}
	return w.things(w.orders(s.ordersOf(p)), sums)
}

func (w words) leftOver(s *Summary) string {
	orders, minor := 0, make([]int64, len(s.Money)) // no overflow: the sum of all states had none
	for _, f := range billing.Finals() {
		if isLeft(f) {
			orders += s.Orders.Of(f)
			for i := range s.Money {
				minor[i] += s.Money[i].Of(f).Minor()
			}
		}
	}
	what := w.orders(orders)
	if orders == 0 {
		what = w.count(s.left(), "1 row", "%d rows")
	}
	var sums []money.Amount
	for i, m := range minor {
		sums = append(sums, money.New(m, s.Money[i].Currency))
	}
	return w.things(what, sums)
}

// things returns a count and the sums that are not 0: "2 orders, 12,345.67 NOK".
func (w words) things(what string, sums []money.Amount) string {
	sums = slices.DeleteFunc(slices.Clone(sums), func(sum money.Amount) bool { return sum.Minor() == 0 })
	if len(sums) == 0 {
		return what
	}
	return what + ", " + w.sums(sums)
}

// OtherRun is another run that invoiced or registered orders of a report, with their number.
type OtherRun struct {
	Run    string `json:"run"`
	Orders int    `json:"orders"`
}

// maxOthers is the number of other runs that are named.
const maxOthers = 5

// postedElsewhere names the other runs, one a line, from whose reports the rest is posted.
func (w words) postedElsewhere(s *Summary) (lines []string) {
	for i, other := range s.ByOthers {
		if i == maxOthers {
			return append(lines, w.count(len(s.ByOthers)-i, "and 1 more run", "and %d more runs"))
		}
		lines = append(lines, w.say("Posted from the reports of other runs: %[1]s of run %[2]s; "+
			"`kravia-batch report --run %[2]s` makes that report again",
			w.orders(other.Orders), other.Run))
	}
	return lines
}

// PostedElsewhere names in English, one a line, the other runs from whose reports the rest is posted. It names five at
// most.
func (s *Summary) PostedElsewhere() []string { return wordsOf("").postedElsewhere(s) }

// todo returns who must do what about the rows in a state of the report.
func (w words) todo(s *Summary, f billing.Final) string {
	if f == billing.FinalVoided && s.ordersOf(partCancelled) == 0 {
		return w.say("Nothing: the correction is in the report of the run that invoiced them")
	}
	return w.text(todo(f))
}

// todo returns, in English, who must do what about rows in a state.
func todo(f billing.Final) string {
	return string([finals + 1]phrase{
		billing.FinalInvoiced: "Accounting: post them",
		billing.FinalAlreadyInvoiced: "Nothing, if another run's report posts them; " +
			"check those that were found at the provider",
		billing.FinalRegistered:   "Operator: run refresh later to get the invoice numbers",
		billing.FinalRejected:     "Accounting: correct what the provider refused, run the file again",
		billing.FinalFailed:       "Operator: run the file again, nothing was created",
		billing.FinalInDoubt:      "Operator: run refresh. Do not invoice by hand before the answer is known",
		billing.FinalConflict:     "Accounting: the reference is in use with other content, decide which is right",
		billing.FinalInvalid:      "Accounting: correct the rows as sheet Problems says, run the file again",
		billing.FinalNotAttempted: "Operator: run the file again, these were not sent",
		billing.FinalVoided:       "Accounting: post the correction, if the invoice was posted",
	}[f])
}
