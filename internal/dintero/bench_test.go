package dintero

import (
	"net/http"
	"strings"
	"testing"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// typicalAnswer is the answer to a payment as the newer edition gives it: 1,784 bytes.
const typicalAnswer = `{"id":"T12345678.3YkJX7cZ9mQvB2nLr5TdWs","status":"AUTHORIZED","payment_product":"kravia","payment_product_type":"kravia.invoice_b2b","amount":29900,"currency":"NOK","merchant_reference":"F-2026-11-000421","merchant_reference_2":"FFFFFFFFFFF","url":{"callback_url":"https://www.example.com/kravia/"},"session_id":"T12345678.5nKpQ8xY2vRtHs7LmWc4Jd","created_at":"2026-11-25T09:30:00.123Z","updated_at":"2026-11-25T09:30:00.456Z","settlement_status":"NOT_SETTLED","items":[{"id":"SKU-1","line_id":"1","description":"Monthly subscription - Premium","quantity":1,"amount":29900,"vat":25}],"billing_address":{"first_name":"Ola","last_name":"Nordmann","business_name":"Nordmann AS","organization_number":"123456789","email":"ola@nordmann.no","phone_number":"+4799999999","address_line":"Storgata 1","postal_code":"0151","postal_place":"Oslo","country":"NO"},"metadata":{"ext_content":"1:561ae6e353f5b389cf1470cfc1622c5a9f8bfd237fa2ae931106d1f25e03f70f","ext_period":"2026-11","kravia:invoice_channel":"kravia","kravia:invoice_number":"A1B2C-000421","kravia:invoice_url":"https://api.dintero.com/v1/files/f-7cZ9mQvB2nLr5TdWs"},"events":[{"id":"e1-3YkJX7cZ","event":"AUTHORIZE","transaction_status":"AUTHORIZED","success":true,"amount":29900,"created_at":"2026-11-25T09:30:00.123Z","metadata":{"kravia:invoice_number":"A1B2C-000421","kravia:invoice_date":"2026-11-25","kravia:invoice_due_date":"2026-12-25","kravia:creditor_id":"30530","kravia:invoice_id":"88120421"}},{"id":"e2-3YkJX7cZ","event":"INITIATE_CAPTURE","transaction_status":"AUTHORIZED","success":true,"amount":29900,"created_at":"2026-11-25T09:30:00.456Z"}],"initiating_system_request_headers":{"dintero-system-name":"kravia-batch","dintero-system-version":"1.2.3","user-agent":"kravia-batch/1.2.3"},"success":true,"actions":[]}`

// BenchmarkJudge is what it costs to understand one answer, where all has its type and where one value has not.
func BenchmarkJudge(b *testing.B) {
	c := &Client{account: "T12345678"}
	want := Expect{
		Reference: "F-2026-11-000421", Amount: money.New(29900, money.MustCurrency("NOK")), Product: billing.B2B,
		Channel: billing.ChannelKravia, Content: "1:561ae6e353f5b389cf1470cfc1622c5a9f8bfd237fa2ae931106d1f25e03f70f",
		Address: billing.Address{OrganizationNumber: "123456789", Country: "NO"},
	}
	for name, body := range map[string]string{
		"typed":   typicalAnswer,
		"lenient": strings.Replace(typicalAnswer, `"amount":29900,"currency"`, `"amount":"29900","currency"`, 1),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a := c.judge("pay", &reply{status: http.StatusOK, body: []byte(body)}, nil, want)
				if a.Meaning != MeansInvoiced || a.Transaction.Outcome(30).Code != "" {
					b.Fatalf("%+v", a)
				}
			}
		})
	}
}
