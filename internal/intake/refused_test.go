package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// TestRefused holds every broken file of testdata against its refusal.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path   string
		code   string
		row    int
		column string
		says   []string // parts of the message
	}{
		{"csv/blank.csv", "file.empty", 0, "", nil},
		{"csv/constants.csv", "header.missing_column", 1, "description", nil},
		{"csv/date_ambiguous.csv", "date.ambiguous", 2, "due_date", []string{`2026-04-03`, `2026-03-04`}},
		{"csv/date_contradiction.csv", "date.contradiction", 3, "due_date", []string{`row 2`, `row 3`}},
		{"csv/empty.csv", "file.empty", 0, "", nil},
		{
			"csv/excl_vat.csv", "header.vat", 1, "Beløp eks. mva",
			[]string{`"Beløp eks. mva" says without VAT, but prices are read with VAT`, `--prices excl_vat`},
		},
		{"csv/footer.csv", "csv.ragged", 4, "", nil},
		{"csv/giant_cell.csv", "csv.limit", 2, "", []string{`1048576`}},
		{"csv/header_only.csv", "file.no_rows", 1, "", nil},
		{"csv/html.csv", "file.format", 0, "", nil},
		{"csv/lone_cr.csv", "csv.ragged", 2, "", []string{"line 2 has a carriage return (CR) between cells"}},
		{
			"csv/missing_amount.csv", "header.missing_column", 1, "amount",
			[]string{`did you mean "ammount"`, `"unit_price"`},
		},
		{"csv/missing_description.csv", "header.missing_column", 1, "description", nil},
		{"csv/mixed_encodings.csv", "file.encoding", 0, "", []string{`line 3`, `0xf8`}},
		{"csv/nul.csv", "csv.nul", 0, "", []string{`line 2`}},
		{
			"csv/number_ambiguous.csv", "number.ambiguous", 3, "amount",
			[]string{`"1.234" can be read as 1.234 or as 1234`, `decimal: ","`},
		},
		{
			"csv/number_contradiction.csv", "number.contradiction", 3, "amount",
			[]string{`row 2 has "1,5"`, `row 3 has "1.5"`},
		},
		{"csv/pdf.csv", "file.format", 0, "", nil},
		{"csv/quote_bare.csv", "csv.quote", 3, "", []string{`line 3`}},
		{"csv/quote_extra.csv", "csv.quote", 2, "", []string{`opened on line 2`}},
		{"csv/quote_open.csv", "csv.quote", 3, "", []string{`opened on line 3`}},
		{"csv/quote_swallows.csv", "csv.quote", 2, "description", []string{`opened on line 2`, `3 lines`}},
		{"csv/ragged_long.csv", "csv.ragged", 3, "", nil},
		{"csv/ragged_multiline.csv", "csv.ragged", 3, "", []string{`line 4 has 3 cells where the header has 4`}},
		{"csv/ragged_short.csv", "csv.ragged", 3, "", nil},
		{"csv/totals_only_blank_rows.csv", "file.no_rows", 1, "", nil},
		{
			"csv/two_amounts.csv", "header.unread", 1, "Sum",
			[]string{`"Sum" is not understood, and speaks of money`, `ignore: ["Sum"]`},
		},
		{"csv/undefined_1252.csv", "file.encoding", 0, "", nil},
		{"xlsx/hidden.xlsx", "xlsx.hidden_rows", 3, "", []string{"row 3 of the list is hidden"}},
		{"csv/utf16_no_mark.csv", "csv.nul", 0, "", nil},
		{"csv/wide.csv", "csv.limit", 1, "", nil},
		{"xlsx/archive.xlsx", "file.format", 0, "", nil},
		{"xlsx/bad_checksum.xlsx", "xlsx.damaged", 0, "", nil},
		{"xlsx/bad_entity.xlsx", "xlsx.damaged", 2, "", nil},
		{"xlsx/bad_string_index.xlsx", "xlsx.damaged", 2, "", []string{`shared text "-1"`}},
		{"xlsx/bad_tag.xlsx", "xlsx.damaged", 1, "", nil},
		{"xlsx/bomb.xlsx", "xlsx.limit", 0, "", nil},
		{"xlsx/control_character.xlsx", "xlsx.damaged", 2, "", nil},
		{"xlsx/cut_sheet.xlsx", "xlsx.damaged", 1, "", nil},
		{"xlsx/doctype.xlsx", "xlsx.damaged", 0, "", nil},
		{"xlsx/empty.xlsx", "file.empty", 0, "", nil},
		{"xlsx/missing.xlsx", "header.missing_column", 1, "description", nil},
		{"xlsx/no_sheet_part.xlsx", "xlsx.damaged", 0, "", []string{`xl/worksheets/sheet1.xml is missing`}},
		{"xlsx/old_format.xlsx", "xlsx.old_format", 0, "", nil},
		{"xlsx/opendocument.xlsx", "file.format", 0, "", nil},
		{"xlsx/password.xlsx", "xlsx.password", 0, "", nil},
		{"xlsx/row_beyond.xlsx", "xlsx.damaged", 2, "", nil},
		{"xlsx/row_order.xlsx", "xlsx.damaged", 2, "", nil},
		{"xlsx/string_beyond.xlsx", "xlsx.damaged", 3, "", nil},
		{"xlsx/text.xlsx", "xlsx.damaged", 0, "", nil},
		{"xlsx/truncated.xlsx", "xlsx.damaged", 0, "", nil},
		{"xlsx/two_amounts.xlsx", "header.unread", 1, "total", nil},
		{"xlsx/two_roots.xlsx", "xlsx.damaged", 3, "", nil},
		{"xlsx/two_sheets.xlsx", "xlsx.ambiguous_sheet", 0, "", []string{`"Lines", "More"`}},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, tc.path, nil)
			var refusal *intake.Error
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, tc.code, refusal.Code)
			require.Equal(t, tc.row, refusal.Row)
			require.Equal(t, tc.column, refusal.Column)
			require.NotEmpty(t, refusal.Hint)
			require.Contains(t, tc.path, refusal.File)
			for _, part := range tc.says {
				require.Contains(t, err.Error(), part)
			}
		})
	}
}
