package report

import "kraviabatch/internal/billing"

// templateColumn tells a person about one column of the input.
type templateColumn struct {
	name    string
	filled  bool   // stands in the template; the others can be added
	needed  string // when it must be filled in
	meaning string
	example string
	choices []string // of the drop-down, in the words of the importer
	strict  bool     // nothing but the choices
	lines   []string // cells of the example lines
}

// Needs that several columns share.
const (
	needAlways   = "always, on every row"
	needOrder    = "once for each order"
	needBusiness = "for businesses; empty for private persons"
	needNever    = "if wanted"
)

// exampleTitles name the example lines: two lines of one order, a private person, and a grouped invoice.
func exampleTitles() []string {
	return []string{"Business, first line", "Business, second line", "Private person", "Grouped invoice"}
}

// templateColumns are all columns that the importer knows, in the order of the template.
func templateColumns() []templateColumn {
	return append(append(orderTerms(), customerColumns()...), lineColumns()...)
}

func orderTerms() []templateColumn {
	return []templateColumn{
		{
			billing.ColOrderReference, true, needAlways, "Your number for the order. Rows with the same reference become one invoice, wherever they stand. A reference is invoiced once and never again. 1 to 35 of A-Z a-z 0-9 . _ -",
			"2026-11-K1001", nil, false,
			[]string{"2026-11-K1001", "2026-11-K1001", "2026-11-K2001", "2026-11-K3001"},
		},
		{
			billing.ColCustomerNumber, true, needNever, "Your own number for the customer.", "K1001", nil, false,
			[]string{"K1001", "K1001", "K2001", "K3001"},
		},
		{
			billing.ColProduct, true, needNever + "; without it b2b where there is an organization number, else b2c", "What kind of invoice: to a business, to a business and gathered with others in a grouped invoice, or to a private person.",
			"b2b",
			[]string{"b2b", "b2b_grouped", "b2c"},
			true,
			[]string{"b2b", "", "b2c", "b2b_grouped"},
		},
		{
			billing.ColCurrency, true, needNever + "; without it NOK", "Three letters, as in ISO 4217.", "NOK",
			[]string{"NOK", "SEK", "EUR"},
			false,
			[]string{"NOK", "NOK", "NOK", "NOK"},
		},
		{
			billing.ColDaysUntilDue, true, needNever + "; without it the setting, 14 if none", "Days from the day of sending until the invoice is due, 0 to 365. Give this or due_date.", "14", nil, false,
			[]string{"14", "", "14", "30"},
		},
		{billing.ColDueDate, true, needNever, "A due date in place of days_until_due.", "2026-12-31", nil, false, nil},
		{
			billing.ColInvoiceChannel, true, needNever + "; never for b2b_grouped", "Who delivers the invoice to the customer: Kravia, or you as the merchant.", "kravia",
			[]string{"kravia", "merchant"},
			true,
			[]string{"kravia", "", "kravia", ""},
		},
	}
}

func customerColumns() []templateColumn {
	return []templateColumn{
		{billing.ColFirstName, true, needOrder, "The customer's first name; for a business that of a contact person.", "Kari", nil, false, []string{"Kari", "", "Anne", "Ola"}},
		{billing.ColLastName, true, needOrder, "The customer's last name; for a business that of a contact person.", "Nordmann", nil, false, []string{"Nordmann", "", "Hansen", "Lien"}},
		{billing.ColContactName, false, "in place of first_name and last_name", "The full name: the last word is the last name.", "Kari Nordmann", nil, false, nil},
		{billing.ColBusinessName, true, needBusiness, "The business's name as registered.", "Fjordlys Energi AS", nil, false, []string{"Fjordlys Energi AS", "", "", "Granskog Bruk AS"}},
		{billing.ColOrganizationNumber, true, needBusiness, "Norway 9 digits, Sweden 10, Finland 8.", "310401374", nil, false, []string{"310401374", "", "", "310416444"}},
		{billing.ColEmail, true, needOrder, "Where the invoice goes.", "post@example.no", nil, false, []string{"faktura@fjordlys.example.no", "", "anne.hansen@example.com", "post@granskog.example.no"}},
		{billing.ColPhoneNumber, true, needOrder, "With the country code, or as it is dialled in the customer's country.", "+4740000011", nil, false, []string{"+4740000011", "", "+4740000041", "+4740000031"}},
		{billing.ColAddressLine, true, needOrder, "Street and number.", "Strandkaien 14", nil, false, []string{"Strandkaien 14", "", "Løkkeveien 11", "Skogveien 3"}},
		{billing.ColAddressLine2, true, needNever, "A second line of the address.", "3rd floor", nil, false, nil},
		{billing.ColCOAddress, true, needNever, "Care of whom.", "c/o Nordmann", nil, false, nil},
		{billing.ColPostalCode, true, needOrder, "With the zeros in front.", "0253", nil, false, []string{"5013", "", "0253", "2390"}},
		{billing.ColPostalPlace, true, needOrder, "City or place.", "Oslo", nil, false, []string{"Bergen", "", "Oslo", "Moelv"}},
		{billing.ColCountry, true, needOrder, "Two letters, as in ISO 3166.", "NO", []string{"NO", "SE", "FI"}, false, []string{"NO", "", "NO", "NO"}},
		{billing.ColCustomerReference, true, needNever, "The customer's own reference, such as their order number.", "PO 4711", nil, false, []string{"PO 4711", "", "", ""}},
		{billing.ColCostCenter, true, needNever, "The customer's cost centre.", "410", nil, false, nil},
	}
}

func lineColumns() []templateColumn {
	return []templateColumn{
		{billing.ColLineID, false, needNever + "; without it 1, 2, 3 …", "A name for the line that no other line of its order has.", "1", nil, false, nil},
		{billing.ColItemID, true, needNever, "Your number for what is sold.", "SMS-1", nil, false, []string{"BASIS", "SMS-1", "BASIS", "PLUS"}},
		{billing.ColDescription, true, needAlways, "What the customer reads on the line, best at most 100 characters.", "Subscription, November 2026", nil, false, []string{"Subscription Basic, November 2026", "Text messages", "Subscription Basic, November 2026", "Subscription Plus, November 2026"}},
		{billing.ColQuantity, true, needNever + "; without it 1", "How many, above zero.", "2", nil, false, []string{"1", "120", "1", "1"}},
		{billing.ColUnitPrice, true, "if there is no amount", "Price for one, with VAT.", "199.5", nil, false, []string{"199", "0.49", "99", "1299"}},
		{billing.ColAmount, true, "if there is no unit_price", "The line's total, with VAT. With unit_price too, both must agree. Below zero for a discount.", "399", nil, false, nil},
		{billing.ColDiscountPercent, true, needNever, "Taken off quantity × unit_price, 0 to 100.", "10", nil, false, []string{"", "", "", "10"}},
		{billing.ColVAT, true, needAlways + "; 0 for none", "VAT in percent: 25, and not 0.25.", "25", []string{"25", "15", "12", "0", "6", "25.5", "13.5", "10"}, false, []string{"25", "25", "25", "25"}},
		{billing.ColVATAmount, false, needNever, "The line's VAT as you computed it. It is compared with the one computed here.", "39.8", nil, false, nil},
		{billing.ColDeliveryDate, true, needNever, "When it was delivered: it decides which VAT rates are in force.", "2026-11-30", nil, false, []string{"2026-11-30", "2026-11-30", "2026-11-30", "2026-11-30"}},
	}
}
