package intake

// What the reading of tables tells users: texts about headers, rows and cells. A text with values has an example
// above it.
const (
	// Headers.

	// the headers "Beløp" and "Amount" both stand for amount
	msgTwoHeaders = "the headers %q and %q both stand for %s"
	// rename one of them, or pass it over in a profile: ignore: ["Amount"]
	hintRenameOrIgnore   = "rename one of them, or pass it over in a profile: ignore: [%q]"
	hintRenameOrRemove   = "rename one of them, or take it out of the file"
	msgWordAmountOrPrice = "amount or unit_price"
	// no column for description; found "Beløp", "Mva"
	msgMissing = "no column for %s; found %s"
	// this may not be a list of lines, for its header has only one cell: no column for description; found "Beløp"
	msgMissingOneCell = "this may not be a list of lines, for its header has only one cell: no column for %s; found %s"
	// no column for description in the profile erp.yaml
	msgMissingInProfile = "no column for %s in the profile %s"
	// this may not be a list of lines, for its header has only one cell: no column for description in the profile
	// erp.yaml
	msgMissingOneCellInProfile = "this may not be a list of lines, for its header has only one cell: " +
		"no column for %s in the profile %s"
	hintAddToProfile = "add it to columns, constants or defaults; with columns in a profile, known names do not count"
	// name the column one of "description", "Tekst", or map it in a profile
	hintNameColumn = "name the column one of %s, or map it in a profile"
	// did you mean "Teskt"? If so, name the column one of "description", "Tekst", or map it in a profile
	hintIfSo           = "did you mean %q? If so, %s"
	msgWordOneDataCell = "a cell that looks like data instead of a column name"
	// 5 cells that look like data instead of column names
	msgWordDataCells = "%d cells that look like data instead of column names"
	// vat is still a question in the profile erp.yaml
	msgStillAQuestion = "%s is still a question in the profile %s"
	hintAnswer        = `write the answer in the place of "?"`
	// the profile erp.yaml reads amount from the column "Beløp", which is not there; found "Tekst", "Mva"
	msgProfileColumn   = "the profile %s reads %s from the column %q, which is not there; found %s"
	hintCorrectProfile = "correct the profile, or export the column again"
	hintFewerColumns   = "the file has fewer columns of that name: correct the profile, or export the column again"
	// did the export rename it to "Sum"? Then say so in the profile
	hintRenamed = "did the export rename it to %q? Then say so in the profile"
	// correct the profile, or export the column again; a column of a register is written {kunder.Epost}
	hintRegisterColumn = "correct the profile, or export the column again; a column of a register is written {%s.%s}"
	// the profile erp.yaml ignores the column "Avdeling", which is not there
	msgIgnoresNothing = "the profile %s ignores the column %q, which is not there"
	// row 40 is a second header, so the rows below it may be another list
	msgSecondHeader  = "row %d is a second header, so the rows below it may be another list"
	hintSecondHeader = "put each list into a file of its own, or remove the row if the columns are the same"

	// How a column was understood.
	byProfile        = "by the profile"
	byItsName        = "by its name"
	bySynonym        = "as a synonym"
	msgHowByValues   = ", through its values"
	msgHowFromHead   = ", from head rows"
	msgHowFilledDown = ", an empty cell is the one above"
	msgHowIgnored    = "passed over, as the profile says"
	msgHowEmpty      = "empty"
	msgHowUnused     = "not used"
	msgHowCopied     = "not used, only copied to the report"
	// used for amount
	msgHowUsedFor = "used for %s"
	// column "Beløp": numbers stored with a binary rounding tail, such as 299.00000000000006, were read as a
	// spreadsheet shows them (3)
	msgRoundingTails = "column %q: numbers stored with a binary rounding tail, such as 299.00000000000006, " +
		"were read as a spreadsheet shows them (%d)"
	// column "Dato": numbers without a date format were read as dates (3)
	msgNumbersAsDates = "column %q: numbers without a date format were read as dates (%d)"
	// column "Leveringsdato" decides which VAT rates hold; the provider does not take it, so it is not on the invoice
	msgDeliveryDate = "column %q decides which VAT rates hold; " +
		"the provider does not take it, so it is not on the invoice"

	// VAT, units and currencies of headers.
	msgWordWithVAT    = "with VAT"
	msgWordWithoutVAT = "without VAT"
	// the header "Pris inkl. mva" says with VAT, but prices are read without VAT
	msgHeaderVAT = "the header %q says %s, but prices are read %s"
	// if all prices of the file are with VAT, say so: --prices incl_vat, or prices: incl_vat in a profile; otherwise
	// pass the column over: ignore: ["Pris inkl. mva"]
	hintVAT = "if all prices of the file are %[1]s, say so: --prices %[2]s, or prices: %[2]s in a profile; " +
		"otherwise pass the column over: ignore: [%[3]q]"
	// if all prices of the file are with VAT, say so: --prices incl_vat, or prices: incl_vat in a profile; otherwise
	// let the profile read another column, or use a formula that adds or subtracts the VAT
	hintVATByProfile = "if all prices of the file are %[1]s, say so: --prices %[2]s, or prices: %[2]s in a profile; " +
		"otherwise let the profile read another column, or use a formula that adds or subtracts the VAT"
	// a formula computes a price of the column "Pris inkl. mva", which says with VAT, but prices are read without VAT
	msgFormulaVAT = "a formula computes a price of the column %q, which says %s, but prices are read %s"
	// if what the formula makes is with VAT, write prices: incl_vat; if the formula adds or subtracts the VAT, write
	// ignore: ["Pris inkl. mva"], with which the formula still reads the column
	hintFormulaVAT = "if what the formula makes is %s, write prices: %s; if the formula adds or subtracts the VAT, " +
		"write ignore: [%q], with which the formula still reads the column"
	// the header "Pris eks. mva" says without VAT, but row 7 has prices with VAT
	msgRowVAT  = "the header %q says %s, but row %d has prices %s"
	hintRowVAT = "correct the column prices, or take the words about VAT out of the header"
	// the header "Total (cents)" says that its amounts are in hundredths, but they are read as whole units
	msgHundredths = "the header %q says that its amounts are in hundredths, but they are read as whole units"
	// if all amounts of the file are, write amounts: minor in a profile; if these alone are, divide them: "=
	// num({Øre}) / 100"; if they are whole, read them by a formula too: "= num({Øre})"
	hintHundredths = "if all amounts of the file are, write amounts: minor in a profile; if these alone are, divide " +
		"them: \"= num({%[1]s}) / 100\"; if they are whole, read them by a formula too: \"= num({%[1]s})\""
	// a formula computes amount of the column "Beløp (EUR)", which is in EUR and passed over
	msgConverted  = "a formula computes %s of the column %q, which is in %s and passed over"
	hintConverted = "write the currency of the result in the profile, for example constants: {currency: NOK}"

	// Headers that can stand for several columns, and what decided.

	// the columns "Total" and "Sum" can both be amount
	msgBothCanBe = "the columns %q and %q can both be %s"
	// pass one of them over in a profile: ignore: ["Sum"]
	hintIgnoreOne = "pass one of them over in a profile: ignore: [%q]"
	// column "Mva" is read as vat, because its cells say so
	msgReadAs          = "column %q is read as %s, %s"
	msgBecauseCellsSay = "because its cells say so"
	// because it fits every row (12)
	msgBecauseFits         = "because it fits every row (%d)"
	msgBecauseSame         = "and every reading bills the same"
	msgBecauseZero         = "though every cell is zero"
	msgBecauseNoOrderTotal = "because no order has one amount on all of its rows"
	// the column "Total" has one amount on every row of an order, as an order's total has it, so it is not read as the
	// amount of each line
	msgOrderTotal = "the column %q has one amount on every row of an order, as an order's total has it, " +
		"so it is not read as the amount of each line"
	// export the lines' own amounts or unit prices, or name the column amount if it is one; to pass it over: ignore:
	// ["Total"] in a profile
	hintOrderTotal = "export the lines' own amounts or unit prices, or name the column amount if it is one; " +
		"to pass it over: ignore: [%q] in a profile"
	// the column "Rabatt" can be a discount in percent or a discount in money, and its cells do not decide (the first
	// is "50")
	msgUndecided = "the column %q can be %s, and its cells do not decide (the first is %q)"
	// the column "Mva" is not VAT in percent (row 7, "31", does not fit)
	msgNotReading = "the column %q is not %s"
	// name the column discount_percent or discount_amount, map it in a profile, or pass it over there: ignore:
	// ["Rabatt"]
	hintUndecided = "name the column %s, map it in a profile, or pass it over there: ignore: [%q]"
	//  (row 7, "31", does not fit)
	msgReadingFails           = " (row %d, %q, does not fit)"
	msgReadingFits            = " (fits every row)"
	msgReadingNone            = "nothing that fits its cells"
	msgReadingOther           = "for what it is"
	msgReadingVATPercent      = "VAT in percent"
	msgReadingVATMoney        = "VAT in money"
	msgReadingDiscountPercent = "a discount in percent"
	msgReadingDiscountMoney   = "a discount in money"
	msgReadingAmount          = "the amount of each line"

	// Columns that are not understood, and what they speak of. The subjects have the names of subjects.csv.

	// the column "Status" is not understood, and speaks of a status (for example "Betalt")
	msgUnread = "the column %q is not understood, and %s (for example %q)"
	// column F has cells and no header, and speaks of money: cells with a currency
	msgNoHeader    = "column %s has cells and no header, and %s"
	hintGiveHeader = "give it a header, or empty its cells"
	// name it as one of the columns that `kravia-batch template` lists, or pass it over in a profile: ignore:
	// ["Rabattt"]
	hintUnread = "name it as one of the columns that `kravia-batch template` lists, " +
		"or pass it over in a profile: ignore: [%q]"
	// did you mean discount_percent? Otherwise name it as one of the columns that `kravia-batch template` lists, or
	// pass it over in a profile: ignore: ["discount_precent"]
	hintUnreadNear = "did you mean %s? Otherwise name it as one of the columns that `kravia-batch template` lists, " +
		"or pass it over in a profile: ignore: [%q]"
	// name it in columns of the profile erp.yaml, or pass it over there: ignore: ["Rabatt"]
	hintUnreadInProfile = "name it in columns of the profile %s, or pass it over there: ignore: [%q]"
	// no column takes it: say in a profile which rows are lines, only: "= {Status} == '…'", or pass it over: ignore:
	// ["Status"]
	hintStatus = "no column takes it: say in a profile which rows are lines, only: \"= {%[1]s} == '…'\", " +
		"or pass it over: ignore: [%[1]q]"
	// looks like discount_percent
	msgLooksLike = "looks like %s"
	// speaks of a status
	msgSpeaksOf         = "speaks of %s"
	msgSpeaksCurrencies = "money: cells with a currency"
	msgSpeaksCodes      = "a currency: cells with currency codes"
	msgSpeaksScale      = "the scale of prices: cells such as per 100"
	msgSpeaksState      = "a status: cells such as paid, credit or cancelled"
	msgSpeaksPercent    = "a percentage: cells with a percent sign"
	msgSpeaksMoney      = "money"
	msgSpeaksDecimals   = "money: numbers with decimals in every cell"
	msgSpeaksMinus      = "money: numbers below zero"
	msgSpeaksCredit     = "a credit: cells with codes such as KN"
	msgSpeaksQuantity   = "a quantity: numbers in every cell, beside prices without quantities"
	subjectOtherNumbers = "other numbers"
	subjectLabel        = "a label"
	subjectSums         = "money in numbers"
	subjectPayer        = "who is invoiced"
	subjectScale        = "the scale of prices"
	subjectStatus       = "a status"
	subjectDueDate      = "a due date"
	subjectDiscount     = "a discount"
	subjectCreditCode   = "a credit code"
	subjectDocumentCode = "a document code"

	// Rows above the header.

	// row 2 stands above the header and is no line
	msgRowSkippedAbove = "row %d stands above the header and is no line"
	// rows 1 to 3 stand above the header and are no lines
	msgRowsSkippedAbove = "rows %d to %d stand above the header and are no lines"
	// row 2 above the header speaks of a due date
	msgAbove = "row %d above the header speaks of %s"
	// say it in a column or in a profile; if it is a mere title, declare the header row there: input: {header_row: 4}
	hintAbove = "say it in a column or in a profile; if it is a mere title, " +
		"declare the header row there: input: {header_row: %d}"
	// prices with VAT, but they are read without VAT
	msgAboveVAT        = "prices %s, but they are read %s"
	msgAboveDraft      = "a draft or credits"
	msgAboveUnits      = "other units than whole ones of the currency"
	msgAboveRate       = "a VAT rate"
	msgAboveNotBilled  = "lines that should not be billed"
	msgAboveCurrencies = "two currencies"
	// a row above the header speaks of SEK, but row 7 has NOK
	msgOtherCurrency = "a row above the header speaks of %s, but row %d has %s"
	// correct the one that is wrong; if the former is a mere title, declare the header row in a profile: input:
	// {header_row: 4}
	hintOtherCurrency = "correct the one that is wrong; if the former is a mere title, " +
		"declare the header row in a profile: input: {header_row: %d}"

	// Why a row is no record, after "the row".
	msgRowAbove         = "stands above the header"
	msgRowIsHeader      = "is the header"
	msgRowRepeatsHeader = "repeats the header"
	msgRowBlank         = "is blank"
	msgRowTotal         = "says total, and its amount is the sum of rows before it, so it was passed over"
	msgRowHidden        = "is hidden, and the profile passes hidden rows over"
	msgRowFooter        = "belongs to the rows at the end that the profile passes over"
	msgRowHead          = "carries the order of the rows after it, as the profile says"
	msgRowRegister      = "belongs to a register of the profile"
	// is left out, as the profile says: only: = {Status} == 'Klar'
	msgRowLeftOut = "is left out, as the profile says: only: %s"

	// Rows that are no records.

	// 3 rows are left out, as the profile erp.yaml says: only: = {Status} == 'Klar'
	msgLeftOut      = "%s left out, as the profile %s says: only: %s"
	msgWordOneRowIs = "1 row is"
	// 3 rows are
	msgWordRowsAre = "%d rows are"
	// all rows are left out (12), as the profile erp.yaml says: only: = {Status} == 'Klar'
	msgAllLeftOut  = "all rows are left out (%d), as the profile %s says: only: %s"
	hintAllLeftOut = "correct only: in the profile; words are compared letter by letter"
	msgNoRows      = "the file has a header and no rows"
	// skip_footer of the profile would pass over row 40, which carries an order
	msgFooterHasOrder = "skip_footer of the profile would pass over row %d, which carries an order"
	// skip_footer of the profile would pass over row 40, which has all that a line has
	msgFooterHasLine = "skip_footer of the profile would pass over row %d, which has all that a line has"
	hintFooter       = "correct skip_footer in the profile"
	// rows at the end were passed over, as the profile erp.yaml says (2)
	msgFooterSkipped = "rows at the end were passed over, as the profile %s says (%d)"
	// the header is repeated in row 40 and was passed over (3 in all)
	msgHeaderRepeated = "the header is repeated in row %d and was passed over (%d in all)"
	// row 7 of the list is hidden
	msgRowIsHidden = "row %d of the list is hidden"
	// 3 rows of the list are hidden, the first is row 7
	msgRowsAreHidden = "%d rows of the list are hidden, the first is row %d"
	hintHiddenRows   = "clear the filter and unhide all rows, or decide in a profile: input: {hidden_rows: skip} or " +
		"{hidden_rows: read}"
	// hidden rows were passed over, as the profile erp.yaml says: row 7 is the first (3 in all)
	msgHiddenSkipped = "hidden rows were passed over, as the profile %s says: row %d is the first (%d in all)"
	// hidden rows were read like the others, as the profile erp.yaml says: row 7 is the first (3 in all)
	msgHiddenRead = "hidden rows were read like the others, as the profile %s says: row %d is the first (%d in all)"

	// Totals.

	// rows that say total and are the sum of rows before them were passed over: row 40, 80
	msgTotalsSkipped  = "rows that say total and are the sum of rows before them were passed over: row %s"
	msgWhyAmountAlone = "it has nothing but an amount, which is the sum of the rows before it; " +
		"a line would name its order"
	msgWhyTextSaysMore = "its text says more, and its amount is the sum of rows before it"
	msgWhyNoAmount     = "it has no amount"
	msgWhyNoSum        = "its amount is not the sum of the rows before it"
	msgWhyComplete     = "it has all that a line has, and its amount is the sum of rows before it"
	msgWhyHasOrder     = "it has an order, and its amount is the sum of rows before it"

	// Head rows.

	// the row has "1002" under {Ordre}, and the head row of its order "1001"
	msgOtherHead  = "the row has %q under %s, and the head row of its order %q"
	hintOtherHead = "correct one of them, or empty the cell of the line"
	// the row carries an order and has "400" under Beløp, which belongs to a line
	msgHeadHasLine = "the row carries an order and has %q under %s, which belongs to a line"
	// move it to a row of its own; if the cell belongs to no line, say so in a formula for amount
	hintHeadHasLine = "move it to a row of its own; if the cell belongs to no line, say so in a formula for %s"
	msgHeadAlone    = "the row carries an order, and no line follows it"
	hintHeadAlone   = "correct the row; if it is no order, correct the formulas head or only"

	// Rows that the formula only leaves out.
	msgWordIsLine    = "is a line"
	msgWordIsLeftOut = "is left out"
	// the row is a text, and row 6 before it is left out
	msgTextOfLeftOut  = "the row is a text, and row %d before it is left out"
	hintTextOfLeftOut = "let the formula only leave the text out too, or make it a line"
	// Status is empty, and row 6 of the same order is left out
	msgEmptyHere = "%s is empty, and row %d of the same order %s"
	// a cell is empty on row 6 of the same order, which is left out, and this row is a line
	msgEmptyThere = "a cell is empty on row %d of the same order, which %s, and this row %s"
	// fill in the cell; if the export has it on the order's first row alone, write fill_down: ["{Status}"] in the
	// profile; if an empty cell has a meaning of its own, compare it with '' in only
	hintFillDown = "fill in the cell; if the export has it on the order's first row alone, write fill_down: " +
		"[\"{%s}\"] in the profile; if an empty cell has a meaning of its own, compare it with '' in only"

	// Cells that the profile makes.

	// {artikler.Pris} is empty, and nothing else is the price
	msgNoPrice = "%s is empty, and nothing else is the price"
	// "ca. 4" is no number
	msgNoNumber = "%q is no number"
	// Avdeling is empty, and other cells of the text are not
	msgPartEmpty            = "%s is empty, and other cells of the text are not"
	msgNeitherNumberNorText = "the formula is neither a number nor a text here"

	// Cells that a formula compares.

	// Kunde has "Fjord AS" and Betaler "FJORD AS"
	msgCellsDiffer = "%s has %q and %s %q"
	// write them alike, or compare lower({Kunde}) with lower({Betaler})
	hintLowerBoth = "write them alike, or compare lower({%s}) with lower({%s})"
	// the cell has "Klar ", with other spaces or invisible characters than the formula
	msgOtherSpaces = "the cell has %q, with other spaces or invisible characters than the formula"
	hintCopyWord   = "correct the cell, or copy the word from the file into the formula"
	// the cell has "klar" and the formula "Klar"
	msgOtherLetters = "the cell has %q and the formula %q"
	// write them alike, or compare lower({Status}) with small letters
	hintLower = "write them alike, or compare lower({%s}) with small letters"
	// the cell is TRUE and the formula has "Ja"
	msgCellIsTruth = "the cell is %s and the formula has %q"
	hintTruth      = "write 'TRUE' or 'FALSE' in the formula"
	// the cell shows "25 %" and the formula has "25"
	msgOtherForm = "the cell shows %q and the formula has %q"
	// write '25 %' in the formula, or compare num({Mva}) or date({Mva})
	hintOtherForm = "write '%s' in the formula, or compare num({%s}) or date({%[2]s})"

	// Numbers and dates.

	// "1.250" can be read as 1.25 or as 1250, and no other cell of the column decides
	msgTwoReadings = "%q can be read as %s or as %s, and no other cell of the column decides"
	// row 3 has "1250.50" with a decimal point and row 7 has "80,00" with a decimal comma
	msgBothMarks    = "row %d has %q with a decimal point and row %d has %q with a decimal comma"
	hintOneMark     = "write all numbers of the column in one way"
	hintDeclareMark = `declare it in a profile: input: {decimal: ","} or {decimal: "."}`
	// row 3 has the date 2026-04-03 and another row the text "03/04/2026", so a program may have read some dates with
	// day and month swapped
	msgDatesAndTexts = "row %d has the date %s and another row the text %q, " +
		"so a program may have read some dates with day and month swapped"
	hintDatesOrTexts = "format the whole column as dates, or as text written like 2026-01-31"
	// row 3 has "24/12/2026" with the day first and row 7 has "12/24/2026" with the month first
	msgBothOrders = "row %d has %q with the day first and row %d has %q with the month first"
	hintOneOrder  = "write all dates of the column in one way, best as 2026-01-31"
	// declare it in a profile: input: {dates: dd/mm/yyyy} or {dates: mm/dd/yyyy}
	hintDeclareOrder = "declare it in a profile: input: {dates: dd%[1]cmm%[1]cyyyy} or {dates: mm%[1]cdd%[1]cyyyy}"
)
