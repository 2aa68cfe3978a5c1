package simulator

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of the documented contract.
const (
	maxReference    = 35 // characters of merchant_reference when Kravia is used
	maxItems        = 100
	maxDaysUntilDue = 365
	defaultDays     = 14
)

// The products of Kravia.
const (
	productB2B     = "kravia.invoice_b2b"
	productGrouped = "kravia.invoice_b2b_grouped"
	productB2C     = "kravia.invoice_b2c"
)

// The invoice channels: who delivers the invoice.
const (
	channelKravia   = "kravia"
	channelMerchant = "merchant"
)

// checker collects all violations of one body.
type checker struct {
	found []violation
}

func (c *checker) add(path, code, format string, args ...any) {
	c.found = append(c.found, violation{Code: code, Message: fmt.Sprintf(format, args...), Path: strings.Split(path, ".")})
}

// required reports whether the text is there; it complains if it is missing or empty.
func (c *checker) required(path string, value *string) bool {
	if value == nil {
		c.add(path, "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: %s", path)
		return false
	}
	if strings.TrimSpace(*value) == "" {
		c.add(path, "MIN_LENGTH", "%s is empty", path)
		return false
	}
	return true
}

func (c *checker) oneOf(path string, value *string, allowed ...string) {
	if c.required(path, value) && !slices.Contains(allowed, *value) {
		c.add(path, "ENUM_MISMATCH", "no enum match for %q: %s is one of %s", *value, path, strings.Join(allowed, ", "))
	}
}

func (c *checker) int32(path string, value *int64) bool {
	if value == nil {
		c.add(path, "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: %s", path)
		return false
	}
	if *value < math.MinInt32 || *value > math.MaxInt32 {
		c.add(path, "INVALID_FORMAT", "%s does not fit 32 bits", path)
		return false
	}
	return true
}

func (c *checker) days(path string, days *int) {
	if days == nil {
		c.add(path, "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: %s", path)
		return
	}
	if *days < 0 || *days > maxDaysUntilDue {
		c.add(path, "MAXIMUM", "%s must be 0 to %d", path, maxDaysUntilDue)
	}
}

func (c *checker) product(path string, product *string) {
	c.oneOf(path, product, productB2B, productGrouped, productB2C)
}

// channel checks an optional invoice channel, which grouped invoices do not have.
func (c *checker) channel(path, product string, channel *string) {
	if channel == nil {
		return
	}
	c.oneOf(path, channel, channelKravia, channelMerchant)
	if product == productGrouped {
		c.add(path, "OBJECT_ADDITIONAL_PROPERTIES", "%s is not supported for %s", path, productGrouped)
	}
}

// payBody checks the one-step body. The parts the caller relies on are present when nothing is found.
func (c *checker) payBody(request *payRequest) {
	if request.Payment == nil {
		c.add("payment", "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: payment")
	}
	if request.Session == nil {
		c.add("session", "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: session")
	}
	if request.Payment == nil || request.Session == nil {
		return
	}
	pay := request.Payment
	c.product("payment.payment_product_type", pay.Product)
	c.oneOf("payment.operation", pay.Operation, "invoice_payment")
	c.days("payment.days_until_due", pay.DaysUntilDue)
	c.channel("payment.invoice_channel", text(pay.Product), pay.InvoiceChannel)
	c.sessionBody("session.", &request.Session.sessionRequest)
	if o := request.Session.Order; o != nil {
		c.address("session.order.billing_address", o.BillingAddress, text(pay.Product))
	}
}

// sessionBody checks what both ways to make a session have in common.
func (c *checker) sessionBody(prefix string, request *sessionRequest) {
	if request.URL != nil {
		c.webAddress(prefix+"url.callback_url", request.URL.CallbackURL)
		c.webAddress(prefix+"url.return_url", request.URL.ReturnURL)
	}
	if request.Customer != nil {
		c.phone(prefix+"customer.phone_number", request.Customer.PhoneNumber)
	}
	if request.ExpiresAt != nil && !request.ExpiresAt.After(time.Now()) {
		c.add(prefix+"expires_at", "INVALID_FORMAT", "expires_at has passed")
	}
	for key, value := range request.Metadata {
		if !strings.HasPrefix(key, "ext") {
			c.add(prefix+"metadata."+key, "PATTERN", "metadata keys start with ext, %q does not", key)
		}
		if strings.ContainsRune("{[tfn", rune(value[0])) {
			c.add(prefix+"metadata."+key, "INVALID_TYPE", "metadata values are text or numbers")
		}
	}
	if request.Order == nil {
		c.add(prefix+"order", "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: order")
		return
	}
	c.order(prefix+"order", request.Order)
}

func (c *checker) webAddress(path string, url *string) {
	if url != nil && !strings.HasPrefix(*url, "https://") && !strings.HasPrefix(*url, "http://") {
		c.add(path, "PATTERN", "%s is not a web address", path)
	}
}

func (c *checker) order(path string, o *order) {
	c.reference(path+".merchant_reference", o.MerchantReference)
	if c.required(path+".currency", o.Currency) && !upperLetters(*o.Currency, 3) {
		c.add(path+".currency", "PATTERN", "currency is three capital letters")
	}
	if len(o.Items) == 0 || len(o.Items) > maxItems {
		c.add(path+".items", "ARRAY_LENGTH", "an order has 1 to %d items, not %d", maxItems, len(o.Items))
		return
	}
	var sum int64
	lines := make(map[string]bool, len(o.Items))
	for i := range o.Items {
		line := path + ".items." + strconv.Itoa(i)
		c.item(line, &o.Items[i])
		if o.Items[i].Amount != nil {
			sum += *o.Items[i].Amount
		}
		id := text(o.Items[i].LineID)
		if lines[id] {
			c.add(line+".line_id", "ARRAY_UNIQUE", "line_id %q is used twice", id)
		}
		lines[id] = true
	}
	if !c.int32(path+".amount", o.Amount) {
		return
	}
	if *o.Amount <= 0 {
		c.add(path+".amount", "MINIMUM", "amount must be positive")
	}
	if *o.Amount != sum {
		c.add(path+".amount", "AMOUNT_MISMATCH", "amount %d is not the sum of the items, %d", *o.Amount, sum)
	}
	c.orderVAT(path+".vat_amount", o)
}

func (c *checker) reference(path string, reference *string) {
	if !c.required(path, reference) {
		return
	}
	if n := utf8.RuneCountInString(*reference); n > maxReference {
		c.add(path, "MAX_LENGTH", "merchant_reference has %d characters, at most %d are allowed", n, maxReference)
	}
}

// orderVAT wants the sum of the items' VAT exactly where all items state theirs, else within one unit per item.
func (c *checker) orderVAT(path string, o *order) {
	if o.VATAmount == nil {
		return
	}
	if !c.int32(path, o.VATAmount) {
		return
	}
	var sum, tolerance int64
	for _, line := range o.Items {
		switch {
		case line.VATAmount != nil:
			sum += *line.VATAmount
		case line.VAT != nil && line.Amount != nil:
			points, _ := basisPoints(*line.VAT)
			sum += vatWithin(*line.Amount, points)
			tolerance++
		}
	}
	if difference(sum, *o.VATAmount) > tolerance {
		c.add(path, "AMOUNT_MISMATCH", "vat_amount %d is not the sum of the items' VAT, %d", *o.VATAmount, sum)
	}
}

func (c *checker) item(path string, line *item) {
	c.required(path+".line_id", line.LineID)
	c.required(path+".description", line.Description)
	if line.Quantity == nil {
		c.add(path+".quantity", "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: quantity")
	}
	if line.Type != nil {
		c.oneOf(path+".type", line.Type, "physical", "digital", "service", "gift_card", "shipping", "surcharge")
	}
	c.int32(path+".amount", line.Amount)
	if line.VAT == nil {
		c.add(path+".vat", "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: vat")
		return
	}
	points, ok := basisPoints(*line.VAT)
	if !ok {
		c.add(path+".vat", "INVALID_FORMAT", "vat is a percentage of 0 to 100 with at most two decimals")
		return
	}
	if line.VATAmount == nil || line.Amount == nil || !c.int32(path+".vat_amount", line.VATAmount) {
		return
	}
	if want := vatWithin(*line.Amount, points); difference(want, *line.VATAmount) > 1 {
		c.add(path+".vat_amount", "AMOUNT_MISMATCH", "vat_amount %d is not %s %% within %d, which is %d",
			*line.VATAmount, *line.VAT, *line.Amount, want)
	}
}

// address checks the fields that every documented example carries. Which of them the provider insists on has been
// loosened since; only the phone number is optional here.
func (c *checker) address(path string, a *address, product string) {
	if a == nil {
		c.add(path, "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: billing_address")
		return
	}
	for _, field := range []struct {
		name  string
		value *string
	}{
		{"first_name", a.FirstName},
		{"last_name", a.LastName},
		{"address_line", a.AddressLine},
		{"postal_code", a.PostalCode},
		{"postal_place", a.PostalPlace},
	} {
		c.required(path+"."+field.name, field.value)
	}
	if c.required(path+".email", a.Email) && !strings.Contains(*a.Email, "@") {
		c.add(path+".email", "INVALID_FORMAT", "email is not an e-mail address")
	}
	if c.required(path+".country", a.Country) && !upperLetters(*a.Country, 2) {
		c.add(path+".country", "PATTERN", "country is two capital letters")
	}
	c.phone(path+".phone_number", a.PhoneNumber)
	if product == productB2C {
		if a.BusinessName != nil || a.OrganizationNumber != nil {
			c.add(path, "OBJECT_ADDITIONAL_PROPERTIES", "business_name and organization_number are not allowed for %s", productB2C)
		}
		return
	}
	c.required(path+".business_name", a.BusinessName)
	if c.required(path+".organization_number", a.OrganizationNumber) &&
		strings.Trim(*a.OrganizationNumber, "0123456789-") != "" {
		c.add(path+".organization_number", "PATTERN", "organization_number has digits only")
	}
}

// phone checks an optional number against the documented ^\+?\d{5,15}$.
func (c *checker) phone(path string, phone *string) {
	if phone == nil {
		return
	}
	digits := strings.TrimPrefix(*phone, "+")
	if len(digits) < 5 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		c.add(path, "PATTERN", `%s does not match ^\+?\d{5,15}$`, path)
	}
}

// createBody checks a two-step session; one made from a profile may leave the configuration to it.
func (c *checker) createBody(request *createRequest, fromProfile bool) {
	c.sessionBody("", &request.sessionRequest)
	if request.URL == nil {
		c.add("url", "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: url")
	} else {
		c.required("url.return_url", request.URL.ReturnURL)
	}
	switch {
	case fromProfile:
		c.required("profile_id", request.ProfileID)
	case request.ProfileID != nil:
		c.add("profile_id", "OBJECT_ADDITIONAL_PROPERTIES", "profile_id belongs to /sessions-profile")
	case request.Configuration == nil:
		c.add("configuration", "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: configuration")
	}
	for _, product := range []string{productB2B, productGrouped, productB2C} {
		settings := request.Configuration.of(product)
		path := "configuration." + product
		c.channel(path+".invoice_channel", product, settings.InvoiceChannel)
		if settings.DaysUntilDue != nil {
			c.days(path+".days_until_due", settings.DaysUntilDue)
		}
		if schedule := settings.InvoiceSchedule; schedule != nil {
			c.oneOf(path+".invoice_schedule.interval", &schedule.Interval, "monthly", "quarterly")
		}
	}
}

// of is the part about one product; the zero value where there is none.
func (c *configuration) of(product string) productConfiguration {
	if c == nil || c.Kravia == nil {
		return productConfiguration{}
	}
	part := map[string]*productConfiguration{
		productB2B: c.Kravia.B2B, productGrouped: c.Kravia.Grouped, productB2C: c.Kravia.B2C,
	}[product]
	if part == nil {
		return productConfiguration{}
	}
	return *part
}

func upperLetters(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// basisPoints reads a percentage as hundredths of a percent, exactly.
func basisPoints(percent number) (int64, bool) {
	whole, decimals, _ := strings.Cut(string(percent), ".")
	if len(decimals) > 2 {
		return 0, false
	}
	points, err := strconv.ParseUint(whole+decimals+"00"[len(decimals):], 10, 31)
	return int64(points), err == nil && points <= 100_00
}

// vatWithin is the VAT part of a gross amount, rounded half away from zero.
func vatWithin(gross, points int64) int64 {
	numerator, denominator := 2*gross*points, 2*(100_00+points)
	if numerator < 0 {
		return -((-numerator + denominator/2) / denominator)
	}
	return (numerator + denominator/2) / denominator
}

func difference(a, b int64) int64 {
	return max(a-b, b-a)
}

// raw encodes parts of a checked body for keeping; they were decoded from JSON, so they can be encoded again.
func raw(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("simulator: keep %T: %v", value, err))
	}
	return encoded
}
