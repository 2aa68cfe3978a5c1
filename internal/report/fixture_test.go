package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func sequence[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// again gives a sequence as often as it is asked for.
func again[T any](all []T) func() iter.Seq2[T, error] {
	return func() iter.Seq2[T, error] { return sequence(all) }
}

// ended is one order of a test report: its final state and the amounts of its rows.
type ended struct {
	final    billing.Final
	amounts  []int64
	currency string
}

// makeReport builds a balanced report of the orders, with the rows of an order adjacent.
func makeReport(all []ended) *Report {
	started := time.Date(2026, 11, 22, 12, 4, 5, 0, time.UTC)
	r := &Report{
		Run: RunInfo{
			ID: "20261122-130405-ab12", Environment: Sandbox, Flow: "one-step", Version: "1.0.0", Started: started,
			Finished: started.Add(34500 * time.Millisecond), Period: "2026-11",
			Files: []File{
				{Name: "lines.csv", SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
			},
			Settings: []Setting{{"rate", "5"}, {"concurrency", "8"}},
		},
		Tables: []billing.Table{{
			File: "lines.csv", Header: []string{"order_reference", "amount", "Avdeling", "Note"},
			Known: []billing.Column{billing.ColOrderReference, billing.ColAmount, 0, 0},
		}},
		Requests: Requests{Token: 1, Pay: 12, Lookup: 2},
		Today:    "2026-11-22",
	}
	var rows []billing.Row
	var orders []Order
	control := make(map[string]int64)
	for i, p := range all {
		orderRows := makeRows(p, i, len(rows))
		rows = append(rows, orderRows...)
		for _, amount := range p.amounts {
			control[p.currency] += amount
		}
		if p.final == billing.FinalInvalid {
			r.Control.InvalidOrders++
			continue
		}
		orders = append(orders, makeOrder(p.final, i, orderRows))
	}
	r.Control.Rows = len(rows)
	r.Run.Files[0].Rows = len(rows)
	for code, minor := range control {
		r.Control.Money = append(r.Control.Money, money.New(minor, money.MustCurrency(code)))
	}
	r.Rows, r.Orders = sequence(rows), sequence(orders)
	return r
}

func makeRows(p ended, order, ordinal int) []billing.Row {
	var rows []billing.Row
	reference := fmt.Sprintf("ORD-%04d", order+1)
	for i, minor := range p.amounts {
		amount := money.New(minor, money.MustCurrency(p.currency))
		vat := money.Rate(2500).InGross(amount)
		row := billing.Row{
			Place: billing.Place{File: "lines.csv", Row: ordinal + i + 2}, Ordinal: ordinal + i, Reference: reference,
			LineID: fmt.Sprint(i + 1), Customer: "Fjord & Fjell AS", Description: "Serviceavtale november",
			Quantity: "1",
			Amount:   &amount, VAT: "25", VATAmount: &vat, Currency: p.currency, Rate: 2500, Country: "NO",
			Valid: p.final != billing.FinalInvalid,
			Cells: []string{reference, amount.String(), "Salg Øst", "ring +4799999999"},
		}
		if p.final == billing.FinalInvalid {
			row.Problems = []billing.Problem{{
				Code: "postal_code.missing", Severity: billing.Error, Place: row.Place, Column: "postal_code",
				Message: "The postal code is missing", Hint: "Fill in the four digits of the Norwegian postal code",
			}}
		}
		rows = append(rows, row)
	}
	return rows
}

func outcomeOf(final billing.Final, order int) billing.Outcome {
	issued := billing.Outcome{
		State: billing.Invoiced, TransactionID: fmt.Sprintf("P12345678.%06d", order), SessionID: "5c1a",
		InvoiceNumber: fmt.Sprint(100200 + order),
		InvoiceDate:   "2026-11-22", DueDate: "2026-12-06",
		InvoiceURL:    fmt.Sprintf("https://example.test/invoices/%d.pdf", order),
		PaymentStatus: "unpaid", Settlement: "partially settled",
	}
	switch final {
	case billing.FinalInvoiced, billing.FinalAlreadyInvoiced:
		return issued
	case billing.FinalRegistered:
		return billing.Outcome{State: billing.Registered, TransactionID: issued.TransactionID}
	case billing.FinalRejected:
		return billing.Outcome{
			State: billing.Rejected, Code: "provider.rejected",
			Message: "The provider refused the address", Hint: "Correct the address and run again",
		}
	case billing.FinalFailed:
		return billing.Outcome{
			State: billing.Failed, Code: "provider.unavailable",
			Message: "The provider did not answer", Hint: "Run again",
		}
	case billing.FinalInDoubt:
		return billing.Outcome{
			State: billing.InDoubt, Code: "provider.in_doubt", Message: "Sent, answer unknown",
			Hint: "Run refresh",
		}
	case billing.FinalConflict:
		return billing.Outcome{
			State: billing.Conflict, Code: "reference.conflict",
			Message: "The reference is in use with other content", Hint: "Use another reference",
		}
	case billing.FinalVoided:
		issued.State, issued.PaymentStatus, issued.UpdatedAt = billing.Voided, "voided",
			time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
		return issued
	case billing.FinalInvalid, billing.FinalNotAttempted:
	}
	return billing.Outcome{}
}

func makeOrder(final billing.Final, order int, rows []billing.Row) Order {
	first := rows[0]
	o := Order{
		Reference: first.Reference, Customer: first.Customer, Product: billing.B2B, Channel: billing.ChannelKravia,
		Rows: len(rows), DaysUntilDue: 14, Final: final, Outcome: outcomeOf(final, order), Attempts: 1,
		FirstAttempt: time.Date(2026, 11, 22, 12, 4, 6, 0, time.UTC),
		LastAttempt:  time.Date(2026, 11, 22, 12, 4, 6, 0, time.UTC),
	}
	for _, row := range rows {
		o.Gross, _ = o.Gross.Add(*row.Amount)
		o.VAT, _ = o.VAT.Add(*row.VATAmount)
	}
	o.Invoiced = InvoicedOf(final, &o.Outcome, true)
	o.CustomerNumber = "1042"
	o.Particulars = billing.Particulars{
		Organization: "974760673", Country: "NO", DeliveredFrom: "2026-11-01", DeliveredTo: "2026-11-30",
		CostCenter: "410",
		VAT:        []billing.VATShare{{Rate: 2500, Gross: o.Gross.Minor(), VAT: o.VAT.Minor()}},
	}
	return o
}

// everyState is a batch with all final states and two currencies.
func everyState() []ended {
	var all []ended
	for _, f := range billing.Finals() {
		all = append(all, ended{f, []int64{125000, 49990, -1250}, "NOK"})
	}
	return append(all, ended{billing.FinalInvoiced, []int64{10001, 333}, "EUR"},
		ended{billing.FinalInvoiced, []int64{9_999_999}, "NOK"})
}

// gathered is a report that was read, for these formats.
func gathered(t require.TestingT, dir string, r *Report, formats ...Format) *making {
	m, err := begin(r, dir, formats)
	require.NoError(t, err)
	require.NoError(t, m.read(context.Background()))
	return m
}

// reconciled counts a report that balances.
func reconciled(t require.TestingT, r *Report) *Summary {
	s, err := reconcile(r)
	require.NoError(t, err)
	return s
}

// reconcile counts a report.
func reconcile(r *Report) (*Summary, error) {
	return Write(context.Background(), r, "", nil, noCode)
}

func noCode(*Summary, error) int { return 0 }

// written makes the workbook of a report, balanced or not, in a fresh folder and opens it.
func written(t *testing.T, r *Report) (string, *excelize.File) {
	t.Helper()
	return writtenWith(t, r, func(*making) {})
}

// writtenWith is written of a report that is changed when it has been read.
func writtenWith(t *testing.T, r *Report, change func(*making)) (string, *excelize.File) {
	t.Helper()
	dir := t.TempDir()
	m := gathered(t, dir, r, XLSX)
	_, err := m.finish()
	var imbalance *ImbalanceError
	require.True(t, err == nil || errors.As(err, &imbalance), err)
	change(m)
	path, err := atomicfile.Create(dir, "report.xlsx", func(w io.Writer) error { return m.write(t.Context(), XLSX, w) })
	require.NoError(t, err)
	require.NoError(t, m.close())
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	require.Equal(t, []string{"report.xlsx"}, namesIn(t, dir))
	return path, f
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, filepath.Base(e.Name()))
	}
	slices.Sort(names)
	return names
}
