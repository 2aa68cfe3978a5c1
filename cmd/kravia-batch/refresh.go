package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

type refreshOptions struct {
	pastCalls
	documentsFlag
	notifyFlags
	all bool
}

func (o *refreshOptions) add(f *pflag.FlagSet) {
	f.BoolVar(&o.all, "all", false, "also look up every invoice that exists: what is paid, part-paid, cancelled")
}

func (o *refreshOptions) check() error { return nil }

func (a *app) refreshCommand() *cobra.Command {
	o := &refreshOptions{pastCalls: pastCalls{pastRun: pastRun{app: a}}}
	cmd := &cobra.Command{
		Use:   "refresh",
		Short: "Look up uncertain and registered orders, and update the report",
		Long: `Refresh asks the provider about the account's orders that are in doubt or in
conflict, and about those of the run that are registered without an invoice
number. With --all it asks about every live invoice of the run: paid, part-paid,
settled, cancelled. Then it writes the run's report again. It sends no payment.`,
		Example: "  kravia-batch refresh --account T12345678 --client-secret-file secret --all",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.announced(cmd.Context(), &o.notifyFlags, noticeOf(cmd.Name(), &o.accountFlags),
				func() error { return o.withRun(cmd.Context(), o.refresh) })
		},
	}
	a.addFlags(cmd, []string{"run", "all", "account", "live", "sandbox", "documents", "reports", "format"},
		section{headReport, []group{o, &o.reportFlags, &o.outputFlags, &o.documentsFlag, &o.runFlags}},
		section{headProvider, []group{&o.providerFlags}},
		section{headJournal, []group{&o.accountFlags, &o.journalFlags}},
		section{headCluster, []group{&o.notifyFlags}})
	return cmd
}

func (o *refreshOptions) refresh(ctx context.Context, j *journal.Journal, r journal.Run) error {
	return o.underLock(ctx, j, r, func(client *dintero.Client, cfg dispatch.Config) error {
		w := batch.Refresh(ctx, j, client, cfg, r, o.all)
		if o.documents != "" && w.Reason == dispatch.Finished {
			fetched, err := batch.Documents(ctx, j, client, cfg, r, o.documents, o.progress(o.quiet))
			o.say(msgFetched, plural(fetched.Saved, "document"), o.documents)
			w.Reason, w.Notices, w.Failure = fetched.Reason, append(w.Notices, fetched.Notices...),
				errors.Join(w.Failure, err)
		}
		w.Requests = batch.RequestsOf(client)
		return o.rewrite(context.WithoutCancel(ctx), j, r, w) // a report is written also after a second signal
	})
}
