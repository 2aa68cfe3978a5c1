package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"kraviabatch/internal/simulator"
)

// The first payment request is lost before it is understood, the answer to the second is lost after the invoice was made:
// a client sees the same both times. Only the ledger shows which one became an invoice.
func ExampleNew() {
	provider, err := simulator.New(simulator.Options{Faults: []simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Times: 1},
		{Operation: simulator.OpPay, Action: simulator.ActionDropAfter, Times: 1},
	}})
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(provider)
	defer server.Close()
	var token struct {
		Text string `json:"access_token"`
	}
	post := func(path, body string, authorize func(*http.Request)) error {
		request, err := http.NewRequest(http.MethodPost, server.URL+"/v1"+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		authorize(request)
		response, err := server.Client().Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		return json.NewDecoder(response.Body).Decode(&token)
	}
	err = post("/accounts/T12345678/auth/token", grant, func(r *http.Request) { r.SetBasicAuth("id", "secret") })
	fmt.Println("token:", err)
	for _, reference := range []string{"A-1", "A-2"} {
		err = post("/sessions/pay", orderB2B(reference),
			func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.Text) })
		fmt.Println(reference, "was answered:", err == nil)
	}
	for _, invoice := range provider.Invoices() {
		fmt.Println(invoice.Reference, "is invoiced:", invoice.Live)
	}
	// Output:
	// token: <nil>
	// A-1 was answered: false
	// A-2 was answered: false
	// A-2 is invoiced: true
}
