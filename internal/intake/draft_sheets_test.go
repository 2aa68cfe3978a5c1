package intake

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// TestDraftOfWorkbook drafts from the sheets of lines, customers and items. The items have the tax codes.
func TestDraftOfWorkbook(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	for sheet, rows := range map[string][][]any{
		"Linjer": {
			{"Ordrenr", "Kundenr", "Varenr", "Antall", "Beløp eks mva"},
			{"F1", 501, "A-1", 2, 200.5},
			{"F2", 502, "A-2", 1, 99},
			{"F2", 502, "A-1", 1, 100.25},
		},
		"Kunder": {
			{
				"Kundenr", "Navn", "Orgnr", "Kontakt", "E-post", "Telefon", "Adresse", "Postnr", "Sted", "Land",
				"Rabatt %",
			}, {
				501, "A AS", "974760673", "Eva E", "a@b.example", "+4740000011", "Gata 1", "0151", "Oslo", "Norge", 10,
			}, {
				502, "B AS", "999888003", "Nils N", "c@d.example", "+4740000012", "Gata 2", "9008", "Tromsø", "Norge",
				0,
			},
		},
		"Artikler": {{"Varenr", "Varetekst", "Mva-kode"}, {"A-1", "Drift av skjema", "3"}, {"A-2", "Kaffe", "31"}},
	} {
		_, err := book.NewSheet(sheet)
		require.NoError(t, err)
		for i, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			require.NoError(t, err)
			require.NoError(t, book.SetSheetRow(sheet, cell, &row))
		}
	}
	require.NoError(t, book.DeleteSheet("Sheet1"))
	path := filepath.Join(t.TempDir(), "export.xlsx")
	require.NoError(t, book.SaveAs(path))
	drafted, err := Draft(t.Context(), []string{path}, Options{})
	require.NoError(t, err)
	text := string(drafted.Text)
	for _, line := range []string{
		"input: {sheet: Linjer}", "customers: {sheet: Kunder, key: Kundenr, by: customer_number}",
		"items: {sheet: Artikler, key: Varenr, by: item_id}", "description: items.Varetekst", "vat: items.Mva-kode",
		`vat: {"3": 25, "31": 15}`, "business_name: customers.Navn", "country: customers.Land", "amount: Beløp eks mva",
		"QUESTION: customers.Rabatt %",
	} {
		require.Contains(t, text, line)
	}
	require.Len(t, drafted.Questions, 3, text) // the discount of the customers, the codes, the currency
}

// draftOfSheets is the draft of a workbook with its sheets in the order of their names. The areas are merged in the
// first one.
func draftOfSheets(t *testing.T, sheets map[string][][]any, areas ...string) string {
	t.Helper()
	book := excelize.NewFile()
	names := slices.Sorted(maps.Keys(sheets))
	for _, sheet := range names {
		_, err := book.NewSheet(sheet)
		require.NoError(t, err)
		for i, row := range sheets[sheet] {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			require.NoError(t, err)
			require.NoError(t, book.SetSheetRow(sheet, cell, &row))
		}
	}
	for _, area := range areas {
		from, to, _ := strings.Cut(area, ":")
		require.NoError(t, book.MergeCell(names[0], from, to))
	}
	require.NoError(t, book.DeleteSheet("Sheet1"))
	path := filepath.Join(t.TempDir(), "export.xlsx")
	require.NoError(t, book.SaveAs(path))
	drafted, err := Draft(t.Context(), []string{path}, Options{})
	require.NoError(t, err)
	loads(t, drafted)
	if kept := answered(string(drafted.Text), nil); !strings.Contains(kept, `"?"`) {
		_, err := parseProfile("draft.yaml", []byte(kept))
		require.NoError(t, err, kept)
	}
	return unwrapped(string(drafted.Text))
}

// soldTo are the cells of a customer.
func soldTo(order string, more ...any) []any {
	return append(
		[]any{
			order, "5001", "Fjordvik Eksempel AS", "999888003", "Eva Eksempel", "faktura@fjordvik.example",
			"+4740000011", "Kaia 1", "0151", "Oslo",
		}, more...)
}

func soldHeader(more ...any) []any {
	return append(
		[]any{"Ordrenr", "Kundenr", "Kunde", "Orgnr", "Kontakt", "E-post", "Telefon", "Adresse", "Postnr", "Sted"},
		more...)
}

// TestDraftOfTwoListsOfLines drafts a workbook of two months. Neither is a register of the other.
func TestDraftOfTwoListsOfLines(t *testing.T) {
	t.Parallel()
	header := soldHeader("Tekst", "Antall", "Pris eks mva", "Mva")
	text := draftOfSheets(t, map[string][][]any{
		"November": {header, soldTo("2", "Drift", 1, 500, 25), soldTo("3", "Drift", 2, 500, 25)},
		"Oktober":  {header, soldTo("1", "Drift", 1, 500, 25)},
	})
	require.NotContains(t, text, "registers:")
	require.Contains(t, text, "input: {sheet: November}")
	require.Contains(t, text,
		`QUESTION: export.xlsx, sheet "Oktober" has the columns of the lines too, and is not read. `+
			"Which sheet is to be invoiced?")
	require.Contains(t, text, "write sheet: Oktober under input")
}

// TestDraftLooksNothingUpByTexts drafts a second table that shares only texts with the lines, and no numbers.
func TestDraftLooksNothingUpByTexts(t *testing.T) {
	t.Parallel()
	text := draftOfSheets(t, map[string][][]any{
		"Linjer": {
			soldHeader("Tekst", "Antall", "Pris eks mva", "Mva"), soldTo("2", "Drift", 1, 500, 25),
			soldTo("3", "Frakt", 2, 500, 25),
		},
		"Timer":   {{"Tekst", "Timer"}, {"Drift", 4}, {"Frakt", 1}},
		"Vær her": {{"Dato", "Vær"}, {"2026-11-01", "Regn"}},
	})
	require.NotContains(t, text, "by: description")
	require.Contains(t, text, "write it as a register: customers: {sheet: Timer, key:")
	require.Contains(t, text, `customers: {sheet: Vær her, key:`)
}

// TestDraftNamesWhatRegistersHave drafts articles whose names and prices are not used.
func TestDraftNamesWhatRegistersHave(t *testing.T) {
	t.Parallel()
	text := draftOfSheets(t, map[string][][]any{
		"Artikler": {
			{"Varenr", "Navn", "Pris", "Mva-kode"},
			{"A-1", "Drift av skjema", 500, "3"},
			{"A-2", "Kaffe", 40, "31"},
		},
		"Linjer": {
			soldHeader("Varenr", "Tekst", "Antall", "Pris eks mva"), soldTo("2", "A-1", "Drift", 1, 500),
			soldTo("3", "A-2", "Kaffe", 2, 40), soldTo("4", "A-1", "Drift", 2, 500),
		},
	})
	require.Contains(t, text, "# not used of items: Navn (Drift av skjema), Pris (500)")
}

// TestDraftFillsMergedCells drafts customers whose cells are merged over the lines of their order.
func TestDraftFillsMergedCells(t *testing.T) {
	t.Parallel()
	header := soldHeader("Adresse 2", "Tekst", "Antall", "Pris eks mva", "Mva")
	rows := [][]any{
		header, soldTo("1", "", "Drift", 1, 500, 25), soldTo("1", "", "Frakt", 2, 50, 25),
		soldTo("2", "Oppgang B", "Drift", 2, 500, 25),
	}
	text := draftOfSheets(t, map[string][][]any{"Linjer": rows}, "B2:B3", "C2:C3", "D2:D3", "E2:E3", "F2:F3",
		"G2:G3", "H2:H3", "I2:I3", "J2:J3")
	require.Contains(t, text,
		"fill_down: [customer_number, contact_name, business_name, organization_number, email, phone_number, "+
			"address_line, "+
			"postal_code, postal_place]  # merged cells hold for the rows below")
	text = draftOfSheets(t, map[string][][]any{"Linjer": rows}, "A2:A3", "B2:B3", "C2:C3", "D2:D3")
	require.Contains(t, text, "fill_down: [order_reference, customer_number, business_name, organization_number]")
}
