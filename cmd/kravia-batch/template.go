package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/report"
)

type templateOptions struct {
	*app
	out string
}

func (o *templateOptions) add(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "output", "o", "kravia-batch-template.xlsx", "the `file`, .xlsx or .csv")
}

func (o *templateOptions) check() error { return nil }

func (a *app) templateCommand() *cobra.Command {
	o := &templateOptions{app: a}
	cmd := &cobra.Command{
		Use:   "template",
		Short: "Write an empty, commented file to fill in",
		Long: `Template writes a file with all useful columns: as a workbook with explanations,
drop-downs and an example, or as CSV with the header alone. Nothing is
overwritten.`,
		Example: `  kravia-batch template
  kravia-batch template -o december.csv`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return o.write() },
	}
	a.addFlags(cmd, nil, section{"", []group{o}})
	return cmd
}

func (o *templateOptions) write() error {
	format, err := report.ParseFormat(strings.TrimPrefix(strings.ToLower(filepath.Ext(o.out)), "."))
	if err != nil || format != report.XLSX && format != report.CSV {
		return usage(msgNotATable, o.out)
	}
	if err := checkFree(o.out); err != nil {
		return err
	}
	_, err = o.create(o.out, func(w io.Writer) error { return report.WriteTemplate(w, format) })
	return err
}
