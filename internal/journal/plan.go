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

// Entry is one order as a run made it from its rows.
type Entry struct {
	Seq            int // ordinal of its first row; the order of sending
	Reference      string
	Hash           string // billing.Order.Hash
	Customer       string // name
	CustomerNumber string
	Organization   string // number, "" for a person's
	Product        billing.Product
	Channel        billing.Channel
	Gross          money.Amount
	VAT            money.Amount
	DaysUntilDue   int          // counted from the day of planning
	AskedDue       billing.Date // the due date that the row asks for, "" if days were
	Rows           int
	Flow           string
	Looks          int    // look-ups to be made before the first request
	Body           []byte // exact pay request
	CreateBody     []byte // exact session request in a two-step flow, else nil
	Particulars    billing.Particulars
}

// Entered is what became of a Plan.
type Entered struct {
	Verdict billing.Decision
	Stored  Order // as the journal has it now; its content and body may be an earlier run's
}

// planChunk is how many plans share one statement.
const planChunk = 100

// Enter records the orders of a run, in one transaction, and decides for each by what is stored under its
// reference in the run's account, see [billing.Decide]. What is to be sent becomes due now, in the order of
// Seq.
//
// Planning a reference twice in one run is an error, and so is a run that was not begun (ErrNotFound).
func (j *Journal) Enter(ctx context.Context, run string, plans []Entry) ([]Entered, error) {
	if err := checkPlans(plans); err != nil {
		return nil, fmt.Errorf("journal: plan run %s: %w", run, err)
	}
	planned := make([]Entered, len(plans))
	err := j.write(ctx, "plan orders of run "+run, func(t *tx) error {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		var started int64
		p := planner{tx: t, engine: j.engine, run: run}
		err := t.get(`SELECT account, period, started_at FROM runs WHERE id = $1`, []any{run}, &p.account, &p.period,
			&started)
		p.started, p.now = fromNanos(started), time.Now().Round(0).UTC()
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		for first := 0; first < len(plans); first += planChunk {
			last := min(first+planChunk, len(plans))
			if err := p.plan(plans[first:last], planned[first:last]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return planned, nil
}

func checkPlans(plans []Entry) error {
	seen := make(map[string]bool, len(plans))
	for i := range plans {
		p := &plans[i]
		if seen[p.Reference] {
			return fmt.Errorf("order %s is planned twice", p.Reference)
		}
		seen[p.Reference] = true
		if c := p.VAT.Currency(); c != p.Gross.Currency() && p.VAT != (money.Amount{}) {
			return fmt.Errorf("order %s has its VAT in %s and its total in %s", p.Reference, c, p.Gross.Currency())
		}
	}
	return nil
}

// planAhead is how long before its start a run's orders are due: all of them are, in the order of their
// places, a nanosecond apart.
const planAhead = time.Hour

// planner works in one transaction.
type planner struct {
	*tx
	engine  engine
	run     string
	account string
	period  string
	started time.Time
	now     time.Time
	ids     []int64 // of the orders of the chunk
}

// about is who takes a statement about so many plans: those about a whole chunk come again and again, and
// stay prepared.
func (p *planner) about(plans int) interface {
	rowReader
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
} {
	if plans == planChunk {
		return p.tx
	}
	return p.sql
}

// plan decides for some plans. Another process may store the same references at the same time, so
// what was not won is looked at again.
func (p *planner) plan(plans []Entry, planned []Entered) error {
	p.ids = make([]int64, len(plans))
	left := make([]int, len(plans))
	for i := range left {
		left[i] = i
	}
	// All processes store in the same order, so that none waits for another in a ring.
	slices.SortFunc(left, func(a, b int) int { return cmp.Compare(plans[a].Reference, plans[b].Reference) })
	for range maxTries {
		var err error
		if left, err = p.round(plans, planned, left); err != nil {
			return err
		}
		if len(left) == 0 {
			return p.link(plans, planned)
		}
	}
	return fmt.Errorf("order %s: %w", plans[left[0]].Reference, ErrTaken)
}

// round tries the plans at the given places and returns the places that another process won.
func (p *planner) round(plans []Entry, planned []Entered, try []int) (left []int, err error) {
	stored, err := p.stored(plans, try)
	if err != nil {
		return nil, err
	}
	var fresh []int
	for _, i := range try {
		plan := &plans[i]
		s, found := stored[plan.Reference]
		if !found {
			fresh = append(fresh, i)
			continue
		}
		if s.linked {
			return nil, fmt.Errorf("order %s is planned twice in run %s", plan.Reference, p.run)
		}
		verdict, replace := billing.Decide(s.Life, s.Hash == plan.Hash)
		won := true
		switch {
		case replace:
			won, err = p.replace(&s.Order, plan)
		case verdict == billing.ToSend:
			s.Run = p.run
			_, err = p.exec(`UPDATE orders SET run = $2 WHERE id = $1`, s.id, p.run)
		}
		if err != nil {
			return nil, err
		}
		if !won {
			left = append(left, i)
			continue
		}
		p.ids[i] = s.id
		planned[i] = Entered{Verdict: verdict, Stored: s.Order}
	}
	lost, err := p.insert(plans, planned, fresh)
	return append(left, lost...), err
}

// storedOrder is an order as it was found.
type storedOrder struct {
	Order
	linked bool // to this run
}

func (p *planner) stored(plans []Entry, try []int) (map[string]storedOrder, error) {
	args := []any{p.run, p.account}
	for _, i := range try {
		args = append(args, plans[i].Reference)
	}
	found, err := selectAll(p.ctx, p.about(len(try)), scanStored(),
		`SELECT ro.seq IS NOT NULL, b.body, b.create_body, `+
			orderColumns+` FROM orders o JOIN order_bodies b ON b.order_id = o.id
		LEFT JOIN run_orders ro ON ro.order_id = o.id AND ro.run = $1
		WHERE o.account = $2 AND o.reference IN (`+p.engine.places(3, len(try))+`)`, args...)
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

// order is the plan as an order in the place of what is stored, which is the zero Order where nothing is.
func (p *planner) order(plan *Entry, stored *Order) Order {
	o := *stored
	o.Account, o.Reference, o.Hash, o.Customer, o.CustomerNumber = p.account, plan.Reference, plan.Hash,
		clean(plan.Customer), clean(plan.CustomerNumber)
	o.Organization, o.Product, o.Channel, o.Gross, o.VAT = plan.Organization, plan.Product, plan.Channel, plan.Gross,
		money.New(plan.VAT.Minor(), plan.Gross.Currency())
	o.DaysUntilDue, o.AskedDue, o.Flow, o.Period, o.Run = plan.DaysUntilDue, plan.AskedDue, plan.Flow, p.period, p.run
	o.Body, o.CreateBody, o.PlannedAt = plan.Body, plan.CreateBody, p.now
	o.Version++
	looked := stored.State == billing.Planned && stored.Step == billing.StepLookFirst &&
		stored.Due.After(stored.PlannedAt)
	if !looked { // else what was seen counts
		o.Looks = max(o.Looks, plan.Looks)
	}
	// what the other flow's guard refused need not be listed yet
	if stored.State == billing.Rejected && stored.Flow != plan.Flow {
		o.Looks = max(o.Looks, 2)
	}
	o.Grouped = o.Product == billing.B2BGrouped
	if latest := p.started.Add(billing.ScheduleLength()); o.Due.After(latest) { // by a clock that was ahead
		o.Due = latest
	}
	o.Life = o.Next(billing.EventPlanned, billing.Outcome{}, p.started.Add(time.Duration(plan.Seq)-planAhead))
	o.UpdatedAt = p.now
	return o
}

// replace puts the plan's content in the place of a stored order of which nothing exists at the provider. Its
// attempts and its session are kept. won is false if another process changed the order.
func (p *planner) replace(stored *Order, plan *Entry) (won bool, err error) {
	o := p.order(plan, stored)
	n, err := p.exec(`UPDATE orders SET hash = $3, customer = $4, customer_number = $5, product = $6, channel = $7,
		currency = $8, gross = $9, vat = $10, days_until_due = $11, requested_due_date = $12, flow = $13,
		planned_at = $14, state = $15, transaction_id = '', invoice_number = '', invoice_date = '',
		due_date = '', invoice_url = '', payment_status = '', settlement = '', paid = 0, code = '', message = '', hint = '', updated_at = $14,
		period = $16, run = $17, step = $18, due_at = $19, tries = 0, looks = $20, refused = 0, resent = 0, sent = 0, organization_number = $21,
		version = version + 1 WHERE id = $1 AND version = $2`,
		o.id, stored.Version, o.Hash, o.Customer, o.CustomerNumber, string(o.Product), string(o.Channel),
		o.Gross.Currency().Code(), o.Gross.Minor(), o.VAT.Minor(), o.DaysUntilDue, string(o.AskedDue), o.Flow,
		nanos(o.PlannedAt), o.State.String(), o.Period, o.Run, o.Step.String(), nanos(o.Due), o.Looks, o.Organization)
	if err != nil || n == 0 {
		return false, err
	}
	*stored = o
	_, err = p.exec(`UPDATE order_bodies SET body = $2, create_body = $3 WHERE order_id = $1`, o.id, o.Body,
		o.CreateBody)
	return err == nil, err
}

// insert stores the plans at the given places and returns the places that another process won.
func (p *planner) insert(plans []Entry, planned []Entered, fresh []int) (lost []int, err error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	orders, bodies := values{engine: p.engine}, values{engine: p.engine}
	for _, i := range fresh {
		o := p.order(&plans[i], &Order{})
		planned[i] = Entered{Verdict: billing.ToSend, Stored: o}
		orders.add(o.Account, o.Reference, bucket(o.Reference), o.Hash, o.Customer, o.CustomerNumber, string(o.Product),
			string(o.Channel), o.Gross.Currency().Code(), o.Gross.Minor(), o.VAT.Minor(), o.DaysUntilDue,
			string(o.AskedDue), o.Flow, nanos(o.PlannedAt), o.State.String(), nanos(o.PlannedAt), o.Version, o.Period,
			o.Run, o.Step.String(), nanos(o.Due), o.Looks, o.Organization)
	}
	type stored struct {
		id        int64
		reference string
	}
	scan := func(scan func(...any) error) (s stored, err error) { return s, scan(&s.id, &s.reference) }
	inserted, err := selectAll(p.ctx, p.about(len(fresh)), scan, `INSERT INTO orders (account, reference, spread, hash, customer,
		customer_number, product, channel, currency, gross, vat, days_until_due, requested_due_date, flow, planned_at,
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
		id, won := ids[plans[i].Reference]
		if !won {
			lost = append(lost, i)
			continue
		}
		p.ids[i], planned[i].Stored.id = id, id
		bodies.add(id, plans[i].Body, plans[i].CreateBody)
	}
	if len(ids) == 0 {
		return lost, nil
	}
	_, err = p.about(len(ids)).ExecContext(p.ctx,
		`INSERT INTO order_bodies (order_id, body, create_body) VALUES `+bodies.text(), bodies.args...)
	return lost, err
}

// link notes what the run made of each order, for its report.
func (p *planner) link(plans []Entry, planned []Entered) error {
	links := values{engine: p.engine}
	for i := range plans {
		plan := &plans[i]
		particulars, err := json.Marshal(&plan.Particulars)
		if err != nil {
			return fmt.Errorf("order %s: %w", plan.Reference, err)
		}
		links.add(p.run, plan.Seq, p.ids[i], int64(planned[i].Verdict), plan.Hash, clean(plan.Customer),
			clean(plan.CustomerNumber), string(plan.Product), plan.Gross.Currency().Code(), plan.Gross.Minor(),
			plan.VAT.Minor(), plan.Rows, clean(string(particulars)))
	}
	_, err := p.about(len(plans)).ExecContext(p.ctx, `INSERT INTO run_orders (run, seq, order_id, verdict, hash, customer,
		customer_number, product, currency, gross, vat, row_count, particulars) VALUES `+links.text(), links.args...)
	return err
}

// values are the tuples of an INSERT with many rows.
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
