package batch_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// must is the value, or a panic.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// A file with one order of two rows is invoiced. Run again, it is not invoiced again.
func ExampleRun() {
	ctx, dir := context.Background(), must(os.MkdirTemp("", ""))
	defer func() { _ = os.RemoveAll(dir) }()
	export := filepath.Join(dir, "october.csv")
	_ = os.WriteFile(export, []byte(`order_reference,business_name,organization_number,contact_name,email,phone_number,`+
		`address_line,postal_code,postal_place,country,description,amount,vat
1001,Nordmann AS,974760673,Ola Nordmann,ola@nordmann.no,+4799999999,Storgata 1,0151,Oslo,NO,Hosting,100.00,25
1001,Nordmann AS,974760673,Ola Nordmann,ola@nordmann.no,+4799999999,Storgata 1,0151,Oslo,NO,Support,200.00,25
`), 0o600)
	provider := must(simulator.New(simulator.Options{}))
	j := must(journal.Open(ctx, filepath.Join(dir, "journal.db")))
	for range 2 {
		result := must(batch.Run(ctx, &batch.Settings{
			Input: batch.Input{
				Paths: []string{export}, ExpectRows: 2,
				Rules: &billing.Rules{DaysUntilDue: 14, Channel: billing.ChannelKravia},
			},
			Journal: j, Account: "T12345678", Environment: report.Test, Flow: dispatch.OneStep,
			Connect: func() (*dintero.Client, error) {
				return dintero.New(dintero.Config{
					BaseURL: "https://simulator/v1", Account: "T12345678", ClientID: "id", Secret: "secret",
					Pace: dispatch.NewPace(0, nil), HTTP: &http.Client{Transport: provider.Transport()},
				})
			},
			Dispatch: dispatch.Config{Concurrency: 1, Guard: dintero.StrictSuccess},
			Reports:  filepath.Join(dir, "reports"), Formats: []report.Format{report.CSV},
		}))
		rows := result.Summary.Rows
		fmt.Println(rows.Of(billing.FinalInvoiced), "rows invoiced,", rows.Of(billing.FinalAlreadyInvoiced), "already")
	}
	fmt.Println(len(provider.Invoices()), "invoice")
	// Output:
	// 2 rows invoiced, 0 already
	// 0 rows invoiced, 2 already
	// 1 invoice
}
