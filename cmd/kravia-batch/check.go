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
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

func (a *app) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "Read and check only: list every problem, call nobody",
		Long: `Check reads the files as run would. It tells how each column was understood, with its first cell and what that became, and lists
every problem of every row with its place and how to fix it. Nothing is sent and nothing is kept. When a row cannot be sent, its
file is also given back as FILE_corrections.xlsx in --reports, with the bad cells coloured and explained: corrected and saved,
that workbook takes the file's place. The registers of a profile, such as customers in a file of their own, are FILEs too, in any order.

` + columnsHelp(),
		Example: `  kravia-batch check november.xlsx
  kravia-batch check --profile samples/profiles/fortnox.yaml --json export.csv
  kravia-batch check --profile my.yaml lines.csv customers.csv`,
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
	if _, err := reading.Expected(); err != nil {
		return err
	}
	problems := a.problemList()
	totals, err := batch.Count(problems.watch(reading.KeepProblems(reading.Groups())))
	if err != nil {
		return err
	}
	corrections := a.corrections(ctx, reading, totals)
	return a.printReading(reading, totals, problems, corrections, nil)
}

// maxListed is how many problems are kept for JSON; the report's Problems sheet has all.
const maxListed = 10_000

// problemList counts the problems of a reading.
type problemList struct {
	groups billing.ProblemGroups
	total  int
	first  []billing.Problem // at most listed
	listed int
}

// problemList is an empty list, which keeps single problems where they are printed.
func (a *app) problemList() *problemList {
	if a.settings.json {
		return &problemList{listed: maxListed}
	}
	return &problemList{}
}

// watch passes groups on and adds their problems.
func (l *problemList) watch(groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		for g, err := range groups {
			for i := range g.Rows {
				l.add(g.Rows[i].Problems)
			}
			if !yield(g, err) {
				return
			}
		}
	}
}

func (l *problemList) add(problems []billing.Problem) {
	l.total += len(problems)
	l.first = append(l.first, problems[:min(len(problems), l.listed-len(l.first))]...)
	for i := range problems {
		l.groups.Add(&problems[i])
	}
}

// printReading tells how the files were understood, what is wrong and what would be sent; dry is nil where
// nothing is known of what was sent before. Invalid rows are exit code 3.
func (a *app) printReading(r *batch.Reading, t *batch.Totals, problems *problemList, corrections []string,
	dry *dryReading,
) error {
	var err error
	if a.settings.json {
		err = a.printReadingJSON(r, t, problems, corrections, dry)
	} else {
		for _, notice := range r.Notices {
			fmt.Fprintln(a.stderr, "kravia-batch: note:", notice)
		}
		printColumns(a.stdout, r)
		printProblems(a.stdout, problems)
		printTotals(a.stdout, t, r.LeftOut())
		if dry == nil {
			fmt.Fprintf(a.stdout, "%s can be sent\n", withVAT(t.Orders, t.Valid()))
		} else {
			fmt.Fprintf(a.stdout, "dry run, nothing was sent; a run would send %s\n", withVAT(dry.toSend, dry.sums))
		}
		printCorrections(a.stdout, corrections)
	}
	if err == nil && t.InvalidRows > 0 {
		return &exitError{code: batch.ExitIncomplete}
	}
	return err
}

// withVAT is a number of orders and their sum, of which it says what it includes.
func withVAT(n int, sums []money.Amount) string {
	if len(sums) == 0 {
		return ordersFor(n, sums)
	}
	return ordersFor(n, sums) + " incl. VAT"
}

// printProblems lists problems that are mended alike together, warnings first, so that the errors stand last,
// and after them the rows that only wait for those to be mended.
func printProblems(w io.Writer, l *problemList) {
	groups := l.groups.All()
	slices.SortStableFunc(groups, func(a, b *billing.ProblemGroup) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(waiting(a), waiting(b)),
			cmp.Compare(a.Count, b.Count), cmp.Compare(a.Code, b.Code))
	})
	for _, g := range groups {
		if waiting(g) > 0 {
			fmt.Fprintf(w, "%s %s, %s\n", g.Severity, g.Code, waits(g))
			fmt.Fprintf(w, "  fix: %s\n\n", g.Hint)
			continue
		}
		printGroup(w, g)
	}
}

// waiting is 1 for rows that only wait for others to be mended.
func waiting(g *billing.ProblemGroup) int {
	if g.Waits() {
		return 1
	}
	return 0
}

// waits says what a group of waiting rows waits for: a row of the same order, or one of the file that may
// belong to any order.
func waits(g *billing.ProblemGroup) string {
	what := "order"
	if g.Code == billing.CodeOrderHeld {
		what = "file"
	}
	if g.Count == 1 {
		return "1 row waits for another row of its " + what
	}
	return plural(g.Count, "row") + " wait for another row of their " + what
}

func printGroup(w io.Writer, g *billing.ProblemGroup) {
	fmt.Fprintf(w, "%s %s, %s\n", g.Severity, g.Code, plural(g.Count, "time"))
	for _, p := range g.First {
		fmt.Fprintf(w, "  %s: %s\n", place(p), p.Message)
		if g.Hint == "" {
			fmt.Fprintf(w, "    fix: %s\n", p.Hint)
		}
	}
	if more := g.Count - len(g.First); more > 0 {
		fmt.Fprintf(w, "  … and %d more\n", more)
	}
	if g.Hint != "" {
		fmt.Fprintf(w, "  fix: %s\n", g.Hint)
	}
	fmt.Fprintln(w)
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

// printTotals writes the control totals of a reading, and what the profile left out beside them.
func printTotals(w io.Writer, t *batch.Totals, left *report.LeftOut) {
	fmt.Fprintf(w, "%s in %s; %s in %s cannot be sent\n", plural(t.Rows, "row"),
		plural(t.Orders+t.InvalidOrders, "order"),
		plural(t.InvalidRows, "row"), plural(t.InvalidOrders, "order"))
	t.SortVAT()
	for _, v := range t.ByRate {
		net, _ := v.Gross.Sub(v.VAT)
		fmt.Fprintf(w, "  VAT %6s %%  net %18s  VAT %16s  gross %18s\n", v.Rate, net.Grouped(), v.VAT.Grouped(),
			v.Gross.Grouped())
	}
	for _, sum := range t.HeldBack() {
		fmt.Fprintf(w, "  rows that cannot be sent: %s incl. VAT, as far as it could be read\n", sum.Grouped())
	}
	printBeside(w, left, t.Credits)
}

// printReadingJSON writes everything as one JSON object; amounts are in minor units.
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
