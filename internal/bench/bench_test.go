package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// TestMain is the peers, too, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && peers()[os.Args[1]] != nil {
		main()
		return
	}
	m.Run()
}

// TestBench measures a few rows, without Python. Every process must end well, and every line have its figures.
func TestBench(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "kravia-batch")
	out, err := exec.Command("go", "build", "-o", program, "../../cmd/kravia-batch").CombinedOutput()
	require.NoError(t, err, string(out))
	for name, tc := range map[string]struct {
		flags []string
		lines int
	}{
		"ratios": {[]string{"-rows", "41", "-python", "no-python"}, 5},
		"growth": {[]string{"-rows", "5", "-growth"}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, run(append(tc.flags, "-pairs", "1", "-program", program), &out))
			text := out.String()
			require.NotContains(t, text, "NaN")
			require.Len(t,
				regexp.MustCompile(`(?m)^\| .* \| \d+\.\d+ \| [\d–]+ \| .* \| \d+\.\d+ \|`).FindAllString(text, -1),
				tc.lines, text)
			if name == "ratios" {
				require.Contains(t, text, "Python was left out: there is no no-python.")
			}
		})
	}
}

// TestData has both files say the same.
func TestData(t *testing.T) {
	t.Parallel()
	const rows = 41
	plain, workbook := filepath.Join(t.TempDir(), "lines.csv"), filepath.Join(t.TempDir(), "lines.xlsx")
	require.NoError(t, writeCSV(plain, rows))
	require.NoError(t, writeXLSX(workbook, rows))
	book, err := excelize.OpenFile(workbook, excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	cells, err := book.GetRows("Lines")
	require.NoError(t, err)
	require.NoError(t, book.Close())
	require.Len(t, cells, 1+rows)
	n := 0
	require.NoError(t, eachRecord(plain, func(record []string) error {
		require.Equal(t, record, cells[n])
		n++
		return nil
	}))
	require.Equal(t, 1+rows, n)
}
