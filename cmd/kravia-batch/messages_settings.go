package main

// What the program says about commands, flags, settings, accounts and places.

// Commands, flags and their values.
const (
	// there is no command "rnu" (did you mean run?); `kravia-batch help` lists them
	msgNoCommand = "there is no command %q%s; `kravia-batch help` lists them"
	// (did you mean run?)
	msgDidYouMean = " (did you mean %s?)"
	// there is no completion for "tcsh"; see `kravia-batch completion --help`
	msgNoCompletion = "there is no completion for %q; see `%s --help`"
	// unknown flag: --dryrun (did you mean --dry-run?); see `kravia-batch run --help`
	msgSeeHelp = "%w%s; see `%s --help`"
	// `kravia-batch report` takes no arguments, got "november.csv"
	msgNoArguments = "`%s` takes no arguments, got %q"
	// `kravia-batch run` needs a FILE, a folder, or - for standard input; see `kravia-batch run --help`
	msgNeedsFile = "`%s` needs a FILE, a folder, or - for standard input; see `%s --help`"
	// `kravia-batch journal copy` needs FROM and TO; see `kravia-batch journal copy --help`
	msgFromAndTo = "`%[1]s` needs FROM and TO; see `%[1]s --help`"
	// `kravia-batch approve` needs one plan; see `kravia-batch approve --help`
	msgOnePlan = "`%[1]s` needs one plan; see `%[1]s --help`"
	// `kravia-batch explain` needs one FILE and --row N
	msgExplainNeedsFile = "`%s` needs one FILE and --row N"
	// explain takes one file with lines, not 2: a.csv, b.csv
	msgExplainOneFile  = "explain takes one file with lines, not %d: %s"
	msgExplainNeedsRow = "explain needs --row N, the row as a spreadsheet shows it"
	msgVoidNeedsRun    = "void needs --run RUN; `kravia-batch runs` lists them"
	msgNoAuthor        = "say who plans with --by NAME"
	msgNoApprover      = "say who approves with --by NAME"

	// --period is empty: give a value, or leave the flag out
	msgEmptyFlag = "--%s is empty: give a value, or leave the flag out"
	// --limit "99999999999999999999" is too large
	msgTooLarge = "%s %q is too large"
	// --limit "abc" is not a whole number
	msgMisread   = "%s %q is not %s"
	wordInt      = "a whole number"
	wordNumber   = "a number"
	wordBool     = "true or false"
	wordDuration = "a duration such as 30s or 5m"
	wordList     = "a list such as a,b"
	// --concurrency 0 is too small: it must be at least 1
	msgTooSmall = "--%s %d is too small: it must be at least %d"
	// --days-until-due 400 is outside 0 to 365
	msgOutside = "--%s %d is outside 0 to %d"
	// --expect-rows -2 is negative
	msgNegative = "--%s %d is negative"
	// --latency -1s is negative
	msgNegativeTime = "--%s %s is negative"

	// --log-level "loud" is not debug, info, warn or error
	msgLogLevel = "--log-level %q is not debug, info, warn or error"
	// --log-format "xml" is not text or json
	msgLogFormat = "--log-format %q is not text or json"
	// --period "2026-13" is not a month as YYYY-MM, nor previous-month
	msgPeriod = "--period %q is not a month as YYYY-MM, nor %s"
	// inbox/{period} has {period} in it, and there is no --period
	msgNoPeriod = "%s has %s in it, and there is no --period"
	// --control 2026-11.yaml: it has no control total; no call was made
	msgControl      = "--control %s: %w; no call was made"
	msgControlEmpty = "it has no control total"
	// "rows" is not a control total (did you mean expect-rows?); the control totals are expect-rows, expect-total
	msgControlKey = "%q is not a control total%s; the control totals are %s"
	// --expect-rows and --control 2026-11.yaml both say how much to expect: keep one of them
	msgControlTwice = "--%s and --control %s both say how much to expect: keep one of them"
	// expect-rows "many" is not a number of rows
	msgControlRows = "%s %q is not a number of rows"
	// --invoice-channel "post" is not kravia or merchant
	msgChannel = "--invoice-channel %q is not kravia or merchant"
	// --prices "net" is neither incl_vat nor excl_vat
	msgPrices = "--prices %q is neither incl_vat nor excl_vat"
	// --prices incl_vat contradicts the profile fortnox, which says prices: excl_vat
	msgPricesContradict = "--prices %s contradicts the profile %s, which says prices: %s"
	// --expect-total "1,5": write an amount with a dot and no spaces, such as 12345.50, or amounts with their
	// currencies, such as "1184.66 EUR,251116.31 NOK"
	msgExpectedSum = "%s %q: write an amount with a dot and no spaces, such as 12345.50, or amounts with their " +
		"currencies, such as \"1184.66 EUR,251116.31 NOK\""
	// --expect-total names NOK twice
	msgCurrencyTwice = "%s names %s twice"
	// --flow "three-step" is not one-step, two-step or two-step-profile
	msgFlow = "--flow %q is not one-step, two-step or two-step-profile"
	// --flow two-step needs --return-url: any https page of yours, such as https://www.example.com/thanks
	msgNeedsReturnURL = "--flow %s needs --return-url: any https page of yours, such as https://www.example.com/thanks"
	// --return-url is not an https address
	msgAddress         = "--%s is %w"
	msgReturnURLUnused = "--return-url is for the two-step flows; one step does not use it"
	// --on-invalid "ask" is not skip or stop
	msgOnInvalid = "--on-invalid %q is not skip or stop"
	// --deadline "soon" is neither a duration such as 2h nor a time such as 2026-12-01T06:00:00Z
	msgDeadline = "--deadline %q is neither a duration such as 2h nor a time such as 2026-12-01T06:00:00Z"
	// --deadline 2020-01-01T00:00:00Z has passed: nothing could be sent
	msgDeadlinePassed = "--deadline %s has passed: nothing could be sent"
	// --resend-after -5s leaves no time for the answer to the request before: give one such as 10m
	msgResendAfter = "--resend-after %s leaves no time for the answer to the request before: give one such as 10m"
	// --resend-after 1m59s is too short: an answer may take --timeout 1m0s, so that it must be at least 2m0s, or
	// the same order could be invoiced twice
	msgResendTooShort = "--resend-after %s is too short: an answer may take --timeout %s, so that it must be at " +
		"least %s, or the same order could be invoiced twice"
	// --rate NaN is not a number of requests per second; 0 means no limit
	msgRate = "--rate %v is not a number of requests per second; 0 means no limit"
	// --timeout 0s leaves no time for an answer: give one such as 60s
	msgTimeout = "--timeout %s leaves no time for an answer: give one such as 60s"
	// --shard "2/2" is not I/N with I from 0 to N-1
	msgShard             = "--shard %q is not I/N with I from 0 to N-1"
	msgShardNeedsJournal = "--shard needs a shared journal: --journal postgres://…"
	msgShardPlan         = "--plan is for a whole run, not for a --shard"
	msgDryRunPlan        = "--dry-run and --plan do not go together: the plan is the dry run"
	// --postings-from "november" is not a day as YYYY-MM-DD
	msgPostingsFrom = "--postings-from %q is not a day as YYYY-MM-DD"
	// --csv "tab" is not plain or excel
	msgCSV = "--csv %q is not plain or excel"
	// --language "de" is not one of en, no, sv, fi
	msgLanguage = "--language %q is not one of %s"
	// --model "old" is not authorized or captured
	msgModel = "--model %q is not authorized or captured"
	// prune needs --before YYYY-MM-DD, such as 2026-01-01, and "soon" is not a day
	msgPruneDay = "prune needs --before YYYY-MM-DD, such as 2026-01-01, and %q is not a day"
	// --before 2036-01-01 is in the future
	msgBeforeFuture = "--before %s is in the future"
	// --notify is not a URL such as https://host/path
	msgNotURL           = "--%s is not a URL such as https://host/path"
	msgPushgatewayQuery = "--pushgateway has a query or a fragment; give its base URL"
	// --output "my.txt" does not end in .yaml
	msgNotYAML = "--output %q does not end in .yaml"
	// --output "my.txt" does not end in .xlsx or .csv
	msgNotATable = "--output %q does not end in .xlsx or .csv"
	// --output plan.xlsx: the plan is JSON, and .xlsx is its preview beside it
	msgPlanIsJSON = "--output %s: the plan is JSON, and .xlsx is its preview beside it"
	// november.plan.json exists: a plan is never written over, give another with --output
	msgPlanExists = "%w: a plan is never written over, give another with --output"
	// my.yaml is there already and is not overwritten; give another name with --output
	msgOutputExists = "%s is there already and is not overwritten; give another name with --output"
)

// Settings of the environment and of --config.
const (
	// KRAVIA_BATCH_RAET in the environment is not a setting (did you mean KRAVIA_BATCH_RATE?)
	msgUnknownVariable = "%s in the environment is not a setting%s"
	// --config settings.yaml: "rat" is not a setting (did you mean rate?); the settings are the names of the flags
	msgUnknownKey = "--config %s: %q is not a setting%s; the settings are the names of the flags"
	// --config settings.yaml: journal needs a value, or a list of values
	msgKeyNeedsValue = "--config %s: %s needs a value, or a list of values"
)

// Accounts, credentials and places.
const (
	// --account "12345678" is not T or P followed by eight digits
	msgAccount = "--account %q is not T or P followed by eight digits"
	// --sandbox has an account of its own, so --account T12345678 would be ignored: give only one of the two
	msgSandboxAccount = "--sandbox has an account of its own, so --account %s would be ignored: give only one of " +
		"the two"
	msgSandboxLive = "--sandbox and --live exclude each other: the sandbox makes no real invoices"
	msgNoAccount   = "give --account T12345678 (test) or P12345678 --live (production), or rehearse with --sandbox"
	// account P12345678 is a production account: real invoices need --live too
	msgNeedsLive = "account %s is a production account: real invoices need --live too"
	// --live is for production accounts (P…), and T12345678 is a test account
	msgLiveTest      = "--live is for production accounts (P…), and %s is a test account"
	wordClientID     = "client id"
	wordClientSecret = "client secret"
	// the API client id is missing: give --client-id, or set DINTERO_CLIENT_ID or DINTERO_CLIENT_ID_FILE
	msgNoCredential = "the API %s is missing: give --%s, or set %s or %s_FILE"
	// --client-secret-file: secret.txt is empty
	msgSecretEmpty = "%s: %s is empty"
	// secret.txt can be read by everybody on this machine (mode 0644); 0400 is enough
	msgSecretReadable = "%s can be read by everybody on this machine (mode %04o); 0400 is enough"

	msgNoHome        = "there is no home folder to keep the journal in: give --state DIR"
	msgStateIsFolder = "--state is a folder; a shared journal is given with --journal"
	// --state notes.txt is a file: give the folder that holds journal.db, or is to hold it
	msgPlaceIsFile = "--%s %s is a file: give the folder that holds journal.db, or is to hold it"
	// make the state folder: permission denied (give another with --state)
	msgStateFolder = "make the state folder: %w (give another with --state)"
	// 127.0.0.1:8089 is in use: try --listen 127.0.0.1:0, which takes a free port
	msgAddressInUse = "%s is in use: try --listen 127.0.0.1:0, which takes a free port"
	// sandbox: http://127.0.0.1:8089/v1 plays account T12345678
	msgSandbox = "sandbox: http://%s/v1 plays account %s"
)
