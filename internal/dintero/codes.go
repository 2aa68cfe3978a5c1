package dintero

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
)

// Codes of what a call came to. They stand in [Answer.Code], [Error.Code] and in the outcomes of [Transaction.Outcome].
const (
	CodeRejected     billing.Code = "provider.rejected"         // refused as it stands
	CodeDuplicate    billing.Code = "provider.duplicate"        // refused because the merchant reference exists already
	CodeConflict     billing.Code = "provider.conflict"         // at odds with the state at the provider
	CodeDeclined     billing.Code = "provider.declined"         // answered, but the payment failed
	CodeVerification billing.Code = "provider.verification"     // wants the customer to prove their identity
	CodeThrottled    billing.Code = "provider.throttled"        // too many requests
	CodeUnavailable  billing.Code = "provider.unavailable"      // an error on the provider's side
	CodeCredentials  billing.Code = "provider.credentials"      // token or scope refused
	CodeToken        billing.Code = "provider.token"            // no token to be had, for another reason than credentials
	CodeRedirect     billing.Code = "provider.redirect"         // pointed elsewhere, which is never followed
	CodeAccepted     billing.Code = "provider.accepted"         // accepted, not finished yet
	CodeNotFound     billing.Code = "provider.not_found"        // nothing with this id
	CodeUnexpected   billing.Code = "provider.unexpected"       // a status code that is not documented
	CodeUnreadable   billing.Code = "answer.unreadable"         // not the JSON that was promised, or essential fields missing
	CodeTooLarge     billing.Code = "answer.too_large"          // longer than the limit
	CodeStatus       billing.Code = "answer.status"             // undecided or unknown transaction status
	CodeContradicted billing.Code = "answer.contradictory"      // parts of the answer deny each other
	CodeOther        billing.Code = "answer.id_mismatch"        // about another transaction than asked for
	CodeReference    billing.Code = "answer.reference_mismatch" // another merchant reference than was sent
	CodeAmount       billing.Code = "answer.amount_mismatch"    // another amount than was sent
	CodeCurrency     billing.Code = "answer.currency_mismatch"  // another currency than was sent
	CodeProduct      billing.Code = "answer.product_mismatch"   // another product than was sent
	CodeCustomer     billing.Code = "answer.customer_mismatch"  // another organization number
	CodeEnvironment  billing.Code = "environment.mismatch"      // belongs to another account than the configured one
	CodeUnreachable  billing.Code = "network.unreachable"       // no connection: name, route or refusal
	CodeTLS          billing.Code = "network.tls"               // no trusted connection
	CodeTimeout      billing.Code = "network.timeout"           // no answer in time
	CodeBroken       billing.Code = "network.broken"            // the connection ended before the answer did
	CodeCancelled    billing.Code = "call.cancelled"            // given up by us
	CodeDocument     billing.Code = "document.refused"          // not a document, too large, or not from where it may come
	CodeDueDate      billing.Code = "invoice.due_date"          // warning: due date is not invoice date + days
)

// ErrCredentials is wrapped by every error that says that the provider does not accept the credentials or their scope,
// at the token or at the call itself. No further call can do better.
var ErrCredentials = errors.New("the provider refused the credentials")

// Error is a call that gave no usable answer. Its text may be logged: it holds no secret and no word of the other side.
type Error struct {
	Operation  string // "pay", "token", "transactions", …
	Code       billing.Code
	Status     int           // of HTTP, 0 when there was no answer
	Message    string        // in words of this program or the system
	Words      string        // the other side's, masked, but may hold names: for journal and report, not for logs
	RetryAfter time.Duration // as the provider asked, 0 if it did not
	Unsent     bool          // certainly nothing was done: the request did not leave or was turned away unread
	cause      error
}

// Error names the operation, the code and the status. It leaves out what the other side said.
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

// told is the best there is for journal and report.
func (e *Error) told() string { return cmp.Or(e.Words, e.Message) }

// Detail is an error with the other side's words, should it have some: for journal and report, not for logs.
func Detail(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Words != "" {
		return err.Error() + ": " + e.Words
	}
	return err.Error()
}

// Unwrap gives [ErrCredentials], or why the network failed.
func (e *Error) Unwrap() error { return e.cause }
