package main

import (
	"fmt"
	"io"
	"strings"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/report"
)

// printSummary tells how it went: for scripts as JSON, else for a person.
func (a *app) printSummary(s *report.Summary, reason dispatch.Reason) error {
	switch {
	case a.settings.json:
		return writeJSON(a.stdout, s)
	case a.settings.quiet:
		return nil
	}
	printPeople(a.stdout, s, reason)
	return nil
}

// printPeople writes the states, the money, the reports and what to do next, the most important last.
func printPeople(w io.Writer, s *report.Summary, reason dispatch.Reason) {
	run := s.Run()
	fmt.Fprintf(w, "%s, account %s, run %s\n\n", strings.ToUpper(string(run.Environment)), run.Account, run.ID)
	fmt.Fprintf(w, "%-18s %8s %8s", "", "orders", "rows")
	for i := range s.Money {
		fmt.Fprintf(w, "  %18s", s.Money[i].Currency.Code())
	}
	fmt.Fprintln(w)
	for _, f := range billing.Finals() {
		if s.Rows.Of(f) == 0 && s.Orders.Of(f) == 0 {
			continue
		}
		fmt.Fprintf(w, "%-18s %8d %8d", f, s.Orders.Of(f), s.Rows.Of(f))
		for i := range s.Money {
			fmt.Fprintf(w, "  %18s", s.Money[i].Of(f).Thousands())
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%-18s %8d %8d", "total", s.Orders.Total(), s.Rows.Total())
	for i := range s.Money {
		fmt.Fprintf(w, "  %18s", s.Money[i].Out().Thousands())
	}
	fmt.Fprintln(w)
	printBeside(w, s.LeftOut, s.Credits)
	if len(s.Reports) > 0 {
		title(w, "reports:")
		for _, path := range s.Reports {
			fmt.Fprintln(w, " ", path)
		}
	}
	if reason != dispatch.Finished {
		title(w, "stopped: "+reason.String())
	}
	fmt.Fprintln(w)
	for _, line := range advice(s) {
		fmt.Fprintln(w, line)
	}
}

// printBeside tells, each on a line, of the rows that are in no total because the profile leaves them out,
// and of the credits that a person must make.
func printBeside(w io.Writer, left *report.LeftOut, credits *report.Credits) {
	if left != nil {
		fmt.Fprintln(w, "left out by the profile:", left)
	}
	if credits != nil {
		fmt.Fprintln(w, "credits to make by hand:", credits)
	}
}

// advice is what a person does next.
func advice(s *report.Summary) []string {
	lines := otherPeriods(s)
	if n := warnings(s); n > 0 {
		lines = append(lines, plural(n, "warning")+": see the report's Problems sheet")
	}
	if n := s.Rows.Of(billing.FinalInvalid); n > 0 {
		lines = append(lines,
			plural(n, "row")+" invalid: the report's Problems sheet says why; correct them in the file and run again")
	}
	if n := s.Rows.Of(billing.FinalRejected) + s.Rows.Of(billing.FinalFailed); n > 0 {
		lines = append(lines,
			plural(n, "row")+
				" rejected or failed: the report says why; nothing was created for them, run again when it is put right")
	}
	if n := s.Orders.Of(billing.FinalVoided); n > 0 {
		lines = append(lines, plural(n, "order")+" cancelled: to invoice one anew, give it a new reference")
	}
	if n := s.Rows.Of(billing.FinalNotAttempted); n > 0 {
		lines = append(lines, plural(n, "row")+" not attempted: run the same command again to go on")
	}
	if n := s.Orders.Of(billing.FinalConflict); n > 0 {
		lines = append(lines,
			plural(n, "order")+
				" in conflict: a reference exists with other content; the report shows both, a person decides")
	}
	if n := s.Orders.Of(billing.FinalInDoubt); n > 0 {
		lines = append(lines,
			plural(n, "order")+
				" in doubt: sent, but the answer is not known; `kravia-batch refresh` looks them up, running again does too")
	}
	if n := s.ProblemsOf(billing.CodeDeliver); n > 0 {
		lines = append(lines,
			"collection has not started for "+plural(n, "order")+
				": the invoices exist but are not captured; run the same command again, and if the report still says so, capture them at the provider")
	}
	registered := s.Orders.Of(billing.FinalRegistered)
	if registered > 0 {
		lines = append(lines,
			plural(registered, "order")+" registered: the invoice number comes later; `kravia-batch refresh` gets it")
	}
	if s.ExitCode == batch.ExitDone && len(otherPeriods(s)) == 0 && registered == 0 {
		lines = append(lines, "every row is invoiced, already invoiced or registered; nothing to do")
	}
	return lines
}

// otherPeriods names orders that an earlier run has for another period: of these, nothing is invoiced for this one.
func otherPeriods(s *report.Summary) (lines []string) {
	rows, named := 0, map[string]bool{}
	for _, g := range s.Groups {
		if g.Code != billing.CodeOtherPeriod {
			continue
		}
		rows += g.Count
		for _, p := range g.First {
			if !named[p.Value] && len(named) < maxNamed {
				named[p.Value] = true
				lines = append(lines, "  "+p.Message)
			}
		}
	}
	if rows == 0 {
		return nil
	}
	head := plural(rows, "row") +
		" of another period, which the report's Problems sheet lists (order.other_period), among them:"
	return append([]string{head}, lines...)
}

// maxNamed is how many orders the summary names.
const maxNamed = 5

func warnings(s *report.Summary) (n int) {
	for _, g := range s.Groups {
		if g.Severity == billing.Warning {
			n += g.Count
		}
	}
	return n
}
