package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (c *checker) order(path string, o object) {
	c.reference(path, o.text("merchant_reference"))
	if currency := o.text("currency"); c.required(path, "currency", currency) && !upperLetters(*currency, 3) {
		c.add(path, "currency", "PATTERN", "currency is three capital letters")
	}
	items := elements(o.get("items"))
	if len(items) == 0 || len(items) > maxItems {
		c.add(path, "items", "ARRAY_LENGTH", "an order has 1 to %d items, not %d", maxItems, len(items))
		return
	}
	lines := make(map[string]bool, len(items))
	for i, item := range items {
		line := path + ".items." + strconv.Itoa(i)
		id := c.item(line, members(item))
		if lines[id] {
			c.add(line, "line_id", "ARRAY_UNIQUE", "line_id %q is used twice", id)
		}
		lines[id] = true
	}
	if amount := o.integer("amount"); c.int32(path, "amount", amount) && *amount <= 0 {
		c.add(path, "amount", "MINIMUM", "amount must be positive")
	}
	if vat := o.integer("vat_amount"); vat != nil {
		c.int32(path, "vat_amount", vat)
	}
}

// sum checks what strict-session-amounts asks for. The order has passed its other checks.
func (c *checker) sum(path string, o object) {
	sum := int64(0)
	for _, line := range append(elements(o.get("items")), o.get("shipping_option")) {
		if amount := members(line).integer("amount"); amount != nil {
			sum += *amount
		}
	}
	amount := *o.integer("amount")
	if partial, _ := o.flag("partial_payment"); amount != sum && (!partial || amount > sum) {
		c.add(path, "amount", "AMOUNT_MISMATCH", "amount %d is not the sum of the items, %d", amount, sum)
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

// item checks one line and gives its id. Description and VAT are optional.
func (c *checker) item(path string, line object) (id string) {
	lineID := line.text("line_id")
	c.required(path, "line_id", lineID)
	if line.get("quantity") == nil {
		c.missing(path, "quantity")
	}
	if kind := line.text("type"); kind != nil {
		c.oneOf(path, "type", kind, "physical", "digital", "service", "gift_card", "shipping", "surcharge")
	}
	c.int32(path, "amount", line.integer("amount"))
	if vat := line.integer("vat_amount"); vat != nil {
		c.int32(path, "vat_amount", vat)
	}
	if vat := line.get("vat"); vat != nil && !percentage(string(vat)) {
		c.add(path, "vat", "INVALID_FORMAT", "vat is a percentage of 0 to 100 with at most two decimals")
	}
	return text(lineID)
}

// percentage says whether n is 0 to 100 with at most two decimals.
func percentage(n string) bool {
	whole, decimals, _ := strings.Cut(n, ".")
	if len(decimals) > 2 {
		return false
	}
	points, err := strconv.ParseUint(whole+decimals+"00"[len(decimals):], 10, 31)
	return err == nil && points <= 100_00
}

// address checks the fields that every documented example carries. Which of them the provider insists on has been
// loosened since; only the phone number is optional here.
func (c *checker) address(path string, address json.RawMessage, product string) {
	if address == nil {
		c.missing(path, "")
		return
	}
	a := members(address)
	for _, name := range []string{"first_name", "last_name", "address_line", "postal_code", "postal_place"} {
		c.required(path, name, a.text(name))
	}
	if email := a.text("email"); c.required(path, "email", email) && !strings.Contains(*email, "@") {
		c.add(path, "email", "INVALID_FORMAT", "email is not an e-mail address")
	}
	if country := a.text("country"); c.required(path, "country", country) && !upperLetters(*country, 2) {
		c.add(path, "country", "PATTERN", "country is two capital letters")
	}
	c.phone(path, a.text("phone_number"))
	if product == productB2C {
		if a.get("business_name") != nil || a.get("organization_number") != nil {
			c.add(path, "", "OBJECT_ADDITIONAL_PROPERTIES", "business_name and organization_number are not allowed for %s", productB2C)
		}
		return
	}
	c.required(path, "business_name", a.text("business_name"))
	number := a.text("organization_number")
	if c.required(path, "organization_number", number) && strings.Trim(*number, "0123456789-") != "" {
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
