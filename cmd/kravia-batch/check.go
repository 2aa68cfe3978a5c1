package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
)

type checkOptions struct {
	*app
	inputFlags
	reports string // folder of corrections workbooks, noReports for none
	json    bool
}

// noReports is the value of check's --reports for no corrections workbook.
const noReports = "off"

func (o *checkOptions) add(f *pflag.FlagSet) {
	f.StringVar(&o.reports, "reports", "reports", "`folder` for corrections workbooks, off for none")
	f.BoolVar(&o.json, "json", false, "print everything as JSON, amounts in minor units (øre, cents)")
}

func (o *checkOptions) check() error { return nil }

func (a *app) checkCommand() *cobra.Command {
	o := &checkOptions{app: a}
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "List every problem of a file; call nobody",
		Long: `Check reads the files as run would. It tells how each column was understood,
with its first cell and what that became, and lists every problem of every row
with its place and how to fix it. Nothing is sent and nothing is kept.

When a row cannot be sent, its file is also given back as FILE_corrections.xlsx
in --reports, with the bad cells coloured and explained. Corrected and saved,
that workbook takes the file's place.

The registers of a profile, such as customers in a file of their own, are FILEs
too, in any order.

` + columnsHelp(),
		Example: `  kravia-batch check november.xlsx
  kravia-batch check --profile fortnox.yaml --json export.csv
  kravia-batch check --profile my.yaml lines.csv customers.csv`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) error { return o.list(cmd.Context(), args) },
	}
	a.addFlags(cmd, nil, section{"", []group{&o.inputFlags, o}})
	return cmd
}

// list reads the files and prints all that is to be said of them.
func (o *checkOptions) list(ctx context.Context, args []string) error {
	input, err := o.input(&o.inputFlags, args, o.progress(false))
	if err != nil {
		return err
	}
	reading, err := batch.Read(ctx, input)
	if err != nil {
		return err
	}
	defer reading.Close()
	if _, err := reading.Expected(); err != nil {
		return err
	}
	problems := newProblemList(o.json)
	totals, err := batch.Count(problems.watch(reading.KeepProblems(reading.Groups())))
	if err != nil {
		return err
	}
	corrections := o.corrections(ctx, reading, totals)
	return o.printReading(reading, totals, problems, corrections, nil, o.json)
}

// corrections gives the files with errors back for correction. A workbook that cannot be written is only noted, since
// the problems are listed in any case.
func (o *checkOptions) corrections(ctx context.Context, r *batch.Reading, t *batch.Totals) []string {
	if t.InvalidRows == 0 || o.reports == noReports {
		return nil
	}
	paths, err := r.Corrections(ctx, o.reports)
	if err != nil {
		o.note("%v", err)
	}
	return paths
}
