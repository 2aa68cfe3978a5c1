package dispatch

// What the package tells users. A text with values has an example above it.
const (
	// Why a run ended.

	msgStopped            = "interrupted by a signal"
	msgPastDeadline       = "the deadline passed"
	msgTooManyFailures    = "too many orders in a row failed"
	msgLimitReached       = "the limit of orders was reached"
	msgCredentialsRefused = "the provider refused the credentials"
	msgJournalFailed      = "the journal could not be read or written"
	msgFaulted            = "a fault of the program"

	// Sending.

	// the due date 2026-11-15 of the order has passed
	msgDuePassed = "the due date %s of the order has passed"
	// stopped before sending order K1001: journal journal.db: begin attempt: the disk is full
	msgStoppedBefore = "stopped before sending order %s: %w"
	// the provider answered about order K1001, but the journal could not record the answer: the disk is full
	msgAnswerNotKept = "the provider answered about order %s, but the journal could not record the answer: %w"
	// the journal could not record the session of order K1001: the disk is full
	msgSessionNotKept = "the journal could not record the session of order %s: %w"
	msgNotCaptured    = "collection has not started: the transaction is not captured yet"
	// collection has not started: the amount is not allowed
	msgCaptureRefused = "collection has not started: %s"
	msgVoided         = "the invoice was cancelled"
	msgUnguarded      = "the provider does not take the duplicate guard with a session: " +
		"two journals of one account could invoice an order twice; keep only one"
	hintRunAgain        = "run again"
	hintNothingCreated  = "nothing was created; run again"
	hintLaterDueDate    = "nothing was created; give the order a later due date"
	hintInvoiceAnew     = "to invoice it anew, give the order a new reference"
	hintOtherReference  = "cancel the session at the provider, or give the order another reference"
	hintStrictSuccess   = "run again with --duplicate-guard strict-success, or give the order a new reference"
	hintCompare         = "compare the invoice with the order; correct the order, or give one of them another reference"
	hintLookAtInvoice   = "look at the invoice at the provider before anything else is done about the order"
	hintCancelAllButOne = "cancel all but one at the provider, then refresh"

	// Look-ups.

	// the look-up did not succeed: transactions: provider.unavailable (HTTP 503)
	msgLookUpFailed = "the look-up did not succeed: %s"
	// look up order K1001: transactions: provider.unavailable (HTTP 503)
	msgLookUp    = "look up order %s: %w"
	msgUndecided = "the provider has not decided yet"
	msgForeign   = "the provider has a session under this reference that another program made and " +
		"that can still be paid"
	msgNoInvoice = "the provider has no invoice under this reference, only a session that ended without one"
	// the provider has this reference with other content: the amount is 100 minor units instead of 200
	msgOtherContent = "the provider has this reference with other content: %s"
	// the provider has an invoice under this reference, but says too little to tell whether it is for this order:
	// the answer lacks the amount
	msgCannotCompare = "the provider has an invoice under this reference, but says too little to tell whether " +
		"it is for this order: %s"
	// an attempt that failed has used this reference, and the strict guard refuses it for good: reference exists
	msgUsedUp = "an attempt that failed has used this reference, and the strict guard refuses it for good: %s"
	// the provider has 2 live invoices for this reference: P1.a 1001, P1.b 1002
	msgDuplicated = "the provider has %d live invoices for this reference: %s"

	// Reading the journal.

	// read orders that are due: journal journal.db: the disk failed
	msgReadDue = "read orders that are due: %w"
	// read when orders are due: journal journal.db: the disk failed
	msgReadNextDue = "read when orders are due: %w"
	// read orders that the provider has: journal journal.db: the disk failed
	msgReadSurveyed = "read orders that the provider has: %w"
	// read orders to refresh: journal journal.db: the disk failed
	msgReadRefresh = "read orders to refresh: %w"
	// read orders to void: journal journal.db: the disk failed
	msgReadVoid = "read orders to void: %w"
	// read orders for their documents: journal journal.db: the disk failed
	msgReadDocuments = "read orders for their documents: %w"

	// Documents.

	// document of order K1001: no space left on device
	msgDocument = "document of order %s: %w"
	// order K1001: document.refused (HTTP 404)
	msgMissing = "order %s: %s"
	// document.refused (HTTP 404)
	msgCodeStatus = "%s (HTTP %d)"

	// Cancelling invoices.

	// not attempted: interrupted by a signal
	msgNotAttempted = "not attempted: %s"
	// run 20261130-120000-abcd has no order K1001
	msgNoOrder = "run %s has no order %s"
	// left alone: it is in doubt; refresh the run first, and look at the report
	msgLeftUnclear = "left alone: it is %s; refresh the run first, and look at the report"
	// left alone: it is paid
	msgLeftPaid         = "left alone: it is %s"
	msgLeftOther        = "left alone: the provider shows another transaction, or has not decided yet"
	msgLeftUnknown      = "left alone: the provider does not say whether it is paid"
	msgWasVoid          = "was void already"
	msgJournalUnwritten = "the journal could not be written"
	// the journal could not record the attempt to void order K1001: the disk is full
	msgVoidNotKept = "the journal could not record the attempt to void order %s: %w"
	// asked for, but it is not known whether it was done: network.timeout
	msgVoidUnknown = "asked for, but it is not known whether it was done: %s"
	// asked for, but it is not known whether it was done: network.timeout; refresh the run later
	msgVoidInDoubt = "asked for, but it is not known whether it was done: %s; refresh the run later"
	// the provider did not cancel it: provider.rejected (HTTP 400)
	msgNotVoided = "the provider did not cancel it: %s"
)
