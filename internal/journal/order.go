package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"iter"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Order is what the journal holds of one merchant reference of an account, over all runs.
type Order struct {
	Account        string
	Reference      string
	Hash           string // of the content, see billing.Order.Hash
	Customer       string // name
	CustomerNumber string
	Organization   string // number, "" for a private customer
	Product        billing.Product
	Channel        billing.Channel
	Gross          money.Amount
	VAT            money.Amount
	DaysUntilDue   int          // in the newest request
	AskedDue       billing.Date // the due date that the row asks for, "" if it asks for a number of days
	Flow           string
	Period         string // of the run that entered this content, YYYY-MM or ""
	Body           []byte // exact pay request; nil from RunOrders
	CreateBody     []byte // exact session request of a two-step flow, else nil; nil from RunOrders
	PlannedAt      time.Time

	billing.Life        // Wanted and ResendAfter are not stored
	Run          string // the newest run whose file holds the order with this content; only it may send the order
	SessionHash  string // content that the session in SessionID was made for, "" if this journal did not make it

	Version      int64 // grows by one with every change; a write names the version that it saw
	Attempts     int   // requests of any kind, over all runs
	FirstAttempt time.Time

	id int64
}

// RunOrder is an order as one run has it. Its own fields say what the run's input said. Where Decision is Mismatched,
// the stored Order has other content.
type RunOrder struct {
	Seq            int
	Decision       billing.Decision
	Hash           string
	Customer       string
	CustomerNumber string
	Product        billing.Product
	Gross          money.Amount
	VAT            money.Amount
	Rows           int
	Particulars    billing.Particulars
	Order          Order
}

// ShardOf is the shard, 0 to n-1, that an order belongs to when n processes share the work: FNV-1a of the reference,
// modulo n. The rule must not change: each order must stay with one process.
func ShardOf(reference string, n int) int { return int(bucketOf(reference) % int64(n)) }

// Has reports whether an order belongs to the shard.
func (s Shard) Has(reference string) bool {
	return s.Count == 0 || ShardOf(reference, s.Count) == s.Index
}

// bucketOf is the order's bucket, which the column bucket stores: FNV-1a of the reference.
func bucketOf(reference string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(reference)) // never fails
	return int64(h.Sum32())
}

// orderColumns are the columns of orders AS o that orderScan reads, in its order.
const orderColumns = `o.id, o.account, o.reference, o.hash,
	o.customer, o.customer_number, o.organization_number, o.product, o.channel,
	o.currency, o.gross, o.vat, o.days_until_due, o.requested_due_date, o.flow, o.period, o.planned_at, o.state,
	o.transaction_id, o.session_id, o.invoice_number, o.invoice_date, o.due_date, o.invoice_url,
	o.payment_status, o.settlement, o.paid, o.code, o.message, o.hint, o.updated_at,
	o.step, o.due_at, o.tries, o.looks, o.sent, o.refused, o.resent,
	o.run, o.session_hash, o.version, o.attempts, o.first_attempt_at, o.last_attempt_at`

// orderScan reads rows of orderColumns, one after another. Each row sets every field that an earlier one set.
type orderScan struct {
	Order
	currency, state, step                        string
	gross, vat, refused, resent                  int64
	plannedAt, updatedAt, dueAt, firstAt, lastAt int64
}

func (s *orderScan) columns() []any {
	out := &s.Outcome
	return []any{
		&s.id, &s.Account, &s.Reference, &s.Hash,
		&s.Customer, &s.CustomerNumber, &s.Organization, &s.Product, &s.Channel,
		&s.currency, &s.gross, &s.vat, &s.DaysUntilDue, &s.AskedDue, &s.Flow, &s.Period, &s.plannedAt, &s.state,
		&out.TransactionID, &out.SessionID, &out.InvoiceNumber, &out.InvoiceDate, &out.DueDate, &out.InvoiceURL,
		&out.PaymentStatus, &out.Settlement, &out.Paid, &out.Code, &out.Message, &out.Hint, &s.updatedAt,
		&s.step, &s.dueAt, &s.Tries, &s.Looks, &s.Sent, &s.refused, &s.resent,
		&s.Run, &s.SessionHash, &s.Version, &s.Attempts, &s.firstAt, &s.lastAt,
	}
}

// order is the scanned order. A word that this program does not know means that the journal is damaged: guessing a
// state could send an order twice.
func (s *orderScan) order() (Order, error) {
	currency, err := parseCurrency(s.currency)
	if err != nil {
		return Order{}, fmt.Errorf("order %s: %w: %w", s.Reference, ErrDamaged, err)
	}
	s.State, err = billing.ParseState(s.state)
	if err != nil {
		return Order{}, fmt.Errorf("order %s: %w: %w", s.Reference, ErrDamaged, err)
	}
	if s.Step, err = billing.ParseStep(s.step); err != nil {
		return Order{}, fmt.Errorf("order %s: %w: %w", s.Reference, ErrDamaged, err)
	}
	s.Grouped, s.Refused, s.Resent = s.Product == billing.B2BGrouped, s.refused != 0, s.resent != 0
	s.Due = fromNanos(s.dueAt)
	s.Gross, s.VAT = money.New(s.gross, currency), money.New(s.vat, currency)
	s.PlannedAt, s.UpdatedAt = fromNanos(s.plannedAt), fromNanos(s.updatedAt)
	s.FirstAttempt, s.LastAttempt = fromNanos(s.firstAt), fromNanos(s.lastAt)
	return s.Order, nil
}

func parseCurrency(code string) (money.Currency, error) {
	if code == "" {
		return money.Currency{}, nil
	}
	return money.ParseCurrency(code)
}

// Stored finds an account's orders by their references, with their bodies, whichever run entered them. Give at most
// some hundred references at once. References that the account does not have are missing in the result.
func (j *Journal) Stored(ctx context.Context, account string, references []string) (map[string]Order, error) {
	if len(references) == 0 {
		return map[string]Order{}, nil
	}
	args := []any{account}
	for _, r := range references {
		args = append(args, r)
	}
	var orders []Order
	err := j.read(ctx, "read stored orders", func() (err error) {
		orders, err = selectAll(ctx, j.db, scanWithBodies(), `SELECT b.body, b.create_body, `+orderColumns+`
			FROM orders o JOIN order_bodies b ON b.order_id = o.id
			WHERE o.account = $1 AND o.reference IN (`+j.engine.places(2, len(references))+`)`, args...)
		return err
	})
	if err != nil {
		return nil, err
	}
	found := make(map[string]Order, len(orders))
	for _, o := range orders {
		found[o.Reference] = o
	}
	return found, nil
}

// scanWithBodies gives a function that scans an order's two bodies followed by orderColumns.
func scanWithBodies() func(func(...any) error) (Order, error) {
	var s orderScan
	var body, createBody []byte
	columns := append([]any{&body, &createBody}, s.columns()...)
	return func(scan func(...any) error) (o Order, err error) {
		if err := scan(columns...); err != nil {
			return o, err
		}
		o, err = s.order()
		o.Body, o.CreateBody = body, createBody
		return o, err
	}
}

// pageOrders is how many orders RunOrders reads at a time.
const pageOrders = 200

// RunOrders gives the orders of a run in its order, without their bodies. An error is the last thing yielded. Writes
// may go on between two orders; without a Snapshot later orders show them.
func (v View) RunOrders(ctx context.Context, run string) iter.Seq2[RunOrder, error] {
	return func(yield func(RunOrder, error) bool) {
		seq, page := -1, make([]RunOrder, 0, pageOrders)
		for {
			err := v.read(ctx, "read orders of a run", func() (err error) {
				page, err = selectInto(ctx, v.from, page, scanRunOrder(), `SELECT ro.seq, ro.verdict, ro.hash,
					ro.customer, ro.customer_number, ro.product, ro.currency, ro.gross, ro.vat, ro.row_count,
					ro.particulars, `+orderColumns+` FROM run_orders ro JOIN orders o ON o.id = ro.order_id
					WHERE ro.run = $1 AND ro.seq > $2 ORDER BY ro.seq LIMIT $3`, run, seq, pageOrders)
				return err
			})
			if err != nil {
				yield(RunOrder{}, err)
				return
			}
			for _, order := range page {
				if !yield(order, nil) {
					return
				}
				seq = order.Seq
			}
			if len(page) < pageOrders {
				return
			}
		}
	}
}

// scanRunOrder gives a function that scans a row of RunOrders.
func scanRunOrder() func(func(...any) error) (RunOrder, error) {
	var r RunOrder
	var s orderScan
	var decision, gross, vat int64 // the column verdict holds the decision
	var code string
	var particulars []byte
	columns := append([]any{
		&r.Seq, &decision, &r.Hash, &r.Customer, &r.CustomerNumber, &r.Product, &code, &gross, &vat, &r.Rows,
		&particulars,
	}, s.columns()...)
	return func(scan func(...any) error) (RunOrder, error) {
		if err := scan(columns...); err != nil {
			return r, err
		}
		currency, err := parseCurrency(code)
		if err != nil {
			return r, fmt.Errorf("order %s: %w: %w", s.Reference, ErrDamaged, err)
		}
		r.Decision = billing.Decision(decision) //nolint:gosec // G115: written from a Decision
		r.Gross, r.VAT = money.New(gross, currency), money.New(vat, currency)
		r.Particulars = billing.Particulars{}
		if len(particulars) > 0 {
			if err := json.Unmarshal(particulars, &r.Particulars); err != nil {
				return r, fmt.Errorf("order %s: %w: %w", s.Reference, ErrDamaged, err)
			}
		}
		r.Order, err = s.order()
		return r, err
	}
}
