package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/report"
)

// refuseCorrected refuses a file together with its corrections workbook: each line would be billed twice.
func refuseCorrected(paths []string) error {
	seen := map[string]string{}
	for _, corrections := range []bool{true, false} {
		for _, path := range paths {
			name, is := report.CorrectionsName(path)
			if is != corrections {
				continue
			}
			if first, ok := seen[name]; ok {
				return &intake.Error{
					File: filepath.Base(path), Code: "file.corrected",
					Message: fmt.Sprintf(msgCorrected, filepath.Base(first)), Hint: hintCorrected,
				}
			}
			if is {
				seen[name] = path
			}
		}
	}
	return nil
}

// KeepProblems passes groups on and keeps their rows that have problems, for Corrections. A run does not need it,
// because it keeps all of its rows.
func (r *Reading) KeepProblems(groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return seen(groups, func(g *billing.Group) error {
		return eachRow(g, func(row *billing.Row) error {
			if len(row.Problems) > 0 {
				return r.rows.Put(row)
			}
			return r.rows.Omit(row)
		})
	})
}

// errNoCorrections says why no corrections workbook is written: a workbook holds the lines alone, and the profile could
// not read them without the rest of their file.
var errNoCorrections = errors.New(msgNoCorrections)

// Corrections writes a corrections workbook into dir for every table that has a row with an error, and gives the
// paths. The rows must have been kept, by KeepProblems or by a run. When one workbook cannot be written, the others
// are written all the same.
func (r *Reading) Corrections(ctx context.Context, dir string) ([]string, error) {
	wrong := map[int]bool{}
	for row, err := range r.rows.All() {
		if err != nil {
			return nil, err
		}
		for _, p := range row.Problems {
			wrong[row.Table] = wrong[row.Table] || p.Severity == billing.Error
		}
	}
	if len(wrong) > 0 && !r.input.Profile.RowsStandAlone() {
		return nil, errNoCorrections
	}
	var paths []string
	var failed []error
	for i, table := range r.Tables() {
		if !wrong[i] {
			continue
		}
		c := &report.Corrections{
			Table: table, Lines: func() iter.Seq2[report.Checked, error] { return r.checked(i) },
		}
		if r.input.Profile != nil {
			from := &r.input.Profile.Input
			c.Sheet, c.HeaderRow, c.Footer = cmp.Or(table.Sheet, from.Sheet), from.HeaderRow, from.SkipFooter
		}
		path, err := report.WriteCorrections(ctx, c, dir)
		if path != "" {
			paths = append(paths, path)
		}
		failed = append(failed, err)
	}
	return paths, errors.Join(failed...)
}

// correct writes the corrections workbooks of a run, where the user wants workbooks. A failure is only a notice,
// because the report has the same problems. A shard writes none, because it does not have all rows of the input; check
// does.
func (s *Settings) correct(ctx context.Context, r *Reading, result *Result) {
	if result.Summary == nil || s.Shard.Count > 0 || !slices.Contains(s.Formats, report.XLSX) {
		return
	}
	paths, err := r.Corrections(ctx, s.Reports)
	if err != nil {
		result.Notices = append(result.Notices, err.Error())
	}
	result.Summary.Reports = append(result.Summary.Reports, paths...)
}

// checked gives a table's records, each with the problems that were found in its row.
func (r *Reading) checked(table int) iter.Seq2[report.Checked, error] {
	return func(yield func(report.Checked, error) bool) {
		next, stop := iter.Pull2(r.rows.All())
		defer stop()
		row, err, more := next()
		mapped(r.grouper.Records(table), func(rec *billing.Record) (report.Checked, error) {
			for err == nil && more && (row.Table < table || row.Table == table && row.Row < rec.Row) {
				row, err, more = next()
			}
			line := report.Checked{Record: *rec}
			if more && row.Table == table && row.Row == rec.Row {
				line.Found = row.Problems
			}
			return line, err
		})(yield)
	}
}
