package journal

import (
	"database/sql"
	"path/filepath"
	"strings"
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
	_, err = j.AppendLeftOut(t.Context(), "OCT", Sequence(billing.LeftOut{Table: 1}))
	require.NoError(t, err)
}

// What is due is found among all orders of an account by an index, in its order, whatever PostgreSQL knows of
// the table.
func TestDueUsesTheIndexOfPostgres(t *testing.T) {
	t.Parallel()
	var server journaltest.Server
	t.Cleanup(server.Stop)
	j, err := Open(t.Context(), server.Database(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, j.Close()) }()
	_, err = j.db.ExecContext(t.Context(), `INSERT INTO orders (account, reference, bucket, hash, customer, customer_number, product, channel, currency,
		gross, vat, days_until_due, requested_due_date, flow, planned_at, state, updated_at, version, run, step, due_at)
		SELECT 'T1', n, n * 7919, '', '', '', '', '', 'NOK', 1, 0, 14, '', '', 1, 'planned', 1, 1, 'R1', 'send', n FROM generate_series(1, 20000) n;
		INSERT INTO order_bodies SELECT id, '{}' FROM orders`)
	require.NoError(t, err)
	work := Work{Account: "T1", Run: "R1"}
	scan := func(scan func(...any) error) (detail string, err error) { return detail, scan(&detail) }
	for _, statement := range []string{"SELECT 1", "ANALYZE"} {
		_, err = j.db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
		for _, shard := range []Shard{{}, {Index: 3, Count: 8}} {
			work.Shard = shard
			plan, err := selectAll(t.Context(), j.db, scan,
				`EXPLAIN SELECT b.body, o.id FROM orders o JOIN order_bodies b ON b.order_id = o.id WHERE `+mine+
					` ORDER BY o.due_at, o.id LIMIT $7`, append(work.args(billing.StepSend, time.Now()), 200)...)
			require.NoError(t, err)
			text := strings.Join(plan, "\n")
			require.Contains(t, text, "orders_due")
			require.NotContains(t, text, "Sort", statement)
		}
	}
}

// What other runs left unsent is found among all that was ever sent by the index, whatever PostgreSQL knows
// of the table.
func TestShelveUsesTheIndexOfPostgres(t *testing.T) {
	t.Parallel()
	var server journaltest.Server
	t.Cleanup(server.Stop)
	j, err := Open(t.Context(), server.Database(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, j.Close()) }()
	_, err = j.db.ExecContext(t.Context(), `INSERT INTO orders (account, reference, bucket, hash, customer, customer_number, product, channel, currency,
		gross, vat, days_until_due, requested_due_date, flow, planned_at, state, updated_at, version, run, step, due_at)
		SELECT 'T1', n, n * 7919, '', '', '', '', '', 'NOK', 1, 0, 14, '', '', 1, CASE WHEN n % 100 = 0 THEN 'planned' ELSE 'invoiced' END, 1, 1, 'R1',
		CASE WHEN n % 100 = 0 THEN 'send' ELSE '' END, n FROM generate_series(1, 20000) n`)
	require.NoError(t, err)
	require.NoError(t, j.Shelve(t.Context(), "T1", "R1", Shard{}), "nothing of another run")
	scan := func(scan func(...any) error) (detail string, err error) { return detail, scan(&detail) }
	for _, statement := range []string{"SELECT 1", "ANALYZE"} {
		_, err = j.db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
		plan, err := selectAll(t.Context(), j.db, scan, `EXPLAIN `+shelving(t, j), "T1", 1, 0, "R2")
		require.NoError(t, err)
		require.Contains(t, strings.Join(plan, "\n"), "orders_due", statement)
	}
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
		('T1', 'gone', 1, 'h5', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'voided', '', 'delivery.not_captured', 25, 1, ''),
		('T1', 'conflict', 1, 'h6', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'conflict', '', 'duplicate.invoices', 25, 3, ''),
		('T1', 'slow', 1, 'h7', 'Fjord', '', 'kravia.invoice_b2b', '', 'NOK', 1, 0, 14, '', '', 20, 'registered', '', '', 25, 3, ''),
		('T1', 'grouped', 1, 'h8', 'Fjord', '', 'kravia.invoice_b2b_grouped', '', 'NOK', 1, 0, 14, '', '', 20, 'registered', '', '', 25, 3, ''),
		('T1', 'uncollected', 1, 'h9', 'Fjord', '', 'kravia.invoice_b2b', 'merchant', 'NOK', 1, 0, 14, '', '', 20, 'registered', '', 'delivery.not_captured', 25, 3, ''),
		('T1', 'done', 1, 'h10', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'invoiced', 'S3', '', 25, 3, ''),
		('T1', 'refused', 1, 'h11', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'rejected', '', 'c', 25, 3, ''),
		('T1', 'failed', 1, 'h12', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'failed', '', 'c', 25, 3, ''),
		('T2', 'theirs', 1, 'h2', 'Fjord', '', '', '', 'NOK', 1, 0, 14, '', '', 20, 'in doubt', '', '', 25, 3, '');
		INSERT INTO order_bodies SELECT id, CAST('{}' AS `+blob(location)+`), NULL FROM orders;`+oldAttempts+`
		(1, 1, 'A', 'create session', '', 1, 2, 200, 'made', ''), (1, 2, 'A', 'pay session', '', 3, 4, 0, 'not sent', ''),
		(1, 3, 'A', 'pay session', '', 5, 6, 200, 'invoiced', ''), (1, 4, 'A', 'capture', '', 7, 8, 400, 'rejected', ''),
		(2, 1, 'A', 'pay', 'strict', 1, 0, 0, '', ''), (2, 2, 'A', 'pay', 'strict', 3, 4, 500, 'in doubt', ''), (2, 3, 'A', 'lookup', '', 5, 6, 200, '', ''),
		(3, 1, 'A', 'pay', 'strict', 1, 0, 0, '', ''), (10, 1, 'A', 'pay', '', 1, 2, 200, 'invoiced', ''), (12, 1, 'A', 'pay', '', 1, 2, 0, 'not sent', '')`)
	j, err := Open(t.Context(), location)
	require.NoError(t, err)
	defer func() { require.NoError(t, j.Close()) }()

	references := []string{
		"paid", "doubt", "left", "new", "gone", "conflict", "slow", "grouped", "uncollected",
		"done", "refused", "failed",
	}
	type extra struct {
		step        billing.Step
		sent        int
		sessionHash string
	}
	want := map[string]extra{
		"paid": {billing.StepCapture, 1, "h1"}, "doubt": {billing.StepLookUp, 2, ""},
		"left": {billing.StepLookUp, 1, ""}, "new": {}, "gone": {},
		"conflict": {billing.StepLookUp, 0, ""}, "slow": {billing.StepAwait, 0, ""}, "grouped": {},
		"uncollected": {billing.StepCapture, 0, ""},
		"done":        {0, 1, ""}, "refused": {}, "failed": {},
	}
	stored, err := j.Stored(t.Context(), "T1", references)
	require.NoError(t, err)
	got := map[string]extra{}
	for reference, o := range stored {
		got[reference] = extra{o.Step, o.Sent, o.SessionHash}
		require.Empty(t, o.Run, "no run may send it before it enters it")
		require.Zero(t, o.Tries+o.Looks)
		require.False(t, o.Refused || o.Resent)
		require.Empty(t, o.Organization+o.Settlement)
	}
	require.Equal(t, want, got)
	testVersion3Resumed(t, j)

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

// testVersion3Resumed takes up what the older program left of account T1.
func testVersion3Resumed(t *testing.T, j *Journal) {
	t.Helper()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	require.NoError(t, j.Resume(t.Context(), "T1", Shard{}, now, 0))
	work := Work{Account: "T1", Run: "C", Steps: billing.Steps()}
	next, err := j.NextDue(t.Context(), work, nil)
	require.NoError(t, err)
	require.Equal(t, now, next)
	due, err := j.Due(t.Context(), work, now, 99, nil)
	require.NoError(t, err)
	var taken []string
	tries := map[billing.Step]int{}
	for _, o := range due {
		require.Equal(t, now, o.Due)
		taken = append(taken, o.Reference)
		tries[o.Step] = o.Tries
	}
	require.Equal(t, []string{"doubt", "left", "conflict", "slow", "paid", "uncollected"}, taken)
	require.Equal(t, map[billing.Step]int{billing.StepLookUp: 0, billing.StepAwait: 2, billing.StepCapture: 1}, tries)
	theirs, err := j.Stored(t.Context(), "T2", []string{"theirs"})
	require.NoError(t, err)
	require.Zero(t, theirs["theirs"].Due, "another account's")
}
