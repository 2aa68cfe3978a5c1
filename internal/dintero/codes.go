package dintero

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"kraviabatch/internal/billing"
)

// Codes for what came of a call, in [Answer.Code], [Error.Code] and the outcomes of [Transaction.Outcome].
const (
	CodeRejected     billing.Code = "provider.rejected"     // refused as it stands
	CodeConflict     billing.Code = "provider.conflict"     // at odds with the state at the provider
	CodeDeclined     billing.Code = "provider.declined"     // answered, but the payment failed
	CodeVerification billing.Code = "provider.verification" // wants the customer to prove their identity
	// does not take the check of the merchant reference here.

	CodeGuard       billing.Code = "provider.guard_refused"
	CodeThrottled   billing.Code = "provider.throttled"   // too many requests
	CodeUnavailable billing.Code = "provider.unavailable" // an error on the provider's side
	CodeCredentials billing.Code = "provider.credentials" // token or scope refused
	// no token to be had, for another reason than credentials.

	CodeToken    billing.Code = "provider.token"
	CodeRedirect billing.Code = "provider.redirect"  // pointed elsewhere, which is never followed
	CodeAccepted billing.Code = "provider.accepted"  // accepted, not finished yet
	CodeNotFound billing.Code = "provider.not_found" // nothing with this id
	// a route that this account, or this edition, does not have.

	CodeNotAvailable billing.Code = "provider.not_available"
	CodeUnexpected   billing.Code = "provider.unexpected" // a status code that is not documented
	// not the JSON that was promised, or essential fields missing.

	CodeUnreadable   billing.Code = "answer.unreadable"
	CodeUncomparable billing.Code = "answer.incomplete"         // does not tell what it would be compared by
	CodeTooLarge     billing.Code = "answer.too_large"          // longer than the limit
	CodeStatus       billing.Code = "answer.status"             // undecided or unknown transaction status
	CodeContradicted billing.Code = "answer.contradictory"      // parts of the answer deny each other
	CodeOther        billing.Code = "answer.id_mismatch"        // about another transaction than asked for
	CodeReference    billing.Code = "answer.reference_mismatch" // another merchant reference than was sent
	CodeAmount       billing.Code = "answer.amount_mismatch"    // another amount than was sent
	CodeCurrency     billing.Code = "answer.currency_mismatch"  // another currency than was sent
	CodeProduct      billing.Code = "answer.product_mismatch"   // another product than was sent
	CodeChannel      billing.Code = "answer.channel_mismatch"   // another invoice channel than was sent
	CodeContent      billing.Code = "answer.content_mismatch"   // made for another content than was sent
	CodeCustomer     billing.Code = "answer.customer_mismatch"  // another organization or private customer
	CodeEnvironment  billing.Code = "environment.mismatch"      // belongs to another account than the configured one
	CodeUnreachable  billing.Code = "network.unreachable"       // no connection: name, route or refusal
	CodeTLS          billing.Code = "network.tls"               // no trusted connection
	CodeTimeout      billing.Code = "network.timeout"           // no answer in time
	CodeBroken       billing.Code = "network.broken"            // the connection ended before the answer did
	CodeCancelled    billing.Code = "call.cancelled"            // given up by us
	// not a document, too large, or not from where it may come.

	CodeDocument   billing.Code = "document.refused"
	CodeDueDate    billing.Code = "invoice.due_date"   // warning: due date is not invoice date + days
	CodeIncomplete billing.Code = "invoice.incomplete" // warning: address or due date are not told
)

// ErrCredentials is wrapped by every error that says that the provider does not accept the credentials or their scope,
// for a token or in a call. No further call can succeed.
var ErrCredentials = errors.New(msgCredentials)

// ErrNotAvailable is wrapped by every error that says that the provider does not have the route, or not for this
// account.
var ErrNotAvailable = errors.New(msgNotOffered)

// Error is a call without a usable answer. Its text may be logged: it has no secret and no word of the provider in it.
type Error struct {
	Operation string // "pay", "token", "transactions", …
	Code      billing.Code
	Status    int    // of HTTP, 0 when there was no answer
	Message   string // in words of this program or the system
	Words     string // the provider's, masked, but may contain names: for journal and report, not for logs
	Unsent    bool   // certainly nothing was done: the request did not leave, or was refused unread
	cause     error
}

// Error names the operation, the code and the status. It leaves out the provider's words.
func (e *Error) Error() string {
	text := e.Operation + ": " + string(e.Code)
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// explanation is the most useful text for journal and report.
func (e *Error) explanation() string { return cmp.Or(e.Words, e.Message) }

// Detail is an error with the provider's words, if it has any: for journal and report, not for logs.
func Detail(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Words != "" {
		return err.Error() + ": " + e.Words
	}
	return err.Error()
}

// Unwrap gives [ErrCredentials], [ErrNotAvailable], or why the network failed.
func (e *Error) Unwrap() error { return e.cause }

// refusal is the error for an answer outside 2xx.
func refusal(operation string, r *reply) *Error {
	e := &Error{Operation: operation, Status: r.status}
	if w, err := decode[wire](r.body); err == nil {
		e.Words = w.words()
	}
	switch s := r.status; {
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		e.Code, e.Message, e.cause, e.Unsent = CodeCredentials, hintCredentials, ErrCredentials, true
	case s == http.StatusTooManyRequests:
		e.Code, e.Unsent = CodeThrottled, true
	case s == http.StatusConflict:
		e.Code = CodeConflict
	case s == http.StatusNotFound:
		e.Code = CodeNotFound
	case s >= 300 && s <= 399:
		e.Code = CodeRedirect
	case s >= 500:
		e.Code = CodeUnavailable
	case s == http.StatusBadRequest, s == http.StatusUnprocessableEntity, s == http.StatusPreconditionFailed:
		e.Code = CodeRejected
	default:
		e.Code = CodeUnexpected
	}
	return e
}

// notAvailable is the error for a route that this provider does not have, or not for us.
func notAvailable(failure *Error, message string) *Error {
	return &Error{
		Operation: failure.Operation, Code: CodeNotAvailable, Status: failure.Status, Message: message,
		Words: failure.Words,
		cause: ErrNotAvailable,
	}
}
