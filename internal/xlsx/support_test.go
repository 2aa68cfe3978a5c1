package xlsx_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/xlsx"
)

const (
	mainSpace     = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relationSpace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	declaration   = `<?xml version="1.0" encoding="UTF-8"?>`
)

// relations is a part of relations: id, type, target, three for each.
func relations(list ...string) string {
	var b strings.Builder
	b.WriteString(declaration + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for r := range slices.Chunk(list, 3) {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="%s/%s" Target="%s"/>`, r[0], relationSpace, r[1], r[2])
	}
	return b.String() + `</Relationships>`
}

// parts are those of a workbook with one sheet, its styles 0 General, 1 percent, 2 date, 3 time, 4 000000,
// and the shared texts a, b.
func parts(sheet string) map[string]string {
	return map[string]string{
		"_rels/.rels": relations("r1", "officeDocument", "xl/workbook.xml"),
		"xl/workbook.xml": declaration + `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relationSpace +
			`"><sheets><sheet name="Lines" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": relations("r1", "worksheet", "worksheets/sheet1.xml", "r2", "styles",
			"styles.xml", "r3", "sharedStrings", "sharedStrings.xml"),
		"xl/worksheets/sheet1.xml": sheet,
		"xl/styles.xml": declaration + `<styleSheet xmlns="` + mainSpace +
			`"><numFmts><numFmt numFmtId="59" formatCode="dd.mm.yyyy"/><numFmt numFmtId="164" formatCode="000000"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="10"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="59"/><xf numFmtId="20"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml": declaration + `<sst xmlns="` + mainSpace +
			`"><si><t>a</t></si><si><r><t>b</t></r><rPh><t>no</t></rPh></si></sst>`,
	}
}

// inSheet is a sheet part of rows.
func inSheet(rows string) string {
	return declaration + `<worksheet xmlns="` + mainSpace +
		`" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><sheetData>` + rows +
		`</sheetData></worksheet>`
}

// inRow is a sheet part of one row of cells.
func inRow(cells string) string { return inSheet("<row>" + cells + "</row>") }

// archived packs parts, by name.
func archived(tb testing.TB, parts map[string]string) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		to, err := w.Create(name)
		require.NoError(tb, err)
		_, err = io.WriteString(to, parts[name])
		require.NoError(tb, err)
	}
	require.NoError(tb, w.Close())
	return out.Bytes()
}

// words names the kinds for tests to read.
func words(k xlsx.Kind) string {
	return []string{"", "text", "number", "percent", "date", "time", "bool", "error", "novalue", "merged"}[k]
}

// read gives the cells of all sheets, each row as its number and its cells, each as its kind, value, and text
// if that differs.
func read(data []byte) ([]string, error) {
	book, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, sheet := range book.Sheets {
		rows, err := book.Rows(sheet)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for {
			row, err := rows.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			line := fmt.Sprint(row.Number)
			for i := range row.Cells {
				c := &row.Cells[i]
				line += fmt.Sprintf(" %s:%s", words(c.Kind), c.Value)
				if shown := c.Text(); shown != c.Value {
					line += "=" + shown
				}
			}
			all = append(all, line)
		}
	}
	return all, nil
}

// requireRefused holds an error against its kind and words that it must have.
func requireRefused(tb testing.TB, err error, kind xlsx.ErrorKind, says ...string) {
	tb.Helper()
	var refusal *xlsx.Error
	require.ErrorAs(tb, err, &refusal)
	require.Equal(tb, kind, refusal.Kind, err.Error())
	for _, words := range says {
		require.Contains(tb, err.Error(), words)
	}
}
