package journal

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Entry is one order as a run enters it in the journal, made from its rows.
type Entry struct {
	Seq            int // ordinal of its first row, by which orders are sent
	Reference      string
	Hash           string // billing.Order.Hash
	Customer       string // name
	CustomerNumber string
	Organization   string // number, "" for a private customer
	Product        billing.Product
	Channel        billing.Channel
	Gross          money.Amount
	VAT            money.Amount
	DaysUntilDue   int          // counted from the day on which the order is entered
	AskedDue       billing.Date // the due date that the row asks for, "" if it asks for a number of days
	Rows           int
	Flow           string
	Looks          int    // look-ups to make before the first request
	Body           []byte // exact pay request
	CreateBody     []byte // exact session request in a two-step flow, else nil
	Particulars    billing.Particulars
}

// Entered is what became of an Entry.
type Entered struct {
	Decision billing.Decision
	Stored   Order // as the journal has it now; content and body may be an earlier run's
}

// entryChunk is how many entries share one statement.
const entryChunk = 100

// Enter records the orders of a run in one transaction. For each it decides by what the journal holds under its
// reference in the run's account, see [billing.Decide]. The stored content is replaced only if nothing can exist at
// the provider. Orders that may be sent become due now, in the order of Seq.
//
// Errors: a reference that is entered twice in one run, and ErrNotFound for a run that was not begun.
func (j *Journal) Enter(ctx context.Context, run string, entries []Entry) ([]Entered, error) {
	if err := checkEntries(entries); err != nil {
		return nil, fmt.Errorf(msgEnter, run, err)
	}
	entered := make([]Entered, len(entries))
	err := j.write(ctx, "enter orders of run "+run, func(t *tx) error {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		var started int64
		e := entering{tx: t, engine: j.engine, run: run}
		err := t.get(`SELECT account, period, started_at FROM runs WHERE id = $1`, []any{run}, &e.account, &e.period,
			&started)
		e.started, e.now = fromNanos(started), time.Now().Round(0).UTC()
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		for first := 0; first < len(entries); first += entryChunk {
			last := min(first+entryChunk, len(entries))
			if err := e.enterChunk(entries[first:last], entered[first:last]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return entered, nil
}

func checkEntries(entries []Entry) error {
	seen := make(map[string]bool, len(entries))
	for i := range entries {
		e := &entries[i]
		if seen[e.Reference] {
			return fmt.Errorf(msgTwice, e.Reference)
		}
		seen[e.Reference] = true
		if c := e.VAT.Currency(); c != e.Gross.Currency() && e.VAT != (money.Amount{}) {
			return fmt.Errorf(msgTwoCurrencies, e.Reference, c, e.Gross.Currency())
		}
	}
	return nil
}

// dueAhead is how long before the run's start its first order is due. The others follow a nanosecond apart, by Seq, so
// all are due at once and still have an order.
const dueAhead = time.Hour

// entering is one Enter in progress, in its transaction.
type entering struct {
	*tx
	engine  engine
	run     string
	account string
	period  string
	started time.Time
	now     time.Time
	ids     []int64 // of the orders of the chunk
}

// about gives what runs a statement about so many entries. Statements about a full chunk come again and again, so the
// transaction keeps them prepared.
func (e *entering) about(entries int) interface {
	rowReader
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
} {
	if entries == entryChunk {
		return e.tx
	}
	return e.sql
}

// enterChunk enters some orders. Another process may store the same references at the same time. Entries that lose
// against it are tried again, against what that process stored.
func (e *entering) enterChunk(entries []Entry, entered []Entered) error {
	e.ids = make([]int64, len(entries))
	left := make([]int, len(entries))
	for i := range left {
		left[i] = i
	}
	// All processes store by reference, so that no two wait for each other's locks (deadlock).
	slices.SortFunc(left, func(a, b int) int { return cmp.Compare(entries[a].Reference, entries[b].Reference) })
	for range maxTries {
		var err error
		if left, err = e.round(entries, entered, left); err != nil {
			return err
		}
		if len(left) == 0 {
			return e.link(entries, entered)
		}
	}
	return fmt.Errorf("order %s: %w", entries[left[0]].Reference, ErrTaken)
}

// round tries the entries at the given places and gives the places at which another process was faster.
func (e *entering) round(entries []Entry, entered []Entered, try []int) (left []int, err error) {
	stored, err := e.stored(entries, try)
	if err != nil {
		return nil, err
	}
	var fresh []int
	for _, i := range try {
		entry := &entries[i]
		s, found := stored[entry.Reference]
		if !found {
			fresh = append(fresh, i)
			continue
		}
		if s.linked {
			return nil, fmt.Errorf(msgTwiceInRun, entry.Reference, e.run)
		}
		decision, replace := billing.Decide(s.Life, s.Hash == entry.Hash)
		won := true
		switch {
		case replace:
			won, err = e.replace(&s.Order, entry)
		case decision == billing.ToSend:
			s.Run = e.run
			_, err = e.exec(`UPDATE orders SET run = $2 WHERE id = $1`, s.id, e.run)
		}
		if err != nil {
			return nil, err
		}
		if !won {
			left = append(left, i)
			continue
		}
		e.ids[i] = s.id
		entered[i] = Entered{Decision: decision, Stored: s.Order}
	}
	lost, err := e.insert(entries, entered, fresh)
	return append(left, lost...), err
}

// storedOrder is an order as the journal had it before this run.
type storedOrder struct {
	Order
	linked bool // this run has entered it already
}

// stored finds what the journal has of the entries at the given places, by reference.
func (e *entering) stored(entries []Entry, try []int) (map[string]storedOrder, error) {
	args := []any{e.run, e.account}
	for _, i := range try {
		args = append(args, entries[i].Reference)
	}
	found, err := selectAll(e.ctx, e.about(len(try)), scanStored(),
		`SELECT ro.seq IS NOT NULL, b.body, b.create_body, `+
			orderColumns+` FROM orders o JOIN order_bodies b ON b.order_id = o.id
		LEFT JOIN run_orders ro ON ro.order_id = o.id AND ro.run = $1
		WHERE o.account = $2 AND o.reference IN (`+e.engine.places(3, len(try))+`)`, args...)
	if err != nil {
		return nil, err
	}
	byReference := make(map[string]storedOrder, len(found))
	for _, s := range found {
		byReference[s.Reference] = s
	}
	return byReference, nil
}

func scanStored() func(func(...any) error) (storedOrder, error) {
	var linked bool
	with := scanWithBodies()
	return func(scan func(...any) error) (s storedOrder, err error) {
		s.Order, err = with(func(columns ...any) error { return scan(append([]any{&linked}, columns...)...) })
		s.linked = linked
		return s, err
	}
}

// order makes the order that replaces what is stored, which is the zero Order if nothing is. What belongs to the
// reference and not to the content stays: its attempts, its session, and look-ups that are still to be made.
func (e *entering) order(entry *Entry, stored *Order) Order {
	o := *stored
	o.Account, o.Reference, o.Hash, o.Customer, o.CustomerNumber = e.account, entry.Reference, entry.Hash,
		clean(entry.Customer), clean(entry.CustomerNumber)
	o.Organization, o.Product, o.Channel = entry.Organization, entry.Product, entry.Channel
	o.Gross, o.VAT = entry.Gross, money.New(entry.VAT.Minor(), entry.Gross.Currency())
	o.DaysUntilDue, o.AskedDue, o.Flow = entry.DaysUntilDue, entry.AskedDue, entry.Flow
	o.Period, o.Run = e.period, e.run
	o.Body, o.CreateBody, o.PlannedAt = entry.Body, entry.CreateBody, e.now
	o.Version++
	looked := stored.State == billing.Planned && stored.Step == billing.StepLookFirst &&
		stored.Due.After(stored.PlannedAt)
	if !looked { // else the look-up that was made counts
		o.Looks = max(o.Looks, entry.Looks)
	}
	// The guard of the other flow may have refused a transaction that the provider's list does not show yet.
	if stored.State == billing.Rejected && stored.Flow != entry.Flow {
		o.Looks = max(o.Looks, 2)
	}
	o.Grouped = o.Product == billing.B2BGrouped
	if latest := e.started.Add(billing.ScheduleLength()); o.Due.After(latest) { // written while a clock was ahead
		o.Due = latest
	}
	o.Life = o.Next(billing.EventPlanned, billing.Outcome{}, e.started.Add(time.Duration(entry.Seq)-dueAhead))
	o.UpdatedAt = e.now
	return o
}

// replace stores the entry's content for an order of which nothing exists at the provider. Its attempts and its
// session stay. won is false if another process changed the order since it was read.
func (e *entering) replace(stored *Order, entry *Entry) (won bool, err error) {
	o := e.order(entry, stored)
	n, err := e.exec(`UPDATE orders SET hash = $3, customer = $4, customer_number = $5, product = $6, channel = $7,
		currency = $8, gross = $9, vat = $10, days_until_due = $11, requested_due_date = $12, flow = $13,
		planned_at = $14, state = $15, transaction_id = '', invoice_number = '', invoice_date = '',
		due_date = '', invoice_url = '', payment_status = '', settlement = '', paid = 0,
		code = '', message = '', hint = '', updated_at = $14, period = $16, run = $17,
		step = $18, due_at = $19, tries = 0, looks = $20, refused = 0, resent = 0, sent = 0, organization_number = $21,
		version = version + 1 WHERE id = $1 AND version = $2`,
		o.id, stored.Version, o.Hash, o.Customer, o.CustomerNumber, string(o.Product), string(o.Channel),
		o.Gross.Currency().Code(), o.Gross.Minor(), o.VAT.Minor(), o.DaysUntilDue, string(o.AskedDue), o.Flow,
		nanos(o.PlannedAt), o.State.String(), o.Period, o.Run, o.Step.String(), nanos(o.Due), o.Looks, o.Organization)
	if err != nil || n == 0 {
		return false, err
	}
	*stored = o
	_, err = e.exec(`UPDATE order_bodies SET body = $2, create_body = $3 WHERE order_id = $1`, o.id, o.Body,
		o.CreateBody)
	return err == nil, err
}

// insert stores the entries at the given places, which are new, and gives the places at which another process was
// faster.
func (e *entering) insert(entries []Entry, entered []Entered, fresh []int) (lost []int, err error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	orders, bodies := values{engine: e.engine}, values{engine: e.engine}
	for _, i := range fresh {
		o := e.order(&entries[i], &Order{})
		entered[i] = Entered{Decision: billing.ToSend, Stored: o}
		orders.add(o.Account, o.Reference, bucketOf(o.Reference), o.Hash, o.Customer, o.CustomerNumber,
			string(o.Product), string(o.Channel), o.Gross.Currency().Code(), o.Gross.Minor(), o.VAT.Minor(), o.DaysUntilDue,
			string(o.AskedDue), o.Flow, nanos(o.PlannedAt), o.State.String(), nanos(o.PlannedAt), o.Version, o.Period,
			o.Run, o.Step.String(), nanos(o.Due), o.Looks, o.Organization)
	}
	type stored struct {
		id        int64
		reference string
	}
	scan := func(scan func(...any) error) (s stored, err error) { return s, scan(&s.id, &s.reference) }
	inserted, err := selectAll(e.ctx, e.about(len(fresh)), scan, `INSERT INTO orders (account, reference, bucket,
		hash, customer, customer_number, product, channel, currency, gross, vat, days_until_due, requested_due_date, flow, planned_at,
		state, updated_at, version, period, run, step, due_at, looks, organization_number) VALUES `+orders.text()+
		` ON CONFLICT (account, reference) DO NOTHING RETURNING id, reference`, orders.args...)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]int64, len(inserted))
	for _, s := range inserted {
		ids[s.reference] = s.id
	}
	for _, i := range fresh {
		id, won := ids[entries[i].Reference]
		if !won {
			lost = append(lost, i)
			continue
		}
		e.ids[i], entered[i].Stored.id = id, id
		bodies.add(id, entries[i].Body, entries[i].CreateBody)
	}
	if len(ids) == 0 {
		return lost, nil
	}
	_, err = e.about(len(ids)).ExecContext(e.ctx,
		`INSERT INTO order_bodies (order_id, body, create_body) VALUES `+bodies.text(), bodies.args...)
	return lost, err
}

// link records for the run's report what the run decided about each order.
func (e *entering) link(entries []Entry, entered []Entered) error {
	links := values{engine: e.engine}
	for i := range entries {
		entry := &entries[i]
		particulars, err := json.Marshal(&entry.Particulars)
		if err != nil {
			return fmt.Errorf("order %s: %w", entry.Reference, err)
		}
		links.add(e.run, entry.Seq, e.ids[i], int64(entered[i].Decision), entry.Hash, clean(entry.Customer),
			clean(entry.CustomerNumber), string(entry.Product), entry.Gross.Currency().Code(), entry.Gross.Minor(),
			entry.VAT.Minor(), entry.Rows, clean(string(particulars)))
	}
	_, err := e.about(len(entries)).ExecContext(e.ctx, `INSERT INTO run_orders (run, seq, order_id, verdict, hash,
		customer, customer_number, product, currency, gross, vat, row_count, particulars) VALUES `+links.text(), links.args...)
	return err
}

// values collects the tuples of an INSERT with many rows.
type values struct {
	engine engine
	args   []any
	tuples strings.Builder
}

func (v *values) add(tuple ...any) {
	if len(v.args) > 0 {
		v.tuples.WriteString(", ")
	}
	v.tuples.WriteString("(" + v.engine.places(len(v.args)+1, len(tuple)) + ")")
	v.args = append(v.args, tuple...)
}

func (v *values) text() string { return v.tuples.String() }
