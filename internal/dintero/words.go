package dintero

import (
	"cmp"
	"regexp"
	"strings"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// Limits of what is kept of the other side's words, in bytes.
const (
	maxMessage = 500
	maxWord    = 40
)

// personal is what personal data looks like: an e-mail address, and digits that may be a telephone or identity number.
var personal = regexp.MustCompile(`[^\s"'<>:;,(){}\[\]]+@[^\s"'<>;,(){}\[\]]+|\+?\d[\d ()-]{5,}\d`)

// mask hides personal data in the provider's words and cuts them short, on one line. Names cannot be told from other
// words: the result belongs into journal and report, not into a log.
func mask(words string) string {
	words = billing.OneLine(strings.Join(strings.Fields(words), " "))
	return cut(personal.ReplaceAllString(words, hidden), maxMessage)
}

// cut shortens to at most limit bytes, between characters.
func cut(words string, limit int) string {
	if len(words) <= limit {
		return words
	}
	for limit > 0 && !utf8.RuneStart(words[limit]) {
		limit--
	}
	return words[:limit]
}

// reason is why a payment was declined, in the words of the transaction's events or else of the answer itself.
func (w *wire) reason(t *Transaction) (message, hint string) {
	message, hint = t.refusal()
	return cmp.Or(message, w.words(), msgNoReason), hint
}

// words is what an answer says of its failure: the error, its details, the failed actions.
func (w *wire) words() string {
	parts := []string{w.Error.describe()}
	for _, d := range w.Details {
		parts = append(parts, strings.TrimSpace(d.Code+" "+d.Category+" "+d.Field))
	}
	for _, action := range w.Actions {
		if strings.EqualFold(action.Type, "error") {
			parts = append(parts, action.Code)
		}
	}
	return mask(joined(parts))
}

// describe is the error with all its findings, masked.
func (e *wireError) describe() string {
	parts := []string{strings.TrimSpace(e.Code + " " + e.Message)}
	for _, finding := range e.Errors {
		words := cmp.Or(finding.Description, finding.Message)
		parts = append(parts, strings.Trim(strings.Join(finding.Path, ".")+": "+words, ": "))
	}
	return mask(joined(parts))
}

// joined leaves empty parts out.
func joined(parts []string) string {
	var out strings.Builder
	for _, part := range parts {
		if part != "" && out.Len() > 0 {
			out.WriteString("; ")
		}
		out.WriteString(part)
	}
	return out.String()
}

// retryHint puts the documented retry policy into words. Obeying it is the merchant's duty.
func (e *wireError) retryHint() string {
	for _, code := range e.Retry.Codes {
		switch strings.ToUpper(code) {
		case "DO_NOT_RETRY":
			return hintNoRetry
		case "RETRY_IMMEDIATELY":
			return hintRetryNow
		case "RETRY_AFTER_DELAY":
			return strings.TrimSpace(hintRetryLater + " " + cut(e.Retry.After, maxWord))
		}
	}
	return ""
}
