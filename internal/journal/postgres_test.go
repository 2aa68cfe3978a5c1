package journal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

func TestPasswordIsNeverTold(t *testing.T) {
	t.Parallel()
	for _, location := range []string{
		"postgres://batch:s3cr3t@127.0.0.1:1/journal?connect_timeout=1",
		"postgres://batch:s3cr3t@127.0.0.1:notaport/journal",
		"postgres://batch:s3cr3t@127.0.0.1:1/journal?sslmode=nonsense",
		"postgres://127.0.0.1:1/journal?user=batch&password=s3cr3t&connect_timeout=1",
		"postgres://batch:s3cr3t%zz@127.0.0.1/journal",
	} {
		_, err := journal.Open(t.Context(), location)
		require.ErrorContains(t, err, "journal postgres://")
		require.NotContains(t, err.Error(), "s3cr3t")
		require.NotContains(t, fmt.Sprintf("%+v", err), "s3cr3t")
	}
}

func TestShardsShareAnAccount(t *testing.T) {
	t.Parallel()
	j := open(t, postgres.Database(t))
	type shard = journal.Shard
	tests := []struct {
		name  string
		held  []shard
		asked shard
		got   bool
	}{
		{"whole after nothing", nil, shard{}, true},
		{"whole after whole", []shard{{}}, shard{}, false},
		{"shard after whole", []shard{{}}, shard{Index: 0, Count: 2}, false},
		{"whole after shard", []shard{{Index: 1, Count: 2}}, shard{}, false},
		{"another shard", []shard{{Index: 0, Count: 3}, {Index: 1, Count: 3}}, shard{Index: 2, Count: 3}, true},
		{"the same shard", []shard{{Index: 1, Count: 2}}, shard{Index: 1, Count: 2}, false},
		{"a shard of another count", []shard{{Index: 0, Count: 2}}, shard{Index: 1, Count: 3}, false},
	}
	for _, test := range tests {
		var releases []func() error
		for i, held := range test.held {
			release, err := j.Lock(t.Context(), account, held, journal.Holder{Run: fmt.Sprint(test.name, i)})
			require.NoError(t, err, test.name)
			releases = append(releases, release)
		}
		release, err := j.Lock(t.Context(), account, test.asked, journal.Holder{Run: "asked"})
		var locked *journal.LockedError
		if test.got {
			require.NoError(t, err, test.name)
			require.NoError(t, release())
		} else {
			require.ErrorAs(t, err, &locked, test.name)
			require.Equal(t, test.name+"0", locked.Holder.Run)
		}
		for _, release := range releases {
			require.NoError(t, release())
		}
	}
	for _, wrong := range []shard{
		{Index: 2, Count: 2},
		{Index: -1, Count: 2},
		{Index: 1, Count: 0},
		{Index: 0, Count: 1 << 20},
	} {
		_, err := j.Lock(t.Context(), account, wrong, journal.Holder{})
		require.ErrorContains(t, err, "there is no shard")
	}
}

// cut ends all other sessions of the database, as a failing network or a restarted server does.
func cut(t *testing.T, location string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), location)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func TestLostLockStopsAttemptsButNotAnswers(t *testing.T) {
	t.Parallel()
	location := postgres.Database(t)
	first, second := open(t, location), open(t, location)
	release, err := first.Lock(t.Context(), account, journal.Shard{}, journal.Holder{Run: "R1"})
	require.NoError(t, err)
	begin(t, first, "R1")
	a := enterOne(t, first, "R1", entry(0, "A", "a")).Stored
	b := enterOne(t, first, "R1", entry(1, "B", "b")).Stored
	attempt := sent(t, first, "R1", &a)

	cut(t, location)
	_, err = first.Begin(t.Context(), &b, journal.Attempt{Run: "R1"}, b.Life)
	require.NoError(t, err, "nobody took the lock over")
	other, err := second.Lock(t.Context(), account, journal.Shard{}, journal.Holder{Run: "R2"})
	require.NoError(t, err)

	was := b
	_, err = first.Begin(t.Context(), &b, journal.Attempt{Run: "R1"}, b.Life)
	require.ErrorIs(t, err, journal.ErrLockLost)
	require.Equal(t, was, b)
	require.ErrorIs(t, first.Resume(t.Context(), account, journal.Shard{}, soon, 0), journal.ErrLockLost)
	require.ErrorIs(t, first.ReleaseUnchecked(t.Context(), "T12345678", "R1", journal.Shard{}, soon), journal.ErrLockLost)
	require.ErrorIs(t, first.Shelve(t.Context(), account, "R2", journal.Shard{}), journal.ErrLockLost)
	require.Equal(t, billing.StepSend, storedOrder(t, first, "B").Step, "nothing was written")
	_, err = first.Limit(t.Context(), "R1", 1)
	require.ErrorIs(t, err, journal.ErrLockLost)
	_, err = first.Enter(t.Context(), "R1", []journal.Entry{entry(2, "C", "c")})
	require.ErrorIs(t, err, journal.ErrLockLost)
	err = first.Conclude(t.Context(), &a, &attempt, parked(&a, billing.Outcome{State: billing.Invoiced}))
	require.NoError(t, err, "an answer that came is not thrown away")
	require.NoError(t, release())
	_, err = second.Begin(t.Context(), &b, journal.Attempt{Run: "R1"}, b.Life)
	require.NoError(t, err, "the late release of the first left the second's lock")
	require.NoError(t, other())
}

func TestLostConnectionsLoseNoWrite(t *testing.T) {
	t.Parallel()
	location := postgres.Database(t)
	j := open(t, location)
	begin(t, j, "R1")
	cuts := make(chan struct{})
	var cutter sync.WaitGroup
	cutter.Go(func() {
		for range cuts {
			cut(t, location)
		}
	})
	counts := map[bool]int{}
	for i := range 50 {
		select {
		// at most one while an order is written, so that a slow machine does not run out of tries
		case cuts <- struct{}{}:
		default:
		}
		reference := fmt.Sprintf("A%d", i)
		entered, err := j.Enter(t.Context(), "R1", []journal.Entry{entry(i, reference, "a")})
		if err != nil {
			require.ErrorIs(t, err, journal.ErrUnknown)
			continue
		}
		o := entered[0].Stored
		_, err = j.Begin(t.Context(), &o, journal.Attempt{Run: "R1", Kind: "pay"},
			o.Next(billing.EventBegun, billing.Outcome{}, time.Now()))
		known := err == nil
		if !known {
			require.ErrorIs(t, err, journal.ErrUnknown)
		}
		counts[known]++
		order := find(t, j, "R1", reference)
		if known {
			require.Equal(t, o.Version, order.Version)
			require.Equal(t, billing.Sending, order.State)
			require.Equal(t, 1, order.Attempts)
		}
	}
	close(cuts)
	cutter.Wait()
	require.Positive(t, counts[true])
}

func TestManyProcessesMayOpenANewDatabase(t *testing.T) {
	t.Parallel()
	location := postgres.Database(t)
	ctx := context.WithoutCancel(t.Context())
	results := make(chan error)
	for range 8 {
		go func() {
			j, err := journal.Open(ctx, location)
			if err == nil {
				err = j.Close()
			}
			results <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-results)
	}
	conn, err := pgx.Connect(ctx, location)
	require.NoError(t, err)
	_, err = conn.Exec(ctx, `UPDATE journal_schema SET version = 99`)
	require.NoError(t, err)
	require.NoError(t, conn.Close(ctx))
	_, err = journal.Open(ctx, location)
	require.ErrorIs(t, err, journal.ErrNewer)
}

func TestShardsPlanTheSameOrdersAtOnce(t *testing.T) {
	t.Parallel()
	location := postgres.Database(t)
	ctx := context.WithoutCancel(t.Context())
	var group sync.WaitGroup
	for worker, step := range []int{1, 3, 7, 9} { // each in an order of its own
		j := open(t, location)
		run := fmt.Sprintf("R%d", worker)
		begin(t, j, run)
		group.Go(func() {
			for first := 0; first < 1000; first += 250 {
				var entries []journal.Entry
				for i := first; i < first+250; i++ {
					entries = append(entries, entry(i, fmt.Sprintf("A%d", (i*step)%1000), "a"))
				}
				entered, err := j.Enter(ctx, run, entries)
				if err != nil || len(entered) != 250 || entered[0].Decision != billing.ToSend {
					t.Error(errors.Join(err, errors.New("plan")))
				}
			}
		})
	}
	group.Wait()
	j := open(t, location)
	for worker := range 4 {
		n := 0
		for order, err := range j.RunOrders(ctx, fmt.Sprintf("R%d", worker)) {
			require.NoError(t, err)
			require.Equal(t, int64(4), order.Order.Version, "each of the runs has planned it once")
			n++
		}
		require.Equal(t, 1000, n)
	}
}

// A connection that fails while a snapshot is looked at costs a second look, and no report.
func TestSnapshotIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	location := postgres.Database(t)
	j := open(t, location)
	begin(t, j, "R1")
	looks := 0
	err := j.Snapshot(t.Context(), func(v journal.View) error {
		if looks++; looks == 1 {
			cut(t, location)
		}
		_, err := v.FindRun(t.Context(), "R1")
		return err
	})
	require.NoError(t, err)
	require.Equal(t, 2, looks)
}

// An order that another process changes while it is planned is decided about by what it is then.
func TestEnterOfWhatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		change   string
		decision billing.Decision
		state    billing.State
		hash     string
		version  int64
	}{
		{"sent", `state = 'sending', step = 'look up'`, billing.Mismatched, billing.Sending, "old", 2},
		{"rejected", `state = 'rejected', step = ''`, billing.ToSend, billing.Planned, "new", 3},
	}
	location := postgres.Database(t)
	j := open(t, location)
	begin(t, j, "R1")
	begin(t, j, "R2")
	for i, test := range tests {
		enterOne(t, j, "R1", entry(i, test.name, "old"))
		other, err := pgx.Connect(t.Context(), location)
		require.NoError(t, err)
		tx, err := other.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(),
			`UPDATE orders SET version = version + 1, `+test.change+` WHERE reference = $1`, test.name)
		require.NoError(t, err)
		done := make(chan journal.Entered)
		go func() {
			entered, err := j.Enter(context.WithoutCancel(t.Context()), "R2", []journal.Entry{entry(i, test.name, "new")})
			if err != nil || len(entered) != 1 {
				t.Error(err)
				entered = make([]journal.Entered, 1)
			}
			done <- entered[0]
		}()
		require.Eventually(t, func() bool {
			var waiting bool
			err := tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)`).Scan(&waiting)
			return err == nil && waiting
		}, 10*time.Second, 10*time.Millisecond)
		require.NoError(t, tx.Commit(t.Context()))
		require.NoError(t, other.Close(t.Context()))
		got := <-done
		require.Equal(t, test.decision, got.Decision, test.name)
		require.Equal(t, test.state, got.Stored.State)
		require.Equal(t, test.hash, got.Stored.Hash)
		require.Equal(t, test.version, got.Stored.Version)
		require.Equal(t, got.Stored, storedOrder(t, j, test.name))
	}
}
