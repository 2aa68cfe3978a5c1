package dispatch_test

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/simulator"
)

// A failed transaction that is older than the order's own request accounts for nothing: what is in flight is in doubt.
func TestFailedOfOthersIsNotOurRequest(t *testing.T) {
	for _, flow := range []string{dispatch.OneStep, dispatch.TwoStep} {
		t.Run(flow, func(t *testing.T) {
			inTime(t, simulator.Options{}, func(t *testing.T, b *bundle) {
				b.fails(order("R-1", amount(100)))
				time.Sleep(24 * time.Hour)
				b.faults(hangs(simulator.OpPay, 90*time.Second), hangs(simulator.OpSessionPay, 90*time.Second))
				assert.Equal(t, billing.Invoiced, b.sends(flow, order("R-1")).State,
					"rejected after 2 s, though the request was in flight")
				b.sends(flow, order("R-1", amount(19900)))
				time.Sleep(10 * time.Minute)
				require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
			})
		})
	}
}

// Another program's attempt that fails while the order's own request is in flight accounts for nothing either.
func TestFailureOfOthersMeanwhile(t *testing.T) {
	inTime(t, with(hangs(simulator.OpPay, 9*time.Minute), once(simulator.OpPay, simulator.ActionFailed)),
		func(t *testing.T, b *bundle) {
			b.config.NoWait = true
			b.sends(dispatch.OneStep, order("R-1"))
			time.Sleep(6 * time.Minute)
			require.Equal(t, dintero.MeansDeclined, b.shopPays(order("R-1", amount(100))).Meaning)
			require.Equal(t, billing.InDoubt, b.sends(dispatch.OneStep, order("R-1")).State, "its request is in flight")
			time.Sleep(5 * time.Minute)
			require.Equal(t, billing.Invoiced, b.sends(dispatch.OneStep, order("R-1")).State)
		})
}

// Sessions that ended account for no payment request.
func TestEndedSessionsAreNoRequests(t *testing.T) {
	inTime(t, with(
		refuses(simulator.OpSessionPay, 400), once(simulator.OpSessionPay, simulator.ActionFailed),
		hangs(simulator.OpSessionPay, 90*time.Second),
	), func(t *testing.T, b *bundle) {
		b.sends(dispatch.TwoStep, order("R-1"))
		b.sends(dispatch.TwoStep, order("R-1", amount(10100)))
		b.config.Deadline = time.Now().Add(3 * time.Minute)
		got := b.sends(dispatch.TwoStep, order("R-1", amount(10200)))
		assert.NotEqual(t, billing.Rejected, got.State, "its request is in flight")
		b.config.Deadline = time.Time{}
		b.sends(dispatch.TwoStep, order("R-1", amount(10300)))
		time.Sleep(10 * time.Minute)
		require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
	})
}

// A provider whose clock is ahead: the failed transaction of the run before accounts for nothing of this one's request.
func TestProviderClockAhead(t *testing.T) {
	for flow, pay := range map[string]simulator.Operation{
		dispatch.OneStep: simulator.OpPay,
		dispatch.TwoStep: simulator.OpSessionPay,
	} {
		t.Run(flow, func(t *testing.T) {
			inTime(t, with(once(pay, simulator.ActionFailed), hangs(pay, 90*time.Second)),
				func(t *testing.T, b *bundle) {
					b.transport = rewriting{b.transport, func(_ *http.Request, body []byte) []byte {
						return createdAt.ReplaceAllFunc(body, func(field []byte) []byte {
							at, err := time.Parse(time.RFC3339, string(createdAt.FindSubmatch(field)[1]))
							if err != nil {
								return field
							}
							return fmt.Appendf(nil, `"created_at":%q`, at.Add(2*time.Minute).Format(time.RFC3339Nano))
						})
					}}
					require.Equal(t, billing.Rejected, b.sends(flow, order("R-1")).State)
					time.Sleep(30 * time.Second)
					got := b.sends(flow, order("R-1", amount(19900)))
					assert.Equal(t, billing.Invoiced, got.State,
						"concluded by the failed transaction of the request before")
					b.sends(flow, order("R-1", amount(18900)))
					time.Sleep(10 * time.Minute)
					require.Equal(t, 1, b.provider.Live("R-1"), "two live invoices")
				})
		})
	}
}

var createdAt = regexp.MustCompile(`"created_at":"([^"]+)"`)

// Another program's invoice with the same content does not account for the order's own request, which is in
// flight: two live invoices are an alarm.
func TestShopPaysWhileInFlight(t *testing.T) {
	for flow, operation := range map[string]simulator.Operation{
		dispatch.OneStep: simulator.OpPay,
		dispatch.TwoStep: simulator.OpSessionPay,
	} {
		t.Run(flow, func(t *testing.T) {
			inTime(t, with(hangs(operation, 5*time.Minute)), func(t *testing.T, b *bundle) {
				time.AfterFunc(30*time.Second, func() { b.shopPays(order("R-1")) })
				b.sends(flow, order("R-1"))
				time.Sleep(time.Hour)
				run, _ := b.run(flow, order("R-1"))
				_, _, err := b.refresh(run, true)
				require.NoError(t, err)
				require.Len(t, b.live("R-1"), 2)
				got := b.stored()
				require.Equal(t, billing.CodeDuplicated, got.Code, "%s %s: nobody learns of the second invoice",
					got.State, got.Message)
			})
		})
	}
}

// A provider that tells no marks has its own invoices taken for the order's as soon as they show.
func TestProviderWithoutMarks(t *testing.T) {
	inTime(t,
		with(
			simulator.Fault{
				Operation: simulator.OpPay, Reference: "R-2", Action: simulator.ActionDropAfter,
				Times: 1,
			}), func(t *testing.T, b *bundle) {
			b.transport = rewriting{b.transport, func(_ *http.Request, body []byte) []byte {
				return bytes.ReplaceAll(body, []byte(`"ext_content"`), []byte(`"ext_other"`))
			}}
			b.config.Concurrency = 1
			start := time.Now()
			run, _ := b.run(dispatch.OneStep, order("R-1"), order("R-2"))
			require.Less(t, time.Since(start), 10*time.Second)
			got := b.outcome(run, "R-2")
			require.Equal(t, billing.Invoiced, got.State)
			require.Empty(t, got.Code, "this run made it")
		})
}
