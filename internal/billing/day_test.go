package billing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

// IsDay agrees with package time.
func TestIsDay(t *testing.T) {
	t.Parallel()
	check := func(text string) {
		_, err := time.Parse(time.DateOnly, text)
		require.Equal(t, err == nil, billing.IsDay(text), text)
	}
	for day := time.Date(1899, 12, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2105; day = day.AddDate(0, 0, 1) {
		check(day.Format(time.DateOnly))
	}
	for _, text := range []string{
		"", "0000-01-01", "0000-02-29", "2026-02-29", "2028-02-29", "2026-04-31",
		"2026-13-01", "2026-1-01", "2026-01-001", "+026-01-01", "2026-01-32", "2026-00-10",
	} {
		check(text)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(rapid.StringMatching(`[0-9]{4}[-/][0-9 ]{2}-[0-4][0-9]`).Draw(t, "text"))
	})
}
