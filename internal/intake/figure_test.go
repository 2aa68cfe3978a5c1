package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A figure of ASCII is one without the regular expression too.
func TestFigure(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"1": true, "-1 250,50": true, "2026-01-31": true, "+47 99 99 99 99": true, "kr 12": true, "12kr": true,
		"NOK12": true, "1 eur": true, "٣": false,
		"12 €": true, "kr ٣1": true, "": false, "-": false, "kr": false, "k1r": false, "k 12 r": false,
		"INV-2026": false, "12 stk": false, "kr 12 kr": false, "12 krø": false,
	} {
		require.Equal(t, want, figure(text), text)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(kr|nok|NOK|Eur|ab|abc|x)? ?[-+]?[0-9 .,]{0,6} ?(kr|SEK|usd|chf|ab|m)?`).Draw(
			t, "text")
		digit := rapid.StringMatching(`[0-9]`).Draw(t, "digit")
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		text = text[:at] + digit + text[at:]
		letters := 0
		for _, c := range text {
			if c >= 'A' {
				letters++
			}
		}
		require.Equal(t, letters == 0 || letters <= 3 && figureText.MatchString(text), figure(text), text)
	})
}

// A header of digits alone is known in the list too.
func TestNamesOfDigits(t *testing.T) {
	t.Parallel()
	n := &headerIndex{byName: map[string][]synonym{}}
	n.add("Beløp", synonym{})
	require.True(t, n.names("BELØP"))
	require.False(t, n.names("2026"))
	n.add("2026", synonym{})
	require.True(t, n.names("2026"))
	require.False(t, n.names("2027"))
}
