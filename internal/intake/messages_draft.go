package intake

// What the drafting of a profile tells users. A text with values has an example above it.
//
// Above a draft.
const (
	// Drafted from lines.csv (120 rows). The comment behind each column shows its first cell and the evidence for it.
	msgDraftedFrom = "Drafted from %s. The comment behind each column shows its first cell and the evidence for it."
	// Sums were compared on the first 20000 of 31000 rows.
	msgDraftFirstRows = "Sums were compared on the first %d of %d rows."
	// 3 rows above the header: a run looks for the header itself.
	msgDraftAbove = "%s above the header: a run looks for the header itself."
	// 2 rows with a word for total, the first is row 14. A run skips such a row if it is the sum of rows before it, and
	// refuses the file if not.
	msgDraftTotals = "%s with a word for total, the first is row %d. A run skips such a row if it is the sum of rows " +
		"before it, and refuses the file if not."
)

// A draft with open questions.
const (
	// the draft has 2 open questions:
	msgDraftOpen  = "the draft has %s:"
	hintDraftOpen = "answer each in the file and delete its comment"
)

// Files that cannot be drafted.
const (
	msgDraftUnreadable   = "the file cannot be read"
	hintDraftCheck       = "check the file"
	msgDraftEmpty        = "the file is empty"
	hintDraftExportAgain = "export it again"
	msgDraftNoRows       = "no visible sheet has rows"
)

// Questions about files, sheets and how they are written.
const (
	// lines.xlsx, sheet "Mai" has the columns of the lines too, and is not read. Which sheet is to be invoiced? Keep
	// the sheet under input, or write sheet: Mai under input.
	msgAskSameSheet = "%s has the columns of the lines too, and is not read. Which sheet is to be invoiced? Keep the " +
		"sheet under input, or write sheet: %s under input."
	msgAskLeaveFile = "leave the file out"
	msgAskNotRead   = "it is not read"
	// extra.csv has no key that the lines have. If it belongs to them, write it as a register: customers: {file:
	// extra.csv, key: their header, by: a column}; otherwise leave the file out.
	msgAskRegister = "%s has no key that the lines have. If it belongs to them, write it as a register: customers: " +
		"{%s, key: their header, by: a column}; otherwise %s."
	// the text looks like cp865. Are the names spelled right? Keep the line if they are; otherwise correct the
	// encoding.
	msgAskEncoding = "the text looks like %s. Are the names spelled right? Keep the line if they are; otherwise " +
		"correct the encoding."
	// 2 rows at the end, row 14 has Printed by Eva alone. If they are not lines, keep skip_footer; otherwise remove
	// skip_footer.
	msgAskFooter = "%s at the end, row %d has %s alone. If they are not lines, keep skip_footer; otherwise remove " +
		"skip_footer."
	// 2 rows are hidden. Write hidden_rows: skip to leave them out, or read to bill them.
	msgAskHidden = "%s hidden. Write hidden_rows: skip to leave them out, or read to bill them."
	// row 1 above the header looks like a record (H, 7001, Fjordvik Eksempel AS). If the file has rows of several
	// kinds, write header_row: none, headers: [a name for each column], and head; otherwise keep the line: rows above
	// the header are not read.
	msgAskKinds = "row %d above the header looks like a record (%s). If the file has rows of several kinds, write " +
		"header_row: none, headers: [a name for each column], and head; otherwise keep the line: rows above the " +
		"header are not read."
	// "1.234" in Beløp can be read in two ways. Write decimal: "," or decimal: "." for the mark in front of decimals.
	msgAskDecimal = `%q in %s can be read in two ways. Write decimal: "," or decimal: "." for the mark in front of ` +
		"decimals."
	// "03/04/2026" in Forfall can be read in two ways. Write dates: dd/mm/yyyy or dates: mm/dd/yyyy.
	msgAskDates = "%q in %s can be read in two ways. Write dates: dd%[3]cmm%[3]cyyyy or dates: mm%[3]cdd%[3]cyyyy."
)

// Questions about columns.
const (
	// email: E-post or Faktura e-post? Keep or correct the line below.
	msgAskWhich = "%s: %s or %s? Keep or correct the line below."
	// column F has cells and no header, and speaks of money. Give the column a header in the export.
	msgAskNoHeader = "column %s has cells and no header, and %s. Give the column a header in the export."
	// Rabattgruppe speaks of a discount. Write it as one of the columns, use it in a formula, or keep it here to pass
	// it over.
	msgAskUnread = "%s %s. Write it as one of the columns, use it in a formula, or keep it here to pass it over."
	// If so, write only: "= {Status} in ['…']" with the words of those that are;
	msgAskOnlyWords = ` If so, write only: "= {%s} in ['…']" with the words of those that are;`
	// Status has Ny in 3 rows: do such words tell which rows are not to be invoiced? If so, write only: "= {Status} in
	// ['…']" with the words of those that are; otherwise keep the lines that pass the column over.
	msgAskWords = "%s: do such words tell which rows are not to be invoiced?%s otherwise keep the lines that pass " +
		"the column over."
	// Antall km (12): is any of these numbers billed, or taken off? If so, use it in a formula; otherwise keep the
	// lines that pass the column over.
	msgAskNumbers = "%s: is any of these numbers billed, or taken off? If so, use it in a formula; otherwise keep " +
		"the lines that pass the column over."
	// is Tekst what was sold? The customer reads it on the line. Keep the line, or write another header.
	msgAskDescription = "is %s what was sold? The customer reads it on the line. Keep the line, or write another " +
		"header."
	msgAskNoDescription = "which column says what was sold? The customer reads it on the line. Write its header, or " +
		"a text with headers in braces."
	// which column has the customers' names? Write its header, or contact_name: in place of business_name for private
	// persons. If another file or sheet has it, draft again with that file too.
	msgAskNames = "which column has the customers' names? Write its header, or contact_name: in place of " +
		"business_name for private persons. %s"
	msgAskPhones = "which column has the customers' phone numbers? If none, take the line out and write severity: " +
		"{phone_number.missing: warning}."
	// which column has the customers' email? Bruker has addresses, but the header says bruker. Write it only if they
	// are the customers'. If another file or sheet has it, draft again with that file too.
	msgAskAddress = "which column has the customers' %s? %s%s"
	// which columns have the customers' addresses? Bruker has addresses, but the header says bruker. Write it only if
	// they are the customers'. Write a header for each "?". If another file or sheet has it, draft again with that file
	// too.
	msgAskAddresses = `which columns have the customers' addresses? %sWrite a header for each "?". %s`
	hintDraftAgain  = "If another file or sheet has it, draft again with that file too."
	// Bruker has addresses, but the header says bruker. Write it only if they are the customers'.
	msgAskEmployees = "%s has addresses, but %s. Write it only if they are the customers'. "
	// which rows are to be invoiced? Status has Ny in 3 rows, Sendt in 2 rows. Keep below only the words of such rows.
	msgAskBilled = "which rows are to be invoiced? %s has %s. Keep below only the words of such rows."
)

// Questions about orders.
const (
	// is Avtalenr the number of an order, a new one for each invoice? A reference is invoiced once and never again.
	// Keep the line if so. If it comes back every month, take the line out and write reference:
	// "{period}-{customer_number}".
	msgAskOrderNumber = "is %s the number of an order, a new one for each invoice? A reference is invoiced once and " +
		"never again. Keep the line if so. If it comes back every month, take the line out and write reference: " +
		`"{period}-{customer_number}".`
	msgAskPeriods = "no column has the numbers of orders. Is it one invoice for each customer and period? Keep the " +
		"line below if so, and start runs with --period YYYY-MM; otherwise write order_reference: with a header."
	msgAskReference = "no column has the numbers of orders. Write a text that tells each invoice from all others, " +
		`such as "{period}-{customer_number}", or order_reference: with a header under columns.`
	// 3 rows without Ordrenr. Do they belong to the order above? Keep the line below if so.
	msgAskFillDown = "%s without %s. Do they belong to the order above? Keep the line below if so."
)

// Questions about customers.
const (
	// firms need an organization number, and no column has them. If Kunde are private persons, write contact_name in
	// place of business_name; otherwise organization_number: with a header.
	msgAskFirms = "firms need an organization number, and no column has them. If %s are private persons, write " +
		"contact_name in place of business_name; otherwise organization_number: with a header."
	msgAskContact = "who is the contact person at a firm? The provider wants one, and no column has them. Write a " +
		`name for all, such as "Accounts Payable".`
	// is Navn a person: the contact at a firm, or the private customer? Keep the line if so.
	msgAskPerson = "is %s a person: the contact at a firm, or the private customer? Keep the line if so."
	// "Fjordvik Eksempel AS" has no organization number, and its name is a firm's. As the line is, it is invoiced as a
	// private person. Correct the export if it is a firm.
	msgAskFirm = "%q has no organization number, and its name is a firm's. As the line is, it is invoiced as a " +
		"private person. Correct the export if it is a firm."
	// 3 rows without organization number and without Kontakt. Private persons need a name: correct the rows, or write a
	// formula.
	msgAskNameless = "%s without organization number and without %s. Private persons need a name: correct the rows, " +
		"or write a formula."
	msgAskCountry   = `in which country are the customers? No column tells. Write its two letters, such as "NO".`
	msgAskCountries = `which countries are these? Write two letters for each "?".`
	// in which country are the customers where Land is empty? Write its two letters.
	msgAskCountryWhere = "in which country are the customers where %s is empty? Write its two letters."
)

// Questions about money.
const (
	// the file has no header. Is C the price, B the quantity and D their product? Keep or correct the three lines.
	msgAskProduct = "the file has no header. Is %s the price, %s the quantity and %s their product? Keep or correct " +
		"the three lines."
	// amount: Sum or Total? No sum proves it. Keep or correct the line below.
	msgAskProof = "%s: %s or %s? No sum proves it. Keep or correct the line below."
	// is Rabatt in percent or in money? No sum proves it. Write discount_percent: or discount_amount: in the line
	// below.
	msgAskDiscountKind = "is %s in percent or in money? No sum proves it. Write discount_percent: or " +
		"discount_amount: in the line below."
	// is Total the amount of the line? No sum proves it. Keep the line, write another header, or move it to ignore.
	msgAskMeaning  = "is %s %s? No sum proves it. Keep the line, write another header, or move it to ignore."
	msgAskQuantity = "the quantity"
	msgAskPrice    = "the price for one"
	// quantity × unit_price does not make Sum on every row. Keep the line if the rows are to be corrected, or remove
	// the line if the column is not the amount of the line.
	msgAskContradiction = "quantity × unit_price does not make %s on every row. Keep the line if the rows are to be " +
		"corrected, or remove the line if the column is not the amount of the line."
	msgAskAmount = "which column has the amount of the line? Nothing proves one. Write its header, or unit_price: " +
		"with the header of the price for one."
	msgAskPrices = "are the prices with or without VAT? Nothing in the files proves it. Write excl_vat or incl_vat."
	// in which currency are the amounts? The cells have several: NOK in 3 cells, SEK in 1 cell. Write three letters,
	// such as NOK, if the others are wrong; otherwise export a column with the currency.
	msgAskCurrencies = "in which currency are the amounts? The cells have several: %s. Write three letters, such as " +
		"NOK, if the others are wrong; otherwise export a column with the currency."
	// in which currency are the amounts? Nothing in the files names it; NOK is that of the seller's country. Keep or
	// correct the line below.
	msgAskSellerCurrency = "in which currency are the amounts? Nothing in the files names it; %s is that of the " +
		"seller's country. Keep or correct the line below."
	msgAskCurrency = "in which currency are the amounts? Nothing in the files names it. Write three letters, such as " +
		"NOK."
	msgAskDays = `in how many days are these due? Write a number of days for each "?".`
	// amounts under unit_amount, such as 19900, have no decimals. Are they in whole units, or in hundredths such as øre
	// or cents? Write amounts: whole or amounts: minor.
	msgAskHundredths = "amounts under %s, such as %s, have no decimals. Are they in whole units, or in hundredths " +
		"such as øre or cents? Write amounts: whole or amounts: minor."
	// all amounts are large and without decimals, such as 19900. Are they in whole units, or in hundredths such as øre?
	// Keep the line below, or write amounts: minor.
	msgAskLarge = "all amounts are large and without decimals, such as %s. Are they in whole units, or in hundredths " +
		"such as øre? Keep the line below, or write amounts: minor."
	// is Frakt in hundredths as Sum (øre) is? If so, write "= num({Frakt}) / 100"; otherwise keep the line.
	msgAskMinor = `is %s in hundredths as %s is? If so, write "= num({%s}) / 100"; otherwise keep the line.`
)

// Questions about VAT and the seller.
const (
	// in which country is the seller, whose VAT rates count? NO is suggested by the header Mva, SE by its currency, in
	// the header Sum SEK. Keep or correct the line below.
	msgAskSeller = "in which country is the seller, whose VAT rates count? %s is suggested by %s, %s by %s. Keep or " +
		"correct the line below."
	// is Mva the rate in percent, or the VAT in money? Both fit. Write vat: or vat_amount: in the line below.
	msgAskRateOrVAT = "is %s the rate in percent, or the VAT in money? Both fit. Write vat: or vat_amount: in the " +
		"line below."
	// is Mva the VAT of the line in money? No sum proves it, and no column has the rate. Keep the line, or write vat:
	// with a header or a constant.
	msgAskVATAmount = "is %s the VAT of the line in money? No sum proves it, and no column has the rate. Keep the " +
		"line, or write vat: with a header or a constant."
	// which VAT rate do the lines have? No column tells. Write 25, 15, 12, 11.11 or 0 if all have the same, otherwise
	// export a column with it.
	msgAskRate = "which VAT rate do the lines have? No column tells. Write %s if all have the same, otherwise export " +
		"a column with it."
	// which VAT rates do the codes in Mva-kode mean? Nothing in the files proves them.
	msgAskRates = "which VAT rates do the codes in %s mean? Nothing in the files proves them."
	// The line below has the rates that stand there. Keep or correct it.
	hintAskKeepRates = "The line below has %s. Keep or correct it."
	// The line below has the rates that stand there. Write a rate for each "?", and correct the others.
	hintAskMoreRates   = `The line below has %s. Write a rate for each "?", and correct the others.`
	hintAskWriteRates  = `Write a rate in percent for each "?".`
	msgAskMoreCodes    = "There may be more codes than are listed."
	msgWhyNorwegian    = "what the usual Norwegian codes mean"
	msgWhyRatesInCells = "the rates that stand there"
)

// Questions about registers.
const (
	// the header "Navn {ny}" cannot stand in braces: rename it in the export
	msgAskBraces = "the header %q cannot stand in braces: rename it in the export"
	// is Kundenr of kunder.csv looked up by Kunde? 18 of 20 values are found; not found: "5009", "5012". Their rows
	// will be problems unless only leaves them out. Keep the line if so.
	msgAskJoin = "is %s of %s looked up by %s? %d of %d values are found; not found: %s. Their rows will be problems " +
		"unless only leaves them out. Keep the line if so."
	// customers.Rabatt speaks of a discount, and is not used (the first cell is "10 %"). If an invoice depends on it,
	// use {customers.Rabatt} in only or under columns.
	msgAskUnused = "%s %s, and is not used (the first cell is %q). If an invoice depends on it, use {%s} in only or " +
		"under columns."
)

// Evidence for orders and customers.
const (
	// the header says bruker
	msgWhyHeaderWord = "the header says %s"
	msgWhyWorkers    = "the list names who did the work, whose addresses they can be"
	msgWhyOneDomain  = "all have one domain, whoever the customer is"
	msgWhyWord       = "by a word of the header"
	// addresses that may be of employees: the header says bruker
	msgWhyEmployees = "addresses that may be of employees: %s"
	// 3 rows with the customer and no amount, above the lines
	msgWhyHeads = "%s with the customer and no amount, above the lines"
	// on 3 rows the cells of the order are empty, and those of the line are filled
	msgWhyFillDown = "on %s the cells of the order are empty, and those of the line are filled"
	msgWhyMerged   = "merged cells hold for the rows below"
	// 3 rows without organization number: a private person
	msgWhyPrivate       = "%s without organization number: a private person"
	msgWhyPrivateName   = "the name of a private person"
	msgWhyOrPrivateName = "or the name of a private person"
	// organization numbers of NO
	msgWhyOrganizations = "organization numbers of %s"
	// , postal codes of 4 digits
	msgWhyPostalCodes = ", postal codes of %d digits"
	// 3 rows without a country · organization numbers of NO
	msgWhyNoCountry = "%s without a country · %s"
	msgWhyDays      = "the days in the words"
	// Status stands on the first row of each order alone, and not on 3 rows below
	msgWhyFirstRows = "%s stands on the first row of each order alone, and not on %s below"
)

// Evidence that many columns have in their cells. It supports a header, and tells the reader of a draft nothing.
const (
	dullTexts   = "texts"
	dullNumbers = "numbers"
	dullCodes   = "numbers or codes"
	dullDates   = "dates"
	dullFew     = "few different cells"
)

// Evidence in cells.
const (
	// phone numbers in 19 of 20 cells
	msgWhyCells = "%s in %d of %d cells"
	// right check digits of NO in 20 of 20 cells
	msgWhyCheckDigits = "right check digits of %s in %d of %d cells"
	msgWhyHours       = "hours and minutes"
	// , rounded to 2 decimals since 7:20 has no exact decimal number
	msgWhyRounded = ", rounded to %d decimals since %s has no exact decimal number"
	// column F has no header: empty
	msgWhyNoHeader = "column %s has no header: %s"
	// a profile cannot name Navn {ny} here: Eva
	msgWhyUnnamed = "a profile cannot name %s here: %s"
	// 20 of 20 values of Kundenr are found there, each once
	msgWhyFound = "%d of %d values of %s are found there, each once"
	// not used of customers: Telefon (+4740000011)
	msgWhyUnusedOf = "not used of %s: %s"
	// nothing in 3 rows
	msgWhyBlank = "nothing in %s"
	// Rabattype says which: PERCENT in 3 rows, AMOUNT in 2 rows
	msgWhySaysWhich = "%s says which: %s"
)

// Evidence for money.
const (
	msgWhyOnlyAmount = "the only amount beside the hours"
	// Brutto is Netto with VAT on 20 of 20 rows
	msgWhyWithVAT = "%s is %s with VAT on %d of %d rows"
	msgWhyOnTop   = "on top of"
	// Mva is the VAT on top of Netto on 20 of 20 rows
	msgWhyVATAmount = "%s is the VAT %s %s on %d of %d rows"
	msgWhyMinor     = "the header says minor units"
	// the header says with VAT: Ja in 3 rows
	msgWhySaid = "the header says %s: %s"
	// row 2 says so
	msgWhyRowSays  = "row %d says so"
	msgWhyOwnNames = "what the columns' own names mean"
	// in the header Sum NOK
	msgWhyInHeader = "in the header %s"
	// in row 2
	msgWhyInRow = "in row %d"
	// in the cells of Sum
	msgWhyInCells = "in the cells of %s"
	// the header Pris inkl. mva says so
	msgWhyHeaderSays = "the header %s says so"
	// the header Mva
	msgWhyHeader = "the header %s"
	// its currency, in the header Sum SEK
	msgWhyItsCurrency = "its currency, %s"
	// each of its codes has one rate in Mva %
	msgWhyOneRate = "each of its codes has one rate in %s"
	// a cost, and quantity × unit_price = amount on 20 of 20 rows
	msgWhyCost = "a cost, and %s"
	// the same as Kundenr
	msgWhySameCells = "the same as %s"
	// the same as Sum on every row
	msgWhySameNumbers = "the same as %s on every row"
	// Sum with VAT on every row
	msgWhyWithOwnVAT = "%s with VAT on every row"
	// with Netto it tells the VAT
	msgWhyTellsVAT = "with %s it tells the VAT"
	// the sum of Sum over the order, on each of its rows
	msgWhySumOfOrder = "the sum of %s over the order, on each of its rows"
	// quantity × unit_price = amount on 20 of 20 rows
	msgWhyProduct = "%s = amount on %d of %d rows"
	// Brutto minus Netto
	msgWhyDifference  = "%s minus %s"
	msgWhyRates       = "every cell is a VAT rate"
	msgWhyFractions   = "every cell is a VAT rate as a fraction"
	msgWhyOnlyCountry = "the only country that has all of these VAT rates"
)

// A formula of a draft that stops a row with an unknown word.
const (
	// stop('the profile does not know Mva-type "' + {Mva-type} + '"')
	msgDraftStop = `stop('the profile does not know %s "' + {%s} + '"')`
)

// A subject of subjects.csv.
const draftBilled = "whether a row is billed"
