package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kraviabatch/internal/planfile"
)

func (a *app) approveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "approve PLAN.json --by NAME",
		Short: "Add an approval to a plan",
		Long: `Approve puts a name and the time into the plan's file, bound to the plan's content: when anything in the plan is edited, the plan and
its approvals are refused. Several people can approve, one after the other. An approval is no signature: who may write the file
may forge it, so keep plans in a folder where only the approvers can write.`,
		Example: `  kravia-batch approve november.plan.json --by "Kari Nordmann"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`%s` needs one plan; see `%s --help`", cmd.CommandPath(), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.approve(args[0]) },
	}
	a.settings.addBy(cmd.Flags(), "who approves")
	return cmd
}

func (a *app) approve(path string) error {
	if strings.TrimSpace(a.settings.planning.by) == "" {
		return usage("say who approves with --by NAME")
	}
	if _, err := readPlan(path); err != nil {
		return err
	}
	plan, err := planfile.Approve(path, a.settings.planning.by, time.Now())
	if errors.Is(err, planfile.ErrName) {
		return usage("--by: %w", err)
	}
	if err != nil {
		return err
	}
	sums, err := plan.ToSend()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "approved: %s, %s of account %s (%s), planned by %s for %s\n", path,
		ordersFor(plan.Control.ToSend, sums), plan.Account,
		plan.Environment, plan.By, plan.Day)
	others := false
	for _, approval := range plan.Approvals {
		fmt.Fprintf(a.stdout, "  %s  %s\n", approval.Time.Format(time.RFC3339), approval.By)
		others = others || !planfile.SameName(approval.By, plan.By)
	}
	if !others {
		fmt.Fprintln(a.stdout,
			"approved by its author only: run --four-eyes refuses it until somebody else approves it too")
	}
	return nil
}
