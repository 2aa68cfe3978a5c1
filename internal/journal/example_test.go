package journal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// A process sends an order and dies before its answer. The next one finds the order with a look-up to make, and
// what it learns is known to all later runs.
func Example() {
	ctx, dir := context.Background(), must(os.MkdirTemp("", ""))
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "journal.db")
	run := journal.Run{ID: "first", Account: account, Environment: "test", Started: begun}

	j := must(journal.Open(ctx, path))
	unlock := must(j.Lock(ctx, account, journal.Shard{}, journal.ThisProcess(run.ID)))
	check(j.BeginRun(ctx, run))
	order := must(j.Enter(ctx, run.ID, []journal.Entry{entry(0, "A-1", "content")}))[0].Stored
	sending := order.Next(billing.EventBegun, billing.Outcome{}, begun)
	must(j.Begin(ctx, &order, journal.Attempt{Run: run.ID, Kind: "pay"}, sending))
	check(unlock()) // the process dies
	check(j.Close())

	j = must(journal.Open(ctx, path))
	unlock = must(j.Lock(ctx, account, journal.Shard{}, journal.ThisProcess("second")))
	check(j.Resume(ctx, account, journal.Shard{}, begun.Add(time.Hour), 0))
	work := journal.Work{Account: account, Run: run.ID, Steps: []billing.Step{billing.StepLookUp}}
	order = must(j.Due(ctx, work, begun.Add(time.Hour), 10, nil))[0]
	fmt.Println(order.Reference, order.State, order.Step)
	found := billing.Outcome{State: billing.Invoiced, TransactionID: "T1", InvoiceNumber: "100001"}
	check(j.Conclude(ctx, &order, nil, order.Next(billing.EventLive, found, begun.Add(time.Hour))))

	run.ID = "second"
	check(j.BeginRun(ctx, run))
	again := must(j.Enter(ctx, run.ID, []journal.Entry{entry(0, "A-1", "content")}))[0]
	fmt.Println(again.Decision == billing.ToSend, again.Stored.State, again.Stored.InvoiceNumber)
	check(unlock())
	check(j.Close())
	// Output:
	// A-1 sending look up
	// false invoiced 100001
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}
