package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestOrganizationHomes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"974760673": {"NO"}, "NO 974 760 673 MVA": {"NO"}, "974760674": nil, "SE556036079301": {"SE"},
		"556036-0793": {"SE"},
		"0112038-9":   {"FI"}, "": nil, "x": nil, "æøå": nil,
	} {
		require.Equal(t, want, billing.OrganizationHomes(text), text)
	}
}

func TestKnownCountry(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"Norge": "NO", "sverige": "SE", "DE": "DE", "ax": "FI"} {
		code, ok := billing.KnownCountry(text)
		require.True(t, ok, text)
		require.Equal(t, want, code)
	}
	for _, text := range []string{"", "Oslo", "XX", "0151"} {
		_, ok := billing.KnownCountry(text)
		require.False(t, ok, text)
	}
	require.Equal(t, "NOK", billing.CurrencyOf("NO"))
	require.Empty(t, billing.CurrencyOf("DE"))
	require.Equal(t, 5, billing.PostalDigits("SE"))
	require.Equal(t, []string{"DK", "FI", "NO", "SE"}, billing.Homes())
}
