package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"kraviabatch/internal/journal"
)

func (a *app) journalCommand() *cobra.Command {
	parent := &cobra.Command{
		Use:   "journal",
		Short: "Copy a journal to another place",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	copyTo := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy a journal between a file and PostgreSQL",
		Long: `Copy puts everything that the journal FROM holds into an empty journal TO. A
missing TO is made. Each is a state folder, a journal.db or postgres://… Give
the password of a URL by PGPASSWORD or a password file, since other users of the
machine can see command lines.

No run of any account may be under way. FROM stays as it is: move it away
afterwards, since two journals know nothing of each other. A copy that was
interrupted is refused by every command: remove it and copy again.`,
		Example: `  kravia-batch journal copy ~/.local/state/kravia-batch \
      postgres://batch@db.example.com/journal`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(msgFromAndTo, cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.copyJournal(cmd.Context(), args[0], args[1])
		},
	}
	a.addFlags(parent, nil)
	a.addFlags(copyTo, nil)
	parent.AddCommand(copyTo)
	return parent
}

func (a *app) copyJournal(ctx context.Context, from, to string) error {
	source, err := journalNamed("FROM", from)
	if err != nil {
		return err
	}
	target, err := journalNamed("TO", to)
	if err != nil {
		return err
	}
	ctx, cancel := a.untilStopped(ctx)
	defer cancel()
	rows, report := 0, a.progress(false)
	err = journal.Copy(ctx, source, target, func(done, total int) {
		rows = done
		report("copying", done, total)
	})
	switch {
	case errors.Is(err, journal.ErrNotEmpty), errors.Is(err, fs.ErrNotExist):
		return usage("%w", err)
	case err != nil:
		return a.cutOff(err)
	}
	fmt.Fprintf(a.stdout, msgCopied+"\n", plural(rows, "row"))
	return nil
}

// journalNamed is the location of a journal that is named by its file, its folder or its URL. Its errors do not repeat
// a URL, which may hold a password.
func journalNamed(what, place string) (string, error) {
	if err := journal.CheckLocation(place); err != nil {
		return "", usage("%s: %w", what, err)
	}
	if journal.Shared(place) {
		return place, nil
	}
	info, err := os.Stat(place)
	if err == nil && info.IsDir() || err != nil && filepath.Ext(place) != ".db" {
		place = filepath.Join(place, "journal.db")
	}
	return filepath.Abs(place)
}
