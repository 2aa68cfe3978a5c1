package xlsx_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kraviabatch/internal/xlsx"
)

// TestAgreesWithExcelize compares every cell with excelize's own raw reading of what it wrote.
func TestAgreesWithExcelize(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		book := excelize.NewFile()
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.OneOf(
			rapid.Map(rapid.StringMatching(`[ -~æøåÄÖ€\n]{0,30}`), func(s string) any { return s }),
			rapid.Map(rapid.IntRange(-1_000_000, 1_000_000), func(n int) any { return n }),
			rapid.SampledFrom([]any{true, 0.5, "_x0041_", "a<b>&\"c\"", nil}),
		), 0, 5), 1, 12).Draw(rt, "rows")
		for i, row := range rows {
			require.NoError(rt, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
		}
		var out bytes.Buffer
		require.NoError(rt, book.Write(&out))
		want, err := book.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		require.NoError(rt, err)
		require.NoError(rt, book.Close())
		got := make([][]string, len(want))
		require.NoError(rt, eachRow(out.Bytes(), func(row *xlsx.Row) {
			for i, c := range row.Cells {
				if c.Kind == xlsx.Bool {
					c.Value = map[string]string{"TRUE": "1", "FALSE": "0"}[c.Value]
				}
				if row.Number <= len(want) && i < len(want[row.Number-1]) {
					got[row.Number-1] = append(got[row.Number-1], c.Value)
				} else {
					require.Empty(rt, c.Value)
				}
			}
		}))
		for i := range want {
			require.Equal(rt, fmt.Sprintf("%q", want[i]), fmt.Sprintf("%q", got[i]))
		}
	})
}

// TestDamageIsNeverSilent flips and cuts a workbook everywhere: it is refused or read in full, and never in part.
func TestDamageIsNeverSilent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"libreoffice.xlsx", "openpyxl.xlsx"} {
		good, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		want, err := read(good)
		require.NoError(t, err)
		require.NotEmpty(t, want)
		for at := 0; at < len(good); at += 7 {
			bad := bytes.Clone(good)
			bad[at] ^= 0x41
			if got, err := read(bad); err == nil {
				require.Equal(t, want, got, "byte %d", at)
			}
			_, err := read(good[:at])
			requireRefused(t, err, xlsx.Damaged)
		}
	}
}

// FuzzSheet gives any sheet part to the reader, which must refuse it or read it twice alike.
func FuzzSheet(f *testing.F) {
	for _, sheet := range []string{
		mergedSheet(`<row><c t="inlineStr"><is><t>x</t></is></c><c><v>5</v></c></row>`, "A1:A2"),
		inSheet(`<row r="7"><c r="A7" t="s"><v>0</v></c><c r="B7" s="2"><v>46000</v></c></row>`),
		inSheet(`<row r="1048576" hidden="1"><c r="XFD1048576"><f>1</f></c></row>`),
		inSheet(`<row/>`)[:60],
		"\xff\xfe<\x00a\x00/\x00>\x00",
	} {
		f.Add([]byte(sheet))
	}
	f.Fuzz(func(t *testing.T, sheet []byte) { readTwice(t, parts(string(sheet))) })
}

// FuzzStyles gives any styles and workbook parts to the reader.
func FuzzStyles(f *testing.F) {
	usual := parts("")
	f.Add(usual["xl/styles.xml"], usual["xl/workbook.xml"], usual["xl/sharedStrings.xml"],
		usual["xl/_rels/workbook.xml.rels"])
	f.Fuzz(func(t *testing.T, styles, workbook, texts, relations string) {
		all := parts(inRow(`<c s="1"><v>46000.25</v></c><c s="2"><v>-5</v></c><c t="s"><v>0</v></c>`))
		all["xl/styles.xml"], all["xl/workbook.xml"], all["xl/sharedStrings.xml"], all["xl/_rels/workbook.xml.rels"] = styles, workbook, texts, relations
		readTwice(t, all)
	})
}

func readTwice(t *testing.T, parts map[string]string) {
	t.Helper()
	data := archived(t, parts)
	first, err := read(data)
	if err != nil {
		var refusal *xlsx.Error
		require.ErrorAs(t, err, &refusal)
		require.NotEmpty(t, refusal.Message)
		require.NotZero(t, refusal.Kind)
		return
	}
	again, err := read(data)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

// FuzzOpen gives any bytes to the reader.
func FuzzOpen(f *testing.F) {
	f.Add(archived(f, parts(inRow(`<c><v>5</v></c>`))))
	f.Add([]byte("\xd0\xcf\x11\xe0"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := read(data); err != nil {
			var refusal *xlsx.Error
			require.ErrorAs(t, err, &refusal)
		}
	})
}
