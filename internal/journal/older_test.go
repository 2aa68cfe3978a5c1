package journal

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal/journaltest"
)

// makeOld makes a journal as a program of an older schema left it.
func makeOld(t *testing.T, location string, version int, statements string) {
	t.Helper()
	driver, s := "sqlite", sqliteSchema()
	if Shared(location) {
		driver, s = "pgx", postgresSchema()
	}
	s.steps = s.steps[:version]
	db, err := sql.Open(driver, location)
	require.NoError(t, err)
	require.NoError(t, migrate(t.Context(), db, s))
	_, err = db.ExecContext(t.Context(), statements)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

const (
	oldRuns = `INSERT INTO runs (id, account, environment, period, flow, program, started_at, finished_at, tables, settings,
		control, exit_code, summary) VALUES `
	oldOrders = `INSERT INTO orders (account, reference, spread, hash, customer, customer_number, product, channel, currency,
		gross, vat, days_until_due, requested_due_date, flow, planned_at, state, session_id, code, updated_at, version, guard) VALUES `
	oldLinks = `INSERT INTO run_orders (run, seq, order_id, verdict, hash, customer, customer_number, product, currency, gross, vat,
		row_count) VALUES `
	oldAttempts = `INSERT INTO attempts (order_id, number, run, kind, guard, started_at, finished_at, http_status, meaning, detail) VALUES `
)

// What journals of the first and of the third version hold is kept, and completed by what it means.
func TestOlderJournals(t *testing.T) {
	t.Parallel()
	var server journaltest.Server
	t.Cleanup(server.Stop)
	for name, location := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "journal.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return server.Database(t) },
	} {
		t.Run(name+" version 1", func(t *testing.T) { testVersion1(t, location(t)) })
		t.Run(name+" version 3", func(t *testing.T) { testVersion3(t, location(t)) })
	}
}

func testVersion1(t *testing.T, location string) {
	t.Helper()
	makeOld(t, location, 1, oldRuns+`
		('SEP', 'T1', 'test', '2026-09', '', '', 10, 0, '[]', '', '{}', -1, ''),
		('OCT', 'T1', 'test', '2026-10', '', '', 20, 0, '[]', '', '{}', -1, ''),
		('NOV', 'T1', 'test', '2026-11', '', '', 30, 0, '[]', '', '{}', -1, '');
		INSERT INTO run_files (run, place, name, sha256, row_count) VALUES ('OCT', 0, 'oktober.csv', 'aa', 3);`+oldOrders+`
		('T1', 'A', 1, 'old', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'invoiced', '', '', 25, 3, '');
		INSERT INTO order_bodies SELECT id, CAST('{}' AS `+blob(location)+`), NULL FROM orders;`+oldLinks+`
		('SEP', 0, 1, 1, 'other', '', '', '', 'NOK', 1, 0, 1), ('OCT', 0, 1, 1, 'old', '', '', '', 'NOK', 1, 0, 1),
		('NOV', 0, 1, 2, 'old', '', '', '', 'NOK', 1, 0, 1)`)
	j, err := Open(t.Context(), location)
	require.NoError(t, err)
	defer func() { require.NoError(t, j.Close()) }()
	stored, err := j.Stored(t.Context(), "T1", []string{"A"})
	require.NoError(t, err)
	require.Equal(t, "2026-10", stored["A"].Period, "of the run that sent it, neither the one before nor the one after")
	run, err := j.FindRun(t.Context(), "OCT")
	require.NoError(t, err)
	require.Equal(t, []File{{Name: "oktober.csv", SHA256: "aa", Rows: 3}}, run.Files, "no register")
	for row, err := range j.LeftOut(t.Context(), "OCT") {
		require.NoError(t, err)
		require.Fail(t, "nothing was left out", row)
	}
	require.NoError(t, j.AppendLeftOut(t.Context(), "OCT", []billing.LeftOut{{Table: 1}}))
}

func blob(location string) string {
	if Shared(location) {
		return "BYTEA"
	}
	return "BLOB"
}

func testVersion3(t *testing.T, location string) {
	t.Helper()
	makeOld(t, location, 3, oldRuns+`
		('B', 'T1', 'test', '', '', '', 20, 25, '[]', '[{}]', '{"rows": 2}', 3, '{"balanced":true}'),
		('A', 'T1', 'test', '', '', '', 20, 25, 'null', '', '{}', 0, ''),
		('Z', 'T2', 'test', '', '', '', 10, 0, '[{"file":"z"}]', '', '{}', -1, '');`+oldOrders+`
		('T1', 'paid', 1, 'h1', 'Fjord', '', '', 'merchant', 'NOK', 1, 0, 14, '', '', 20, 'invoiced', 'S1', 'delivery.not_captured', 25, 3, 'strict'),
		('T1', 'doubt', 1, 'h2', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'in doubt', 'S2', '', 25, 3, 'strict'),
		('T1', 'left', 1, 'h3', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'sending', '', '', 25, 3, 'strict'),
		('T1', 'new', 1, 'h4', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'planned', '', '', 25, 1, ''),
		('T1', 'gone', 1, 'h5', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'voided', '', 'delivery.not_captured', 25, 1, '');`+oldAttempts+`
		(1, 1, 'A', 'create session', '', 1, 2, 200, 'made', ''), (1, 2, 'A', 'pay session', '', 3, 4, 0, 'not sent', ''),
		(1, 3, 'A', 'pay session', '', 5, 6, 200, 'invoiced', ''), (1, 4, 'A', 'capture', '', 7, 8, 400, 'rejected', ''),
		(2, 1, 'A', 'pay', 'strict', 1, 0, 0, '', ''), (2, 2, 'A', 'pay', 'strict', 3, 4, 500, 'in doubt', ''), (2, 3, 'A', 'lookup', '', 5, 6, 200, '', '')`)
	j, err := Open(t.Context(), location)
	require.NoError(t, err)
	defer func() { require.NoError(t, j.Close()) }()

	type extra struct {
		reference, step string
		sent            int
		sessionHash     string
	}
	scan := func(scan func(...any) error) (e extra, err error) {
		return e, scan(&e.reference, &e.step, &e.sent, &e.sessionHash)
	}
	found, err := selectAll(t.Context(), j.db, scan, `SELECT reference, step, sent, session_hash FROM orders ORDER BY id`)
	require.NoError(t, err)
	require.Equal(t, []extra{
		{"paid", "capture", 1, "h1"}, {"doubt", "look up", 2, ""}, {"left", "look up", 0, ""}, {"new", "", 0, ""}, {"gone", "", 0, ""},
	}, found)
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "C", Account: "T1", Started: time.Unix(0, 5)}))
	runs, err := j.Runs(t.Context(), "", 9)
	require.NoError(t, err)
	var ids []string
	for _, run := range runs {
		ids = append(ids, run.ID)
	}
	require.Equal(t, []string{"C", "B", "A", "Z"}, ids, "the one begun last, whatever its clock says")
	b, err := j.FindRun(t.Context(), "B")
	require.NoError(t, err)
	require.Equal(t, 2, b.Control.Rows)
	require.Equal(t, 3, b.ExitCode)
	require.Zero(t, b.Pruned)
}
