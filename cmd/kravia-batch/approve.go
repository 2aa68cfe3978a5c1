package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kraviabatch/internal/planfile"
)

type approveOptions struct {
	*app
	byFlag
}

func (o *approveOptions) check() error {
	if strings.TrimSpace(o.by) == "" {
		return usage(msgNoApprover)
	}
	return nil
}

func (a *app) approveCommand() *cobra.Command {
	o := &approveOptions{app: a, byFlag: byFlag{usage: usageApprover}}
	cmd := &cobra.Command{
		Use:   "approve PLAN.json --by NAME",
		Short: "Add an approval to a plan",
		Long: `Approve puts a name and the time into the plan's file, bound to the plan's
content: when anything in the plan is edited, the plan and its approvals are
refused. Several people can approve, one after the other.

An approval is not a signature: whoever can write the file can forge one. Keep
plans in a folder where only the approvers can write.`,
		Example: `  kravia-batch approve november.plan.json --by "Kari Nordmann"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(msgOnePlan, cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return o.approve(args[0]) },
	}
	a.addFlags(cmd, nil, section{"", []group{o}})
	return cmd
}

func (o *approveOptions) approve(path string) error {
	if _, err := readPlan(path); err != nil {
		return err
	}
	plan, err := planfile.Approve(path, o.by, time.Now())
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
	fmt.Fprintf(o.stdout, msgApproved+"\n", path, ordersFor(plan.Control.ToSend, sums), plan.Account, plan.Environment,
		plan.By, plan.Day)
	others := false
	for _, approval := range plan.Approvals {
		fmt.Fprintf(o.stdout, "  %s  %s\n", approval.Time.Format(time.RFC3339), approval.By)
		others = others || !planfile.SameName(approval.By, plan.By)
	}
	if !others {
		fmt.Fprintln(o.stdout, msgOnlyAuthor)
	}
	return nil
}
