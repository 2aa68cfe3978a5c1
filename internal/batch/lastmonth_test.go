package batch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

func openWorkbook(t *testing.T, path string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

// bill is one order of one line.
type bill struct{ reference, number, name, amount, currency string }

func (b *bench) month(t *testing.T, name string, bills ...bill) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("order_reference,customer_number,business_name,organization_number,contact_name,email," +
		"phone_number,address_line,postal_code,postal_place,country,description,amount,vat,currency\n")
	for _, x := range bills {
		fmt.Fprintf(&text,
			"%s,%s,%s,974760673,Ola Nordmann,ola@nordmann.no,+4799999999,Storgata 1,0151,Oslo,NO,Avtale,%s,25,%s\n",
			x.reference, x.number, x.name, x.amount, x.currency)
	}
	path := filepath.Join(b.dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o600))
	return path
}

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

func shift(before, now money.Amount) billing.Shift { return billing.Shift{Before: before, Now: now} }

func eur(minor int64) money.Amount { return money.New(minor, money.MustCurrency("EUR")) }

// twoMonths are the files of October and November.
func (b *bench) twoMonths(t *testing.T) (october, november string) {
	t.Helper()
	october = b.month(t, "october.csv",
		// 1 500 → 1 950: 30 %, within
		bill{"O-1", "100", "Alfa AS", "1000.00", "NOK"}, bill{"O-2", "100", "Alfa AS", "500.00", "NOK"},
		bill{"O-3", "200", "Beta AS", "1000.00", "NOK"},  // → 1 300.01: changed
		bill{"O-4", "300", "Gamma AS", "1000.00", "NOK"}, // → 699.99: changed
		bill{"O-5", "400", "Delta AS", "250.50", "NOK"},  // gone
		bill{"O-6", "", "Epsilon  AS", "80.00", "NOK"},   // the same by name
		bill{"O-7", "500", "Zeta AS", "10.00", "EUR"},    // NOK now: gone in EUR, new in NOK
	)
	november = b.month(t, "november.csv",
		bill{"N-1", "100", "Alfa Norge AS", "1950.00", "NOK"}, bill{"N-2", "200", "Beta AS", "1300.01", "NOK"},
		bill{"N-3", "300", "Gamma AS", "699.99", "NOK"}, bill{"N-4", "", "EPSILON AS", "80.00", "NOK"},
		bill{"N-5", "500", "Zeta AS", "10.00", "NOK"}, bill{"N-6", "600", "Eta AS", "42.00", "NOK"},
	)
	return october, november
}

// requireNovember requires what November has against October.
func requireNovember(t *testing.T, m *billing.LastMonth) {
	t.Helper()
	require.NotNil(t, m)
	require.Equal(t, "2026-10", m.Period)
	require.Equal(t, 2, m.Same)
	require.Equal(t,
		billing.CustomerGroup{
			Customers: 8,
			Money:     []billing.Shift{shift(eur(1000), eur(0)), shift(nok(383050), nok(408200))},
		}, m.All)
	require.Equal(t,
		billing.CustomerGroup{
			Customers: 2, Money: []billing.Shift{shift(nok(0), nok(5200))},
			List: []billing.CustomerChange{
				{Number: "600", Customer: "Eta AS", Before: nok(0), Now: nok(4200)},
				{Number: "500", Customer: "Zeta AS", Before: nok(0), Now: nok(1000)},
			},
		}, m.New)
	require.Equal(t,
		billing.CustomerGroup{
			Customers: 2,
			Money:     []billing.Shift{shift(eur(1000), eur(0)), shift(nok(25050), nok(0))},
			List: []billing.CustomerChange{
				{Number: "500", Customer: "Zeta AS", Before: eur(1000), Now: eur(0)},
				{Number: "400", Customer: "Delta AS", Before: nok(25050), Now: nok(0)},
			},
		}, m.Gone)
	require.Equal(t,
		billing.CustomerGroup{
			Customers: 2, Money: []billing.Shift{shift(nok(200000), nok(200000))},
			List: []billing.CustomerChange{
				{Number: "200", Customer: "Beta AS", Before: nok(100000), Now: nok(130001)},
				{Number: "300", Customer: "Gamma AS", Before: nok(100000), Now: nok(69999)},
			},
		}, m.Changed)
}

// requireSheet requires the sheet of that comparison.
func requireSheet(t *testing.T, path string) {
	t.Helper()
	rows, err := openWorkbook(t, path).GetRows("Last month")
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"difference", "customer number", "customer", "currency", "before", "now", "change", "percent"},
		{"new", "600", "Eta AS", "NOK", "0.00", "42.00", "42.00"},
		{"new", "500", "Zeta AS", "NOK", "0.00", "10.00", "10.00"},
		{"gone", "500", "Zeta AS", "EUR", "10.00", "0.00", "-10.00"},
		{"gone", "400", "Delta AS", "NOK", "250.50", "0.00", "-250.50"},
		{"changed", "200", "Beta AS", "NOK", "1,000.00", "1,300.01", "300.01", "30"},
		{"changed", "300", "Gamma AS", "NOK", "1,000.00", "699.99", "-300.01", "-30"},
	}, rows)
}

func (b *bench) monthly(input, period string) *batch.Settings {
	s := b.settings(0, input)
	s.Period, s.Formats = period, []report.Format{report.XLSX}
	return s
}

// A plan and its run say the same of the run before, which one alone or two shards did; and so do reports
// that are made anew, of which the first month's has nothing before it.
func TestDifferenceToLastMonth(t *testing.T) {
	t.Parallel()
	for name, shards := range map[string]int{"whole": 0, "two shards": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			if shards > 0 {
				b.share(t)
			}
			first, second := b.twoMonths(t)
			october, summary := b.inShards(t, b.monthly(first, "2026-10"), shards)
			require.Nil(t, summary.LastMonth)

			s := b.monthly(second, "2026-11")
			m := b.makePlan(t, s).Plan.LastMonth
			requireNovember(t, m)
			require.Equal(t, october[0]+map[bool]string{true: "-whole"}[shards > 0], m.Run)
			requireSheet(t, strings.TrimSuffix(b.planned(t, s), ".json")+".xlsx")

			november, summary := b.inShards(t, s, shards)
			require.Equal(t, m, summary.LastMonth)
			requireSheet(t, summary.Reports[0])

			for id, want := range map[string]*billing.LastMonth{october[0]: nil, november[0]: m} {
				again := b.rewritten(t, id)
				require.Equal(t, want, again.LastMonth)
				require.Equal(t, want != nil,
					slices.Contains(openWorkbook(t, again.Reports[0]).GetSheetList(), "Last month"))
			}
		})
	}
}

// inShards runs an input, in shards if there are any, whose own reports are compared with nothing. The
// summary is of all of them.
func (b *bench) inShards(t *testing.T, s *batch.Settings, shards int) (ids []string, summary *report.Summary) {
	t.Helper()
	for i := range max(1, shards) {
		part := *s
		part.Shard = journal.Shard{Index: i, Count: shards}
		result, err := batch.Run(t.Context(), &part)
		require.NoError(t, err)
		require.Equal(t, batch.ExitDone, result.Summary.ExitCode)
		ids, summary = append(ids, result.Run), result.Summary
		if shards > 0 {
			require.Nil(t, summary.LastMonth)
			summary = b.rewritten(t, result.Run)
		}
	}
	return ids, summary
}

func (b *bench) rewritten(t *testing.T, run string) *report.Summary {
	t.Helper()
	summary, err := batch.Rewrite(t.Context(), b.journal, run,
		batch.Rewriting{Reports: t.TempDir(), Formats: []report.Format{report.XLSX}})
	require.NoError(t, err)
	return summary
}

func TestWhichRunIsLastMonth(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	run := func(input, period string) string {
		s := b.settings(0, input)
		s.Period = period
		result, err := batch.Run(t.Context(), s)
		require.NoError(t, err)
		return result.Run
	}
	compared := func(input, period string) string {
		s := b.settings(0, input)
		s.Period = period
		if m := b.makePlan(t, s).Plan.LastMonth; m != nil {
			return m.Run
		}
		return ""
	}
	first := b.month(t, "a.csv", bill{"A-1", "1", "Alfa AS", "1.00", "NOK"})
	second := b.month(t, "b.csv", bill{"B-1", "1", "Alfa AS", "1.00", "NOK"})
	require.Empty(t, compared(first, "2026-10"), "there is no run")
	october := run(first, "2026-10")
	require.Empty(t, compared(second, "2026-10"), "the only run is of the same period")
	require.Empty(t, compared(first, ""), "the only run read the same file")
	require.Equal(t, october, compared(second, ""))
	require.Equal(t, october, compared(second, "2026-11"))
	november := run(second, "2026-11")
	require.Equal(t, october, compared(second, "2026-11"), "an earlier run of the same month is not last month")
	require.Equal(t, november, compared(second, "2026-12"), "the newest counts")
	reported := func(s *batch.Settings) string {
		result, err := batch.Run(t.Context(), s)
		require.NoError(t, err)
		if m := result.Summary.LastMonth; m != nil {
			return m.Run
		}
		return ""
	}
	require.Equal(t, october, reported(b.settings(0, second)), "without a period its own first run is not last month")
	require.Equal(t, october, reported(b.monthly(second, "2026-11")), "nor with one")
	run(b.month(t, "c.csv", bill{"C-1", "1", "Alfa AS", "1.00", "NOK"}), "2026-12")
	require.Equal(t, october, b.rewritten(t, november).LastMonth.Run,
		"a later run changes nothing of what a report said")
	s := b.settings(0, second)
	s.Account, s.Period = "T87654321", "2026-12"
	require.Nil(t, b.makePlan(t, s).Plan.LastMonth, "another account's runs do not count")
}
