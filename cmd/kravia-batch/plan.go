package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

// planning are the settings of plans and approvals.
type planning struct {
	out, by       string
	changePercent int
	plan          string
	signing       planfile.Signing
}

// maxChangePercent is where a change is no longer worth a limit.
const maxChangePercent = 10_000

func (s *settings) addPlanning(f *pflag.FlagSet) {
	f.StringVarP(&s.planning.out, "output", "o", "PLAN.json", "the plan's file; its preview stands beside it as .xlsx")
	f.IntVar(&s.planning.changePercent, "change-percent", batch.ChangePercent,
		"list customers whose total differs by more than so many percent from last month")
	s.addBy(f, "who plans (default: the user's name from the environment)")
}

func (s *settings) addBy(f *pflag.FlagSet, usage string) {
	f.StringVar(&s.planning.by, "by", "", usage)
}

func (s *settings) addFollowing(f *pflag.FlagSet) {
	f.StringVar(&s.planning.plan, "plan", "", "do exactly what this plan says, or refuse with exit code 9")
	f.BoolVar(&s.planning.signing.Approved, "approved", false,
		"refuse to send anything without a --plan that somebody approved")
	f.BoolVar(&s.planning.signing.FourEyes, "four-eyes", false,
		"refuse to send anything without a --plan that somebody other than its author approved")
}

func (a *app) planCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan FILE… -o PLAN.json",
		Short: "Write down exactly what run would send, for approval; call nobody",
		Long: `Plan reads the files as run would and writes two files: PLAN.json with every order, the SHA-256 of every request and input file, the
control totals and the differences to last month; and PLAN.xlsx, a preview of the report. Nothing is sent, and the journal is only read.

A plan is good for the same input, account, settings and profile, and for as long as the requests stay the same: an order with a due
date is another request on another day. run --plan does what the plan says or ends with exit code 9. When a run with a plan was
interrupted or stopped early, the same plan resumes it; once a run with it has ended with code 0 or 3, it is used up.

Last month is the newest finished run of another period or, without --period, the newest that read other files. The report of
a run is compared in the same way, with what was begun before it and with a change of 30 percent.`,
		Example: `  kravia-batch plan --account T12345678 --period 2026-11 november.xlsx -o november.plan.json
  kravia-batch approve november.plan.json --by "Kari Nordmann"
  kravia-batch run --account T12345678 --period 2026-11 --plan november.plan.json --four-eyes november.xlsx`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) error { return a.plan(cmd, args) },
	}
	f := cmd.Flags()
	a.settings.addInput(f)
	a.settings.addContent(f)
	a.settings.addState(f)
	a.settings.addPlanning(f)
	a.settings.addLanguage(f)
	f.BoolVar(&a.settings.json, "json", false, "print the plan itself")
	return cmd
}

func (a *app) plan(cmd *cobra.Command, args []string) error {
	p := &a.settings.planning
	if p.changePercent < 0 || p.changePercent > maxChangePercent {
		return usage("--change-percent %d is outside 0 to %d", p.changePercent, maxChangePercent)
	}
	if strings.EqualFold(filepath.Ext(p.out), ".xlsx") {
		return usage("--output %s: the plan is JSON, and .xlsx is its preview beside it", p.out)
	}
	if a.author() == "" {
		return usage("say who plans with --by NAME")
	}
	input, err := a.input(args)
	if err != nil {
		return err
	}
	settings, err := a.runSettings(input)
	if err != nil {
		return err
	}
	if settings.Account, settings.Environment, err = a.target(); err != nil {
		return err
	}
	if settings.Journal, err = a.openJournal(cmd.Context()); err != nil {
		return err
	}
	defer func() { _ = settings.Journal.Close() }() // only read
	return a.makePlan(cmd, settings, args)
}

func (a *app) makePlan(cmd *cobra.Command, settings *batch.Settings, args []string) error {
	ctx, p := cmd.Context(), &a.settings.planning
	reading, err := batch.Read(ctx, &settings.Input)
	if err != nil {
		return err
	}
	defer reading.Close()
	problems := a.problemList()
	made, err := batch.DraftPlan(ctx, settings, reading, problems.watch(reading.Groups()), a.author(), p.changePercent)
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
	paths, err := made.Write(ctx, p.out)
	if errors.Is(err, fs.ErrExist) {
		return usage("%w: a plan is never written over, give another with --output", err)
	}
	if err != nil {
		return err
	}
	if a.settings.json {
		err = made.Plan.Write(a.stdout.raw)
	} else {
		for _, notice := range reading.Notices {
			fmt.Fprintln(a.stderr, "kravia-batch: note:", notice)
		}
		printProblems(a.stdout, problems)
		printPlan(a.stdout, made, reading.LeftOut(), paths)
		printNext(a.stdout, p.out, sameFlags(cmd), args)
	}
	if code := planCode(&made.Plan.Control); err == nil && code != batch.ExitDone {
		return &exitError{code: code}
	}
	return err
}

// planCode is what needs a look before the plan is run.
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
func (a *app) author() string {
	for _, name := range []string{a.settings.planning.by, a.getenv("USER"), a.getenv("LOGNAME"), a.getenv("USERNAME")} {
		if name != "" {
			return name
		}
	}
	return ""
}

// printPlan tells what is planned, what is not sent and how it differs from last month.
func printPlan(w io.Writer, made *batch.PlanDraft, left *report.LeftOut, paths []string) {
	printTotals(w, made.Totals, left)
	sums, _ := made.Plan.ToSend() // the preview had them
	title(w, "to be sent: "+ordersFor(made.Plan.Control.ToSend, sums))
	for _, f := range billing.Finals() {
		if n := made.Plan.Earlier[f]; n > 0 {
			fmt.Fprintf(w, "%s: %s\n", f, plural(n, "order"))
		}
	}
	fmt.Fprintln(w)
	printLastMonth(w, made.Plan.LastMonth)
	title(w, "PLAN, nothing was sent:")
	for _, path := range paths {
		fmt.Fprintln(w, " ", path)
	}
}

// ordersFor is a number of orders and their sum: `30 orders, 251 116.31 NOK`.
func ordersFor(n int, sums []money.Amount) string {
	parts := make([]string, 0, len(sums))
	for _, sum := range sums {
		parts = append(parts, sum.Grouped())
	}
	if len(parts) == 0 {
		return plural(n, "order")
	}
	return plural(n, "order") + ", " + strings.Join(parts, " and ")
}

// perGroup is how many customers of a group are shown.
const perGroup = 5

func printLastMonth(w io.Writer, m *billing.LastMonth) {
	if m == nil {
		fmt.Fprintln(w, "no earlier run to compare with")
		return
	}
	against := m.Run
	if m.Period != "" {
		against += ", period " + m.Period
	}
	fmt.Fprintf(w, "compared with run %s: %s\n", against, m.All.String())
	for _, part := range []struct {
		word  string
		group *billing.CustomerGroup
	}{{"new", &m.New}, {"gone", &m.Gone}, {fmt.Sprintf("changed by more than %d %%", m.ChangePercent), &m.Changed}} {
		fmt.Fprintf(w, "  %s: %s\n", part.word, part.group.String())
		for i := range part.group.List[:min(perGroup, len(part.group.List))] {
			c := &part.group.List[i]
			fmt.Fprintf(w, "    %-12s %-30s %18s → %18s\n", c.Number, c.Customer, c.Before.Grouped(), c.Now.Grouped())
		}
		if more := part.group.Customers - perGroup; more > 0 {
			fmt.Fprintf(w, "    … and %d more in the preview\n", more)
		}
	}
}

// sameFlags are the flags that run must have too, as they were given.
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
	title(w, fmt.Sprintf("next, another person: kravia-batch approve %s --by NAME", quoted(plan)))
	fmt.Fprintln(w, "then:", strings.Join(command, " "))
}

// quoted is a word for a shell.
func quoted(word string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,"
	if word != "" && strings.Trim(word, safe) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// follow puts the plan of --plan into the settings of a run.
func (a *app) follow(settings *batch.Settings) error {
	p := &a.settings.planning
	settings.Signing = p.signing
	if p.plan == "" {
		return nil
	}
	switch {
	case a.settings.dryRun:
		return usage("--dry-run and --plan do not go together: the plan is the dry run")
	case settings.Shard.Count > 0:
		return usage("--plan is for a whole run, not for a --shard")
	}
	var err error
	settings.Plan, err = readPlan(p.plan)
	return err
}

func readPlan(path string) (*planfile.File, error) {
	plan, err := planfile.Open(path)
	if err != nil && !errors.Is(err, planfile.ErrRefused) {
		return nil, usage("%w", err)
	}
	return plan, err
}

// profileHash is the hex SHA-256 of the profile's file, "" without one.
func (s *settings) profileHash() (string, error) {
	if s.profile == "" {
		return "", nil
	}
	data, err := os.ReadFile(s.profile)
	if err != nil {
		return "", usage("--profile: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
