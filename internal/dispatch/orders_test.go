package dispatch_test

import (
	"fmt"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

// order is a small order that the provider takes.
func order(reference string, edit ...func(*billing.Order)) *billing.Order {
	o := &billing.Order{
		Reference: reference, Product: billing.B2B, Currency: money.MustCurrency("NOK"),
		Channel: billing.ChannelKravia, DaysUntilDue: 14,
		Address: billing.Address{
			FirstName: "Ola", LastName: "Nordmann", BusinessName: "Nordmann AS", OrganizationNumber: "974760673",
			Email:       "ola@nordmann.no",
			PhoneNumber: "+4799999999", AddressLine: "Storgata 1", PostalCode: "0151", PostalPlace: "Oslo",
			Country: "NO",
		},
		Lines: []billing.Line{
			{
				ID: "1", Description: "Abonnement", Quantity: money.NewDecimal(1, 0), Gross: nok(29900), Rate: 2500,
				VAT: nok(5980),
			},
		},
		Gross: nok(29900), VAT: nok(5980), Rows: 1,
	}
	for _, e := range edit {
		e(o)
	}
	return o
}

// many is the orders R-0001 and on.
func many(n int, edit ...func(*billing.Order)) []*billing.Order {
	orders := make([]*billing.Order, n)
	for i := range orders {
		orders[i] = order(fmt.Sprintf("R-%04d", i+1), edit...)
	}
	return orders
}

// amount gives an order another amount.
func amount(minor int64) func(*billing.Order) {
	return func(o *billing.Order) { o.Gross, o.Lines[0].Gross = nok(minor), nok(minor) }
}

// dueIn gives an order a due date that is so many days away today.
func dueIn(days int) (edit func(*billing.Order), date string) {
	date = time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
	return func(o *billing.Order) { o.DueDate, o.DaysUntilDue = billing.Date(date), days }, date
}

func delivered(o *billing.Order) { o.Channel = billing.ChannelMerchant }

func grouped(o *billing.Order) { o.Product, o.Channel = billing.B2BGrouped, "" }

func person(o *billing.Order) {
	o.Product, o.Address.BusinessName, o.Address.OrganizationNumber = billing.B2C, "", ""
}

func kari(o *billing.Order) {
	person(o)
	o.Address.FirstName, o.Address.Email = "Kari", "kari@nordmann.no"
}
