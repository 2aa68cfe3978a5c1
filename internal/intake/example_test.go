package intake_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// exampleFile writes a file into a temporary folder. remove removes both.
func exampleFile(name, content string) (path string, remove func()) {
	dir, err := os.MkdirTemp("", "intake")
	if err != nil {
		panic(err)
	}
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		panic(err)
	}
	return path, func() { _ = os.RemoveAll(dir) }
}

// A list with a total, headers with units, and numbers with a decimal comma.
func ExampleOpen() {
	path, remove := exampleFile("november.csv",
		"Ordrenr;Tekst;Beløp (NOK);Mva;Land\nA1;Drift;1.250,00;25;Norge\n;Totalt;1.250,00;;\n")
	defer remove()
	ctx := context.Background()
	file, err := intake.Open(ctx, path, intake.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	for _, c := range file.Columns {
		fmt.Printf("%s is %s: %s, read as %s\n", c.Header, c.Column, c.Sample, c.Read)
	}
	for record, err := range file.Records(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("row", record.Row, record.Get(billing.ColOrderReference), record.Get(billing.ColAmount),
			record.Currencies[0].Word)
	}
	// Output:
	// Ordrenr is order_reference: A1, read as A1
	// Tekst is description: Drift, read as Drift
	// Beløp (NOK) is amount: 1.250,00, read as 1250 NOK
	// Mva is vat: 25, read as 25
	// Land is country: Norge, read as Norge
	// row 2 A1 1250 NOK
}

// A header that can mean two things is refused, because the cells prove neither.
func ExampleOpen_refused() {
	path, remove := exampleFile("november.csv", "Tekst;Pris;Rabatt\nDrift;400;50\n")
	defer remove()
	_, err := intake.Open(context.Background(), path, intake.Options{})
	refusal, _ := errors.AsType[*intake.Error](err)
	fmt.Println(refusal.Code, refusal.Column)
	fmt.Println(strings.ReplaceAll(refusal.Message, ", and ", "\nand "))
	// Output:
	// header.undecided Rabatt
	// the column "Rabatt" can be a discount in percent or a discount in money
	// and its cells do not decide (the first is "50")
}

// A mistake in a profile is reported with its line and column.
func ExampleLoadProfile_mistake() {
	path, remove := exampleFile("erp.yaml", "columns: {description: Tekst, amount: Sum}\nprices: excl_vatt\n")
	defer remove()
	_, err := intake.LoadProfile(path)
	fmt.Println(err)
	// Output: erp.yaml:2:9: unknown value "excl_vatt" (did you mean excl_vat?)
}

// A profile with a formula, a register, and rows that it leaves out.
func ExampleLoadProfile() {
	path, remove := exampleFile("erp.yaml", `
registers: {kunder: {file: "kunder*.csv", key: Nr, by: customer_number}}
only: "= {Status} == 'Klar'"
columns:
  {customer_number: Kunde, email: kunder.Epost, description: Tekst, amount: "= num({Antall}) * num({Pris})", vat: Mva}
values: {vat: {Høy: 25}}
`)
	defer remove()
	customers, remove := exampleFile("kunder-11.csv", "Nr;Epost\n5001;post@fjord.example\n")
	defer remove()
	lines, remove := exampleFile("november.csv",
		"Kunde;Tekst;Antall;Pris;Mva;Status\n5001;Drift;2;900,50;Høy;Klar\n5001;Frakt;1;80,00;Høy;Kladd\n")
	defer remove()

	ctx := context.Background()
	profile, err := intake.LoadProfile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	options := intake.Options{Profile: profile}
	register, err := intake.OpenRegister(ctx, customers, profile.RegisterOf(customers), options)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer register.Close()
	options.Registers = []*intake.Register{register}
	file, err := intake.Open(ctx, lines, options)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	for record, err := range file.Records(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(record.Get(billing.ColEmail), record.Get(billing.ColDescription), record.Get(billing.ColAmount),
			record.Get(billing.ColVAT))
	}
	fmt.Println("left out:", file.LeftOut)
	// Output:
	// post@fjord.example Drift 1801 25
	// left out: 1
}
