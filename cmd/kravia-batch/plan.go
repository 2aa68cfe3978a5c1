package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

type planOptions struct {
	*app
	accountFlags
	journalFlags
	orderFlags
	languageFlag
	byFlag
	out           string
	changePercent int
	json          bool
}

// maxChangePercent is the largest --change-percent.
const maxChangePercent = 10_000

func (o *planOptions) add(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "output", "o", "PLAN.json", "the plan's `file`; its preview stands beside it as .xlsx")
	f.IntVar(&o.changePercent, "change-percent", batch.ChangePercent,
		"list customers whose total differs by more than `N` percent from last month")
	f.BoolVar(&o.json, "json", false, "print the plan itself, amounts in minor units (øre, cents)")
}

func (o *planOptions) check() error {
	switch {
	case o.changePercent < 0 || o.changePercent > maxChangePercent:
		return usage(msgOutside, "change-percent", o.changePercent, maxChangePercent)
	case strings.EqualFold(filepath.Ext(o.out), ".xlsx"):
		return usage(msgPlanIsJSON, o.out)
	case o.author() == "":
		return usage(msgNoAuthor)
	}
	return nil
}

// byFlag is who plans or approves.
type byFlag struct {
	by, usage string
}

func (s *byFlag) add(f *pflag.FlagSet) { f.StringVar(&s.by, "by", "", s.usage) }

func (s *byFlag) check() error { return nil }

func (a *app) planCommand() *cobra.Command {
	o := &planOptions{app: a, byFlag: byFlag{usage: usagePlanner}}
	cmd := &cobra.Command{
		Use:   "plan FILE… -o PLAN.json",
		Short: "Write down exactly what run would send, for approval",
		Long: `Plan reads the files as run would and writes two files: PLAN.json with every
order, the SHA-256 of every request and input file, the control totals and the
differences to last month; and PLAN.xlsx, a preview of the report. Nothing is
sent, and the journal is only read.

A plan is good for the same input, account, settings and profile, and for as
long as the requests stay the same: an order with a due date is another request
on another day. run --plan does what the plan says or ends with exit code 9.
When a run with a plan was interrupted or stopped early, the same plan resumes
it. Once a run with it has ended with code 0 or 3, it is used up.

Last month is the newest finished run of another period or, without --period,
the newest that read other files. The report of a run is compared in the same
way, with what was begun before it and with a change of 30 percent.`,
		Example: `  kravia-batch plan --account T12345678 november.xlsx -o november.plan.json
  kravia-batch approve november.plan.json --by "Kari Nordmann"
  kravia-batch run --account T12345678 --four-eyes \
      --plan november.plan.json november.xlsx`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) error { return o.draft(cmd, args) },
	}
	a.addFlags(cmd, []string{
		"output", "by", "account", "live", "sandbox", "profile", "prices", "period", "expect-rows", "expect-total",
	},
		section{headInput, []group{&o.inputFlags}},
		section{headProvider, []group{&o.contentFlags}},
		section{headPlan, []group{&o.languageFlag, &o.byFlag, o}},
		section{headJournal, []group{&o.accountFlags, &o.journalFlags}})
	return cmd
}

// draft makes the plan of the files and writes it.
func (o *planOptions) draft(cmd *cobra.Command, args []string) error {
	ctx := cmd.Context()
	settings, err := o.orders(&o.orderFlags, args, o.progress(false))
	if err != nil {
		return err
	}
	settings.Language, settings.SignalCode = o.language, o.signalCode
	if settings.Account, settings.Environment, err = o.target(); err != nil {
		return err
	}
	if settings.Journal, err = o.openJournal(ctx, &o.journalFlags); err != nil {
		return err
	}
	defer func() { _ = settings.Journal.Close() }() // only read
	reading, err := batch.Read(ctx, &settings.Input)
	if err != nil {
		return err
	}
	defer reading.Close()
	problems := newProblemList(o.json)
	made, err := batch.DraftPlan(ctx, settings, reading, problems.watch(reading.Groups()), o.author(), o.changePercent)
	if errors.Is(err, planfile.ErrName) {
		return usage("--by: %w", err)
	}
	if err != nil {
		return err
	}
	for problem, err := range made.Problems() {
		if err != nil {
			return err
		}
		problems.add([]billing.Problem{problem})
	}
	paths, err := made.Write(ctx, o.out)
	if errors.Is(err, fs.ErrExist) {
		return usage(msgPlanExists, err)
	}
	if err != nil {
		return err
	}
	if o.json {
		err = made.Plan.Write(o.stdout.raw)
	} else {
		for _, notice := range reading.Notices {
			o.note("%s", notice)
		}
		printProblems(o.stdout, problems)
		printPlan(o.stdout, made, reading.LeftOut(), paths)
		printNext(o.stdout, o.out, sameFlags(cmd), args)
	}
	if code := planCode(&made.Plan.Control); err == nil && code != batch.ExitDone {
		return &exitError{code: code}
	}
	return err
}

// planCode is the exit code: what needs a look before the plan is run.
func planCode(c *planfile.Control) int {
	switch {
	case c.Conflicts > 0:
		return batch.ExitDoubt
	case c.InvalidRows > 0:
		return batch.ExitIncomplete
	}
	return batch.ExitDone
}

// author is who plans: --by, or the user as the environment has it.
func (o *planOptions) author() string {
	for _, name := range []string{o.by, o.getenv("USER"), o.getenv("LOGNAME"), o.getenv("USERNAME")} {
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return ""
}

// printPlan prints what the plan has sent, what it leaves out and how it differs from last month.
func printPlan(w io.Writer, made *batch.PlanDraft, left *report.LeftOut, paths []string) {
	printTotals(w, made.Totals, left)
	sums, _ := made.Plan.ToSend() // the preview had them
	title(w, fmt.Sprintf(msgToBeSent, ordersFor(made.Plan.Control.ToSend, sums)))
	for _, f := range billing.Finals() {
		if n := made.Plan.Earlier[f]; n > 0 {
			fmt.Fprintf(w, "%s: %s\n", f, plural(n, "order"))
		}
	}
	fmt.Fprintln(w)
	printLastMonth(w, made.Plan.LastMonth)
	title(w, msgPlanWritten)
	for _, path := range paths {
		fmt.Fprintln(w, " ", path)
	}
}

// perGroup is how many customers of a group are shown.
const perGroup = 5

func printLastMonth(w io.Writer, m *billing.LastMonth) {
	if m == nil {
		fmt.Fprintln(w, msgNoEarlierRun)
		return
	}
	against := m.Run
	if m.Period != "" {
		against += fmt.Sprintf(msgOfPeriod, m.Period)
	}
	fmt.Fprintf(w, msgCompared+"\n", against, m.All.String())
	for _, part := range []struct {
		word  string
		group *billing.CustomerGroup
	}{{"new", &m.New}, {"gone", &m.Gone}, {fmt.Sprintf(msgChanged, m.ChangePercent), &m.Changed}} {
		fmt.Fprintf(w, "  %s: %s\n", part.word, part.group.String())
		for i := range part.group.List[:min(perGroup, len(part.group.List))] {
			c := &part.group.List[i]
			fmt.Fprintf(w, "    %-12s %-30s %18s → %18s\n", c.Number, c.Customer, c.Before.Grouped(), c.Now.Grouped())
		}
		if more := part.group.Customers - perGroup; more > 0 {
			fmt.Fprintf(w, "    "+msgMoreInPreview+"\n", more)
		}
	}
}

// sameFlags are the given flags that run must have, too.
func sameFlags(cmd *cobra.Command) []string {
	var flags []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains([]string{"output", "by", "change-percent", "json"}, f.Name) {
			return
		}
		list, several := f.Value.(pflag.SliceValue)
		switch {
		case several:
			for _, value := range list.GetSlice() {
				flags = append(flags, "--"+f.Name, value)
			}
		case f.Value.Type() == "bool":
			flags = append(flags, "--"+f.Name)
		case f.Name == "journal" && journal.Shared(f.Value.String()):
			flags = append(flags, "--journal", "postgres://…") // its URL may hold a password
		default:
			flags = append(flags, "--"+f.Name, f.Value.String())
		}
	})
	return flags
}

// printNext suggests what to do with the plan.
func printNext(w io.Writer, plan string, flags, args []string) {
	command := []string{"kravia-batch", "run"}
	for _, word := range slices.Concat(flags, []string{"--plan", plan}, args) {
		command = append(command, quoted(word))
	}
	title(w, fmt.Sprintf(msgNextApprove, quoted(plan)))
	fmt.Fprintf(w, msgThen+"\n", strings.Join(command, " "))
}
