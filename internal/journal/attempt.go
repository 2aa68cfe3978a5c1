package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
)

// Attempt is one HTTP request that is about to leave.
type Attempt struct {
	Account   string
	Reference string
	Run       string
	Kind      string        // what it asks for, such as pay or lookup
	Guard     string        // duplicate guard it carries, "" for none
	To        billing.State // the order's state from now on; 0 leaves it
}

// Begun identifies an attempt that is in the journal.
type Begun struct {
	Number  int   // among the order's attempts, from 1
	Version int64 // the order's, for the next write
}

// AttemptResult is what came of an attempt.
type AttemptResult struct {
	HTTPStatus int // 0 without an answer
	Meaning    string
	Detail     string
}

// Settlement is what is known of an order after an attempt.
type Settlement struct {
	Account   string
	Reference string
	Version   int64           // that the order has now
	Attempt   int             // number of the one that ends with this, 0 for none
	Outcome   billing.Outcome // replaces the whole of the stored one; UpdatedAt is set here
	Result    AttemptResult
}

// AttemptRecord is an attempt as the journal has it.
type AttemptRecord struct {
	Number   int // among the order's attempts, from 1
	Run      string
	Kind     string
	Guard    string
	Started  time.Time
	Finished time.Time // zero if its answer was never recorded
	Result   AttemptResult
}

// Begin records an attempt and moves the order's state. The request may leave once Begin returned
// without an error, and never after one. version is the one that the caller saw. Errors: ErrTaken,
// ErrNotFound, ErrLockLost, ErrUnknown.
func (j *Journal) Begin(ctx context.Context, a Attempt, version int64) (Begun, error) {
	to := ""
	if a.To != 0 {
		to = a.To.String()
	}
	var begun Begun
	err := j.write(ctx, "begin attempt for order "+a.Reference, func(t *tx) error {
		if err := j.checkLocks(t); err != nil {
			return err
		}
		now := time.Now().UnixNano()
		var order int64
		err := t.get(`UPDATE orders SET version = version + 1, attempts = attempts + 1,
			state = COALESCE(NULLIF($4, ''), state),
			updated_at = CASE WHEN $4 = '' THEN updated_at ELSE $5 END,
			first_attempt_at = CASE WHEN first_attempt_at = 0 THEN $5 ELSE first_attempt_at END, last_attempt_at = $5
			WHERE account = $1 AND reference = $2 AND version = $3 RETURNING id, version, attempts`,
			[]any{a.Account, a.Reference, version, to, now}, &order, &begun.Version, &begun.Number)
		if err != nil {
			return t.missed(err, a.Account, a.Reference)
		}
		_, err = t.exec(`INSERT INTO attempts
			(order_id, number, run, kind, guard, started_at, finished_at, http_status, meaning, detail)
			VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '', '')`, order, begun.Number, a.Run, a.Kind, a.Guard, now)
		return err
	})
	if err != nil {
		return Begun{}, err
	}
	return begun, nil
}

// missed turns "no row had this version" into ErrTaken or ErrNotFound. It is for a request's first statement.
func (t *tx) missed(err error, account, reference string) error {
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var version int64
	err = t.get(`SELECT version FROM orders WHERE account = $1 AND reference = $2`, []any{account, reference}, &version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return refusal{ErrNotFound}
	case err != nil:
		return err
	}
	return refusal{fmt.Errorf("%w: it has version %d now", ErrTaken, version)}
}

// Settle records what is known of an order and ends the attempt, in one transaction. It returns the
// order's new version. Errors: ErrTaken, ErrNotFound, ErrUnknown. Give it a context that outlives an
// interrupt, or the answer is lost and the order stays in doubt.
func (j *Journal) Settle(ctx context.Context, s Settlement) (int64, error) {
	if _, err := billing.ParseState(s.Outcome.State.String()); err != nil {
		return 0, fmt.Errorf("journal: settle order %s: %w", s.Reference, err)
	}
	var version int64
	err := j.write(ctx, "settle order "+s.Reference, func(t *tx) error {
		now := time.Now().UnixNano()
		out := &s.Outcome
		var order int64
		err := t.get(`UPDATE orders SET version = version + 1, state = $4, transaction_id = $5, session_id = $6,
			invoice_number = $7, invoice_date = $8, due_date = $9, invoice_url = $10, payment_status = $11, code = $12,
			message = $13, hint = $14, updated_at = $15
			WHERE account = $1 AND reference = $2 AND version = $3 RETURNING id, version`,
			[]any{
				s.Account, s.Reference, s.Version, out.State.String(), clean(out.TransactionID), clean(out.SessionID),
				clean(out.InvoiceNumber), string(out.InvoiceDate), string(out.DueDate), clean(out.InvoiceURL),
				clean(out.PaymentStatus), string(out.Code), clean(out.Message), clean(out.Hint), now,
			}, &order, &version)
		if err != nil {
			return t.missed(err, s.Account, s.Reference)
		}
		if s.Attempt == 0 {
			return nil
		}
		n, err := t.exec(`UPDATE attempts SET finished_at = $3, http_status = $4, meaning = $5, detail = $6
			WHERE order_id = $1 AND number = $2`,
			order, s.Attempt, now, s.Result.HTTPStatus, clean(s.Result.Meaning), clean(s.Result.Detail))
		if err == nil && n == 0 {
			return fmt.Errorf("attempt %d: %w", s.Attempt, ErrNotFound)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}

// Attempts are all attempts for an order, oldest first.
func (j *Journal) Attempts(ctx context.Context, account, reference string) ([]AttemptRecord, error) {
	var all []AttemptRecord
	err := j.read(ctx, "read attempts for order "+reference, func() (err error) {
		all, err = selectAll(ctx, j.db, scanAttempt, `SELECT a.number, a.run, a.kind, a.guard, a.started_at, a.finished_at,
			a.http_status, a.meaning, a.detail FROM attempts a JOIN orders o ON o.id = a.order_id
			WHERE o.account = $1 AND o.reference = $2 ORDER BY a.number`, account, reference)
		return err
	})
	return all, err
}

func scanAttempt(scan func(...any) error) (a AttemptRecord, err error) {
	var started, finished int64
	err = scan(&a.Number, &a.Run, &a.Kind, &a.Guard, &started, &finished,
		&a.Result.HTTPStatus, &a.Result.Meaning, &a.Result.Detail)
	a.Started, a.Finished = fromNanos(started), fromNanos(finished)
	return a, err
}
