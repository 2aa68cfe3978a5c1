package report

import (
	"archive/zip"
	"encoding/xml"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

// definedNames reads what xl/workbook.xml defines: name, then what it refers to.
func definedNames(t require.TestingT, path string) (names [][2]string) {
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, archive.Close()) }()
	part, err := archive.Open("xl/workbook.xml")
	require.NoError(t, err)
	defer func() { require.NoError(t, part.Close()) }()
	var workbook struct {
		Names []struct {
			Name string `xml:"name,attr"`
			Data string `xml:",chardata"`
		} `xml:"definedNames>definedName"`
	}
	require.NoError(t, xml.NewDecoder(part).Decode(&workbook))
	for _, n := range workbook.Names {
		names = append(names, [2]string{n.Name, n.Data})
	}
	return names
}

// reference is a quoted sheet name, in which apostrophes are doubled, and cells or rows of it.
var reference = regexp.MustCompile(
	`^\'((?:[^\']|\'\')+)\'!(?:\$?[A-Z]+\$?[0-9]+:\$?[A-Z]+\$?[0-9]+|\$[0-9]+:\$[0-9]+|\$[A-Z]+:\$[A-Z]+)$`)

func sheetOfName(t require.TestingT, refersTo string) string {
	parts := reference.FindStringSubmatch(refersTo)
	require.NotNil(t, parts, refersTo)
	return strings.ReplaceAll(parts[1], "''", "'")
}

// A corrections workbook has the sheet's own name, whatever it is, and every name that is defined in it
// refers to that sheet.
func TestCorrectionsOfSheetsWithOddNames(t *testing.T) {
	t.Parallel()
	for _, sheet := range []string{
		"Kari's", "Nov 'n' Des", "A''B", "A!B", "2026", "R1C1", "A1", "Fjord & Fjell <1>",
		`"x"`, "Ærlig 100 %",
	} {
		c := someLines(
			[]Checked{
				checkedLine(2, []string{"Service", "9x", ""}, problem(billing.Error, "amount", "amount.unreadable")),
			})
		c.Table.Sheet = sheet
		path, f := corrected(t, c)
		require.Equal(t, sheet, f.GetSheetName(0))
		names := definedNames(t, path)
		require.Len(t, names, 2, sheet)
		for _, n := range names {
			require.Equal(t, sheet, sheetOfName(t, n[1]), n[0])
		}
	}
}

// The same holds for names of the report's sheets, also when a list goes on in another sheet.
func TestDefinedNamesReferToSheets(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	r.rowsPerSheet = 10
	path, f := written(t, r)
	known := f.GetSheetList()
	names := definedNames(t, path)
	require.NotEmpty(t, names)
	for _, n := range names {
		for area := range strings.SplitSeq(n[1], ",") {
			require.Contains(t, known, sheetOfName(t, area), n[0])
		}
	}
}

func TestQuotedSheet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[^\']([^:\\/?*\[\]]*[^\'])?`).Draw(t, "name")
		require.Equal(t, name, sheetOfName(t, quotedSheet(name)+"!$1:$2"))
	})
}
