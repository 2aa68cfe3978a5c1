package batch_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

const plainColumns = `input: {decimal: ","}
constants: {country: "NO", currency: NOK, postal_code: "0151", postal_place: Oslo}
columns:
  email: Epost
  phone_number: Tlf
  address_line: Adresse
`

// BenchmarkFormulas checks 100,000 rows with a profile of plain columns and the same rows with one of ten
// formulas. ratio is how many times as long the formulas take.
func BenchmarkFormulas(b *testing.B) {
	const rows = 100_000
	dir := b.TempDir()
	path := filepath.Join(dir, "export.csv")
	write(b, path, "Ordre;Kunde;Tekst;Tid;Pris;Rabatt;Mva;Navn;Orgnr;Kontakt;Epost;Tlf;Adresse\n", rows,
		func(i int) string {
			return fmt.Sprintf("A%d;%d;Leie av plass %d;%d,5;%d,50;%s;25;Fjord AS;999888003;Kari Nordmann;"+
				"post%d@fjord.example;+4740000011;Gata %d\n",
				i/3, i/3%5000, i, 1+i%8, 10+i%900, []string{"", "10"}[i%2], i/3, i/3%90)
		})
	plain := load(b, dir, "plain.yaml", plainColumns+`  order_reference: Ordre
  customer_number: Kunde
  description: Tekst
  quantity: Tid
  unit_price: Pris
  discount_percent: Rabatt
  vat: Mva
  business_name: Navn
  organization_number: Orgnr
  contact_name: Kontakt
`)
	formulas := load(b, dir, "formulas.yaml", plainColumns+`  order_reference: "= trim({Ordre})"
  customer_number: "= digits({Kunde})"
  description: "= {Tekst} != '' ? {Tekst} + ', november' : ''"
  quantity: "= hours({Tid})"
  unit_price: "= num({Pris}) * 1"
  discount_percent: "= num({Rabatt}, 0)"
  vat: "= {Mva} == '25' ? 25 : 0"
  business_name: "= {Orgnr} != '' ? {Navn} : ''"
  organization_number: "= digits({Orgnr})"
  contact_name: "= {Kontakt} == '' ? {Navn} : {Kontakt}"
`)
	var one, ten time.Duration
	for b.Loop() {
		one += checkWith(b, plain, rows, path)
		ten += checkWith(b, formulas, rows, path)
	}
	b.ReportMetric(one.Seconds()/float64(b.N), "plain-s")
	b.ReportMetric(ten.Seconds()/float64(b.N), "formulas-s")
	b.ReportMetric(ten.Seconds()/one.Seconds(), "ratio")
}

// BenchmarkRegister checks 100,000 rows whose customers are looked up in a register of a million. peak-MiB is
// as in BenchmarkCheck.
func BenchmarkRegister(b *testing.B) {
	const rows, customers = 100_000, 1_000_000
	dir := b.TempDir()
	path, register := filepath.Join(dir, "export.csv"), filepath.Join(dir, "kunder.csv")
	write(b, path, "Ordre;Kunde;Tekst;Pris;Mva\n", rows, func(i int) string {
		return fmt.Sprintf("A%d;%d;Leie;100,00;25\n", i, i*7919%customers)
	})
	write(b, register, "Nr;Navn;Orgnr;Kontakt;Epost;Tlf;Adresse;Notat\n", customers, func(i int) string {
		return fmt.Sprintf("%d;Firma nummer %d AS;999888003;Kari Nordmann;faktura%d@firma.example;+4740000011;Gata %d;"+
			"noe som ikke brukes\n", i, i, i, i%900)
	})
	p := load(b, dir, "profile.yaml", `input: {decimal: ","}
constants: {country: "NO", currency: NOK, postal_code: "0151", postal_place: Oslo}
registers:
  kunder: {file: "kunder*.csv", key: Nr, by: customer_number}
columns:
  order_reference: Ordre
  customer_number: Kunde
  description: Tekst
  amount: Pris
  vat: Mva
  business_name: kunder.Navn
  organization_number: kunder.Orgnr
  contact_name: kunder.Kontakt
  email: kunder.Epost
  phone_number: kunder.Tlf
  address_line: kunder.Adresse
`)
	var peak uint64
	for b.Loop() {
		peak = max(peak, sampled(func() { checkWith(b, p, rows, path, register) }))
	}
	b.ReportMetric(float64(peak>>20), "peak-MiB")
}

func write(b *testing.B, path, header string, rows int, line func(i int) string) {
	b.Helper()
	f, err := os.Create(path)
	require.NoError(b, err)
	w := bufio.NewWriter(f)
	_, _ = w.WriteString(header) // Flush tells
	for i := range rows {
		_, _ = w.WriteString(line(i))
	}
	require.NoError(b, w.Flush())
	require.NoError(b, f.Close())
}

func load(b *testing.B, dir, name, text string) *intake.Profile {
	b.Helper()
	require.NoError(b, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	p, err := intake.LoadProfile(filepath.Join(dir, name))
	require.NoError(b, err)
	return p
}

// checkWith reads and checks files with a profile, and gives the time that it took.
func checkWith(b *testing.B, p *intake.Profile, rows int, paths ...string) time.Duration {
	b.Helper()
	start := time.Now()
	r, err := batch.Read(b.Context(), &batch.Input{
		Paths: paths, Profile: p, Rules: &billing.Rules{Constants: p.Constants}, TmpDir: b.TempDir(), ExpectRows: rows,
	})
	require.NoError(b, err)
	defer r.Close()
	totals, err := batch.Count(r.Groups())
	require.NoError(b, err)
	require.Zero(b, totals.InvalidRows)
	return time.Since(start)
}
