package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The month before is that of the day by which invoices are issued, whatever the machine's zone.
func TestPreviousMonth(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]string{
		"2026-12-01T06:00:00+01:00": "2026-11",
		"2026-11-30T22:59:59Z":      "2026-10",
		"2026-11-30T23:00:00Z":      "2026-11", // December in Oslo
		"2026-05-31T22:00:00Z":      "2026-05", // June in Oslo, by its summer time
		"2027-01-31T12:00:00+01:00": "2026-12",
		"2028-03-31T12:00:00+02:00": "2028-02", // a leap year's February has no 31st
	} {
		moment, err := time.Parse(time.RFC3339, now)
		require.NoError(t, err)
		s := inputFlags{period: previousMonth}
		require.NoError(t, s.setPeriod(moment))
		require.Equal(t, want, s.period, now)
	}
}
