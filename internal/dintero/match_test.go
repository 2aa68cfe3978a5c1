package dintero_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
)

func newClient(t *testing.T) *dintero.Client {
	t.Helper()
	client, err := dintero.New(config(""))
	require.NoError(t, err)
	return client
}

// matching is a transaction that tells all there is to compare.
func matching(o *billing.Order) *dintero.Transaction {
	return &dintero.Transaction{
		ID: "T12345678.a", SessionID: "T12345678.s", Status: dintero.StatusAuthorized, Product: o.Product,
		Channel: o.Channel,
		Amount:  o.Gross.Minor(), Currency: "NOK", Reference: o.Reference, Buyer: o.Address,
	}
}

func swedish() *billing.Order {
	o := order()
	o.Address.Country, o.Address.OrganizationNumber = "SE", "5560360793"
	return o
}

func german() *billing.Order {
	o := swedish()
	o.Address.Country = "DE"
	return o
}

func grouped() *billing.Order {
	o := order()
	o.Product, o.Channel = billing.B2BGrouped, ""
	return o
}

func TestVerifyAndSame(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	const (
		content, customer, untold = billing.Code("answer.content_mismatch"),
			billing.Code("answer.customer_mismatch"), billing.Code("answer.incomplete")
		channel = billing.Code("answer.channel_mismatch")
	)
	type change func(*dintero.Transaction)
	buyer := func(f func(*billing.Address)) change { return func(t *dintero.Transaction) { f(&t.Buyer) } }
	forget := func(t *dintero.Transaction) { t.Buyer = billing.Address{} }
	for _, test := range []struct {
		name         string
		order        *billing.Order
		change       change
		verify, same billing.Code
	}{
		{"all told", order(), func(*dintero.Transaction) {}, "", ""},
		{"all told, person", person(), func(*dintero.Transaction) {}, "", ""},
		{"all told, grouped", grouped(), func(*dintero.Transaction) {}, "", ""},
		{"no amount", order(), func(t *dintero.Transaction) { t.Amount = 0 }, "", untold},
		{"no currency", order(), func(t *dintero.Transaction) { t.Currency = "" }, "", untold},
		{"no product", order(), func(t *dintero.Transaction) { t.Product = "" }, "", untold},
		{"no reference", order(), func(t *dintero.Transaction) { t.Reference = "" }, "", untold},
		{"no channel", order(), func(t *dintero.Transaction) { t.Channel = "" }, "", ""},
		{
			"other amount", order(), func(t *dintero.Transaction) { t.Amount++ }, "answer.amount_mismatch",
			"answer.amount_mismatch",
		},
		{
			"other account", order(), func(t *dintero.Transaction) { t.SessionID = "P12345678.s" },
			"environment.mismatch", "environment.mismatch",
		},
		{"other channel", order(), func(t *dintero.Transaction) { t.Channel = "merchant" }, channel, channel},
		{"other channel, person", person(), func(t *dintero.Transaction) { t.Channel = "merchant" }, channel, channel},
		{"channel of a grouped one", grouped(), func(t *dintero.Transaction) { t.Channel = "merchant" }, "", ""},
		{"content alone", order(), func(t *dintero.Transaction) {
			t.Content, t.Buyer = order().Hash(), billing.Address{}
		}, "", ""},
		{"content alone, person", person(), func(t *dintero.Transaction) {
			t.Content, t.Buyer = person().Hash(), billing.Address{}
		}, "", ""},
		{"other content", order(), func(t *dintero.Transaction) { t.Content = "1:00" }, content, content},
		{"content, other organization", order(), func(t *dintero.Transaction) {
			t.Content, t.Buyer.OrganizationNumber = order().Hash(), "987654321"
		}, customer, customer},
		{"no buyer", order(), forget, "", untold},
		{"no buyer, grouped", grouped(), forget, "", untold},
		{
			"other organization", order(), buyer(func(a *billing.Address) { a.OrganizationNumber = "987654321" }),
			customer, customer,
		},
		{"separators", order(), buyer(func(a *billing.Address) { a.OrganizationNumber = "123 456-789" }), "", ""},
		{"century", swedish(), buyer(func(a *billing.Address) { a.OrganizationNumber = "16556036-0793" }), "", ""},
		{"no century", swedish(), buyer(func(a *billing.Address) { a.OrganizationNumber = "556036-0793" }), "", ""},
		{
			"no such century", swedish(), buyer(func(a *billing.Address) { a.OrganizationNumber = "17556036-0793" }),
			customer, customer,
		},
		{
			"century elsewhere", german(), buyer(func(a *billing.Address) { a.OrganizationNumber = "165560360793" }),
			customer, customer,
		},
		{"business, other person", order(), buyer(func(a *billing.Address) { a.FirstName = "Per" }), "", ""},
		{"no buyer, person", person(), forget, "", untold},
		{"only a telephone number and a postal code", person(), buyer(func(a *billing.Address) {
			*a = billing.Address{PhoneNumber: a.PhoneNumber, PostalCode: a.PostalCode}
		}), "", untold},
		{
			"only a name", person(),
			buyer(func(a *billing.Address) { *a = billing.Address{FirstName: "KARI ", LastName: " nordmann"} }), "",
			"",
		},
		{
			"name in one field", person(),
			buyer(func(a *billing.Address) { *a = billing.Address{LastName: "Kari  Nordmann"} }), "", "",
		},
		{
			"only an e-mail address", person(),
			buyer(func(a *billing.Address) { *a = billing.Address{Email: "Kari@Example.no"} }), "", "",
		},
		{"other name", person(), buyer(func(a *billing.Address) { a.LastName = "Hansen" }), "", customer},
		{
			"other e-mail address", person(), buyer(func(a *billing.Address) { a.Email = "kari@example.com" }), "",
			customer,
		},
		{
			"other telephone number", person(), buyer(func(a *billing.Address) { a.PhoneNumber = "+4798765433" }), "",
			customer,
		},
		{
			"telephone number otherwise written", person(),
			buyer(func(a *billing.Address) { a.PhoneNumber = "0047 987 65 432" }), "", "",
		},
		{"other postal code", person(), buyer(func(a *billing.Address) { a.PostalCode = "5004" }), "", customer},
		{"postal code otherwise written", person(), buyer(func(a *billing.Address) { a.PostalCode = "50 03" }), "", ""},
		{"other town", person(), buyer(func(a *billing.Address) { a.PostalPlace = "BERGEN" }), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tr := matching(test.order)
			test.change(tr)
			for i, compare := range []func(*dintero.Transaction, dintero.Expect) (billing.Code,
				string){client.Verify, client.Same} {
				code, message := compare(tr, expectOf(test.order))
				require.Equal(t, []billing.Code{test.verify, test.same}[i], code, message)
				require.Equal(t, code == "", message == "")
				for _, private := range []string{
					"Kari", "Nordmann", "example", "98765432", "987654321", "Ola",
					"5003", "Hansen", "Per",
				} {
					require.NotContains(t, message, private)
				}
			}
		})
	}
}

// An order without an organization number cannot be known again by one.
func TestSameWithoutOrganizationNumber(t *testing.T) {
	t.Parallel()
	o := order()
	tr := matching(o)
	want := expectOf(o)
	want.Address.OrganizationNumber = ""
	code, message := newClient(t).Same(tr, want)
	require.Equal(t, dintero.CodeUncomparable, code)
	require.Equal(t, "the transaction cannot be compared with the order without its organization number", message)
}

// Expectations that say nothing compare nothing, and a default channel is the one that bodies say.
func TestVerifyComparesWhatIsExpected(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	tr := matching(order())
	tr.Channel = billing.ChannelMerchant
	code, _ := client.Verify(tr, dintero.Expect{})
	require.Empty(t, code)
	code, _ = client.Verify(tr, dintero.Expect{Product: billing.B2B})
	require.Equal(t, dintero.CodeChannel, code)
}
