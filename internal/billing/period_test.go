package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestOtherPeriod(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		state               billing.State
		earlier, now        string
		wantMessage, wantIf string
	}{
		{
			billing.Invoiced, "2026-10", "2026-11",
			"order A-7 was invoiced for period 2026-10 by an earlier run, and this run is for period 2026-11",
			"to invoice the order for 2026-11 too, give it a reference of its own, " +
				"such as this one with 2026-11 in front; if not, there is nothing to do",
		},
		{
			billing.Registered, "", "2026-11",
			"order A-7 was registered without a period by an earlier run, and this run is for period 2026-11",
			"to invoice the order for 2026-11 too, give it a reference of its own, " +
				"such as this one with 2026-11 in front; if not, there is nothing to do",
		},
		{
			billing.Voided, "2026-10", "",
			"order A-7 was invoiced and cancelled for period 2026-10 by an earlier run, and this run has no period",
			"to invoice the order for this run too, give it a reference of its own; " +
				"if it is the file of 2026-10 again, use --period 2026-10",
		},
		{
			billing.InDoubt, "2026-10", "2026-11",
			"order A-7 was sent for period 2026-10 by an earlier run, and this run is for period 2026-11",
			"to invoice the order for 2026-11 too, give it a reference of its own, " +
				"such as this one with 2026-11 in front; if not, there is nothing to do",
		},
	} {
		place := billing.Place{File: "november.csv", Row: 8}
		require.Equal(t, billing.Problem{
			Code: "order.other_period", Severity: billing.Warning, Place: place, Column: "order_reference",
			Value:   "A-7",
			Message: tt.wantMessage, Hint: tt.wantIf,
		}, billing.OtherPeriod(place, "A-7", tt.state, tt.earlier, tt.now))
	}
	for _, state := range billing.States() {
		require.NotEmpty(t, billing.OtherPeriod(billing.Place{}, "A", state, "2026-10", "2026-11").Message)
	}
}
