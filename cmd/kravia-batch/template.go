package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"kraviabatch/internal/report"
)

func (a *app) templateCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "template",
		Short: "Write an empty, commented file to fill in",
		Long: `Template writes a file with all useful columns: as a workbook with explanations, drop-downs and an example, or as CSV with the
header alone. Nothing is overwritten.`,
		Example: "  kravia-batch template\n  kravia-batch template -o december.csv",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.template(path) },
	}
	cmd.Flags().StringVarP(&path, "output", "o", "kravia-batch-template.xlsx", "the file, .xlsx or .csv")
	return cmd
}

func (a *app) template(path string) error {
	format, err := report.ParseFormat(strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), "."))
	if err != nil || format != report.XLSX && format != report.CSV {
		return usage("--output %q does not end in .xlsx or .csv", path)
	}
	if err := checkFree(path); err != nil {
		return err
	}
	_, err = a.create(path, func(w io.Writer) error { return report.WriteTemplate(w, format) })
	return err
}
