package dintero

// What the package tells users. A text with values has an example above it.
const (
	// Settings.

	msgBaseURL      = "the base URL cannot be read"
	msgBaseURLParts = "the base URL must be scheme, host and path only"
	msgBaseURLHTTPS = "the base URL must be https, or http on loopback"
	msgNoHTTPS      = "not an https address such as https://www.example.com/kravia"
	msgUserName     = "an address with a user name, which others would see: leave it out"
	msgThisMachine  = "an address of this machine, which the provider cannot reach: give a public one"
	// account "12345678" is not T or P followed by eight digits
	msgAccount  = "account %q is not T or P followed by eight digits"
	msgClientID = "the client id is missing or has a colon in it"
	msgNoSecret = "the client secret is missing"
	// timeout -5s is negative
	msgTimeout = "timeout %s is negative"
	// duplicate guard "loose" is not one of strict-success, strict
	msgGuard = "duplicate guard %q is not one of strict-success, strict"

	// Request bodies.

	msgNoContent   = "the body has no content hash, so its order could not be recognized later"
	msgNoDaysField = "the body has no days until due"
	// 400 days until due is not between 0 and 365
	msgDays = "%d days until due is not between 0 and 365"
	// unknown product "kravia.invoice_x"
	msgProduct = "unknown product %q"
	// request body: unsupported value
	msgBody = "request body: %w"

	// Credentials and what the provider does not offer.

	msgCredentials      = "the provider refused the credentials"
	hintCredentials     = "check account, client id, client secret and the client's rights"
	msgNotOffered       = "the provider does not offer this"
	msgCannotTell       = "the provider cannot tell"
	msgNoSessionList    = "the provider's newer specifications do not have this list"
	hintGuardNotChecked = "the provider does not check the merchant reference here"

	// Calls without an answer.

	msgNotSent       = "stopped before it was sent"
	msgNoAnswer      = "no answer in time"
	msgNotCallable   = "the address cannot be called"
	msgNotFinished   = "accepted, not finished yet"
	hintLookUpFirst  = "look the merchant reference up before anything else is done"
	hintReadAgain    = "read the transaction again before anything else is done"
	hintReadSession  = "read the session again before anything else is done"
	hintCompare      = "compare the invoice at the provider with the order before anything else is done"
	hintCorrectOrder = "correct the order as the message says"

	// Answers that cannot be used.

	msgNoTransaction  = "the answer is not a transaction"
	msgNoSession      = "the answer is not a session"
	msgNoSessionID    = "the answer lacks the session's id"
	msgNotAsked       = "the answer is not what was asked for"
	msgOtherAnswer    = "the answer is about another transaction"
	msgOtherSession   = "the answer is about another session"
	msgNotCancelled   = "the answer does not say that the session is cancelled"
	msgNoIDOrStatus   = "the answer lacks the transaction's id or status"
	msgNoRefOrAmount  = "the answer lacks the transaction's reference or amount"
	msgNoReference    = "a transaction in the list has no merchant reference"
	msgListRepeats    = "the list repeats itself"
	msgNoToken        = "the answer holds no token"
	msgUnreadableJSON = "no complete JSON object"
	// the answer is about another session
	msgOther = "the answer is about another %s"
	// the answer says both AUTHORIZED and success false
	msgContradiction = "the answer says both %s and success %t"
	// the provider answered with the status "ON_HOLD"
	msgStatus = "the provider answered with the status %q"
	// refused with HTTP 400, yet the answer speaks of success
	msgRefusedYetDone = "refused with HTTP %d, yet the answer speaks of success"
	// the answer is longer than 4194304 bytes
	msgTooLong = "the answer is longer than %d bytes"
	// more than 20 pages
	msgTooManyPages = "more than %d pages"
	// 120 ids in one look-up, but a look-up takes 1 to 100
	msgTooManyIDs = "%d ids in one look-up, but a look-up takes 1 to %d"
	// the session is not of account P12345678
	msgForeignSession = "the session is not of account %s"

	// Refusals and undecided payments.

	msgIdentity  = "the provider wants the customer to prove their identity"
	hintIdentity = "send this order in one step, or have identity verification switched off for the product"
	msgNoReason  = "the provider gave no reason"
	// the provider has not decided yet (ON_HOLD)
	msgUndecided      = "the provider has not decided yet (%s)"
	hintRefresh       = "refresh later"
	hintNoRetry       = "the provider asks not to try again"
	hintRetryNow      = "the provider says it may be tried again now"
	hintRetryLater    = "the provider says it may be tried again later"
	hintDueDateCounts = "the provider's due date counts"
	// due 2026-12-30, but 14 days from the invoice date is 2026-12-14
	msgDueDate      = "due %s, but %d days from the invoice date is %s"
	msgNoURLAndDate = "the provider names neither the invoice's address nor its due date"
	msgNoURL        = "the provider does not name the invoice's address"
	msgNoDueDate    = "the provider does not name the due date"

	// What differs between a transaction and its order.

	// the transaction T87654321.abc is not of account P12345678
	msgForeignTransaction = "the transaction %s is not of account %s"
	// the merchant reference is "K1002" instead of "K1001"
	msgOtherReference = "the merchant reference is %q instead of %q"
	// the amount is 100 minor units instead of 200
	msgOtherAmount = "the amount is %d minor units instead of %d"
	// the currency is "SEK" instead of NOK
	msgOtherCurrency = "the currency is %q instead of %s"
	// the product is "kravia.invoice_b2c" instead of kravia.invoice_b2b
	msgOtherProduct = "the product is %q instead of %s"
	// the invoice channel is "email" instead of kravia
	msgOtherChannel = "the invoice channel is %q instead of %s"
	msgOtherContent = "it was made for an order with the same reference and other content"
	msgOtherCompany = "the organization number is another one"
	// the customer's e-mail address is another one
	msgOtherCustomer = "the customer's %s is another one"
	// the transaction cannot be compared with the order without its organization number
	msgMissing = "the transaction cannot be compared with the order without its %s"

	// Documents.

	msgDocumentAddress = "the address is not one that documents come from"
	msgDocumentTarget  = "the document's address points to an address that cannot be read"
	msgDocumentNoPDF   = "the answer is not a PDF and names no place of one"
	msgDocumentHops    = "the document's address points elsewhere too often"
	// the document's temporary address answered HTTP 403
	msgDocumentStatus = "the document's temporary address answered HTTP %d"
)
