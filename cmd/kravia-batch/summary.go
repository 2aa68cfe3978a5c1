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

// printSummary prints how a run went: as JSON for scripts, else in words.
func (a *app) printSummary(out *outputFlags, s *report.Summary, reason dispatch.Reason) error {
	switch {
	case out.json:
		return writeJSON(a.stdout, s)
	case out.quiet:
		return nil
	}
	printWords(a.stdout, s, reason)
	return nil
}

// printWords prints the states, the money, the reports and what to do next. The most important stands last, where a
// terminal shows it.
func printWords(w io.Writer, s *report.Summary, reason dispatch.Reason) {
	run := s.Run()
	head := fmt.Sprintf(msgRunHead, strings.ToUpper(string(run.Environment)), run.Account, run.ID)
	if run.Period != "" {
		head += ", period " + run.Period
	}
	fmt.Fprintf(w, "%s\n\n", head)
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

// advice is what the user does next.
func advice(s *report.Summary) []string {
	lines := otherPeriods(s)
	if n := warnings(s); n > 0 {
		lines = append(lines, fmt.Sprintf(msgWarnings, plural(n, "warning")))
	}
	if n := s.Rows.Of(billing.FinalInvalid); n > 0 {
		lines = append(lines, fmt.Sprintf(msgInvalid, plural(n, "row")))
	}
	if n := s.Rows.Of(billing.FinalRejected) + s.Rows.Of(billing.FinalFailed); n > 0 {
		lines = append(lines, fmt.Sprintf(msgRejected, plural(n, "row")))
	}
	if n := s.Orders.Of(billing.FinalVoided); n > 0 {
		lines = append(lines, fmt.Sprintf(msgVoided, plural(n, "order")))
	}
	if n := s.Rows.Of(billing.FinalNotAttempted); n > 0 {
		lines = append(lines, fmt.Sprintf(msgNotAttempted, plural(n, "row")))
	}
	if n := s.Orders.Of(billing.FinalConflict); n > 0 {
		lines = append(lines, fmt.Sprintf(msgConflict, plural(n, "order")))
	}
	if n := s.Orders.Of(billing.FinalInDoubt); n > 0 {
		lines = append(lines, fmt.Sprintf(msgInDoubt, plural(n, "order")))
	}
	if n := s.ProblemsOf(billing.CodeDeliver); n > 0 {
		lines = append(lines, fmt.Sprintf(msgNotCaptured, plural(n, "order")))
	}
	registered := s.Orders.Of(billing.FinalRegistered)
	if registered > 0 {
		lines = append(lines, fmt.Sprintf(msgRegistered, plural(registered, "order")))
	}
	if s.ExitCode == batch.ExitDone && len(otherPeriods(s)) == 0 && registered == 0 {
		lines = append(lines, msgAllDone)
	}
	return lines
}

// otherPeriods names orders that an earlier run invoiced for another period. This run invoices nothing for them.
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
	return append([]string{fmt.Sprintf(msgOtherPeriod, plural(rows, "row"))}, lines...)
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
