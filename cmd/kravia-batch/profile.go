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

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/intake"
)

func (a *app) profileCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "profile FILE…",
		Short: "Draft a profile from an export",
		Long: `Profile reads an export and drafts its profile: a line for each column with what it seems to be, its first cell, and what
speaks for it. Give the files that belong together, such as the lines and the customers; of a workbook every visible sheet is read.

What the export does not decide stands in the draft as a comment that begins with QUESTION:, above the line that it is about. Answer each
in the file and delete its comment; until then no command takes the profile. Nothing is overwritten, nothing is sent.

The draft has sample cells of the export, and names and addresses may be among them.`,
		Example: `  kravia-batch profile november.csv
  kravia-batch profile lines.csv customers.csv -o my-erp.yaml
  kravia-batch check --profile my-erp.yaml lines.csv customers.csv`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) error { return a.draftProfile(cmd.Context(), args, path) },
	}
	cmd.Flags().StringVarP(&path, "output", "o", "", "the file, .yaml (default standard output)")
	return cmd
}

func (a *app) draftProfile(ctx context.Context, args []string, path string) error {
	if err := checkDraftPath(path); err != nil {
		return err
	}
	files, notices, err := intake.Inputs(args)
	if err != nil {
		return err
	}
	for _, notice := range notices {
		fmt.Fprintln(a.stderr, "kravia-batch: note:", notice)
	}
	temp, remove, err := atomicfile.PrivateFolder(os.TempDir())
	if err != nil {
		return err
	}
	defer func() { _ = remove() }() // what stays behind is swept by the next run
	drafted, err := intake.Draft(ctx, files, intake.Options{Stdin: a.stdin, TmpDir: temp})
	if err != nil {
		return err
	}
	if path, err = a.writeDraft(drafted.Text, path); err != nil {
		return err
	}
	a.nextStep(drafted, path, args)
	return nil
}

// checkDraftPath refuses a name that is no profile's, and a file that is there already.
func checkDraftPath(path string) error {
	if path == "" {
		return nil
	}
	if extension := strings.ToLower(filepath.Ext(path)); extension != ".yaml" && extension != ".yml" {
		return usage("--output %q does not end in .yaml", path)
	}
	return checkFree(path)
}

// writeDraft writes to the file, or without a name to standard output, and gives back what to call the file.
func (a *app) writeDraft(text []byte, path string) (string, error) {
	if path == "" {
		_, err := paragraphs{a.stdout.raw}.Write(text)
		return "FILE.yaml", err
	}
	return a.create(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// nextStep tells what is to be done with a draft.
func (a *app) nextStep(drafted *intake.Drafted, path string, args []string) {
	switch n := len(drafted.Questions); n {
	case 0:
		fmt.Fprintln(a.stderr, "no question is open; read the draft all the same")
	case 1:
		fmt.Fprintln(a.stderr, "1 question is open: answer it in the file and delete its comment")
	default:
		fmt.Fprintf(a.stderr, "%d questions are open: answer each in the file and delete its comment\n", n)
	}
	period := ""
	if regexp.MustCompile(`(?m)^reference: .*\{period\}`).Match(drafted.Text) {
		period = "--period YYYY-MM "
	}
	fmt.Fprintf(a.stderr, "then: kravia-batch check --profile %s %s%s\n", path, period, strings.Join(args, " "))
}
