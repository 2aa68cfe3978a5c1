package dispatch_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/simulator"
)

const account = "T12345678"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bundle is a real journal, a real client and the simulator behind it.
type bundle struct {
	t        testing.TB
	journal  *journal.Journal
	provider *simulator.Provider
	runs     int
	config   dispatch.Config
	rate     float64
	timeout  time.Duration
}

func setup(tb testing.TB, options simulator.Options) *bundle {
	tb.Helper()
	options.Account = account
	provider, err := simulator.New(options)
	require.NoError(tb, err)
	j, err := journal.Open(context.Background(), filepath.Join(memoryDir(tb), "journal.db"))
	require.NoError(tb, err)
	return &bundle{
		t: tb, journal: j, provider: provider, timeout: time.Minute,
		config: dispatch.Config{
			Account: account, Concurrency: 8, Guard: dintero.StrictSuccess, Schedule: dispatch.DefaultSchedule(), Logger: slog.New(slog.DiscardHandler),
		},
	}
}

// close ends everything that setup started; inside a bubble of virtual time it must come before the end.
func (b *bundle) close() {
	require.NoError(b.t, b.journal.Close())
	require.NoError(b.t, b.provider.Close())
}

func (b *bundle) client(transport http.RoundTripper, secret dintero.Secret) *dintero.Client {
	c, err := dintero.New(dintero.Config{
		HTTP: &http.Client{Transport: transport}, BaseURL: "http://localhost/v1", Account: account, ClientID: "id", Secret: secret,
		Timeout: b.timeout, Pace: dispatch.NewPace(b.rate, b.config.Stop),
	})
	require.NoError(b.t, err)
	return c
}

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

// order is a small order that the provider takes.
func order(reference string, edit ...func(*billing.Order)) *billing.Order {
	o := &billing.Order{
		Reference: reference, Product: billing.B2B, Currency: money.MustCurrency("NOK"), Channel: billing.ChannelKravia, DaysUntilDue: 14,
		Address: billing.Address{
			FirstName: "Ola", LastName: "Nordmann", BusinessName: "Nordmann AS", OrganizationNumber: "974760673", Email: "ola@nordmann.no",
			PhoneNumber: "+4799999999", AddressLine: "Storgata 1", PostalCode: "0151", PostalPlace: "Oslo", Country: "NO",
		},
		Lines: []billing.Line{{ID: "1", Description: "Abonnement", Quantity: money.NewDecimal(1, 0), Gross: nok(29900), Rate: 2500, VAT: nok(5980)}},
		Gross: nok(29900), VAT: nok(5980), Rows: 1,
	}
	for _, e := range edit {
		e(o)
	}
	return o
}

// plan begins a run with the orders and gives its id.
func (b *bundle) plan(flow string, orders ...*billing.Order) string {
	b.runs++
	id := fmt.Sprintf("run-%d", b.runs)
	ctx := context.Background()
	require.NoError(b.t, b.journal.BeginRun(ctx, journal.Run{ID: id, Account: account, Environment: "test", Started: time.Now(), Flow: flow}))
	plans := make([]journal.Plan, len(orders))
	for i, o := range orders {
		options := dintero.BodyOptions{Days: o.DaysUntilDue, ReturnURL: "https://example.com/", ProfileID: "default"}
		p := journal.Plan{
			Seq: i, Reference: o.Reference, Hash: o.Hash(), Customer: o.Address.CustomerName(), Product: o.Product, Channel: o.Channel,
			Gross: o.Gross, VAT: o.VAT, DaysUntilDue: o.DaysUntilDue, Rows: 1, Flow: flow,
		}
		var err error
		switch flow {
		case dispatch.OneStep:
			p.Body, err = dintero.OneStep(o, options)
		default:
			if flow == dispatch.TwoStep {
				options.ProfileID = ""
			}
			p.CreateBody, err = dintero.SessionBody(o, options)
			require.NoError(b.t, err)
			p.Body, err = dintero.PayBody(o)
		}
		require.NoError(b.t, err)
		plans[i] = p
	}
	for len(plans) > 0 {
		n := min(200, len(plans))
		_, err := b.journal.Plan(ctx, id, plans[:n])
		require.NoError(b.t, err)
		plans = plans[n:]
	}
	return id
}

// send runs the dispatcher over a planned run.
func (b *bundle) send(run string) (dispatch.Reason, error) {
	cfg := b.config
	cfg.Run = run
	return dispatch.Run(context.Background(), b.journal, b.client(b.provider.Transport(), "secret"), cfg)
}

// outcome is what the journal has of an order.
func (b *bundle) outcome(run, reference string) billing.Outcome {
	orders, err := b.journal.OutcomesOf(context.Background(), run, []string{reference})
	require.NoError(b.t, err)
	require.Contains(b.t, orders, reference)
	return orders[reference].Order.Outcome
}

func many(n int) []*billing.Order {
	orders := make([]*billing.Order, n)
	for i := range orders {
		orders[i] = order(fmt.Sprintf("R-%04d", i+1))
	}
	return orders
}

// memoryDir is a folder in memory where the system has one: durability is the journal's to test, and thousands of schedules
// would wait for the disk.
func memoryDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "kravia-batch-test-*") //nolint:usetesting // TempDir is on the disk
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
