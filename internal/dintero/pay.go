package dintero

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"kraviabatch/internal/money"
)

// Pay registers an invoice by POST /sessions/pay with a body of [OneStep].
func (c *Client) Pay(ctx context.Context, body []byte, guard Guard, want Expect) Answer {
	const operation = "pay"
	r, failure := c.post(ctx, operation, countPay, guard, body, "sessions", "pay")
	return c.judge(operation, r, failure, want)
}

func (c *Client) post(ctx context.Context, operation string, kind count, guard Guard, body []byte,
	path ...string,
) (*reply, *Error) {
	call := c.apiCall(operation, kind, http.MethodPost, nil, body, path...)
	call.guard = guard
	return c.send(ctx, call)
}

// CreateSession opens a session with a body of [SessionBody], by POST /sessions or, with profile, /sessions-profile.
// No session invoices anything before it is paid, so an answer in doubt leaves at most an unused session behind. The
// provider documents no guard here: one that it refuses gets the code [CodeGuard]. The zero guard sends none.
func (c *Client) CreateSession(ctx context.Context, body []byte, profile bool, guard Guard) Answer {
	const operation = "create"
	path := "sessions"
	if profile {
		path = "sessions-profile"
	}
	r, failure := c.post(ctx, operation, countOther, guard, body, path)
	if a, done := unusable(operation, r, failure); done {
		if a.Meaning == MeansRefused && a.HTTPStatus == http.StatusBadRequest && guard.refusedBy(a.Message) {
			a.Code, a.Hint = CodeGuard, hintGuardNotChecked
		}
		return a
	}
	w, err := decode[wire](r.body)
	switch {
	case r.status == http.StatusAccepted:
		return inDoubt(r, CodeAccepted, msgNotFinished)
	case err != nil || w.ID == "":
		return inDoubt(r, CodeUnreadable, msgNoSessionID)
	case foreign(w.ID, c.account):
		return inDoubt(r, CodeEnvironment, fmt.Sprintf(msgForeignSession, c.account))
	}
	return Answer{Meaning: MeansOpened, SessionID: w.ID, HTTPStatus: r.status}
}

// refusedBy reports whether a refusal is about the guard itself. A refusal because the guard found the reference also
// speaks of the reference.
func (g Guard) refusedBy(words string) bool {
	if g == 0 {
		return false
	}
	rest := strings.ReplaceAll(strings.ToLower(words), g.toggle(), "toggle")
	return strings.Contains(rest, "toggle") && !strings.Contains(rest, "reference")
}

// PaySession pays a session with a body of [PayBody]. A session becomes at most one transaction, so it may be paid
// again after doubt. The provider answers with the transaction or, in another edition of its pages, with a result
// without it; then PaySession reads session and transaction, each in a request of its own.
func (c *Client) PaySession(ctx context.Context, sessionID string, body []byte, want Expect) Answer {
	const operation = "session pay"
	r, failure := c.post(ctx, operation, countPay, 0, body, "sessions", sessionID, "pay")
	a := c.judge(operation, r, failure, want)
	if a.Code == CodeUnreadable && a.Transaction != nil {
		a = c.followSession(ctx, sessionID, a, want)
	}
	if a.SessionID == "" {
		a.SessionID = sessionID
	}
	return a
}

// followSession finds the transaction of a paid session. If it cannot, the answer so far stands.
func (c *Client) followSession(ctx context.Context, sessionID string, sofar Answer, want Expect) Answer {
	session, err := c.Session(ctx, sessionID)
	if err != nil || session.TransactionID == "" {
		return sofar
	}
	w, failure := c.readTransaction(ctx, session.TransactionID)
	if failure != nil {
		return sofar
	}
	a := c.judgeTransaction(w, want)
	a.HTTPStatus = sofar.HTTPStatus
	return a
}

// CancelSession cancels a session, and what it was paid with as long as that is unpaid. It has worked when
// the answer means voided.
func (c *Client) CancelSession(ctx context.Context, id string) Answer {
	const operation = "cancel"
	r, failure := c.post(ctx, operation, countOther, 0, nil, "sessions", id, operation)
	a, done := unusable(operation, r, failure)
	if !done {
		a = judgeCancelled(r, id)
	}
	if a.SessionID = id; a.Meaning == MeansInDoubt {
		a.Hint = hintReadSession
	}
	return a
}

func judgeCancelled(r *reply, id string) Answer {
	w, err := decode[wire](r.body)
	switch {
	case r.status == http.StatusAccepted:
		return inDoubt(r, CodeAccepted, msgNotFinished)
	case err != nil:
		return inDoubt(r, CodeUnreadable, msgNoSession)
	case w.ID != id:
		return inDoubt(r, CodeOther, msgOtherSession)
	case !w.session().Ended:
		return inDoubt(r, CodeUnreadable, msgNotCancelled)
	}
	return Answer{Meaning: MeansVoided, HTTPStatus: r.status}
}

// Capture starts collection of an invoice that the merchant delivers. It has worked when the answer means invoiced or
// registered and its transaction is Initiated: the status may stay as it was. An answer of 202 is in doubt.
func (c *Client) Capture(ctx context.Context, transactionID string, amount money.Amount) Answer {
	body := []byte(`{"amount":` + strconv.FormatInt(amount.Minor(), 10) + `}`)
	return c.change(ctx, "capture", transactionID, body)
}

// Void cancels an unpaid invoice. It has worked when the answer means voided. An answer of 202 is in doubt.
func (c *Client) Void(ctx context.Context, transactionID string) Answer {
	return c.change(ctx, "void", transactionID, nil)
}

func (c *Client) change(ctx context.Context, operation, transactionID string, body []byte) Answer {
	r, failure := c.post(ctx, operation, countOther, 0, body, "transactions", transactionID, operation)
	a := c.judge(operation, r, failure, Expect{})
	if t := a.Transaction; t != nil && t.ID != "" && t.ID != transactionID {
		a.Meaning, a.Code, a.Message = MeansInDoubt, CodeOther, msgOtherAnswer
	}
	if a.Meaning == MeansInDoubt {
		a.Hint = hintReadAgain
	}
	return a
}
