package intake

// What profiles, formulas and registers tell users. A text with values has an example above it.
//
// The YAML of a profile.
const (
	hintProfileYAML  = "correct the YAML"
	msgProfileEmpty  = "the profile is empty"
	hintProfileEmpty = "write one YAML document with name, input, columns and so on"
	// did you mean delimiter?
	hintProfileNear = "did you mean %s?"
	// unknown key "delimeter"
	msgProfileUnknown = "unknown %s %q"
	// there are name, input, columns
	hintProfileAmong   = "there are %s"
	msgProfileMapping  = "keys with values are expected here"
	hintProfileMapping = "write them as key: value"
	// amount is a column
	msgProfileIsColumn  = "%s is a column"
	hintProfileIsColumn = "write it under columns:, two spaces further in"
)

// Mistakes as the YAML parser words them, and what to do about each.
const (
	yamlTab         = "cannot start any token"
	yamlContext     = "value is not allowed in this context"
	yamlColon       = "mapping value is not allowed"
	yamlNoMap       = "non-map value is specified"
	hintYAMLContext = "begin the line under the one above, with the same spaces; a text with a colon or quotes " +
		"in it needs other quotes around it"
	hintYAMLTab   = "begin the line with spaces, not with a tab"
	hintYAMLColon = "put a value that has a colon in it into quotes"
	hintYAMLNoMap = "write a colon and a space between the key and its value"
	hintYAML      = "correct the YAML: spaces, colons, quotes"
)

// Values of the wrong form.
const (
	msgProfileSingle = "a single value is expected here"
	// "0" is not a whole number from 1 to 10000
	msgProfileCount = "%q is not a whole number from %d to %d"
	msgProfileTruth = "true or false is expected here"
	// "amount" stands here twice
	msgProfileTwice  = "%q stands here twice"
	hintProfileTwice = "remove one of the two"
)

// Names of columns and headers.
const (
	// "Sum" is passed over here, but amount is read from it
	msgProfileIgnoredAndRead = "%q is passed over here, but %s is read from it"
	// {Kundenr} is the header of customer_number
	msgProfileFilledTwice = "{%s} is the header of %s"
	// write fill_down: [customer_number], or where formulas need the cell too, columns: {customer_number: "{Kundenr}"}
	// beside it
	hintProfileFilledTwice = `write fill_down: [%s], or where formulas need the cell too, columns: {%[1]s: "{%s}"} ` +
		"beside it"
	hintProfileFormulas = "see the formulas in samples/PROFILES.md"
	// column amount has no header
	msgProfileNoHeader  = "column %s has no header"
	hintProfileNoHeader = "name the header as the file has it, or remove the line"
	// the header "SUM" is given to amount and to unit_price
	msgProfileHeaderTwice = "the header %q is given to %s and to %s"
	// keep one, or write "{SUM}" if both are meant
	hintProfileHeaderTwice = "keep one, or write %q if both are meant"
	// amount cannot be filled down: an empty cell is not an amount
	msgProfileNotFilled  = "%s cannot be filled down: an empty cell is not an amount"
	hintProfileNotFilled = "fill in the cells in the export"
	// "{}" is not a header of the lines
	msgProfileNotAHeader  = "%q is not a header of the lines"
	hintProfileNotAHeader = `write one in braces: "{Status}"`
	msgProfileNoHeaders   = "header_row: none needs names for the columns"
	hintProfileNoHeaders  = "write headers: [A, B, C] beside it, in the order of the file"
	msgProfileHeaders     = "headers are for a table without a header row"
	hintProfileHeaders    = "write header_row: none beside them, or leave them out"
	// "Sum" is the name of two columns
	msgProfileTwoColumns  = "%q is the name of two columns"
	hintProfileTwoColumns = "give each its own; an empty text stands for a column that is not used"
	// "*" is not a column name
	msgProfileNoName  = "%q is not a column name"
	hintProfileNoName = "name each column to pass over"
)

// What words and values stand for.
const (
	hintProfileWordTwice = "remove one; words are compared without case"
	// values of vat lists no word
	msgProfileNoWords = "values of %s lists no word"
	// write values: {vat: {"their word": our value}}
	hintProfileNoWords   = `write values: {%s: {"their word": our value}}`
	msgProfileNoValue    = "a word has no value"
	hintProfileNoValue   = `write it behind the colon, with a point before decimals: "32": 11.11; an empty text is ""`
	msgProfileNotNumber  = "is not a number"
	msgProfileNotDate    = "is not a date such as 2026-01-31"
	msgProfileNotCountry = "is not a known country"
	// is none of b2b, b2c
	msgProfileNotAmong = "is none of %s"
	// "x" is not a number, so it cannot be a value of vat
	msgProfileNotAValue = "%q %s, so it cannot be a value of %s"
	// write a value of vat, such as 25
	hintProfileValue      = "write a value of %s, such as %s"
	msgProfileVATDefault  = "vat cannot have a default: the empty cell of an exempt line would be taxed"
	hintProfileVATDefault = "write 0 into such cells, or give constants: {vat: …} if every line has this rate"
	// the VAT rates of "US" are not known
	msgProfileSeller  = "the VAT rates of %q are not known"
	hintProfileSeller = "use NO, SE, FI or DK, or leave seller out"
)

// References of orders.
const (
	// the braces in "{period" do not match
	msgProfileBraces  = "the braces in %q do not match"
	hintProfileBraces = `write placeholders as "{customer_number}"`
	// the reference "{customer_number}" is the same every month: what was invoiced once would never be invoiced again
	msgProfileEveryMonth = "the reference %q is the same every month: what was invoiced once would never be invoiced " +
		"again"
	hintProfileEveryMonth = `add a period, a date or a document number, as in "{period}-{customer_number}"`
)

// Severities.
const (
	hintProfileCodes = "the codes are in the column problem_code of every report"
	// vat.missing cannot be lowered to off: what it checks is needed; without it the invoice would be wrong or
	// impossible
	msgProfileLowered = "%s cannot be lowered to %s: what it checks is needed; without it the invoice would be wrong " +
		"or impossible"
	hintProfileLowered      = "leave it an error, and correct the rows or the export"
	msgProfileNothingBilled = "nothing is billed with this profile"
)

// Accounts.
const (
	msgAccountsReceivable  = "accounts has no account for what customers owe"
	hintAccountsReceivable = `write receivable: "1500"`
	msgAccountsRevenue     = "accounts has no account for revenue"
	hintAccountsRevenue    = `write revenue: {"25": "3000", "0": "3100"}, or one account for all`
	msgAccountsVAT         = "accounts has no account for VAT"
	hintAccountsVAT        = `write vat: {"25": "2700"}, or one account for all`
	// "25x %" is not a VAT rate
	msgAccountsRate  = "%q is not a VAT rate"
	hintAccountsRate = `write it as "25 %" or "25.5 %"`
	// "25,5" is written with a comma
	msgAccountsComma = "%q is written with a comma"
	// write "25.5"
	hintAccountsComma = "write %q"
	// "15" is a treatment and also the rate of another treatment
	msgAccountsAmbiguous = "%q is a treatment and also the rate of another treatment"
	// write "15 %" for the rate, or name each treatment
	hintAccountsAmbiguous = `write "%s %%" for the rate, or name each treatment`
	// "25" is empty or stands here twice
	msgAccountsTwice  = "%q is empty or stands here twice"
	hintAccountsTwice = "remove one; treatments are compared without case"
	// "30-00" is not an account
	msgAccountsForm  = "%q is not an account"
	hintAccountsForm = `an account is 1 to 10 digits and letters, such as "3000"`
)

// Registers in a profile.
const (
	// name one of its headers in columns: business_name: customers.Name
	hintRegisterUnread = "name one of its headers in columns: business_name: %s.Name"
	// no column is read from the register customers
	msgRegisterUnread = "no column is read from the register %s"
	// the registers customers and payers have the same file
	msgRegisterSameFile  = "the registers %s and %s have the same file"
	hintRegisterSameFile = "use a copy of the file under another name, and write that name here"
	// the register items is looked up by quantity, which is not a text
	msgRegisterByNumber  = "the register %s is looked up by %s, which is not a text"
	hintRegisterByNumber = `look it up by a header: by: "{Header}"`
	// the register customers is looked up by a value that it gives itself
	msgRegisterByItself  = "the register %s is looked up by a value that it gives itself"
	hintRegisterByItself = "look it up by a column of the lines"
	// "a.b" is not a name for a register
	msgRegisterName  = "%q is not a name for a register"
	hintRegisterName = "use a word, such as customers"
	// "in/kunder.csv" is not the name of a file
	msgRegisterFile  = "%q is not the name of a file"
	hintRegisterFile = `write the name alone, without folders; an asterisk stands for any text: file: "customers*.csv"`
	// the register customers has no key
	msgRegisterNoKey  = "the register %s has no key"
	hintRegisterNoKey = "write key: the header whose cells are looked up"
	// the register customers has no by
	msgRegisterNoBy  = "the register %s has no by"
	hintRegisterNoBy = "write by: the column whose value is the key, such as customer_number"
	// the profile does not say where the register customers is
	msgRegisterNowhere  = "the profile does not say where the register %s is"
	hintRegisterNowhere = `write file: "customers*.csv", sheet: Customers, or only: "= {Type} == 'C'" for rows among ` +
		"the lines"
	hintRegisterBy = `name a column, or a header as "{Header}"`
)

// Registers that are read and looked up.
const (
	// the key of register customers
	msgRegisterKeyOf = "the key of register %s"
	// only of register customers
	msgRegisterOnlyOf = "only of register %s"
	// the profile erp looks up the register customers, whose file was not given
	msgRegisterAbsent = "the profile %s looks up the register %s, whose file was not given"
	// give the file as another FILE; its name is like customers*.csv
	hintRegisterAbsent = "give the file as another FILE; its name is like %s"
	// 20 rows are the register customers, in kunder.csv
	msgRegisterRows = "%s the register %s, in %s"
	// the profile erp looks up the register customers by customer_number, which the file does not have
	msgRegisterNoColumn = "the profile %s looks up the register %s by %s, which the file does not have"
	// add customer_number to columns
	hintRegisterNoColumn = "add %s to columns"
	// the profile has no register "customers"
	msgRegisterUnknown = "the profile has no register %q"
	// cannot make a working file: no space left on device
	msgRegisterStore = "cannot make a working file: %w"
	// cannot write the working file of register customers: no space left on device
	msgRegisterWrite = "cannot write the working file of register %s: %w"
	// cannot read the working file of register customers: input/output error
	msgRegisterRead = "cannot read the working file of register %s: %w"
	// sheet Kunder of lines.xlsx
	msgRegisterSheet = "sheet %s of %s"
	// ; did you mean "5001"?
	msgRegisterNear = "; did you mean %q?"
	// the profile erp looks up Kundenr in the register customers
	msgRegisterLooksUp = "the profile %s looks up %s in the register %s"
	// the row belongs to the register customers, but has an amount and VAT as a line has
	msgRegisterLine  = "the row belongs to the register %s, but has an amount and VAT as a line has"
	hintRegisterLine = "write in only of the register what its rows have and lines have not, or make two rows of it"
	// customer_number is empty on row 4 of the same order
	msgRegisterEmptyKey  = "%s is empty on row %d of the same order"
	hintRegisterEmptyKey = "fill in the cell of that row"
)

// Headers that a profile names and a file does not have.
const (
	// the profile erp fills {Status} down
	msgProfileFills = "the profile %s fills %s down"
	// the profile erp reads quantity from the column "Antall"
	msgProfileReads = "the profile %s reads %s from the column %q"
	// the profile erp reads quantity from the column "Antall", which is not there; found Kunde, Sum
	msgProfileNotThere  = "%s, which is not there; found %s"
	hintProfileNotThere = "correct the profile, or export the column again"
	// did the export rename it to "Antal"? Then write that name in the profile
	hintProfileRenamed = "did the export rename it to %q? Then write that name in the profile"
	// the header "Sum" stands in the columns C and F
	msgHeaderTwice = "the header %q stands in the columns %s and %s"
	// say which in the profile: Sum#1 or Sum#2
	hintHeaderTwice = "say which in the profile: %s#1 or %[1]s#2"
	// there is no column Sum#3: 2 have that name
	msgHeaderMissingNth = "there is no column %s: %d have that name"
	// there is no column "Sum"
	msgHeaderMissing = "there is no column %q"
)

// Mistakes in texts and formulas.
const (
	msgFormulaOpenBrace = "the brace { is not closed"
	msgFormulaNoName    = "{} names no header"
	// the formula names more than 676 headers
	msgFormulaMany          = "the formula names more than %d headers"
	msgFormulaCloseBrace    = "a brace } closes nothing"
	msgFormulaExpected      = `a formula is expected here; it begins with =, as in "= {Status} == 'Open'"`
	msgFormulaTextForNumber = `the column needs a number, and this is a text; compute it in a formula, as in "= ` +
		`num({A}) * num({B})"`
	// write 'Open' for the word, or {Open} for the column
	msgFormulaUnknownName = "write '%[1]s' for the word, or {%[1]s} for the column"
	msgFormulaAssignment  = "to compare, write =="
	msgFormulaEndsEarly   = "the formula ends too early"
	// this does not belong here: Operator(")")
	msgFormulaUnexpected = "this does not belong here: %s"
	msgFormulaQuote      = "this is not a quotation mark in formulas: write '"
	// invalid operation: + (mismatched types text and number); the number in a cell is num({Header})
	msgFormulaNumberOfCell = "%s; the number in a cell is num({Header})"
	// round needs a number here, and this is a text
	msgFormulaArgument = "%s needs a %s here, and this is a %s"
	hintFormula        = "correct the formula in the profile"
	msgFormulaNoTruth  = "it must be true or false, as in {Status} == 'Open'"
	msgFormulaTruth    = "it is true or false; a column needs a number or a text, " +
		"as in {Status} == 'Open' ? 'b2b' : 'b2c'"
	msgFormulaNumberForDate = "it is a number, and the column needs a date: date({Header})"
	msgFormulaNumberForWord = "it is a number, and the column needs a word in quotes"
	msgFormulaTextInNumber  = "it is a text, and the column needs a number: the one in a cell is num({Header}), and " +
		"one of your own stands without quotes"
	msgFormulaType = "it must be a number or a text"
	// < compares two texts letter by letter; compare num({Header}) or date({Header})
	msgFormulaComparesTexts = "%s compares two texts letter by letter; compare num({Header}) or date({Header})"
	msgFormulaDigits        = "the number has too many digits"
	msgFormulaIn            = "in looks for a text among texts; write num({Header}) == 1 || num({Header}) == 2"
	msgFormulaPart          = "this cannot be part of a formula"
	// sum is not a function; there are num, hours, date, round, text, digits, trim, upper, lower, replace, part,
	// contains and stop
	msgFormulaNoFunction = "%s is not a function; there are num, hours, date, round, text, digits, trim, upper, " +
		"lower, replace, part, contains and stop"
	msgFormulaStopReason    = "stop needs a reason, which the report shows"
	msgFormulaNumberOfEmpty = "the number of an empty one"
	msgFormulaFormOfDates   = "the form of dates, such as 'dd.mm.yyyy'"
	// num takes a cell, such as num({Header}), and perhaps the number of an empty one
	msgFormulaTakes = "%s takes a cell, such as %s({Header}), and perhaps %s"
	// date takes one of the forms 'yyyy-mm-dd', 'dd.mm.yyyy'
	msgFormulaDateForms = "date takes one of the forms '%s'"
	// this text never has such letters; write 'open'
	msgFormulaLetters      = "this text never has such letters; write '%s'"
	msgFormulaDateBegins   = "a date begins with the year, such as '2026-11'"
	msgFormulaComparesDate = "a date is compared with another date({Header}), or with one such as '2026-11-01'"
)

// Rows on which a formula has no value.
const (
	msgFormulaStops        = "the profile stops the row"
	msgFormulaZero         = "the formula divides by zero"
	hintFormulaCounts      = "correct the cell, or say in the formula what counts then"
	msgFormulaNumberDigits = "a number in the formula has too many digits"
	hintFormulaCell        = "correct the cell or the formula"
	msgFormulaEmptyNumber  = "an empty cell is not a number"
	hintFormulaEmptyNumber = "fill in the cell, or say in the formula what an empty one counts: num({Header}, 0)"
	msgFormulaEmptyDate    = "an empty cell is not a date"
	hintFormulaEmptyDate   = "fill in the cell, or say in the formula what an empty one counts: {Header} == '' or " +
		"date({Header}) …"
	msgFormulaRound      = "round takes 0 to 8 decimals"
	hintFormulaCorrect   = "correct the formula"
	msgFormulaNotRounded = "the number cannot be rounded"
	msgFormulaParts      = "part takes a text, a separator and a number from 1"
	msgFormulaDecimals   = "the formula's number has more decimals than can be billed exactly"
	hintFormulaRound     = "round it in the formula: round(…, 2)"
	// "1.234" can be read as 1.234 or as 1234
	msgFormulaTwoNumbers = "%q can be read as %s or as %s"
	hintFormulaMark      = `declare it in the profile: input: {decimal: ","} or {decimal: "."}`
	hintFormulaLeaveMark = "leave the decimal mark as the cell has it: num reads it"
	// "25 %" is a percentage
	msgFormulaPercent  = "%q is a percentage"
	hintFormulaPercent = "take the sign off in the formula, as in num(replace({Header}, '%', '')) / 100, or export " +
		"the number"
	// "1.5" has another decimal mark than the column's ,
	msgFormulaMark     = "%q has another decimal mark than the column's %s"
	hintFormulaOneMark = "write all numbers of the column with the same decimal mark"
	// the cell shows "timer" beside its number
	msgFormulaWords  = "the cell shows %q beside its number"
	hintFormulaWords = "give the cells another number format"
	// "abc" is not a number
	msgFormulaNotNumber = "%q is not a number"
	// "2026-11-01 07:30" is a moment, not a number of hours
	msgFormulaMoment  = "%q is a moment, not a number of hours"
	hintFormulaMoment = "export the hours"
	// the cell shows "07:30" and holds 1.3125 days
	msgFormulaDays  = "the cell shows %q and holds %s days"
	hintFormulaDays = "give the cells the format [h]:mm, or export the hours as a number"
	// "7.30" can be a time and a number with decimals, and other columns have a decimal comma
	msgFormulaClock  = "%q can be a time and a number with decimals, and other columns have a decimal comma"
	hintFormulaClock = "write hours(replace({Header}, '.', ':')) for times, and num({Header}) for numbers"
	// "7:3" is not a time such as 7:30 or 07:30:00
	msgFormulaNotTime      = "%q is not a time such as 7:30 or 07:30:00"
	hintFormulaCorrectCell = "correct the cell"
	// "03/04/2026" can be 2026-04-03 or 2026-03-04
	msgFormulaTwoDays  = "%q can be %s or %s"
	hintFormulaTwoDays = "give the form of the dates: date(…, 'dd/mm/yyyy')"
	// "2026" is not a date of the form dd.mm.yyyy
	msgFormulaDateForm = "%q is not a date of the form %s"
	// "2026" is not a date
	msgFormulaNotDate  = "%q is not a date"
	hintFormulaNotDate = "write a date such as 2026-02-28"
	msgFormulaNeither  = "the formula is neither true nor false"
	// Type is empty, and row 4 of the same order has it
	msgFormulaEmptyInOrder = "%s is empty, and row %d of the same order has it"
	// fill in the cell; if it is the order's, write fill_down: ["{Type}"]; if an empty cell has a meaning,
	// compare it with ''
	hintFormulaEmptyInOrder = `fill in the cell; if it is the order's, write fill_down: ["{%s}"]; if an empty ` +
		"cell has a meaning, compare it with ''"
)
