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
	if err := j.BeginRun(ctx,
		journal.Run{ID: "R1", Account: account, Started: time.Unix(1_800_000_000, 0)}); err != nil {
		return err
	}
	entered, err := j.Enter(ctx, "R1", []journal.Entry{entry(0, "A", "a"), entry(1, "B", "b"), entry(2, "C", "c")})
	if err != nil {
		return err
	}
	for i := range entered[1:] {
		o := &entered[i+1].Stored
		a, err := j.Begin(ctx, o, journal.Attempt{Run: "R1", Kind: "pay", Guard: "strict"},
			o.Next(billing.EventBegun, billing.Outcome{}, time.Now()))
		if err != nil {
			return err
		}
		if o.Reference == "B" {
			continue
		}
		told := billing.Outcome{State: billing.Invoiced, InvoiceNumber: "100"}
		if err := j.Conclude(ctx, o, &a, o.Next(billing.EventLive, told, time.Now())); err != nil {
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
		work := journal.Work{Account: account, Run: "R1", Steps: billing.Steps()}
		due, err := j.Due(t.Context(), work, billing.Never().Add(-1), 10, nil)
		require.NoError(t, err)
		require.Len(t, due, 2)
		require.Equal(t, "A", due[0].Reference)
		require.Equal(t, billing.Planned, due[0].State)
		require.Equal(t, billing.StepSend, due[0].Step)
		require.Equal(t, "B", due[1].Reference)
		require.Equal(t, billing.Sending, due[1].State)
		require.Equal(t, billing.StepLookUp, due[1].Step)
		require.Equal(t, 1, due[1].Sent)
		require.Equal(t, 1, due[1].Attempts)
		require.WithinDuration(t, time.Now(), due[1].LastAttempt, time.Minute)
		require.JSONEq(t, `{"hash":"b"}`, string(due[1].Body))
		attempts, err := j.Attempts(t.Context(), account, "B")
		require.NoError(t, err)
		require.Empty(t, attempts, "nothing is known of it but that it was made")
		attempts, err = j.Attempts(t.Context(), account, "C")
		require.NoError(t, err)
		require.Len(t, attempts, 1)
		require.Equal(t, "100", find(t, j, "R1", "C").InvoiceNumber)
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
