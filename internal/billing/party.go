package billing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// readParty reads the billing address and checks what the order's product needs.
func (c *builder) readParty() {
	a := &c.order.Address
	a.FirstName, a.LastName = fullName(c.cells[ColContactName].value, c.cells[ColFirstName].value,
		c.cells[ColLastName].value)
	a.BusinessName = c.cells[ColBusinessName].value
	a.AddressLine, a.AddressLine2, a.COAddress = c.cells[ColAddressLine].value, c.cells[ColAddressLine2].value,
		c.cells[ColCOAddress].value
	a.PostalPlace = c.cells[ColPostalPlace].value
	a.CustomerReference, a.CostCenter = c.cells[ColCustomerReference].value, c.cells[ColCostCenter].value
	c.readOrganization()
	c.readEmail()
	c.readPhone()
	c.readPostalCode()
	c.need(ColFirstName, a.FirstName)
	c.need(ColLastName, a.LastName)
	c.need(ColAddressLine, a.AddressLine)
	c.need(ColPostalPlace, a.PostalPlace)
	switch c.order.Product {
	case B2B, B2BGrouped:
		c.need(ColBusinessName, a.BusinessName)
		c.need(ColOrganizationNumber, c.cells[ColOrganizationNumber].value)
	case B2C:
		c.mustNot(ColBusinessName)
		c.mustNot(ColOrganizationNumber)
	}
}

// fullName fills in a missing first or last name from a full one: "Kari Nordmann" or "Nordmann, Kari". If one name is
// given, the rest of the full name is the other. If none is given, the last word is the last name.
func fullName(full, first, last string) (firstName, lastName string) {
	full = strings.Join(strings.Fields(full), " ")
	if full == "" || first != "" && last != "" {
		return first, last
	}
	head, tail := splitName(full)
	switch {
	case first != "":
		if rest, ok := strings.CutPrefix(full, first+" "); ok {
			tail = rest
		} else if tail == first {
			tail = head
		}
		return first, tail
	case last != "":
		if rest, ok := strings.CutSuffix(full, " "+last); ok {
			head = rest
		} else if head == "" && tail != last {
			head = tail
		}
		return head, last
	}
	return head, tail
}

// splitName splits a full name. A text with more than one comma can have titles or several names, so it gives neither
// name.
func splitName(full string) (first, last string) {
	before, after, found := strings.Cut(full, ",")
	switch {
	case !found:
		at := strings.LastIndexByte(full, ' ')
		return full[:max(at, 0)], full[at+1:]
	case strings.Contains(after, ","):
		return "", ""
	}
	return strings.TrimSpace(after), strings.TrimSpace(before)
}

// need reports a column that the order must have.
func (c *builder) need(column Column, value string) {
	if value == "" {
		c.report(c.cells[column].row, Code(column.String()+".missing"), "")
	}
}

// mustNot reports a column that a consumer invoice must not have.
func (c *builder) mustNot(column Column) {
	if cell := c.cells[column]; cell.value != "" {
		c.report(cell.row, Code(column.String()+".b2c"), cell.given)
	}
}

func (c *builder) readEmail() {
	cell := c.cells[ColEmail]
	if cell.value == "" {
		c.need(ColEmail, "")
		return
	}
	c.order.Address.Email = cell.value
	if !isEmail(cell.value) {
		because := ""
		if i := strings.IndexFunc(cell.value, func(r rune) bool { return r > unicode.MaxASCII }); i >= 0 {
			because = fmt.Sprintf(msgLetter, []rune(cell.value[i:])[0])
		}
		c.report(cell.row, "email.invalid", cell.given, "because", because)
	}
}

// isEmail accepts the form that all mail systems accept: name@label.label, in ASCII.
func isEmail(text string) bool {
	name, domain, _ := strings.Cut(text, "@")
	const special = "!#$%&'*+/=?^_`{|}~-."
	return dotted(name, 1, special) && dotted(domain, 2, "-.")
}

// dotted reports whether text has at least so many words, separated by dots and made of ASCII letters, digits and the
// special characters.
func dotted(text string, words int, special string) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune(special, c) {
			return false
		}
	}
	n := 0
	for word := range strings.SplitSeq(text, ".") {
		if word == "" {
			return false
		}
		n++
	}
	return n >= words
}

func (c *builder) readPhone() {
	cell := c.cells[ColPhoneNumber]
	if cell.value == "" {
		c.need(ColPhoneNumber, "")
		return
	}
	if !cell.ok {
		of := ""
		if country := c.order.Address.Country; isCountry(country) {
			of = " of " + country
		}
		c.report(cell.row, "phone_number.invalid", cell.given, "of", of)
		return
	}
	c.order.Address.PhoneNumber = cell.value
}

// phone brings one number to E.164, with the customer's country as the default. It accepts digits and the usual signs
// between them. Letters are refused, because some parsers read them as keys; so are extensions and a second number. A
// slash may follow an area code, as in 08/123 456 78; anywhere else it separates two numbers.
func (c *builder) phone(given string) (e164 string, ok bool) {
	area, _, slash := strings.Cut(given, "/")
	const longest = 4 // area code
	switch {
	case strings.ContainsFunc(given, func(r rune) bool {
		return (r < '0' || r > '9') && !strings.ContainsRune("+ ()-./\u2011\u2013", r)
	}),
		slash && (digitsIn(area) > longest || strings.Count(given, "/") > 1):
		return given, false
	}
	if c.home.isMobile(given) {
		return given, true
	}
	if number := bareE164(given, c.home.calling); number != nil {
		return given, phonenumbers.IsValidNumber(number)
	}
	number, err := phonenumbers.Parse(given, c.order.Address.Country)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return given, false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

// isMobile reports whether a number is a mobile number of the country in E.164, as most are. These numbers do not need
// the library, which would take most of the time of a check.
func (k *country) isMobile(text string) bool {
	number, found := strings.CutPrefix(text, "+"+strconv.Itoa(int(k.calling)))
	return found && len(number) == k.mobile && onlyDigits(number) &&
		slices.ContainsFunc(k.mobiles, func(begin string) bool { return strings.HasPrefix(number, begin) })
}

// bareE164 is the number of a text that is only +, the calling code and digits, and so is E.164 already; nil for any
// other text.
func bareE164(text string, calling int32) *phonenumbers.PhoneNumber {
	national, found := strings.CutPrefix(text, "+"+strconv.Itoa(int(calling)))
	if !found || calling == 0 || len(national) < 5 || len(national) > 12 || national[0] == '0' ||
		!onlyDigits(national) {
		return nil
	}
	n, _ := strconv.ParseUint(national, 10, 64) // few digits
	return &phonenumbers.PhoneNumber{CountryCode: &calling, NationalNumber: &n}
}

// postalCode is a code without its country's letters and spaces. Leading zeros that a spreadsheet dropped are put back
// where a country's codes can begin with zero: in NO, FI and DK. The form of other countries' codes is not known.
func (c *builder) postalCode(given string) (code string, ok bool) {
	want := c.home.postal
	if len(given) == want && onlyDigits(given) {
		return given, true
	}
	code = strings.ToUpper(given)
	if letters, rest, found := strings.Cut(code, "-"); found && letters != "" &&
		(letters == c.order.Address.Country || slices.Contains(c.home.postalLetters, letters)) {
		code = rest
	}
	if want == 0 {
		return code, true
	}
	code = strings.ReplaceAll(code, " ", "")
	if short := want - len(code); short > 0 && onlyDigits(code) && c.order.Address.Country != "SE" {
		code = strings.Repeat("0", short) + code
	}
	return code, len(code) == want && onlyDigits(code)
}

func (c *builder) readPostalCode() {
	cell := c.cells[ColPostalCode]
	country, want := c.order.Address.Country, c.home.postal
	switch {
	case cell.value == "":
		c.need(ColPostalCode, "")
		return
	case !cell.ok:
		c.report(cell.row, "postal_code.format", cell.given, "country", country, "digits", strconv.Itoa(want))
		return
	case want > 0 && len(cell.value) > digitsIn(cell.given):
		c.report(cell.row, "postal_code.restored", cell.given, "code", cell.value)
	}
	c.order.Address.PostalCode = cell.value
}

func digitsIn(text string) (n int) {
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			n++
		}
	}
	return n
}
