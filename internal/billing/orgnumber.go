package billing

import (
	"slices"
	"strconv"
	"strings"
)

// separators are the signs that people write between the digits of an organization number.
var separators = strings.NewReplacer(" ", "", "-", "", ".", "") //nolint:gochecknoglobals // compiled once

// organization is the number that is sent for a cell. It drops separators, the country's letters in front and MVA at
// the end; it takes the number out of a longer one that contains it, and puts lost leading zeros back. changed is the
// code that reports one of the last two, else "". ok is false if the text is not a number of the order's country. The
// form of other countries' numbers is not known.
func (c *builder) organization(given string) (number string, changed Code, ok bool) {
	want := c.home.orgDigits
	if len(given) == want && onlyDigits(given) {
		return given, "", true
	}
	number = strings.TrimSuffix(separators.Replace(strings.ToUpper(given)), "MVA")
	number, withCountry := strings.CutPrefix(number, c.order.Address.Country)
	switch short := want - len(number); {
	case want == 0 && number == "":
		return given, "", true
	case want == 0:
		return number, "", true
	case !onlyDigits(number):
		return number, "", false
	case c.home.longNumbers && len(number) == 12:
		if held, ok := c.home.held(number, withCountry); ok {
			return held, "organization_number.vat_number", true
		}
	case c.order.Address.Country == "FI" && (short == 1 || short == 2):
		return strings.Repeat("0", short) + number, "organization_number.restored", true
	}
	return number, "", len(number) == want
}

// readOrganization takes the organization number and checks it by the rules of the country.
func (c *builder) readOrganization() {
	cell := c.cells[ColOrganizationNumber]
	if cell.value == "" {
		return
	}
	for i := range c.records {
		c.checkInvisible(i, ColOrganizationNumber)
	}
	country, number := c.order.Address.Country, cell.value
	if !cell.ok {
		c.report(cell.row, "organization_number.format", cell.given, "country", country, "digits",
			strconv.Itoa(c.home.orgDigits))
		return
	}
	c.order.Address.OrganizationNumber = number
	if c.home.orgDigits == 0 {
		return
	}
	if _, changed, _ := c.organization(cell.given); changed != "" {
		c.report(cell.row, changed, cell.given, "number", number)
	}
	if !c.home.checkDigit(number) {
		c.report(cell.row, "organization_number.check_digit", cell.given, "number", number)
	}
	// The third digit of a company's number is 2 or more; else it begins a month, and the number is a personal one.
	if country == "SE" && number[2] < '2' {
		c.report(cell.row, "organization_number.person", "")
	}
}

// held is the organization number inside a Swedish number of 12 digits. A VAT number has 01 after it; registers put a
// century in front of it, 16 for companies. The check digit must be correct, because there are other numbers of 12
// digits. If both readings are possible, ok is false.
func (k *country) held(digits string, withCountry bool) (number string, ok bool) {
	ofVAT := strings.HasSuffix(digits, "01") && k.checkDigit(digits[:10])
	ofCentury := !withCountry && slices.Contains([]string{"16", "18", "19", "20"}, digits[:2]) &&
		k.checkDigit(digits[2:])
	switch {
	case ofVAT == ofCentury:
		return "", false
	case ofVAT:
		return digits[:10], true
	}
	return digits[2:], true
}

func onlyDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}
