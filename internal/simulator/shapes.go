package simulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// documented are the members of the request bodies, with every field that the documentation names. A member is a text,
// or else name:kind with the kinds int, number, flag, time, any, {shape for an object and [shape for a list of objects.
// What is any, or a member of a free object, may be sent without being looked at here.
func documented() map[string]string {
	const session = "order:{order url:{url customer:{customer expires_at:time metadata:{free" +
		" checkboxes:any express:any merchant:any"
	return map[string]string{
		"token":            "grant_type audience",
		"pay":              "session:{paySession payment:{payment",
		"payment":          "payment_product_type operation days_until_due:int invoice_channel",
		"paySession":       session + " configuration:{payConfiguration",
		"payConfiguration": "auto_capture:flag pre_authorization:flag",
		"create":           session + " profile_id configuration:{configuration",
		"sessionPay":       "payment_product_type billing_address:{address",
		"url":              "callback_url return_url merchant_terms_url",
		"customer":         "customer_id email phone_number tokens:any gift_cards:any",
		"configuration": "kravia:{kravia auto_capture:flag pre_authorization:flag channel publish:any active_payment_types:any" +
			" default_payment_type allow_express_wallet_payment:flag allow_different_billing_shipping_address:any" +
			" discounts:any theme:any countries:any default_customer_type merchant:any payout:any" +
			" bambora:any dintero:any dintero_psp:any instabank:any netaxept:any payex:any vipps:any collector:any klarna:any" +
			" two:any santander:any seitatech:any swish:any",
		"kravia": "type invoice_b2b:{product invoice_b2b_grouped:{product invoice_b2c:{product",
		"product": "type enabled:flag days_until_due:int require_identity_verification:flag invoice_channel" +
			" invoice_schedule:{schedule",
		"schedule": "interval",
		"order": "amount:int currency vat_amount:int merchant_reference merchant_reference_2 event_reference partial_payment:flag" +
			" items:[item billing_address:{address shipping_address:{address shipping_option:{free store:{free discount_lines:any" +
			" discount_codes:any gift_cards:any payout_destination_id",
		"item": "line_id id description quantity:number amount:int vat:number vat_amount:int type groups:any" +
			" unit_volume:number unit_weight:number unit_dimensional_weight:number thumbnail_url discount_lines:any" +
			" eligible_for_discount:flag is_changed:flag store:any splits:any fee_split:any emd:any",
		"address": "first_name last_name business_name organization_number organization_type email phone_number address_line" +
			" address_line_2 co_address postal_code postal_place country latitude:number longitude:number comment" +
			" customer_reference cost_center",
		"capture": "amount:int capture_reference final_capture:flag items:[item metadata:{free",
	}
}

// shapes are the kinds of the documented members by shape and name.
type shapes map[string]map[string]string

func readShapes() shapes {
	read := shapes{}
	for shape, members := range documented() {
		read[shape] = map[string]string{}
		for member := range strings.FieldsSeq(members) {
			name, kind, _ := strings.Cut(member, ":")
			read[shape][name] = kind
		}
	}
	return read
}

// decode takes a body apart and refuses what is not JSON, undocumented members, wrong kinds and explicit nulls.
func (p *Provider) decode(body []byte, shape string) (object, []violation) {
	var check checker
	switch {
	case !json.Valid(body):
		check.add("", "", "INVALID_BODY", "the body is not JSON")
	case hasNull(body):
		check.add("", "", "INVALID_TYPE", "null is not a value; leave the field out")
	default:
		return p.shapes.object(&check, "", body[space(body, 0):], shape), check.found
	}
	return object{}, check.found
}

func (s shapes) object(check *checker, path string, text json.RawMessage, shape string) object {
	if text[0] != '{' {
		check.add(path, "", "INVALID_TYPE", "expected an object")
		return object{}
	}
	found := members(text)
	if shape == "free" {
		return found
	}
	kinds := s[shape]
	for _, p := range found.parts {
		if kind, known := kinds[string(found.name(p))]; known {
			s.value(check, path, found, p, kind)
		} else {
			name := string(found.name(p))
			check.add(path, name, "OBJECT_ADDITIONAL_PROPERTIES", "additional properties not allowed: %s", name)
		}
	}
	return found
}

// value checks one member. Most are texts, and those need no path.
func (s shapes) value(check *checker, path string, in object, p part, kind string) {
	value := in.value(p)
	digits := value[0] == '-' || value[0] >= '0' && value[0] <= '9'
	right := true
	switch {
	case kind == "any":
	case kind == "":
		right = value[0] == '"'
	case kind == "int":
		right = digits && !strings.ContainsAny(string(value), ".eE")
	case kind == "number":
		right = digits
	case kind == "flag":
		right = value[0] == 't' || value[0] == 'f'
	case kind == "time":
		right = value[0] == '"' && json.Unmarshal(value, &time.Time{}) == nil
	case kind[0] == '{':
		s.object(check, strings.TrimPrefix(path+"."+string(in.name(p)), "."), value, kind[1:])
	case value[0] == '[':
		for i, element := range elements(value) {
			s.object(check, fmt.Sprintf("%s.%s.%d", path, in.name(p), i), element, kind[1:])
		}
	default:
		right = false
	}
	if !right {
		check.add(path, string(in.name(p)), "INVALID_TYPE", "%s is of the wrong type", in.name(p))
	}
}
