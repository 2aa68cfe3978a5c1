package intake_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// styled is a workbook whose only record has description x, amount 100 and vat, note and delivery_date as given, all with
// style 1, which has the number format of that id. formats are the file's own, an id and a code each.
func styled(t *testing.T, id int, value string, formats ...string) string {
	t.Helper()
	var numFmts strings.Builder
	for _, f := range formats {
		own, code, _ := strings.Cut(f, " ")
		fmt.Fprintf(&numFmts, `<numFmt numFmtId="%s" formatCode="%s"/>`, own, strings.NewReplacer(`"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(code))
	}
	cell := `<c t="inlineStr"><is><t>%s</t></is></c>`
	sheet := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>` +
		fmt.Sprintf(strings.Repeat(cell, 5), "description", "amount", "vat", "note", "delivery_date") +
		`</row><row>` + fmt.Sprintf(cell, "x") + `<c><v>100</v></c>` + strings.Repeat(fmt.Sprintf(`<c s="1"><v>%s</v></c>`, value), 3) +
		`</row></sheetData></worksheet>`
	return rewritten(t, map[string]string{
		"xl/worksheets/sheet1.xml": sheet,
		"xl/styles.xml": `<x:styleSheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:numFmts>` + numFmts.String() +
			`</x:numFmts><x:cellStyleXfs><x:xf numFmtId="10"/></x:cellStyleXfs><x:cellXfs><x:xf numFmtId="0"/><x:xf numFmtId="` + fmt.Sprint(id) +
			`" applyNumberFormat="1"/></x:cellXfs></x:styleSheet>`,
	})
}

// TestFormatsOfTheFile holds that a format which the file defines goes before the built-in one with its id, and that the section
// for the value decides.
func TestFormatsOfTheFile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path           string
		vat, note, day string
	}{
		"built in":                      {styled(t, 9, "0.25"), "25", "25 %", "25 %"},
		"built in date":                 {styled(t, 14, "46351.5"), "2026-11-25 12:00:00", "2026-11-25 12:00:00", "2026-11-25"},
		"own id":                        {styled(t, 164, "0.25", "164 0%"), "25", "25 %", "25 %"},
		"counted from 59":               {styled(t, 59, "0.25", "59 0%"), "25", "25 %", "25 %"},
		"59 that nobody defined":        {styled(t, 59, "0.25"), "0.25", "0.25", "0.25"},
		"date counted from 59":          {styled(t, 60, "46351", "59 0%", "60 m/d/yyyy"), "2026-11-25", "2026-11-25", "2026-11-25"},
		"2 redefined as percent":        {styled(t, 2, "0.25", "2 0.00%"), "25", "25 %", "25 %"},
		"9 redefined as number":         {styled(t, 9, "0.25", "9 0.00"), "0.25", "0.25", "0.25"},
		"14 redefined as number":        {styled(t, 14, "25", "14 0"), "25", "25", "1900-01-25"},
		"another section for the value": {styled(t, 164, "0.25", `164 [=0]"-";0%`), "25", "25 %", "25 %"},
		"no percent for the value":      {styled(t, 164, "25", `164 [<1]0%;0`), "25", "25", "1900-01-25"},
		"no date for the value":         {styled(t, 164, "25", "164 0;yyyy"), "25", "25", "1900-01-25"},
		"end of the day":                {styled(t, 164, "46356.9999999653", "164 dd.mm.yyyy"), "2026-11-30 23:59:59", "2026-11-30 23:59:59", "2026-11-30"},
		"a time of day":                 {styled(t, 14, "0.5"), "0.5", "0.5", "0.5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := intake.Open(t.Context(), tc.path, intake.Options{})
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			for r, err := range f.Records(t.Context()) {
				require.NoError(t, err)
				require.Equal(t, []string{tc.vat, tc.note, tc.day}, []string{r.VAT, r.Cells[3], r.DeliveryDate})
			}
		})
	}
}

// TestStylesPart reads workbooks whose styles are missing, elsewhere or wrong.
func TestStylesPart(t *testing.T) {
	t.Parallel()
	const styles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</styleSheet>`
	relations := func(target string) string {
		const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
		list := `<Relationship Id="rId1" Type="` + kind + `worksheet" Target="worksheets/sheet1.xml"/>`
		if target != "" {
			list += `<Relationship Id="rId2" Type="` + kind + `styles" Target="` + target + `"/>`
		}
		return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + list + `</Relationships>`
	}
	for name, tc := range map[string]struct {
		parts map[string]string
		want  string // of a cell 0.25 with style 0, "" if the file is refused
	}{
		"no styles":         {map[string]string{"xl/_rels/workbook.xml.rels": relations("")}, "0.25"},
		"empty style sheet": {map[string]string{"xl/styles.xml": fmt.Sprintf(styles, "")}, "0.25"},
		"under another name": {map[string]string{
			"xl/_rels/workbook.xml.rels": relations("theme/theme1.xml"), "xl/theme/theme1.xml": fmt.Sprintf(styles, `<cellXfs><xf numFmtId="9"/></cellXfs>`),
		}, "25 %"},
		"relation to nothing": {map[string]string{"xl/_rels/workbook.xml.rels": relations("styles9.xml")}, ""},
		"no XML":              {map[string]string{"xl/styles.xml": "<styleSheet>"}, ""},
		"an id that is none":  {map[string]string{"xl/styles.xml": fmt.Sprintf(styles, `<cellXfs><xf numFmtId="nine"/></cellXfs>`)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.parts["xl/worksheets/sheet1.xml"] = sheetStart + `<row><c t="inlineStr"><is><t>x</t></is></c><c t="inlineStr"><is><t>100</t></is></c><c><v>0.25</v></c></row></sheetData></worksheet>`
			got, err := cells(t, rewritten(t, tc.parts))
			if tc.want == "" {
				requireCode(t, err, "xlsx.damaged")
				return
			}
			require.NoError(t, err)
			require.Equal(t, [][]string{{"x", "100", tc.want}}, got)
		})
	}
	for _, style := range []string{"-1", "99999"} {
		_, err := cells(t, workbook(t, []byte(sheetStart+`<row><c><v>5</v></c><c s="`+style+`"><v>5</v></c></row></sheetData></worksheet>`)))
		requireCode(t, err, "xlsx.damaged")
	}
}

// TestPartsAreWhereRelationsSay reads a workbook whose parts are not in the folder that most programs use.
func TestPartsAreWhereRelationsSay(t *testing.T) {
	t.Parallel()
	want, err := cells(t, filepath.Join("testdata", "xlsx", "openpyxl.xlsx"))
	require.NoError(t, err)
	elsewhere := strings.NewReplacer("xl/", "book/")
	got, err := cells(t, edited(t, func(name, content string) (string, string) {
		return elsewhere.Replace(name), elsewhere.Replace(content)
	}))
	require.NoError(t, err)
	require.Equal(t, want, got)
}
