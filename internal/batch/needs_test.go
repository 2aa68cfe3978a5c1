package batch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/simulator"
)

// needing is one order of each product, the company's in EUR by its own channel and a second one in NOK.
const needing = `order_reference,product,business_name,organization_number,first_name,last_name,` +
	`email,phone_number,address_line,postal_code,postal_place,country,currency,invoice_channel,description,amount,vat
N-1,b2b,Nordmann AS,974760673,` + ola + `,EUR,merchant,Subscription,100.00,25
N-2,b2b,Nordmann AS,974760673,` + ola + `,NOK,kravia,Subscription,100.00,25
N-3,b2b_grouped,Nordmann AS,974760673,` + ola + `,NOK,,Subscription,100.00,25
N-4,b2c,,,` + kari + `,NOK,kravia,Subscription,100.00,25
N-5,b2c,,,` + kari + `,NOK,kravia,Subscription,100.00,25
`

const (
	ola  = "Ola,Nordmann,ola@nordmann.no,+4799999999,Storgata 1,0151,Oslo,NO"
	kari = "Kari,Nordmann,kari@nordmann.no,+4799999998,Storgata 2,0151,Oslo,NO"
)

// TestRunSaysWhatTheAccountLacks asks once before the first order, tells what the provider says plainly, and
// sends all the same.
func TestRunSaysWhatTheAccountLacks(t *testing.T) {
	t.Parallel()
	told := func(body string) []simulator.Fault {
		return []simulator.Fault{
			{Operation: simulator.OpCheckout, Action: simulator.ActionStatus, Status: 200, Body: body},
		}
	}
	for name, tt := range map[string]struct {
		options simulator.Options
		notices []string
		sent    int // 0 for all
	}{
		"all enabled":             {},
		"another default channel": {options: simulator.Options{DefaultChannel: "merchant"}},
		"no scope": {
			options: simulator.Options{NoAdmin: true, Disabled: []string{"kravia.invoice_b2c"}}, sent: 3,
		},
		"an answer without options": {options: simulator.Options{Faults: told(`{"configuration":{}}`)}},
		"no JSON":                   {options: simulator.Options{Faults: told(`<html>`)}},
		"unavailable": {
			options: simulator.Options{
				Faults: []simulator.Fault{
					{Operation: simulator.OpCheckout, Action: simulator.ActionStatus, Status: 503},
				},
			},
		},
		"products": {
			options: simulator.Options{Disabled: []string{"kravia.invoice_b2c", "kravia.invoice_b2b"}}, sent: 1,
			notices: []string{
				"does not have the product kravia.invoice_b2b in EUR: orders of this run that need it: 1;",
				"does not have the product kravia.invoice_b2b in NOK: orders of this run that need it: 1;",
				"does not have the product kravia.invoice_b2c in NOK: orders of this run that need it: 2;",
			},
		},
		"currency and channel": {
			options: simulator.Options{Faults: told(`{"configuration":{"payment_options":[
				{"type":"kravia.invoice_b2b","currencies":["NOK"]},{"type":"kravia.invoice_b2c"},
				{"type":"kravia.invoice_b2b_grouped","currencies":["nok"]}]},
				"gateways":{"kravia":{"supported_invoice_channels":["kravia"]}}}`)},
			notices: []string{
				"does not have the invoice channel merchant: orders of this run that need it: 1;",
				"does not have the product kravia.invoice_b2b in EUR: orders of this run that need it: 1;",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, tt.options)
			path := filepath.Join(b.dir, "needing.csv")
			require.NoError(t, os.WriteFile(path, []byte(needing), 0o600))
			result, err := batch.Run(t.Context(), b.settings(0, path))
			require.NoError(t, err)
			var notices []string
			for _, notice := range result.Notices {
				if strings.HasPrefix(notice, "the provider says") {
					notices = append(notices, notice)
				}
			}
			require.Len(t, notices, len(tt.notices))
			for i, want := range tt.notices {
				require.Contains(t, notices[i], want)
			}
			if tt.sent == 0 {
				tt.sent = 5
			}
			require.Len(t, b.provider.Invoices(), tt.sent)
			require.Equal(t, 5, result.Summary.Orders.Total())

			calls := b.provider.Requests().Calls
			require.Equal(t, 1, calls[simulator.OpCheckout])
			require.Equal(t, 5, calls[simulator.OpPay], "the provider decides")
			if tt.sent == 5 {
				_, err = batch.Run(t.Context(), b.settings(0, path))
				require.NoError(t, err)
				require.Equal(t, 1, b.provider.Requests().Calls[simulator.OpCheckout], "there is nothing to send")
			}
		})
	}
}

// TestStopEndsTheQuestion stops a run while the provider keeps it waiting for what the account has.
func TestStopEndsTheQuestion(t *testing.T) {
	t.Parallel()
	b := setup(t,
		simulator.Options{
			Faults: []simulator.Fault{
				{Operation: simulator.OpCheckout, Action: simulator.ActionHang, Delay: 4 * time.Second},
			},
		})
	path := filepath.Join(b.dir, "needing.csv")
	require.NoError(t, os.WriteFile(path, []byte(needing), 0o600))
	stop := make(chan struct{})
	s := b.settings(0, path)
	s.Stop = stop
	var stopped time.Time
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for b.provider.Requests().Calls[simulator.OpCheckout] == 0 {
			<-tick.C
		}
		stopped = time.Now()
		close(stop)
	}()
	result, err := batch.Run(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, 5, result.Summary.Orders.Of(billing.FinalNotAttempted))
	require.Less(t, time.Since(stopped), 3*time.Second)
}
