package billing_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestOneLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"Ærlig & Sønn, 100 % 😀 «x»", "Ærlig & Sønn, 100 % 😀 «x»"},
		{"a\nb\r\nc\rd\u2028e\u2029f\n", "a↵b↵c↵d↵e↵f↵"},
		{"a\tb", "a b"},
		{"\x1b[31ma\x00\a\b\x7fb\u0085\u009bc", "�[31ma����b��c"},
		{"\u202ea\u2066b\u2069", "�a�b�"},
		{"\ufeffa\u200bb\u200d\u200e\u00ad\u2060", "�a�b����"},
		{"a\xff\xc3b\ufffe", "a��b�"},
	} {
		require.Equal(t, test.want, billing.OneLine(test.in), "%q", test.in)
	}
}

func TestEscapeJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"{\n  \"a\": \"x \\u001b Ærlig 😀\"\n}\n", "{\n  \"a\": \"x \\u001b Ærlig 😀\"\n}\n"},
		{"\"\x7f\u009b\u202e\u2066\ufeff\u2028\"", `"\u007f\u009b\u202e\u2066\ufeff\u2028"`},
		{"\"\U0001fffe\"", `"\ud83f\udffe"`},
	} {
		got := billing.EscapeJSON([]byte(test.in))
		require.Equal(t, test.want, string(got))
		require.JSONEq(t, test.in, string(got))
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\r\nb\u009b\xff\u202e\U0001fffe")
	f.Fuzz(func(t *testing.T, text string) {
		line := billing.OneLine(text)
		require.True(t, utf8.ValidString(line))
		require.False(t, strings.ContainsFunc(line, billing.Hostile), "%q", line)
		document, err := json.Marshal(text)
		require.NoError(t, err)
		escaped := billing.EscapeJSON(document)
		require.False(t, strings.ContainsFunc(string(escaped), billing.Hostile), "%q", escaped)
		require.JSONEq(t, string(document), string(escaped))
	})
}
