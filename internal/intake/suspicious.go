package intake

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// htmlEntity is one as web pages have it; a bare & in a name is none.
var htmlEntity = regexp.MustCompile(`&(#[0-9]{2,5}|#x[0-9a-fA-F]{2,4}|[a-zA-Z][a-zA-Z0-9]{1,10});`)

// errorTexts are the error values of spreadsheets in English and the Nordic languages, as CSV files have them.
func errorTexts() []string {
	return []string{
		"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#GETTING_DATA", "#BUSY!",
		"#I/T", "#VERDI!", "#NAVN?", "#SAKNAS!", "#SAKNAS", "#VÄRDEFEL!", "#NAMN?", "#REFERENS!", "#OGILTIGT!", "#PUUTTUU!", "#ARVO!", "#NIMI?",
		"#VIITTAUS!", "#JAKO/0!", "#VIIT!", "Err:502", "Err:504", "Err:508", "Err:509", "Err:511", "Err:522",
	}
}

// nullTexts are what databases and programs write for an empty cell.
func nullTexts() []string {
	return []string{"NULL", "null", "(null)", "<null>", "[null]", `\N`, "nan", "NaN", "NAN", "None", "N/A", "n/a", "undefined", "NoneType", "#NULL"}
}

// suspicious finds what is text to a program and no text to a reader.
func (c *column) suspicious(value *cell) (reading, bool) {
	text := value.Value
	if text == "" {
		return reading{}, false
	}
	switch text[0] {
	case '#', 'E':
		trimmed := strings.TrimSpace(text)
		if slices.Contains(errorTexts(), trimmed) || len(trimmed) > 2 && strings.Trim(trimmed, "#") == "" {
			return c.problem(value, "error_value"), true
		}
	case '\'':
		if isApostropheMark(text, c.known.Kind()) {
			return c.problem(value, "apostrophe"), true
		}
	}
	if len(text) <= len("undefined") && strings.ContainsAny(text[:1], "NnU<([\\u#") && slices.Contains(nullTexts(), strings.TrimSpace(text)) {
		return c.problem(value, "null"), true
	}
	if strings.Contains(text, lostCharacter) {
		return c.problem(value, "lost_character"), true
	}
	if r, bad := c.unprintable(value); bad {
		return r, true
	}
	if strings.IndexByte(text, '&') >= 0 {
		if entity := htmlEntity.FindString(text); entity != "" && html.UnescapeString(entity) != entity {
			return c.problem(value, "entity", "entity", entity, "character", html.UnescapeString(entity)), true
		}
	}
	return reading{}, false
}

// isApostropheMark tells a spreadsheet's mark for text from the names that begin with an apostrophe: 's-Hertogenbosch, 't Hof.
func isApostropheMark(text string, kind billing.Kind) bool {
	rest := text[1:]
	if kind != billing.Text || strings.HasSuffix(rest, "'") && len(rest) > 1 {
		return kind != billing.Text
	}
	for _, name := range []string{"s-", "s ", "t ", "n ", "S-", "T "} {
		if strings.HasPrefix(rest, name) {
			return false
		}
	}
	return true
}

// unprintable finds control characters but line breaks and tabs, and UTF-8 that was encoded twice. A CSV file with them is refused.
func (c *column) unprintable(value *cell) (reading, bool) {
	ascii := true
	for _, r := range value.Value {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return c.problem(value, "control_character", "character", fmt.Sprintf("%U", r)), true
		}
		ascii = ascii && r < utf8.RuneSelf
	}
	if ascii {
		return reading{}, false
	}
	line := []rune(value.Value)
	for at := range len(line) - 1 {
		if r := twice(line, at); r != 0 && !doubtful(line, at) {
			return c.problem(value, "encoded_twice", "garbled", string(line[at:at+2]), "character", string(r)), true
		}
	}
	return reading{}, false
}
