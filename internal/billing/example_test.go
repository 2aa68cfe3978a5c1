package billing_test

import (
	"fmt"
	"os"
	"time"

	"kraviabatch/internal/billing"
)

// Rows with one reference make one order, wherever they are. Every row comes back with its result.
func ExampleGrouper() {
	scratch, err := os.CreateTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.Remove(scratch.Name())
	rules := &billing.Rules{
		Constants:    map[billing.Column]string{billing.ColCountry: "NO", billing.ColVAT: "25"},
		DaysUntilDue: 14, Channel: billing.ChannelKravia, Today: "2026-11-22",
	}
	grouper := billing.NewGrouper(rules, scratch)
	grouper.AddTable(billing.Table{File: "november.csv"})
	for i, line := range []struct{ reference, text, amount string }{
		{"K1", "Subscription", "199.00"}, {"K2", "Subscription", "free"}, {"K1", "Messages", "49.50"},
	} {
		rec := billing.Record{Place: billing.Place{File: "november.csv", Row: i + 2}}
		for column, value := range map[billing.Column]string{
			billing.ColOrderReference: line.reference, billing.ColDescription: line.text,
			billing.ColAmount:    line.amount,
			billing.ColFirstName: "Kari", billing.ColLastName: "Nordmann", billing.ColEmail: "kari@example.no",
			billing.ColPhoneNumber: "40000041",
			billing.ColAddressLine: "Storgata 1", billing.ColPostalCode: "0151", billing.ColPostalPlace: "Oslo",
		} {
			rec.Set(column, value)
		}
		if err := grouper.Add(rec); err != nil {
			panic(err)
		}
	}
	for group, err := range grouper.Groups() {
		if err != nil {
			panic(err)
		}
		if group.Order != nil {
			fmt.Println(group.Reference, group.Order.Gross.Grouped(), "of that VAT", group.Order.VAT)
		}
		for _, row := range group.Rows {
			fmt.Println(" row", row.Row, row.Description, row.Valid)
			for _, problem := range row.Problems {
				fmt.Println("  ", problem)
			}
		}
	}
	// Output:
	// K1 248.50 NOK of that VAT 49.70
	//  row 2 Subscription true
	//  row 4 Messages true
	//  row 3 Subscription false
	//    november.csv row 3 column amount: amount.unreadable: "free" is not an amount (write a number such as 299.00)
}

func ExampleNewProblem() {
	p := billing.NewProblem("postal_code.format", "123", "country", "FI", "digits", "5")
	fmt.Println(p.Severity, p.Column)
	fmt.Println(p.Message)
	fmt.Println(p.Hint)
	p = billing.NewProblem("currency.differs", "€", "column", "amount", "word", "€", "currency", "NOK")
	fmt.Println(p.Column, p.Message)
	// Output:
	// error postal_code
	// "123" is not a postal code of FI
	// write the code with 5 digits, as in FI
	// amount amount says €, but the order is in NOK
}

func ExampleVATRates() {
	fmt.Println(billing.VATRates("", "NOK", "SE", "2026-11-22"))
	fmt.Println(billing.VATRates("", "EUR", "FI", "2025-12-31"))
	fmt.Println(billing.VATRates("", "EUR", "FI", "2026-01-01"))
	fmt.Println(billing.VATRates("NO", "EUR", "FI", "2026-01-01"))
	// Output:
	// [25 15 12 11.11 0] NO
	// [25.5 14 10 0] FI
	// [25.5 13.5 10 0] FI
	// [25 15 12 11.11 0] NO
}

func ExampleCountryCode() {
	for _, given := range []string{"no", "Sverige", "ÅLAND", "SJ", "Norgge"} {
		fmt.Println(billing.CountryCode(given))
	}
	// Output:
	// NO
	// SE
	// FI
	// NO
	// NORGGE
}

// An order in doubt of which the provider shows nothing is looked up until its request is old enough, then sent again.
func ExampleLife_Next() {
	began := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	order := billing.Life{
		Outcome: billing.Outcome{State: billing.InDoubt}, Step: billing.StepLookUp, Sent: 1, LastAttempt: began,
		Tries: len(billing.Schedule()), Wanted: true, ResendAfter: 10 * time.Minute,
	}
	for _, age := range []time.Duration{2 * time.Minute, 10 * time.Minute} {
		next := order.Next(billing.EventNothing, billing.Outcome{}, began.Add(age))
		fmt.Printf("after %s: %s at %s\n", age, next.Step, next.Due.Format("15:04"))
	}
	// Output:
	// after 2m0s: look up at 12:10
	// after 10m0s: send at 12:10
}
