package journal_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// child is what this test binary does as another process; it then waits to be killed.
func child(task string) int {
	args := strings.Split(os.Getenv("JOURNAL_ARGS"), "\n")
	if err := childTask(context.Background(), task, args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
	return 0
}

func childTask(ctx context.Context, task string, args []string) error {
	j, err := journal.Open(ctx, args[0])
	if err != nil {
		return err
	}
	switch task {
	case "lock":
		_, err = j.Lock(ctx, account, journal.Shard{}, journal.Holder{Host: "elsewhere", PID: 4711, Run: "R-child"})
	case "send":
		err = childSends(ctx, j)
	}
	fmt.Fprintln(os.Stdout, task)
	return err
}

// childSends leaves an order planned, one sending and one invoiced.
func childSends(ctx context.Context, j *journal.Journal) error {
	if err := j.BeginRun(ctx, journal.Run{ID: "R1", Account: account, Started: time.Unix(1_800_000_000, 0)}); err != nil {
		return err
	}
	planned, err := j.Plan(ctx, "R1", []journal.Plan{plan(0, "A", "a"), plan(1, "B", "b"), plan(2, "C", "c")})
	if err != nil {
		return err
	}
	for _, o := range planned[1:] {
		begun, err := j.Begin(ctx, journal.Attempt{
			Account: account, Reference: o.Stored.Reference, Run: "R1", Kind: "pay", Guard: "strict", To: billing.Sending,
		}, o.Stored.Version)
		if err != nil {
			return err
		}
		if o.Stored.Reference == "B" {
			continue
		}
		_, err = j.Settle(ctx, journal.Settlement{
			Account: account, Reference: "C", Version: begun.Version, Attempt: begun.Number,
			Outcome: billing.Outcome{State: billing.Invoiced, InvoiceNumber: "100"},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func TestKilledProcessLeavesWhatItWasTold(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		cmd, line := spawn(t, "send", location)
		require.Equal(t, "send", line)
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())

		j := open(t, location)
		pending, err := j.Pending(t.Context(), "R1", journal.Shard{}, -1, 10)
		require.NoError(t, err)
		require.Len(t, pending, 2)
		require.Equal(t, "A", pending[0].Reference)
		require.Equal(t, billing.Planned, pending[0].Outcome.State)
		require.Equal(t, "B", pending[1].Reference)
		require.Equal(t, billing.Sending, pending[1].Outcome.State)
		require.JSONEq(t, `{"hash":"b"}`, string(pending[1].Body))
		attempts, err := j.Attempts(t.Context(), account, "B")
		require.NoError(t, err)
		require.Len(t, attempts, 1)
		require.Zero(t, attempts[0].Finished)
		found, err := j.OutcomesOf(t.Context(), "R1", []string{"C"})
		require.NoError(t, err)
		require.Equal(t, "100", found["C"].Order.Outcome.InvoiceNumber)
		run, err := j.FindRun(t.Context(), "R1")
		require.NoError(t, err)
		require.Equal(t, journal.Unfinished, run.ExitCode)
	})
}

func TestLockIsHeldAcrossProcessesUntilTheHolderDies(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		cmd, line := spawn(t, "lock", location)
		require.Equal(t, "lock", line)

		_, err := j.Lock(t.Context(), account, journal.Shard{}, journal.Holder{Run: "R2"})
		var locked *journal.LockedError
		require.ErrorAs(t, err, &locked)
		require.Equal(t, journal.Holder{Host: "elsewhere", PID: 4711, Run: "R-child"}, locked.Holder)
		other, err := j.Lock(t.Context(), "T87654321", journal.Shard{}, journal.Holder{Run: "R3"})
		require.NoError(t, err)
		require.NoError(t, other())

		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
		var release func() error
		require.Eventually(t, func() bool {
			release, err = j.Lock(t.Context(), account, journal.Shard{}, journal.Holder{Run: "R2"})
			return err == nil
		}, 10*time.Second, 10*time.Millisecond)
		require.NoError(t, release())
		release, err = j.Lock(t.Context(), account, journal.Shard{}, journal.Holder{Run: "R4"})
		require.NoError(t, err)
		require.NoError(t, release())
	})
}
