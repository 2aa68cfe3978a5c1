package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
)

// helpWidth is how many columns a help takes, so that it fits a terminal of the usual size.
const helpWidth = 80

// helpPart is flags that a help shows under one title.
type helpPart struct {
	title string
	flags *pflag.FlagSet
}

// helpOf orders the flags of a command for its help: those named in first, and then the others by section.
func helpOf(first []string, sets []*pflag.FlagSet) []helpPart {
	top := newHelpPart(headFirst)
	for _, name := range first {
		for _, set := range sets {
			if f := set.Lookup(name); f != nil {
				top.flags.AddFlag(f)
			}
		}
	}
	parts := []helpPart{top}
	for _, set := range sets {
		part := newHelpPart(set.Name())
		if part.title == "" {
			part = top
		}
		set.VisitAll(func(f *pflag.Flag) {
			if !slices.Contains(first, f.Name) {
				part.flags.AddFlag(f)
			}
		})
		if part.title != headFirst && part.flags.HasFlags() {
			parts = append(parts, part)
		}
	}
	return parts
}

func newHelpPart(title string) helpPart {
	part := helpPart{title, pflag.NewFlagSet(title, pflag.ContinueOnError)}
	part.flags.SortFlags = false
	return part
}

// printUsage is what follows a command's description in its help.
func (a *app) printUsage(cmd *cobra.Command) error {
	w := cmd.OutOrStdout()
	use := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		use = cmd.CommandPath() + " COMMAND [flags]"
	}
	fmt.Fprintf(w, "Usage:\n  %s\n", use)
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	a.printCommands(w, cmd)
	for _, part := range a.help[cmd] {
		printFlags(w, part.title, part.flags)
	}
	if a.help[cmd] == nil { // a command of cobra's own
		printFlags(w, headFirst, cmd.LocalNonPersistentFlags())
	}
	printFlags(w, headLogging, cmd.Root().PersistentFlags())
	if !cmd.HasParent() {
		fmt.Fprint(w, "\n", exitCodesHelp(), "\n", rootEnd)
	}
	return nil
}

func printFlags(w io.Writer, title string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		fmt.Fprintf(w, "\n%s:\n%s", title, flags.FlagUsagesWrapped(helpWidth))
	}
}

// printCommands lists the commands below one: those of the program by the steps of the workflow.
func (a *app) printCommands(w io.Writer, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	steps := []step{{"Commands", cmd.Commands()}}
	if !cmd.HasParent() {
		steps = a.workflow
	}
	for _, s := range steps {
		fmt.Fprintf(w, "\n%s:\n", s.title)
		for _, sub := range s.commands {
			fmt.Fprintf(w, "  %-11s %s\n", sub.Name(), sub.Short)
		}
	}
}

// exit is an exit code, what it is called, and what it asks of the user.
type exit struct {
	code       int
	name, asks string
}

// exitCodes are those of all commands.
func exitCodes() []exit {
	return []exit{
		{batch.ExitDone, "done", exitDone},
		{batch.ExitError, "unexpected error", exitFault},
		{batch.ExitUsage, codeUsage, exitUsage},
		{batch.ExitIncomplete, codeIncomplete, exitIncomplete},
		{batch.ExitCredentials, "credentials refused", exitCredentials},
		{batch.ExitInput, codeInput, exitInput},
		{batch.ExitDoubt, codeDoubt, exitDoubt},
		{batch.ExitLocked, codeLocked, exitLocked},
		{batch.ExitStopped, "stopped early", exitStopped},
		{batch.ExitPlan, codePlan, exitPlan},
		{130, "interrupted (SIGINT)", exitInterrupted},
		{143, "interrupted (SIGTERM)", exitInterrupted},
	}
}

// meaning is what an exit code asks of the user.
func meaning(code int) string {
	for _, e := range exitCodes() {
		if e.code == code {
			return e.asks
		}
	}
	return fmt.Sprintf(msgExitCode, code)
}

func exitCodesHelp() string {
	var b strings.Builder
	b.WriteString("Exit codes:\n")
	for _, e := range exitCodes() {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.name)
	}
	return b.String()
}
