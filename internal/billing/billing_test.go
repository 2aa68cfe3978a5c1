package billing_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

// memory is scratch storage for tests.
type memory struct{ bytes.Buffer }

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(m.Bytes()).ReadAt(p, at)
}

var _ billing.Scratch = (*memory)(nil)

func rules() *billing.Rules {
	return &billing.Rules{DaysUntilDue: 14, Channel: billing.ChannelKravia, Today: "2026-11-22"}
}

// business is a row without problems: the source document's B2B example.
func business(edit ...func(*billing.Record)) billing.Record {
	rec := billing.Record{
		Place: billing.Place{File: "lines.csv", Row: 2}, Cells: []string{"a", "b"},
		OrderReference: "inv-2026-001", Product: "b2b", Currency: "NOK", DaysUntilDue: "30",
		FirstName: "Ola", LastName: "Nordmann", BusinessName: "Nordmann AS", OrganizationNumber: "974760673",
		Email: "ola@nordmann.no", PhoneNumber: "+4799999999", AddressLine: "Storgata 1", PostalCode: "0151",
		PostalPlace: "Oslo", Country: "NO", LineID: "sub-001", Description: "Monthly subscription - Premium",
		Quantity: "1", Amount: "299.00", VAT: "25",
	}
	for _, e := range edit {
		e(&rec)
	}
	return rec
}

// consumer is the source document's B2C example.
func consumer(edit ...func(*billing.Record)) billing.Record {
	return business(append([]func(*billing.Record){func(r *billing.Record) {
		r.OrderReference, r.Product, r.DaysUntilDue, r.BusinessName, r.OrganizationNumber = "inv-2026-002", "b2c", "14", "", ""
		r.FirstName, r.LastName, r.Email, r.PhoneNumber = "Kari", "Nordmann", "kari@example.no", "+4798765432"
		r.AddressLine, r.PostalCode, r.PostalPlace, r.LineID, r.Description = "Lillegata 5", "5003", "Bergen", "item-1", "Online subscription"
	}}, edit...)...)
}

func group(t require.TestingT, r *billing.Rules, records ...billing.Record) []billing.Group {
	require.NoError(t, r.Lint())
	g := billing.NewGrouper(r, &memory{})
	g.AddTable(billing.Table{File: "lines.csv"})
	for _, rec := range records {
		require.NoError(t, g.Add(rec))
	}
	var groups []billing.Group
	for group, err := range g.Groups() {
		require.NoError(t, err)
		groups = append(groups, group)
	}
	return groups
}

// codes are the problem codes of all rows, in order.
func codes(groups []billing.Group) []string {
	var found []string
	for _, g := range groups {
		for _, row := range g.Rows {
			for _, p := range row.Problems {
				found = append(found, string(p.Code))
			}
		}
	}
	return found
}

func TestSourceDocumentExamples(t *testing.T) {
	t.Parallel()
	groups := group(t, rules(), business(), consumer())
	require.Empty(t, codes(groups))
	require.Len(t, groups, 2)
	for i, want := range []struct {
		reference string
		product   billing.Product
		days      int
	}{{"inv-2026-001", billing.B2B, 30}, {"inv-2026-002", billing.B2C, 14}} {
		o := groups[i].Order
		require.NotNil(t, o)
		require.Equal(t, want.reference, o.Reference)
		require.Equal(t, want.product, o.Product)
		require.Equal(t, want.days, o.DaysFrom("2026-11-22"))
		require.Equal(t, int64(29900), o.Gross.Minor())
		require.Equal(t, int64(5980), o.VAT.Minor())
		require.Equal(t, billing.ChannelKravia, o.Channel)
		require.True(t, groups[i].Rows[0].Valid)
		require.Equal(t, "299.00", groups[i].Rows[0].Amount.String())
		require.Equal(t, "59.80", groups[i].Rows[0].VATAmount.String())
	}
	require.Equal(t, "Nordmann AS", groups[0].Rows[0].Customer)
	require.Equal(t, "Kari Nordmann", groups[1].Rows[0].Customer)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	b2b := func(e func(*billing.Record)) []billing.Record { return []billing.Record{business(e)} }
	b2c := func(e func(*billing.Record)) []billing.Record { return []billing.Record{consumer(e)} }
	two := func(e func(*billing.Record)) []billing.Record {
		return []billing.Record{business(), business(func(r *billing.Record) { r.LineID = "2"; r.Row = 3 }, e)}
	}
	tests := []struct {
		name    string
		records []billing.Record
		want    []string
		sent    bool
	}{
		{"clean", b2b(func(*billing.Record) {}), nil, true},
		{"no reference", b2b(func(r *billing.Record) { r.OrderReference = " " }), []string{"order_reference.missing"}, false},
		{"reference characters", b2b(func(r *billing.Record) { r.OrderReference = "F 17/4" }), []string{"order_reference.characters"}, false},
		{"reference of 35", b2b(func(r *billing.Record) { r.OrderReference = strings.Repeat("a", 35) }), nil, true},
		{"reference of 36", b2b(func(r *billing.Record) { r.OrderReference = strings.Repeat("a", 36) }), []string{"order_reference.length"}, false},
		{"invisible in reference", b2b(func(r *billing.Record) { r.OrderReference = "inv\u200b-1" }), []string{"text.invisible"}, true},
		{"look-alike in reference", b2b(func(r *billing.Record) { r.OrderReference = "inv-\u0430" }), []string{"order_reference.characters"}, false},
		{"two e-mails", two(func(r *billing.Record) { r.Email = "other@nordmann.no" }), []string{"order.incomplete", "order.differs"}, false},
		{"two currencies", two(func(r *billing.Record) { r.Currency = "SEK" }), []string{"order.incomplete", "order.differs"}, false},
		{"two addresses", two(func(r *billing.Record) { r.AddressLine, r.PostalCode = "Storgata 2", "0152" }), []string{"order.incomplete", "order.differs", "order.differs"}, false},
		{"Swedish food at 12 % is valid for restaurants", b2b(func(r *billing.Record) {
			r.Country, r.Currency, r.OrganizationNumber, r.PostalCode, r.PhoneNumber, r.VAT, r.DeliveryDate = "SE", "SEK", "556036-0793", "111 22", "0701234567", "12", "2026-04-01"
		}), nil, true},
		{"second row empty", two(func(r *billing.Record) { r.Email, r.Country, r.Currency = "", "", "" }), nil, true},
		{"product", b2b(func(r *billing.Record) { r.Product = "b2x" }), []string{"product.unknown"}, false},
		{"product in full", b2b(func(r *billing.Record) { r.Product = "kravia.invoice_b2b" }), nil, true},
		{"currency", b2b(func(r *billing.Record) { r.Currency = "kroner" }), []string{"currency.unknown"}, false},
		{"currency of another country", b2b(func(r *billing.Record) { r.Currency = "SEK" }), []string{"currency.country"}, true},
		{"currency unsupported", b2b(func(r *billing.Record) { r.Currency = "USD" }), []string{"currency.unsupported"}, true},
		{"days unreadable", b2b(func(r *billing.Record) { r.DaysUntilDue = "soon" }), []string{"days_until_due.unreadable"}, false},
		{"days 365", b2b(func(r *billing.Record) { r.DaysUntilDue = "365" }), nil, true},
		{"days 366", b2b(func(r *billing.Record) { r.DaysUntilDue = "366" }), []string{"days_until_due.range"}, false},
		{"days -1", b2b(func(r *billing.Record) { r.DaysUntilDue = "-1" }), []string{"days_until_due.range"}, false},
		{"due date", b2b(func(r *billing.Record) { r.DaysUntilDue, r.DueDate = "", "2026-12-06" }), nil, true},
		{"due date past", b2b(func(r *billing.Record) { r.DaysUntilDue, r.DueDate = "", "2026-11-21" }), []string{"due_date.range"}, false},
		{"due date far", b2b(func(r *billing.Record) { r.DaysUntilDue, r.DueDate = "", "2027-11-23" }), []string{"due_date.range"}, false},
		{"due date unreadable", b2b(func(r *billing.Record) { r.DaysUntilDue, r.DueDate = "", "2026-02-30" }), []string{"due_date.unreadable"}, false},
		{"due twice", b2b(func(r *billing.Record) { r.DueDate = "2026-12-06" }), []string{"due_date.twice"}, false},
		{"channel", b2b(func(r *billing.Record) { r.InvoiceChannel = "post" }), []string{"invoice_channel.unknown"}, false},
		{"channel merchant", b2b(func(r *billing.Record) { r.InvoiceChannel = "Merchant" }), nil, true},
		{"channel grouped", b2b(func(r *billing.Record) { r.Product, r.InvoiceChannel = "b2b_grouped", "kravia" }), []string{"invoice_channel.grouped"}, false},
		{"no names", b2b(func(r *billing.Record) { r.FirstName, r.LastName = "", "" }), []string{"first_name.missing", "last_name.missing"}, false},
		{"contact name", b2b(func(r *billing.Record) { r.FirstName, r.LastName, r.ContactName = "", "", "Ola Olav Nordmann" }), nil, true},
		{"one word contact", b2b(func(r *billing.Record) { r.FirstName, r.LastName, r.ContactName = "", "", "Ola" }), []string{"first_name.missing"}, false},
		{"no business name", b2b(func(r *billing.Record) { r.BusinessName = "" }), []string{"business_name.missing"}, false},
		{"no organization number", b2b(func(r *billing.Record) { r.OrganizationNumber = "" }), []string{"organization_number.missing"}, false},
		{"business in b2c", b2c(func(r *billing.Record) { r.BusinessName, r.OrganizationNumber = "X AS", "974760673" }), []string{"business_name.b2c", "organization_number.b2c"}, false},
		{"check digit of the source document", b2b(func(r *billing.Record) { r.OrganizationNumber = "123456789" }), []string{"organization_number.check_digit"}, true},
		{"organization digits", b2b(func(r *billing.Record) { r.OrganizationNumber = "12345" }), []string{"organization_number.format"}, false},
		{"organization spaced", b2b(func(r *billing.Record) { r.OrganizationNumber = "NO 974 760 673 MVA" }), nil, true},
		{"organization invisible", b2b(func(r *billing.Record) { r.OrganizationNumber = "974\u200b760673" }), []string{"text.invisible"}, true},
		{"Swedish", b2b(func(r *billing.Record) {
			r.Country, r.Currency, r.OrganizationNumber, r.PostalCode, r.PhoneNumber = "SE", "SEK", "556036-0793", "111 22", "0701234567"
		}), nil, true},
		{"Swedish sole trader", b2b(func(r *billing.Record) {
			r.Country, r.Currency, r.OrganizationNumber, r.PostalCode, r.PhoneNumber = "SE", "SEK", "811228-9874", "11122", "+46701234567"
		}), []string{"organization_number.person"}, true},
		{"Finnish", b2b(func(r *billing.Record) {
			r.Country, r.Currency, r.OrganizationNumber, r.PostalCode, r.PhoneNumber, r.VAT = "FI", "EUR", "0112038-9", "00100", "+358401234567", "25.5"
		}), nil, true},
		{"Finnish zeros lost", b2b(func(r *billing.Record) {
			r.Country, r.Currency, r.OrganizationNumber, r.PostalCode, r.PhoneNumber, r.VAT = "FI", "EUR", "1120389", "100", "+358401234567", "25.5"
		}), []string{"organization_number.restored", "postal_code.restored"}, true},
		{"Finnish food before 2026", b2b(func(r *billing.Record) {
			r.Country, r.Currency, r.OrganizationNumber, r.PostalCode, r.PhoneNumber, r.VAT, r.DeliveryDate = "FI", "EUR", "01120389", "00100", "+358401234567", "14", "2025-12-31"
		}), nil, true},
		{"Finnish food in 2026", b2b(func(r *billing.Record) {
			r.Country, r.Currency, r.OrganizationNumber, r.PostalCode, r.PhoneNumber, r.VAT, r.DeliveryDate = "FI", "EUR", "01120389", "00100", "+358401234567", "14", "2026-01-01"
		}), []string{"vat.rate"}, true},
		{"Danish", b2b(func(r *billing.Record) {
			r.Country, r.Currency, r.OrganizationNumber, r.PhoneNumber = "DK", "DKK", "22756214", "+4532123456"
		}), []string{"country.unsupported", "currency.unsupported"}, true},
		{"no e-mail", b2b(func(r *billing.Record) { r.Email = "" }), []string{"email.missing"}, false},
		{"e-mail", b2b(func(r *billing.Record) { r.Email = "ola@nordmann" }), []string{"email.invalid"}, false},
		{"look-alike e-mail", b2b(func(r *billing.Record) { r.Email = "\u043ela@nordmann.no" }), []string{"email.invalid"}, false},
		{"e-mail with name", b2b(func(r *billing.Record) { r.Email = "Ola <ola@nordmann.no>" }), []string{"email.invalid"}, false},
		{"no phone", b2b(func(r *billing.Record) { r.PhoneNumber = "" }), []string{"phone_number.missing"}, false},
		{"phone", b2b(func(r *billing.Record) { r.PhoneNumber = "123" }), []string{"phone_number.invalid"}, false},
		{"phone in scientific notation", b2b(func(r *billing.Record) { r.PhoneNumber = "4.7999999999E10" }), []string{"phone_number.invalid"}, false},
		{"no address", b2b(func(r *billing.Record) { r.AddressLine, r.PostalPlace = "", "" }), []string{"address_line.missing", "postal_place.missing"}, false},
		{"no postal code", b2b(func(r *billing.Record) { r.PostalCode = "" }), []string{"postal_code.missing"}, false},
		{"postal code restored", b2b(func(r *billing.Record) { r.PostalCode = "151" }), []string{"postal_code.restored"}, true},
		{"postal code", b2b(func(r *billing.Record) { r.PostalCode = "12345" }), []string{"postal_code.format"}, false},
		{"no country", b2b(func(r *billing.Record) { r.Country = "" }), []string{"country.missing"}, false},
		{"country", b2b(func(r *billing.Record) { r.Country = "Norge" }), []string{"country.unknown"}, false},
		{"country in lower case", b2b(func(r *billing.Record) { r.Country = "no" }), nil, true},
		{"line id twice", two(func(r *billing.Record) { r.LineID, r.Amount = "sub-001", "1.00" }), []string{"order.incomplete", "line_id.duplicate"}, false},
		{"same row twice", []billing.Record{business(func(r *billing.Record) { r.LineID = "" }), business(func(r *billing.Record) { r.LineID = "" })}, []string{"row.duplicate"}, true},
		{"no description", b2b(func(r *billing.Record) { r.Description = "" }), []string{"description.missing"}, false},
		{"long description", b2b(func(r *billing.Record) { r.Description = strings.Repeat("å", 101) }), []string{"description.long"}, true},
		{"quantity", b2b(func(r *billing.Record) { r.Quantity = "two" }), []string{"quantity.unreadable"}, false},
		{"quantity 0", b2b(func(r *billing.Record) { r.Quantity = "0" }), []string{"quantity.zero"}, false},
		{"no amount", b2b(func(r *billing.Record) { r.Amount = "" }), []string{"amount.missing"}, false},
		{"amount", b2b(func(r *billing.Record) { r.Amount = "299 eks" }), []string{"amount.unreadable"}, false},
		{"amount decimals", b2b(func(r *billing.Record) { r.Amount = "299.005" }), []string{"amount.decimals"}, false},
		{"amount zeros", b2b(func(r *billing.Record) { r.Amount = "299.0000" }), nil, true},
		{"unit price", b2b(func(r *billing.Record) { r.Amount, r.UnitPrice, r.Quantity = "", "149.50", "2" }), nil, true},
		{"unit price unreadable", b2b(func(r *billing.Record) { r.Amount, r.UnitPrice = "", "free" }), []string{"unit_price.unreadable"}, false},
		{"discount", b2b(func(r *billing.Record) { r.UnitPrice, r.DiscountPercent, r.Amount = "373.75", "20", "299.00" }), nil, true},
		{"discount 110", b2b(func(r *billing.Record) { r.UnitPrice, r.DiscountPercent = "299", "110" }), []string{"discount_percent.unreadable"}, false},
		{"amount within one øre", b2b(func(r *billing.Record) { r.UnitPrice, r.Amount = "299.01", "299.00" }), nil, true},
		{"amount mismatch", b2b(func(r *billing.Record) { r.UnitPrice, r.Amount = "299.02", "299.00" }), []string{"amount.mismatch"}, false},
		{"amount too large", b2b(func(r *billing.Record) { r.Amount = "999999999999999999" }), []string{"amount.too_large"}, false},
		{"total max", b2b(func(r *billing.Record) { r.Amount = "21474836.47" }), nil, true},
		{"total above max", b2b(func(r *billing.Record) { r.Amount = "21474836.48" }), []string{"order.total"}, false},
		{"total zero", b2b(func(r *billing.Record) { r.Amount = "0" }), []string{"order.total"}, false},
		{"total negative", b2b(func(r *billing.Record) { r.Amount = "-1.00" }), []string{"amount.negative", "order.total"}, false},
		{"discount line", two(func(r *billing.Record) { r.Amount = "-50.00" }), []string{"amount.negative"}, true},
		{"no VAT", b2b(func(r *billing.Record) { r.VAT = "" }), []string{"vat.missing"}, false},
		{"VAT words", b2b(func(r *billing.Record) { r.VAT = "high" }), []string{"vat.unreadable"}, false},
		{"VAT fraction", b2b(func(r *billing.Record) { r.VAT = "0.25" }), []string{"vat.fraction"}, false},
		{"VAT 0", b2b(func(r *billing.Record) { r.VAT = "0" }), nil, true},
		{"VAT sign", b2b(func(r *billing.Record) { r.VAT = "25 %" }), nil, true},
		{"VAT of no country", b2b(func(r *billing.Record) { r.VAT = "24" }), []string{"vat.rate"}, true},
		{"VAT amount", b2b(func(r *billing.Record) { r.VATAmount = "59.80" }), nil, true},
		{"VAT amount within one øre", b2b(func(r *billing.Record) { r.VATAmount = "59.81" }), nil, true},
		{"VAT amount of net", b2b(func(r *billing.Record) { r.VATAmount = "74.75" }), []string{"vat_amount.mismatch"}, false},
		{"VAT amount words", b2b(func(r *billing.Record) { r.VATAmount = "none" }), []string{"vat_amount.unreadable"}, false},
		{"delivery", b2b(func(r *billing.Record) { r.DeliveryDate = "2026-13-01" }), []string{"delivery_date.unreadable"}, false},
		{"from the file", b2b(func(r *billing.Record) {
			r.Problems = []billing.Problem{{Code: "amount.error_value", Severity: billing.Error, Column: "amount", Value: "#REF!", Message: "the cell holds #REF!", Hint: "correct the formula"}}
		}), []string{"amount.error_value"}, false},
		{"grouped split", []billing.Record{
			business(func(r *billing.Record) { r.Product = "b2b_grouped" }),
			business(func(r *billing.Record) {
				r.Product, r.OrderReference, r.BusinessName, r.CustomerReference = "b2b_grouped", "b", "NORDMANN AS", "po 7"
			}),
		}, []string{"grouped.split", "grouped.split"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			groups := group(t, rules(), tt.records...)
			require.Equal(t, tt.want, codes(groups))
			for _, g := range groups {
				require.Equal(t, tt.sent, g.Order != nil)
				for _, row := range g.Rows {
					require.Equal(t, tt.sent, row.Valid)
					for _, p := range row.Problems {
						known := slices.ContainsFunc(billing.Codes(), func(info billing.CodeInfo) bool { return info.Code == p.Code })
						require.True(t, known || p.Code == "amount.error_value", p.Code)
						require.Equal(t, row.Place, p.Place)
						require.NotEmpty(t, p.Message)
						require.NotEmpty(t, p.Hint)
					}
				}
			}
		})
	}
}

func TestSeverityOfProfile(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Severity = map[billing.Code]billing.Severity{"organization_number.check_digit": billing.Error, "phone_number.missing": billing.Off}
	bad := business(func(rec *billing.Record) { rec.OrganizationNumber, rec.PhoneNumber = "123456789", "" })
	groups := group(t, r, bad)
	require.Equal(t, []string{"organization_number.check_digit"}, codes(groups))
	require.Nil(t, groups[0].Order)
}

// TestOnlySplitOrdersSplits holds that no severity makes parts of an order.
func TestOnlySplitOrdersSplits(t *testing.T) {
	t.Parallel()
	var records []billing.Record
	for i := range 101 {
		records = append(records, business(func(rec *billing.Record) { rec.Row, rec.LineID = i+2, "" }, func(rec *billing.Record) { rec.ItemID = fmt.Sprint(i) }))
	}
	r := rules()
	require.Nil(t, group(t, r, records...)[0].Order)
	r.Severity = map[billing.Code]billing.Severity{billing.CodeOrderLines: billing.Warning}
	require.Len(t, group(t, r, records...), 1)
	r.SplitOrders = true
	require.Len(t, group(t, r, records...), 2)
}

func TestNetPrices(t *testing.T) {
	t.Parallel()
	r := rules()
	r.ExclVAT = true
	o := group(t, r, business(func(rec *billing.Record) { rec.Amount = "239.20" }))[0].Order
	require.Equal(t, int64(29900), o.Gross.Minor())
	require.Equal(t, int64(5980), o.VAT.Minor())
	r.Minor = true
	o = group(t, r, business(func(rec *billing.Record) { rec.Amount = "23920" }))[0].Order
	require.Equal(t, int64(29900), o.Gross.Minor())
	o = group(t, r, business(func(rec *billing.Record) { rec.Amount, rec.UnitPrice, rec.Quantity = "", "11960", "2" }))[0].Order
	require.Equal(t, int64(29900), o.Gross.Minor())
}

func TestDerivedReference(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Reference, r.Period = "{period}-{customer_number}", "2026-11"
	none := func(rec *billing.Record) { rec.OrderReference = "" }
	number := func(n string) func(*billing.Record) {
		return func(rec *billing.Record) { rec.CustomerNumber = n }
	}
	groups := group(t, r, business(none, number("1001")), business(none), business(none, number("1001"), func(rec *billing.Record) { rec.LineID = "2" }))
	require.Len(t, groups, 2)
	require.Equal(t, "2026-11-1001", groups[0].Order.Reference)
	require.Len(t, groups[0].Rows, 2)
	require.Equal(t, []string{"order_reference.template"}, codes(groups[1:]))
	r.Period = ""
	require.ErrorContains(t, r.Lint(), "--period")
	r.Reference = "{nobody}"
	require.ErrorContains(t, r.Lint(), "{nobody}")
}

func TestDefaultsAndConstants(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Constants = map[string]string{"country": "NO"}
	r.Defaults = map[string]string{"vat": "15", "days_until_due": "20", "first_name": "Regnskap"}
	first := business(func(rec *billing.Record) { rec.Country, rec.VAT, rec.DaysUntilDue, rec.FirstName = "XX", "", "", "" })
	second := business(func(rec *billing.Record) { rec.LineID = "2"; rec.DaysUntilDue = "30" })
	o := group(t, r, first, second)[0].Order
	require.NotNil(t, o)
	require.Equal(t, "NO", o.Address.Country)
	require.Equal(t, 30, o.DaysUntilDue, "a default does not disagree with another row")
	require.Equal(t, "Ola", o.Address.FirstName)
	require.Equal(t, int64(3900+5980), o.VAT.Minor())
}

func TestSplitOrders(t *testing.T) {
	t.Parallel()
	records := make([]billing.Record, 250)
	for i := range records {
		records[i] = business(func(rec *billing.Record) { rec.LineID, rec.Row, rec.Amount = "", i+2, "1.00" })
	}
	r := rules()
	r.Severity = map[billing.Code]billing.Severity{billing.CodeRowDuplicate: billing.Off}
	groups := group(t, r, records...)
	require.Len(t, groups, 1)
	require.Nil(t, groups[0].Order)
	require.Equal(t, "order.lines", codes(groups)[0])
	require.Len(t, codes(groups), 250)

	r.SplitOrders = true
	groups = group(t, r, records...)
	require.Len(t, groups, 3)
	for i, want := range []struct {
		reference string
		lines     int
	}{{"inv-2026-001-1", 100}, {"inv-2026-001-2", 100}, {"inv-2026-001-3", 50}} {
		require.Equal(t, want.reference, groups[i].Order.Reference)
		require.Len(t, groups[i].Order.Lines, want.lines)
		require.Equal(t, int64(want.lines*100), groups[i].Order.Gross.Minor())
		require.Equal(t, want.reference, groups[i].Rows[0].Reference)
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	line := func(id, amount string) billing.Record {
		return business(func(rec *billing.Record) { rec.LineID, rec.Amount = id, amount })
	}
	hash := func(records ...billing.Record) string { return group(t, rules(), records...)[0].Order.Hash() }
	base := hash(line("", "1.00"), line("", "2.00"))
	require.Equal(t, base, hash(line("", "2.00"), line("", "1.00")), "the order of rows is not content")
	require.NotEqual(t, base, hash(line("", "2.00"), line("", "1.01")))
	require.NotEqual(t, base, hash(line("x", "1.00"), line("", "2.00")))
	require.NotEqual(t, hash(business()), hash(business(func(r *billing.Record) { r.Email = "kari@nordmann.no" })))
	require.NotEqual(t, hash(business()), hash(business(func(r *billing.Record) { r.DaysUntilDue = "31" })))
	due := func(r *billing.Record) { r.DaysUntilDue, r.DueDate = "", "2026-12-22" }
	tomorrow := rules()
	tomorrow.Today = "2026-11-23"
	require.Equal(t, hash(business(due)), group(t, tomorrow, business(due))[0].Order.Hash(), "the day of the run is not content")
}

func TestVATTotals(t *testing.T) {
	t.Parallel()
	var records []billing.Record
	for i := range 60 {
		records = append(records, business(func(rec *billing.Record) {
			rec.LineID, rec.Amount, rec.VAT = fmt.Sprint(i), "0.14", []string{"12", "25"}[i%2]
		}))
	}
	totals := group(t, rules(), records...)[0].Order.VATTotals()
	require.Len(t, totals, 2)
	require.Equal(t, "25", totals[0].Rate.String())
	require.Equal(t, "12", totals[1].Rate.String())
	require.Equal(t, int64(420), totals[1].Gross.Minor())
	require.Equal(t, int64(60), totals[1].VAT.Minor(), "30 lines of 0.14 at 12 %, each 0.015 rounded to 0.02")
	require.Equal(t, int64(45), totals[1].OnSum.Minor())
}

// However rows are mixed, every row ends in exactly one group, orders come in first-seen order and their
// totals are the sums of their rows.
func TestGroupingKeepsEveryRow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "rows")
		references := rapid.SliceOfN(rapid.IntRange(0, 12), n, n).Draw(t, "references")
		records := make([]billing.Record, n)
		want := map[string]int64{}
		var seen []string
		for i, ref := range references {
			minor := rapid.Int64Range(1, 1_000_000).Draw(t, "minor")
			records[i] = business(func(rec *billing.Record) {
				rec.LineID, rec.Row, rec.OrderReference = "", i+2, ""
				if ref > 0 {
					rec.OrderReference = fmt.Sprintf("R-%d", ref)
				}
				rec.Amount = fmt.Sprintf("%d.%02d", minor/100, minor%100)
			})
			if ref > 0 {
				if _, ok := want[records[i].OrderReference]; !ok {
					seen = append(seen, records[i].OrderReference)
				}
				want[records[i].OrderReference] += minor
			}
		}
		r := rules()
		r.Severity = map[billing.Code]billing.Severity{billing.CodeRowDuplicate: billing.Off}
		rows := billing.NewRowStore(n, &memory{})
		var order []string
		stored := 0
		for _, g := range group(t, r, records...) {
			for _, row := range g.Rows {
				require.NoError(t, rows.Put(&row))
				require.Error(t, rows.Put(&row), "a row is stored once")
				stored++
			}
			if g.Order != nil {
				order = append(order, g.Order.Reference)
				require.Equal(t, want[g.Order.Reference], g.Order.Gross.Minor())
			}
		}
		require.Equal(t, n, stored)
		require.Equal(t, seen, order)
		i := 0
		for row, err := range rows.All() {
			require.NoError(t, err)
			require.Equal(t, i+2, row.Row)
			i++
		}
		require.Equal(t, n, i)
	})
}

func TestManyRowsOfOneReferenceAreRefusedInChunks(t *testing.T) {
	t.Parallel()
	records := make([]billing.Record, 20_001)
	for i := range records {
		records[i] = business(func(rec *billing.Record) { rec.LineID, rec.Row = "", i+2 })
	}
	r := rules()
	r.SplitOrders = true
	total := 0
	for _, g := range group(t, r, records...) {
		require.Nil(t, g.Order)
		require.Equal(t, billing.CodeOrderLines, g.Rows[0].Problems[0].Code)
		total += len(g.Rows)
	}
	require.Equal(t, len(records), total)
}

// failing is scratch storage on a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error)         { return 0, errors.New("no space left") }
func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

func TestFullDisk(t *testing.T) {
	t.Parallel()
	g := billing.NewGrouper(rules(), failing{})
	g.AddTable(billing.Table{File: "x"})
	require.NoError(t, g.Add(business()))
	for _, err := range g.Groups() {
		require.ErrorContains(t, err, "no space left")
	}
}

func TestColumnsMatchRecord(t *testing.T) {
	t.Parallel()
	columns := billing.Columns()
	require.Len(t, columns, 32)
	var rec billing.Record
	for i, c := range columns {
		rec.Set(c, fmt.Sprint(i))
	}
	for i, c := range columns {
		require.Equal(t, fmt.Sprint(i), rec.Get(c))
	}
	require.Equal(t, "0", rec.OrderReference)
	require.Equal(t, "31", rec.DeliveryDate)
	require.Equal(t, "22", rec.LineID)
	lines := slices.DeleteFunc(columns, func(c billing.Column) bool { return c.Order })
	require.Len(t, lines, 10)
}

func TestFinalOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, billing.FinalInvoiced, billing.FinalOf(billing.ToSend, &billing.Outcome{State: billing.Invoiced}))
	require.Equal(t, billing.FinalAlreadyInvoiced, billing.FinalOf(billing.Already, &billing.Outcome{State: billing.Invoiced}))
	require.Equal(t, billing.FinalConflict, billing.FinalOf(billing.Mismatched, &billing.Outcome{State: billing.Invoiced}))
	require.Equal(t, billing.FinalNotAttempted, billing.FinalOf(billing.ToSend, &billing.Outcome{State: billing.Planned}))
	require.Equal(t, billing.FinalInDoubt, billing.FinalOf(billing.ToSend, &billing.Outcome{State: billing.Sending}))
	require.Equal(t, billing.FinalAlreadyInvoiced, billing.FinalOf(billing.ToSend, &billing.Outcome{State: billing.Invoiced, Code: billing.CodeAdopted}))
	for _, s := range billing.States() {
		parsed, err := billing.ParseState(s.String())
		require.NoError(t, err)
		require.Equal(t, s, parsed)
	}
}

func TestPaymentOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ status, due, want string }{
		{"unpaid", "2026-11-22", "unpaid"},
		{"unpaid", "2026-11-21", "overdue"},
		{"part-paid", "2026-11-21", "part-paid, overdue"},
		{"paid", "2026-11-21", "paid"},
		{"unpaid", "", "unpaid"},
	} {
		o := billing.Outcome{State: billing.Invoiced, PaymentStatus: tt.status, DueDate: billing.Date(tt.due)}
		require.Equal(t, tt.want, o.PaymentOn("2026-11-22"))
	}
	o := billing.Outcome{State: billing.Voided, PaymentStatus: "voided", DueDate: "2020-01-01"}
	require.Equal(t, "voided", o.PaymentOn("2026-11-22"))
}

func BenchmarkGroup(b *testing.B) {
	records := make([]billing.Record, 10_000)
	for i := range records {
		records[i] = business(func(rec *billing.Record) { rec.OrderReference, rec.LineID, rec.Row = fmt.Sprintf("R-%d", i/4), "", i })
	}
	rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	b.ReportAllocs()
	for b.Loop() {
		group(b, rules(), records...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/row")
}
