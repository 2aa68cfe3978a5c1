package money

// What the package says of a text that it cannot read, or of a sum. A text with values has an example above it.
const (
	// Errors that callers recognize by errors.Is.
	msgOverflow      = "amount out of range"
	msgNotNumber     = "not a number"
	msgTooManyDigits = "too many digits"
	msgPercentRange  = "not between 0 and 100 percent"

	// cannot add EUR to NOK
	msgCannotAdd = "cannot add %s to %s"
	// "KRONER" is not an ISO 4217 currency code
	msgNoCurrency = "%q is not an ISO 4217 currency code"
	// 2.5 is not a whole number of minor units
	msgNotMinor = "%s is not a whole number of minor units"

	// "12a" is not a number
	msgIs = "%q is %w"
	// "NOK 5 EUR" says NOK and EUR: not a number
	msgContradicts = "%q says %s: %w"
	// "1234567890123456789" has too many digits: at most 18 are read
	msgDigits = "%q has %w: at most %d are read"
	// "2.123" has too many digits: at most 2 decimals are read
	msgDecimals = "%q has %w: at most %d decimals are read"
	// "25 %" has a percent sign: not a number alone
	msgHasPercent = "%q has a percent sign: %w alone"
	// "100 kr" has the currency kr: not a number alone
	msgHasCurrency = "%q has the currency %s: %w alone"
	// "25 kr" has the currency kr, which a percentage cannot have: not a number
	msgPercentCurrency = "%q has the currency %s, which a percentage cannot have: %w"
)
