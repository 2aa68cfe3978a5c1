package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

type runOptions struct {
	*app
	accountFlags
	journalFlags
	providerFlags
	orderFlags
	sendingFlags
	shardFlag
	signFlags
	reportFlags
	documentsFlag
	outputFlags
	notifyFlags
	dryRunFlag, yes bool
}

func (o *runOptions) add(f *pflag.FlagSet) {
	f.BoolVar(&o.dryRunFlag, "dry-run", false, "do everything but the sending, and keep nothing")
	f.BoolVar(&o.yes, "yes", false, "with --live at a terminal: do not ask before real invoices are sent")
}

func (o *runOptions) check() error {
	if o.shard != "" && o.journal == "" {
		return usage(msgShardNeedsJournal)
	}
	return o.checkResend(&o.providerFlags, o.sandbox)
}

func (a *app) runCommand() *cobra.Command {
	o := &runOptions{app: a}
	cmd := &cobra.Command{
		Use:   "run FILE…",
		Short: "Read, check, group, send and report",
		Long: `Run does the whole job. FILE is a path, a folder (all its .csv .tsv .txt .xlsx
.xlsm) or - for CSV on standard input. The registers of a profile, such as
customers in a file of their own, are FILEs too, in any order. Inputs are never
changed. {period} in a FILE stands for the --period: inbox/{period} is a folder
for each month.

Run it again to resume. What is invoiced is not invoiced again, what is in doubt
is looked up first, and a corrected file sends what was not sent before. If the
provider does not show an order in doubt, the order is sent once more when its
last request is --resend-after old; the run waits for that, unless --no-wait is
given. Orders of the account that are in doubt and that the files lack are
looked up, too, and named.`,
		Example: `  kravia-batch run --sandbox samples/november.csv
  kravia-batch run --dry-run --json --sandbox samples/november.csv
  kravia-batch run --dry-run --profile my.yaml lines.csv customers.csv
  kravia-batch run --account T12345678 --limit 3 november.xlsx`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			n := noticeOf(cmd.Name(), &o.accountFlags)
			n.Shard, o.nobody = o.shard, o.dryRunFlag
			return a.announced(cmd.Context(), &o.notifyFlags, n, func() error { return o.send(cmd.Context(), args) })
		},
	}
	a.addFlags(cmd, []string{
		"account", "live", "sandbox", "dry-run", "limit", "profile", "prices", "period", "expect-rows", "expect-total",
		"reports", "format",
	},
		section{headInput, []group{&o.inputFlags}},
		section{headProvider, []group{&o.providerFlags, &o.contentFlags}},
		section{headSending, []group{o, &o.sendingFlags}},
		section{headReport, []group{&o.reportFlags, &o.outputFlags, &o.documentsFlag}},
		section{headPlan, []group{&o.signFlags}},
		section{headJournal, []group{&o.accountFlags, &o.journalFlags}},
		section{headCluster, []group{&o.shardFlag, &o.notifyFlags}})
	return cmd
}

func (o *runOptions) send(ctx context.Context, args []string) error {
	settings, err := o.settings(args)
	if err != nil {
		return err
	}
	if err := o.follow(settings); err != nil {
		return err
	}
	if o.dryRunFlag {
		return o.dryRun(ctx, settings)
	}
	if settings.Account, settings.Environment, err = o.target(); err != nil {
		return err
	}
	if err := o.selfCheck(); err != nil {
		return err
	}
	provider, err := o.provider(settings.Account, &o.providerFlags, o.sandbox, &o.journalFlags, settings.Shard.Count)
	if err != nil {
		return err
	}
	defer provider.close()
	settings.Connect = provider.connect
	if err := o.ask(ctx, settings); err != nil {
		return err
	}
	if settings.Journal, err = o.openJournal(ctx, &o.journalFlags); err != nil {
		return err
	}
	defer func() { _ = settings.Journal.Close() }() // what matters was durable before
	settings.Shown = o.shown(settings.Rules.ExclVAT)
	if !o.quiet {
		settings.Planned, settings.Dispatch.Concluded = o.bar.start, o.bar.concluded
	}
	if o.terminal && !o.quiet {
		settings.Watch = o.showProblems
	}
	result, err := batch.Run(ctx, settings)
	return o.conclude(&o.outputFlags, result, err)
}

// ask has the user at a terminal confirm that real invoices are sent, and shows how many and for how much. Elsewhere
// --live is enough.
func (o *runOptions) ask(ctx context.Context, settings *batch.Settings) error {
	if settings.Environment != report.Live || !o.asks || o.yes || slices.Contains(settings.Paths, "-") {
		return nil
	}
	n, sums, err := o.preview(ctx, settings)
	if err != nil || n == 0 {
		return err
	}
	question := fmt.Sprintf(msgAskLive, settings.Account, withVAT(n, sums))
	if o.limit > 0 && o.limit < n {
		question = fmt.Sprintf(msgAskLiveLimit, settings.Account, o.limit, withVAT(n, sums))
	}
	return o.confirm(question, msgNothingSent)
}

// preview is how many orders the run would send, and their sums: those of the plan, or else those of a dry run.
func (o *runOptions) preview(ctx context.Context, settings *batch.Settings) (int, []money.Amount, error) {
	if settings.Plan != nil {
		sums, err := settings.Plan.ToSend()
		return settings.Plan.Control.ToSend, sums, err
	}
	reading, err := batch.Read(ctx, &settings.Input)
	if err != nil {
		return 0, nil, err
	}
	defer reading.Close()
	_, dry, err := o.wouldSend(ctx, settings, reading, newProblemList(false))
	if err != nil {
		return 0, nil, err
	}
	return dry.toSend, dry.sums, nil
}

// settings are those of the run, without what it is connected to.
func (o *runOptions) settings(args []string) (*batch.Settings, error) {
	s, err := o.orders(&o.orderFlags, args, o.progress(o.quiet))
	if err != nil {
		return nil, err
	}
	if s.Formats, err = o.formats(); err != nil {
		return nil, err
	}
	if err := report.CheckAccounts(s.Formats, ledgerAccounts(&s.Input)); err != nil {
		return nil, usage("--format: %w", err)
	}
	if s.Dispatch.Deadline, err = o.deadlineTime(time.Now()); err != nil {
		return nil, err
	}
	if s.Shard, err = o.parse(); err != nil {
		return nil, err
	}
	s.Limit, s.StopOnInvalid = o.limit, o.onInvalid == stopInvalid
	s.Reports, s.Documents, s.Language = o.reports, o.documents, o.language
	s.PostingsFrom, s.SignalCode = billing.Date(o.postingsFrom), o.signalCode
	s.Dispatch.Concurrency, s.Dispatch.MaxFailures = o.concurrency, o.maxFailures
	s.Dispatch.ResendAfter, s.Dispatch.NoWait = o.resendAfter, o.noWait
	return s, nil
}

// follow puts the plan of --plan into the settings of the run.
func (o *runOptions) follow(settings *batch.Settings) (err error) {
	settings.Signing = o.signing
	switch {
	case o.plan == "":
		return nil
	case o.dryRunFlag:
		return usage(msgDryRunPlan)
	case settings.Shard.Count > 0:
		return usage(msgShardPlan)
	}
	settings.Plan, err = readPlan(o.plan)
	return err
}

// readPlan reads a plan. A file that is refused as a plan is exit code 9, one that cannot be read is wrong usage.
func readPlan(path string) (*planfile.File, error) {
	plan, err := planfile.Open(path)
	if err != nil && !errors.Is(err, planfile.ErrRefused) {
		return nil, usage("%w", err)
	}
	return plan, err
}

// showProblems prints, once the groups have passed, what check prints about them. It is for a terminal, whose reader
// would get log lines otherwise.
func (o *runOptions) showProblems(groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		problems := &problemList{}
		for g, err := range problems.watch(groups) {
			if !yield(g, err) {
				return
			}
		}
		printProblems(o.stderr, problems)
	}
}

// conclude prints how a run went, and gives the exit code as an error.
func (a *app) conclude(out *outputFlags, result *batch.Result, err error) error {
	a.result = result
	if result == nil || result.Summary == nil {
		return err
	}
	for _, notice := range append(result.Summary.PostedElsewhere(), result.Notices...) {
		a.note("%s", notice)
	}
	if printErr := a.printSummary(out, result.Summary, result.Reason); printErr != nil {
		err = errors.Join(err, printErr)
	}
	code := result.Summary.ExitCode
	switch {
	case code == batch.ExitDone && err == nil:
		return nil
	case code == batch.ExitDone:
		code = batch.ExitCodeOf(err)
	}
	return &exitError{code, err}
}

// shown are the settings for the report's reader. Their names and words are keys of the report's words.csv.
func (o *runOptions) shown(exclVAT bool) []report.Setting {
	return []report.Setting{
		{Name: "flow", Value: o.flow},
		{Name: "duplicate guard", Value: o.guard},
		{Name: "profile", Value: string(o.profile)},
		{Name: shownPrices, Value: map[bool]string{false: "with VAT", true: "without VAT"}[exclVAT]},
		{Name: "rate", Value: fmt.Sprintf(shownRate, o.rate)},
		{Name: "concurrency", Value: fmt.Sprint(o.concurrency)},
		{Name: shownDays, Value: fmt.Sprint(o.days)},
		{Name: shownChannel, Value: o.channel},
		{
			Name:  "invalid rows",
			Value: map[string]string{skipInvalid: shownSkip, stopInvalid: shownStop}[o.onInvalid],
		},
	}
}
