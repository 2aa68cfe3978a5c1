package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestAccountOf(t *testing.T) {
	t.Parallel()
	by := billing.AccountsBy{"25": "3000", "0": "3100", "eu": "3108", "6": "3200", "6%": "3006", "11.11": "3011"}
	for _, c := range []struct {
		share billing.VATShare
		want  string
	}{
		{billing.VATShare{Rate: 2500}, "3000"},
		{billing.VATShare{Rate: 2500, Treatment: "3"}, "3000"}, // no such treatment is listed
		{billing.VATShare{Rate: 0, Treatment: " EU"}, "3108"},
		{billing.VATShare{Rate: 0, Treatment: "6"}, "3200"},
		{billing.VATShare{Rate: 600}, "3006"},
		{billing.VATShare{Rate: 1111}, "3011"},
		{billing.VATShare{Rate: 1500}, ""},
		{billing.VATShare{Rate: 1500, Treatment: "31"}, ""},
	} {
		require.Equal(t, c.want, by.Of(&c.share), c.share)
	}
	all := billing.AccountsBy{"": "3000"}
	require.Equal(t, "3000", all.Of(&billing.VATShare{Rate: 1500, Treatment: "31"}))
	require.Equal(t, "3000", all.Of(&billing.VATShare{}))
}
