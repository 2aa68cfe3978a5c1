package report

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

func previewed(t *testing.T, m *billing.LastMonth) *excelize.File {
	t.Helper()
	return previewedIn(t, "", m)
}

func previewedIn(t *testing.T, language string, m *billing.LastMonth) *excelize.File {
	t.Helper()
	r := makeReport([]ended{
		{billing.FinalNotAttempted, []int64{125000, 49990}, "NOK"},
		{billing.FinalAlreadyInvoiced, []int64{10000}, "NOK"},
		{billing.FinalConflict, []int64{20000}, "NOK"},
		{billing.FinalInvalid, []int64{300}, "NOK"},
	})
	r.Language = language
	r.Preview = &Preview{
		Hash: "9f86d081884c7d65", By: "Ola Nordmann", Day: "2026-11-22", ToSend: 1, Money: []money.Amount{nok(174990)},
		VAT: []billing.VATTotal{{Rate: 2500, Gross: nok(204990), VAT: nok(40998)}},
	}
	r.LastMonth = m
	dir := t.TempDir()
	path, err := WritePreview(t.Context(), r, dir, "PLAN.xlsx")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "PLAN.xlsx"), path)
	require.Equal(t, []string{"PLAN.xlsx"}, namesIn(t, dir))
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func TestPreviewOfPlan(t *testing.T) {
	t.Parallel()
	f := previewed(t, sinceOctober(t))
	require.Equal(t, []string{"Summary", "Rows", "Orders", "VAT", "Problems", "Last month"}, f.GetSheetList())
	for cell, want := range map[string]string{
		"A1": "PLAN – NOTHING IS SENT", "A3": "Plan of 2026-11-22 by Ola Nordmann",
		"A6": "To be sent: 1 order, 1,749.90\u00a0NOK. Not to be sent: 3 orders, see the states below.",
	} {
		require.Equal(t, want, shown(t, f, "Summary", cell), cell)
	}
	require.Contains(t, shown(t, f, "Summary", "A2"), "SANDBOX")
	require.Equal(t, "1,639.92", shown(t, f, "Summary", cellOf(t, f, "25 % NOK", 1)))
	require.Equal(t, "Will be sent when the plan is run", shown(t, f, "Summary", cellOf(t, f, "not attempted", 4)))
	require.Equal(t, "2", shown(t, f, "Summary", cellOf(t, f, "not attempted", 1)))
	requireChanges(t, f)
}

func TestPreviewInSwedish(t *testing.T) {
	t.Parallel()
	f := previewedIn(t, "sv", nil)
	require.Equal(t, []string{"Sammanfattning", "Rader", "Ordrar", "Moms", "Problem", "Förra månaden"},
		f.GetSheetList())
	for cell, want := range map[string]string{
		"A1": "PLAN – INGENTING ÄR SKICKAT", "A3": "Plan av 2026-11-22, gjord av Ola Nordmann",
		"A6": "Ska skickas: 1 order, 1\u00a0749,90\u00a0NOK. Ska ej skickas: 3 ordrar, se statusarna nedan.",
	} {
		require.Equal(t, want, shown(t, f, "Sammanfattning", cell), cell)
	}
}

func TestPreviewIsNeverWrittenOver(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	r.Preview = &Preview{Day: "2026-11-22"}
	dir := t.TempDir()
	for _, want := range []string{"PLAN.xlsx", "PLAN-2.xlsx"} {
		path, err := WritePreview(t.Context(), r, dir, "PLAN.xlsx")
		require.NoError(t, err)
		require.Equal(t, filepath.Join(dir, want), path)
	}
}
