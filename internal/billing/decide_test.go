package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	type decision struct {
		verdict billing.Verdict
		replace bool
	}
	for state, want := range map[billing.State]struct{ same, other decision }{
		billing.Planned:    {decision{billing.ToSend, true}, decision{billing.ToSend, true}},
		billing.Failed:     {decision{billing.ToSend, true}, decision{billing.ToSend, true}},
		billing.Rejected:   {decision{billing.ToSend, true}, decision{billing.ToSend, true}},
		billing.Sending:    {decision{billing.ToSend, false}, decision{billing.Mismatched, false}},
		billing.InDoubt:    {decision{billing.ToSend, false}, decision{billing.Mismatched, false}},
		billing.Registered: {decision{billing.Already, false}, decision{billing.Mismatched, false}},
		billing.Invoiced:   {decision{billing.Already, false}, decision{billing.Mismatched, false}},
		billing.Voided:     {decision{billing.Already, false}, decision{billing.Mismatched, false}},
		billing.Conflict:   {decision{billing.Already, false}, decision{billing.Mismatched, false}},
	} {
		var got decision
		got.verdict, got.replace = billing.Decide(state, true)
		require.Equal(t, want.same, got, "%s, same content", state)
		got.verdict, got.replace = billing.Decide(state, false)
		require.Equal(t, want.other, got, "%s, other content", state)
	}
	require.Len(t, billing.States(), 9, "a new state needs a row")
}
