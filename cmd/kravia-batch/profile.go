package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/intake"
)

type profileOptions struct {
	*app
	out string // "" for standard output
}

func (o *profileOptions) add(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "output", "o", "", "the profile's `file`, .yaml (default: standard output)")
}

func (o *profileOptions) check() error { return checkDraftPath(o.out) }

func (a *app) profileCommand() *cobra.Command {
	o := &profileOptions{app: a}
	cmd := &cobra.Command{
		Use:   "profile FILE…",
		Short: "Draft a profile from an export",
		Long: `Profile reads an export and drafts its profile: a line for each column with what
it seems to be, its first cell, and what speaks for it. Give the files that
belong together, such as the lines and the customers; of a workbook every
visible sheet is read.

What the export does not decide stands in the draft as a comment that begins
with QUESTION:, above the line that it is about. Answer each in the file and
delete its comment; until then no command takes the profile. Nothing is
overwritten, nothing is sent.

The draft has sample cells of the export, which may be names and addresses.`,
		Example: `  kravia-batch profile november.csv
  kravia-batch profile lines.csv customers.csv -o my-erp.yaml
  kravia-batch check --profile my-erp.yaml lines.csv customers.csv`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) error { return o.draft(cmd.Context(), args) },
	}
	a.addFlags(cmd, nil, section{"", []group{o}})
	return cmd
}

func (o *profileOptions) draft(ctx context.Context, args []string) error {
	files, notices, err := intake.Inputs(args)
	if err != nil {
		return err
	}
	for _, notice := range notices {
		o.note("%s", notice)
	}
	temp, remove, err := atomicfile.PrivateFolder(os.TempDir())
	if err != nil {
		return err
	}
	defer func() { _ = remove() }() // the next run removes what stays behind
	drafted, err := intake.Draft(ctx, files, intake.Options{Stdin: o.stdin, TmpDir: temp})
	if err != nil {
		return err
	}
	path, err := o.writeDraft(drafted.Text)
	if err != nil {
		return err
	}
	o.nextStep(drafted, path, args)
	return nil
}

// checkDraftPath refuses a name that does not end in .yaml, and a file that exists.
func checkDraftPath(path string) error {
	if path == "" {
		return nil
	}
	if extension := strings.ToLower(filepath.Ext(path)); extension != ".yaml" && extension != ".yml" {
		return usage(msgNotYAML, path)
	}
	return checkFree(path)
}

// writeDraft writes to --output, or without it to standard output. It gives the file's name for the next command.
func (o *profileOptions) writeDraft(text []byte) (string, error) {
	if o.out == "" {
		_, err := paragraphs{o.stdout.raw}.Write(text)
		return "FILE.yaml", err
	}
	return o.create(o.out, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

var periodInReference = regexp.MustCompile(`(?m)^reference: .*\{period\}`)

// nextStep prints what to do with a draft.
func (o *profileOptions) nextStep(drafted *intake.Drafted, path string, args []string) {
	switch n := len(drafted.Questions); n {
	case 0:
		fmt.Fprintln(o.stderr, msgNoQuestion)
	case 1:
		fmt.Fprintln(o.stderr, msgOneQuestion)
	default:
		fmt.Fprintf(o.stderr, msgQuestions+"\n", n)
	}
	period := ""
	if periodInReference.Match(drafted.Text) {
		period = "--period YYYY-MM "
	}
	fmt.Fprintf(o.stderr, msgThenCheck+"\n", path, period, strings.Join(args, " "))
}
