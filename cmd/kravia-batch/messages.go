package main

// What the commands tell users. A text with values has an example above it.

// What a run did, and what to do next.
const (
	// TEST, account T12345678, run 20261122-180940-8c5431
	msgRunHead = "%s, account %s, run %s"
	// 3 warnings: see the report's Problems sheet
	msgWarnings = "%s: see the report's Problems sheet"
	// 2 rows invalid: the report's Problems sheet says why; correct them in the file and run again
	msgInvalid = "%s invalid: the report's Problems sheet says why; correct them in the file and run again"
	// 2 rows rejected or failed: no invoice was created; the report says why. Fix the cause and run again
	msgRejected = "%s rejected or failed: no invoice was created; the report says why. Fix the cause and run again"
	// 1 order cancelled: to invoice it again, give it a new reference
	msgVoided = "%s cancelled: to invoice it again, give it a new reference"
	// 57 rows not attempted: run the same command again to go on
	msgNotAttempted = "%s not attempted: run the same command again to go on"
	// 1 order in conflict: its reference exists with other content; the report shows both, you decide
	msgConflict = "%s in conflict: its reference exists with other content; the report shows both, you decide"
	// 1 order in doubt: sent, but the answer is not known; `kravia-batch refresh` or another run looks it up
	msgInDoubt = "%s in doubt: sent, but the answer is not known; `kravia-batch refresh` or another run looks it up"
	// collection has not started for 1 order: the invoice exists but is not captured; run the same command
	// again, and if the report still says so, capture it at the provider
	msgNotCaptured = "collection has not started for %s: the invoice exists but is not captured; run the same " +
		"command again, and if the report still says so, capture it at the provider"
	// 3 orders registered: the invoice number comes later; `kravia-batch refresh` gets it
	msgRegistered = "%s registered: the invoice number comes later; `kravia-batch refresh` gets it"
	msgAllDone    = "All rows are invoiced or registered. Nothing left to do."
	// 2 rows of another period, which the report's Problems sheet lists (order.other_period), among them:
	msgOtherPeriod = "%s of another period, which the report's Problems sheet lists (order.other_period), among them:"
	// left out by the profile: 3 rows, 1 200.00 NOK
	msgLeftOut = "left out by the profile: %s"
	// credits to make by hand: 1 order, -99.00 NOK
	msgCredits = "credits to make by hand: %s"
	// run 20261122-180940-8c5431 was made on P12345678 (live), not on T12345678 (test)
	msgOtherAccount = "run %s was made on %s (%s), not on %s (%s)"
	// there is no run 20261122-180940-8c5431 in this journal; `kravia-batch runs` lists them
	msgNoSuchRun = "there is no run %s in this journal; `kravia-batch runs` lists them"
	// there is no run of account T12345678 in this journal
	msgNoRun  = "there is no run of account %s in this journal"
	msgNoRuns = "no runs yet"
	// --format: run 20261122-180940-8c5431 has no such report: there are no accounts; a profile that has them can
	// be given with --profile
	msgNoLedgerReport = "--format: run %s has no such report: %w; a profile that has them can be given with --profile"
	// 30 documents fetched into invoices
	msgFetched = "%s fetched into %s"
)

// Questions, and signals.
const (
	// Cancel 3 invoices at the provider? [yes/no]
	msgYesNo = "%s [yes/no] "
	// Cancel 3 invoices at the provider?
	msgAskVoid      = "Cancel %s at the provider?"
	msgNotCancelled = "nothing was cancelled"
	// LIVE, account P12345678: send 30 orders, 251 116.31 NOK incl. VAT as real invoices?
	msgAskLive = "LIVE, account %s: send %s as real invoices?"
	// LIVE, account P12345678: send the first 3 of 30 orders, 251 116.31 NOK incl. VAT as real invoices?
	msgAskLiveLimit = "LIVE, account %s: send the first %d of %s as real invoices?"
	msgNothingSent  = "nothing was sent"
	// nothing was cancelled: the input ended without an answer (answer yes, or give --yes)
	msgNoAnswer = "%s: the input ended without an answer (answer yes, or give --yes)"
	// nothing was cancelled: answer with the whole word yes, or give --yes
	msgNotYes          = "%s: answer with the whole word yes, or give --yes"
	msgNothingToCancel = "nothing to cancel: no order of the run has a live invoice"
	// 3 invoices cancelled, 1 left as they are
	msgCancelled    = "%s cancelled, %d left as they are"
	msgStopping     = "stopping: nothing new is started, what is under way ends (a second signal stops at once)"
	msgSecondSignal = "interrupted by a second signal: what was done is in the journal, the same command goes on"
	// interrupted by a signal before the end
	msgCutOff = "%w before the end"
)

// What a file holds.
const (
	// 30 orders, 251 116.31 NOK incl. VAT can be sent
	msgCanBeSent = "%s can be sent"
	// dry run, nothing was sent; a run would send 30 orders, 251 116.31 NOK incl. VAT
	msgDryRun = "dry run, nothing was sent; a run would send %s"
	// 2 orders in the journal as invoiced
	msgInJournal = "%s in the journal as %s"
	// 60 rows in 30 orders; 2 rows in 1 order cannot be sent
	msgTotals = "%s in %s; %s in %s cannot be sent"
	// VAT 25.00 %  net 1 000.00 NOK  VAT 250.00 NOK  gross 1 250.00 NOK
	msgVATRow = "  VAT %6s %%  net %18s  VAT %16s  gross %18s"
	// rows that cannot be sent: 99.00 NOK incl. VAT, as far as it could be read
	msgHeldBack    = "  rows that cannot be sent: %s incl. VAT, as far as it could be read"
	wordAnd        = " and "
	wordInclVAT    = " incl. VAT"
	msgCorrections = "to correct, save and check again (bad cells are coloured and explained):"
	// fix: write it as name@example.com with plain letters
	msgFix = "fix: %s"
	// 1 row waits for another row of its order
	msgRowWaits = "1 row waits for another row of its %s"
	// 103 rows wait for another row of their file
	msgRowsWait = "%s wait for another row of their %s"
	// … and 12 more
	msgMore = "… and %d more"
	// register customers, 120 rows
	msgRegister = "register %s, %s"
	// november.csv, how its columns are read:
	msgHowRead = "%s, how its columns are read:"
	msgColumns = "Columns, in any order; other names are understood too, see samples/README.md:"

	msgNoQuestion  = "no question is open; read the draft all the same"
	msgOneQuestion = "1 question is open: answer it in the file and delete its comment"
	// 3 questions are open: answer each in the file and delete its comment
	msgQuestions = "%d questions are open: answer each in the file and delete its comment"
	// then: kravia-batch check --profile my.yaml --period YYYY-MM november.csv
	msgThenCheck = "then: kravia-batch check --profile %s %s%s"
)

// Plans and approvals.
const (
	// to be sent: 30 orders, 251 116.31 NOK
	msgToBeSent     = "to be sent: %s"
	msgPlanWritten  = "PLAN, nothing was sent:"
	msgNoEarlierRun = "no earlier run to compare with"
	// compared with run 20261022-180940-8c5431, period 2026-10: 12 customers
	msgCompared = "compared with run %s: %s"
	// , period 2026-10
	msgOfPeriod = ", period %s"
	// changed by more than 30 %
	msgChanged = "changed by more than %d %%"
	// … and 12 more in the preview
	msgMoreInPreview = "… and %d more in the preview"
	// next, another person: kravia-batch approve november.plan.json --by NAME
	msgNextApprove = "next, another person: kravia-batch approve %s --by NAME"
	// then: kravia-batch run --plan november.plan.json november.csv
	msgThen = "then: %s"
	// approved: november.plan.json, 30 orders, 251 116.31 NOK of account T12345678 (test), planned by Ola Nordmann
	// for 2026-11-22
	msgApproved   = "approved: %s, %s of account %s (%s), planned by %s for %s"
	msgOnlyAuthor = "approved by its author only: run --four-eyes refuses it until somebody else approves it too"
)

// How one row was read.
const (
	// november.csv row 17
	msgPlace = "%s row %d"
	// november.xlsx, sheet Lines, row 17
	msgSheetPlace = "%s, sheet %s, row %d"
	// the row was passed over: its sum is that of the rows before
	msgRowPassed = "the row %s"
	// row 99 of november.csv is no line; the last one is in row 61
	msgRowNoLine = "row %d of %s is no line; the last one is in row %d"
	// row 17 is in no order
	msgRowInNoOrder = "row %d is in no order"
	msgHeadRead     = "read (header, column, cell as the file shows it → what it became, how the header was " +
		"understood)"
	msgNotTaxed = "not computed: see the problems"
	// net 79.20 NOK + VAT 19.80 NOK = gross 99.00 NOK at 25 %
	msgTaxedAt      = "%s at %s %%"
	msgHeadItem     = "sent as this item of the order's request"
	msgOrderNotSent = "the order is not sent"
	msgNoOrder      = "in no order: the row has no reference"
	// order 1001-2026-11, derived from {customer_number}-{period}
	msgOrderDerived = "order %s, derived from %s"
	msgOnlyRow      = "the only row of its order"
	//  and 3 more
	msgAndMore = " and %d more"
	// together with row 18, 19 and 3 more
	msgTogether = "together with row %s%s"
	// , in NOK
	msgInCurrency = ", in %s"
	msgHeadOrder  = "normalised, the order as a whole"
	// ended, in the journal of T12345678
	msgHeadEnded = "ended, in the journal of %s"
	// the journal has this reference with other content than the file: as it stands here the order would be
	// a conflict
	msgDiffers = "the journal has this reference with other content than the file: as it stands here the order " +
		"would be a %s"
	// 4 460.40 NOK, of it VAT 892.08 NOK, in 2 lines
	msgOrderSum = "%s, of it VAT %s, in %s"
	// net 79.20 NOK + VAT 19.80 NOK = gross 99.00 NOK
	msgTaxSum = "net %s + VAT %s = gross %s"
	// the amount is without VAT: gross = net × (100 + rate) / 100 = 79.20 NOK × 125 / 100 = 99.00 NOK, rounded half
	// up; VAT = gross − net
	msgTaxWithout = "%s is without VAT: gross = net × (100 + rate) / 100 = %s × %s / 100 = %s, rounded half up; " +
		"VAT = gross − net"
	// the amount includes VAT: VAT = gross × rate / (100 + rate) = 99.00 NOK × 25 / 125 = 19.80 NOK, rounded half up
	msgTaxWith = "%s includes VAT: VAT = gross × rate / (100 + rate) = %s × %s / %s = %s, rounded half up"
	// ; VAT is rounded on the sum of the order's lines at this rate, and this line bears the difference of 0.01 NOK
	msgTaxDifference = "; VAT is rounded on the sum of the order's lines at this rate, and this line bears the " +
		"difference of %s"
	wordAmount        = "the amount"
	wordQuantityPrice = "quantity × unit price"
	wordLessDiscount  = " less the discount"
	wordConstant      = "a constant of the profile"
	wordDefault       = "a default of the profile"
	wordDefaultUnless = "a default of the profile, unless another row of the order says it"
	wordByProfile     = "by the profile"
	wordOnlyCopied    = "not used, only copied to the report"
	wordDaysUntilDue  = "days until due"
	stateUnknown      = "not in the journal"
	// request of order 1001: unexpected end of JSON input
	msgRequestOf = "request of order %s: %w"
)

// What a run needs of the settings, the provider and the machine.
const (
	msgNothingInTheWay  = "nothing is in the way of a run"
	msgInTheWay         = "a run would send nothing: correct what failed, and check again"
	msgNoAccountYet     = "credentials belong to an account: correct the account first"
	msgSandboxNeedsNone = "the sandbox needs none, and has every product"
	hintNetwork         = "check --base-url, the network and its proxy, or try again later"
	// check that the client id and secret are those of an API client of account T12345678 in Backoffice
	hintCredentials = "check that the client id and secret are those of an API client of account %s in Backoffice"
	msgToken        = "the provider gave a token"
	// answered 403; the API client may lack the scope read:checkout; the answer to the first order will tell
	msgNoCheckout       = "%s; the API client may lack the scope read:checkout; the answer to the first order will tell"
	checkPaymentProfile = "payment profile"
	// default: answered 404; see that it is the id of a profile in Backoffice
	msgNoPaymentProfile = "%s: %s; see that it is the id of a profile in Backoffice"
	// default is there
	msgPaymentProfile = "%s is there"
	msgNoClock        = "the provider did not say what time it is"
	// it differs from the provider's by 3m0s: have it set by NTP, since invoices are dated by it
	msgClockDiffers = "it differs from the provider's by %s: have it set by NTP, since invoices are dated by it"
	msgClockAgrees  = "agrees with the provider's"
	msgNoProducts   = "the provider names no products; the answer to the first order will tell"
	msgProductOff   = "not enabled: orders of this product will be rejected; ask Dintero to enable it if you need it"
	// enabled; currencies: NOK, SEK; invoice channel of the account: kravia
	msgProductOn  = "enabled; currencies: %s; invoice channel of the account: %s"
	wordNotTold   = "not known"
	checkChannels = "invoice channels"
	msgNoChannels = "the provider does not name those that are supported"
	// only kravia: orders with another invoice_channel will be rejected
	msgSomeChannels  = "only %s: orders with another invoice_channel will be rejected"
	msgSharedJournal = "the database of --journal"
	// /var/lib/kravia-batch/journal.db: there is none yet, a run will make it
	msgJournalToMake = "%s: there is none yet, a run will make it"
	// /var/lib/kravia-batch/journal.db: sound, with the schema of this program
	msgJournalSound = "%s: sound, with the schema of this program"
	// the journal is locked by another run: another run leaves with exit code 7 until that ends
	msgLockHeld = "%s: another run leaves with exit code %d until that ends"
	// no run of account T12345678 is under way
	msgLockFree     = "no run of account %s is under way"
	msgCertificates = "the system has CA certificates"
	msgTimeZone     = "Europe/Oslo is known"
	wordToMake      = ", a run will make it"
	// the disk is full; make room, or give another with --reports
	msgOtherFolder = "%w; make room, or give another with %s"
	// /tmp: 900 MiB are free, a run will make it
	msgFolderFree = "%s: %d MiB are free%s"

	// cannot start, nothing was sent: the reports folder cannot be made
	msgCannotStart = "cannot start, nothing was sent: %w"
	// the time zone Europe/Oslo, by which invoices are dated, is not known here: unknown time zone
	msgNoTimeZone = "the time zone Europe/Oslo, by which invoices are dated, is not known here: %w"
	// the CA certificates cannot be read: permission denied
	msgCertificatesUnread = "the CA certificates cannot be read: %w"
	msgNoCertificates     = "there are no CA certificates, so no TLS connection can be trusted: install " +
		"ca-certificates, or name a bundle in SSL_CERT_FILE"
	// the reports folder cannot be made: permission denied
	msgFolderNotMade = "the %s folder cannot be made: %w"
	// the reports folder cannot be written: permission denied
	msgFolderNotWritable = "the %s folder cannot be written: %w"
	// the free space of the state folder /var/lib/kravia-batch is not known: permission denied
	msgFreeUnknown = "the free space of the %s folder %s is not known: %w"
	// the disk of the state folder /var/lib/kravia-batch is nearly full: 63 MiB are free, 64 are needed
	msgDiskFull = "the disk of the %s folder %s is nearly full: %d MiB are free, %d are needed"
)

// Care of the journal.
const (
	msgNothingToPrune = "there is no journal to prune; see --state and --journal"
	// kept run 20261022-180940-8c5431: some of its orders have not ended; see `kravia-batch refresh --run
	// 20261022-180940-8c5431`
	msgRunKept = "kept run %s: some of its orders have not ended; see `kravia-batch refresh --run %s`"
	// pruned 12 runs, and 360 orders of them
	msgPruned = "pruned %s, and %s of them"
	// copied 1200 rows; give TO as the journal from now on, and move FROM away
	msgCopied = "copied %s; give TO as the journal from now on, and move FROM away"
)

// Notices of how a command ended.
const (
	// kravia-batch 1.2.0 run: test T12345678 20261122-180940-8c5431
	// exit code 0: done, nothing is left to do
	msgNotice      = "%s\nexit code %d: %s"
	msgNotBalanced = "NOT BALANCED: rows or money in are not rows or money out"
	// could not notify --metrics-file, the outcome is the same: permission denied
	msgNotNotified = "could not notify --%s, the outcome is the same: %v"
	msgBadAddress  = "the address cannot be used"
	// answered 500
	msgAnswered = "answered %d"
	// exit code 99
	msgExitCode    = "exit code %d"
	exitDone       = "done, nothing is left to do"
	exitFault      = "unexpected error: see the log, then run it again"
	exitUsage      = "wrong settings, or something is missing here: see the log and correct it"
	exitIncomplete = "finished, but some rows were invalid, rejected or failed, or a capture was refused: see the " +
		"report"
	exitCredentials = "the provider refused the credentials"
	exitInput       = "the input was refused as a whole, no call was made: see the log"
	exitDoubt       = "something is in doubt or in conflict: refresh, then look at the report"
	exitLocked      = "another run holds the lock, no call was made: wait for it"
	exitStopped     = "stopped early, the rest is not attempted: run it again to go on"
	exitPlan        = "the plan does not hold any more, or is not approved: see the log, make a new plan"
	exitInterrupted = "interrupted, everything is journaled: run it again to go on"
)

// Names of exit codes, for the help.
const (
	codeUsage      = "wrong usage, settings or machine"
	codeIncomplete = "finished, but some rows are invalid, rejected or failed"
	codeInput      = "input refused as a whole"
	codeDoubt      = "something is in doubt or in conflict"
	codeLocked     = "another run of the account is under way"
	codePlan       = "the plan is refused"
)

// Settings that a report shows, which are keys of its words.csv.
const (
	shownPrices = "prices, where the row says nothing"
	// 5 per second
	shownRate    = "%g per second"
	shownDays    = "days until due, where the row says nothing"
	shownChannel = "invoice channel, where the row says nothing"
	shownSkip    = "skipped with their orders"
	shownStop    = "stop the run"
)

// The version.
const (
	// commit 3f9a12 of 2026-11-22T18:09:40Z,
	msgCommit    = "commit %s of %s, "
	wordModified = "with changes, "
)

// Metrics.
const (
	metricExitCode = "Exit code of the last run."
	metricDuration = "How long the last run took."
	metricSuccess  = "When a run last ended with exit code 0."
	metricEnd      = "When a run last ended, by its exit code."
)

// Titles of a help's parts, and texts of commands that have a help of their own.
const (
	headFirst    = "Flags"
	headInput    = "Input"
	headProvider = "Provider"
	headSending  = "Sending and safety"
	headReport   = "Report"
	headPlan     = "Plan and approval"
	headJournal  = "Account and journal"
	headCluster  = "Cluster and monitoring"
	headLogging  = "Settings and logging"

	usagePlanner    = "`name` of who plans (default: the user's name from the environment)"
	usageApprover   = "`name` of who approves"
	shortHelp       = "Show the help of a command"
	shortCompletion = "Print a script that completes commands in a shell"
	rootEnd         = "\"kravia-batch COMMAND --help\" tells more about a command. README.md shows how\n" +
		"the commands work together, and what to do after each exit code.\n"
)

// Manual pages.
const (
	manVariables = "Every flag can be set in the environment: \\-\\-days\\-until\\-due is " +
		"KRAVIA_BATCH_DAYS_UNTIL_DUE. A flag goes before the environment, and the environment before the file of " +
		"\\-\\-config."
	manCredentials     = "Id and secret of the API client."
	manCredentialFiles = "Files that hold them."
	manStateHome       = "Where your state folder is, in place of ~/.local/state."
	manTemporary       = "Folder for temporary files."
	manNoColor         = "If set, a terminal gets no colours."
	manNetwork         = "CA certificates, and the proxy of the network."
	manJournal         = "The journal: what was planned, sent and learned. Without it an order could be invoiced twice."
	manSandbox         = "What the sandbox has invoiced."
	manReports         = "Reports, unless \\-\\-reports names another folder."
)
