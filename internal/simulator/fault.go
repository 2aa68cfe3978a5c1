package simulator

import "time"

// Operation names one kind of API call, in faults and counts.
type Operation string

// The operations of the API.
const (
	OpToken        Operation = "token"
	OpPay          Operation = "pay"          // POST /sessions/pay
	OpCreate       Operation = "create"       // POST /sessions and /sessions-profile
	OpSessionPay   Operation = "session_pay"  // POST /sessions/{id}/pay
	OpCancel       Operation = "cancel"       // POST /sessions/{id}/cancel
	OpSession      Operation = "session"      // GET /sessions/{id}
	OpSessions     Operation = "sessions"     // GET /sessions
	OpTransaction  Operation = "transaction"  // GET /transactions/{id}
	OpTransactions Operation = "transactions" // GET /transactions
	OpCapture      Operation = "capture"
	OpVoid         Operation = "void"
	OpFile         Operation = "file"     // GET /files/{id}
	OpCheckout     Operation = "checkout" // GET /admin/checkout
	OpProfile      Operation = "profile"  // GET /admin/session/profiles/{id}
)

// Action is what a fault does to a call. "Commits" says that the call has its normal effect at the provider.
type Action string

const (
	// ActionStatus answers Status (default 500) with Body and Header. Does not commit.
	ActionStatus Action = "status"
	// ActionStatusAfterCommit commits, then answers Status (default 500) with Body and Header.
	ActionStatusAfterCommit Action = "status_after_commit"
	// ActionDropBefore cuts the connection. Does not commit.
	ActionDropBefore Action = "drop_before"
	// ActionDropAfter commits, then cuts the connection.
	ActionDropAfter Action = "drop_after"
	// ActionDelay waits Delay, then goes on as if nothing had happened. Commits after the delay.
	ActionDelay Action = "delay"
	// ActionHang passes the duplicate guard, commits only after Delay, and never answers: the connection is cut then. What
	// has nothing to commit hangs as long.
	ActionHang Action = "hang"
	// ActionSlowCommit passes the duplicate guard, commits after Delay and answers. Others cannot see the order meanwhile.
	// Payments, creations, captures and voids only.
	ActionSlowCommit Action = "slow_commit"
	// ActionFailed answers 200 with a FAILED transaction, Body being the reason in its event. Commits a session and a
	// transaction that are not live. Payments only.
	ActionFailed Action = "failed"
	// ActionUnknownStatus commits, and this one answer carries a status that is not documented. Look-ups tell the truth.
	ActionUnknownStatus Action = "unknown_status"
	// ActionOnHold commits a live transaction that is ON_HOLD without a number and authorized after Delay; with no Delay,
	// never. The strict-success guard does not see it until then. Payments only.
	ActionOnHold Action = "on_hold"
	// ActionMissingFields commits and leaves Fields (default id, status, metadata, events) out of the answer.
	ActionMissingFields Action = "missing_fields"
	// ActionExtraFields commits and adds undocumented fields, metadata and events to the answer.
	ActionExtraFields Action = "extra_fields"
	// ActionHTML commits, then answers Status (default 200) with a web page.
	ActionHTML Action = "html"
	// ActionTruncated commits, then sends the headers of the whole answer and half of its body.
	ActionTruncated Action = "truncated"
	// ActionHuge commits, then answers with 20 MB of JSON.
	ActionHuge Action = "huge"
	// ActionRedirect answers Status (default 307) to Header["Location"]. Does not commit.
	ActionRedirect Action = "redirect"
	// ActionWrongAmount commits the right amount, but the answer says 100 minor units more.
	ActionWrongAmount Action = "wrong_amount"
	// ActionWrongDueDate commits the right due date, but the answer says 2099-12-31.
	ActionWrongDueDate Action = "wrong_due_date"
	// ActionNoNumber commits, and the invoice number, URL and dates show only after Delay; with no Delay, after Issue.
	// Payments only.
	ActionNoNumber Action = "no_number"
	// ActionLateIndex is an IndexDelay of Delay for this call. Commits. Payments and creations only.
	ActionLateIndex Action = "late_index"
	// ActionLateEvent commits a capture whose event is in answers only after Delay. Captures only.
	ActionLateEvent Action = "late_event"
	// ActionUnauthorized answers 401 and forgets the token. Does not commit.
	ActionUnauthorized Action = "unauthorized"
	// ActionThrottle answers 429 with Header as given, so with or without Retry-After. Does not commit.
	ActionThrottle Action = "throttle"
	// ActionDuplicate answers 400 as the duplicate guard would, with Body as its message, or as the whole answer when it is
	// a JSON object. Does not commit.
	ActionDuplicate Action = "duplicate_400"
)

// Fault makes calls go wrong. Of a script the first fault that matches and is not used up applies; a call meets at most
// one. Requests that fail authentication meet none.
type Fault struct {
	Operation Operation `json:"operation,omitempty"` // empty: any but OpToken, OpCheckout and OpProfile
	Reference string    `json:"reference,omitempty"` // exact merchant reference; empty: any
	Skip      int       `json:"skip,omitempty"`      // lets so many matching calls pass first
	Times     int       `json:"times,omitempty"`     // applies so often; 0 = for ever
	Chance    float64   `json:"chance,omitempty"`    // probability in 0..1; 0 = always
	Action    Action    `json:"action"`

	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
	Delay  time.Duration     `json:"delay,omitempty"` // in JSON nanoseconds, or text such as "1.5s"
	Fields []string          `json:"fields,omitempty"`
}
