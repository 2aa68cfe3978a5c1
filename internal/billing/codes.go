package billing

// CodeInfo documents one problem code, for the page of codes and for `severity` in a profile.
type CodeInfo struct {
	Code      Code
	Severity  Severity // unless a profile says otherwise
	Lowerable bool     // a profile may make it a warning or switch it off: the order is right all the same
	Meaning   string
	Example   string
	Fix       string
}

// The problem codes of rows and orders. Intake's and the provider's codes are theirs.
const (
	CodeReferenceMissing    Code = "order_reference.missing"
	CodeReferenceCharacters Code = "order_reference.characters"
	CodeReferenceLength     Code = "order_reference.length"
	CodeReferenceTemplate   Code = "order_reference.template"
	CodeInvisible           Code = "text.invisible"
	CodeOrderDiffers        Code = "order.differs"
	CodeOrderLines          Code = "order.lines"
	CodeOrderTotal          Code = "order.total"
	CodeOrderIncomplete     Code = "order.incomplete"
	CodeProductUnknown      Code = "product.unknown"
	CodeCurrencyUnknown     Code = "currency.unknown"
	CodeCurrencyUnsupported Code = "currency.unsupported"
	CodeCurrencyCountry     Code = "currency.country"
	CodeDaysUnreadable      Code = "days_until_due.unreadable"
	CodeDaysRange           Code = "days_until_due.range"
	CodeDueUnreadable       Code = "due_date.unreadable"
	CodeDueRange            Code = "due_date.range"
	CodeDueTwice            Code = "due_date.twice"
	CodeChannelUnknown      Code = "invoice_channel.unknown"
	CodeChannelGrouped      Code = "invoice_channel.grouped"
	CodeFirstNameMissing    Code = "first_name.missing"
	CodeLastNameMissing     Code = "last_name.missing"
	CodeBusinessMissing     Code = "business_name.missing"
	CodeBusinessB2C         Code = "business_name.b2c"
	CodeOrgMissing          Code = "organization_number.missing"
	CodeOrgB2C              Code = "organization_number.b2c"
	CodeOrgFormat           Code = "organization_number.format"
	CodeOrgCheckDigit       Code = "organization_number.check_digit"
	CodeOrgRestored         Code = "organization_number.restored"
	CodeOrgPerson           Code = "organization_number.person"
	CodeEmailMissing        Code = "email.missing"
	CodeEmailInvalid        Code = "email.invalid"
	CodePhoneMissing        Code = "phone_number.missing"
	CodePhoneInvalid        Code = "phone_number.invalid"
	CodeAddressMissing      Code = "address_line.missing"
	CodePostalMissing       Code = "postal_code.missing"
	CodePostalFormat        Code = "postal_code.format"
	CodePostalRestored      Code = "postal_code.restored"
	CodePlaceMissing        Code = "postal_place.missing"
	CodeCountryMissing      Code = "country.missing"
	CodeCountryUnknown      Code = "country.unknown"
	CodeCountryUnsupported  Code = "country.unsupported"
	CodeGroupedSplit        Code = "grouped.split"
	CodeLineDuplicate       Code = "line_id.duplicate"
	CodeRowDuplicate        Code = "row.duplicate"
	CodeDescriptionMissing  Code = "description.missing"
	CodeDescriptionLong     Code = "description.long"
	CodeQuantityUnreadable  Code = "quantity.unreadable"
	CodeQuantityZero        Code = "quantity.zero"
	CodePriceUnreadable     Code = "unit_price.unreadable"
	CodeDiscountUnreadable  Code = "discount_percent.unreadable"
	CodeAmountMissing       Code = "amount.missing"
	CodeAmountUnreadable    Code = "amount.unreadable"
	CodeAmountDecimals      Code = "amount.decimals"
	CodeAmountMismatch      Code = "amount.mismatch"
	CodeAmountTooLarge      Code = "amount.too_large"
	CodeAmountNegative      Code = "amount.negative"
	CodeVATMissing          Code = "vat.missing"
	CodeVATUnreadable       Code = "vat.unreadable"
	CodeVATFraction         Code = "vat.fraction"
	CodeVATRate             Code = "vat.rate"
	CodeVATAmountUnreadable Code = "vat_amount.unreadable"
	CodeVATAmountMismatch   Code = "vat_amount.mismatch"
	CodeDeliveryUnreadable  Code = "delivery_date.unreadable"
)

// Codes lists every problem code of rows and orders with its default severity, an example and the fix.
func Codes() []CodeInfo {
	const needed, lowerable = false, true // without what is needed an order cannot be built, or its invoice would be wrong
	return []CodeInfo{
		{CodeReferenceMissing, Error, needed, "The row has no order reference, so it belongs to no order", "order_reference is empty", "fill in order_reference, or give a profile with reference: \"{period}-{customer_number}\""},
		{CodeReferenceCharacters, Error, needed, "The reference has characters that the provider may not keep", "order_reference `F 17/4`", "use only A-Z a-z 0-9 . _ -"},
		{CodeReferenceLength, Error, needed, "The reference is longer than the provider keeps for invoices", "order_reference of 36 characters", "shorten it to at most 35 characters"},
		{CodeReferenceTemplate, Error, needed, "The profile's reference needs a column that is empty in this row", "reference `{period}-{customer_number}` and customer_number empty", "fill in the column that the reference is made of"},
		{CodeInvisible, Warning, lowerable, "An identifier has characters that cannot be seen; they were left out", "organization_number with a zero-width space", "type the cell again"},
		{CodeOrderDiffers, Error, needed, "Two rows of one order say different things about the order", "two e-mail addresses in order 1001", "make the cells of the order agree, or leave all but one empty"},
		{CodeOrderLines, Error, needed, "The order has more lines than the provider takes", "101 lines with one reference", "split the order, or set split_orders: true in the profile"},
		{CodeOrderTotal, Error, needed, "The order's total is not between 0.01 and 21 474 836.47 (in minor units 1 to 2 147 483 647)", "a credit of -100.00 alone in its order", "bill what is owed; credits are made with the provider, not by this program"},
		{CodeOrderIncomplete, Error, needed, "Another row of the same order has a problem, and an order is sent whole or not at all", "row 7 is right, row 8 of the same order is not", "fix the other row"},
		{CodeProductUnknown, Error, needed, "The product is not one that can be invoiced", "product `b2x`", "use b2b, b2b_grouped or b2c"},
		{CodeCurrencyUnknown, Error, needed, "The currency is not an ISO 4217 code", "currency `kroner`", "use NOK, SEK or EUR"},
		{CodeCurrencyUnsupported, Warning, lowerable, "The currency is not one that Kravia is known to invoice in", "currency `USD`", "use NOK, SEK or EUR, or ask the provider"},
		{CodeCurrencyCountry, Warning, lowerable, "The currency is not the one of the customer's country", "SEK for a customer in NO", "check the currency and the country"},
		{CodeDaysUnreadable, Error, needed, "The days until due are not a whole number", "days_until_due `14 d`", "write a number from 0 to 365"},
		{CodeDaysRange, Error, needed, "The days until due are outside what the provider takes", "days_until_due `400`", "use 0 to 365"},
		{CodeDueUnreadable, Error, needed, "The due date is not a date", "due_date `30.02.2026`", "write it as 2026-02-28"},
		{CodeDueRange, Error, needed, "The due date is in the past or more than 365 days ahead", "due_date `2020-01-31`", "set a due date within the next 365 days"},
		{CodeDueTwice, Error, needed, "The order has both days until due and a due date", "days_until_due `14` and due_date `2026-02-28`", "keep one of the two"},
		{CodeChannelUnknown, Error, needed, "The invoice channel is not known", "invoice_channel `post`", "use kravia or merchant"},
		{CodeChannelGrouped, Error, lowerable, "A grouped invoice has no channel of its own", "invoice_channel `merchant` with b2b_grouped", "leave the cell empty"},
		{CodeFirstNameMissing, Error, lowerable, "The first name is missing; for a business, that of a contact person", "first_name empty", "fill in first_name or contact_name, or give a default in the profile"},
		{CodeLastNameMissing, Error, lowerable, "The last name is missing; for a business, that of a contact person", "last_name empty", "fill in last_name or contact_name, or give a default in the profile"},
		{CodeBusinessMissing, Error, needed, "A business invoice needs the business name", "business_name empty with b2b", "fill in business_name, or use product b2c"},
		{CodeBusinessB2C, Error, needed, "A consumer invoice must not carry a business name", "business_name with b2c", "empty the cell, or use product b2b"},
		{CodeOrgMissing, Error, needed, "A business invoice needs the organization number", "organization_number empty with b2b", "fill in organization_number, or use product b2c"},
		{CodeOrgB2C, Error, needed, "A consumer invoice must not carry an organization number", "organization_number with b2c", "empty the cell, or use product b2b"},
		{CodeOrgFormat, Error, needed, "The organization number has not the digits of its country", "`12345` in NO", "NO 9, SE 10 or 12, FI 8, DK 8 digits"},
		{CodeOrgCheckDigit, Warning, lowerable, "The organization number's check digit is wrong, so a digit is probably mistyped", "`123456789` in NO", "compare it with the company register"},
		{CodeOrgRestored, Warning, lowerable, "Zeros in front of the organization number were lost and have been put back", "`1234567` in FI", "format the column as text"},
		{CodeOrgPerson, Warning, lowerable, "The number is a personal number of a sole trader: personal data", "`850101…` in SE", "check that it may be used"},
		{CodeEmailMissing, Error, lowerable, "The e-mail address is missing", "email empty", "fill in email"},
		{CodeEmailInvalid, Error, lowerable, "The e-mail address cannot be one", "email `ola@nordmann`", "write it as name@example.com with plain letters"},
		{CodePhoneMissing, Error, lowerable, "The phone number is missing", "phone_number empty", "fill in phone_number, or set phone_number.missing: warning in the profile"},
		{CodePhoneInvalid, Error, lowerable, "The phone number is not one of its country", "phone_number `123`", "write it with the country code: +4799999999"},
		{CodeAddressMissing, Error, lowerable, "The street address is missing", "address_line empty", "fill in address_line"},
		{CodePostalMissing, Error, lowerable, "The postal code is missing", "postal_code empty", "fill in postal_code"},
		{CodePostalFormat, Error, lowerable, "The postal code has not the form of its country", "`123456` in NO", "NO 4, SE 5, FI 5, DK 4 digits"},
		{CodePostalRestored, Warning, lowerable, "Zeros in front of the postal code were lost and have been put back", "`151` in NO is sent as `0151`", "format the column as text"},
		{CodePlaceMissing, Error, lowerable, "The postal place is missing", "postal_place empty", "fill in postal_place"},
		{CodeCountryMissing, Error, needed, "The country is missing", "country empty", "fill in country, or set constants: {country: \"NO\"} in the profile"},
		{CodeCountryUnknown, Error, needed, "The country is not an ISO 3166-1 alpha-2 code", "country `Norge`", "use NO, SE, FI or DK"},
		{CodeCountryUnsupported, Warning, lowerable, "The country is not one that Kravia is known to invoice in", "country `DE`", "ask the provider before sending"},
		{CodeGroupedSplit, Warning, lowerable, "One business appears with different names or references, so that its grouped invoice is split in two", "`Nordmann AS` and `NORDMANN AS` with one organization number", "use one spelling"},
		{CodeLineDuplicate, Error, needed, "Two lines of the order have the same line id", "line_id `1` twice in order 1001", "make line ids unique in their order, or leave them empty"},
		{CodeRowDuplicate, Warning, lowerable, "The row is the same as an earlier one of its order", "the same export line twice", "remove one if it is there by mistake"},
		{CodeDescriptionMissing, Error, needed, "The line has no description", "description empty", "fill in description"},
		{CodeDescriptionLong, Warning, lowerable, "The description is long and may be cut on the invoice", "more than 100 characters", "shorten it"},
		{CodeQuantityUnreadable, Error, needed, "The quantity is not a number", "quantity `two`", "write a number such as 2 or 2.5"},
		{CodeQuantityZero, Error, needed, "The quantity is zero or negative", "quantity `0`", "write a positive quantity; put the sign on the amount"},
		{CodePriceUnreadable, Error, needed, "The unit price is not a number", "unit_price `299 each`", "write a number such as 299.00"},
		{CodeDiscountUnreadable, Error, needed, "The discount is not a percentage from 0 to 100", "discount_percent `110`", "write 0 to 100"},
		{CodeAmountMissing, Error, needed, "The line has neither amount nor unit price", "amount and unit_price empty", "fill in one of them"},
		{CodeAmountUnreadable, Error, needed, "The amount is not a number", "amount `299 eks`", "write a number such as 299.00"},
		{CodeAmountDecimals, Error, needed, "The amount has more decimals than its currency", "amount `299.005` NOK", "round it in the export"},
		{CodeAmountMismatch, Error, lowerable, "Amount and quantity × unit price differ by more than one minor unit", "amount 300.00, quantity 2, unit_price 149.00", "correct one of them, or keep only one"},
		{CodeAmountTooLarge, Error, needed, "The amount is too large to be computed", "amount `999999999999999999`", "check the amount, and whether it is in minor units"},
		{CodeAmountNegative, Warning, lowerable, "The line is negative, which lowers the order's total", "a discount line of -50.00", "nothing, if it is a discount; how the provider prints it is not documented"},
		{CodeVATMissing, Error, needed, "The line has no VAT rate", "vat empty", "write the percentage, 0 for none, or give a default in the profile"},
		{CodeVATUnreadable, Error, needed, "The VAT rate is not a percentage from 0 to 100 with at most two decimals", "vat `high`", "write 25 or 25.5"},
		{CodeVATFraction, Error, needed, "The VAT rate looks like a fraction, not a percentage", "vat `0.25`", "write 25 for 25 %"},
		{CodeVATRate, Warning, lowerable, "The VAT rate is not one of the customer's country on the delivery date", "14 % in FI in 2026", "check the rate"},
		{CodeVATAmountUnreadable, Error, lowerable, "The VAT amount is not a number", "vat_amount `-`", "write a number, or leave it empty"},
		{CodeVATAmountMismatch, Error, lowerable, "The VAT amount differs from the computed one by more than one minor unit", "amount 299.00 at 25 % and vat_amount 74.75", "check whether amounts are with or without VAT (prices in the profile)"},
		{CodeDeliveryUnreadable, Error, lowerable, "The delivery date is not a date", "delivery_date `32.01.2026`", "write it as 2026-01-31"},
	}
}

var codeIndex = indexCodes() //nolint:gochecknoglobals // fixed table

func indexCodes() map[Code]CodeInfo {
	index := map[Code]CodeInfo{}
	for _, info := range Codes() {
		index[info.Code] = info
	}
	return index
}
