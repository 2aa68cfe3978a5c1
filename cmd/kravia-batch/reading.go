package main

import (
	"fmt"
	"io"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/report"
)

// printReading prints how the files were understood, what is wrong and what would be sent. dry is nil where nothing is
// known of earlier runs. Invalid rows are exit code 3.
func (a *app) printReading(r *batch.Reading, t *batch.Totals, problems *problemList, corrections []string,
	dry *dryReading, json bool,
) error {
	var err error
	if json {
		err = a.printReadingJSON(r, t, problems, corrections, dry)
	} else {
		for _, notice := range r.Notices {
			a.note("%s", notice)
		}
		printColumns(a.stdout, r)
		printProblems(a.stdout, problems)
		printTotals(a.stdout, t, r.LeftOut())
		if dry == nil {
			fmt.Fprintf(a.stdout, msgCanBeSent+"\n", withVAT(t.Orders, t.Valid()))
		} else {
			fmt.Fprintf(a.stdout, msgDryRun+"\n", withVAT(dry.toSend, dry.sums))
		}
		printCorrections(a.stdout, corrections)
	}
	if err == nil && t.InvalidRows > 0 {
		return &exitError{code: batch.ExitIncomplete}
	}
	return err
}

// printTotals prints the control totals of a reading, and what the profile left out beside them.
func printTotals(w io.Writer, t *batch.Totals, left *report.LeftOut) {
	fmt.Fprintf(w, msgTotals+"\n", plural(t.Rows, "row"),
		plural(t.Orders+t.InvalidOrders, "order"),
		plural(t.InvalidRows, "row"), plural(t.InvalidOrders, "order"))
	t.SortVAT()
	for _, v := range t.ByRate {
		net, _ := v.Gross.Sub(v.VAT)
		fmt.Fprintf(w, msgVATRow+"\n", v.Rate, net.Grouped(), v.VAT.Grouped(),
			v.Gross.Grouped())
	}
	for _, sum := range t.HeldBack() {
		fmt.Fprintf(w, msgHeldBack+"\n", sum.Grouped())
	}
	printBeside(w, left, t.Credits)
}

// printBeside prints, each on a line, the rows that are in no total because the profile leaves them out, and the
// credits that must be made by hand.
func printBeside(w io.Writer, left *report.LeftOut, credits *report.Credits) {
	if left != nil {
		fmt.Fprintf(w, msgLeftOut+"\n", left)
	}
	if credits != nil {
		fmt.Fprintf(w, msgCredits+"\n", credits)
	}
}

// printReadingJSON prints everything as one JSON object. Amounts are in minor units.
func (a *app) printReadingJSON(r *batch.Reading, t *batch.Totals, problems *problemList, corrections []string,
	dry *dryReading,
) error {
	type vat struct {
		Currency string `json:"currency"`
		Rate     string `json:"rate"`
		Net      int64  `json:"net"`
		VAT      int64  `json:"vat"`
		Gross    int64  `json:"gross"`
	}
	type sum struct {
		Currency string `json:"currency"`
		Total    int64  `json:"total"`
	}
	out := struct {
		Version       int               `json:"version"`
		Files         []fileJSON        `json:"files"`
		Notices       []string          `json:"notices"`
		Rows          int               `json:"rows"`
		InvalidRows   int               `json:"invalid_rows"`
		Orders        int               `json:"orders"`
		InvalidOrders int               `json:"invalid_orders"`
		Money         []sum             `json:"money"`
		VAT           []vat             `json:"vat"`
		LeftOut       *report.LeftOut   `json:"left_out,omitempty"`
		Credits       *report.Credits   `json:"credits,omitempty"`
		Problems      []billing.Problem `json:"problems"`
		ProblemsTotal int               `json:"problems_total"`
		Requests      []dryRequest      `json:"requests,omitempty"`
		Corrections   []string          `json:"corrections,omitempty"`
	}{
		Version: 1, Files: filesJSON(r), Notices: append([]string{}, r.Notices...), Rows: t.Rows,
		InvalidRows: t.InvalidRows,
		Orders:      t.Orders, InvalidOrders: t.InvalidOrders, Money: []sum{}, VAT: []vat{},
		LeftOut: r.LeftOut(), Credits: t.Credits,
		Problems: append([]billing.Problem{}, problems.first...), ProblemsTotal: problems.total,
		Corrections: corrections,
	}
	if dry != nil {
		out.Requests = dry.requests
	}
	for _, m := range t.Money {
		out.Money = append(out.Money, sum{m.Currency().Code(), m.Minor()})
	}
	for _, v := range t.ByRate {
		net, _ := v.Gross.Sub(v.VAT)
		out.VAT = append(out.VAT,
			vat{v.Gross.Currency().Code(), v.Rate.String(), net.Minor(), v.VAT.Minor(), v.Gross.Minor()})
	}
	return writeJSON(a.stdout, out)
}

// printCorrections names the workbooks to correct.
func printCorrections(w io.Writer, paths []string) {
	if len(paths) == 0 {
		return
	}
	title(w, msgCorrections)
	for _, path := range paths {
		fmt.Fprintln(w, " ", path)
	}
}
