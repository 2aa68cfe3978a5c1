package billing_test

import (
	"fmt"
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

func TestVATTotals(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range 60 {
		rows = append(rows, fmt.Sprintf("line_id=%d | amount=0.14 | vat=%s", i, []string{"12", "25"}[i%2]))
	}
	totals := group(t, rules(), sheet(rows...)...)[0].Order.VATTotals()
	require.Len(t, totals, 2)
	require.Equal(t, "25", totals[0].Rate.String())
	require.Equal(t, "12", totals[1].Rate.String())
	require.Equal(t, int64(420), totals[1].Gross.Minor())
	require.Equal(t, int64(60), totals[1].VAT.Minor(), "30 lines of 0.14 at 12 %, each 0.015 rounded to 0.02")
	require.Equal(t, int64(45), totals[1].OnSum.Minor())
}
