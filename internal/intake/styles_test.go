package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// styled is a workbook whose only record has description x, amount 100 and vat, note and delivery_date as
// given, all with style 1, which has the number format of that id. formats are the file's own, an id and a
// code each.
func styled(t *testing.T, id int, value string, formats ...string) string {
	t.Helper()
	return styledAs(t, [3]string{"vat", "note", "delivery_date"}, id, value, formats...)
}

// styledAs is styled with other headers.
func styledAs(t *testing.T, headers [3]string, id int, value string, formats ...string) string {
	t.Helper()
	var numFmts strings.Builder
	for _, f := range formats {
		own, code, _ := strings.Cut(f, " ")
		fmt.Fprintf(&numFmts, `<x:numFmt numFmtId="%s" formatCode="%s"/>`, own,
			strings.NewReplacer(`"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(code))
	}
	cell := `<c t="inlineStr"><is><t>%s</t></is></c>`
	sheet := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>` +
		fmt.Sprintf(strings.Repeat(cell, 5), "description", "amount", headers[0], headers[1], headers[2]) +
		`</row><row>` + fmt.Sprintf(cell, "x") + `<c><v>100</v></c>` +
		strings.Repeat(fmt.Sprintf(`<c s="1"><v>%s</v></c>`, value), 3) +
		`</row></sheetData></worksheet>`
	return rewritten(t, map[string]string{
		"xl/worksheets/sheet1.xml": sheet,
		"xl/styles.xml": `<x:styleSheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:numFmts>` + numFmts.String() +
			`</x:numFmts><x:cellStyleXfs><x:xf numFmtId="10"/></x:cellStyleXfs><x:cellXfs><x:xf numFmtId="0"/><x:xf numFmtId="` + fmt.Sprint(id) +
			`" applyNumberFormat="1"/></x:cellXfs></x:styleSheet>`,
	})
}

// TestNumberFormatsDecide holds that a cell of a column is what its number format shows.
func TestNumberFormatsDecide(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path           string
		vat, note, day string
	}{
		"percent":               {styled(t, 9, "0.25"), "25", "25 %", "25 %"},
		"percent of the file":   {styled(t, 59, "0.25", "59 0%"), "25", "25 %", "25 %"},
		"percent for the value": {styled(t, 164, "0.25", `164 [=0]"-";0%`), "25", "25 %", "25 %"},
		"date":                  {styled(t, 14, "46351.5"), "2026-11-25 12:00:00", "2026-11-25 12:00:00", "2026-11-25"},
		"number":                {styled(t, 2, "25"), "25", "25", "1900-01-25"},
		"end of the day": {
			styled(t, 164, "46356.9999999653", "164 dd.mm.yyyy"), "2026-11-30 23:59:59",
			"2026-11-30 23:59:59", "2026-11-30",
		},
		"a time in a day": {styled(t, 14, "0.5"), "0.5", "0.5", "0.5"},
		"a time":          {styled(t, 20, "0.3125"), "7:30", "7:30", "7:30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := intake.Open(t.Context(), tc.path,
				intake.Options{Profile: &intake.Profile{Ignore: []string{"note", "own*"}}})
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			for r, err := range f.Records(t.Context()) {
				require.NoError(t, err)
				require.Equal(t, []string{tc.vat, tc.note, tc.day},
					[]string{r.Values[billing.ColVAT], r.Cells[3], r.Values[billing.ColDeliveryDate]})
			}
		})
	}
}

// TestIdentifiersAreWhatTheSheetShows reads references that a spreadsheet stored as numbers.
func TestIdentifiersAreWhatTheSheetShows(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ format, value, want string }{
		"as it is":    {"General", "42", "42"},
		"zeros":       {"000000", "42", "000042"},
		"words":       {`"F26-"0`, "4711", "F26-4711"},
		"all digits":  {"0", "123456789012345", "123456789012345"},
		"one more":    {"0", "1.23456789012345E+15", "1234567890123450 !order_reference.digits_lost"},
		"rounded":     {"0000", "42.5", "0043 !order_reference.shown"},
		"no format":   {"General", "42.5", "42.5 !order_reference.shown"},
		"decimals":    {"0.00", "1001", "1001 !order_reference.shown"},
		"thousands":   {"#,##0", "1001", "1001 !order_reference.shown"},
		"exponent":    {"0.0E+00", "4711000000", "4711000000 !order_reference.shown"},
		"percent":     {"0%", "0.25", "25 % !order_reference.shown"},
		"a date":      {"yyyy", "46351", "2026-11-25 !order_reference.date"},
		"time of day": {"h:mm", "0.5", "12:00 !order_reference.time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := styledAs(t, [3]string{"order_reference", "own", "own2"}, 164, tc.value, "164 "+tc.format)
			f, err := intake.Open(t.Context(), path,
				intake.Options{Profile: &intake.Profile{Ignore: []string{"note", "own*"}}})
			require.NoError(t, err)
			defer func() { require.NoError(t, f.Close()) }()
			id, problem, _ := strings.Cut(tc.want+" ", " !")
			want := "2 order_reference=" + strings.TrimSpace(id) + " description=x amount=100"
			if problem != "" {
				want += " !" + strings.TrimSpace(problem)
			}
			require.Equal(t, []string{want}, lines(t.Context(), t, f))
		})
	}
}
