package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
		own := rapid.StringMatching(`([A-Za-zÆØÅäö0-9 ,;|"'=@.-]{0,19}Å)?`) // and no number, which may be money
		want := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) []string {
			return []string{
				"A" + rapid.StringMatching(`[0-9]{1,9}`).Draw(rt, "reference"), "item " + note.Draw(rt, "description"),
				rapid.StringMatching(`[1-9][0-9]{0,6}\.[0-9]{2}`).Draw(rt, "amount"), own.Draw(rt, "own"),
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
