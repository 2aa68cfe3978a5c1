package main

import (
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// completed is what a shell offers for a word.
type completed = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// completions are what a shell offers for the values of flags, by the flag's name. A flag that is not here takes a word
// that nobody can guess, and a shell offers nothing for it.
func (a *app) completions() map[string]completed {
	files := func(extensions ...string) completed {
		if len(extensions) == 0 {
			return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return nil, cobra.ShellCompDirectiveDefault
			}
		}
		return cobra.FixedCompletions(extensions, cobra.ShellCompDirectiveFilterFileExt)
	}
	words := func(choices ...string) completed {
		return cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp)
	}
	folder := cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	return map[string]completed{
		"config": files("yaml", "yml"), "profile": files("yaml", "yml"), "plan": files("json"),
		"client-secret-file": files(), "metrics-file": files(), "termination-log": files(), "output": files(),
		"state": folder, "journal": folder, "reports": folder, "documents": folder,

		"log-level": words("debug", "info", "warn", "error"), "log-format": words("text", "json"),
		"prices":          words(intake.PricesInclVAT, intake.PricesExclVAT),
		"invoice-channel": words(string(billing.ChannelKravia), string(billing.ChannelMerchant)),
		"flow":            words(dispatch.OneStep, dispatch.TwoStep, dispatch.TwoStepProfile),
		"duplicate-guard": words(dintero.StrictSuccess.String(), dintero.Strict.String()),
		"on-invalid":      words(skipInvalid, stopInvalid), "csv": words(plainCSV, excelCSV),
		"format": words("xlsx", "csv", "json", "postings", "sie"), "language": words(report.Languages()...),
		"model": words(modelAuthorized, modelCaptured),

		"period": func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			now := time.Now()
			first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
			return []string{first.AddDate(0, -1, 0).Format("2006-01"), first.Format("2006-01")},
				cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		},
		"account": a.fromJournal(func(_ *journal.Journal, _ *cobra.Command, runs []journal.Run) (names []string) {
			for i := range runs {
				if account := runs[i].Account; account != sandboxAccount && !slices.Contains(names, account) {
					names = append(names, account)
				}
			}
			return names
		}),
		"run": a.fromJournal(func(_ *journal.Journal, _ *cobra.Command, runs []journal.Run) (ids []string) {
			for i := range runs {
				ids = append(ids, runs[i].ID+"\t"+fileNames(runs[i]))
			}
			return ids
		}),
		"order": a.fromJournal(func(j *journal.Journal, cmd *cobra.Command, _ []journal.Run) (references []string) {
			run, _ := cmd.Flags().GetString("run")
			for order, err := range j.RunOrders(cmd.Context(), run) {
				if err != nil {
					return nil
				}
				references = append(references, order.Order.Reference)
			}
			return references
		}),
	}
}

// completedRuns is how many runs a shell offers.
const completedRuns = 50

// fromJournal offers words from the journal that exists. What keeps it from being read is no matter of a completion.
func (a *app) fromJournal(of func(*journal.Journal, *cobra.Command, []journal.Run) []string) completed {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		const none = cobra.ShellCompDirectiveNoFileComp
		_ = a.load(cmd) // a journal and an account may be named in the environment
		var at journalFlags
		var whose accountFlags
		at.state, _ = cmd.Flags().GetString("state")
		at.journal, _ = cmd.Flags().GetString("journal")
		whose.account, _ = cmd.Flags().GetString("account")
		whose.sandbox, _ = cmd.Flags().GetBool("sandbox")
		if a.journalThere(&at) == "" {
			return nil, none
		}
		j, err := a.openJournal(cmd.Context(), &at)
		if err != nil {
			return nil, none
		}
		defer func() { _ = j.Close() }() // only read
		runs, err := j.Runs(cmd.Context(), whose.named(), completedRuns)
		if err != nil {
			return nil, none
		}
		return of(j, cmd, runs), none | cobra.ShellCompDirectiveKeepOrder
	}
}

// complete registers what a shell offers for a command's flags and arguments.
func (a *app) complete(cmd *cobra.Command, flags *pflag.FlagSet, of map[string]completed) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() == "bool" {
			return
		}
		offered := of[f.Name]
		if offered == nil {
			offered = cobra.NoFileCompletions
		}
		_ = cmd.RegisterFlagCompletionFunc(f.Name, offered) // the flag exists, and only once
	})
	switch cmd.Name() {
	case "run", "check", "plan", "explain", "profile": // inputs, and folders of them
		cmd.ValidArgsFunction = cobra.FixedCompletions([]string{"csv", "tsv", "txt", "xlsx", "xlsm"},
			cobra.ShellCompDirectiveFilterFileExt)
	case "approve":
		cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
		}
	case "copy":
		cmd.ValidArgsFunction = nil // files and folders
	default:
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
}
