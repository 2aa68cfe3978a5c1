package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestFinalOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, billing.FinalInvoiced, billing.FinalOf(billing.ToSend, &billing.Outcome{State: billing.Invoiced}))
	require.Equal(t, billing.FinalAlreadyInvoiced,
		billing.FinalOf(billing.Already, &billing.Outcome{State: billing.Invoiced}))
	require.Equal(t, billing.FinalConflict,
		billing.FinalOf(billing.Mismatched, &billing.Outcome{State: billing.Invoiced}))
	require.Equal(t, billing.FinalNotAttempted,
		billing.FinalOf(billing.ToSend, &billing.Outcome{State: billing.Planned}))
	require.Equal(t, billing.FinalInDoubt, billing.FinalOf(billing.ToSend, &billing.Outcome{State: billing.Sending}))
	require.Equal(t, billing.FinalAlreadyInvoiced,
		billing.FinalOf(billing.ToSend, &billing.Outcome{State: billing.Invoiced, Code: billing.CodeAdopted}))
	for _, s := range billing.States() {
		parsed, err := billing.ParseState(s.String())
		require.NoError(t, err)
		require.Equal(t, s, parsed)
	}
}

func TestPaymentOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ status, due, want string }{
		{"unpaid", "2026-11-22", "unpaid"},
		{"unpaid", "2026-11-21", "overdue"},
		{"part-paid", "2026-11-21", "part-paid, overdue"},
		{"paid", "2026-11-21", "paid"},
		{"unpaid", "", "unpaid"},
	} {
		o := billing.Outcome{State: billing.Invoiced, PaymentStatus: tt.status, DueDate: billing.Date(tt.due)}
		require.Equal(t, tt.want, o.PaymentOn("2026-11-22"))
	}
	o := billing.Outcome{State: billing.Voided, PaymentStatus: "voided", DueDate: "2020-01-01"}
	require.Equal(t, "voided", o.PaymentOn("2026-11-22"))
}
