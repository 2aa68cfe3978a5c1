package simulator

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
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

// checker collects all violations of one request. Its methods take the place as a path and a name below it.
type checker struct {
	found []violation
}

func (c *checker) add(path, name, code, format string, args ...any) {
	place := strings.FieldsFunc(path+"."+name, func(r rune) bool { return r == '.' })
	c.found = append(c.found, violation{Code: code, Message: fmt.Sprintf(format, args...), Path: place})
}

func (c *checker) missing(path, name string) {
	c.add(path, name, "OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: %s", name)
}

// required reports whether the text is there; it complains if it is missing or empty.
func (c *checker) required(path, name string, value *string) bool {
	switch {
	case value == nil:
		c.missing(path, name)
		return false
	case strings.TrimSpace(*value) == "":
		c.add(path, name, "MIN_LENGTH", "%s is empty", name)
		return false
	}
	return true
}

func (c *checker) oneOf(path, name string, value *string, allowed ...string) {
	if c.required(path, name, value) && !slices.Contains(allowed, *value) {
		c.add(path, name, "ENUM_MISMATCH", "no enum match for %q: %s is one of %s", *value, name, strings.Join(allowed, ", "))
	}
}

func (c *checker) int32(path, name string, value *int64) bool {
	switch {
	case value == nil:
		c.missing(path, name)
		return false
	case *value < math.MinInt32 || *value > math.MaxInt32:
		c.add(path, name, "INVALID_FORMAT", "%s does not fit 32 bits", name)
		return false
	}
	return true
}

func (c *checker) days(path string, days *int64) {
	switch {
	case days == nil:
		c.missing(path, "days_until_due")
	case *days < 0 || *days > maxDaysUntilDue:
		c.add(path, "days_until_due", "MAXIMUM", "days_until_due must be 0 to %d", maxDaysUntilDue)
	}
}

func (c *checker) product(path string, product *string) {
	c.oneOf(path, "payment_product_type", product, productB2B, productGrouped, productB2C)
}

// channel checks an optional invoice channel, which grouped invoices do not have.
func (c *checker) channel(path, product string, channel *string) {
	if channel == nil {
		return
	}
	c.oneOf(path, "invoice_channel", channel, channelKravia, channelMerchant)
	if product == productGrouped {
		c.add(path, "invoice_channel", "OBJECT_ADDITIONAL_PROPERTIES", "invoice_channel is not supported for %s", productGrouped)
	}
}

// payBody checks the one-step body. The parts the caller relies on are present when nothing is found.
func (c *checker) payBody(body object) {
	for _, name := range []string{"payment", "session"} {
		if body.get(name) == nil {
			c.missing("", name)
		}
	}
	if c.found != nil {
		return
	}
	pay, session := members(body.get("payment")), members(body.get("session"))
	product := pay.text("payment_product_type")
	c.product("payment", product)
	c.oneOf("payment", "operation", pay.text("operation"), "invoice_payment")
	c.days("payment", pay.integer("days_until_due"))
	c.channel("payment", text(product), pay.text("invoice_channel"))
	if order := c.sessionBody("session", session); order.parts != nil {
		c.address("session.order.billing_address", order.get("billing_address"), text(product))
	}
}

// createBody checks a two-step session; one made from a profile may leave the configuration to it. The older edition
// shows sessions without a return_url.
func (c *checker) createBody(body object, fromProfile bool, model Model) (order object) {
	order = c.sessionBody("", body)
	if model != ModelCaptured {
		c.required("url", "return_url", members(body.get("url")).text("return_url"))
	}
	profile := body.text("profile_id")
	switch {
	case fromProfile:
		c.required("", "profile_id", profile)
	case profile != nil:
		c.add("", "profile_id", "OBJECT_ADDITIONAL_PROPERTIES", "profile_id belongs to /sessions-profile")
	case body.get("configuration") == nil:
		c.missing("", "configuration")
	}
	for _, product := range []string{productB2B, productGrouped, productB2C} {
		settings, path := settingsOf(body.get("configuration"), product), "configuration."+product
		c.channel(path, product, settings.text("invoice_channel"))
		if days := settings.integer("days_until_due"); days != nil {
			c.days(path, days)
		}
		if schedule := settings.get("invoice_schedule"); schedule != nil {
			c.oneOf(path+".invoice_schedule", "interval", members(schedule).text("interval"), "monthly", "quarterly")
		}
	}
	return order
}

// sessionBody checks what both ways to make a session have in common, and finds the order in it.
func (c *checker) sessionBody(path string, session object) object {
	under := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	url := members(session.get("url"))
	c.webAddress(under("url"), "callback_url", url.text("callback_url"))
	c.webAddress(under("url"), "return_url", url.text("return_url"))
	c.phone(under("customer"), members(session.get("customer")).text("phone_number"))
	if expires := session.text("expires_at"); expires != nil && !readExpiry(*expires).After(time.Now()) {
		c.add(path, "expires_at", "INVALID_FORMAT", "expires_at has passed")
	}
	c.metadata(under("metadata"), members(session.get("metadata")))
	if session.get("order") == nil {
		c.missing(path, "order")
		return object{}
	}
	order := members(session.get("order"))
	c.order(under("order"), order)
	return order
}

// readExpiry reads a time that was checked before.
func readExpiry(value string) time.Time {
	at, _ := time.Parse(time.RFC3339, value)
	return at.UTC()
}

// reserved are the names that the provider's own metadata keys begin with.
const reserved = " dintero merchant session event payout gateway bambora collector instabank klarna kravia netaxept payex" +
	" santander swish vipps "

func (c *checker) metadata(path string, metadata object) {
	for key, value := range metadata.all() {
		if name, _, _ := strings.Cut(key, ":"); strings.Contains(reserved, " "+name+" ") {
			c.add(path, key, "PATTERN", "the metadata key %q is reserved", key)
		}
		if strings.ContainsRune("{[tfn", rune(value[0])) {
			c.add(path, key, "INVALID_TYPE", "metadata values are text or numbers")
		}
	}
}

// webAddress checks an optional address, which the provider must be able to reach.
func (c *checker) webAddress(path, name string, url *string) {
	if url == nil {
		return
	}
	scheme, rest, _ := strings.Cut(*url, "://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	if scheme != "https" && scheme != "http" || host == "" || host == "localhost" || host == "127.0.0.1" {
		c.add(path, name, "PATTERN", "%s is not a web address that can be reached", name)
	}
}
