package main

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// pastRun is what report, refresh and void have in common: they work on a run in the journal, whose report they write
// again.
type pastRun struct {
	*app
	accountFlags
	journalFlags
	reportFlags
	outputFlags
	runFlags
}

// runFlags choose a run in the journal.
type runFlags struct {
	run     string      // its id, "" for the newest
	profile profileFlag // whose accounts its invoices are posted to
}

func (s *runFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.run, "run", "", "the `run`, as `kravia-batch runs` lists them (default: the newest)")
	f.StringVar((*string)(&s.profile), "profile", "",
		"`file` of the profile whose accounts invoices are posted to (default: those that the run was made with)")
}

func (s *runFlags) check() error { return nil }

// withRun opens the journal and finds the run. It does no work if the run's report cannot have a format that is asked
// for.
func (o *pastRun) withRun(ctx context.Context, work func(context.Context, *journal.Journal, journal.Run) error) error {
	account, _, err := o.target()
	if err != nil && o.run == "" {
		return err
	}
	j, err := o.openJournal(ctx, &o.journalFlags)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // read, or durable before
	r, err := o.find(ctx, j, account)
	if err != nil {
		return err
	}
	if _, err := o.accountsOf(&r); err != nil {
		return err
	}
	return work(ctx, j, r)
}

// find is the run of --run, or else the newest one of the account.
func (o *pastRun) find(ctx context.Context, j *journal.Journal, account string) (journal.Run, error) {
	if o.run != "" {
		r, err := j.FindRun(ctx, o.run)
		if errors.Is(err, journal.ErrNotFound) {
			err = usage(msgNoSuchRun, o.run)
		}
		return r, err
	}
	runs, err := j.Runs(ctx, account, 1)
	if err == nil && len(runs) == 0 {
		err = usage(msgNoRun, account)
	}
	if err != nil {
		return journal.Run{}, err
	}
	return runs[0], nil
}

// accountsOf are the ledger accounts that a run's invoices are posted to: those of --profile, or else those that the
// run was made with.
func (o *pastRun) accountsOf(r *journal.Run) (*billing.Accounts, error) {
	formats, err := o.formats()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(formats, func(f report.Format) bool { return f == report.XLSX || f.ForLedger() }) {
		return nil, nil //nolint:nilnil // nothing is posted
	}
	profile, err := o.profile.load()
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
		return nil, usage(msgNoLedgerReport, r.ID, err)
	}
	return accounts, nil
}

// rewrite writes the report of a run, after some work on it or none. It prints what is in the report and how the work
// went.
func (o *pastRun) rewrite(ctx context.Context, j *journal.Journal, r journal.Run, w batch.Rewriting) (err error) {
	if w.Formats, err = o.formats(); err != nil {
		return err
	}
	if w.Accounts, err = o.accountsOf(&r); err != nil {
		return err
	}
	w.PostingsFrom, w.Language = billing.Date(o.postingsFrom), o.language
	w.Reports, w.SignalCode, w.Progress = o.reports, o.signalCode, o.progress(o.quiet)
	w.Reason = cmp.Or(w.Reason, dispatch.Finished)
	summary, err := batch.Rewrite(ctx, j, r.ID, w)
	if summary != nil { // what ends the command with 6 or 8 is among the report's notices
		w.Notices = summary.Run().Notices
	}
	return o.conclude(&o.outputFlags,
		&batch.Result{Run: r.ID, Summary: summary, Reason: w.Reason, Notices: w.Notices}, errors.Join(w.Failure, err))
}

// pastCalls is a pastRun with calls to the provider.
type pastCalls struct {
	pastRun
	providerFlags
}

// refreshFailures is how many look-ups in a row may fail before a refresh gives up.
const refreshFailures = 20

// underLock connects to the provider while no run of the account is under way.
func (o *pastCalls) underLock(ctx context.Context, j *journal.Journal, r journal.Run,
	work func(*dintero.Client, dispatch.Config) error,
) error {
	account, env, err := o.target()
	if err != nil {
		return err
	}
	if account != r.Account || string(env) != r.Environment {
		return usage(msgOtherAccount, r.ID, r.Account, r.Environment, account, env)
	}
	provider, err := o.provider(account, &o.providerFlags, o.sandbox, &o.journalFlags, 1)
	if err != nil {
		return err
	}
	defer provider.close()
	release, err := j.Lock(ctx, account, journal.Shard{}, journal.ThisProcess(r.ID))
	if err != nil {
		return err
	}
	defer func() { _ = release() }() // the lock ends with the process in any case
	client, err := provider.connect()
	if err != nil {
		return err
	}
	return work(client, dispatch.Config{
		Account: account, Run: r.ID, Concurrency: o.concurrency, MaxFailures: refreshFailures, Stop: o.stop,
		Logger: o.logger(),
	})
}
