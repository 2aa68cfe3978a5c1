package dintero_test

import (
	"context"
	"fmt"
	"net/http"

	"kraviabatch/internal/dintero"
	"kraviabatch/internal/simulator"
)

// An order is invoiced by one call. The same call again makes no second invoice: the guard refuses it, and the
// refusal alone does not say what became of the order. A look-up does.
func ExampleClient_Pay() {
	ctx := context.Background()
	provider := must(simulator.New(simulator.Options{Account: account}))
	client := must(dintero.New(dintero.Config{
		BaseURL: "https://simulator/v1", Account: account, ClientID: "id", Secret: "secret",
		Pace: &pacer{}, HTTP: &http.Client{Transport: provider.Transport()},
	}))
	o := order()
	body := must(dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash(), Days: o.DaysUntilDue}))
	for range 2 {
		answer := client.Pay(ctx, body, dintero.StrictSuccess, expect())
		fmt.Println(answer.Meaning, answer.HTTPStatus)
	}
	for _, t := range must(client.TransactionsByReference(ctx, o.Reference)) {
		code, _ := client.Same(&t, expect())
		fmt.Println(t.Status, t.Amount, code == "")
	}
	// Output:
	// invoiced 200
	// refused 400
	// AUTHORIZED 29900 true
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
