package journal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// An order has the period of the run that made it as it is stored, whichever runs have it later.
func TestPeriodOfAnOrder(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		for id, period := range map[string]string{"OCT": "2026-10", "NOV": "2026-11"} {
			require.NoError(t,
				j.BeginRun(t.Context(),
					journal.Run{
						ID: id, Account: account, Environment: "test", Period: period,
						Started: time.Unix(1_800_000_000, 0),
					}))
		}
		for _, tt := range []struct {
			reference string
			state     billing.State
			hash      string // of the second plan
			want      string
		}{
			{"same", billing.Invoiced, "old", "2026-10"},
			{"other", billing.Invoiced, "new", "2026-10"},
			{"doubt", billing.InDoubt, "old", "2026-10"},
			{"unsent", billing.Planned, "old", "2026-11"},
			{"changed", billing.Planned, "new", "2026-11"},
			{"rejected", billing.Rejected, "old", "2026-11"},
		} {
			first := enterOne(t, j, "OCT", entry(len(tt.reference)*10+int(tt.state), tt.reference, "old"))
			require.Equal(t, "2026-10", first.Stored.Period)
			if tt.state != billing.Planned {
				conclude(t, j, "OCT", first.Stored, billing.Outcome{State: tt.state})
			}
			second := enterOne(t, j, "NOV", entry(len(tt.reference)*10+int(tt.state), tt.reference, tt.hash))
			require.Equal(t, tt.want, second.Stored.Period, tt.reference)
			stored, err := j.Stored(t.Context(), account, []string{tt.reference})
			require.NoError(t, err)
			require.Equal(t, tt.want, stored[tt.reference].Period, tt.reference)
			require.Equal(t, tt.want, ordersOf(t, j.View, "NOV")[tt.reference].Order.Period, tt.reference)
		}
	})
}
