package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
)

// Attempt is one HTTP request for an order.
type Attempt struct {
	Number   int // among the order's attempts, from 1
	Run      string
	Kind     string // what the request asks for, such as pay
	Guard    string // duplicate guard that the request carries, "" for none
	Started  time.Time
	Finished time.Time

	HTTPStatus int    // 0 without an answer
	Meaning    string // of the answer
	Detail     string // the provider's words, if the answer was not a success; personal data is masked
}

// Begin makes an attempt durable before its request leaves, and moves the order to the state in which a crash must find
// it while the request is under way. The request may leave after Begin returned nil, and never after an error: a
// request that the journal does not know could be sent again. o is changed to what is stored then.
//
// If the process dies before Conclude, only the attempt's number and time remain; the next run looks the order up.
// Errors: ErrTaken, ErrNotFound, ErrLockLost, ErrUnknown.
func (j *Journal) Begin(ctx context.Context, o *Order, a Attempt, to billing.Life) (Attempt, error) {
	next := *o
	next.Life, next.Attempts, next.Version = to, o.Attempts+1, o.Version+1
	a.Number, a.Started = next.Attempts, time.Now().Round(0).UTC()
	next.LastAttempt, next.UpdatedAt = a.Started, o.UpdatedAt
	if next.State != o.State {
		next.UpdatedAt = a.Started
	}
	if next.FirstAttempt.IsZero() {
		next.FirstAttempt = a.Started
	}
	err := j.write(ctx, "begin attempt for order "+o.Reference, func(t *tx) error {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		n, err := t.exec(`UPDATE orders SET version = $3, attempts = $4, state = $5, step = $6, due_at = $7,
			tries = $8, looks = $9, sent = $10, refused = $11, resent = $12, days_until_due = $13,
			first_attempt_at = $14, last_attempt_at = $15, updated_at = $16 WHERE id = $1 AND version = $2`,
			o.id, o.Version, next.Version, next.Attempts, to.State.String(), to.Step.String(), nanos(to.Due),
			to.Tries, to.Looks, to.Sent, bit(to.Refused), bit(to.Resent), next.DaysUntilDue,
			nanos(next.FirstAttempt), nanos(a.Started), nanos(next.UpdatedAt))
		return t.missed(n, err, o.id)
	})
	if err != nil {
		return Attempt{}, err
	}
	*o = next
	return a, nil
}

// Conclude records where an order stands after its step, together with the attempt that ended it (nil for none), in
// one transaction. o is changed to what is stored then. Give it a context that outlives an interrupt: otherwise the
// answer is lost and the order stays in doubt. Conclude does not ask for the account's lock, because a known answer is
// worth keeping; the version alone decides. Errors: ErrTaken, ErrNotFound, ErrUnknown.
func (j *Journal) Conclude(ctx context.Context, o *Order, a *Attempt, to billing.Life) error {
	if _, err := billing.ParseState(to.State.String()); err != nil {
		return fmt.Errorf(msgConclude, o.Reference, err)
	}
	next := *o
	next.Life, next.Version = to, o.Version+1
	next.UpdatedAt = time.Now().Round(0).UTC()
	out := &next.Outcome
	for _, text := range []*string{
		&out.TransactionID, &out.SessionID, &out.InvoiceNumber, &out.InvoiceURL,
		&out.PaymentStatus, &out.Settlement, &out.Message, &out.Hint,
	} {
		*text = clean(*text)
	}
	err := j.write(ctx, "conclude order "+o.Reference, func(t *tx) error {
		n, err := t.exec(`UPDATE orders SET version = $3, state = $4, transaction_id = $5, session_id = $6,
			invoice_number = $7, invoice_date = $8, due_date = $9, invoice_url = $10, payment_status = $11,
			settlement = $12, code = $13, message = $14, hint = $15, updated_at = $16,
			step = $17, due_at = $18, tries = $19, looks = $20, sent = $21, refused = $22, resent = $23,
			session_hash = $24, last_attempt_at = $25, paid = $26 WHERE id = $1 AND version = $2`,
			o.id, o.Version, next.Version, out.State.String(), out.TransactionID, out.SessionID, out.InvoiceNumber,
			string(out.InvoiceDate), string(out.DueDate), out.InvoiceURL, out.PaymentStatus, out.Settlement,
			string(out.Code), out.Message, out.Hint, nanos(next.UpdatedAt),
			to.Step.String(), nanos(to.Due), to.Tries, to.Looks, to.Sent, bit(to.Refused), bit(to.Resent),
			o.SessionHash, nanos(to.LastAttempt), out.Paid)
		if err := t.missed(n, err, o.id); err != nil || a == nil {
			return err
		}
		_, err = t.exec(`INSERT INTO attempts
			(order_id, number, run, kind, guard, started_at, finished_at, http_status, meaning, detail)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			o.id, a.Number, a.Run, a.Kind, a.Guard, nanos(a.Started), nanos(next.UpdatedAt), a.HTTPStatus,
			clean(a.Meaning), clean(a.Detail))
		return err
	})
	if err != nil {
		return err
	}
	*o = next
	return nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// missed turns "no row has this version" into ErrTaken or ErrNotFound. Only a request's first statement may use it:
// the refusal promises that the request has written nothing.
func (t *tx) missed(changed int64, err error, order int64) error {
	if err != nil || changed > 0 {
		return err
	}
	var version int64
	err = t.get(`SELECT version FROM orders WHERE id = $1`, []any{order}, &version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return refusal{ErrNotFound}
	case err != nil:
		return err
	}
	return refusal{fmt.Errorf(msgVersion, ErrTaken, version)}
}

// Attempts gives the order's attempts that were answered or given up, oldest first.
func (j *Journal) Attempts(ctx context.Context, account, reference string) ([]Attempt, error) {
	var all []Attempt
	err := j.read(ctx, "read attempts for order "+reference, func() (err error) {
		all, err = selectAll(ctx, j.db, scanAttempt, `SELECT a.number, a.run, a.kind, a.guard,
			a.started_at, a.finished_at, a.http_status, a.meaning, a.detail FROM attempts a JOIN orders o ON o.id = a.order_id
			WHERE o.account = $1 AND o.reference = $2 ORDER BY a.number`, account, reference)
		return err
	})
	return all, err
}

func scanAttempt(scan func(...any) error) (a Attempt, err error) {
	var started, finished int64
	err = scan(&a.Number, &a.Run, &a.Kind, &a.Guard, &started, &finished, &a.HTTPStatus, &a.Meaning, &a.Detail)
	a.Started, a.Finished = fromNanos(started), fromNanos(finished)
	return a, err
}
