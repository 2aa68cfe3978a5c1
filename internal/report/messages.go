package report

// What the package tells users in English only. A text with values has an example above it. The texts of the workbook
// that are translated stand in words.csv, with the English text as their key in the code.
const (
	// Settings.

	// report format "pdf" is not one of xlsx, csv, postings, sie, json
	msgFormat = "report format %q is not one of %s"
	// language "de" is not one of en, no, sv, fi
	msgLanguage = "language %q is not one of %s"
	// there is no template as sie
	msgNoTemplate = "there is no template as %s"

	// Reading and proving the run.
	msgIncomplete = "the journal is damaged; run the file again, which invoices nothing twice"
	// row 17 of november.csv: its order A-1 is not in the run, or has fewer rows there: the journal is damaged; …
	msgOrderMissing = "row %d of %s: its order %s is not in the run, or has fewer rows there: %s"
	// order A-1 is in the run twice: the journal is damaged; …
	msgOrderTwice = "order %s is in the run twice: %s"
	// order A-1 has no final state
	msgOrderNoState = "order %s has no final state"
	// november.csv row 17 has no final state
	msgRowNoState = "%s row %d has no final state"
	// the report does not balance: rows: in 60, out 59; money in NOK: in 100.00, out 90.00
	msgImbalance = "the report does not balance: %s"
	// rows: in 60, out 59
	msgDifference = "%s: in %s, out %s"

	// What differs, and its two sides.
	msgRows    = "rows"
	msgLeftOut = "rows left out"
	msgPlace   = "place of a row in the input"
	// order A-1
	msgOrder   = "order %s"
	msgSomeRow = "one row or more"
	msgNoRow   = "no row"
	// money in NOK
	msgMoney = "money in %s"
	// rows of orders invoiced
	msgRowsOf = "rows of orders %s"
	// money of orders invoiced in NOK
	msgMoneyOf = "money of orders %s in %s"

	// Sums in words.

	// a sum too large to be shown NOK
	msgTooLarge = "a sum too large to be shown %s"
	// 3 without an amount
	msgWithout = "%d without an amount"
	msgAnd     = " and "
	msgAndMore = "and more"

	// Postings.

	// sie report: it is not written, because the report does not balance
	msgNotWritten = "%s report: it is not written, because the report does not balance"
	// format sie needs the accounts of your ledger: set accounts: {receivable: …, revenue: …, vat: …} in the profile
	msgNoAccounts = "format %s needs the accounts of your ledger: " +
		"set accounts: {receivable: …, revenue: …, vat: …} in the profile"
	// format sie takes accounts of digits alone, and the profile has "30A0": correct it, or use format postings
	msgAccountDigits = "format sie takes accounts of digits alone, and the profile has %q: " +
		"correct it, or use format postings"
	// not all can be posted: the profile has no account for VAT at 15 %
	msgUnposted  = "not all can be posted: %s"
	hintAccounts = "give the accounts with `kravia-batch report --profile FILE --format postings,sie`; " +
		"until then the postings mark such lines, and no SIE file is written"
	// the profile has no account for revenue at 25 % (treatment 3)
	msgNoAccount = "the profile has no account for %s at %s"
	// 25 % (treatment 3)
	msgTreatment = "%s %% (treatment %s)"
	// invoice INV-7 of 1 250.00 NOK must be posted by hand: the journal does not have its VAT by rate, because an
	// older version wrote it
	msgByHand = "invoice %s of %s must be posted by hand: the journal does not have its VAT by rate, " +
		"because an older version wrote it"
	// invoice INV-7 must be posted by hand: the day is not known
	msgNoDay = "invoice %s must be posted by hand: the day is not known"
	// an SIE file has one currency, and the vouchers are in NOK, SEK: use --format postings
	msgSIECurrencies = "an SIE file has one currency, and the vouchers are in %s: use --format postings"
	// an SIE file is in code page 437, which cannot have these cost centers as they are: "Øst"; rename them in
	// your ledger and the input, or use --format postings
	msgSIECenters = "an SIE file is in code page 437, which cannot have these cost centers as they are: %s; " +
		"rename them in your ledger and the input, or use --format postings"

	// The corrections workbook.
	msgNoSheet = "the file does not fit one sheet of a workbook"
	// the file does not fit one sheet of a workbook: it has 1100 columns
	msgColumns = "%w: it has %d columns"
	// the file does not fit one sheet of a workbook: it ends in row 1048580
	msgEnds = "%w: it ends in row %d"
	// the file does not fit one sheet of a workbook: it has a record in row 1048580
	msgRecord = "%w: it has a record in row %d"
	// the file does not fit one sheet of a workbook: a cell is longer than 32767 characters
	msgLongCell = "%w: a cell is longer than %d characters"
	msgFooter   = "this row is skipped when the file is read, because of skip_footer in the profile: keep it last"
	// the amount is missing → fill in the amount
	msgProblem = "%s → %s"
	// amount: the amount is missing → fill in the amount
	msgInColumn = "%s: %s"
	// warning: amount: the line is negative: -5.00 → no action if it is a discount
	msgWarning = "warning: %s"
	// ERROR: the amount is missing. To correct: fill in the amount.
	msgComment = "%s: %s.\nTo correct: %s."

	// Its sheet "Read me".
	msgReadMe = "How to correct this file"
	// november.csv: rows with errors that keep their orders from being sent: 2. Rows that are right but wait for
	// another row of their order or file: 1. Rows with warnings only: 1.
	msgReadMeRows = "%s: rows with errors that keep their orders from being sent: %d. " +
		"Rows that are right but wait for another row of their order or file: %d. Rows with warnings only: %d."
	// The sheet "Lines" is your list, row by row. Errors are red and must be corrected, warnings are yellow and
	// should be looked at.
	msgReadMeSheet = "The sheet %q is your list, row by row. " +
		"Errors are red and must be corrected, warnings are yellow and should be looked at."
	// What is wrong and how to correct it stands in the column kravia_problems, and in the comments of the coloured
	// cells (of the first 2000 cells; 10 further cells are coloured without a comment). Filter by colour to see only
	// those rows.
	msgReadMeColumn = "What is wrong and how to correct it stands in the column %s, " +
		"and in the comments of the coloured cells%s. Filter by colour to see only those rows."
	// (of the first 2000 cells; 10 further cells are coloured without a comment)
	msgReadMeWithout = " (of the first %d cells; %d further cells are coloured without a comment)"
	msgReadMeSave    = "Correct the cells, save, and give this workbook to kravia-batch in place of the old file, " +
		"never together with it, and with the same profile if you use one. " +
		"Orders that were invoiced before are not invoiced again."
	msgReadMeHeaders = "Do not change headers or move the list. Columns of numbers such as organization number, " +
		"postal code and phone number are text, so that zeros in front stay."

	// The template.
	msgTemplate        = "Lines to invoice"
	msgExampleBusiness = "Business, first line"
	msgExampleSecond   = "Business, second line"
	msgExamplePrivate  = "Private person"
	msgExampleGrouped  = "Grouped invoice"
	// The amount of the line. Needed: always. For example: 1250.00
	msgTemplateColumn = "%s\nNeeded: %s.\nFor example: %s"
	msgNotUsual       = "Not one of the usual values"
	msgNotAllowed     = "Not one of the values"
	msgExampleIntro   = "Four lines as they would stand in the sheet Lines, turned on their side: " +
		"one line in each column. This sheet is not read."
	msgExampleColumn = "column in Lines"
	msgColumnsIntro  = "All columns that kravia-batch knows, in any order. Yellow headers in Lines are needed. " +
		"Other columns are only copied to the report, and one that speaks of money, VAT or a due date is refused. " +
		"This sheet is not read."
	msgAddColumn = " (add the column to Lines)"
)
