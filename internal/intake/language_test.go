package intake_test

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

var update = flag.Bool("update", false, "write the expected results of testdata/language anew")

// TestLanguage reads the files of each archive of testdata/language under its profile.yaml and compares what
// comes out with its want: records, problems, rows left out, notices, or the refusal. A file
// book.xlsx/Sheet.csv is a sheet of a workbook.
func TestLanguage(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/language/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			require.NoError(t, err)
			dir := t.TempDir()
			unpack(t, dir, archive)
			got := readAll(t.Context(), t, dir)
			at := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			if *update {
				if at < 0 {
					archive.Files, at = append(archive.Files, txtar.File{Name: "want"}), len(archive.Files)
				}
				archive.Files[at].Data = []byte(got)
				require.NoError(t, os.WriteFile(path, txtar.Format(archive), 0o644))
			}
			require.GreaterOrEqual(t, at, 0, "the archive says what it wants")
			require.Equal(t, string(archive.Files[at].Data), got)
		})
	}
}

// unpack writes an archive's files to a folder.
func unpack(t *testing.T, dir string, archive *txtar.Archive) {
	t.Helper()
	books := map[string]*excelize.File{}
	for _, f := range archive.Files {
		name, part, isPart := strings.Cut(f.Name, "/")
		if !isPart {
			require.NoError(t, os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600))
			continue
		}
		if books[name] == nil {
			books[name] = excelize.NewFile()
		}
		fillBook(t, books[name], part, string(f.Data))
	}
	for name, book := range books {
		require.NoError(t, book.SaveAs(filepath.Join(dir, name)))
		require.NoError(t, book.Close())
	}
}

// fillBook writes a part of a workbook: Sheet.csv, or merged areas of a sheet, Sheet.merged, or date1904, the
// system of its dates.
func fillBook(t *testing.T, book *excelize.File, part, text string) {
	t.Helper()
	sheet, kind, _ := strings.Cut(part, ".")
	switch kind {
	case "merged":
		for area := range strings.FieldsSeq(text) {
			first, last, _ := strings.Cut(area, ":")
			require.NoError(t, book.MergeCell(sheet, first, last))
		}
	case "csv":
		if book.SheetCount == 1 && book.GetSheetName(0) == "Sheet1" {
			require.NoError(t, book.SetSheetName("Sheet1", sheet))
		} else {
			_, err := book.NewSheet(sheet)
			require.NoError(t, err)
		}
		in := csv.NewReader(strings.NewReader(text))
		in.FieldsPerRecord = -1
		rows, err := in.ReadAll()
		require.NoError(t, err)
		for r, row := range rows {
			for c, value := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				require.NoError(t, err)
				setCell(t, book, sheet, cell, value)
			}
		}
	default:
		require.Equal(t, "date1904", part)
		yes := true
		require.NoError(t, book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
	}
}

// numberCell is a number, with its format behind it: 0.5{0 %}.
var numberCell = regexp.MustCompile(`^(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)(?:\{(.+)\})?$`)

// setCell writes a number, a formula without a result that begins with =, or a text.
func setCell(t *testing.T, book *excelize.File, sheet, cell, value string) {
	t.Helper()
	number := numberCell.FindStringSubmatch(value)
	switch {
	case value == "":
	case strings.HasPrefix(value, "="):
		require.NoError(t, book.SetCellFormula(sheet, cell, value[1:]))
	case strings.HasSuffix(value, "{bool}"):
		require.NoError(t, book.SetCellBool(sheet, cell, strings.TrimSuffix(value, "{bool}") == "TRUE"))
	case number == nil:
		require.NoError(t, book.SetCellStr(sheet, cell, value))
	default:
		require.NoError(t, book.SetCellDefault(sheet, cell, number[1]))
		if number[2] != "" {
			style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &number[2]})
			require.NoError(t, err)
			require.NoError(t, book.SetCellStyle(sheet, cell, cell, style))
		}
	}
}

// readAll is what a folder's files come to under its profile.
func readAll(ctx context.Context, t *testing.T, dir string) string {
	t.Helper()
	p, err := intake.LoadProfile(filepath.Join(dir, "profile.yaml"))
	if err != nil {
		return fmt.Sprintf("profile: %v\n", err)
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var out strings.Builder
	o := intake.Options{Profile: p, TmpDir: t.TempDir(), LeftOut: func(l billing.LeftOut) error {
		fmt.Fprintf(&out, "left out %d: %q %q %q %s %s %q\n", l.Row, l.Reference, l.Customer, l.Description,
			l.Amount, l.Currency, l.Cells)
		return nil
	}}
	var tables []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch register := p.RegisterOf(path); {
		case e.Name() == "want" || e.Name() == "profile.yaml":
		case register != "":
			r, err := intake.OpenRegister(ctx, path, register, o)
			if err != nil {
				return fmt.Sprintf("refused: %v\n", err)
			}
			t.Cleanup(func() { require.NoError(t, r.Close()) })
			o.Registers = append(o.Registers, r)
		default:
			tables = append(tables, path)
		}
	}
	for _, path := range tables {
		readOne(ctx, t, &out, path, o)
	}
	return out.String()
}

func readOne(ctx context.Context, t *testing.T, out *strings.Builder, path string, o intake.Options) {
	t.Helper()
	f, err := intake.Open(ctx, path, o)
	if err != nil {
		fmt.Fprintf(out, "refused: %v\n", err)
		return
	}
	defer func() { require.NoError(t, f.Close()) }()
	for _, line := range lines(ctx, t, f) {
		fmt.Fprintln(out, line)
	}
	quiet := out.Len()
	for r, err := range f.Records(ctx) {
		require.NoError(t, err)
		for _, p := range r.Problems {
			if p.Code != "" {
				fmt.Fprintf(out, "problem %d: %s: %s | %s\n", r.Row, p.Code, p.Message, p.Hint)
			}
		}
	}
	text := out.String() // the second reading leaves the same rows out
	kept := slices.DeleteFunc(strings.SplitAfter(text[quiet:], "\n"), func(line string) bool {
		return strings.HasPrefix(line, "left out")
	})
	out.Reset()
	out.WriteString(text[:quiet] + strings.Join(kept, ""))
	for _, notice := range f.Notices {
		fmt.Fprintf(out, "notice: %s\n", notice)
	}
}
