package batch

// What the package tells users. A text with values has an example above it.
const (
	// no call was made: another run of the account is in progress
	msgNoCall = "no call was made: %w"
	// cannot make a working file: no space left on device
	msgWorkingFile = "cannot make a working file: %w"
	// accounts of run 20261122-173005-1f4a12: the journal is damaged: unexpected end of JSON input
	msgAccountsDamaged = "accounts of run %s: %w: %w"
	// stopped while the input was being read; nothing was sent
	msgStoppedReading = "%w while the input was being read; nothing was sent"
	// the orders are in the journal, but the report could not be written: make it with `kravia-batch report --run
	// 20261122-173005-1f4a12`
	msgNoReport = "the orders are in the journal, but the report could not be written: " +
		"make it with `kravia-batch report --run %s`"
	// run 20261122-173005-1f4a12 has no report, because it did not finish reading its input; it sent nothing
	msgUnread = "run %s has no report, because it did not finish reading its input; it sent nothing"
)

// Input files.
const (
	hintCorrectRules = "correct the profile or the setting"

	// october.csv was read before, by run 20261122-173005-1f4a12; what that run invoiced is not invoiced again
	msgReadBefore = "%s was read before, by run %s; what that run invoiced is not invoiced again"

	// the same line is in row 17 of october.csv too; it would be billed twice
	msgLineTwice  = "the same line is in row %d of %s too; it would be billed twice"
	hintLineTwice = "give one of the files, or delete the line from one of them"

	// 120 rows were counted and 118 were read: the file changed in between
	msgFileChanged  = "%d rows were counted and %d were read: the file changed in between"
	hintFileChanged = "wait until the file is complete, then run again"

	// the file is given together with its corrections october.corrections.xlsx; its lines would be billed twice
	msgCorrected  = "the file is given together with its corrections %s; its lines would be billed twice"
	hintCorrected = "give the corrected workbook alone, and keep the old file elsewhere; " +
		"two files of one name from different folders need a run each"

	// in/customers.csv and in/customers.xlsx are both the register customers of the profile
	msgTwoForRegister  = "%s and %s are both the register %s of the profile"
	hintTwoForRegister = "give one of them"

	// no file of lines is given: by the profile, customers.csv is the register customers
	msgNoLines = "no file of lines is given: by the profile, %s"
	// customers.csv is the register customers
	msgIsRegister = "%s is the register %s"
	hintNoLines   = "give the file with the lines too"

	// in/customers.csv and in/items.csv have the same content, but one is read as register customers and the other as
	// register items
	msgTwoKinds  = "%s and %s have the same content, but one is read as %s and the other as %s"
	hintTwoKinds = "give each its own file"

	msgNoCorrections = "no corrections workbook is written, because the profile needs other rows or sheets of the " +
		"file to read the lines; correct the export itself: each problem names its place"
)

// Rows that a fault of this program lost or doubled.
const (
	msgLostRows = "rows were lost or doubled inside the program"
	// rows were lost or doubled inside the program: 120 rows were read, but there is a row number 121; no call was made
	msgRowBeyond = "%w: %d rows were read, but there is a row number %d; no call was made"
	// rows were lost or doubled inside the program: row number 17 of october.csv was grouped twice; no call was made
	msgRowTwice = "%w: row number %d of %s was grouped twice; no call was made"
	// rows were lost or doubled inside the program: 120 rows of october.csv were read and 119 were grouped, row number
	// 17 is missing; no call was made
	msgRowMissing = "%w: %d rows of %s were read and %d were grouped, row number %d is missing; no call was made"
)

// Control totals.
const (
	// control total: 120 rows were expected and 118 were read; no call was made
	msgControlTotal = "%w: %s; no call was made"
	// 120 rows were expected and 118 were read
	msgExpectedRows = "%d rows were expected and %d were read"
	// a total of 251 116.31 NOK was expected and the rows add up to 250 000.00 NOK including VAT
	msgExpectedSum = "a %s of %s was expected and the rows add up to %s %s"
	// no total in EUR was expected and the rows add up to 1 184.66 EUR including VAT
	msgUnexpectedSum = "no %s in %s was expected and the rows add up to %s %s"
	// a total of 1184.66 was expected without a currency, and the rows add up to 1 184.66 EUR and 251 116.31 NOK
	// including VAT: name the currencies, as in --expect-total "1184.66 EUR,251116.31 NOK"
	msgNoCurrency = "a %s of %s was expected without a currency, and the rows add up to %s %s: " +
		`name the currencies, as in %s "1184.66 EUR,251116.31 NOK"`
	// a net or a VAT was expected, but the VAT of 2 of 120 rows with an amount cannot be computed: correct the rows
	// that `kravia-batch check` names
	msgVATUnknown = "a net or a VAT was expected, but the VAT of %d of %d rows with an amount cannot be computed: " +
		"correct the rows that `kravia-batch check` names"
)

// Orders.
const (
	// the reference was used before for other content: 1 250.00 NOK to Nordmann AS, now 1 500.00 NOK to Nordmann AS;
	// that order is invoiced
	msgConflict      = "the reference was used before for other content: %s to %s, now %s to %s; that order is %s"
	hintNewReference = "give the order a new reference if it is to be invoiced as it stands now; " +
		"otherwise correct the row"
	hintSendInvoice = "send the invoice to the customer"

	// order 1001 of run 20261022-173005-1f4a12 is in doubt (order.in_doubt), and this input has no valid order with
	// the same reference and content; every run and every refresh looks it up until the answer is clear
	msgUnclear = "order %s of run %s is %s (%s), and this input has no valid order with the same reference and " +
		"content; every run and every refresh looks it up until the answer is clear"
	msgAnswerLost = "its answer was lost"
	// 12 more orders of earlier runs are in doubt or in conflict
	msgMoreUnclear = "%d more orders of earlier runs are in doubt or in conflict"
	// order 1001 of run 20261022-173005-1f4a12 was in doubt and is invoiced now; `kravia-batch report --run
	// 20261022-173005-1f4a12` makes that run's report again
	msgCleared = "order %s of run %s was %s and is %s now; `kravia-batch report --run %s` makes that run's report again"
	// 12 more orders of other runs are no longer in doubt or in conflict
	msgMoreCleared = "%d more orders of other runs are no longer in doubt or in conflict"
)

// The account and its documents.
const (
	// the provider says that the account does not have the product kravia.invoice_b2c in SEK: orders of this run that
	// need it: 12; the run goes on; if they are rejected, ask Dintero to enable it
	msgAccountLacks = "the provider says that the account does not have %s: orders of this run that need it: %d; " +
		"the run goes on; if they are rejected, ask Dintero to enable it"
	// the product kravia.invoice_b2c in SEK
	msgProductIn = "the product %s in %s"
	// the invoice channel merchant
	msgInvoiceChannel = "the invoice channel %s"
	// documents that could not be fetched: 3, the first that of order 1001: provider.not_found (HTTP 404);
	// `kravia-batch refresh --documents invoices` fetches what is missing
	msgDocumentsMissing = "documents that could not be fetched: %d, the first that of %s; " +
		"`kravia-batch refresh --documents %s` fetches what is missing"
)

// The report.
const (
	msgHeld = "some rows are invalid and the run was told to send nothing then"
	// this was the last shard to finish; the report over all shards: reports/20261122-173005-1f4a12-whole.xlsx
	msgWholeReport = "this was the last shard to finish; the report over all shards: %s"
	// the report lacks the rows of these shards, because they have not run: 1/4, 3/4
	msgShardsMissing = "the report lacks the rows of these shards, because they have not run: %s"
	// the report is not compared with an earlier run: row 3: unexpected end
	msgNotCompared = "the report is not compared with an earlier run: %s"

	msgDaysUntilDue = "days until due, where the row says nothing"
	msgChannel      = "invoice channel, where the row says nothing"
)
