package report

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	plain, excel := dialectOf(CSV).others, dialectOf(ExcelCSV).others
	tests := []struct{ in, plain, excel string }{
		{
			`=HYPERLINK("http://evil.example","pay")`, `'=HYPERLINK("http://evil.example","pay")`,
			`'=HYPERLINK("http://evil.example","pay")`,
		},
		{"=1+1", "'=1+1", "'=1+1"},
		{"@SUM(A1)", "'@SUM(A1)", "'@SUM(A1)"},
		{"+47", "'+47", "'+47"},
		{"-12", "'-12", "'-12"},
		{"-", "'-", "'-"},
		{"\t=1", "'\t'=1", "'\t'=1"},
		{"\r=1", "\n'=1", "\n'=1"},
		{" =1", "' =1", "' =1"},
		{`"=1`, `"=1`, `"=1`},
		{"x;=2+2", "x;'=2+2", "x;=2+2"},
		{"x,=2+2", "x,=2+2", "x,'=2+2"},
		{`x; "=2+2`, `x; '"=2+2`, `x; "=2+2`},
		{`x, "=2+2`, `x, "=2+2`, `x, '"=2+2`},
		{"x;+4;-4;@A", "x;'+4;'-4;'@A", "x;+4;-4;@A"},
		{"x,+4,-4,@A", "x,+4,-4,@A", "x,'+4,'-4,'@A"},
		{"x\t=2", "x\t'=2", "x\t'=2"},
		{"x\n=2", "x\n'=2", "x\n'=2"},
		{"x\u2028=2", "x\n'=2", "x\n'=2"},
		{";,;,", ";,;,", ";,;,"},
		{"a; b=1, c-2", "a; b=1, c-2", "a; b=1, c-2"},
		{"a=1", "a=1", "a=1"},
		{"", "", ""},
		{"Ærlig & Sønn", "Ærlig & Sønn", "Ærlig & Sønn"},
		{"a\x00b\u202ec\x1bd", "a\ufffdb\ufffdc\ufffdd", "a\ufffdb\ufffdc\ufffdd"},
		{"a\xffb", "a\ufffdb", "a\ufffdb"},
		{"a\r\nb\rc", "a\nb\nc", "a\nb\nc"},
	}
	for _, test := range tests {
		require.Equal(t, test.plain, guardText(test.in, plain), "%q", test.in)
		require.Equal(t, test.excel, guardText(test.in, excel), "%q", test.in)
	}
}

func TestCellOfDialect(t *testing.T) {
	t.Parallel()
	plain, excel := dialectOf(CSV), dialectOf(ExcelCSV)
	// number: of a column of ours that holds numbers, with a decimal comma
	tests := []struct{ in, plain, excel, number string }{
		{"12.50", "12.50", "12.50", "12,50"},
		{"-12.50", "-12.50", "-12.50", "-12,50"},
		{"12,50", `"12,50"`, "12,50", "12,50"},
		{"-12,50", `"-12,50"`, "-12,50", "-12,50"},
		{"-3", "-3", "-3", "-3"},
		{"2", "2", "2", "2"},
		{"-2.5.1", "'-2.5.1", "'-2.5.1", "'-2.5.1"},
		{"1.234,50", `"1.234,50"`, `"1.234,50"`, `"1.234,50"`},
		{"-ca 5.5", "'-ca 5.5", "'-ca 5.5", "'-ca 5.5"},
		{"--1", "'--1", "'--1", "'--1"},
		{"-1e5", "'-1e5", "'-1e5", "'-1e5"},
		{"-1+1", "'-1+1", "'-1+1", "'-1+1"},
		{"+4740000011", "+4740000011", "+4740000011", "+4740000011"},
		{"+1", "+1", "+1", "+1"},
		{"+", "'+", "'+", "'+"},
		{"++47", "'++47", "'++47", "'++47"},
		{"+47 abc", "'+47 abc", "'+47 abc", "'+47 abc"},
		{"+47 40000011", "'+47 40000011", "'+47 40000011", "'+47 40000011"},
		{"+47\t1", "\"'+47\t1\"", "\"'+47\t1\"", "\"'+47\t1\""},
		{"+1.5", "'+1.5", "'+1.5", "'+1.5"},
		{"+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"},
		{"+١", "'+١", "'+١", "'+١"},
		{"=1+1", "'=1+1", "'=1+1", "'=1+1"},
		{"@x", "'@x", "'@x", "'@x"},
		{"x;=2", `"x;'=2"`, `"x;=2"`, `"x;=2"`},
		{"x,=2", `"x,=2"`, `"x,'=2"`, `"x,'=2"`},
		{"2026-11-22", "2026-11-22", "2026-11-22", "2026-11-22"},
		{"", "", "", ""},
	}
	for _, test := range tests {
		require.Equal(t, test.plain, plain.cell(test.in), "%q", test.in)
		require.Equal(t, test.excel, excel.cell(test.in), "%q", test.in)
		require.Equal(t, test.number, excel.number(test.in), "%q", test.in)
	}
}

// FuzzGuard has any two cells in a line that three spreadsheets read, each with another separator.
func FuzzGuard(f *testing.F) {
	for _, seed := range []string{
		"=1", "-1", "-", "\t", "+47", "-1,5", "\r\n=2", "a\u2066b", "x;=2", `x;"=2`,
		`";"=2`, "x;", `x;""`, "\n\n@", ";\t=", "x,=2", `x,"=2`, "x,", "-1.5",
	} {
		f.Add(seed, seed)
		f.Add("x", seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, d := range []dialect{dialectOf(CSV), dialectOf(ExcelCSV)} {
			for _, last := range []string{d.cell(second), d.number(second)} {
				noFormulas(t, d.text(first)+string(d.separator)+last+"\r\n")
			}
			file := d.text(first) + string(d.separator) + d.cell(second) + "\r\n"
			reader := csv.NewReader(strings.NewReader(file))
			reader.Comma = rune(d.separator)
			got, err := reader.ReadAll()
			want := []string{guardText(first, d.others), guardText(second, d.others)}
			if isNumber(second) || isPhone(second) {
				want[1] = second
			}
			if err != nil || len(got) > 1 || len(got) == 1 && !slices.Equal(got[0], want) {
				t.Fatalf("%q is read back as %q, %v", file, got, err)
			}
		}
	})
}

func noFormulas(t *testing.T, file string) {
	t.Helper()
	if strings.ContainsAny(strings.ReplaceAll(file, "\r\n", ""), "\x00\r\x1b\x7f") {
		t.Fatalf("%q keeps control characters", file)
	}
	for _, separator := range ",;\t" {
		for _, cell := range leniently(strings.ReplaceAll(file, "\r\n", "\n"), byte(separator)) {
			if runs(strings.TrimLeft(cell, " ")) && !isNumber(cell) && !isPhone(cell) {
				t.Fatalf("%q has the formula %q for a reader with %q", file, cell, separator)
			}
		}
	}
}

// leniently reads as spreadsheets do: a quote counts at the beginning of a cell only, and what follows the
// closing one is kept.
func leniently(file string, separator byte) []string {
	var cells []string
	for i := 0; i < len(file); i++ {
		var cell strings.Builder
		if file[i] == '"' {
			for i++; i < len(file); i++ {
				if file[i] == '"' {
					if i+1 == len(file) || file[i+1] != '"' {
						i++
						break
					}
					i++
				}
				cell.WriteByte(file[i])
			}
		}
		for ; i < len(file) && file[i] != separator && file[i] != '\n'; i++ {
			cell.WriteByte(file[i])
		}
		cells = append(cells, cell.String())
	}
	return cells
}

func TestFit(t *testing.T) {
	t.Parallel()
	require.Equal(t, strings.Repeat("x", maxCell), fit(strings.Repeat("x", maxCell)))
	require.Equal(t, strings.Repeat("ø", maxCell), fit(strings.Repeat("ø", maxCell)),
		"counted in characters, not bytes")
	for _, text := range []string{
		strings.Repeat("x", 40_000), strings.Repeat("😀", 20_000),
		"a" + strings.Repeat("😀", 20_000),
	} {
		got := fit(text)
		require.LessOrEqual(t, len(utf16.Encode([]rune(got))), maxCell)
		require.True(t, strings.HasSuffix(got, "… [cut]"))
		require.NotContains(t, got, "\ufffd")
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"12.50": "12.5", "-0.05": "-0.05", "7": "7", "007": "7", "-00.50": "-0.5", "0.00": "0", "-0": "0",
		"100": "100", "0.000000000000001": "0.000000000000001",
		"999999999999999": "999999999999999", "1234567890123456": "", "0.1234567890123456": "", "12,5": "",
		"abc": "", "": "", "-": "", "1e5": "", ".5": "",
	} {
		require.Equal(t, want, number(in), "%q", in)
	}
}

// A program with binary numbers reads the same digits from the workbook as the text has.
func TestNumberIsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,9}(\.[0-9]{1,6})?`).Draw(t, "text")
		n, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		require.Equal(t, strings.TrimPrefix(strconv.FormatFloat(n, 'f', -1, 64), "-"),
			strings.TrimPrefix(number(text), "-"))
		require.Equal(t, n < 0, strings.HasPrefix(number(text), "-"))
	})
}

func TestSerial(t *testing.T) {
	t.Parallel()
	require.Equal(t, "46348", serial("2026-11-22", "2006-01-02"))
	require.Equal(t, "46348.5", serial("2026-11-22 12:00:00", timeLayout))
	require.Equal(t, "46348.0000115740", serial("2026-11-22 00:00:01", timeLayout)+"0", "a second")
	for _, text := range []string{"22.11.2026", "", "1899-01-01", "1960-01-01"} {
		require.Empty(t, serial(text, "2006-01-02"), text)
	}
}

func TestOwnColumns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		tables []billing.Table
		names  []string
		at     [][]int
	}{
		{
			"shown already and colliding",
			[]billing.Table{{
				Header: []string{
					"order_reference", "amount", "vat", "customer", "Note", "Note", "", "state",
					"changed",
				},
				Known: []billing.Column{
					billing.ColOrderReference, billing.ColAmount, billing.ColVAT, 0, 0, 0, 0, 0,
					0,
				},
			}},
			[]string{
				"input_amount", "input_customer", "Note", "input_Note", "column_7", "input_state",
				"input_changed",
			},
			[][]int{{-1, 0, -1, 1, 2, 3, 4, 5, 6}},
		},
		{
			"same name but read as another column",
			[]billing.Table{
				{
					Header: []string{"description", "Ordrenr"},
					Known:  []billing.Column{billing.ColItemID, billing.ColOrderReference},
				},
			},
			[]string{"input_description", "Ordrenr"},
			[][]int{{0, 1}},
		},
		{
			"two tables share a header",
			[]billing.Table{
				{Header: []string{"A", "B"}, Known: []billing.Column{0, 0}},
				{Header: []string{"B", "C"}, Known: []billing.Column{0, 0}},
			},
			[]string{"A", "B", "C"},
			[][]int{{0, 1}, {1, 2}},
		},
		{
			"input_ is taken too",
			[]billing.Table{
				{Header: []string{"input_amount", "amount"}, Known: []billing.Column{0, billing.ColAmount}},
			},
			[]string{"input_amount", "input_input_amount"},
			[][]int{{0, 1}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := ownColumns(test.tables, append(fixedColumns(), lastColumns(true)...))
			require.Equal(t, test.names, o.names)
			require.Equal(t, test.at, o.at)
		})
	}
}
