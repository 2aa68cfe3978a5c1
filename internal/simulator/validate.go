package simulator

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of the documented contract.
const (
	maxReference = 35 // characters of merchant_reference when Kravia is used
	maxItems     = 100
	defaultDays  = 14
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

// checkPay checks the values of a one-step body of the right shape.
func checkPay(body object) (found violations) {
	payment, session := members(body.get("payment")), members(body.get("session"))
	product := payment.text("payment_product_type")
	if product == productGrouped && payment.get("invoice_channel") != nil {
		found.add(violates("OBJECT_ADDITIONAL_PROPERTIES", "invoice_channel is not supported for %s", product),
			"payment", "invoice_channel")
	}
	found.add(checkSession(session), "session")
	address := members(session.get("order")).get("billing_address")
	found.add(checkAddress(address, product), "session", "order", "billing_address")
	return found
}

func checkSessionPay(body object) (found violations) {
	found.add(checkAddress(body.get("billing_address"), body.text("payment_product_type")), "billing_address")
	return found
}

func checkCapture(body object) (found violations) {
	for key, value := range members(body.get("metadata")).all() {
		if !strings.HasPrefix(key, "ext_") || value[0] != '"' {
			found.add(violates("PATTERN", "metadata keys start with ext_ and values are texts, not so %q", key),
				"metadata", key)
		}
	}
	return found
}

// checkCreate checks a two-step session. A session made from a profile needs no configuration. The older edition shows
// sessions without a return_url.
func checkCreate(body object, fromProfile bool, model Model) violations {
	found := checkSession(body)
	if model != ModelCaptured {
		found.add(members(body.get("url")).missing("return_url"), "url")
	}
	switch {
	case fromProfile:
		found.add(body.missing("profile_id"))
	case body.get("profile_id") != nil:
		found.add(violates("OBJECT_ADDITIONAL_PROPERTIES", "profile_id belongs to /sessions-profile"), "profile_id")
	default:
		found.add(body.missing("configuration"))
	}
	return found
}

// checkSession checks what both ways to make a session have in common.
func checkSession(session object) (found violations) {
	for name, value := range members(session.get("url")).all() {
		if !reachable(string(unquote(value))) {
			found.add(violates("PATTERN", "%s is not a web address that can be reached", name), "url", name)
		}
	}
	if expires := session.get("expires_at"); expires != nil && !readExpiry(expires).After(time.Now()) {
		found.add(violates("INVALID_FORMAT", "expires_at has passed"), "expires_at")
	}
	found.add(checkMetadata(members(session.get("metadata"))), "metadata")
	found.add(checkOrder(members(session.get("order"))), "order")
	return found
}

// reachable reports whether the provider can call the address.
func reachable(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") &&
		!slices.Contains([]string{"", "localhost", "127.0.0.1"}, parsed.Hostname())
}

// readExpiry reads a time that was checked before.
func readExpiry(value json.RawMessage) (at time.Time) {
	_ = json.Unmarshal(value, &at)
	return at.UTC()
}

// reserved are the names that the provider's own metadata keys begin with.
const reserved = " dintero merchant session event payout gateway bambora collector instabank klarna kravia netaxept" +
	" payex santander swish vipps "

func checkMetadata(metadata object) (found violations) {
	for key, value := range metadata.all() {
		if name, _, _ := strings.Cut(key, ":"); strings.Contains(reserved, " "+name+" ") {
			found.add(violates("PATTERN", "the metadata key %q is reserved", key), key)
		}
		if strings.ContainsRune("{[tfn", rune(value[0])) {
			found.add(violates("INVALID_TYPE", "metadata values are text or numbers"), key)
		}
	}
	return found
}

func checkOrder(order object) (found violations) {
	if n := utf8.RuneCountInString(order.text("merchant_reference")); n > maxReference {
		const says = "merchant_reference has %d characters, at most %d are allowed"
		found.add(violates("MAX_LENGTH", says, n, maxReference), "merchant_reference")
	}
	if order.integer("amount") <= 0 {
		found.add(violates("MINIMUM", "amount must be positive"), "amount")
	}
	items := split(order.get("items"))
	if n := items.count(); n == 0 || n > maxItems {
		found.add(violates("ARRAY_LENGTH", "an order has 1 to %d items, not %d", maxItems, n), "items")
	}
	lines := make(map[string]bool, items.count())
	for i := range items.count() {
		id := members(items.at(i)).text("line_id")
		if lines[id] {
			found.add(violates("ARRAY_UNIQUE", "line_id %q is used twice", id), "items", strconv.Itoa(i), "line_id")
		}
		lines[id] = true
	}
	return found
}

// checkSum checks the sums that the toggle strict-session-amounts requires.
func checkSum(order object) (found violations) {
	sum := members(order.get("shipping_option")).integer("amount")
	items := split(order.get("items"))
	for i := range items.count() {
		sum += members(items.at(i)).integer("amount")
	}
	if amount := order.integer("amount"); amount != sum && (!order.flag("partial_payment") || amount > sum) {
		found.add(violates("AMOUNT_MISMATCH", "amount %d is not the sum of the items, %d", amount, sum), "order",
			"amount")
	}
	return found
}

// checkAddress requires the fields that every documented example has, but the phone number. The provider requires fewer
// of them today; the simulator stays stricter.
func checkAddress(text json.RawMessage, product string) (found violations) {
	address := members(text)
	found.add(
		address.missing("first_name", "last_name", "email", "address_line", "postal_code", "postal_place", "country"))
	if product != productB2C {
		found.add(address.missing("business_name", "organization_number"))
	} else if address.get("business_name") != nil || address.get("organization_number") != nil {
		const says = "business_name and organization_number are not allowed for %s"
		found.add(violates("OBJECT_ADDITIONAL_PROPERTIES", says, product))
	}
	return found
}
