package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

func (a *app) reportCommand() *cobra.Command {
	var run string
	cmd := &cobra.Command{
		Use:     "report",
		Short:   "Write a run's report anew from the journal",
		Example: "  kravia-batch report --account T12345678\n  kravia-batch report --sandbox --run 20261122-173005-3f9a12",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withRun(cmd.Context(), run, func(ctx context.Context, j *journal.Journal, r journal.Run) error {
				return a.rewrite(ctx, j, r, batch.Rewriting{})
			})
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "the run; without it the newest")
	a.settings.addState(cmd.Flags())
	a.settings.addReport(cmd.Flags())
	a.settings.addAccounts(cmd.Flags())
	return cmd
}

// withRun opens the journal and finds the run: by its id, or the account's newest. Where its report cannot
// have a format that is asked for, nothing is done.
func (a *app) withRun(ctx context.Context, id string,
	work func(context.Context, *journal.Journal, journal.Run) error,
) error {
	account, _, err := a.target()
	if err != nil && id == "" {
		return err
	}
	j, err := a.openJournal(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // read, or durable before
	if id != "" {
		r, err := j.FindRun(ctx, id)
		if errors.Is(err, journal.ErrNotFound) {
			return usage("there is no run %s in this journal; `kravia-batch runs` lists them", id)
		}
		if err != nil {
			return err
		}
		if _, err := a.accountsOf(&r); err != nil {
			return err
		}
		return work(ctx, j, r)
	}
	runs, err := j.Runs(ctx, account, 1)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return usage("there is no run of account %s in this journal", account)
	}
	if _, err := a.accountsOf(&runs[0]); err != nil {
		return err
	}
	return work(ctx, j, runs[0])
}

// accountsOf are those that a run's invoices are posted to: the accounts of --profile, or else those that the
// run was made with.
func (a *app) accountsOf(r *journal.Run) (*billing.Accounts, error) {
	formats, err := a.settings.formats()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(formats, func(f report.Format) bool { return f == report.XLSX || f.ForLedger() }) {
		return nil, nil //nolint:nilnil // nothing is posted
	}
	profile, err := a.settings.loadProfile()
	if err != nil {
		return nil, err
	}
	accounts, err := batch.AccountsOf(r)
	if err != nil {
		return nil, err
	}
	if profile != nil && profile.Accounts != nil {
		accounts = profile.Accounts
	}
	if err := report.CheckAccounts(formats, accounts); err != nil {
		return nil,
			usage("--format: run %s has no such report: %w; a profile that has them can be given with --profile",
				r.ID, err)
	}
	return accounts, nil
}

// rewrite writes the report of a run, after some work on it or none, and tells what is in it and how the work went.
func (a *app) rewrite(ctx context.Context, j *journal.Journal, r journal.Run, w batch.Rewriting) (err error) {
	if w.Formats, err = a.settings.formats(); err != nil {
		return err
	}
	if w.Accounts, err = a.accountsOf(&r); err != nil {
		return err
	}
	w.PostingsFrom, w.Language = billing.Date(a.settings.postingsFrom), a.settings.language
	w.Reports, w.SignalCode, w.Progress, w.Reason = a.settings.reports, a.signalCode, a.progress(),
		cmp.Or(w.Reason, dispatch.Finished)
	summary, err := batch.Rewrite(ctx, j, r.ID, w)
	if summary != nil { // the report's say what ends it with 6 or 8
		w.Notices = summary.Run().Notices
	}
	return a.conclude(&batch.Result{Run: r.ID, Summary: summary, Reason: w.Reason, Notices: w.Notices},
		errors.Join(w.Failure, err))
}

func (a *app) refreshCommand() *cobra.Command {
	var run string
	var all bool
	cmd := &cobra.Command{
		Use:   "refresh",
		Short: "Look up what is in doubt or registered, and write the report anew",
		Long: `Refresh asks the provider about the account's orders that are in doubt or in conflict and about those of the run that are
registered without a number, with --all about every live one of the run: paid, part-paid, settled, cancelled. It sends no payment.`,
		Example: "  kravia-batch refresh --account T12345678 --client-secret-file secret --all",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.announced(cmd.Context(), cmd.Name(), func() error {
				return a.withRun(cmd.Context(), run,
					func(ctx context.Context, j *journal.Journal, r journal.Run) error {
						return a.refresh(ctx, j, r, all)
					})
			})
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "the run; without it the newest")
	cmd.Flags().BoolVar(&all, "all", false, "also every invoice that exists: what is paid, part-paid, cancelled")
	a.settings.addDocuments(cmd.Flags())
	a.settings.addOnCall(cmd.Flags())
	a.settings.addState(cmd.Flags())
	a.settings.addProvider(cmd.Flags())
	a.settings.addReport(cmd.Flags())
	a.settings.addAccounts(cmd.Flags())
	return cmd
}

func (a *app) refresh(ctx context.Context, j *journal.Journal, r journal.Run, all bool) error {
	return a.underLock(ctx, j, r, func(client *dintero.Client, cfg dispatch.Config) error {
		w := batch.Refresh(ctx, j, client, cfg, r, all)
		if a.settings.documents != "" && w.Reason == dispatch.Finished {
			fetched, err := batch.Documents(ctx, j, client, cfg, r, a.settings.documents, a.progress())
			fmt.Fprintf(a.stderr, "kravia-batch: %s fetched into %s\n", plural(fetched.Saved, "document"),
				a.settings.documents)
			w.Reason, w.Notices, w.Failure = fetched.Reason, append(w.Notices, fetched.Notices...),
				errors.Join(w.Failure, err)
		}
		w.Requests = batch.RequestsOf(client)
		return a.rewrite(context.WithoutCancel(ctx), j, r, w) // a report is written also after a second signal
	})
}

func (a *app) voidCommand() *cobra.Command {
	var run string
	var orders []string
	var yes bool
	cmd := &cobra.Command{
		Use:   "void --run RUN",
		Short: "Cancel unpaid invoices of a run",
		Long: `Void shows the invoices of a run that it would cancel, asks, and cancels those that are unpaid. What is paid or cancelled already is
left alone. A cancelled order can be invoiced anew only under a new reference.`,
		Example: "  kravia-batch void --account T12345678 --run 20261122-173005-3f9a12 --order INV-1001",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == "" {
				return usage("void needs --run RUN; `kravia-batch runs` lists them")
			}
			return a.withRun(cmd.Context(), run, func(ctx context.Context, j *journal.Journal, r journal.Run) error {
				return a.void(ctx, j, r, orders, yes)
			})
		},
	}
	cmd.Flags().StringVar(&run, "run", "", "the run")
	cmd.Flags().StringArrayVar(&orders, "order", nil, "only this order; can be given again")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	a.settings.addState(cmd.Flags())
	a.settings.addProvider(cmd.Flags())
	a.settings.addReport(cmd.Flags())
	a.settings.addAccounts(cmd.Flags())
	return cmd
}

func (a *app) void(ctx context.Context, j *journal.Journal, r journal.Run, references []string, yes bool) error {
	orders, err := dispatch.Voidable(ctx, j, r.ID, references)
	if err != nil {
		return usage("%w", err)
	}
	if len(orders) == 0 {
		fmt.Fprintln(a.stderr, "kravia-batch: nothing to cancel: no order of the run has a live invoice")
		return nil
	}
	live := 0
	for _, o := range orders {
		if !o.State.Live() {
			continue // dispatch says why it is left alone
		}
		live++
		customer := o.Customer
		if yes || !a.terminal {
			customer = "" // nobody is asked, and a log is no place for names
		}
		fmt.Fprintf(a.stderr, "  %-35s %20s  %s  %s\n", o.Reference, o.Gross.Grouped(), o.InvoiceNumber, customer)
	}
	if live > 0 && !yes {
		if err := a.confirm(fmt.Sprintf("Cancel %s at the provider?", plural(live, "invoice"))); err != nil {
			return err
		}
	}
	return a.underLock(ctx, j, r, func(client *dintero.Client, cfg dispatch.Config) error {
		results, reason, err := dispatch.Void(ctx, j, client, cfg, orders)
		left := 0
		for _, v := range results {
			if !v.Done {
				left++
			}
			if v.Message != "" {
				fmt.Fprintf(a.stderr, "  %s: %s\n", v.Reference, v.Message)
			}
		}
		fmt.Fprintf(a.stderr, "kravia-batch: %s cancelled, %d left as they are\n",
			plural(len(results)-left, "invoice"), left)
		told := a.rewrite(context.WithoutCancel(ctx), j, r,
			batch.Rewriting{Requests: batch.RequestsOf(client), Reason: reason, Failure: err})
		coded, _ := errors.AsType[*exitError](told)
		switch {
		case told != nil && (coded == nil || coded.err != nil):
			return told
		case left == 0: // what was asked for is done, whatever else the report says
			return nil
		case reason == dispatch.Interrupted && coded != nil:
			return told
		}
		return &exitError{code: batch.ExitIncomplete}
	})
}

// confirm asks on the terminal. The error is why the answer is no yes; nothing is done then.
func (a *app) confirm(question string) error {
	fmt.Fprintf(a.stderr, "%s [yes/no] ", question)
	answer, err := bufio.NewReader(a.stdin).ReadString('\n')
	switch {
	case errors.Is(err, dispatch.ErrStopped):
		return fmt.Errorf("%w; nothing was cancelled", err)
	case strings.EqualFold(strings.TrimSpace(answer), "yes"):
		return nil
	case strings.TrimSpace(answer) == "" && err != nil:
		fmt.Fprintln(a.stderr) // nobody pressed Enter
		return usage("nothing was cancelled: the input ended without an answer (answer yes, or give --yes)")
	}
	return usage("nothing was cancelled: answer with the whole word yes, or give --yes")
}

// underLock connects to the provider while no run of the account is under way.
func (a *app) underLock(ctx context.Context, j *journal.Journal, r journal.Run,
	work func(*dintero.Client, dispatch.Config) error,
) error {
	account, env, err := a.target()
	if err != nil {
		return err
	}
	if account != r.Account || string(env) != r.Environment {
		return usage("run %s was made on %s (%s), not on %s (%s)", r.ID, r.Account, r.Environment, account, env)
	}
	connect, closeProvider, err := a.provider(account)
	if err != nil {
		return err
	}
	defer closeProvider()
	release, err := j.Lock(ctx, account, journal.Shard{}, journal.ThisProcess(r.ID))
	if err != nil {
		return err
	}
	defer func() { _ = release() }() // falls with the process at the latest
	client, err := connect()
	if err != nil {
		return err
	}
	return work(client, dispatch.Config{
		Account: account, Run: r.ID, Concurrency: a.settings.concurrency, MaxFailures: refreshFailures, Stop: a.stop,
		Logger: a.logger(),
	})
}

// refreshFailures is how many look-ups in a row may fail before a refresh gives up.
const refreshFailures = 20

func (a *app) runsCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:     "runs",
		Short:   "List the runs in the journal, newest first",
		Example: "  kravia-batch runs --state /var/lib/kravia-batch",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runs(cmd.Context(), limit) },
	}
	cmd.Flags().IntVar(&limit, "limit", 50, "at most so many")
	cmd.Flags().BoolVar(&a.settings.json, "json", false, "print them as JSON")
	a.settings.addState(cmd.Flags())
	return cmd
}

func (a *app) runs(ctx context.Context, limit int) error {
	if limit < 1 {
		return usage("--limit %d is too small: it must be at least 1", limit)
	}
	account := a.settings.account
	if a.settings.sandbox {
		account = sandboxAccount
	}
	j, err := a.openJournal(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	runs, err := j.Runs(ctx, account, limit)
	if err != nil {
		return err
	}
	if a.settings.json {
		return a.runsJSON(runs)
	}
	if len(runs) == 0 {
		fmt.Fprintln(a.stdout, "no runs yet")
		return nil
	}
	fmt.Fprintf(a.stdout, "%-24s %-10s %-8s %-8s %8s %8s %5s  %s\n", "run", "account", "env", "period", "rows",
		"orders", "exit", "files")
	for _, r := range runs {
		exit := fmt.Sprint(r.ExitCode)
		if r.ExitCode == journal.Unfinished {
			exit = "–"
		}
		fmt.Fprintf(a.stdout, "%-24s %-10s %-8s %-8s %8d %8d %5s  %s\n", r.ID, r.Account, r.Environment, r.Period,
			r.Control.Rows, r.Control.Orders, exit, fileNames(r))
	}
	return nil
}

func fileNames(r journal.Run) string {
	names := make([]string, len(r.Files))
	for i, f := range r.Files {
		if names[i] = f.Name; f.Register != "" {
			names[i] += " (" + asRegister(f) + ")"
		}
	}
	return strings.Join(names, ", ")
}

func (a *app) runsJSON(runs []journal.Run) error {
	type register struct {
		Name string `json:"name"` // one of Files
		Of   string `json:"register"`
		Rows int    `json:"rows"`
	}
	type run struct {
		Run         string     `json:"run"`
		Account     string     `json:"account"`
		Environment string     `json:"environment"`
		Period      string     `json:"period"`
		Started     time.Time  `json:"started"`
		Finished    *time.Time `json:"finished"`
		Rows        int        `json:"rows"`
		Orders      int        `json:"orders"`
		ExitCode    *int       `json:"exit_code"`
		Files       []string   `json:"files"`
		Registers   []register `json:"registers,omitempty"`
	}
	list := []run{}
	for _, r := range runs {
		one := run{
			Run: r.ID, Account: r.Account, Environment: r.Environment, Period: r.Period, Started: r.Started,
			Rows: r.Control.Rows, Orders: r.Control.Orders,
		}
		if !r.Finished.IsZero() {
			one.Finished, one.ExitCode = &r.Finished, &r.ExitCode
		}
		for _, f := range r.Files {
			if one.Files = append(one.Files, f.Name); f.Register != "" {
				one.Registers = append(one.Registers, register{f.Name, f.Register, f.Rows})
			}
		}
		list = append(list, one)
	}
	return writeJSON(a.stdout, list)
}
