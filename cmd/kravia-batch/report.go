package main

import (
	"context"

	"github.com/spf13/cobra"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/journal"
)

func (a *app) reportCommand() *cobra.Command {
	o := &pastRun{app: a}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write a run's report again, from the journal",
		Long: `Report writes the report of a run again, as the journal knows the run's orders
now. It calls nobody. Without --run it is the newest run of the account.`,
		Example: `  kravia-batch report --account T12345678
  kravia-batch report --sandbox --run 20261122-173005-3f9a12`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.withRun(cmd.Context(), func(ctx context.Context, j *journal.Journal, r journal.Run) error {
				return o.rewrite(ctx, j, r, batch.Rewriting{})
			})
		},
	}
	a.addFlags(cmd, []string{"run", "account", "live", "sandbox", "reports", "format"},
		section{headReport, []group{&o.reportFlags, &o.outputFlags, &o.runFlags}},
		section{headJournal, []group{&o.accountFlags, &o.journalFlags}})
	return cmd
}
