package batch_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// The accounts lie in the journal with the run, and are no setting for the reader. Those that are given later
// take their place.
func TestAccountsAreKeptWithTheRun(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	s := b.settings(0, b.export(t, 2))
	accounts := billing.Accounts{
		Receivable: "1500", Revenue: billing.AccountsBy{"25": "3000"},
		VAT: billing.AccountsBy{"": "2700"},
	}
	s.Profile, s.Formats = &intake.Profile{Accounts: &accounts}, []report.Format{report.Postings}
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	run, err := b.journal.FindRun(t.Context(), result.Run)
	require.NoError(t, err)
	recorded, err := batch.AccountsOf(&run)
	require.NoError(t, err)
	require.Equal(t, &accounts, recorded)
	require.Empty(t, result.Summary.Run().Settings)
	posted := lines(t, result.Summary.Reports[0])
	require.Greater(t, len(posted), 1)

	rewriting := batch.Rewriting{Reports: filepath.Join(b.dir, "again"), Formats: s.Formats}
	again, err := batch.Rewrite(t.Context(), b.journal, result.Run, rewriting)
	require.NoError(t, err)
	require.Equal(t, posted, lines(t, again.Reports[0]))

	rewriting.Accounts = &billing.Accounts{Receivable: "1501", Revenue: accounts.Revenue, VAT: accounts.VAT}
	again, err = batch.Rewrite(t.Context(), b.journal, result.Run, rewriting)
	require.NoError(t, err)
	require.Equal(t, "1501", lines(t, again.Reports[0])[1][2])
	require.Equal(t, "1500", posted[1][2])
}

// Vouchers of earlier days are left out of the report of a run, and of one that is made again.
func TestPostingsFromADay(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	s := b.settings(0, b.export(t, 2))
	s.Profile = &intake.Profile{Accounts: &billing.Accounts{
		Receivable: "1500", Revenue: billing.AccountsBy{"": "3000"}, VAT: billing.AccountsBy{"": "2700"},
	}}
	s.Formats, s.PostingsFrom = []report.Format{report.Postings}, "2999-01-01"
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Len(t, lines(t, result.Summary.Reports[0]), 1)

	rewriting := batch.Rewriting{Reports: filepath.Join(b.dir, "again"), Formats: s.Formats}
	again, err := batch.Rewrite(t.Context(), b.journal, result.Run, rewriting)
	require.NoError(t, err)
	require.Greater(t, len(lines(t, again.Reports[0])), 1)

	rewriting.PostingsFrom = s.PostingsFrom
	again, err = batch.Rewrite(t.Context(), b.journal, result.Run, rewriting)
	require.NoError(t, err)
	require.Len(t, lines(t, again.Reports[0]), 1)
}
