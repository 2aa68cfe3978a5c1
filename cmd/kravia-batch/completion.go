package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

const (
	completedRuns  = 20              // a shell offers so many, the newest
	completionWait = 3 * time.Second // longest wait for a shared journal, while somebody looks at the prompt
)

// addCompletion has the shell offer values of flags, on every command that has the flag.
func (a *app) addCompletion(root *cobra.Command) {
	offers := map[string]cobra.CompletionFunc{
		"run":             a.offerRuns,
		"format":          offerFormats,
		"profile":         offerProfiles,
		"flow":            oneOf(dispatch.OneStep, dispatch.TwoStep, dispatch.TwoStepProfile),
		"duplicate-guard": oneOf(dintero.StrictSuccess.String(), dintero.Strict.String()),
		"invoice-channel": oneOf(string(billing.ChannelKravia), string(billing.ChannelMerchant)),
		"on-invalid":      oneOf("skip", "stop"),
	}
	for _, cmd := range root.Commands() {
		for flag, offer := range offers {
			if cmd.Flags().Lookup(flag) != nil {
				_ = cmd.RegisterFlagCompletionFunc(flag, offer) // fails without the flag only
			}
		}
	}
}

func oneOf(values ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

func offerProfiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

// offerFormats goes on after a comma.
func offerFormats(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	var offers []string
	for _, f := range []report.Format{report.XLSX, report.CSV, report.JSON} {
		offers = append(offers, before+f.String())
	}
	return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// offerRuns offers the newest runs of the journal. It is silent about any error, for it writes into somebody's prompt.
func (a *app) offerRuns(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	const newestFirst = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	if a.load(cmd) != nil {
		return nil, newestFirst
	}
	location := a.journalThere()
	if location == "" {
		return nil, newestFirst
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), completionWait)
	defer cancel()
	j, err := journal.Open(ctx, location)
	if err != nil {
		return nil, newestFirst
	}
	defer func() { _ = j.Close() }() // only read
	account := a.settings.account
	if a.settings.sandbox {
		account = sandboxAccount
	}
	runs, err := j.Runs(ctx, account, completedRuns)
	if err != nil {
		return nil, newestFirst
	}
	offers := make([]string, 0, len(runs))
	for _, r := range runs {
		offers = append(offers, fmt.Sprintf("%s\t%s, %s, %s", r.ID, r.Account, plural(r.Control.Rows, "row"), fileNames(r)))
	}
	return offers, newestFirst
}
