package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// export is a random list of lines whose sums are known.
type export struct {
	text  string
	gross map[string]int64 // by order, in minor units
}

// drawExport makes a list as one of many programs could: its headers, their order, marks, and which amounts it has.
func drawExport(t *rapid.T) export {
	pick := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, name) }
	delimiter, mark := pick("delimiter", ";", ",", "\t"), pick("mark", ".", ",")
	if delimiter == "," {
		mark = "."
	}
	minor := rapid.Bool().Draw(t, "minor")
	money := func(hundredths int64) string {
		if minor {
			return fmt.Sprint(hundredths)
		}
		sign := ""
		if hundredths < 0 {
			sign, hundredths = "-", -hundredths
		}
		return fmt.Sprintf("%s%d%s%02d", sign, hundredths/100, mark, hundredths%100)
	}
	unit := ""
	if minor {
		unit = " (øre)"
	}
	columns := map[string]string{
		"order":    pick("order", "Ordrenr", "Order no", "Faktura"),
		"text":     pick("text", "Tekst", "Beskrivelse", "Description", "Vare"),
		"quantity": pick("quantity", "Antall", "Qty", "Ant."),
		"price":    pick("price", "Pris eks mva", "Enhetspris ekskl. mva", "Unit price excl VAT") + unit,
		"discount": pick("discount", "Rabatt", "Rabatt %", "Discount"),
		"net":      pick("net", "Netto", "Beløp eks mva", "Sum", "Line total") + unit,
		"gross":    pick("gross", "Brutto", "Beløp inkl mva", "Total", "Gross") + unit,
		"vat":      pick("vat", "Mva", "Mva %", "VAT", "MVA-kode"),
		"firm":     "Firmanavn", "number": "Org.nr", "person": "Kontaktperson", "email": "E-post", "phone": "Telefon",
		"address": "Adresse",
		"code":    "Postnr", "place": "Poststed", "country": "Land", "currency": "Valuta",
	}
	order := []string{
		"order", "text", "quantity", "price", "net", "vat", "firm", "number", "person", "email", "phone", "address",
		"code", "place", "country",
	}
	for _, name := range []string{"discount", "gross", "currency"} {
		if rapid.Bool().Draw(t, name+" is there") {
			order = append(order, name)
		}
	}
	order = rapid.Permutation(order).Draw(t, "columns")
	rates := map[int64]string{25: "25", 15: "15", 0: "0"}
	if columns["vat"] == "MVA-kode" {
		rates = map[int64]string{25: "3", 15: "31", 0: "5"}
	}
	var b strings.Builder
	row := func(cells map[string]string) {
		for i, name := range order {
			if i > 0 {
				b.WriteString(delimiter)
			}
			b.WriteString(cells[name])
		}
		b.WriteString("\n")
	}
	row(columns)
	e := export{gross: map[string]int64{}}
	for i := range rapid.IntRange(3, 12).Draw(t, "rows") {
		quantity, price := rapid.Int64Range(1, 9).Draw(t, "quantity"), rapid.Int64Range(100, 500_000).Draw(t, "price")
		discount, rate := int64(0), rapid.SampledFrom([]int64{25, 25, 15, 0}).Draw(t, "rate")
		if slices.Contains(order, "discount") {
			discount = rapid.SampledFrom([]int64{0, 0, 10, 50}).Draw(t, "discount")
		}
		net := (quantity*price*(100-discount) + 50) / 100
		gross := (net*(100+rate) + 50) / 100
		reference := fmt.Sprintf("F26-%d", 1000+i/2)
		e.gross[reference] += gross
		row(map[string]string{
			"order": reference, "text": fmt.Sprintf("Leie av plass %d", i), "quantity": fmt.Sprint(quantity),
			"price":    money(price),
			"discount": fmt.Sprint(discount), "net": money(net), "gross": money(gross), "vat": rates[rate],
			"firm": "Fjord AS", "number": "999888003", "person": "Kari Nordmann",
			"email": fmt.Sprintf("post%d@fjord.example", i/2), "phone": "+4740000011", "address": "Gata 1",
			"code":  "0151",
			"place": "Oslo", "country": "Norge", "currency": "NOK",
		})
	}
	e.text = b.String()
	return e
}

// TestDraftsBillWhatTheFileStates drafts profiles of random exports. A draft without a question bills every
// order as the file states it, or is refused.
func TestDraftsBillWhatTheFileStates(t *testing.T) {
	t.Parallel()
	billed, asked, refused := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		e := drawExport(rt)
		dir := t.TempDir()
		file, profile := filepath.Join(dir, "export.csv"), filepath.Join(dir, "export.yaml")
		require.NoError(rt, os.WriteFile(file, []byte(e.text), 0o600))
		code, _, stderr := call(t, "profile", file, "-o", profile)
		require.Zero(rt, code, stderr)
		draft, err := os.ReadFile(profile)
		require.NoError(rt, err)
		if strings.Contains(string(draft), "QUESTION") {
			asked++
			return
		}
		code, stdout, stderr := call(t, "run", "--dry-run", "--json", "--profile", profile, file)
		if code == 5 {
			refused++
			return
		}
		require.Contains(rt, []int{0, 3}, code, "%s\n%s\n%s", stderr, draft, e.text)
		orders, _ := readDryRun(t, stdout)
		for _, order := range orders {
			fields := strings.Fields(order)
			require.Equal(rt, hundredths(e.gross[fields[0]]), fields[5], "%s\n%s\n%s", order, draft, e.text)
		}
		if code == 0 {
			require.Len(rt, orders, len(e.gross))
		}
		billed++
	})
	t.Logf("billed %d, asked %d, refused %d", billed, asked, refused)
	require.Positive(t, billed, "some drafts need no answer")
}
