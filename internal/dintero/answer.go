package dintero

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"kraviabatch/internal/billing"
)

// Meaning is what an answer, or the lack of one, means for the order.
type Meaning uint8

// The meanings.
const (
	MeansInvoiced   Meaning = iota + 1 // the invoice exists and has a number
	MeansRegistered                    // the invoice exists, its number comes later
	MeansOpened                        // a session exists, nothing is invoiced by it
	MeansVoided                        // the invoice or the session is cancelled
	MeansDeclined                      // a failed transaction, which proves that nothing was created
	MeansRefused                       // a refusal without proof: look the reference up before believing it
	MeansNotSent                       // certainly nothing was created, and the order was not judged: send again
	MeansInDoubt                       // anything may have happened: look the reference up
)

// String is the meaning's word: "in doubt".
func (m Meaning) String() string {
	words := [...]string{
		MeansInvoiced: "invoiced", MeansRegistered: "registered", MeansOpened: "opened", MeansVoided: "voided",
		MeansDeclined: "declined", MeansRefused: "refused", MeansNotSent: "not sent", MeansInDoubt: "in doubt",
	}
	if m == 0 || int(m) >= len(words) {
		return fmt.Sprintf("meaning(%d)", uint8(m))
	}
	return words[m]
}

// Answer is what came of one call.
type Answer struct {
	Meaning     Meaning
	Transaction *Transaction // if the answer had one, also in doubt
	SessionID   string       // if the answer named one, also in a refusal, where it may be another program's
	HTTPStatus  int          // 0 when there was no answer
	Code        billing.Code // "" for invoiced, registered, opened and voided
	Message     string       // masked, but may contain names: for journal and report, not for logs
	Hint        string
	Fatal       error // wraps [ErrCredentials], after which no further call can succeed
}

// judge says what the reply to a payment, capture or void means. It never believes the HTTP status alone: a 200 can
// carry a failed payment, and a refusal can speak of success.
func (c *Client) judge(operation string, r *reply, failure *Error, want Expect) Answer {
	if a, done := unusable(operation, r, failure); done {
		return a
	}
	a := inDoubt(r, CodeUnreadable, msgNoTransaction)
	if w, err := decode[wire](r.body); err == nil {
		a = c.judgeTransaction(w, want)
		a.HTTPStatus = r.status
	}
	if r.status == http.StatusAccepted {
		a.Meaning, a.Code, a.Message, a.Hint = MeansInDoubt, CodeAccepted, msgNotFinished, hintLookUpFirst
	}
	return a
}

// unusable gives the answer to a call whose reply has no complete result. done is false for all other replies.
func unusable(operation string, r *reply, failure *Error) (a Answer, done bool) {
	switch {
	case failure != nil:
		return unanswered(failure), true
	case r.status < 200 || r.status > 299:
		return judgeRefusal(operation, r), true
	case r.failure != nil:
		return inDoubt(r, r.failure.Code, r.failure.explanation()), true
	}
	return a, false
}

// judgeTransaction says what a transaction in an answer means.
func (c *Client) judgeTransaction(w *wire, want Expect) Answer {
	t := w.transaction()
	a := Answer{Meaning: MeansInDoubt, Transaction: t, SessionID: t.SessionID, Hint: hintLookUpFirst}
	a.Code, a.Message = c.Verify(t, want)
	noSuccess := denied(w.Success)
	switch {
	case a.Code != "":
		a.Hint = hintCompare
	case w.Success != nil && (t.Failed() && !noSuccess || t.Created() && noSuccess):
		a.Code, a.Message = CodeContradicted,
			fmt.Sprintf(msgContradiction, t.Status, !noSuccess)
	case t.Failed() && t.ID != "":
		a.Meaning, a.Code = MeansDeclined, CodeDeclined
		a.Message, a.Hint = w.reason(t)
	case t.Failed(), noSuccess && t.Status == "":
		a.Meaning, a.Code = MeansRefused, CodeDeclined
		a.Message, a.Hint = w.reason(t)
	case (t.ID == "" || t.Status == "") && w.RedirectURL != "":
		a.Meaning, a.Code = MeansRefused, CodeVerification
		a.Message = msgIdentity
		a.Hint = hintIdentity
	case t.ID == "" || t.Status == "":
		a.Code, a.Message = CodeUnreadable, msgNoIDOrStatus
	case t.Live() && (t.Reference == "" || t.Amount == 0):
		a.Code, a.Message = CodeUnreadable, msgNoRefOrAmount
	case t.Status == StatusVoided:
		a.Meaning, a.Hint = MeansVoided, ""
	case t.Live() && t.InvoiceNumber != "":
		a.Meaning, a.Hint = MeansInvoiced, ""
	case t.Live():
		a.Meaning, a.Hint = MeansRegistered, ""
	default:
		a.Code, a.Message = CodeStatus,
			fmt.Sprintf(msgStatus, cut(string(t.Status), maxWord))
	}
	return a
}

// judgeRefusal says what an answer outside 2xx means. Without an entry in its list a status means in doubt: a 500 or
// 409 may come after the invoice was made.
func judgeRefusal(operation string, r *reply) Answer {
	failure := refusal(operation, r)
	a := inDoubt(r, failure.Code, cmp.Or(failure.Words, strings.ToLower(http.StatusText(r.status))))
	if w, err := decode[wire](r.body); err == nil {
		a.SessionID = strings.TrimSpace(w.SessionID)
		if t := w.transaction(); t.Created() || w.Success != nil && *w.Success {
			a.Transaction, a.Code = t, CodeContradicted
			a.Message = fmt.Sprintf(msgRefusedYetDone, r.status)
			return a
		}
	}
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		a.Meaning, a.Fatal, a.Hint = MeansNotSent, failure, hintCredentials
	case http.StatusTooManyRequests:
		a.Meaning, a.Hint = MeansNotSent, ""
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusPreconditionFailed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		a.Meaning, a.Code, a.Hint = MeansRefused, CodeRejected, hintCorrectOrder
	}
	return a
}

// inDoubt is the answer for a reply that proves nothing.
func inDoubt(r *reply, code billing.Code, message string) Answer {
	return Answer{Meaning: MeansInDoubt, HTTPStatus: r.status, Code: code, Message: message, Hint: hintLookUpFirst}
}

// unanswered is the answer for a call without a reply. Only a failure that is certainly Unsent does not leave the order
// in doubt.
func unanswered(failure *Error) Answer {
	a := Answer{
		Meaning: MeansInDoubt, HTTPStatus: failure.Status, Code: failure.Code, Message: failure.explanation(),
		Hint: hintLookUpFirst,
	}
	if failure.Unsent {
		a.Meaning, a.Hint = MeansNotSent, ""
	}
	if failure.Code == CodeCredentials {
		a.Fatal = failure
	}
	return a
}
