package dintero

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Lengths of secrets in bytes. Shorter than shortSecret, a secret is not looked for. From longSecret on, a secret
// cannot be in an answer by chance.
const (
	shortSecret = 4
	longSecret  = 16
)

// forms are the ways in which an answer may repeat a secret: as it is, in base64, escaped for a URL, each
// also escaped for JSON.
func forms(secret string) []string {
	var all []string
	for _, form := range []string{
		secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)),
		base64.URLEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		url.QueryEscape(secret), url.PathEscape(secret),
	} {
		html, _ := json.Marshal(form) // a string always can be
		for _, quoted := range []string{strconv.Quote(form), strconv.QuoteToASCII(form), string(html)} {
			inner := quoted[1 : len(quoted)-1]
			all = append(all, inner, strings.ReplaceAll(inner, "/", `\/`))
		}
		all = append(all, form)
	}
	// the padding goes with its text
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	return slices.DeleteFunc(slices.Compact(all), func(form string) bool { return len(form) < shortSecret })
}

// secretForms are all forms of the credentials and of a token, made once for each token.
func (t *tokens) secretForms(token string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.forms == nil || t.formsOf != token {
		t.forms, t.formsOf = slices.Concat(forms(string(t.secret)), forms(t.clientID+":"+string(t.secret)),
			forms(token)), token
	}
	return t.forms
}

// hide replaces secrets in words.
func hide(words string, secrets []string) string {
	for _, secret := range secrets {
		words = strings.ReplaceAll(words, secret, hidden)
	}
	return words
}

// telling finds the fields of an answer whose texts users will read.
var telling = regexp.MustCompile(`(?i)"(?:error|message|description|code|category|field|path|retry_after|` +
	`(?:settlement_)?status|currency|payment_product_type|kravia:invoice_channel)"` +
	`\s*:\s*(?:"(?:[^"\\]|\\.)*"|\[[^\[\]{}]*\])`)

// scrub replaces secrets in the body. A short secret may be in an id or amount by chance, which must stay, so it is
// replaced only in texts that users will read.
func (r *reply) scrub(secrets []string) {
	for _, secret := range secrets {
		switch {
		case !bytes.Contains(r.body, []byte(secret)):
		case len(secret) >= longSecret:
			r.body = bytes.ReplaceAll(r.body, []byte(secret), []byte(hidden))
		default:
			r.body = telling.ReplaceAllFunc(r.body, func(field []byte) []byte {
				name, value, _ := bytes.Cut(field, []byte(":"))
				return slices.Concat(name, []byte(":"), bytes.ReplaceAll(value, []byte(secret), []byte(hidden)))
			})
		}
	}
}
