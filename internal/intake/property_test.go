package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kraviabatch/internal/intake"
)

// cells reads a file's cells, or its refusal.
func cells(tb testing.TB, path string) ([][]string, error) {
	tb.Helper()
	f, err := intake.Open(tb.Context(), path, intake.Options{TmpDir: filepath.Dir(path)})
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(tb, f.Close()) }()
	var all [][]string
	for r, err := range f.Records(tb.Context()) {
		if err != nil {
			return nil, err
		}
		all = append(all, r.Cells)
	}
	require.Len(tb, all, f.Rows)
	return all, nil
}

// TestWrittenIsRead writes any cells under any dialect and reads the same back.
func TestWrittenIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "any.csv")
	rapid.Check(t, func(rt *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(rt, "delimiter")
		crlf := rapid.Bool().Draw(rt, "crlf")
		note := rapid.StringMatching(`[A-Za-zÆØÅäö0-9 ,;|"'=@.-]{0,20}`)
		want := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) []string {
			return []string{
				"A" + rapid.StringMatching(`[0-9]{1,9}`).Draw(rt, "reference"), "item " + note.Draw(rt, "description"),
				rapid.StringMatching(`[1-9][0-9]{0,6}\.[0-9]{2}`).Draw(rt, "amount"), note.Draw(rt, "own"),
			}
		}), 1, 20).Draw(rt, "rows")
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		w.Comma, w.UseCRLF = delimiter, crlf
		require.NoError(rt, w.Write([]string{"order_reference", "description", "amount", "own"}))
		require.NoError(rt, w.WriteAll(want))
		require.NoError(rt, os.WriteFile(path, out.Bytes(), 0o600))
		got, err := cells(t, path)
		require.NoError(rt, err)
		require.Equal(rt, want, got)
	})
}

// TestSheetsAgreeWithExcelize compares every cell with excelize's own raw reading of the same file.
func TestSheetsAgreeWithExcelize(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "any.xlsx")
	rapid.Check(t, func(rt *rapid.T) {
		book := excelize.NewFile()
		require.NoError(rt, book.SetSheetRow("Sheet1", "A1", &[]any{"order_reference", "description", "amount", "own"}))
		n := rapid.IntRange(1, 12).Draw(rt, "rows")
		for i := range n {
			row := []any{
				fmt.Sprintf("A%d", i), "text " + rapid.StringMatching(`[ -~æøåÄÖ€\n]{0,30}`).Draw(rt, "description"),
				rapid.IntRange(-1_000_000, 1_000_000).Draw(rt, "amount"),
				rapid.SampledFrom([]any{"x", true, 12, 0.5, "_x0041_", "a<b>&\"c\"", nil}).Draw(rt, "own"),
			}
			require.NoError(rt, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &row))
		}
		require.NoError(rt, book.SaveAs(path))
		oracle, err := book.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		require.NoError(rt, err)
		require.NoError(rt, book.Close())
		got, err := cells(t, path)
		require.NoError(rt, err)
		require.Len(rt, got, n)
		for i, row := range got {
			want := slices.Concat(oracle[i+1], make([]string, len(row)-len(oracle[i+1])))
			if row[3] == "TRUE" {
				want[3] = "TRUE"
			}
			require.Equal(rt, want, row)
		}
	})
}

// TestDamageIsNeverSilent flips and cuts a workbook everywhere: it is refused or read in full, and never
// read in part.
func TestDamageIsNeverSilent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"libreoffice.xlsx", "openpyxl.xlsx"} {
		good, err := os.ReadFile(filepath.Join("testdata", "xlsx", name))
		require.NoError(t, err)
		want, err := cells(t, filepath.Join("testdata", "xlsx", name))
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), name)
		for at := 0; at < len(good); at += 29 {
			bad := bytes.Clone(good)
			bad[at] ^= 0x41
			require.NoError(t, os.WriteFile(path, bad, 0o600))
			if got, err := cells(t, path); err == nil {
				require.Equal(t, want, got, "byte %d", at)
			}
			require.NoError(t, os.WriteFile(path, good[:at], 0o600))
			_, err := cells(t, path)
			require.Error(t, err, "cut at %d", at)
		}
	}
}

// workbook is openpyxl.xlsx with another sheet part.
func workbook(tb testing.TB, sheet []byte) string {
	tb.Helper()
	return rewritten(tb, map[string]string{"xl/worksheets/sheet1.xml": string(sheet)})
}

// rewritten is openpyxl.xlsx with other parts.
func rewritten(tb testing.TB, parts map[string]string) string {
	tb.Helper()
	return edited(tb, func(name, content string) (string, string) {
		if other, ok := parts[name]; ok {
			content = other
		}
		return name, content
	})
}

// edited is openpyxl.xlsx with each part as edit gives it back.
func edited(tb testing.TB, edit func(name, content string) (string, string)) string {
	tb.Helper()
	archive, err := zip.OpenReader(filepath.Join("testdata", "xlsx", "openpyxl.xlsx"))
	require.NoError(tb, err)
	defer func() { require.NoError(tb, archive.Close()) }()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range archive.File {
		in, err := part.Open()
		require.NoError(tb, err)
		data, err := io.ReadAll(in)
		require.NoError(tb, err)
		name, content := edit(part.Name, string(data))
		to, err := w.Create(name)
		require.NoError(tb, err)
		_, err = io.WriteString(to, content)
		require.NoError(tb, err)
	}
	require.NoError(tb, w.Close())
	path := filepath.Join(tb.TempDir(), "book.xlsx")
	require.NoError(tb, os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

const sheetStart = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` +
	`<row><c t="inlineStr"><is><t>description</t></is></c><c t="inlineStr"><is><t>amount</t></is></c></row>`

// TestSheetXML reads what other programs write and none of the samples has.
func TestSheetXML(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		row  string
		want []string
	}{
		"no references":       {`<row><c t="inlineStr"><is><t>x</t></is></c><c><v>5</v></c></row>`, []string{"x", "5"}},
		"rich text":           {`<row><c t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r><rPh><t>no</t></rPh></is></c><c><v>5</v></c></row>`, []string{"a b", "5"}},
		"CDATA":               {`<row><c t="inlineStr"><is><t><![CDATA[a<b&c]]></t></is></c><c><v>5</v></c></row>`, []string{"a<b&c", "5"}},
		"comment":             {`<!-- x > y --><row><c t="inlineStr"><is><t>a<!-- c -->b</t></is></c><c><v>5</v></c></row>`, []string{"ab", "5"}},
		"escaped character":   {`<row><c t="inlineStr"><is><t>a_x000A_b</t></is></c><c><v>5</v></c></row>`, []string{"a\nb", "5"}},
		"escaped underscore":  {`<row><c t="inlineStr"><is><t>a_x005F_x000A_b</t></is></c><c><v>5</v></c></row>`, []string{"a_x000A_b", "5"}},
		"entities":            {`<row><c t="inlineStr"><is><t>&lt;&#230;&#xe6;&amp;</t></is></c><c><v>5</v></c></row>`, []string{"<ææ&", "5"}},
		"formula with result": {`<row><c t="str"><f>A1&amp;"x"</f><v>res</v></c><c><f>1+1</f><v>2</v></c></row>`, []string{"res", "2"}},
		"exponent":            {`<row><c t="inlineStr"><is><t>x</t></is></c><c><v>4.7999999999E10</v></c></row>`, []string{"x", "47999999999"}},
		"prefix and quotes":   {`<row spans='1:2' ><c t='inlineStr' ><is><t >x</t></is></c ><c><v>5</v></c></row>`, []string{"x", "5"}},
		"> in an attribute":   {`<row a="&gt;>"><c t="inlineStr"><is><t>x</t></is></c><c><v>5</v></c></row>`, []string{"x", "5"}},
		"ISO date":            {`<row><c t="inlineStr"><is><t>x</t></is></c><c><v>5</v></c><c t="d"><v>2026-01-31</v></c></row>`, []string{"x", "5", "2026-01-31"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := cells(t, workbook(t, []byte(sheetStart+tc.row+`</sheetData></worksheet>`)))
			require.NoError(t, err)
			require.Equal(t, [][]string{tc.want}, got)
		})
	}
}

// FuzzSheet gives any sheet part to the reader, which must refuse it or read it twice alike.
func FuzzSheet(f *testing.F) {
	f.Add([]byte(sheetStart + `<row><c t="inlineStr"><is><t>x</t></is></c><c><v>5</v></c></row></sheetData><mergeCells><mergeCell ref="A1:A2"/></mergeCells></worksheet>`))
	f.Add([]byte(sheetStart + `<row r="7"><c r="A7" t="s"><v>0</v></c><c r="B7" s="1"><v>46000</v></c></row></sheetData></worksheet>`))
	f.Add([]byte(sheetStart + `<row r="1048576" hidden="1"><c r="XFD1048576"><f>1</f></c></row></sheetData></worksheet>`))
	f.Add([]byte(sheetStart[:60]))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		path := workbook(t, sheet)
		first, err := cells(t, path)
		if err != nil {
			var refusal *intake.Error
			require.ErrorAs(t, err, &refusal)
			return
		}
		again, err := cells(t, path)
		require.NoError(t, err)
		require.Equal(t, first, again)
	})
}

// FuzzCSV gives any bytes to the reader: it refuses them, or reads as many records as it announced.
func FuzzCSV(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "csv", "*"))
	require.NoError(f, err)
	for _, path := range files {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		if len(data) < 4096 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "any.csv")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		all, err := cells(t, path)
		if err != nil {
			var refusal *intake.Error
			require.ErrorAs(t, err, &refusal)
			require.NotEmpty(t, refusal.Hint)
			return
		}
		for _, row := range all {
			require.NotEmpty(t, strings.TrimSpace(strings.Join(row, "")))
		}
	})
}
