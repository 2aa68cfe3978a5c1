package dispatch_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
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
	"kraviabatch/internal/simulator"
)

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
	transport  http.RoundTripper // to the provider
	secret     dintero.Secret
	timeout    time.Duration
	rate       float64
	config     dispatch.Config
	extraLooks int    // of a new journal
	runs       int    // that were planned
	flow       string // of the last of them
}

// inTime runs a test in virtual time.
func inTime(t *testing.T, options simulator.Options, test func(t *testing.T, b *bundle)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, setup(t, options)) })
}

// setup is a new journal and a provider, until the test ends.
func setup(tb testing.TB, options simulator.Options) *bundle {
	tb.Helper()
	options.Account = account
	provider, err := simulator.New(options)
	require.NoError(tb, err)
	b := &bundle{
		t: tb, path: filepath.Join(memoryDir(tb), "journal.db"), provider: provider, transport: provider.Transport(),
		secret: "secret", timeout: time.Minute,
		config: dispatch.Config{
			Account: account, Concurrency: 8, Guard: dintero.StrictSuccess, Logger: slog.New(slog.DiscardHandler),
			Day: func(at time.Time) billing.Date { return billing.Date(at.In(oslo).Format(time.DateOnly)) },
		},
	}
	b.open()
	tb.Cleanup(func() {
		require.NoError(tb, b.journal.Close())
		require.NoError(tb, provider.Close())
	})
	return b
}

func (b *bundle) open() {
	j, err := journal.Open(context.Background(), b.path)
	require.NoError(b.t, err)
	b.journal = j
}

// reopen opens the journal that another process left.
func (b *bundle) reopen() {
	require.NoError(b.t, b.journal.Close())
	b.open()
}

// lost is a new journal, in the place of one that was lost, for the same provider. It looks so often before
// it sends an order.
func (b *bundle) lost(looks int) *bundle {
	l := setup(b.t, simulator.Options{})
	require.NoError(b.t, l.provider.Close())
	l.provider, l.transport, l.extraLooks = b.provider, b.transport, looks
	return l
}

// memoryDir is a folder in memory where the system has one: durability is the journal's to test, and
// thousands of schedules would wait for the disk.
func memoryDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "kravia-batch-test-*") //nolint:usetesting // TempDir is on the disk
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (b *bundle) client() *dintero.Client { return b.clientAt("http://localhost/v1") }

func (b *bundle) clientAt(base string) *dintero.Client {
	c, err := dintero.New(dintero.Config{
		HTTP: &http.Client{Transport: b.transport}, BaseURL: base, Account: account, ClientID: "id", Secret: b.secret,
		Timeout: b.timeout, Pace: dispatch.NewPace(b.rate, b.config.Stop),
	})
	require.NoError(b.t, err)
	return c
}

// Others.

// pays has the order invoiced in one step without the journal, as an earlier journal of this program did.
func (b *bundle) pays(o *billing.Order) dintero.Answer {
	return b.pay(b.oneStep(o))
}

// shopPays has the order invoiced by another program.
func (b *bundle) shopPays(o *billing.Order) dintero.Answer {
	return b.pay(unmarked(b.t, b.oneStep(o)))
}

func (b *bundle) pay(body []byte) dintero.Answer {
	answer := b.client().Pay(context.Background(), body, 0, dintero.Expect{})
	require.NotNil(b.t, answer.Transaction, answer.Message)
	return answer
}

// fails leaves a failed transaction under the reference, as an earlier journal's attempt does.
func (b *bundle) fails(o *billing.Order) {
	b.faults(once(simulator.OpPay, simulator.ActionFailed))
	b.pays(o)
	b.faults()
}

func (b *bundle) oneStep(o *billing.Order) []byte {
	body, err := dintero.OneStep(o, dintero.BodyOptions{Content: o.Hash(), Days: 14})
	require.NoError(b.t, err)
	return body
}

// opens opens a session for the order without the journal, as an earlier journal of this program did, and gives its id.
func (b *bundle) opens(o *billing.Order) (id string) { return b.openSession(b.twoStep(o)) }

// shopOpens opens a session under the reference as another program does, for another amount.
func (b *bundle) shopOpens(reference string) (id string) {
	return b.openSession(unmarked(b.t, b.twoStep(order(reference, amount(999999)))))
}

func (b *bundle) openSession(body []byte) (id string) {
	answer := b.client().CreateSession(context.Background(), body, false, 0)
	require.Equal(b.t, dintero.MeansOpened, answer.Meaning)
	return answer.SessionID
}

func (b *bundle) twoStep(o *billing.Order) []byte {
	body, err := dintero.SessionBody(o,
		dintero.BodyOptions{Content: o.Hash(), Days: 14, ReturnURL: "https://example.com/"})
	require.NoError(b.t, err)
	return body
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

// Runs.

// plan begins a run with the orders and gives its id.
func (b *bundle) plan(flow string, orders ...*billing.Order) string {
	b.runs++
	b.flow = flow
	id := fmt.Sprintf("run-%d", b.runs)
	ctx := context.Background()
	require.NoError(b.t,
		b.journal.BeginRun(ctx,
			journal.Run{ID: id, Account: account, Environment: "test", Started: time.Now(), Flow: flow}))
	plans := make([]journal.Entry, len(orders))
	for i, o := range orders {
		options := dintero.BodyOptions{
			Content: o.Hash(), Days: o.DaysUntilDue, ReturnURL: "https://example.com/",
			ProfileID: "default",
		}
		p := journal.Entry{
			Seq: i, Reference: o.Reference, Hash: o.Hash(), Customer: o.Address.CustomerName(),
			Organization: o.Address.OrganizationNumber,
			Product:      o.Product, Channel: o.Channel, Gross: o.Gross, VAT: o.VAT, DaysUntilDue: o.DaysUntilDue,
			AskedDue: o.DueDate, Rows: 1, Flow: flow, Looks: b.looks(flow),
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
		_, err := b.journal.Enter(ctx, id, plans[:n])
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

// configOf is the config for a run.
func (b *bundle) configOf(run string) dispatch.Config {
	cfg := b.config
	cfg.Run, cfg.Flow = run, b.flow
	return cfg
}

// send runs the dispatcher over a planned run.
func (b *bundle) send(run string) (dispatch.Reason, error) {
	return b.sendUntil(context.Background(), run)
}

func (b *bundle) sendUntil(ctx context.Context, run string) (dispatch.Reason, error) {
	cfg := b.configOf(run)
	if due, err := dispatch.Ready(ctx, b.journal, cfg); err != nil || !due {
		return dispatch.Finished, err
	}
	return dispatch.Run(ctx, b.journal, b.client(), cfg)
}

// run plans the orders and sends them.
func (b *bundle) run(flow string, orders ...*billing.Order) (run string, reason dispatch.Reason) {
	run = b.plan(flow, orders...)
	reason, err := b.send(run)
	require.NoError(b.t, err)
	return run, reason
}

// sends makes a run of one order, and gives what became of it.
func (b *bundle) sends(flow string, o *billing.Order) billing.Outcome {
	run, _ := b.run(flow, o)
	return b.outcome(run, o.Reference)
}

// sendsAtOnce is sends with --no-wait.
func (b *bundle) sendsAtOnce(flow string, o *billing.Order) billing.Outcome {
	b.config.NoWait = true
	defer func() { b.config.NoWait = false }()
	return b.sends(flow, o)
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

// round is one run of the export.
type round struct {
	stopped time.Duration // after which it is told to stop, 0 for never
	killed  bool          // it dies instead, without another word to the journal
	pause   time.Duration // before the next run, which may begin at once
	correct int           // orders whose content changes before it
}

// round makes one run of the orders, and gives its id.
func (b *bundle) round(flow string, r round, orders []*billing.Order) string {
	run := b.plan(flow, orders...)
	b.config.Stop = nil
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if r.stopped > 0 && r.killed {
		timer := time.AfterFunc(r.stopped, func() {
			_ = b.journal.Close()
			cancel()
		})
		defer timer.Stop()
	} else if r.stopped > 0 {
		stop := make(chan struct{})
		b.config.Stop = stop
		timer := time.AfterFunc(r.stopped, func() { close(stop) })
		defer timer.Stop()
	}
	_, _ = b.sendUntil(ctx, run) // a second 401 stops a run, and so does a journal that is gone
	if r.killed {
		b.reopen()
	}
	return run
}

// refresh looks a run up, with all every live invoice of it.
func (b *bundle) refresh(run string, all bool) (changes map[string]string, reason dispatch.Reason, err error) {
	return dispatch.Refresh(context.Background(), b.journal, b.client(), b.configOf(run), all)
}

// void cancels what the run has of the references, of all without any.
func (b *bundle) void(run string, references ...string) ([]dispatch.Voided, dispatch.Reason) {
	orders, err := dispatch.Voidable(context.Background(), b.journal, run, references)
	require.NoError(b.t, err)
	results, reason, err := dispatch.Void(context.Background(), b.journal, b.client(), b.configOf(run), orders)
	require.NoError(b.t, err)
	return results, reason
}

// documents fetches the documents of a run, and throws them away.
func (b *bundle) documents(run string) dispatch.Fetched {
	fetched, err := dispatch.Documents(context.Background(), b.journal, b.client(), b.configOf(run),
		func(_ string, write func(io.Writer) error) (bool, error) {
			return true, write(io.Discard)
		})
	require.NoError(b.t, err)
	return fetched
}

// What came of them.

// outcome is what the journal has of an order.
func (b *bundle) outcome(run, reference string) billing.Outcome {
	return b.orderOf(run, reference).Order.Outcome
}

// outcomes are those of all orders of a run, by reference. It reads the run once, where outcome reads it for each order.
func (b *bundle) outcomes(run string) map[string]billing.Outcome {
	all := map[string]billing.Outcome{}
	for o, err := range b.journal.RunOrders(context.Background(), run) {
		require.NoError(b.t, err)
		all[o.Order.Reference] = o.Order.Outcome
	}
	return all
}

// orderOf is an order as a run has it.
func (b *bundle) orderOf(run, reference string) journal.RunOrder {
	for o, err := range b.journal.RunOrders(context.Background(), run) {
		require.NoError(b.t, err)
		if o.Order.Reference == reference {
			return o
		}
	}
	require.Fail(b.t, "the run has no order "+reference)
	return journal.RunOrder{}
}

// stored is what the journal has of R-1, whichever run sent it.
func (b *bundle) stored() journal.Order {
	stored, err := b.journal.Stored(context.Background(), account, []string{"R-1"})
	require.NoError(b.t, err)
	return stored["R-1"]
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

// count is how many requests of an operation the provider got.
func (b *bundle) count(operation simulator.Operation) int {
	return b.provider.Requests().Calls[operation]
}

// calls is how many requests of any kind the provider got.
func (b *bundle) calls() (n int) {
	for _, calls := range b.provider.Requests().Calls {
		n += calls
	}
	return n
}
