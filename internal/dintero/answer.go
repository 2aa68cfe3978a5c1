package dintero

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Meaning is what an answer, or the lack of one, means for the order.
type Meaning uint8

// The meanings.
const (
	MeansInvoiced   Meaning = iota + 1 // the invoice exists and has a number
	MeansRegistered                    // the invoice exists, its number comes later
	MeansOpened                        // a session exists, nothing is invoiced by it
	MeansVoided                        // the invoice is cancelled
	MeansRejected                      // refused, nothing was created; if LookUp is set, look before believing it
	MeansNotSent                       // nothing was created and nothing judged: may be sent again
	MeansInDoubt                       // anything may have happened: look up
)

// String is the meaning's word: "in doubt".
func (m Meaning) String() string {
	switch m {
	case MeansInvoiced:
		return "invoiced"
	case MeansRegistered:
		return "registered"
	case MeansOpened:
		return "opened"
	case MeansVoided:
		return "voided"
	case MeansRejected:
		return "rejected"
	case MeansNotSent:
		return "not sent"
	case MeansInDoubt:
		return "in doubt"
	}
	return fmt.Sprintf("meaning(%d)", uint8(m))
}

// Answer is what one call came to.
type Answer struct {
	Meaning     Meaning
	Transaction *Transaction // as far as the answer held one, also in doubt
	SessionID   string       // the best handle for a look-up, also from refusals
	HTTPStatus  int          // 0 when there was no answer
	Code        billing.Code // "" for invoiced, registered, opened and voided
	Message     string       // masked, but may hold names: for journal and report, not for logs
	Hint        string
	LookUp      bool          // the reference may exist at the provider whatever the meaning: look before anything else
	RetryAfter  time.Duration // as the provider asked, uncapped; 0 if it did not
	Fatal       error         // wraps [ErrCredentials]: no further call makes sense
	Raw         string        // for the journal: harmless fields of an answer that is no plain success, at most 2 kB
}

// Expect is what the order's transaction must say. Empty fields are not compared.
type Expect struct {
	Reference          string
	Amount             money.Amount
	Product            billing.Product
	OrganizationNumber string
}

// Verify compares a transaction with what was ordered, as far as it says. It gives the code of the first difference
// and a sentence, or "" twice.
func (c *Client) Verify(t *Transaction, want Expect) (code billing.Code, message string) {
	currency := want.Amount.Currency().Code()
	switch {
	case foreign(t.ID, c.account) || foreign(t.SessionID, c.account):
		return CodeEnvironment, fmt.Sprintf("the transaction %s is not of account %s", t.ID, c.account)
	case want.Reference != "" && t.Reference != "" && t.Reference != want.Reference:
		return CodeReference, fmt.Sprintf("the merchant reference is %q instead of %q", t.Reference, want.Reference)
	case want.Amount.Minor() != 0 && t.Amount != 0 && t.Amount != want.Amount.Minor():
		return CodeAmount, fmt.Sprintf("the amount is %d minor units instead of %d", t.Amount, want.Amount.Minor())
	case currency != "" && t.Currency != "" && t.Currency != currency:
		return CodeCurrency, fmt.Sprintf("the currency is %s instead of %s", t.Currency, currency)
	case want.Product != "" && t.Product != "" && t.Product != want.Product:
		return CodeProduct, fmt.Sprintf("the product is %s instead of %s", t.Product, want.Product)
	case want.OrganizationNumber != "" && t.OrganizationNumber != "" &&
		alphanumeric(t.OrganizationNumber) != alphanumeric(want.OrganizationNumber):
		return CodeCustomer, "the organization number is another one"
	}
	return "", ""
}

// foreign reports whether an id names another account. Only ids of the full form "T12345678.…" are judged: the
// provider's examples abbreviate.
func foreign(id, account string) bool {
	return len(id) > accountLength && id[accountLength] == '.' && validAccount(id[:accountLength]) &&
		id[:accountLength] != account
}

func alphanumeric(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.", r) {
			return -1
		}
		return r
	}, s))
}

// judge says what a reply to a payment, capture or void means. The HTTP status alone is never believed.
func (c *Client) judge(operation string, r *reply, want Expect) Answer {
	if r.status < 200 || r.status > 299 {
		return judgeRefusal(operation, r)
	}
	if r.failure != nil {
		return inDoubt(r, r.failure.Code, r.failure.told())
	}
	wire, err := parseWire(r.body)
	if err != nil {
		return inDoubt(r, CodeUnreadable, "the answer is no transaction")
	}
	a := c.judgeTransaction(wire, want)
	a.HTTPStatus = r.status
	if a.Code != "" { // a plain success is all in the outcome
		a.Raw = r.summary()
	}
	return a
}

// judgeTransaction says what a transaction in an answer means.
func (c *Client) judgeTransaction(wire *wireTransaction, want Expect) Answer {
	t := wire.transaction()
	a := Answer{Transaction: t, SessionID: t.SessionID, Meaning: MeansInDoubt, LookUp: true}
	a.Code, a.Message = c.Verify(t, want)
	switch {
	case a.Code != "":
		a.Hint = "compare the invoice at the provider with the order before anything else is done"
	case t.Failed(), wire.Success == flagFalse && t.Status == "":
		a.Meaning, a.Code = MeansRejected, CodeDeclined
		a.LookUp = !t.Failed() // a failed transaction is proof, the flag alone is not
		a.Message, a.Hint = wire.reason(t)
	case wire.Success == flagFalse && t.Live():
		a.Code, a.Message = CodeContradicted, fmt.Sprintf("the answer says both %s and no success", t.Status)
	case t.ID == "" || t.Status == "":
		a.Code, a.Message = CodeUnreadable, "the answer lacks the transaction's id or status"
	case t.Status == StatusVoided:
		a.Meaning, a.LookUp = MeansVoided, false
	case t.Live() && (t.Reference == "" || t.Amount == 0):
		a.Code, a.Message = CodeUnreadable, "the answer lacks the transaction's reference or amount"
	case t.Live() && t.InvoiceNumber != "":
		a.Meaning, a.LookUp = MeansInvoiced, false
	case t.Live():
		a.Meaning, a.LookUp = MeansRegistered, false
	default:
		a.Code, a.Message = CodeStatus, fmt.Sprintf("the provider answered with the status %q", cut(string(t.Status), 40))
	}
	return a
}

// reason is why a payment was declined, in the words of the transaction's events or else of the answer itself.
func (w *wireTransaction) reason(t *Transaction) (message, hint string) {
	message, hint = t.refusal()
	return cmp.Or(message, w.words(), "the provider gave no reason"), hint
}

// words is what an answer says of its failure: the error, its details, the failed actions.
func (w *wireResult) words() string {
	var parts []string
	var word string
	var e wireError
	switch {
	case json.Unmarshal(w.Error, &word) == nil:
		parts = append(parts, word)
	case json.Unmarshal(w.Error, &e) == nil:
		parts = append(parts, e.describe())
	}
	for _, d := range w.Details {
		parts = append(parts, strings.TrimSpace(string(d.Code+" "+d.Category+" "+d.Field)))
	}
	for _, action := range w.Actions {
		if strings.EqualFold(string(action.Type), "error") {
			parts = append(parts, string(action.Code))
		}
	}
	return mask(strings.Join(parts, "; "))
}

// describe is the error with all its findings, masked.
func (e *wireError) describe() string {
	var parts []string
	if head := strings.TrimSpace(string(e.Code + " " + e.Message)); head != "" {
		parts = append(parts, head)
	}
	for _, finding := range e.Errors {
		words := finding.Description
		if words == "" {
			words = finding.Message
		}
		path := make([]string, len(finding.Path))
		for i, step := range finding.Path {
			path[i] = string(step)
		}
		parts = append(parts, strings.Trim(strings.Join(path, ".")+": "+string(words), ": "))
	}
	return mask(strings.Join(parts, "; "))
}

// retryHint puts the documented retry policy into words. Obeying it is the merchant's duty.
func (e *wireError) retryHint() string {
	policy := e.Retry.value
	for _, code := range policy.Codes {
		switch strings.ToUpper(string(code)) {
		case "DO_NOT_RETRY":
			return "the provider asks not to try again"
		case "RETRY_IMMEDIATELY":
			return "the provider says it may be tried again now"
		case "RETRY_AFTER_DELAY":
			return strings.TrimSpace("the provider says it may be tried again later " + cut(string(policy.After), 40))
		}
	}
	return ""
}

// judgeRefusal says what any answer outside 2xx means.
func judgeRefusal(operation string, r *reply) Answer {
	failure := refusal(operation, r)
	a := inDoubt(r, failure.Code, cmp.Or(failure.Words, strings.ToLower(http.StatusText(r.status))))
	a.RetryAfter = failure.RetryAfter
	wire, err := parseWire(r.body)
	if err == nil {
		a.SessionID = string(wire.SessionID)
		if t := wire.transaction(); wire.Success == flagTrue || t.Created() {
			a.Code, a.Message = CodeContradicted, fmt.Sprintf("refused with HTTP %d, yet the answer speaks of success", r.status)
			return a
		}
	}
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		a.Meaning, a.LookUp, a.Fatal = MeansNotSent, false, failure
		a.Hint = checkCredentials
	case http.StatusTooManyRequests:
		a.Meaning, a.LookUp, a.Hint = MeansNotSent, false, ""
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusPreconditionFailed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		if a.Code != CodeDuplicate {
			a.Meaning, a.Hint = MeansRejected, "correct the order as the message says"
		}
	}
	return a
}

const checkCredentials = "check account, client id, client secret and the client's rights"

// refusal is the error for an answer outside 2xx.
func refusal(operation string, r *reply) *Error {
	e := &Error{Operation: operation, Status: r.status, RetryAfter: r.retryAfter}
	if wire, err := parseWire(r.body); err == nil {
		e.Words = wire.words()
	}
	switch s := r.status; {
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		e.Code, e.Message, e.cause, e.Unsent = CodeCredentials, checkCredentials, ErrCredentials, true
	case s == http.StatusTooManyRequests:
		e.Code, e.Unsent = CodeThrottled, true
	case (s == http.StatusConflict || s == http.StatusBadRequest) && speaksOfDuplicate(e.Words):
		e.Code = CodeDuplicate
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

// speaksOfDuplicate guesses by words: the provider does not document how it refuses a reference that exists. Nothing
// but the code depends on it, for every refusal is looked up.
func speaksOfDuplicate(message string) bool {
	message = strings.ToLower(message)
	for _, word := range []string{"duplicate", "already exist", "already used", "not unique", "must be unique"} {
		if strings.Contains(message, word) {
			return true
		}
	}
	return false
}

func inDoubt(r *reply, code billing.Code, message string) Answer {
	return Answer{
		Meaning: MeansInDoubt, HTTPStatus: r.status, Code: code, Message: message, LookUp: true, Raw: r.summary(),
		Hint: "look the merchant reference up before anything else is done",
	}
}

// unanswered is the answer for a call that got none.
func unanswered(failure *Error) Answer {
	a := Answer{
		Meaning: MeansInDoubt, HTTPStatus: failure.Status, Code: failure.Code, Message: failure.told(),
		RetryAfter: failure.RetryAfter, LookUp: !failure.Unsent,
	}
	if failure.Unsent {
		a.Meaning = MeansNotSent
	}
	if failure.Code == CodeCredentials {
		a.Fatal = failure
	}
	return a
}
