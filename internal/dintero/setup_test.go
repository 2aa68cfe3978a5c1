package dintero_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/money"
)

const (
	canarySecret = "canary-secret-4711"
	canaryToken  = "canary-token-0815"
	account      = "T12345678"
)

// bundle is a client before a scripted provider.
type bundle struct {
	client *dintero.Client
	server *httptest.Server
	pace   *pacer
	log    *bytes.Buffer
}

// setup answers the token's requests itself and hands all others to api.
func setup(t *testing.T, api http.HandlerFunc, change ...func(*dintero.Config)) *bundle {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/auth/token") {
			_, _ = io.WriteString(w, `{"access_token":"`+canaryToken+`","token_type":"Bearer","expires_in":14400}`)
			return
		}
		api(w, r)
	}))
	t.Cleanup(server.Close)
	b := &bundle{server: server, pace: &pacer{}, log: &bytes.Buffer{}}
	cfg := config(server.URL + "/v1")
	cfg.Pace = b.pace
	cfg.Logger = slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg.HTTP = server.Client()
	for _, f := range change {
		f(&cfg)
	}
	client, err := dintero.New(cfg)
	require.NoError(t, err)
	b.client = client
	return b
}

func config(base string) dintero.Config {
	return dintero.Config{
		BaseURL: base, Account: account, ClientID: "client", Secret: canarySecret, Timeout: 5 * time.Second,
		Version: "1.2.3",
	}
}

// pacer notes what it is told.
type pacer struct {
	mu        sync.Mutex
	waits     int
	passed    int
	throttled []time.Duration // -1 where the wait was not known
	shut      error           // that Wait gives, and why Until has ended
}

func (p *pacer) Wait(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waits++
	if p.shut != nil {
		return p.shut
	}
	return ctx.Err()
}

func (p *pacer) Until(ctx context.Context) (context.Context, context.CancelFunc) {
	open, shut := context.WithCancelCause(ctx)
	if p.shut != nil {
		shut(p.shut)
	}
	return open, func() { shut(nil) }
}

func (p *pacer) Throttled(wait time.Duration, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !known {
		wait = -1
	}
	p.throttled = append(p.throttled, wait)
}

func (p *pacer) Passed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed++
}

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

// order is the one of the provider's guide for businesses.
func order() *billing.Order {
	return &billing.Order{
		Reference: "inv-2026-001", Product: billing.B2B, Channel: billing.ChannelKravia, DaysUntilDue: 30,
		Address: billing.Address{
			FirstName: "Ola", LastName: "Nordmann", BusinessName: "Nordmann AS", OrganizationNumber: "123456789",
			Email: "ola@nordmann.no", PhoneNumber: "+4799999999", AddressLine: "Storgata 1", PostalCode: "0151",
			PostalPlace: "Oslo", Country: "NO",
		},
		Lines: []billing.Line{{
			ID: "sub-001", Description: "Monthly subscription - Premium", Quantity: money.NewDecimal(1, 0),
			Gross: nok(29900),
			Rate:  2500, VAT: nok(5980),
		}},
		Gross: nok(29900), VAT: nok(5980),
	}
}

func expect() dintero.Expect {
	return expectOf(order())
}

func expectOf(o *billing.Order) dintero.Expect {
	return dintero.Expect{
		Reference: o.Reference, Amount: o.Gross, Product: o.Product, Channel: o.Channel, Content: o.Hash(),
		Address: o.Address,
	}
}

// guideAnswer is the answer of the provider's guide, which abbreviates the id and names no currency.
const guideAnswer = `{"id":"T12345","status":"CAPTURED","payment_product_type":"kravia.invoice_b2b","amount":29900,
 "merchant_reference":"inv-2026-001",
 "metadata":{"kravia:invoice_number":"INV-2026-0001","kravia:invoice_url":"https://api.dintero.com/v1/files/f-abc123"},
 "events":[{"name":"CAPTURE","created_at":"2026-01-15T10:30:00Z","metadata":{"kravia:invoice_date":"2026-01-15",
  "kravia:invoice_due_date":"2026-02-14","kravia:invoice_number":"INV-2026-0001"}}]}`

// newerAnswer is one of the newer edition, with a number in place of a text and fields that nobody knows.
const newerAnswer = `{"id":"T12345678.3YkJX","status":"authorized","payment_product":"kravia","success":true,
 "payment_product_type":"kravia.invoice_b2b","amount":"29900","currency":"nok","merchant_reference":"inv-2026-001",
 "session_id":"T12345678.sess1","actions":[],"settlement_status":"not_settled","new_field":{"a":[1,2]},"billing_address":{"organization_number":"123 456 789"},
 "metadata":{"kravia:invoice_number":4711,"ext_period":"2026-10"},
 "events":[{"event":"AUTHORIZE","success":true,"created_at":"2026-01-15T10:30:00Z","transaction_status":"AUTHORIZED",
   "metadata":{"kravia:invoice_date":"2026-01-15","kravia:invoice_due_date":"2026-02-14"}},
  {"event":"INITIATE_CAPTURE","success":true,"created_at":"2026-01-15T10:30:01Z"}]}`
