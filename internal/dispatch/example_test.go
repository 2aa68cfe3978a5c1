package dispatch_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/simulator"
)

// Orders that a run entered in the journal are sent. Run again, nothing is due, so no request leaves.
func ExampleRun() {
	ctx, dir := context.Background(), must(os.MkdirTemp("", ""))
	defer func() { _ = os.RemoveAll(dir) }()
	j := must(journal.Open(ctx, filepath.Join(dir, "journal.db")))
	check(j.BeginRun(ctx, journal.Run{ID: "november", Account: account, Started: time.Now(), Flow: dispatch.OneStep}))
	for i, o := range many(3) {
		must(j.Enter(ctx, "november", []journal.Entry{{
			Seq: i, Reference: o.Reference, Hash: o.Hash(), Product: o.Product, Channel: o.Channel,
			Gross: o.Gross, VAT: o.VAT, DaysUntilDue: o.DaysUntilDue, Rows: 1, Flow: dispatch.OneStep,
			Body: must(dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash(), Days: o.DaysUntilDue})),
		}}))
	}
	provider := must(simulator.New(simulator.Options{Account: account}))
	client := must(dintero.New(dintero.Config{
		BaseURL: "https://simulator/v1", Account: account, ClientID: "id", Secret: "secret",
		Pace: dispatch.NewPace(0, nil), HTTP: &http.Client{Transport: provider.Transport()},
	}))
	cfg := dispatch.Config{
		Account: account, Run: "november", Flow: dispatch.OneStep, Concurrency: 8, Guard: dintero.StrictSuccess,
		Day:    func(at time.Time) billing.Date { return billing.Date(at.In(oslo).Format(time.DateOnly)) },
		Logger: slog.New(slog.DiscardHandler),
	}
	for range 2 {
		due := must(dispatch.Ready(ctx, j, cfg))
		if due {
			must(dispatch.Run(ctx, j, client, cfg))
		}
		fmt.Println("due:", due, "invoices:", len(provider.Invoices()), "payment requests:", client.Requests().Pay)
	}
	check(j.Close())
	// Output:
	// due: true invoices: 3 payment requests: 3
	// due: false invoices: 3 payment requests: 3
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
