package main

import (
	"context"
	"fmt"
	"io"

	"kraviabatch/internal/batch"
)

// noReports is the value of check's --reports that has no corrections workbook written.
const noReports = "off"

// corrections gives the files with errors back for correction. The problems are listed all the same, so that a workbook
// that cannot be written is only noted.
func (a *app) corrections(ctx context.Context, r *batch.Reading, t *batch.Totals) []string {
	if t.InvalidRows == 0 || a.settings.reports == noReports {
		return nil
	}
	paths, err := r.Corrections(ctx, a.settings.reports)
	if err != nil {
		fmt.Fprintln(a.stderr, "kravia-batch: note:", err)
	}
	return paths
}

func printCorrections(w io.Writer, paths []string) {
	if len(paths) == 0 {
		return
	}
	title(w, "to correct, save and check again (bad cells are coloured and explained):")
	for _, path := range paths {
		fmt.Fprintln(w, " ", path)
	}
}
