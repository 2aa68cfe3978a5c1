package dintero

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"kraviabatch/internal/money"
)

// Pay registers an invoice by POST /sessions/pay with a body of [OneStep].
func (c *Client) Pay(ctx context.Context, body []byte, guard Guard, want Expect) Answer {
	const operation = "pay"
	call := c.apiCall(operation, countPay, http.MethodPost, nil, body, "sessions", "pay")
	call.guard = guard
	r, failure := c.send(ctx, call)
	if failure != nil {
		return unanswered(failure)
	}
	return c.judge(operation, r, want)
}

// CreateSession opens a session with a body of [SessionBody], by POST /sessions or, with profile, /sessions-profile.
// No session invoices anything before it is paid, so an answer in doubt leaves at most an unused session behind. The
// provider documents no check of the merchant reference here.
func (c *Client) CreateSession(ctx context.Context, body []byte, profile bool) Answer {
	const operation = "create"
	path := "sessions"
	if profile {
		path = "sessions-profile"
	}
	r, failure := c.send(ctx, c.apiCall(operation, countOther, http.MethodPost, nil, body, path))
	switch {
	case failure != nil:
		return unanswered(failure)
	case r.status < 200 || r.status > 299:
		return judgeRefusal(operation, r)
	case r.failure != nil:
		return inDoubt(r, r.failure.Code, r.failure.told())
	}
	wire, err := parseWire(r.body)
	if err != nil || wire.ID == "" {
		return inDoubt(r, CodeUnreadable, "the answer lacks the session's id")
	}
	if id := string(wire.ID); foreign(id, c.account) {
		return inDoubt(r, CodeEnvironment, "the session is not of account "+c.account)
	}
	return Answer{Meaning: MeansOpened, SessionID: string(wire.ID), HTTPStatus: r.status}
}

// PaySession pays a session with a body of [PayBody]. A session results in at most one transaction, so it may be paid
// again after doubt. The provider answers with the transaction or, by another edition of its pages, with a result that
// does not hold it; then session and transaction are read here, each as a request of its own.
func (c *Client) PaySession(ctx context.Context, sessionID string, body []byte, want Expect) Answer {
	const operation = "session pay"
	r, failure := c.send(ctx, c.apiCall(operation, countPay, http.MethodPost, nil, body, "sessions", sessionID, "pay"))
	if failure != nil {
		a := unanswered(failure)
		a.SessionID = sessionID
		return a
	}
	a := c.judge(operation, r, want)
	if a.SessionID == "" {
		a.SessionID = sessionID
	}
	if a.Code != CodeUnreadable || r.failure != nil || r.status < 200 || r.status > 299 {
		return a
	}
	wire, err := parseWire(r.body)
	switch {
	case err != nil:
		return a
	case wire.RedirectURL != "":
		a.Meaning, a.Code = MeansRejected, CodeVerification
		a.Message = "the provider wants the customer to prove their identity"
		a.Hint = "send this order in one step, or have identity verification switched off for the product"
		return a
	}
	return c.followSession(ctx, sessionID, a, want)
}

// followSession finds the transaction of a paid session. If it cannot, the answer so far stands.
func (c *Client) followSession(ctx context.Context, sessionID string, sofar Answer, want Expect) Answer {
	session, err := c.Session(ctx, sessionID)
	if err != nil || session.TransactionID == "" {
		return sofar
	}
	wire, failure := c.readTransaction(ctx, session.TransactionID)
	if failure != nil {
		return sofar
	}
	a := c.judgeTransaction(wire, want)
	a.HTTPStatus, a.Raw = sofar.HTTPStatus, sofar.Raw
	if a.SessionID == "" {
		a.SessionID = sessionID
	}
	return a
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
	call := c.apiCall(operation, countOther, http.MethodPost, nil, body, "transactions", transactionID, operation)
	r, failure := c.send(ctx, call)
	if failure != nil {
		return unanswered(failure)
	}
	a := c.judge(operation, r, Expect{})
	if a.Meaning == MeansInDoubt {
		a.Hint = "read the transaction again before anything else is done"
	}
	switch {
	case r.status == http.StatusAccepted:
		a.Meaning, a.LookUp, a.Code, a.Message = MeansInDoubt, true, CodeAccepted, "accepted, not finished yet"
	case a.Transaction != nil && a.Transaction.ID != "" && a.Transaction.ID != transactionID:
		a.Meaning, a.LookUp, a.Code, a.Message = MeansInDoubt, true, CodeOther, "the answer is about another transaction"
	}
	return a
}

// readTransaction is GET /transactions/{id}.
func (c *Client) readTransaction(ctx context.Context, id string) (*wireTransaction, *Error) {
	const operation = "transaction"
	r, failure := c.read(ctx, c.apiCall(operation, countLookUp, http.MethodGet, nil, nil, "transactions", id))
	if failure != nil {
		return nil, failure
	}
	wire, err := parseWire(r.body)
	if err != nil || wire.ID == "" {
		return nil, unreadable(operation, r)
	}
	if string(wire.ID) != id {
		return nil, &Error{
			Operation: operation, Code: CodeOther, Status: r.status, Message: "the answer is about another transaction",
		}
	}
	return wire, nil
}

// read makes a call that must be answered 200 and in full.
func (c *Client) read(ctx context.Context, call call) (*reply, *Error) {
	r, failure := c.send(ctx, call)
	switch {
	case failure != nil:
		return nil, failure
	case r.status != http.StatusOK:
		return nil, refusal(call.operation, r)
	case r.failure != nil:
		return nil, r.failure
	}
	return r, nil
}

func unreadable(operation string, r *reply) *Error {
	return &Error{Operation: operation, Code: CodeUnreadable, Status: r.status, Message: "the answer is not what was asked for"}
}

// decode reads a list answer: an array, anything else is an error.
func decode(operation string, r *reply) ([]json.RawMessage, *Error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(r.body, &elements); err != nil || elements == nil {
		return nil, unreadable(operation, r)
	}
	return elements, nil
}
