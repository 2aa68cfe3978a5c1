package intake

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ordre nr.": "ordrenr", "ORDRE_NR": "ordrenr", "Beløp": "belop", "Erä-päivä": "erapaiva",
		"Era\u0308pa\u0308iva\u0308": "erapaiva", "MVA %": "mva%",
		" Línea ": "linea", "æ": "ae", "": "",
	} {
		require.Equal(t, want, normalise(in), in)
	}
}

// TestMarkOfNumberAgreesWithMoney proves the fast judgement against the parser, but for the lone zero.
func TestMarkOfNumberAgreesWithMoney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringMatching(`-?[0-9]{0,4}[.,]?[0-9]{0,4}([.,][0-9]{0,3})?`).Draw(rt, "value")
		r := money.Read(value)
		want := noNumber
		switch {
		case r.Ambiguous():
			want = differs
		case r.DotOK && r.CommaOK:
			want = neutral
		case r.DotOK:
			want = onlyDot
		case r.CommaOK:
			want = onlyComma
		}
		if lone := regexp.MustCompile(`^-?0([.,])[0-9]{3}$`).FindStringSubmatch(value); lone != nil {
			want = map[string]markReading{".": onlyDot, ",": onlyComma}[lone[1]]
		}
		require.Equal(rt, want, markOfNumber(value), value)
	})
}

func TestDistance(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Beløbp", nearest([]string{"Dato", "Beløbp"}, []string{"beløp", "amount"}))
	require.Equal(t, "amuont", nearest([]string{"amuont"}, []string{"amount"}))
	require.Empty(t, nearest([]string{"customer"}, []string{"amount"}))
	require.Empty(t, nearest(nil, []string{"amount"}))
}

// FuzzDate holds that what is read as a date is one, and never another than the one that is written.
func FuzzDate(f *testing.F) {
	for _, s := range []string{
		"2026-01-31", "31.01.2026", "1/2/2026", "20260131", "2026-01-31T10:00:00+01:00",
		"31.1.26", "99.99.9999", "1.1.0000",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		d, ok := splitDate(value)
		if !ok {
			return
		}
		for _, order := range []dateOrder{dayFirst, monthFirst} {
			if iso, ok := d.iso(order); ok {
				date, err := billing.ParseDate(iso)
				require.NoError(t, err, value)
				require.NotEmpty(t, date)
				require.False(t, d.shortYear)
			}
		}
	})
}

// The quick look for texts that mean nothing passes none of them over.
func TestNullTextsAreBegun(t *testing.T) {
	t.Parallel()
	for text := range nullTexts {
		if isLetter(text[0]) {
			require.True(t, beginsNull(text), text)
		}
	}
	for _, word := range nullWords() {
		require.True(t, beginsNull(word), word)
	}
}
