package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

const small = "order_reference;description;amount\nA1;x;10\nA2;y;20\n"

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func requireCode(t *testing.T, err error, code string) *intake.Error {
	t.Helper()
	var refusal *intake.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, code, refusal.Code, err)
	return refusal
}

func TestInputs(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "inbox")
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"z.csv", "empty", "others/old"} {
		require.NoError(t, os.MkdirAll(in(name), 0o700))
	}
	for _, name := range []string{
		"b.csv", "a.XLSX", "~$a.xlsx", "._b.csv", ".hidden.csv", ".DS_Store", "c.pdf",
		"b.csv.gz", "d.tsv", "e.txt", "f.xlsm", "empty/.x.csv", "others/november.xls",
	} {
		require.NoError(t, os.WriteFile(in(name), []byte(name), 0o600))
	}

	got, notices, err := intake.Inputs([]string{dir, intake.Stdin})
	require.NoError(t, err)
	require.Equal(t, []string{in("a.XLSX"), in("b.csv"), in("d.tsv"), in("e.txt"), in("f.xlsm"), "-"}, got)
	require.Equal(t, []string{"inbox: not read: b.csv.gz, c.pdf (other endings), empty/, others/, z.csv/ (folders)"},
		notices)

	got, notices, err = intake.Inputs([]string{in("c.pdf"), in("._b.csv")})
	require.NoError(t, err, "a file that is named is taken whatever its name")
	require.Equal(t, []string{in("c.pdf"), in("._b.csv")}, got)
	require.Empty(t, notices)

	got, notices, err = intake.Inputs([]string{dir}, "", in("../inbox/d.tsv"), in("c.pdf"), in("none.yaml"))
	require.NoError(t, err)
	require.Equal(t, []string{in("a.XLSX"), in("b.csv"), in("e.txt"), in("f.xlsm")}, got)
	require.Equal(t, []string{"inbox: not read: b.csv.gz (another ending), empty/, others/, z.csv/ (folders)"}, notices)

	for _, tc := range []struct {
		args []string
		code string
		says string
	}{
		{[]string{in("none.csv")}, "file.not_found", "none.csv"},
		{[]string{in("empty")}, "file.not_found", "empty: file.not_found: the folder holds no file to read (put"},
		{
			[]string{in("others")},
			"file.not_found",
			"the folder holds no file to read, only november.xls (another ending), old/ (a folder) (put",
		},
		{[]string{"-", "-"}, "file.twice", "standard input is given twice"},
	} {
		_, _, err = intake.Inputs(tc.args)
		require.Contains(t, requireCode(t, err, tc.code).Error(), tc.says)
	}

	many := t.TempDir()
	for i := range 13 {
		require.NoError(t, os.WriteFile(filepath.Join(many, fmt.Sprintf("%02d.pdf", i)), nil, 0o600))
	}
	_, _, err = intake.Inputs([]string{many})
	require.Contains(t, requireCode(t, err, "file.not_found").Message, "08.pdf, 09.pdf and 3 more (other endings)")
}

func TestFileIsDescribed(t *testing.T) {
	t.Parallel()
	f, err := intake.Open(t.Context(), write(t, "lines.csv", small), intake.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	require.Equal(t, "lines.csv", f.Name)
	require.Equal(t, "fd6a31df", f.SHA256[:8])
	require.Equal(t, int64(len(small)), f.Size)
	require.Equal(t, 2, f.Rows)
	require.Equal(t, []billing.Table{{
		File: "lines.csv", Header: []string{"order_reference", "description", "amount"},
		Known: []billing.Column{billing.ColOrderReference, billing.ColDescription, billing.ColAmount},
	}}, f.Tables)
	require.Empty(t, f.Notices)
}

func TestStandardInputIsSpooledAndRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := intake.Open(t.Context(), intake.Stdin, intake.Options{Stdin: strings.NewReader(small), TmpDir: dir})
	require.NoError(t, err)
	require.Equal(t, "stdin", f.Name)
	require.Equal(t,
		[]string{"2 order_reference=A1 description=x amount=10", "3 order_reference=A2 description=y amount=20"},
		lines(t.Context(), t, f))
	require.NoError(t, f.Close())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)

	_, err = intake.Open(t.Context(), intake.Stdin, intake.Options{TmpDir: dir})
	requireCode(t, err, "file.not_found")
}

func TestChangeBetweenPassesIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, path string){
		"grown": func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, os.WriteFile(path, []byte(small+"A3;z;30\n"), 0o600))
		},
		"other bytes, same size and time": func(t *testing.T, path string) {
			t.Helper()
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(small, "20", "90", 1)), 0o600))
			require.NoError(t, os.Chtimes(path, time.Time{}, info.ModTime()))
		},
		"replaced": func(t *testing.T, path string) {
			t.Helper()
			require.NoError(t, os.Rename(write(t, "other.csv", small), path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "lines.csv", small)
			f, err := intake.Open(t.Context(), path, intake.Options{})
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			change(t, path)
			for r, err := range f.Records(t.Context()) {
				require.Empty(t, r.Row, "no record before the refusal")
				requireCode(t, err, "file.changed")
			}
		})
	}
}

func TestRecordsStopEarly(t *testing.T) {
	t.Parallel()
	path := exportCSV(t, 2000)
	f, err := intake.Open(t.Context(), path, intake.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	for r, err := range f.Records(t.Context()) {
		require.NoError(t, err)
		if r.Row == 10 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	count := 0
	for _, err := range f.Records(ctx) {
		count++
		if count == 10 {
			cancel()
		}
		last = err
	}
	require.ErrorIs(t, last, context.Canceled)
	require.Less(t, count, 1000)
	require.Len(t, lines(t.Context(), t, f), 2000, "it can be read again")
	_, err = intake.Open(ctx, path, intake.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// padded is a workbook whose sheet part is padded with comments of 64 KiB.
func padded(t *testing.T, comments int) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	archive, err := zip.OpenReader(
		workbook(t,
			[]byte(sheetStart+
				`<row><c t="inlineStr"><is><t>x</t></is></c><c><v>5</v></c></row></sheetData></worksheet>`)))
	require.NoError(t, err)
	for _, part := range archive.File {
		in, err := part.Open()
		require.NoError(t, err)
		to, err := w.Create(part.Name)
		require.NoError(t, err)
		_, err = io.Copy(to, in)
		require.NoError(t, err)
		if part.Name != "xl/worksheets/sheet1.xml" {
			continue
		}
		comment := []byte("<!--" + strings.Repeat(" ", 64<<10-7) + "-->")
		for range comments {
			_, err = to.Write(comment)
			require.NoError(t, err)
		}
	}
	require.NoError(t, archive.Close())
	require.NoError(t, w.Close())
	return write(t, "padded.xlsx", out.String())
}

// TestBombs holds that small files which unpack to much are refused, or cost no memory.
func TestBombs(t *testing.T) {
	t.Parallel()
	bomb := padded(t, 80<<20/(64<<10))
	_, err := intake.Open(t.Context(), bomb, intake.Options{})
	requireCode(t, err, "xlsx.limit")

	got, err := cells(t, padded(t, 16<<20/(64<<10)))
	require.NoError(t, err)
	require.Equal(t, [][]string{{"x", "5"}}, got)

	text := write(t, "quote.csv", small+"A3;\""+strings.Repeat("x;y;z\n", 2<<20))
	_, err = intake.Open(t.Context(), text, intake.Options{})
	require.Contains(t, requireCode(t, err, "csv.limit").Message, "line 4")
}
