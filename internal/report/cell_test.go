package report

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{`=HYPERLINK("http://evil.example","pay")`, `'=HYPERLINK("http://evil.example","pay")`},
		{"=1+1", "'=1+1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"+4799999999", "'+4799999999"},
		{"+1", "'+1"},
		{"-", "'-"},
		{"--1", "'--1"},
		{"-1+1", "'-1+1"},
		{"-2.5.1", "'-2.5.1"},
		{"-1e5", "'-1e5"},
		{"-12.50", "-12.50"},
		{"-12,50", "-12,50"},
		{"-3", "-3"},
		{"12.50", "12.50"},
		{"\t=1", "'\t=1"},
		{"\r=1", "'\n=1"},
		{"a=1", "a=1"},
		{"", ""},
		{"Ærlig & Sønn", "Ærlig & Sønn"},
		{"a\x00b\u202ec\x1bd", "a\ufffdb\ufffdc\ufffdd"},
		{"a\xffb", "a\ufffdb"},
		{"a\r\nb\rc", "a\nb\nc"},
	}
	for _, test := range tests {
		require.Equal(t, test.want, guard(test.in), "%q", test.in)
	}
}

func FuzzGuard(f *testing.F) {
	for _, seed := range []string{"=1", "-1", "-", "\t", "+47", "-1,5", "\r\n=2", "a\u2066b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := guard(text)
		if got != "" && strings.ContainsRune("=+@\t\r", rune(got[0])) {
			t.Fatalf("%q is still a formula: %q", text, got)
		}
		if strings.HasPrefix(got, "-") && strings.Trim(got, "-0123456789.,") != "" {
			t.Fatalf("%q is no number: %q", text, got)
		}
		if strings.ContainsAny(got, "\x00\r\x1b") {
			t.Fatalf("%q keeps control characters: %q", text, got)
		}
	})
}

func TestFit(t *testing.T) {
	t.Parallel()
	require.Equal(t, strings.Repeat("x", maxCell), fit(strings.Repeat("x", maxCell)))
	require.Equal(t, strings.Repeat("ø", maxCell), fit(strings.Repeat("ø", maxCell)), "counted in characters, not bytes")
	for _, text := range []string{strings.Repeat("x", 40_000), strings.Repeat("😀", 20_000), "a" + strings.Repeat("😀", 20_000)} {
		got := fit(text)
		require.LessOrEqual(t, len(utf16.Encode([]rune(got))), maxCell)
		require.True(t, strings.HasSuffix(got, "… [cut]"))
		require.NotContains(t, got, "\ufffd")
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want any
	}{
		{"12.50", 12.5},
		{"-0.05", -0.05},
		{"7", int64(7)},
		{"999999999999999", int64(999999999999999)},
		{"1234567890123456", nil},
		{"12,5", nil},
		{"abc", nil},
		{"", nil},
		{"1e5", nil},
		{".5", nil},
	}
	for _, test := range tests {
		require.Equal(t, test.want, number(test.in), "%q", test.in)
	}
}

func TestSerial(t *testing.T) {
	t.Parallel()
	require.Equal(t, int64(46348), serial("2026-11-22", "2006-01-02"))
	require.InDelta(t, 46348.5, serial("2026-11-22 12:00:00", timeLayout), 1e-9)
	require.Nil(t, serial("22.11.2026", "2006-01-02"))
	require.Nil(t, serial("", "2006-01-02"))
	require.Nil(t, serial("1899-01-01", "2006-01-02"))
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
				Header: []string{"order_reference", "amount", "vat", "customer", "Note", "Note", "", "state", "changed"},
				Known:  []string{"order_reference", "amount", "vat", "", "", "", "", "", ""},
			}},
			[]string{"input_amount", "input_customer", "Note", "input_Note", "column_7", "input_state", "input_changed"},
			[][]int{{-1, 0, -1, 1, 2, 3, 4, 5, 6}},
		},
		{
			"same name but read as another column",
			[]billing.Table{{Header: []string{"description", "Ordrenr"}, Known: []string{"item_id", "order_reference"}}},
			[]string{"input_description", "Ordrenr"},
			[][]int{{0, 1}},
		},
		{
			"two tables share a header",
			[]billing.Table{
				{Header: []string{"A", "B"}, Known: []string{"", ""}},
				{Header: []string{"B", "C"}, Known: []string{"", ""}},
			},
			[]string{"A", "B", "C"},
			[][]int{{0, 1}, {1, 2}},
		},
		{
			"input_ is taken too",
			[]billing.Table{{Header: []string{"input_amount", "amount"}, Known: []string{"", "amount"}}},
			[]string{"input_amount", "input_input_amount"},
			[][]int{{0, 1}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := ownColumns(test.tables)
			require.Equal(t, test.names, o.names)
			require.Equal(t, test.at, o.at)
		})
	}
}
