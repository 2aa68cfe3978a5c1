package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/journal"
)

type runsOptions struct {
	*app
	accountFlags
	journalFlags
	limit int
	json  bool
}

func (o *runsOptions) add(f *pflag.FlagSet) {
	f.IntVar(&o.limit, "limit", 50, "at most `N` runs")
	f.BoolVar(&o.json, "json", false, "print them as JSON")
}

func (o *runsOptions) check() error { return checkAtLeast("limit", o.limit, 1) }

func (a *app) runsCommand() *cobra.Command {
	o := &runsOptions{app: a}
	cmd := &cobra.Command{
		Use:     "runs",
		Short:   "List the runs in the journal, newest first",
		Example: "  kravia-batch runs --state /var/lib/kravia-batch",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.list(cmd.Context()) },
	}
	a.addFlags(cmd, nil, section{"", []group{o, &o.accountFlags, &o.journalFlags}})
	return cmd
}

func (o *runsOptions) list(ctx context.Context) error {
	j, err := o.openJournal(ctx, &o.journalFlags)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // only read
	runs, err := j.Runs(ctx, o.named(), o.limit)
	if err != nil {
		return err
	}
	switch {
	case o.json:
		return writeJSON(o.stdout, runsJSON(runs))
	case len(runs) == 0:
		fmt.Fprintln(o.stdout, msgNoRuns)
		return nil
	}
	const row = "%-24s %-10s %-8s %-8s %8v %8v %5s  %s\n"
	fmt.Fprintf(o.stdout, row, "run", "account", "env", "period", "rows", "orders", "exit", "files")
	for _, r := range runs {
		exit := fmt.Sprint(r.ExitCode)
		if r.ExitCode == journal.Unfinished {
			exit = "–"
		}
		fmt.Fprintf(o.stdout, row, r.ID, r.Account, r.Environment, r.Period, r.Control.Rows, r.Control.Orders, exit,
			fileNames(r))
	}
	return nil
}

func fileNames(r journal.Run) string {
	names := make([]string, len(r.Files))
	for i, f := range r.Files {
		if names[i] = f.Name; f.Register != "" {
			names[i] += " (" + asRegister(f) + ")"
		}
	}
	return strings.Join(names, ", ")
}

// runJSON is one run of `runs --json`.
type runJSON struct {
	Run         string         `json:"run"`
	Account     string         `json:"account"`
	Environment string         `json:"environment"`
	Period      string         `json:"period"`
	Started     time.Time      `json:"started"`
	Finished    *time.Time     `json:"finished"`
	Rows        int            `json:"rows"`
	Orders      int            `json:"orders"`
	ExitCode    *int           `json:"exit_code"` // null while the run is under way, or if it was killed
	Files       []string       `json:"files"`
	Registers   []registerJSON `json:"registers,omitempty"`
}

type registerJSON struct {
	Name string `json:"name"` // one of Files
	Of   string `json:"register"`
	Rows int    `json:"rows"`
}

func runsJSON(runs []journal.Run) []runJSON {
	list := []runJSON{} // never null
	for _, r := range runs {
		one := runJSON{
			Run: r.ID, Account: r.Account, Environment: r.Environment, Period: r.Period, Started: r.Started,
			Rows: r.Control.Rows, Orders: r.Control.Orders,
		}
		if !r.Finished.IsZero() {
			one.Finished, one.ExitCode = &r.Finished, &r.ExitCode
		}
		for _, f := range r.Files {
			if one.Files = append(one.Files, f.Name); f.Register != "" {
				one.Registers = append(one.Registers, registerJSON{f.Name, f.Register, f.Rows})
			}
		}
		list = append(list, one)
	}
	return list
}
