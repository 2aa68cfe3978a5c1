package dintero_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/money"
)

const guideAddressB2B = `{"first_name":"Ola","last_name":"Nordmann","business_name":"Nordmann AS","organization_number":"123456789",` +
	`"email":"ola@nordmann.no","phone_number":"+4799999999","address_line":"Storgata 1","postal_code":"0151",` +
	`"postal_place":"Oslo","country":"NO"}`

const guideAddressB2C = `{"first_name":"Kari","last_name":"Nordmann","email":"kari@example.no","phone_number":"+4798765432",` +
	`"address_line":"Lillegata 5","postal_code":"5003","postal_place":"Bergen","country":"NO"}`

func person() *billing.Order {
	o := order()
	o.Product = billing.B2C
	o.DaysUntilDue = 14
	o.Address = billing.Address{
		FirstName: "Kari", LastName: "Nordmann", Email: "kari@example.no", PhoneNumber: "+4798765432",
		AddressLine: "Lillegata 5", PostalCode: "5003", PostalPlace: "Bergen", Country: "NO",
	}
	o.Lines[0].ID, o.Lines[0].Description = "item-1", "Online subscription"
	return o
}

// The guide's bodies, with the channel that its examples leave to the account and what we know our own invoices by.
func TestOneStepEqualsTheGuide(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		order *billing.Order
		days  int
		want  string
	}{
		"b2b": {
			order(), 30,
			`{"payment":{"payment_product_type":"kravia.invoice_b2b","operation":"invoice_payment","days_until_due":30,"invoice_channel":"kravia"},` +
				`"session":{"url":{"callback_url":"https://example.com/callback"},"order":{"amount":29900,"currency":"NOK","vat_amount":5980,` +
				`"merchant_reference":"inv-2026-001","event_reference":"inv-2026-001","items":[{"description":"Monthly subscription - Premium","quantity":1,"amount":29900,` +
				`"vat":25,"line_id":"sub-001"}],"billing_address":` + guideAddressB2B +
				`},"metadata":{"ext_content":"` +
				order().Hash() + `"}}}`,
		},
		"b2c": {
			person(), 14,
			`{"payment":{"payment_product_type":"kravia.invoice_b2c","operation":"invoice_payment","days_until_due":14,"invoice_channel":"kravia"},` +
				`"session":{"url":{"callback_url":"https://example.com/callback"},"order":{"amount":29900,"currency":"NOK","vat_amount":5980,` +
				`"merchant_reference":"inv-2026-001","event_reference":"inv-2026-001","items":[{"description":"Online subscription","quantity":1,"amount":29900,` +
				`"vat":25,"line_id":"item-1"}],"billing_address":` + guideAddressB2C + `},"metadata":{"ext_content":"` +
				person().Hash() + `"}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := dintero.OneStep(test.order, dintero.BodyOptions{
				Content: test.order.Hash(), Days: test.days, CallbackURL: "https://example.com/callback",
				ReturnURL: "https://example.com/unused",
			})
			require.NoError(t, err)
			require.Equal(t, test.want, string(body))
		})
	}
}

func TestOneStepAdditions(t *testing.T) {
	t.Parallel()
	o := order()
	o.Channel, o.CustomerNumber = billing.ChannelMerchant, "10042"
	o.Address.BusinessName = "Ola & Sønn <AS>"
	o.Lines[0].Quantity, o.Lines[0].Rate, o.Lines[0].ItemID = money.NewDecimal(25, 1), 2550, "SKU-1"
	body, err := dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash(), Days: 0, Period: "2026-10"})
	require.NoError(t, err)
	for _, part := range []string{
		`"days_until_due":0,"invoice_channel":"merchant"`, `"session":{"order":`, `"quantity":2.5,`, `"vat":25.5,`,
		`"line_id":"sub-001","id":"SKU-1"`,
		`"customer":{"customer_id":"10042"},"metadata":{"ext_content":"` + o.Hash() + `","ext_period":"2026-10"}`,
		`"business_name":"Ola & Sønn <AS>"`,
	} {
		require.Contains(t, string(body), part)
	}

	o.Channel = ""
	body, err = dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash()})
	require.NoError(t, err)
	require.Contains(t, string(body), `"invoice_channel":"kravia"`)

	o.Product = billing.B2BGrouped
	body, err = dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash(), Days: 0})
	require.NoError(t, err)
	require.NotContains(t, string(body), "invoice_channel")
	require.NotContains(t, string(body), "ext_period")
}

func TestSessionBodyEqualsTheGuide(t *testing.T) {
	t.Parallel()
	consulting := order()
	consulting.Lines[0].ID, consulting.Lines[0].Description = "item-1", "Consulting services"
	consulting.Channel = "" // the default is spelled out in sessions
	body, err := dintero.SessionBody(consulting,
		dintero.BodyOptions{Content: consulting.Hash(), Days: 30, CallbackURL: "https://example.com/callback"})
	require.NoError(t, err)
	require.JSONEq(t,
		`{"url":{"callback_url":"https://example.com/callback"},"order":{"amount":29900,"currency":"NOK","vat_amount":5980,`+
			`"merchant_reference":"inv-2026-001","event_reference":"inv-2026-001","items":[{"description":"Consulting services","quantity":1,"amount":29900,"vat":25,`+
			`"line_id":"item-1"}]},"configuration":{"kravia":{"type":"payment_type","invoice_b2b":{"type":"payment_product_type",`+
			`"enabled":true,"days_until_due":30,"require_identity_verification":false,"invoice_channel":"kravia"}}},"metadata":{"ext_content":"`+consulting.Hash()+`"}}`, string(body))

	body, err = dintero.SessionBody(person(), dintero.BodyOptions{
		Content: person().Hash(), Days: 14, ReturnURL: "https://example.com/", ProfileID: "default", Period: "2026-10",
	})
	require.NoError(t, err)
	require.Contains(t, string(body), `{"url":{"return_url":"https://example.com/"},"order"`)
	require.Contains(t, string(body),
		`"configuration":{"kravia":{"type":"payment_type","invoice_b2c":{"type":"payment_product_type",`+
			`"enabled":true,"days_until_due":14,"require_identity_verification":false,"invoice_channel":"kravia"}}},"profile_id":"default",`+
			`"metadata":{"ext_content":"`+person().Hash()+`","ext_period":"2026-10"}}`)

	grouped := order()
	grouped.Product, grouped.Channel = billing.B2BGrouped, ""
	body, err = dintero.SessionBody(grouped, dintero.BodyOptions{Content: grouped.Hash(), Days: 14})
	require.NoError(t, err)
	require.Contains(t, string(body),
		`"invoice_b2b_grouped":{"type":"payment_product_type","enabled":true,"days_until_due":14,`+
			`"require_identity_verification":false}`)
}

func TestPayBodyEqualsTheGuide(t *testing.T) {
	t.Parallel()
	body, err := dintero.PayBody(order())
	require.NoError(t, err)
	require.JSONEq(t, `{"payment_product_type":"kravia.invoice_b2b","billing_address":`+guideAddressB2B+`}`,
		string(body))
	body, err = dintero.PayBody(person())
	require.NoError(t, err)
	require.JSONEq(t, `{"payment_product_type":"kravia.invoice_b2c","billing_address":`+guideAddressB2C+`}`,
		string(body))
}

func TestBodiesRefuse(t *testing.T) {
	t.Parallel()
	for _, days := range []int{-1, 366} {
		_, err := dintero.OneStep(order(), dintero.BodyOptions{Content: order().Hash(), Days: days})
		require.ErrorContains(t, err, "between 0 and 365")
		_, err = dintero.SessionBody(order(), dintero.BodyOptions{Content: order().Hash(), Days: days})
		require.ErrorContains(t, err, "between 0 and 365")
	}
	_, err := dintero.OneStep(order(), dintero.BodyOptions{})
	require.ErrorContains(t, err, "no content hash")
	o := order()
	o.Product = "kravia.invoice"
	_, err = dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash()})
	require.ErrorContains(t, err, "unknown product")
	_, err = dintero.SessionBody(o, dintero.BodyOptions{Content: o.Hash()})
	require.ErrorContains(t, err, "unknown product")
	_, err = dintero.PayBody(o)
	require.ErrorContains(t, err, "unknown product")
}

func TestSetDays(t *testing.T) {
	t.Parallel()
	o := order()
	o.Lines[0].Description = `says "days_until_due":7, and \"days_until_due\":8`
	for _, build := range []func(days int) ([]byte, error){
		func(days int) ([]byte, error) {
			return dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash(), Days: days, Period: "2026-10"})
		},
		func(days int) ([]byte, error) {
			return dintero.SessionBody(o, dintero.BodyOptions{Content: o.Hash(), Days: days})
		},
	} {
		for _, days := range []int{0, 9, 365} {
			planned, err := build(199)
			require.NoError(t, err)
			kept := string(planned)
			want, err := build(days)
			require.NoError(t, err)
			got, err := dintero.SetDays(planned, days)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
			require.Equal(t, kept, string(planned))
		}
		planned, err := build(30)
		require.NoError(t, err)
		for _, days := range []int{-1, 366} {
			_, err = dintero.SetDays(planned, days)
			require.ErrorContains(t, err, "between 0 and 365")
		}
	}
	pay, err := dintero.PayBody(o)
	require.NoError(t, err)
	same, err := dintero.SetDays(pay, 5)
	require.NoError(t, err)
	require.Equal(t, string(pay), string(same))
	_, err = dintero.SetDays([]byte(`{"payment":{}}`), 5)
	require.EqualError(t, err, "the body has no days until due")
}
