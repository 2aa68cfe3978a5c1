package billing

// What the package tells users beside codes.csv. A text with values has an example above it.
const (
	// What an order waits for.

	HintInDoubt = "refresh later; the order is not sent again before a look-up shows what became of it"
	hintWait    = "correct the rows with the other problems; " +
		"an order is sent when all its rows are correct and every row of its file belongs to an order"

	// What a look-up found.
	msgAdopted     = "the provider had this invoice already; this run created nothing"
	hintAdopted    = "check whether it was posted: no run of this journal sent it"
	msgWayIsFree   = "what was in the way at the provider is gone; nothing was created"
	hintRunAgain   = "run again"
	msgNothingLeft = "nothing was sent, and the provider has nothing any more"
	hintIfWanted   = "run again if it is still to be invoiced"

	// What fills {because}, {when} and the like in codes.csv, or is added to a text of it.
	msgVATAmountSilent = ", and vat_amount does not show it"
	msgVATAmountNone   = ", and vat_amount fits no rate"
	// , and vat_amount fits 25 or 15
	msgVATAmountSeveral = ", and vat_amount fits %s"
	msgNordicCountries  = "the Nordic countries"
	msgVATBetween       = "; the difference is the VAT of the row: one of them is with VAT and one without"
	// : the letter 'å' is not allowed
	msgLetter = ": the letter %q is not allowed"
	// a minor unit of NOK
	msgMinorUnit = "a minor unit of %s"
	// 400 days after 2026-11-30
	msgDaysAfter = "%d days after %s"
	// 10 days before 2026-11-30
	msgDaysBefore = "%d days before %s"
	// of part A1-2
	msgOfPart = "of part %s"
	// ; the file has no column for email
	hintNoColumn = "; the file has no column for %s"
	// ; the file has no column for email, and these were not understood: "Epst", "Adr"
	hintNotUnderstood = "; the file has no column for %s, and these were not understood: %s"

	// What fills the texts of order.other_period.

	msgWithoutPeriod = "without a period"
	// for period 2026-10
	msgForPeriod   = "for period %s"
	msgHasNoPeriod = "has no period"
	// is for period 2026-11
	msgIsForPeriod = "is for period %s"
	msgThisRun     = "for this run"
	// ; if it is the file of 2026-10 again, use --period 2026-10
	hintSamePeriod = "; if it is the file of %[1]s again, use --period %[1]s"
	// , such as this one with 2026-11 in front; if not, there is nothing to do
	hintNewReference = ", such as this one with %s in front; if not, there is nothing to do"
	msgCancelled     = "invoiced and cancelled"

	// Words and rules that cannot be read.

	// unknown step "sned"
	msgUnknownStep = "unknown step %q"
	// unknown order state "lost"
	msgUnknownState = "unknown order state %q"
	// severity "fatal" is not one of error, warning, off
	msgUnknownSeverity = "severity %q is not one of error, warning, off"
	// "30.02.2026" is not a date as YYYY-MM-DD
	msgNotDate = "%q is not a date as YYYY-MM-DD"
	// reference template "{perod}-1": {perod} is neither period nor a column
	msgTemplateField = "reference template %q: {%s} is neither period nor a column"
	// reference template "{period}-1" needs a period: give --period YYYY-MM
	msgTemplatePeriod = "reference template %q needs a period: give --period YYYY-MM"

	// Working files and the rows in them.

	// write working file: no space left on device
	msgWrite = "write working file: %w"
	// read working file: unexpected EOF
	msgRead    = "read working file: %w"
	msgDamaged = "working file is damaged"
	msgNoTable = "a record was added before its table"
	msgNoRow   = "the stored row has a form that this version does not know"
	// row 7 of lines.csv has number 101, but there are only 100 rows
	msgRowNumber = "row %d of %s has number %d, but there are only %d rows"
	// row 7 of lines.csv was already stored
	msgRowTwice = "row %d of %s was already stored"
	// input row number 6 of 100 was lost after it was read
	msgRowLost = "input row number %d of %d was lost after it was read"
	// compare with run 20261130-1: amount out of range
	msgCompare = "compare with run %s: %w"

	// Events, as the table of the lifecycle and its page name them.
	msgEventPlanned    = "planned"
	msgEventResumed    = "a run or refresh begins"
	msgEventBegun      = "request about to leave"
	msgEventUnsent     = "certainly not sent"
	msgEventThrottled  = "turned away: too many requests"
	msgEventWithdrawn  = "request not made"
	msgEventHeld       = "customer held"
	msgEventUnsendable = "cannot be sent today"
	msgEventRefused    = "refused"
	msgEventLost       = "answer unknown"
	msgEventLive       = "one live, agrees"
	msgEventAdopted    = "one live of another program, agrees"
	msgEventDiffers    = "one live, differs or does not tell"
	msgEventSeveral    = "two or more live"
	msgEventForeign    = "another program's open session"
	msgEventDeclined   = "only failed, all accounted for"
	msgEventVoided     = "cancelled"
	msgEventPending    = "pending"
	msgEventUnpaid     = "own session, unpaid"
	msgEventSpent      = "only failed, not all accounted for"
	msgEventNothing    = "nothing"
	msgEventLookFailed = "look-up failed"
	msgEventCapturing  = "capture about to leave"
	msgEventUncaptured = "not captured as far as seen"
	msgEventNoCapture  = "capture refused"
)
