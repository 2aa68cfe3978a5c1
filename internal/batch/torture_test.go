package batch_test

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/simulator"
)

// The torture's times. The look-ups of an order in doubt shrink to fit into tortureResend: with a request
// that is given up after 0.4 s the fourth is made 2.06 s after the request, the last after it may be
// repeated.
const (
	tortureResend = 3 * time.Second
	slowCommit    = 2100 * time.Millisecond // ends after all look-ups but the last
)

// TestKilledAtManyPoints kills the program count times at many points of its work, against a simulator that
// drops answers, commits slowly and indexes late, then lets it finish. The runs differ by chance: in one step
// and in two, delivered by the merchant, after corrections, at once and later. TEST_KILLS and TEST_SEED make
// it longer or repeat it.
func TestKilledAtManyPoints(t *testing.T) {
	t.Parallel()
	kills, _ := strconv.Atoi(cmp.Or(os.Getenv("TEST_KILLS"), "12"))
	seed, _ := strconv.ParseUint(cmp.Or(os.Getenv("TEST_SEED"), "1"), 10, 64)
	onEngines(t, 160, func(t *testing.T, w *world) {
		c := &campaign{world: w, chance: rand.New(rand.NewPCG(seed, uint64(len(w.more)))), tally: map[string]int{}}
		c.tortured(kills)
		t.Logf("survived %d kills with seed %d: %v", kills, seed, c.tally)
	})
}

// campaign is a torture under way: one journal, one provider, one file after another.
type campaign struct {
	*world

	chance *rand.Rand
	tally  map[string]int
	stop   func() // ends the simulator of the file

	amounts   []int           // of the file's rows
	corrected map[string]bool // orders whose content changed since the file's first run
	flow      string          // of the file's runs, "" where each takes another
	channel   string
	kills     int // of the file's runs
}

func (c *campaign) tortured(kills int) {
	c.renew()
	defer func() { c.stop() }()
	for done := 0; done < kills; {
		c.correct()
		if c.chance.IntN(10) == 0 {
			c.tally["later restarts"]++
			time.Sleep(time.Duration(c.chance.Int64N(int64(tortureResend))))
		}
		earlier := c.reports()
		signal := syscall.SIGKILL
		if c.chance.IntN(12) == 0 {
			signal = syscall.SIGTERM
		}
		ended, err := c.endWhen(c.run(), signal, c.killPoint())
		settled := false
		if now := c.reports(); len(now) > len(earlier) { // also that of a run that was killed after it
			settled = c.hold(now[len(now)-1], false)
		}
		if ended && signal == syscall.SIGKILL {
			done++
			c.kills++
			c.atMostOne()
		} else {
			// 1: a busy machine did not get a token within the short timeout, and nothing was sent. -1: the
			// signal came before the program listened for it.
			require.Contains(c.t, []int{-1, 0, 1, 3, 6, 143}, exitCode(err), "kill %d", done)
			c.tally[fmt.Sprintf("exit %d", exitCode(err))]++
		}
		if settled || c.kills >= 40 {
			c.renew()
		}
	}
	c.finish()
}

// finish lets the program end its work without faults.
func (c *campaign) finish() {
	c.script(nil)
	time.Sleep(slowCommit + 100*time.Millisecond) // what hangs at the provider comes to its end
	code := 3
	for try := 0; code == 3 && try < 3; try++ { // what was refused is sent by the next run
		out, err := c.run("--timeout", "10s").CombinedOutput()
		code = exitCode(err)
		require.Contains(c.t, []int{0, 3, 6}, code, "%s", out)
	}
	reports := c.reports()
	c.hold(reports[len(reports)-1], true)
	c.atMostOne()
}

// renew goes on with another file, for the same journal and provider.
func (c *campaign) renew() {
	c.tally["files"]++
	c.prefix = fmt.Sprintf("E%d-", c.tally["files"])
	c.amounts, c.corrected, c.kills = make([]int, c.rows), map[string]bool{}, 0
	for i := range c.amounts {
		c.amounts[i] = i + 1
	}
	c.export(c.amounts)
	c.flow = []string{dispatch.OneStep, dispatch.OneStep, dispatch.TwoStep, dispatch.TwoStep, ""}[c.chance.IntN(5)]
	c.channel = []string{"kravia", "kravia", "merchant"}[c.chance.IntN(3)]
	c.tally[cmp.Or(c.flow, "both flows")+" "+c.channel]++
	if c.stop != nil {
		c.stop() // what hangs there never commits
	}
	if c.tally["files"] > 1 {
		c.age([]time.Duration{0, 40 * 24 * time.Hour}[c.chance.IntN(2)])
	}
	path, err := binary()
	require.NoError(c.t, err)
	c.stop = c.serve(path) // its log of requests begins anew
	c.script([]simulator.Fault{
		{Operation: simulator.OpPay, Action: simulator.ActionDropAfter, Chance: 0.06},
		{Operation: simulator.OpPay, Action: simulator.ActionDropBefore, Chance: 0.04},
		{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: 700 * time.Millisecond, Chance: 0.03},
		{Operation: simulator.OpPay, Action: simulator.ActionHang, Delay: slowCommit, Chance: 0.04},
		{Operation: simulator.OpPay, Action: simulator.ActionLateIndex, Delay: 300 * time.Millisecond, Chance: 0.1},
		{Operation: simulator.OpPay, Action: simulator.ActionStatusAfterCommit, Status: 502, Chance: 0.04},
		{Operation: simulator.OpPay, Action: simulator.ActionDelay, Delay: 20 * time.Millisecond},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionDropAfter, Chance: 0.06},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionDropBefore, Chance: 0.04},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionHang, Delay: slowCommit, Chance: 0.04},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionStatusAfterCommit, Status: 502, Chance: 0.04},
		{Operation: simulator.OpSessionPay, Action: simulator.ActionDelay, Delay: 10 * time.Millisecond},
		{Operation: simulator.OpCreate, Action: simulator.ActionDropAfter, Chance: 0.04},
		{Operation: simulator.OpCreate, Action: simulator.ActionDropBefore, Chance: 0.03},
		{Operation: simulator.OpCreate, Action: simulator.ActionHang, Delay: slowCommit, Chance: 0.02},
		{Operation: simulator.OpCreate, Action: simulator.ActionLateIndex, Delay: 300 * time.Millisecond, Chance: 0.1},
		{Operation: simulator.OpCapture, Action: simulator.ActionDropAfter, Chance: 0.05},
		{Operation: simulator.OpCapture, Action: simulator.ActionDropBefore, Chance: 0.05},
		{Operation: simulator.OpCapture, Action: simulator.ActionLateEvent, Delay: 300 * time.Millisecond, Chance: 0.1},
	})
}

// age makes the journal as old as that: the runs of a new one look every order up before it is sent.
func (c *campaign) age(age time.Duration) {
	driver, location := "sqlite", c.location()
	if journal.Shared(location) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, location)
	require.NoError(c.t, err)
	_, err = db.ExecContext(c.t.Context(),
		`UPDATE orders SET planned_at = $1 WHERE id = (SELECT MIN(id) FROM orders)`, time.Now().Add(-age).UnixNano())
	require.NoError(c.t, errors.Join(err, db.Close()))
	c.tally[fmt.Sprintf("journal of %.0f days", age.Hours()/24)]++
}

// location is where the journal is.
func (c *campaign) location() string {
	if len(c.more) > 0 {
		return c.more[1]
	}
	return filepath.Join(c.dir, "state", "journal.db")
}

// correct changes, by chance, the content of an order that may have been under way when the last run was killed.
func (c *campaign) correct() {
	if c.chance.IntN(4) > 0 {
		return
	}
	sent := 0
	for reference := range c.live() {
		if strings.HasPrefix(reference, c.prefix+"R") {
			sent++
		}
	}
	orders := c.rows / 2
	row := min(max(0, sent+c.chance.IntN(12)-8), orders-1) + orders*c.chance.IntN(2)
	c.amounts[row] += 1000
	c.corrected[c.reference(row)] = true
	c.tally["corrections"]++
	c.export(c.amounts)
}

// run is a run of the file.
func (c *campaign) run(more ...string) *exec.Cmd {
	flow := c.flow
	if flow == "" {
		flow = []string{dispatch.OneStep, dispatch.TwoStep}[c.chance.IntN(2)]
	}
	args := []string{
		"--rate", "400", "--concurrency", "4", "--resend-after", tortureResend.String(),
		"--invoice-channel", c.channel, "--flow", flow,
	}
	if flow == dispatch.TwoStep {
		args = append(args, "--return-url", "https://example.com/")
	}
	return c.command(slices.Concat(args, more)...)
}

func (c *campaign) reports() []string {
	paths, err := filepath.Glob(filepath.Join(c.dir, "reports", "*.csv"))
	require.NoError(c.t, err)
	return paths
}

// live is the provider's live invoices by reference, of all files: never more than one each.
func (c *campaign) live() map[string]simulator.Invoice {
	var ledger []simulator.Invoice
	c.get("/_simulator/ledger", &ledger)
	live := map[string]simulator.Invoice{}
	for _, invoice := range ledger {
		if !invoice.Live {
			continue
		}
		if first, twice := live[invoice.Reference]; twice {
			c.t.Fatalf("invoiced twice:\n%+v\n%+v\n%s", first, invoice, c.story(invoice.Reference))
		}
		live[invoice.Reference] = invoice
	}
	return live
}

func (c *campaign) atMostOne() { c.live() }

// story is what the journal has of an order, for the message of a failure.
func (c *campaign) story(reference string) string {
	j, err := journal.Open(context.Background(), c.location())
	if err != nil {
		return err.Error()
	}
	defer func() { _ = j.Close() }()
	stored, err := j.Stored(context.Background(), "T12345678", []string{reference})
	o := stored[reference]
	text := fmt.Sprintf("%s: %+v flow %s session of %q, %d attempts, first %s, error %v\n", reference, o.Life,
		o.Flow, o.SessionHash, o.Attempts, o.FirstAttempt, err)
	attempts, err := j.Attempts(context.Background(), "T12345678", reference)
	for _, a := range attempts {
		text += fmt.Sprintf("%+v\n", a)
	}
	return fmt.Sprint(text, err)
}

// stringer is text that is made when it is printed.
type stringer func() string

func (s stringer) String() string { return s() }

// reported is what a report says of a row of the file.
type reported struct {
	state, code, problem  string
	number, due, url      string
	reference, row, money string
}

// hold holds a report against the file and the provider's ledger, and reports whether every order that was
// not corrected is invoiced and collected. Every row has one final state. It is "invoiced" only where the one
// live invoice is exactly the row's order. In the end it is anything else only for orders whose content
// changed on the way, or whose other flow left a session open.
func (c *campaign) hold(path string, final bool) (settled bool) {
	live := c.live()
	rows := c.read(path)
	require.Len(c.t, rows, c.rows)
	sums, states := map[string]int64{}, map[string]string{}
	for i, r := range rows {
		require.Equal(c.t, strconv.Itoa(i+2), r.row)
		require.Equal(c.t, c.reference(i), r.reference)
		require.Equal(c.t, fmt.Sprintf("%d.50", c.amounts[i]), r.money)
		require.Equal(c.t, r.state, cmp.Or(states[r.reference], r.state), "one final state for an order: %s",
			r.reference)
		states[r.reference] = r.state
		sums[r.reference] += int64(c.amounts[i])*100 + 50
	}
	settled = true
	for _, r := range rows {
		invoice, corrected := live[r.reference], c.corrected[r.reference]
		about := func() string { return fmt.Sprintf("%+v\n%+v\n%s", r, invoice, c.story(r.reference)) }
		switch r.state {
		case "invoiced", "already invoiced":
			same := invoice.Amount == sums[r.reference] && invoice.Number == r.number && invoice.DueDate == r.due &&
				invoice.URL == r.url && r.number != ""
			require.True(c.t, same, "%s", stringer(about))
			collected := r.code != "delivery.not_captured"
			if final {
				require.True(c.t, collected, "%s", stringer(about))
			}
			settled = settled && collected
			continue
		case "conflict":
			require.True(c.t, corrected, "%s", stringer(about))
			require.NotEqual(c.t, sums[r.reference], invoice.Amount, "%s", stringer(about))
		default:
			require.Contains(c.t, []string{"in doubt", "registered", "rejected", "failed", "not attempted"}, r.state)
			if final {
				require.True(c.t, r.state == "in doubt" && (corrected || c.flow == ""), "%s", stringer(about))
			}
			settled = settled && corrected
		}
	}
	for _, reference := range slices.Sorted(maps.Keys(states)) {
		c.tally["orders reported "+states[reference]]++
	}
	return settled
}

func (c *campaign) read(path string) []reported {
	f, err := os.Open(path)
	require.NoError(c.t, err)
	defer func() { _ = f.Close() }()
	records, err := csv.NewReader(f).ReadAll()
	require.NoError(c.t, err)
	var rows []reported
	for _, record := range records[1:] {
		cell := func(name string) string { return record[slices.Index(records[0], name)] }
		rows = append(rows, reported{
			state: cell("state"), code: cell("problem_code"), problem: cell("problem"),
			number: cell("invoice_number"), due: cell("due_date"),
			url: cell("invoice_url"), reference: cell("order_reference"), row: cell("row"), money: cell("amount"),
		})
	}
	return rows
}

// endWhen sends the process a signal as soon as the condition holds, and a little later by chance. ended is
// true when it was the signal.
func (c *campaign) endWhen(cmd *exec.Cmd, signal syscall.Signal, condition func() bool) (ended bool, err error) {
	return endWhen(cmd, signal, c.chance, condition)
}

func endWhen(cmd *exec.Cmd, signal syscall.Signal, chance *rand.Rand, condition func() bool) (ended bool, err error) {
	if err := cmd.Start(); err != nil {
		return false, err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	for {
		select {
		case err := <-exited:
			return false, err
		case <-time.After(time.Millisecond):
		}
		if condition() {
			time.Sleep(time.Duration(chance.IntN(12_000)) * time.Microsecond)
			_ = cmd.Process.Signal(signal)
			err := <-exited
			return exitCode(err) == -1 || exitCode(err) == 128+int(signal), err
		}
	}
}

// killPoint is one of: at any time, while the report is written, around a payment's request and answer,
// around any request.
func (c *campaign) killPoint() func() bool {
	calls := func(of ...simulator.Operation) (sum int) {
		var counts struct {
			Calls map[simulator.Operation]int `json:"calls"`
		}
		c.get("/_simulator/requests", &counts)
		for operation, n := range counts.Calls {
			if len(of) == 0 || slices.Contains(of, operation) {
				sum += n
			}
		}
		return sum
	}
	files := func() int {
		shown, _ := filepath.Glob(filepath.Join(c.dir, "reports", "*"))
		hidden, _ := filepath.Glob(filepath.Join(c.dir, "reports", ".*"))
		return len(shown) + len(hidden)
	}
	switch c.chance.IntN(6) {
	case 0:
		at := time.Now().Add(time.Duration(c.chance.IntN(300)) * time.Millisecond)
		return func() bool { return time.Now().After(at) }
	case 1:
		before := files()
		return func() bool { return files() > before }
	case 2, 3:
		target := calls() + 1 + c.chance.IntN(60)
		return func() bool { return calls() >= target }
	default:
		pays := []simulator.Operation{simulator.OpPay, simulator.OpSessionPay}
		target := calls(pays...) + 1 + c.chance.IntN(25)
		return func() bool { return calls(pays...) >= target }
	}
}
