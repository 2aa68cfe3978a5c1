package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

const (
	paymentB2B     = `"payment_product_type":"kravia.invoice_b2b","days_until_due":30`
	paymentGrouped = `"payment_product_type":"kravia.invoice_b2b_grouped","days_until_due":14`
	paymentB2C     = `"payment_product_type":"kravia.invoice_b2c","days_until_due":14`
)

func TestComplaintsHaveCodes(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	for payment, want := range map[string]string{
		strings.Replace(paymentB2B, "b2b", "b2x", 1): "ENUM_MISMATCH",
		strings.Replace(paymentB2B, "30", "366", 1):  "MAXIMUM",
		paymentB2B + `,"invoice_channel":"email"`:    "ENUM_MISMATCH",
	} {
		refused := b.do(http.MethodPost, "/sessions/pay", body("a", addressB2B, payment)).object()
		require.Equal(t, want, dig(t, refused, "error", "errors", 0, "code"), payment)
	}
}

// Each case changes one thing in a body that is accepted; want is the path of the finding, "" when it stays accepted.
func TestPayBodyIsChecked(t *testing.T) {
	t.Parallel()
	b2b, b2c := body("a", addressB2B, paymentB2B), body("a", addressB2C, paymentB2C)
	grouped := body("a", addressB2B, paymentGrouped)
	change := func(body, from, to string) string {
		require.Contains(t, body, from)
		return strings.Replace(body, from, to, 1)
	}
	for _, test := range []struct {
		name string
		body string
		want string
	}{
		{"b2b", b2b, ""},
		{"b2c", b2c, ""},
		{"grouped", grouped, ""},
		{"unknown field", change(b2b, `"quantity"`, `"qty":1,"quantity"`), "session order items 0 qty"},
		{"field in capitals", change(b2b, `"quantity"`, `"Quantity"`), "session order items 0 Quantity"},
		{"null", change(b2b, `"+4799999999"`, `null`), "session order billing_address phone_number"},
		{"the word null is fine", change(b2b, `Storgata 1`, `null`), ""},
		{"two objects", b2b + b2b, "(body)"},
		{"stray brace", b2b + "}", "(body)"},
		{"empty", "", "(body)"},
		{
			"amount as text", change(b2b, `"amount":29900,"currency"`, `"amount":"29900","currency"`),
			"session order amount",
		},
		{
			"amount with decimals", change(b2b, `"amount":29900,"currency"`, `"amount":299.5,"currency"`),
			"session order amount",
		},
		{"vat as text", change(b2b, `"vat":25`, `"vat":"25"`), "session order items 0 vat"},
		{"text as number", change(b2b, `"0151"`, `151`), "session order billing_address postal_code"},
		{"items no list", change(b2b, `"items":[`, `"items":5,"x":[`), "session order items"},
		{"item no object", change(b2b, `"items":[`, `"items":[5,`), "session order items 0"},
		{"store no object", change(b2b, `"currency"`, `"store":"s","currency"`), "session order store"},
		{"a list", "[]", "(body)"},
		{"no payment", `{"session":{}}`, "payment"},
		{"no session", `{"payment":{}}`, "session"},
		{"amount is not the sum", change(b2b, `"amount":29900,"currency"`, `"amount":29901,"currency"`), ""},
		{"amount missing", change(b2b, `"amount":29900,"currency"`, `"currency"`), "session order amount"},
		{
			"amount above int32", strings.ReplaceAll(change(b2b, `"vat_amount":5980,`, ``), "29900", "2147483648"),
			"session order items 0 amount",
		},
		{
			"amount zero", strings.ReplaceAll(change(b2b, `"vat_amount":5980,`, ``), "29900", "0"),
			"session order amount",
		},
		{"VAT amounts are for display", change(b2b, `"vat":25`, `"vat":25,"vat_amount":7475`), ""},
		{
			"item VAT above int32", change(b2b, `"vat":25`, `"vat":25,"vat_amount":2147483648`),
			"session order items 0 vat_amount",
		},
		{"VAT with two decimals", change(change(b2b, `"vat":25`, `"vat":11.11`), `5980`, `2990`), ""},
		{"VAT with three decimals", change(b2b, `"vat":25`, `"vat":11.111`), "session order items 0 vat"},
		{"VAT negative", change(b2b, `"vat":25`, `"vat":-25`), "session order items 0 vat"},
		{"no VAT, no description", change(change(b2b, `,"vat":25`, ``), `"description":"Subscription",`, ``), ""},
		{"no quantity", change(b2b, `"quantity":1,`, ``), "session order items 0 quantity"},
		{"no line_id", change(b2b, `"line_id":"1",`, ``), "session order items 0 line_id"},
		{
			"line_id twice",
			change(b2b, `"items":[`, `"items":[{"line_id":"1","description":"x","quantity":1,"amount":0,"vat":0},`),
			"session order items 1 line_id",
		},
		{"negative line", change(b2b, `"items":[{"line_id":"1","description":"Subscription",
		"quantity":1,"amount":29900`, `"items":[{"line_id":"2","description":"less","quantity":1,"amount":-100,"vat":25},
		{"line_id":"1","description":"x","quantity":1,"amount":30000`), ""},
		{
			"no items",
			`{"session":{"order":{"amount":1,"currency":"NOK","merchant_reference":"a","items":[],"billing_address":` +
				addressB2B + `}},"payment":{"operation":"invoice_payment",` + paymentB2B + `}}`, "session order items",
		},
		{"reference of 35", body(strings.Repeat("ø", 35), addressB2B, paymentB2B), ""},
		{"reference of 36", body(strings.Repeat("x", 36), addressB2B, paymentB2B), "session order merchant_reference"},
		{"reference empty", body("", addressB2B, paymentB2B), "session order merchant_reference"},
		{"currency in small letters", change(b2b, `NOK`, `nok`), "session order currency"},
		{
			"callback to this machine", change(b2b, `https://example.com`, `http://localhost:8080`),
			"session url callback_url",
		},
		{"callback without scheme", change(b2b, `https://example.com`, `example.com`), "session url callback_url"},
		{"product", change(b2b, `kravia.invoice_b2b`, `invoice_b2b`), "payment payment_product_type"},
		{"operation", change(b2b, `invoice_payment`, `invoice_purchase`), "payment operation"},
		{"days missing", change(b2b, `,"days_until_due":30`, ``), "payment days_until_due"},
		{"365 days", change(b2b, `30}`, `365}`), ""},
		{"366 days", change(b2b, `30}`, `366}`), "payment days_until_due"},
		{"-1 days", change(b2b, `30}`, `-1}`), "payment days_until_due"},
		{"channel", change(b2b, `30}`, `30,"invoice_channel":"merchant"}`), ""},
		{"channel unknown", change(b2b, `30}`, `30,"invoice_channel":"provider"}`), "payment invoice_channel"},
		{"channel for grouped", change(grouped, `14}`, `14,"invoice_channel":"kravia"}`), "payment invoice_channel"},
		{"b2c with business name", body("a", addressB2B, paymentB2C), "session order billing_address"},
		{
			"b2b without business name", change(b2b, `"business_name":"Nordmann AS",`, ``),
			"session order billing_address business_name",
		},
		{
			"b2b without organization number", change(b2b, `"organization_number":"123456789",`, ``),
			"session order billing_address organization_number",
		},
		{
			"organization number with letters", change(b2b, `123456789`, `NO123456789`),
			"session order billing_address organization_number",
		},
		{"postal code empty", change(b2b, `0151`, ``), "session order billing_address postal_code"},
		{"no e-mail", change(b2c, `"email":"kari@example.no",`, ``), "session order billing_address email"},
		{"country name", change(b2b, `"NO"`, `"Norway"`), "session order billing_address country"},
		{"phone left out", change(b2b, `"phone_number":"+4799999999",`, ``), ""},
		{"phone empty", change(b2b, `+4799999999`, ``), "session order billing_address phone_number"},
		{
			"phone with spaces", change(b2b, `+4799999999`, `+47 999 99 999`),
			"session order billing_address phone_number",
		},
		{"metadata", change(b2b, `{"session":{`, `{"session":{"metadata":{"ext_row":17,"ext_batch":"x"},`), ""},
		{"metadata without ext", change(b2b, `{"session":{`, `{"session":{"metadata":{"row":17,"sessions":"x"},`), ""},
		{
			"metadata reserved", change(b2b, `{"session":{`, `{"session":{"metadata":{"kravia:invoice_number":"x"},`),
			"session metadata kravia:invoice_number",
		},
		{
			"metadata nested", change(b2b, `{"session":{`, `{"session":{"metadata":{"ext_a":{}},`),
			"session metadata ext_a",
		},
		{"documented order fields", change(b2b, `"currency"`, `"partial_payment":false,"event_reference":"e","store":{"id":"s"},
			"shipping_address":`+addressB2B+`,"shipping_option":{"amount":0},"discount_lines":[],"discount_codes":[],"gift_cards":[],
			"payout_destination_id":"p","currency"`), ""},
		{"documented item fields", change(b2b, `"line_id"`, `"id":"x","groups":[{"id":"g"}],"unit_volume":1,"unit_weight":1.5,
			"unit_dimensional_weight":2,"thumbnail_url":"https://example.com/a.png","discount_lines":[],"eligible_for_discount":false,
			"is_changed":false,"store":{"id":"s"},"splits":[],"fee_split":{},"emd":{},"type":"service","line_id"`), ""},
		{"documented address fields", change(b2b, `"country"`, `"latitude":59.9,"longitude":10.7,"comment":"back door",
			"organization_type":"AS","address_line_2":"x","co_address":"x","customer_reference":"x","cost_center":"x","country"`), ""},
		{"documented session fields", change(b2b, `{"session":{`, `{"session":{"checkboxes":{},"configuration":{"auto_capture":false,
			"pre_authorization":false},"customer":{"customer_id":"K1","email":"a@b.no","phone_number":"+4799999999","tokens":{}},`), ""},
		{
			"unknown setting", change(b2b, `{"session":{`, `{"session":{"configuration":{"auto_captured":false},`),
			"session configuration auto_captured",
		},
		{
			"expired", change(b2b, `{"session":{`, `{"session":{"expires_at":"2020-01-01T00:00:00Z",`),
			"session expires_at",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, simulator.Options{})
			a := b.do(http.MethodPost, "/sessions/pay", test.body)
			if test.want == "" {
				require.Equal(t, http.StatusOK, a.status, a.text)
				require.Len(t, b.provider.Invoices(), 1)
				return
			}
			require.Equal(t, http.StatusBadRequest, a.status, a.text)
			require.Empty(t, b.provider.Invoices())
			require.Equal(t, "INVALID_REQUEST_PARAMETER", dig(t, a.object(), "error", "code"))
			require.Equal(t, false, a.object()["success"])
			require.Equal(t, []any{}, a.object()["actions"])
			require.Contains(t, paths(t, a), test.want)
		})
	}
}

// paths are the places of all findings, with "(body)" for the whole body.
func paths(t *testing.T, a answer) []string {
	t.Helper()
	var found []string
	for _, finding := range dig(t, a.object(), "error", "errors").([]any) {
		var steps []string
		for _, step := range dig(t, finding, "path").([]any) {
			steps = append(steps, step.(string))
		}
		if len(steps) == 0 {
			steps = []string{"(body)"}
		}
		found = append(found, strings.Join(steps, " "))
	}
	return found
}

func TestItemLimit(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{})
	for _, test := range []struct{ items, status int }{{100, 200}, {101, 400}} {
		var items []string
		for i := range test.items {
			items = append(items,
				`{"line_id":"`+strings.Repeat("x", i+1)+`","description":"x","quantity":1,"amount":1,"vat":0}`)
		}
		amount := map[int]string{100: "100", 101: "101"}[test.items]
		a := b.do(http.MethodPost, "/sessions/pay", `{"session":{"order":{"amount":`+amount+`,"currency":"NOK",
			"merchant_reference":"a","items":[`+strings.Join(items, ",")+`],"billing_address":`+addressB2B+`}},
			"payment":{"operation":"invoice_payment",`+paymentB2B+`}}`)
		require.Equal(t, test.status, a.status, a.text)
	}
}

// FuzzPay wants every body answered with 200 and one invoice, or with 400 and none.
func FuzzPay(f *testing.F) {
	f.Add(body("a", addressB2B, paymentB2B))
	f.Add(body("a", addressB2C, paymentB2C))
	f.Add(`{"session":{"order":{"items":[{}]}},"payment":{}}`)
	f.Add(`{"session":{"metadata":{"ext":""}},"payment":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		b := setup(t, simulator.Options{})
		a := b.do(http.MethodPost, "/sessions/pay", body)
		if a.status == http.StatusOK {
			require.Len(t, b.provider.Invoices(), 1)
			return
		}
		require.Equal(t, http.StatusBadRequest, a.status)
		require.Empty(t, b.provider.Invoices())
		require.NotEmpty(t, dig(t, a.object(), "error", "errors"))
	})
}
