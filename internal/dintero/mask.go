package dintero

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// Limits of what is kept of an answer, in bytes.
const (
	maxRaw     = 2048
	maxMessage = 500
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

// summary is what may be kept of an answer: the values of fields that hold no personal data, as "path=value" apart by
// spaces, up to where the body stops being JSON.
func (r *reply) summary() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d bytes of %s", len(r.body), cut(mask(r.contentType), 60))
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.UseNumber()
	walk := walker{decoder: decoder, out: &out}
	if err := walk.value(""); err != nil && !errors.Is(err, errFull) {
		out.WriteString(" unreadable")
	}
	return cut(hide(billing.OneLine(out.String()), r.secrets), maxRaw)
}

var errFull = errors.New("enough")

// walker writes the harmless fields of a JSON document as it reads it.
type walker struct {
	decoder *json.Decoder
	out     *strings.Builder
	depth   int
}

func (w *walker) value(path string) error {
	if w.out.Len() > maxRaw || w.depth > 8 {
		return errFull
	}
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		if harmless(path) {
			value := fmt.Sprint(token)
			if strings.HasSuffix(path, "message") {
				value = mask(value)
			}
			fmt.Fprintf(w.out, " %s=%s", path, cut(value, 200))
		}
		return nil
	}
	w.depth++
	for i := 0; w.decoder.More(); i++ {
		inner := fmt.Sprintf("%s.%d", path, i)
		if delim == '{' {
			key, err := w.decoder.Token()
			if err != nil {
				return err
			}
			inner = fmt.Sprintf("%s.%v", path, key)
		}
		if err := w.value(strings.TrimPrefix(inner, ".")); err != nil {
			return err
		}
	}
	w.depth--
	_, err = w.decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// harmless tells fields whose values come from the provider or from the order's own identity. The name of an event is
// one, the name of anything else is not.
func harmless(path string) bool {
	if strings.HasPrefix(path, "events.") && strings.HasSuffix(path, ".name") {
		return true
	}
	last := path[strings.LastIndexByte(path, '.')+1:]
	switch last {
	case "id", "status", "success", "code", "type", "event", "message", "amount", "currency", "merchant_reference",
		"session_id", "transaction_id", "payment_product_type", "created_at", "retry_after", "category", "source":
		return !strings.Contains(path, "customer") && !strings.Contains(path, "items") && !strings.Contains(path, "store")
	}
	return false
}
