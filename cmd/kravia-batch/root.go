package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the build; without it the module's own version counts.
var version = ""

func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "kravia-batch",
		Short: "Turn an export of billable lines into Kravia invoices, once each",
		Long: `kravia-batch reads CSV or XLSX exports of billable lines, checks every row, groups rows into orders with VAT totals,
has Kravia invoice them through Dintero, and writes a reconciliation with invoice number, due date and URL for every row.

Running it again on the same file is the resume: what is invoiced is never invoiced again.`,
		Example: `  kravia-batch check november.xlsx               what is wrong in the file
  kravia-batch run --dry-run november.xlsx       what would be sent
  kravia-batch run --sandbox november.xlsx       a rehearsal without account or network
  kravia-batch run --account T12345678 november.xlsx`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command %q; `kravia-batch help` lists them", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see `%s --help`", err, cmd.CommandPath())
	})
	a.settings.addCommon(root.PersistentFlags())
	for _, cmd := range []*cobra.Command{
		a.runCommand(), a.checkCommand(), a.planCommand(), a.approveCommand(), a.refreshCommand(), a.reportCommand(), a.voidCommand(), a.runsCommand(), a.sandboxCommand(),
		a.templateCommand(), a.explainCommand(),
	} {
		cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return a.load(cmd) }
		root.AddCommand(cmd)
	}
	a.addCompletion(root)
	root.AddCommand(&cobra.Command{
		Use: "version", Short: "Print the version", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "kravia-batch", programVersion())
			return err
		},
	})
	return root
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("`%s` takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

func someFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage("`%s` needs a FILE, a folder, or - for standard input; see `%s --help`", cmd.CommandPath(), cmd.CommandPath())
	}
	return nil
}
