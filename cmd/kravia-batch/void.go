package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

type voidOptions struct {
	pastCalls
	orders []string // references, none for all
	yes    bool
}

func (o *voidOptions) add(f *pflag.FlagSet) {
	f.StringArrayVar(&o.orders, "order", nil, "only the order with this `reference`; can be given again")
	f.BoolVar(&o.yes, "yes", false, "do not ask")
}

func (o *voidOptions) check() error {
	if o.run == "" {
		return usage(msgVoidNeedsRun)
	}
	return nil
}

func (a *app) voidCommand() *cobra.Command {
	o := &voidOptions{pastCalls: pastCalls{pastRun: pastRun{app: a}}}
	cmd := &cobra.Command{
		Use:   "void --run RUN",
		Short: "Cancel unpaid invoices of a run",
		Long: `Void shows the invoices of a run that it would cancel, asks, and cancels those
that are unpaid. It leaves alone what is paid or cancelled already. A cancelled
order can be invoiced again only under a new reference.`,
		Example: `  kravia-batch void --account T12345678 --run 20261122-173005-3f9a12 \
      --order INV-1001`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.withRun(cmd.Context(), o.void) },
	}
	a.addFlags(cmd, []string{"run", "order", "yes", "account", "live", "sandbox"},
		section{headReport, []group{o, &o.reportFlags, &o.outputFlags, &o.runFlags}},
		section{headProvider, []group{&o.providerFlags}},
		section{headJournal, []group{&o.accountFlags, &o.journalFlags}})
	return cmd
}

func (o *voidOptions) void(ctx context.Context, j *journal.Journal, r journal.Run) error {
	orders, err := dispatch.Voidable(ctx, j, r.ID, o.orders)
	if err != nil {
		return usage("%w", err)
	}
	if len(orders) == 0 {
		o.say(msgNothingToCancel)
		return nil
	}
	if live := o.show(orders); live > 0 && !o.yes {
		if err := o.confirm(fmt.Sprintf(msgAskVoid, plural(live, "invoice")), msgNotCancelled); err != nil {
			return err
		}
	}
	return o.underLock(ctx, j, r, func(client *dintero.Client, cfg dispatch.Config) error {
		results, reason, err := dispatch.Void(ctx, j, client, cfg, orders)
		left := 0
		for _, v := range results {
			if !v.Done {
				left++
			}
			if v.Message != "" {
				fmt.Fprintf(o.stderr, "  %s: %s\n", v.Reference, v.Message)
			}
		}
		o.say(msgCancelled, plural(len(results)-left, "invoice"), left)
		err = o.rewrite(context.WithoutCancel(ctx), j, r,
			batch.Rewriting{Requests: batch.RequestsOf(client), Reason: reason, Failure: err})
		return voidEnd(err, left, reason)
	})
}

// show lists the live invoices that would be cancelled, and gives their number.
func (o *voidOptions) show(orders []journal.Order) (live int) {
	for i := range orders {
		order := &orders[i]
		if !order.State.Live() {
			continue // dispatch says why it is left alone
		}
		live++
		customer := order.Customer
		if o.yes || !o.terminal {
			customer = "" // nobody is asked, and names do not belong in a log
		}
		fmt.Fprintf(o.stderr, "  %-35s %20s  %s  %s\n", order.Reference, order.Gross.Grouped(), order.InvoiceNumber,
			customer)
	}
	return live
}

// voidEnd is the error of a void whose report ended with err, and which left so many invoices as they are.
func voidEnd(err error, left int, reason dispatch.Reason) error {
	coded, _ := errors.AsType[*exitError](err)
	switch {
	case err != nil && (coded == nil || coded.err != nil):
		return err
	case left == 0: // what was asked for is done, whatever else the report says
		return nil
	case reason == dispatch.Interrupted && coded != nil:
		return err
	}
	return &exitError{code: batch.ExitIncomplete}
}
