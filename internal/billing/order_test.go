package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHash(t *testing.T) {
	t.Parallel()
	hash := func(rows ...string) string { return group(t, rules(), sheet(rows...)...)[0].Order.Hash() }
	base := hash("line_id= | amount=1.00", "amount=2.00")
	require.Equal(t, base, hash("line_id= | amount=2.00", "amount=1.00"), "the order of rows is not content")
	require.NotEqual(t, base, hash("line_id= | amount=2.00", "amount=1.01"))
	require.NotEqual(t, base, hash("line_id=x | amount=1.00", "amount=2.00"))
	require.NotEqual(t, hash(""), hash("email=kari@nordmann.no"))
	require.NotEqual(t, hash(""), hash("days_until_due=31"))
	tomorrow := rules()
	tomorrow.Today = "2026-11-23"
	const due = "days_until_due= | due_date=2026-12-22"
	require.Equal(t, hash(due), group(t, tomorrow, record(due))[0].Order.Hash(), "the day of the run is not content")
}
