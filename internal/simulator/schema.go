package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// documented are the shapes of the request bodies, with every field that the documentation names. A member without a
// kind is a text; name:kind has one of the kinds int, number, flag, time, any, {shape for an object, [shape for a list
// of objects, or one with a pattern. An exclamation mark ends a member that is required. Values of the kind any, and
// members of a free object, are not checked.
func documented() map[string]string {
	const session = "order:{order! url:{url customer:{customer expires_at:time metadata:{free" +
		" checkboxes:any express:any merchant:any"
	const order = " vat_amount:int merchant_reference_2 event_reference partial_payment:flag billing_address:{address" +
		" shipping_address:{address shipping_option:{free store:{free discount_lines:any discount_codes:any" +
		" gift_cards:any payout_destination_id"
	const product = "type enabled:flag days_until_due:days require_identity_verification:flag" +
		" invoice_schedule:{schedule"
	const item = " id description vat_amount:int type:itemType groups:any unit_volume:number unit_weight:number" +
		" unit_dimensional_weight:number thumbnail_url discount_lines:any eligible_for_discount:flag is_changed:flag" +
		" vat:percentage store:any splits:any fee_split:any emd:any"
	return map[string]string{
		"token": "grant_type:grant! audience",
		"pay":   "session:{paySession! payment:{payment!",
		"payment": "payment_product_type:product! operation:operation! days_until_due:days!" +
			" invoice_channel:channel",
		"paySession":       session + " configuration:{payConfiguration",
		"payConfiguration": "auto_capture:flag pre_authorization:flag",
		"create":           session + " profile_id configuration:{configuration",
		"sessionPay":       "payment_product_type:product! billing_address:{address!",
		"url":              "callback_url return_url merchant_terms_url",
		"customer":         "customer_id email phone_number:phone tokens:any gift_cards:any",
		"configuration": "kravia:{kravia auto_capture:flag pre_authorization:flag channel publish:any" +
			" active_payment_types:any default_payment_type allow_express_wallet_payment:flag" +
			" allow_different_billing_shipping_address:any discounts:any theme:any countries:any" +
			" default_customer_type merchant:any payout:any bambora:any dintero:any dintero_psp:any instabank:any" +
			" netaxept:any payex:any vipps:any collector:any klarna:any two:any santander:any seitatech:any swish:any",
		"kravia":            "type invoice_b2b:{product invoice_b2b_grouped:{grouped invoice_b2c:{product",
		"product":           product + " invoice_channel:channel",
		"grouped":           product,
		"schedule":          "interval:interval!",
		"order":             "amount:int! currency:currency! merchant_reference! items:[item!" + order,
		"updateSession":     "order:{orderUpdate! express:any remove_lock:flag",
		"orderUpdate":       "amount:int currency:currency merchant_reference items:[item" + order,
		"updateTransaction": "merchant_reference_2",
		"item":              "line_id! quantity:number! amount:int!" + item,
		"address": "first_name last_name business_name organization_number:organization organization_type email:email" +
			" phone_number:phone address_line address_line_2 co_address postal_code postal_place country:country" +
			" latitude:number longitude:number comment customer_reference cost_center",
		"capture":  "amount:int! capture_reference final_capture:flag items:[captured metadata:{free",
		"captured": "line_id quantity:number amount:int" + item,
	}
}

// pattern is what the JSON of a kind looks like, and what the refusal says of a value that does not match.
type pattern struct {
	matches    *regexp.Regexp
	says, code string
}

func patterns() map[string]pattern {
	read := map[string]pattern{}
	for kind, is := range map[string][3]string{
		"grant":     {`"client_credentials"`, "must be client_credentials", "ENUM_MISMATCH"},
		"operation": {`"invoice_payment"`, "must be invoice_payment", "ENUM_MISMATCH"},
		"product":   {`"kravia\.invoice_(b2b|b2b_grouped|b2c)"`, "is no product of Kravia", "ENUM_MISMATCH"},
		"channel":   {`"(kravia|merchant)"`, "must be kravia or merchant", "ENUM_MISMATCH"},
		"interval":  {`"(monthly|quarterly)"`, "must be monthly or quarterly", "ENUM_MISMATCH"},
		"itemType": {
			`"(physical|digital|service|gift_card|shipping|surcharge)"`, "is no type of an item", "ENUM_MISMATCH",
		},
		"days": {`\d{1,2}|[12]\d\d|3[0-5]\d|36[0-5]`, "must be 0 to 365", "MAXIMUM"},
		"percentage": {
			`\d{1,2}(\.\d{1,2})?|100(\.00?)?`, "is a percentage of 0 to 100 with at most two decimals",
			"INVALID_FORMAT",
		},
		"currency":     {`"[A-Z]{3}"`, "is three capital letters", "PATTERN"},
		"country":      {`"[A-Z]{2}"`, "is two capital letters", "PATTERN"},
		"phone":        {`"\+?\d{5,15}"`, `does not match ^\+?\d{5,15}$`, "PATTERN"},
		"email":        {`"[^@]*@.*"`, "is not an e-mail address", "INVALID_FORMAT"},
		"organization": {`"[\d-]+"`, "has digits only", "PATTERN"},
	} {
		read[kind] = pattern{regexp.MustCompile("^(" + is[0] + ")$"), is[1], is[2]}
	}
	return read
}

// schema holds the shapes of request bodies.
type schema struct {
	kinds    map[string]map[string]string // of the members, by shape and name
	needed   map[string][]string          // names, by shape
	patterns map[string]pattern
}

func readSchema() *schema {
	s := &schema{map[string]map[string]string{}, map[string][]string{}, patterns()}
	for shape, members := range documented() {
		s.kinds[shape] = map[string]string{}
		for member := range strings.FieldsSeq(members) {
			member, needed := strings.CutSuffix(member, "!")
			name, kind, _ := strings.Cut(member, ":")
			if s.kinds[shape][name] = kind; needed {
				s.needed[shape] = append(s.needed[shape], name)
			}
		}
	}
	return s
}

// violation is one finding about a body, with the path of names and indexes to the place.
type violation struct {
	Code        string   `json:"code"`
	Message     string   `json:"message"`
	Path        []string `json:"path"`
	Description string   `json:"description"`
}

type violations []violation

// add adds the findings of the part of a body at the path.
func (v *violations) add(part violations, path ...string) {
	for _, found := range part {
		found.Path = slices.Concat(path, found.Path)
		*v = append(*v, found)
	}
}

// violates is one finding about a part itself.
func violates(code, format string, args ...any) violations {
	message := fmt.Sprintf(format, args...)
	return violations{{Code: code, Message: message, Path: []string{}, Description: message}}
}

// decode parses a body. It refuses what is not JSON, undocumented members, wrong kinds, explicit nulls and missing
// members; in a body of the right shape it refuses what the check finds.
func (p *Provider) decode(body []byte, kind string, check func(object) violations) (object, violations) {
	if !json.Valid(body) {
		return object{}, violates("INVALID_BODY", "the body is not JSON")
	}
	body = bytes.TrimSpace(body)
	if found := p.schema.check([]byte("the body"), body, kind); found != nil {
		return object{}, found
	}
	decoded := members(body)
	return decoded, check(decoded)
}

// unchecked is the check of bodies whose shape is enough.
func unchecked(object) violations { return nil }

// check checks that a value is of a kind.
func (s *schema) check(name []byte, value json.RawMessage, kind string) (found violations) {
	first := value[0]
	right := false
	switch {
	case first == 'n':
		return violates("INVALID_TYPE", "null is not a value; leave the field out")
	case kind == "any":
		return nil
	case kind == "":
		right = first == '"'
	case kind == "int":
		_, err := strconv.ParseInt(string(value), 10, 32)
		right = err == nil
	case kind == "number":
		right = first == '-' || first >= '0' && first <= '9'
	case kind == "flag":
		right = first == 't' || first == 'f'
	case kind == "time":
		right = first == '"' && json.Unmarshal(value, &time.Time{}) == nil
	case kind[0] == '{' && first == '{':
		return s.object(value, kind[1:])
	case kind[0] == '[' && first == '[':
		elements := split(value)
		for i := range elements.count() {
			if wrong := s.check(name, elements.at(i), "{"+kind[1:]); wrong != nil {
				found.add(wrong, strconv.Itoa(i))
			}
		}
		return found
	case s.patterns[kind].matches != nil:
		if is := s.patterns[kind]; !is.matches.Match(value) {
			return violates(is.code, "%s %s", name, is.says)
		}
		return nil
	}
	if !right {
		return violates("INVALID_TYPE", "%s is of the wrong type", name)
	}
	return nil
}

func (s *schema) object(text json.RawMessage, shape string) (found violations) {
	if shape == "free" {
		return nil
	}
	object, kinds := members(text), s.kinds[shape]
	for i := 0; i < object.count(); i += 2 {
		name := unquote(object.at(i))
		if kind, known := kinds[string(name)]; !known {
			found.add(violates("OBJECT_ADDITIONAL_PROPERTIES", "additional properties not allowed: %s", name),
				string(name))
		} else if wrong := s.check(name, object.at(i+1), kind); wrong != nil {
			found.add(wrong, string(name))
		}
	}
	found.add(object.missing(s.needed[shape]...))
	return found
}

// missing is a finding for each of the names that has no value, or an empty text.
func (o object) missing(names ...string) (found violations) {
	for _, name := range names {
		if value := o.get(name); value == nil {
			found.add(violates("OBJECT_MISSING_REQUIRED_PROPERTY", "missing required property: %s", name), name)
		} else if value[0] == '"' && len(bytes.TrimSpace(unquote(value))) == 0 {
			found.add(violates("MIN_LENGTH", "%s is empty", name), name)
		}
	}
	return found
}
