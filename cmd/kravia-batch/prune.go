package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

func (a *app) pruneCommand() *cobra.Command {
	var before string
	cmd := &cobra.Command{
		Use:   "prune --before YYYY-MM-DD",
		Short: "Remove rows, names and addresses of old runs from the journal",
		Long: `Prune removes from the journal what runs of the account that ended before a day hold of your customers: input rows, names,
addresses and exact requests. References, hashes, amounts, invoice numbers, dates, links and the runs themselves stay for ever, so
that nothing is invoiced twice. A run with an order that is in doubt, in conflict or registered stays whole until it is settled.

There is no report of a pruned run any more: keep the reports for as long as bookkeeping law has you keep them. It asks nothing,
can be interrupted, and goes on when it is run again. In the end a journal.db is made smaller, which takes as much room as it has
in the temporary folder, and once more beside it.`,
		Example: "  kravia-batch prune --account T12345678 --before 2026-01-01",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.prune(cmd.Context(), before) },
	}
	cmd.Flags().StringVar(&before, "before", "", "the day, in Oslo: runs that ended before it")
	cmd.Flags().BoolVar(&a.settings.json, "json", false, "print what was removed as JSON")
	a.settings.addState(cmd.Flags())
	return cmd
}

func (a *app) prune(ctx context.Context, before string) error {
	account, _, err := a.target()
	if err != nil {
		return err
	}
	day, err := pruneDay(before)
	if err != nil {
		return err
	}
	if a.journalThere() == "" {
		return usage("there is no journal to prune; see --state and --journal")
	}
	j, err := a.openJournal(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // what was removed is durable before
	ctx, cancel := a.untilStopped(ctx)
	defer cancel()
	pruned, err := j.Prune(ctx, account, day)
	if err != nil && len(pruned.Runs) == 0 {
		return a.cutOff(err)
	}
	return errors.Join(a.tellPruned(account, before, pruned), a.cutOff(err))
}

func pruneDay(text string) (time.Time, error) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		return time.Time{}, err
	}
	day, err := time.ParseInLocation(time.DateOnly, text, oslo)
	switch {
	case err != nil:
		return day, usage("prune needs --before YYYY-MM-DD, such as 2026-01-01, and %q is no such day", text)
	case day.After(time.Now()):
		return day, usage("--before %s is in the future", text)
	}
	return day, nil
}

// untilStopped ends at the first signal already: for work that can be cut off anywhere.
func (a *app) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-a.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// cutOff is the error of work that untilStopped ended.
func (a *app) cutOff(err error) error {
	if a.stoppedAtOnce(err) {
		return fmt.Errorf("%w before the end", dispatch.ErrStopped)
	}
	return err
}

func (a *app) tellPruned(account, before string, p journal.Pruned) error {
	if a.settings.json {
		return writeJSON(a.stdout, struct {
			Account string   `json:"account"`
			Before  string   `json:"before"`
			Runs    []string `json:"runs"`
			Orders  int      `json:"orders"`
			Kept    []string `json:"kept"`
		}{account, before, append([]string{}, p.Runs...), p.Orders, append([]string{}, p.Kept...)})
	}
	for _, run := range p.Kept {
		fmt.Fprintf(a.stdout,
			"kept run %s: it has orders that are not settled; see `kravia-batch refresh --run %s`\n", run, run)
	}
	fmt.Fprintf(a.stdout, "pruned %s, and %s of them\n", plural(len(p.Runs), "run"), plural(p.Orders, "order"))
	return nil
}
