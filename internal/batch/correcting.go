package batch

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/report"
)

// notBoth refuses a file together with its corrections workbook: each line would be billed twice.
func notBoth(paths []string) error {
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
					Message: "the file and its corrections " + filepath.Base(first) +
						" are given together, its lines would be billed twice",
					Hint: "give the corrected workbook alone and keep the old file elsewhere; read files of one name from different folders one after the other",
				}
			}
			if is {
				seen[name] = path
			}
		}
	}
	return nil
}

// KeepProblems passes groups on and keeps their rows that have problems, for Corrections. A run keeps all of
// its rows by itself.
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

// errNoCorrections tells why no corrections workbook is written: it has the lines alone, from which the
// profile could not read them again.
var errNoCorrections = errors.New(
	"no corrections workbook is written, because the profile reads the lines together with other rows " +
		"or sheets of their file; correct the export, the problems name every place")

// Corrections writes a corrections workbook into dir for every file that has a row with an error, and gives the paths.
// It comes after KeepProblems or the plan of a run. A workbook that cannot be written does not keep the others back.
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

// correct gives a run's input back for correction, where workbooks are wanted. The report tells of the same
// problems, so that a failure is only noted. A shard has not all rows of the input and gives nothing back;
// check does.
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

// checked puts a table's records beside what was found in their rows.
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
