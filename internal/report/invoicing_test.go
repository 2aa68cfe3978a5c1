package report

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Whatever became of orders, each row is in one part, the parts are all of the money, and what is cancelled
// is part of this run's.
func TestPartsAreTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := reconciled(t, makeReport(someOrders().Draw(t, "orders")))
		for i := range s.Invoicing {
			of, whole := &s.Invoicing[i], &s.Money[i]
			require.Equal(t, whole.Currency, of.Currency)
			var gross, net, vat int64
			for _, p := range []part{partThisRun, partBefore, partLater, partNot} {
				f := &of.by[p]
				require.Equal(t, f.Gross.Minor(), f.Net.Minor()+f.VAT.Minor())
				gross, net, vat = gross+f.Gross.Minor(), net+f.Net.Minor(), vat+f.VAT.Minor()
			}
			require.Equal(t, whole.Out().Minor(), gross)
			require.Equal(t, whole.Of(billing.FinalInvoiced).Minor()+whole.Of(billing.FinalVoided).Minor(),
				of.by[partThisRun].Gross.Minor())
			require.Equal(t, whole.Of(billing.FinalVoided).Minor(), of.by[partCancelled].Gross.Minor())
			require.Equal(t, whole.Of(billing.FinalAlreadyInvoiced).Minor(), of.by[partBefore].Gross.Minor())
			require.Equal(t, whole.Of(billing.FinalRegistered).Minor(), of.by[partLater].Gross.Minor())
			for _, total := range s.VAT {
				if total.Currency != of.Currency {
					continue
				}
				if total.Part != partCancelled {
					net, vat = net-total.Gross.Minor()+total.VAT.Minor(), vat-total.VAT.Minor()
				}
				if total.Part != partNot { // an invalid order tells no VAT by rate
					require.True(t, total.OnSumKnown())
				}
			}
			require.Zero(t, net)
			require.Zero(t, vat)
		}
	})
}

func TestInvoicedOf(t *testing.T) {
	t.Parallel()
	numbered, none := &billing.Outcome{InvoiceNumber: "1"}, &billing.Outcome{}
	for _, test := range []struct {
		final   billing.Final
		outcome *billing.Outcome
		ours    bool
		want    Invoiced
	}{
		{billing.FinalInvoiced, numbered, true, ByThisRun},
		{billing.FinalAlreadyInvoiced, numbered, false, Before},
		{billing.FinalRegistered, none, true, Later},
		{billing.FinalVoided, numbered, true, ByThisRun},
		{billing.FinalVoided, none, true, NotInvoiced}, // cancelled before it had a number: there never was an invoice
		{billing.FinalVoided, numbered, false, NotInvoiced},
		{billing.FinalConflict, numbered, true, NotInvoiced},
		{billing.FinalInDoubt, none, true, NotInvoiced},
		{billing.FinalNotAttempted, none, true, NotInvoiced},
	} {
		require.Equal(t, test.want, InvoicedOf(test.final, test.outcome, test.ours), "%+v", test)
	}
}

// Differences of rounding are added up over invoices: without their signs they do not cancel each other out.
func TestRoundingsOfInvoices(t *testing.T) {
	t.Parallel()
	v := newInvoicing("NO")
	for _, off := range []int64{1, -1, 0} {
		share := billing.VATShare{Rate: 2500, Treatment: "3", Gross: 12500, VAT: 2500 + off}
		v.addOrder(
			&Order{
				Gross: nok(12500), Invoiced: ByThisRun, Final: billing.FinalInvoiced,
				Particulars: billing.Particulars{Country: "SE", VAT: []billing.VATShare{share}},
			})
	}
	_, vat := v.finish()
	require.Len(t, vat, 1)
	require.Equal(t,
		vatKey{
			Part: partThisRun, Currency: money.MustCurrency("NOK"), Country: "NO", Rate: 2500, Treatment: "3",
			Customer: "SE",
		}, vat[0].vatKey)
	require.Equal(t, nok(7500), vat[0].OnSum, "VAT on the net of each: 100.00 less or more an øre")
	require.Equal(t, nok(2), vat[0].Off)
}

func TestDecimalOfCells(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"349.00": "349.00", "349,00": "349.00", "1 234,5": "1234.5", "1\u00a0234,50": "1234.50",
		"1.234,50": "1234.50", "1,234.50": "1234.50", "-5": "-5",
		"0.123": "0.123", "0,123": "0.123", "1.234": "", "1,234": "", "1,234,567": "", "1.2.3": "", "12 kr": "",
		"": "", "x": "", "1.234.567,89": "1234567.89",
	} {
		require.Equal(t, want, decimalOf(text), "%q", text)
	}
}

func TestAmountsInWords(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{
		"en": "1,234,567.50\u00a0NOK",
		"no": "1\u00a0234\u00a0567,50\u00a0NOK",
	} {
		w := wordsOf(language)
		require.Equal(t, want, w.money(nok(123456750)))
		require.Equal(t, want, w.marked("1 234 567.50\u00a0NOK"))
	}
	require.Equal(t, "order 2026 of 8\u00a0525.00 NOK, now 1\u00a0000\u00a0000.00",
		apart("order 2026 of 8 525.00 NOK, now 1 000 000.00", noBreak))
}

// An amount that is changed on sheet Rows shows as a red difference.
func TestPlantedDifferenceTurnsRed(t *testing.T) {
	t.Parallel()
	path, _ := written(t, makeReport(everyState()))
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	require.NoError(t, f.SetCellValue("Rows", "I2", 1250.01))
	require.NoError(t, f.UpdateLinkedValue())
	planted := filepath.Join(t.TempDir(), "report.xlsx")
	require.NoError(t, f.SaveAs(planted))
	require.NoError(t, f.Close())
	red := redPixels(t, path, planted)
	require.Zero(t, red[0])
	require.Positive(t, red[1])
}

// The orders of other runs are named by run, since they are posted from those reports: in the sheets, in JSON and in words.
func TestPostedElsewhere(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{
		{billing.FinalAlreadyInvoiced, []int64{100}, "NOK"},
		{billing.FinalRegistered, []int64{200}, "NOK"},
		{billing.FinalVoided, []int64{300}, "NOK"},
		{billing.FinalInvoiced, []int64{400}, "NOK"},
	})
	r = spoilOrders(t, r, func(orders []Order) []Order {
		orders[0].Run, orders[1].Run, orders[2].Run = "run-2", "run-1", "run-2"
		orders[2].Invoiced = NotInvoiced
		return orders
	})
	s := reconciled(t, r)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	require.Contains(t, string(data), `"by_other_runs":[{"run":"run-1","orders":1},{"run":"run-2","orders":2}]`)

	_, f := written(t, r)
	lines := []string{
		"Posted from the reports of other runs: 1 order of run run-1; " +
			"`kravia-batch report --run run-1` makes that report again",
		"Posted from the reports of other runs: 2 orders of run run-2; " +
			"`kravia-batch report --run run-2` makes that report again",
	}
	for i, line := range lines {
		require.Equal(t, line, shown(t, f, "Summary", fmt.Sprint("A", 6+i)))
	}
	require.Equal(t, lines, s.PostedElsewhere())
	require.Equal(t, "run-2", shown(t, f, "Orders", under(t, f, "Orders", "invoiced by run", 2)))
	require.Equal(t, "Nothing: the correction is in the report of the run that invoiced them",
		wordsOf("").todo(s, billing.FinalVoided))

	own := reconciled(t, makeReport([]ended{{billing.FinalVoided, []int64{300}, "NOK"}}))
	require.Empty(t, own.PostedElsewhere())
	data, err = json.Marshal(own)
	require.NoError(t, err)
	require.NotContains(t, string(data), "by_other_runs")
	require.Equal(t, "Accounting: post the correction, if the invoice was posted",
		wordsOf("").todo(own, billing.FinalVoided))
}

func TestFewOfManyOtherRunsAreNamed(t *testing.T) {
	t.Parallel()
	s := &Summary{}
	for i := range 7 {
		s.ByOthers = append(s.ByOthers, OtherRun{fmt.Sprint("run-", i), 1})
	}
	lines := s.PostedElsewhere()
	require.Len(t, lines, 6)
	require.Contains(t, lines[4], "run-4")
	require.Equal(t, "and 2 more runs", lines[5])
	s.ByOthers = s.ByOthers[:6]
	require.Equal(t, "and 1 more run", s.PostedElsewhere()[5])
}
