package simulator

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

func (c *checker) order(path string, o *order) {
	c.reference(path, o.MerchantReference)
	if c.required(path, "currency", o.Currency) && !upperLetters(*o.Currency, 3) {
		c.add(path, "currency", "PATTERN", "currency is three capital letters")
	}
	if len(o.Items) == 0 || len(o.Items) > maxItems {
		c.add(path, "items", "ARRAY_LENGTH", "an order has 1 to %d items, not %d", maxItems, len(o.Items))
		return
	}
	lines := make(map[string]bool, len(o.Items))
	for i := range o.Items {
		line := path + ".items." + strconv.Itoa(i)
		c.item(line, &o.Items[i])
		id := text(o.Items[i].LineID)
		if lines[id] {
			c.add(line, "line_id", "ARRAY_UNIQUE", "line_id %q is used twice", id)
		}
		lines[id] = true
	}
	if c.int32(path, "amount", o.Amount) && *o.Amount <= 0 {
		c.add(path, "amount", "MINIMUM", "amount must be positive")
	}
	if o.VATAmount != nil {
		c.int32(path, "vat_amount", o.VATAmount)
	}
}

// sum checks what strict-session-amounts asks for. The order has passed its other checks.
func (c *checker) sum(path string, o *order) {
	sum := o.ShippingOption.amount()
	for _, line := range o.Items {
		sum += *line.Amount
	}
	if *o.Amount != sum && (!o.PartialPayment || *o.Amount > sum) {
		c.add(path, "amount", "AMOUNT_MISMATCH", "amount %d is not the sum of the items, %d", *o.Amount, sum)
	}
}

func (c *checker) reference(path string, reference *string) {
	if !c.required(path, "merchant_reference", reference) {
		return
	}
	if n := utf8.RuneCountInString(*reference); n > maxReference {
		c.add(path, "merchant_reference", "MAX_LENGTH",
			"merchant_reference has %d characters, at most %d are allowed", n, maxReference)
	}
}

// item checks one line. Description and VAT are optional.
func (c *checker) item(path string, line *item) {
	c.required(path, "line_id", line.LineID)
	if line.Quantity == nil {
		c.missing(path, "quantity")
	}
	if line.Type != nil {
		c.oneOf(path, "type", line.Type, "physical", "digital", "service", "gift_card", "shipping", "surcharge")
	}
	c.int32(path, "amount", line.Amount)
	if line.VATAmount != nil {
		c.int32(path, "vat_amount", line.VATAmount)
	}
	if line.VAT != nil && !percentage(*line.VAT) {
		c.add(path, "vat", "INVALID_FORMAT", "vat is a percentage of 0 to 100 with at most two decimals")
	}
}

// percentage says whether n is 0 to 100 with at most two decimals.
func percentage(n number) bool {
	whole, decimals, _ := strings.Cut(string(n), ".")
	if len(decimals) > 2 {
		return false
	}
	points, err := strconv.ParseUint(whole+decimals+"00"[len(decimals):], 10, 31)
	return err == nil && points <= 100_00
}

// address checks the fields that every documented example carries. Which of them the provider insists on has been
// loosened since; only the phone number is optional here.
func (c *checker) address(path string, a *address, product string) {
	if a == nil {
		c.missing(path, "")
		return
	}
	c.required(path, "first_name", a.FirstName)
	c.required(path, "last_name", a.LastName)
	c.required(path, "address_line", a.AddressLine)
	c.required(path, "postal_code", a.PostalCode)
	c.required(path, "postal_place", a.PostalPlace)
	if c.required(path, "email", a.Email) && !strings.Contains(*a.Email, "@") {
		c.add(path, "email", "INVALID_FORMAT", "email is not an e-mail address")
	}
	if c.required(path, "country", a.Country) && !upperLetters(*a.Country, 2) {
		c.add(path, "country", "PATTERN", "country is two capital letters")
	}
	c.phone(path, a.PhoneNumber)
	if product == productB2C {
		if a.BusinessName != nil || a.OrganizationNumber != nil {
			c.add(path, "", "OBJECT_ADDITIONAL_PROPERTIES", "business_name and organization_number are not allowed for %s", productB2C)
		}
		return
	}
	c.required(path, "business_name", a.BusinessName)
	if c.required(path, "organization_number", a.OrganizationNumber) && strings.Trim(*a.OrganizationNumber, "0123456789-") != "" {
		c.add(path, "organization_number", "PATTERN", "organization_number has digits only")
	}
}

// phone checks an optional number against the documented ^\+?\d{5,15}$.
func (c *checker) phone(path string, phone *string) {
	if phone == nil {
		return
	}
	digits := strings.TrimPrefix(*phone, "+")
	if len(digits) < 5 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		c.add(path, "phone_number", "PATTERN", `phone_number does not match ^\+?\d{5,15}$`)
	}
}

func upperLetters(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
