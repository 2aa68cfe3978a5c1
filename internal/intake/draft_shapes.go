package intake

import (
	"slices"
	"strings"
	"unicode"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// looksLikeEmail reports a text that is one e-mail address.
func looksLikeEmail(text string) bool {
	name, domain, found := strings.Cut(text, "@")
	dot := strings.LastIndexByte(domain, '.')
	return found && name != "" && dot > 0 && dot < len(domain)-2 && !strings.ContainsAny(text, " ,;<>") &&
		!strings.Contains(domain, "@")
}

// looksLikePhone reports seven to fifteen digits with spaces, brackets, hyphens and slashes among them, and perhaps a
// plus in front.
func looksLikePhone(text string) bool {
	digits := 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" ()-/", r):
		default:
			return false
		}
	}
	return digits >= 7 && digits <= 15 && !billing.IsDay(text)
}

// looksLikeHours reports hours and minutes, perhaps with seconds, such as 7:30 and 37:30:00.
func looksLikeHours(text string) bool {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 || len(parts[0]) == 0 || len(parts[0]) > 4 {
		return false
	}
	for i, p := range parts {
		if strings.Trim(p, "0123456789") != "" || i > 0 && (len(p) != 2 || p > "59") {
			return false
		}
	}
	return true
}

// readable reports a date in any form that intake reads.
func (d dateParts) readable() bool {
	_, first := d.iso(dayFirst)
	_, second := d.iso(monthFirst)
	return first || second || d.shortYear
}

// postalDigits is the number of digits of a postal code, 4 or 5; 0 for another text. One space and the letters of the
// country in front, as in SE-111 22, are accepted.
func postalDigits(text string) int {
	if letters, rest, found := strings.Cut(text, "-"); found && len(letters) > 0 && len(letters) <= 3 &&
		!strings.ContainsAny(letters, "0123456789") {
		text = rest
	}
	digits := strings.Replace(text, " ", "", 1)
	if len(digits) < 4 || len(digits) > 5 || strings.Trim(digits, "0123456789") != "" {
		return 0
	}
	return len(digits)
}

// isCurrencyCode reports a text that is one code such as NOK.
func isCurrencyCode(text string) bool {
	_, err := money.ParseCurrency(text)
	return err == nil && len(text) == 3
}

// currencyCodeIn is the code in the name of a currency, such as Norwegian Krone - NOK; "" for another text, and for
// the code alone.
func currencyCodeIn(text string) string {
	code := ""
	for _, word := range strings.FieldsFunc(text, notLetter) {
		if word == strings.ToUpper(word) && isCurrencyCode(word) {
			if code != "" {
				return ""
			}
			code = word
		}
	}
	if code == text {
		return ""
	}
	return code
}

// isReference reports a text that the provider accepts as the reference of an order.
func isReference(text string) bool {
	const longest = 35
	return text != "" && len(text) <= longest &&
		strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// hasLetters reports a text with at least two letters.
func hasLetters(text string) bool {
	first := strings.IndexFunc(text, unicode.IsLetter)
	return first >= 0 && first < strings.LastIndexFunc(text, unicode.IsLetter)
}

// isYes reports a word for yes. known is false for a word that is neither yes nor no.
func isYes(text string) (yes, known bool) {
	word := strings.ToLower(strings.TrimSpace(text))
	if slices.Contains([]string{
		"yes", "y", "true", "1", "ja", "j", "x", "kyllä", "k", "tosi", "sann", "sand", "sant", "billable",
		"fakturerbar",
	}, word) {
		return true, true
	}
	return false, slices.Contains([]string{
		"no", "n", "false", "0", "nei", "nej", "ei", "e", "falsk", "usann", "epätosi", "non-billable",
		"ikke fakturerbar",
	}, word)
}

// daysInTerms is the number of days in terms such as "30 dager netto". ok is false where an unknown word may change
// their meaning, as in "30 dager fri leveringsmåned".
func daysInTerms(text string) (days string, ok bool) {
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(".,-/", r)
	}) {
		switch {
		case strings.Trim(word, "0123456789") == "":
			if days != "" || len(word) > 3 {
				return "", false
			}
			days = word
		case slices.Contains([]string{
			"days", "day", "dager", "dag", "dagar", "dage", "d", "pv", "päivää", "pvä", "net", "netto", "nto", "per",
			"pr", "betaling", "forfall",
		}, word):
		default:
			return "", false
		}
	}
	return days, days != ""
}
