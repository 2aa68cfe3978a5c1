package dispatch_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
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

// fails leaves a failed transaction under the reference, as a web shop's or an earlier journal's attempt does.
func (b *bundle) fails(o *billing.Order) {
	require.NoError(b.t, b.provider.SetFaults([]simulator.Fault{{Operation: simulator.OpPay, Action: simulator.ActionFailed, Times: 1}}))
	body, err := dintero.OneStep(o, dintero.BodyOptions{Days: 14})
	require.NoError(b.t, err)
	b.client(b.provider.Transport(), "secret").Pay(b.t.(*testing.T).Context(), body, 0, dintero.Expect{})
}

// products edit an order into each product.
func products() map[billing.Product]func(*billing.Order) {
	return map[billing.Product]func(*billing.Order){
		billing.B2B:        func(*billing.Order) {},
		billing.B2BGrouped: func(o *billing.Order) { o.Product, o.Channel = billing.B2BGrouped, "" },
		billing.B2C: func(o *billing.Order) {
			o.Product, o.Address.BusinessName, o.Address.OrganizationNumber = billing.B2C, "", ""
		},
	}
}

// refresh looks the run up and gives the first order's outcome.
func (b *bundle) refresh(t *testing.T, run string, all bool) billing.Outcome {
	t.Helper()
	cfg := b.config
	cfg.Run = run
	_, _, err := dispatch.Refresh(context.Background(), b.journal, b.client(b.provider.Transport(), "secret"), cfg, all)
	require.NoError(t, err)
	return b.outcome(run, "R-1")
}

// inTime runs a test in virtual time against a provider.
func inTime(t *testing.T, options simulator.Options, test func(t *testing.T, b *bundle)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, options)
		defer b.close()
		test(t, b)
	})
}

// run plans the orders and sends them.
func (b *bundle) run(flow string, orders ...*billing.Order) (run string, reason dispatch.Reason) {
	run = b.plan(flow, orders...)
	reason, err := b.send(run)
	require.NoError(b.t, err)
	return run, reason
}

// live is the live invoices of a reference.
func (b *bundle) live(reference string) (live []simulator.Invoice) {
	for _, invoice := range b.provider.Invoices() {
		if invoice.Live && invoice.Reference == reference {
			live = append(live, invoice)
		}
	}
	return live
}

// amount gives an order another amount.
func amount(minor int64) func(*billing.Order) {
	return func(o *billing.Order) { o.Gross, o.Lines[0].Gross = nok(minor), nok(minor) }
}

// calls is how many requests of any kind the provider got.
func (b *bundle) calls() (n int) {
	for _, calls := range b.provider.Requests().Calls {
		n += calls
	}
	return n
}

// stopAfter closes the run's stop after a while. then tells when, and how many requests the provider had got by then.
func (b *bundle) stopAfter(wait time.Duration) (then func() (at time.Time, calls int)) {
	stop := make(chan struct{})
	var at time.Time
	var calls int
	time.AfterFunc(wait, func() {
		at, calls = time.Now(), b.calls()
		close(stop)
	})
	b.config.Stop = stop
	return func() (time.Time, int) { return at, calls }
}

func grouped(n int) []*billing.Order {
	orders := many(n)
	for _, o := range orders {
		products()[billing.B2BGrouped](o)
	}
	return orders
}

func merchants(n int) []*billing.Order {
	orders := many(n)
	for _, o := range orders {
		o.Channel = billing.ChannelMerchant
	}
	return orders
}

// sendFast sends a run without a pace and without a stop, and gives the number of requests it made beside the token's.
func (b *bundle) sendFast(run string) int {
	cfg, rate := b.config, b.rate
	defer func() { b.config, b.rate = cfg, rate }()
	b.config.Stop, b.rate = nil, 0
	before := b.calls()
	_, err := b.send(run)
	require.NoError(b.t, err)
	return b.calls() - before - 1
}

// round is one run of the export.
type round struct {
	stopped time.Duration // after which it is told to stop, 0 for never
	killed  bool          // it dies instead, without another word to the journal
	pause   time.Duration // before the next run, which may begin at once
	correct int           // orders whose content changes before it
}

const account = "T12345678"

var oslo, _ = time.LoadLocation("Europe/Oslo")

// A history takes seconds under the race detector: -rapid.checks asks for more of them than these.
func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set("40") // a number, which it takes
	}
	goleak.VerifyTestMain(m)
}

// bundle is a real journal, a real client and the simulator behind it.
type bundle struct {
	t          testing.TB
	journal    *journal.Journal
	path       string
	provider   *simulator.Provider
	runs       int
	flow       string // of the run that was planned last
	config     dispatch.Config
	rate       float64
	timeout    time.Duration
	extraLooks int // of a new journal
}

func setup(tb testing.TB, options simulator.Options) *bundle {
	tb.Helper()
	options.Account = account
	provider, err := simulator.New(options)
	require.NoError(tb, err)
	path := filepath.Join(memoryDir(tb), "journal.db")
	j, err := journal.Open(context.Background(), path)
	require.NoError(tb, err)
	return &bundle{
		t: tb, journal: j, path: path, provider: provider, timeout: time.Minute,
		config: dispatch.Config{
			Account: account, Concurrency: 8, Guard: dintero.StrictSuccess, Logger: slog.New(slog.DiscardHandler),
			Day: func(at time.Time) billing.Date { return billing.Date(at.In(oslo).Format(time.DateOnly)) },
		},
	}
}

// close ends everything that setup started; inside a bubble of virtual time it must come before the end.
func (b *bundle) close() {
	require.NoError(b.t, b.journal.Close())
	require.NoError(b.t, b.provider.Close())
}

func (b *bundle) client(transport http.RoundTripper, secret dintero.Secret) *dintero.Client {
	return b.clientAt("http://localhost/v1", transport, secret)
}

func (b *bundle) clientAt(base string, transport http.RoundTripper, secret dintero.Secret) *dintero.Client {
	c, err := dintero.New(dintero.Config{
		HTTP: &http.Client{Transport: transport}, BaseURL: base, Account: account, ClientID: "id", Secret: secret,
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
	b.flow = flow
	id := fmt.Sprintf("run-%d", b.runs)
	ctx := context.Background()
	require.NoError(b.t, b.journal.BeginRun(ctx, journal.Run{ID: id, Account: account, Environment: "test", Started: time.Now(), Flow: flow}))
	plans := make([]journal.Plan, len(orders))
	for i, o := range orders {
		options := dintero.BodyOptions{Days: o.DaysUntilDue, ReturnURL: "https://example.com/", ProfileID: "default"}
		p := journal.Plan{
			Seq: i, Reference: o.Reference, Hash: o.Hash(), Customer: o.Address.CustomerName(), Product: o.Product, Channel: o.Channel,
			Gross: o.Gross, VAT: o.VAT, DaysUntilDue: o.DaysUntilDue, AskedDue: o.DueDate, Rows: 1, Flow: flow, Looks: b.looks(flow),
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

// looks is what a run's plan asks for in a journal that knows the account.
func (b *bundle) looks(flow string) int {
	if flow == dispatch.OneStep {
		return b.extraLooks
	}
	return 1 + b.extraLooks
}

// send runs the dispatcher over a planned run.
func (b *bundle) send(run string) (dispatch.Reason, error) {
	return b.sendUntil(context.Background(), run)
}

func (b *bundle) sendUntil(ctx context.Context, run string) (dispatch.Reason, error) {
	cfg := b.config
	cfg.Run, cfg.Flow = run, b.flow
	if due, err := dispatch.Ready(ctx, b.journal, cfg); err != nil || !due {
		return dispatch.Finished, err
	}
	return dispatch.Run(ctx, b.journal, b.client(b.provider.Transport(), "secret"), cfg)
}

// reopen opens the journal that another process left.
func (b *bundle) reopen() {
	require.NoError(b.t, b.journal.Close())
	j, err := journal.Open(context.Background(), b.path)
	require.NoError(b.t, err)
	b.journal = j
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

// foreign opens a session as another program would, and gives its id.
func (b *bundle) foreign(body []byte) (id string) {
	answer := b.client(b.provider.Transport(), "secret").CreateSession(context.Background(), unmarked(b.t, body), false, 0)
	require.Equal(b.t, dintero.MeansOpened, answer.Meaning)
	return answer.SessionID
}

// unmarked is a request as another program would make it: without this program's mark.
func unmarked(tb testing.TB, body []byte) []byte {
	tb.Helper()
	var request map[string]any
	require.NoError(tb, json.Unmarshal(body, &request))
	delete(request, "metadata")
	if session, ok := request["session"].(map[string]any); ok {
		delete(session, "metadata")
	}
	body, err := json.Marshal(request)
	require.NoError(tb, err)
	return body
}

// naming is a refusal that names a session.
func naming(id string) string {
	return fmt.Sprintf(`{"error":{"code":"X","message":"merchant_reference already exists"},"session_id":%q}`, id)
}
