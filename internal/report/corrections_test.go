package report

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

func problem(severity billing.Severity, column, code string) billing.Problem {
	return billing.Problem{
		Code: billing.Code(code), Severity: severity, Column: column, Message: "it is wrong",
		Hint: "make it right",
	}
}

// someLines is a table of two known columns and one of the input's own.
func someLines(lines []Checked) *Corrections {
	return &Corrections{
		Table: billing.Table{
			File: "lines.csv", Header: []string{"description", "amount", "own"},
			Known: []billing.Column{billing.ColDescription, billing.ColAmount, 0},
		},
		Lines: func() iter.Seq2[Checked, error] { return again(lines)() },
	}
}

func checkedLine(row int, cells []string, found ...billing.Problem) Checked {
	l := Checked{Record: billing.Record{Place: billing.Place{File: "lines.csv", Row: row}, Cells: cells}, Found: found}
	if len(cells) > 1 {
		l.Values[billing.ColDescription], l.Values[billing.ColAmount] = cells[0], cells[1]
	}
	return l
}

func corrected(t *testing.T, c *Corrections) (string, *excelize.File) {
	t.Helper()
	dir := t.TempDir()
	path, err := WriteCorrections(context.Background(), c, dir)
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Base(path)}, namesIn(t, dir), "no working file stays")
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return path, f
}

func fillOf(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell)
	require.NoError(t, err)
	style, err := f.GetStyle(id)
	require.NoError(t, err)
	if len(style.Fill.Color) == 0 {
		return ""
	}
	return strings.TrimPrefix(style.Fill.Color[0], "FF")
}

func TestCorrectionsColoursAndWords(t *testing.T) {
	t.Parallel()
	red, _ := toneProblem.colours()
	yellow, _ := toneAttention.colours()
	path, f := corrected(t, someLines([]Checked{
		checkedLine(2, []string{"good", "1,00", "007"}),
		checkedLine(4, []string{"bad", "x", ""}, problem(billing.Error, "amount", "amount.unreadable"),
			problem(billing.Warning, "amount", "amount.negative")),
		checkedLine(5, []string{"long", "2,00", ""}, problem(billing.Warning, "description", "description.long")),
		checkedLine(6, []string{"sister", "3,00", ""}, problem(billing.Error, "", string(billing.CodeOrderIncomplete))),
		checkedLine(7, []string{"no price", "", ""}, problem(billing.Error, "email", "email.missing"),
			problem(billing.Error, "amount", "amount.missing")),
	}))
	require.Equal(t, "lines_corrections.xlsx", filepath.Base(path))
	for cell, want := range map[string]string{
		"A1": "description", "D1": "kravia_problems", "C2": "007", "B2": "1,00", "A3": "", "D2": "",
		"D4": "amount: it is wrong → make it right\nwarning: amount: it is wrong → make it right",
		"D6": "it is wrong → make it right",
		"D7": "email: it is wrong → make it right\namount: it is wrong → make it right",
	} {
		require.Equal(t, want, raw(t, f, "Lines", cell), cell)
	}
	for cell, want := range map[string]string{
		"A2": "", "B4": red, "D4": red, "A4": "", "A5": yellow, "D5": yellow, "A6": "", "D6": "", "B7": red, "D7": red,
	} {
		require.Equal(t, want, fillOf(t, f, "Lines", cell), cell)
	}
	comments, err := f.GetComments("Lines")
	require.NoError(t, err)
	require.Len(t, comments, 3)
	require.Equal(t, "B4", comments[0].Cell)
	require.Contains(t, comments[0].Paragraph[0].Text, "ERROR: it is wrong.\nTo correct: make it right.\n\nWARNING:")
	require.Contains(t, raw(t, f, "Read me", "A2"),
		"from being sent: 2. Rows that are right but wait for another row of their order or file: 1. Rows with warnings only: 1.")
	panes, err := f.GetPanes("Lines")
	require.NoError(t, err)
	require.True(t, panes.Freeze)
}

func TestCorrectionsKeepPlaceAndProfile(t *testing.T) {
	t.Parallel()
	c := someLines(
		[]Checked{
			checkedLine(2, []string{"a", "1", ""}),
			checkedLine(3, []string{"b", "x", ""}, problem(billing.Error, "amount", "amount.unreadable")),
		})
	c.Table.File, c.Sheet, c.HeaderRow, c.Footer = "lines_corrections.xlsx", "read me", 4, 2
	c.Table.Header[2] = ProblemsColumn
	path, f := corrected(t, c)
	require.Equal(t, "lines_corrections.xlsx", filepath.Base(path))
	require.Equal(t, []string{"read me", "Read me first"}, f.GetSheetList())
	rows, err := f.GetRows("read me")
	require.NoError(t, err)
	require.Len(t, rows, 8, "header in row 4, two records below it, two rows to pass over")
	require.Equal(t, []string{"description", "amount", ProblemsColumn}, rows[3])
	require.Equal(t, []string{"a", "1"}, rows[4])
	require.Equal(t, []string{"b", "x", "amount: it is wrong → make it right"}, rows[5])
	require.Contains(t, rows[7][0], "skip_footer")
}

func TestCorrectionsName(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]struct {
		name string
		is   bool
	}{
		"in/lines.csv":               {"lines_corrections.xlsx", false},
		"lines_corrections.xlsx":     {"lines_corrections.xlsx", true},
		"lines_corrections-2.xlsx":   {"lines_corrections.xlsx", true},
		"my lines (new).xlsx":        {"my_lines__new__corrections.xlsx", false},
		"lines_corrections_new.xlsx": {"lines_corrections_new_corrections.xlsx", false},
		"-":                          {"input_corrections.xlsx", false},
	} {
		name, is := CorrectionsName(file)
		require.Equal(t, want.name, name, file)
		require.Equal(t, want.is, is, file)
	}
}

func TestCorrectionsLimitComments(t *testing.T) {
	t.Parallel()
	var lines []Checked
	for row := 2; row < maxComments+12; row++ {
		lines = append(lines,
			checkedLine(row, []string{"a", "x", ""}, problem(billing.Error, "amount", "amount.unreadable")))
	}
	_, f := corrected(t, someLines(lines))
	comments, err := f.GetComments("Lines")
	require.NoError(t, err)
	require.Len(t, comments, maxComments)
	red, _ := toneProblem.colours()
	require.Equal(t, red, fillOf(t, f, "Lines", ref(2, maxComments+11)))
	require.Contains(t, raw(t, f, "Read me", "A4"), "10 further cells are coloured without a comment")
}

func TestCorrectionsThatDoNotFit(t *testing.T) {
	t.Parallel()
	wide := someLines(nil)
	wide.Table.Header = make([]string, lastColumn)
	for name, c := range map[string]*Corrections{
		"a row below the sheet": someLines([]Checked{checkedLine(2, nil), checkedLine(lastSheetRow+1, nil)}),
		"a long cell": someLines(
			[]Checked{checkedLine(2, []string{strings.Repeat("å", maxCell+1), "1", ""})}),
		"too many columns": wide,
	} {
		dir := t.TempDir()
		_, err := WriteCorrections(context.Background(), c, dir)
		require.ErrorIs(t, err, ErrNoSheet, name)
		require.Empty(t, namesIn(t, dir), name)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := WriteCorrections(ctx, someLines([]Checked{checkedLine(2, nil)}), t.TempDir())
	require.ErrorIs(t, err, context.Canceled)
}

// Any CSV file is read the same from its corrections workbook, cell by cell.
func TestCorrectionsAreReadAsTheFile(t *testing.T) {
	t.Parallel()
	cell := rapid.OneOf(
		rapid.StringMatching(`[0-9]{1,4}([.,][0-9]{1,3})?`), rapid.StringMatching(`-?[0-9 .,%]{1,8}`),
		rapid.SampledFrom(
			[]string{
				"", "=1+1", "007", "_x0041_", "4.79E+10", "a\nb", " spaced ", "ø\u200bå", "<&>\"'",
				"2026-11-30", "31.12.2026", "TRUE", "#N/A", "€ 5", "5 kr", "NULL", "&amp;", "'007", "1001.0",
				"10.jan", "31.12.26",
			}),
		rapid.StringMatching(`[a-zæøå ]{0,12}`),
	)
	root, files := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		files++
		dir := filepath.Join(root, strconv.Itoa(files))
		require.NoError(t, os.Mkdir(dir, 0o700))
		header := []string{"description", "amount", "vat", "quantity", "delivery_date", "postal_code", "own"}
		text := strings.Join(header, ";") + "\n"
		for range rapid.IntRange(1, 6).Draw(t, "rows") {
			cells := []string{"x"}
			for range header[1:] {
				cells = append(cells, `"`+strings.ReplaceAll(cell.Draw(t, "cell"), `"`, `""`)+`"`)
			}
			text += strings.Join(cells, ";") + "\n"
		}
		path := filepath.Join(dir, "any.csv")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		table, want := readAll(t, path)
		if want == nil {
			t.Skip("refused as a whole")
		}
		c := &Corrections{Table: table, Lines: again(want)}
		made, err := WriteCorrections(context.Background(), c, dir)
		require.NoError(t, err)
		_, got := readAll(t, made)
		require.Len(t, got, len(want))
		for i := range got {
			got[i].Place = want[i].Place
			got[i].Cells = got[i].Cells[:len(header)]
			for k := range got[i].Problems {
				got[i].Problems[k].Place = want[i].Place
			}
			require.Equal(t, want[i], got[i])
		}
	})
}

func readAll(t *rapid.T, path string) (billing.Table, []Checked) {
	f, err := intake.Open(context.Background(), path, intake.Options{})
	if err != nil {
		return billing.Table{}, nil
	}
	defer func() { require.NoError(t, f.Close()) }()
	var lines []Checked
	for rec, err := range f.Records(context.Background()) {
		require.NoError(t, err)
		lines = append(lines, Checked{Record: rec})
	}
	return f.Tables[0], lines
}
