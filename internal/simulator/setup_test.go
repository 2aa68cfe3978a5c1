package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

const (
	base     = "http://simulator/v1"
	tokenURL = base + "/accounts/T12345678/auth/token"
	grant    = `{"grant_type":"client_credentials","audience":"https://api.dintero.com/v1/accounts/T12345678"}`

	addressB2B = `{"first_name":"Ola","last_name":"Nordmann","business_name":"Nordmann AS",
		"organization_number":"123456789","email":"ola@nordmann.no","phone_number":"+4799999999",
		"address_line":"Storgata 1","postal_code":"0151","postal_place":"Oslo","country":"NO"}`
	addressB2C = `{"first_name":"Kari","last_name":"Nordmann","email":"kari@example.no","phone_number":"+4798765432",
		"address_line":"Lillegata 5","postal_code":"5003","postal_place":"Bergen","country":"NO"}`

	strict        = "strict-merchant-reference"
	strictSuccess = "strict-success-merchant-reference"
)

// bundle is a provider with a client that holds a token.
type bundle struct {
	t        *testing.T
	provider *simulator.Provider
	client   *http.Client
	token    string
}

func setup(t *testing.T, options simulator.Options) *bundle {
	t.Helper()
	p, err := simulator.New(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	b := &bundle{t: t, provider: p, client: &http.Client{
		Transport:     p.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	b.login()
	return b
}

func (b *bundle) login() {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, tokenURL, strings.NewReader(grant))
	require.NoError(b.t, err)
	request.SetBasicAuth("id", "secret")
	response, err := b.client.Do(request)
	require.NoError(b.t, err)
	answer := read(b.t, response)
	require.Equal(b.t, http.StatusOK, answer.status, answer.text)
	b.token = answer.object()["access_token"].(string)
}

// answer is a response that was read to its end.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	text   string
}

func read(t *testing.T, response *http.Response) answer {
	t.Helper()
	defer func() { require.NoError(t, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{t, response.StatusCode, response.Header, string(body)}
}

func (a answer) object() map[string]any {
	a.t.Helper()
	var object map[string]any
	require.NoError(a.t, json.Unmarshal([]byte(a.text), &object), a.text)
	return object
}

func (a answer) list() []map[string]any {
	a.t.Helper()
	var list []map[string]any
	require.NoError(a.t, json.Unmarshal([]byte(a.text), &list), a.text)
	return list
}

// references are the merchant references of a list of transactions.
func (a answer) references() []string {
	a.t.Helper()
	found := []string{}
	for _, element := range a.list() {
		found = append(found, element["merchant_reference"].(string))
	}
	return found
}

func (b *bundle) try(method, path, body string, headers ...string) (*http.Response, error) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, base+path, strings.NewReader(body))
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return b.client.Do(request)
}

func (b *bundle) do(method, path, body string, headers ...string) answer {
	b.t.Helper()
	response, err := b.try(method, path, body, headers...)
	require.NoError(b.t, err)
	return read(b.t, response)
}

func (b *bundle) get(path string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, "")
}

// pay posts a B2B order and expects it to succeed.
func (b *bundle) pay(reference string) map[string]any {
	b.t.Helper()
	a := b.do(http.MethodPost, "/sessions/pay", orderB2B(reference))
	require.Equal(b.t, http.StatusOK, a.status, a.text)
	return a.object()
}

func (b *bundle) payGuarded(reference, toggle string) answer {
	b.t.Helper()
	return b.do(http.MethodPost, "/sessions/pay", orderB2B(reference), "Dintero-Feature-Toggles", toggle)
}

func orderB2B(reference string) string {
	return body(reference, addressB2B, `"payment_product_type":"kravia.invoice_b2b","days_until_due":30`)
}

func body(reference, address, payment string) string {
	return `{"session":{"url":{"callback_url":"https://example.com/callback"},"order":{"amount":29900,"currency":"NOK",
		"vat_amount":5980,"merchant_reference":"` + reference + `","items":[{"line_id":"1","description":"Subscription",
		"quantity":1,"amount":29900,"vat":25}],"billing_address":` + address + `}},
		"payment":{"operation":"invoice_payment",` + payment + `}}`
}

// dig walks objects by name and lists by number.
func dig(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(map[string]any)[step]
		case int:
			require.Greater(t, len(value.([]any)), step)
			value = value.([]any)[step]
		}
	}
	return value
}
