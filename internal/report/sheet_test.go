package report

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

func TestChecksumOfTwoTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first, second := rapid.SliceOf(rapid.Byte()).Draw(t, "first"), rapid.SliceOf(rapid.Byte()).Draw(t, "second")
		require.Equal(t, crc32.ChecksumIEEE(append(first, second...)),
			crcOf(crc32.ChecksumIEEE(first), crc32.ChecksumIEEE(second), int64(len(second))))
	})
}

// A reader that decodes _xHHHH_ gets every text back as it was.
func TestUnderscoresAreEscaped(t *testing.T) {
	t.Parallel()
	escape := regexp.MustCompile(`_x([0-9a-fA-F]{4})_`)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(_x005F_|_x000D_|_x|_|x|00|5F|Å){0,12}`).Draw(t, "text")
		require.Equal(t, text, escape.ReplaceAllStringFunc(escapeUnderscore(text), func(found string) string {
			n, err := strconv.ParseUint(found[2:6], 16, 16)
			require.NoError(t, err)
			return string(rune(n))
		}))
	})
}

// The archive's entries have the version that every reader knows, and no list is marked as filtered.
func TestPartsOfSheets(t *testing.T) {
	t.Parallel()
	path, _ := written(t, makeReport(everyState()))
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	sheets := 0
	for _, part := range archive.File {
		require.Equal(t, uint16(20), part.ReaderVersion, part.Name)
		in, err := part.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, errors.Join(err, in.Close()), part.Name)
		require.NotContains(t, string(text), "filterMode", part.Name)
		require.Equal(t, strings.Contains(string(text), ` outlineLevel="1"`),
			strings.Contains(string(text), ` outlineLevelCol="1"`), part.Name)
		if strings.HasPrefix(part.Name, "xl/worksheets/sheet") {
			sheets++
		}
	}
	require.Equal(t, 6, sheets)
	require.NoError(t, archive.Close())
}

// oddTexts are texts that a writer of sheets may spoil.
func oddTexts() []string {
	return []string{
		"Ærlig & Sønn", "a<b>c", `"quoted" 'twice'`, " spaces ", "two\nlines", "\n", "tab\tbed", "_xzzzz_", "😀 語",
		"1e5", "007", "=1+1",
		"]]>", "&amp;", "\u00a0",
	}
}

// Other programs read the sheets as they are meant: text as text, numbers as numbers.
func TestSheetsAreReadByOthers(t *testing.T) {
	t.Parallel()
	texts := oddTexts()
	r := spoil(t, makeReport([]ended{{billing.FinalInvoiced, make([]int64, len(texts)), "NOK"}}),
		func(rows []billing.Row) []billing.Row {
			for i, text := range texts {
				rows[i].Cells[3] = text
			}
			return rows
		})
	path, ours := written(t, r)
	for name, f := range map[string]*excelize.File{"excelize": ours, "LibreOffice": throughOffice(t, nil, path)[0]} {
		for i, text := range texts {
			require.Equal(t, text, raw(t, f, "Rows", ref(26, i+2)), name)
			require.Equal(t, "25", raw(t, f, "Rows", ref(10, i+2)), name)
		}
	}
	python := "python3" // or the system's, where another one comes first
	if exec.Command(python, "-c", "import openpyxl").Run() != nil {
		python = "/usr/bin/python3"
	}
	if exec.Command(python, "-c", "import openpyxl").Run() != nil {
		t.Skip("openpyxl is not installed: nothing is read with it")
	}
	const script = `import json, openpyxl, sys
sheet = openpyxl.load_workbook(sys.argv[1])["Rows"]
lines = openpyxl.load_workbook(sys.argv[1], read_only=True)["Rows"]
print(json.dumps({"size": sheet.dimensions, "texts": [row[25].value for row in list(sheet)[1:-2]], "rates": [row[9].value for row in list(sheet)[1:-2]],
  "streamed": [row[25] for row in list(lines.values)[1:-2]]}))`
	output, err := exec.CommandContext(t.Context(), python, "-c", script, filepath.Clean(path)).Output()
	require.NoError(t, err)
	var got struct {
		Size            string
		Texts, Streamed []string
		Rates           []int
	}
	require.NoError(t, json.Unmarshal(output, &got))
	require.Equal(t, "A1:"+ref(30, len(texts)+3), got.Size, "with the foot")
	require.Equal(t, texts, got.Texts)
	require.Equal(t, texts, got.Streamed)
	for _, rate := range got.Rates {
		require.Equal(t, 25, rate)
	}
}
