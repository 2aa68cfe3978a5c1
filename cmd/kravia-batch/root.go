package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/intake"
)

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
				return noCommand(cmd, args[0])
			}
			return nil
		},
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version: versionText(),
	}
	root.SetVersionTemplate("{{.Version}}")
	root.SetIn(a.stdin)
	root.SetOut(paragraphs{a.stdout.raw})
	root.SetErr(paragraphs{a.stderr.raw})
	root.SetFlagErrorFunc(flagError)
	a.settings.addCommon(root.PersistentFlags())
	for _, cmd := range []*cobra.Command{
		a.runCommand(), a.checkCommand(), a.planCommand(), a.approveCommand(), a.refreshCommand(), a.reportCommand(),
		a.voidCommand(), a.runsCommand(), a.doctorCommand(), a.pruneCommand(), a.journalCommand(), a.sandboxCommand(),
		a.templateCommand(), a.profileCommand(), a.explainCommand(),
	} {
		cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return a.load(cmd) }
		root.AddCommand(cmd)
	}
	root.AddCommand(&cobra.Command{
		Use: "version", Short: "Print the version", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), versionText())
			return err
		},
	})
	refuseStrangeWords(root)
	return root
}

// flagError tells a wrong flag in words, and the one that was perhaps meant.
func flagError(cmd *cobra.Command, err error) error {
	near := ""
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedShortnames() == "" {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near = intake.Nearest(names, unknown.GetSpecifiedName()); near != "" {
			near = "--" + near
		}
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		err = misread("--"+invalid.GetFlag().Name, invalid.GetFlag(), invalid.GetValue(), err)
	}
	return usage("%w%s; see `%s --help`", err, didYouMean(near), cmd.CommandPath())
}

func noCommand(root *cobra.Command, word string) error {
	var names []string
	for _, cmd := range root.Commands() {
		names = append(names, cmd.Name())
	}
	return usage("there is no command %q%s; `kravia-batch help` lists them", word,
		didYouMean(intake.Nearest(names, word)))
}

// refuseStrangeWords makes `help` and `completion` refuse what they do not know, where cobra prints their
// help and is content.
func refuseStrangeWords(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if found, _, err := root.Find(args); err != nil || found == root && len(args) > 0 {
					return noCommand(root, args[0])
				}
				return nil
			}
		case "completion":
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return usage("there is no completion for %q; see `%s --help`", args[0], cmd.CommandPath())
				}
				return nil
			}
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Args = noArguments
			}
		}
	}
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("`%s` takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

func someFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage("`%s` needs a FILE, a folder, or - for standard input; see `%s --help`", cmd.CommandPath(),
			cmd.CommandPath())
	}
	return nil
}
