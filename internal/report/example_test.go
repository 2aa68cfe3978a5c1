package report_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// The report of one invoiced row, as CSV.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	nok := money.MustCurrency("NOK")
	gross, vat := money.New(12500, nok), money.New(2500, nok)
	row := billing.Row{Place: billing.Place{File: "november.csv", Row: 2}, Reference: "A-1", Valid: true}
	row.Amount, row.VATAmount = &gross, &vat
	order := report.Order{
		Reference: "A-1", Customer: "Fjordlys AS", Rows: 1, Gross: gross, VAT: vat,
		Final: billing.FinalInvoiced, Invoiced: report.ByThisRun,
	}
	r := &report.Report{
		Run:     report.RunInfo{ID: "20261122-130405-ab12", Environment: report.Sandbox},
		Control: report.Control{Rows: 1, Money: []money.Amount{gross}},
		Rows:    one(row), Orders: one(order),
	}
	exit := func(*report.Summary, error) int { return 0 }
	summary, err := report.Write(context.Background(), r, dir, []report.Format{report.CSV}, exit)
	if err != nil {
		panic(err)
	}
	fmt.Println(filepath.Base(summary.Reports[0]))
	fmt.Println(summary.Balanced, summary.Rows.Of(billing.FinalInvoiced), summary.Money[0].Out().Grouped())

	// Output:
	// input_20261122-130405-ab12.csv
	// true 1 125.00 NOK
}

func one[T any](value T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) { yield(value, nil) }
}
