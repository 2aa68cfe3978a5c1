package billing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
)

// isCountry reports whether code is an ISO 3166-1 alpha-2 code.
func isCountry(code string) bool {
	if len(code) != 2 {
		return false
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.String() == code
}

// readAddress reads the billing address and checks what the order's product needs.
func (c *check) readAddress() {
	a := &c.order.Address
	a.FirstName, a.LastName = c.at(ColFirstName).value, c.at(ColLastName).value
	if contact := strings.Fields(c.at(ColContactName).value); len(contact) > 0 {
		if a.FirstName == "" && (len(contact) > 1 || a.LastName != "") {
			a.FirstName = strings.Join(contact[:max(1, len(contact)-1)], " ")
		}
		if a.LastName == "" {
			a.LastName = contact[len(contact)-1]
		}
	}
	a.BusinessName = strings.Join(strings.Fields(c.at(ColBusinessName).value), " ")
	a.AddressLine, a.AddressLine2, a.COAddress = c.at(ColAddressLine).value, c.at(ColAddressLine2).value, c.at(ColCOAddress).value
	a.PostalPlace = c.at(ColPostalPlace).value
	a.CustomerReference, a.CostCenter = c.at(ColCustomerReference).value, c.at(ColCostCenter).value
	c.readOrganization()
	c.readEmail()
	c.readPhone()
	c.readPostalCode()
	c.need(ColFirstName, CodeFirstNameMissing, a.FirstName, "the first name is missing", "fill in first_name or contact_name, or give a default in the profile")
	c.need(ColLastName, CodeLastNameMissing, a.LastName, "the last name is missing", "fill in last_name or contact_name, or give a default in the profile")
	c.need(ColAddressLine, CodeAddressMissing, a.AddressLine, "the street address is missing", "fill in address_line")
	c.need(ColPostalPlace, CodePlaceMissing, a.PostalPlace, "the postal place is missing", "fill in postal_place")
	switch c.order.Product {
	case B2B, B2BGrouped:
		c.need(ColBusinessName, CodeBusinessMissing, a.BusinessName, "a business invoice needs the business name", "fill in business_name, or use product b2c")
		c.need(ColOrganizationNumber, CodeOrgMissing, c.at(ColOrganizationNumber).value, "a business invoice needs the organization number", "fill in organization_number, or use product b2c")
	case B2C:
		c.mustNot(ColBusinessName, CodeBusinessB2C, "a consumer invoice must not carry a business name")
		c.mustNot(ColOrganizationNumber, CodeOrgB2C, "a consumer invoice must not carry an organization number")
	}
}

func (c *check) need(column string, code Code, value, message, hint string) {
	if value == "" {
		c.add(c.at(column).row, code, column, "", message, hint)
	}
}

func (c *check) mustNot(column string, code Code, message string) {
	if m := c.at(column); m.value != "" {
		c.add(m.row, code, column, m.value, message, "empty the cell, or use product b2b")
	}
}

// separators stand in organization numbers as people write them.
var separators = strings.NewReplacer(" ", "", "-", "", ".", "") //nolint:gochecknoglobals // compiled once

// readOrganization keeps the digits and checks them by the country's rule.
func (c *check) readOrganization() {
	m := c.at(ColOrganizationNumber)
	if m.value == "" {
		return
	}
	country := c.order.Address.Country
	text := strings.ToUpper(m.value)
	text = strings.TrimSuffix(strings.TrimPrefix(text, country), "MVA")
	digits := separators.Replace(text)
	for i := range c.records {
		c.checkInvisible(i, ColOrganizationNumber, c.records[i].OrganizationNumber)
	}
	if c.home.orgDigits == nil {
		c.order.Address.OrganizationNumber = digits
		return
	}
	if !onlyDigits(digits) {
		c.orgFormat(m, country)
		return
	}
	want := c.home.orgDigits[0]
	if country == "FI" && len(digits) < want && len(digits) >= want-2 {
		digits = strings.Repeat("0", want-len(digits)) + digits
		c.add(m.row, CodeOrgRestored, ColOrganizationNumber, m.value, fmt.Sprintf("the organization number is read as %s", digits), "format the column as text")
	}
	if !slices.Contains(c.home.orgDigits, len(digits)) {
		c.orgFormat(m, country)
		return
	}
	c.order.Address.OrganizationNumber = digits
	if !c.home.checkDigit(digits) {
		c.add(m.row, CodeOrgCheckDigit, ColOrganizationNumber, m.value, fmt.Sprintf("the check digit of organization number %s is wrong", digits), "compare it with the company register")
	}
	if country == "SE" && digits[len(digits)-8] < '2' {
		c.add(m.row, CodeOrgPerson, ColOrganizationNumber, "", "the number is a sole trader's personal number", "check that it may be used")
	}
}

func (c *check) orgFormat(m merged, country string) {
	c.add(m.row, CodeOrgFormat, ColOrganizationNumber, m.value,
		fmt.Sprintf("%q is not an organization number of %s", m.value, country), "NO 9, SE 10 or 12, FI 8, DK 8 digits")
}

func onlyDigits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

func (c *check) readEmail() {
	m := c.at(ColEmail)
	if m.value == "" {
		c.add(m.row, CodeEmailMissing, ColEmail, "", "the e-mail address is missing", "fill in email")
		return
	}
	c.order.Address.Email = m.value
	if !isEmail(m.value) {
		c.add(m.row, CodeEmailInvalid, ColEmail, m.value, fmt.Sprintf("%+q cannot be an e-mail address", m.value), "write it as name@example.com with plain letters")
	}
}

// isEmail takes the plain form that mail systems agree on: name@label.label, in ASCII.
func isEmail(text string) bool {
	name, domain, _ := strings.Cut(text, "@")
	const special = "!#$%&'*+/=?^_`{|}~-."
	return dotted(name, 1, special) && dotted(domain, 2, "-.")
}

// dotted reports whether text is at least so many words of letters, digits and the special characters, apart by dots.
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

// readPhone brings the number to E.164 with the customer's country as the default.
func (c *check) readPhone() {
	m := c.at(ColPhoneNumber)
	if m.value == "" {
		c.add(m.row, CodePhoneMissing, ColPhoneNumber, "", "the phone number is missing", "fill in phone_number, or set phone_number.missing: warning in the profile")
		return
	}
	number, err := parsePhone(m.value, c.order.Address.Country, c.home.calling)
	if err != nil || strings.ContainsAny(m.value, "eE") || !phonenumbers.IsValidNumber(number) {
		c.add(m.row, CodePhoneInvalid, ColPhoneNumber, m.value, fmt.Sprintf("%q is not a phone number of %s", m.value, c.order.Address.Country), "write it with the country code: +4799999999")
		return
	}
	c.order.Address.PhoneNumber = phonenumbers.Format(number, phonenumbers.E164)
}

// parsePhone reads a number that is nothing but +, the calling code of the country and digits by itself, for the library's
// parser takes most of the time of a check; it reads all others.
func parsePhone(text, country string, calling int32) (*phonenumbers.PhoneNumber, error) {
	national, found := strings.CutPrefix(text, "+"+strconv.Itoa(int(calling)))
	if found && calling != 0 && len(national) >= 5 && len(national) <= 12 && national[0] != '0' && onlyDigits(national) {
		n, err := strconv.ParseUint(national, 10, 64)
		return &phonenumbers.PhoneNumber{CountryCode: &calling, NationalNumber: &n}, err
	}
	return phonenumbers.Parse(text, country)
}

// readPostalCode restores zeros that a spreadsheet dropped.
func (c *check) readPostalCode() {
	m := c.at(ColPostalCode)
	if m.value == "" {
		c.add(m.row, CodePostalMissing, ColPostalCode, "", "the postal code is missing", "fill in postal_code")
		return
	}
	country := c.order.Address.Country
	code := strings.TrimPrefix(strings.ToUpper(m.value), country+"-")
	want := c.home.postal
	if want == 0 {
		c.order.Address.PostalCode = code
		return
	}
	code = strings.ReplaceAll(code, " ", "")
	if !onlyDigits(code) || len(code) > want {
		c.add(m.row, CodePostalFormat, ColPostalCode, m.value, fmt.Sprintf("%q is not a postal code of %s", m.value, country), fmt.Sprintf("%s has %d digits", country, want))
		return
	}
	if len(code) < want {
		// Codes that start with zero exist in NO, FI and DK; a Swedish one never does.
		if country == "SE" {
			c.add(m.row, CodePostalFormat, ColPostalCode, m.value, fmt.Sprintf("%q is not a postal code of SE", m.value), "SE has 5 digits")
			return
		}
		code = strings.Repeat("0", want-len(code)) + code
		c.add(m.row, CodePostalRestored, ColPostalCode, m.value, fmt.Sprintf("the postal code %s is sent as %s", m.value, code), "format the column as text")
	}
	c.order.Address.PostalCode = code
}
