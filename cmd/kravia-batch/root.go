package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/intake"
)

// step is commands that belong to one step of the workflow.
type step struct {
	title    string
	commands []*cobra.Command
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "kravia-batch",
		Short: "Turn an export of billable lines into Kravia invoices, once each",
		Long: `kravia-batch reads CSV or XLSX exports of billable lines, checks every row, and
groups rows into orders with VAT totals. It sends each order to Kravia through
Dintero exactly once, and writes a reconciliation with invoice number, due date
and URL for every row.

Run it again on the same file to resume: it never invoices an order twice.`,
		Example: `  kravia-batch check november.xlsx           what is wrong in the file
  kravia-batch run --dry-run november.xlsx   what would be sent
  kravia-batch run --sandbox november.xlsx   a rehearsal, no account or network
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
	root.SetUsageFunc(a.printUsage)
	a.help = map[*cobra.Command][]helpPart{}
	a.logging.add(root.PersistentFlags())
	a.workflow = a.steps()
	for _, s := range a.workflow {
		root.AddGroup(&cobra.Group{ID: s.title, Title: s.title + ":"})
		for _, cmd := range s.commands {
			cmd.GroupID = s.title
			root.AddCommand(cmd)
		}
	}
	offered := a.completions()
	a.complete(root, root.PersistentFlags(), offered)
	for _, cmd := range root.Commands() {
		for _, cmd := range append(cmd.Commands(), cmd) {
			a.complete(cmd, cmd.LocalNonPersistentFlags(), offered)
		}
	}
	a.addCobras(root)
	return root
}

// steps are the commands in the order of their use.
func (a *app) steps() []step {
	return []step{
		{"Prepare", []*cobra.Command{
			a.templateCommand(), a.profileCommand(), a.checkCommand(), a.explainCommand(),
		}},
		{"Approve", []*cobra.Command{a.planCommand(), a.approveCommand()}},
		{"Send", []*cobra.Command{a.runCommand(), a.refreshCommand(), a.voidCommand()}},
		{"Look", []*cobra.Command{a.runsCommand(), a.reportCommand()}},
		{"Care", []*cobra.Command{
			a.doctorCommand(), a.pruneCommand(), a.journalCommand(), a.sandboxCommand(), a.versionCommand(),
		}},
	}
}

// flagError reports a wrong flag in words, with the flag that was perhaps meant.
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
	return usage(msgSeeHelp, err, didYouMean(near), cmd.CommandPath())
}

// noCommand is the error for a word that is not a command.
func noCommand(root *cobra.Command, word string) error {
	var names []string
	for _, cmd := range root.Commands() {
		names = append(names, cmd.Name())
	}
	return usage(msgNoCommand, word, didYouMean(intake.Nearest(names, word)))
}

// addCobras adds the commands that cobra makes to the last step. It has them refuse words that they do not know, where
// cobra prints their help and exits with 0.
func (a *app) addCobras(root *cobra.Command) {
	last := &a.workflow[len(a.workflow)-1]
	root.SetHelpCommandGroupID(last.title)
	root.SetCompletionCommandGroupID(last.title)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Short = shortHelp
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if found, _, err := root.Find(args); err != nil || found == root && len(args) > 0 {
					return noCommand(root, args[0])
				}
				return nil
			}
		case "completion":
			cmd.Short = shortCompletion
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return usage(msgNoCompletion, args[0], cmd.CommandPath())
				}
				return nil
			}
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Args = noArguments
			}
		default:
			continue
		}
		last.commands = append(last.commands, cmd)
	}
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(msgNoArguments, cmd.CommandPath(), args[0])
	}
	return nil
}

func someFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(msgNeedsFile, cmd.CommandPath(), cmd.CommandPath())
	}
	return nil
}
