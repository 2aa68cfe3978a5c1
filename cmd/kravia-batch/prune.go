package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/journal"
)

type pruneOptions struct {
	*app
	accountFlags
	journalFlags
	before string
	json   bool
}

func (o *pruneOptions) add(f *pflag.FlagSet) {
	f.StringVar(&o.before, "before", "", "the day `YYYY-MM-DD`, in Oslo: runs that ended before it")
	f.BoolVar(&o.json, "json", false, "print what was removed as JSON")
}

func (o *pruneOptions) check() error { return nil }

func (a *app) pruneCommand() *cobra.Command {
	o := &pruneOptions{app: a}
	cmd := &cobra.Command{
		Use:   "prune --before YYYY-MM-DD",
		Short: "Remove names, addresses and rows of old runs",
		Long: `Prune removes from the journal what runs of the account that ended before a day
hold of your customers: input rows, names, addresses and exact requests.
References, hashes, amounts, invoice numbers, dates, links and the runs
themselves stay for ever, so that nothing is invoiced twice. A run with an order
that is in doubt, in conflict or registered stays complete until that has ended.

A pruned run has no report any more: keep the reports for as long as bookkeeping
law requires. Prune does not ask, can be interrupted, and goes on when it is run
again. At the end it makes a journal.db smaller, which takes as much room as the
file has in the temporary folder, and once more beside it.`,
		Example: "  kravia-batch prune --account T12345678 --before 2026-01-01",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.prune(cmd.Context()) },
	}
	a.addFlags(cmd, nil, section{"", []group{o, &o.accountFlags, &o.journalFlags}})
	return cmd
}

func (o *pruneOptions) prune(ctx context.Context) error {
	account, _, err := o.target()
	if err != nil {
		return err
	}
	day, err := pruneDay(o.before)
	if err != nil {
		return err
	}
	if o.journalThere(&o.journalFlags) == "" {
		return usage(msgNothingToPrune)
	}
	j, err := o.openJournal(ctx, &o.journalFlags)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // what was removed is durable before
	ctx, cancel := o.untilStopped(ctx)
	defer cancel()
	pruned, err := j.Prune(ctx, account, day)
	if err != nil && len(pruned.Runs) == 0 {
		return o.cutOff(err)
	}
	return errors.Join(o.show(account, pruned), o.cutOff(err))
}

// show prints what was removed and what was kept.
func (o *pruneOptions) show(account string, p journal.Pruned) error {
	if o.json {
		return writeJSON(o.stdout, struct {
			Account string   `json:"account"`
			Before  string   `json:"before"`
			Runs    []string `json:"runs"`
			Orders  int      `json:"orders"`
			Kept    []string `json:"kept"`
		}{account, o.before, append([]string{}, p.Runs...), p.Orders, append([]string{}, p.Kept...)})
	}
	for _, run := range p.Kept {
		fmt.Fprintf(o.stdout, msgRunKept+"\n", run, run)
	}
	fmt.Fprintf(o.stdout, msgPruned+"\n", plural(len(p.Runs), "run"), plural(p.Orders, "order"))
	return nil
}

func pruneDay(text string) (time.Time, error) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		return time.Time{}, err
	}
	day, err := time.ParseInLocation(time.DateOnly, text, oslo)
	switch {
	case err != nil:
		return day, usage(msgPruneDay, text)
	case day.After(time.Now()):
		return day, usage(msgBeforeFuture, text)
	}
	return day, nil
}
