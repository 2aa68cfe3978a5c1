package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
)

func (a *app) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "Read and check only: list every problem, call nobody",
		Long: `Check reads the files as run would and lists every problem of every row with its place and how to fix it. Nothing is sent
and nothing is kept. When a row cannot be sent, its file is also given back as <file>_corrections.xlsx in --reports, with the bad
cells coloured and explained: corrected and saved, that workbook takes the file's place.`,
		Example: `  kravia-batch check november.xlsx
  kravia-batch check --profile samples/profiles/fortnox.yaml --json export.csv`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) error { return a.check(cmd.Context(), args) },
	}
	a.settings.addInput(cmd.Flags())
	cmd.Flags().StringVar(&a.settings.reports, "reports", "reports", "folder for corrections workbooks, off for none")
	cmd.Flags().BoolVar(&a.settings.json, "json", false, "print everything as JSON")
	return cmd
}

func (a *app) check(ctx context.Context, args []string) error {
	input, err := a.input(args)
	if err != nil {
		return err
	}
	reading, err := batch.Read(ctx, input)
	if err != nil {
		return err
	}
	defer reading.Close()
	if err := reading.Expected(input); err != nil {
		return err
	}
	problems := &problemList{}
	totals, err := batch.Count(problems.watch(reading.KeepProblems(input, reading.Groups())))
	if err != nil {
		return err
	}
	corrections := a.corrections(ctx, reading, input, totals)
	return a.printReading(reading, totals, problems, nil, corrections)
}

// maxListed is how many problems are kept for the terminal; the report's Problems sheet has all.
const maxListed = 10_000

// problemList collects the problems of a reading.
type problemList struct {
	all   []billing.Problem
	total int
}

// watch passes groups on and keeps their problems.
func (l *problemList) watch(groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		for g, err := range groups {
			for i := range g.Rows {
				l.total += len(g.Rows[i].Problems)
				if len(l.all) < maxListed {
					l.all = append(l.all, g.Rows[i].Problems...)
				}
			}
			if !yield(g, err) {
				return
			}
		}
	}
}

// printReading tells what was read, what is wrong and what would be sent. Invalid rows are exit code 3.
func (a *app) printReading(r *batch.Reading, t *batch.Totals, problems *problemList, requests []dryRequest, corrections []string) error {
	var err error
	if a.settings.json {
		err = a.printReadingJSON(r, t, problems, requests, corrections)
	} else {
		for _, notice := range r.Notices {
			fmt.Fprintln(a.stderr, "kravia-batch: note:", notice)
		}
		printProblems(a.stdout, problems)
		printTotals(a.stdout, t)
		printCorrections(a.stdout, corrections)
	}
	if err == nil && t.InvalidRows > 0 {
		return &exitError{code: batch.ExitIncomplete}
	}
	return err
}

// perCode is how many problems of one code are shown.
const perCode = 5

// printProblems lists problems alike together, warnings first, so that the errors stand last.
func printProblems(w io.Writer, l *problemList) {
	byCode := map[billing.Code][]billing.Problem{}
	for _, p := range l.all {
		byCode[p.Code] = append(byCode[p.Code], p)
	}
	codes := make([]billing.Code, 0, len(byCode))
	for code := range byCode {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b billing.Code) int {
		x, y := byCode[a], byCode[b]
		return cmp.Or(cmp.Compare(y[0].Severity, x[0].Severity), cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
	})
	for _, code := range codes {
		same := byCode[code]
		fmt.Fprintf(w, "%s %s, %s\n", same[0].Severity, code, plural(len(same), "time"))
		for _, p := range same[:min(perCode, len(same))] {
			fmt.Fprintf(w, "  %s: %s\n", place(p), p.Message)
		}
		if len(same) > perCode {
			fmt.Fprintf(w, "  … and %d more\n", len(same)-perCode)
		}
		fmt.Fprintf(w, "  fix: %s\n\n", same[0].Hint)
	}
}

func place(p billing.Problem) string {
	where := fmt.Sprintf("%s row %d", p.File, p.Row)
	if p.Sheet != "" {
		where = fmt.Sprintf("%s, %s row %d", p.File, p.Sheet, p.Row)
	}
	if p.Column != "" {
		where += ", " + p.Column
	}
	return where
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// printTotals writes the control totals of a reading.
func printTotals(w io.Writer, t *batch.Totals) {
	fmt.Fprintf(w, "%s in %s; %s in %s cannot be sent\n", plural(t.Rows, "row"), plural(t.Orders+t.InvalidOrders, "order"),
		plural(t.InvalidRows, "row"), plural(t.InvalidOrders, "order"))
	slices.SortFunc(t.VAT, func(x, y batch.VATTotal) int {
		return cmp.Or(cmp.Compare(x.Gross.Currency().Code(), y.Gross.Currency().Code()), cmp.Compare(y.Rate, x.Rate))
	})
	for _, v := range t.VAT {
		net, _ := v.Gross.Sub(v.VAT)
		fmt.Fprintf(w, "  VAT %6s %%  net %18s  VAT %16s  gross %18s\n", v.Rate, net.Grouped(), v.VAT.Grouped(), v.Gross.Grouped())
	}
	for _, sum := range t.Money {
		fmt.Fprintf(w, "  all rows, including those that cannot be sent: %s\n", sum.Grouped())
	}
}

// printReadingJSON writes everything as one JSON object; amounts are in minor units.
func (a *app) printReadingJSON(r *batch.Reading, t *batch.Totals, problems *problemList, requests []dryRequest, corrections []string) error {
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
		Files         []any             `json:"files"`
		Notices       []string          `json:"notices"`
		Rows          int               `json:"rows"`
		InvalidRows   int               `json:"invalid_rows"`
		Orders        int               `json:"orders"`
		InvalidOrders int               `json:"invalid_orders"`
		Money         []sum             `json:"money"`
		VAT           []vat             `json:"vat"`
		Problems      []billing.Problem `json:"problems"`
		ProblemsTotal int               `json:"problems_total"`
		Requests      []dryRequest      `json:"requests,omitempty"`
		Corrections   []string          `json:"corrections,omitempty"`
	}{
		Version: 1, Files: []any{}, Notices: append([]string{}, r.Notices...), Rows: t.Rows, InvalidRows: t.InvalidRows,
		Orders: t.Orders, InvalidOrders: t.InvalidOrders, Money: []sum{}, VAT: []vat{},
		Problems: append([]billing.Problem{}, problems.all...), ProblemsTotal: problems.total, Requests: requests, Corrections: corrections,
	}
	for _, f := range r.Files {
		out.Files = append(out.Files, map[string]any{"name": f.Name, "sha256": f.SHA256, "rows": f.Rows})
	}
	for _, m := range t.Money {
		out.Money = append(out.Money, sum{m.Currency().Code(), m.Minor()})
	}
	for _, v := range t.VAT {
		net, _ := v.Gross.Sub(v.VAT)
		out.VAT = append(out.VAT, vat{v.Gross.Currency().Code(), v.Rate.String(), net.Minor(), v.VAT.Minor(), v.Gross.Minor()})
	}
	return writeJSON(a.stdout, out)
}
