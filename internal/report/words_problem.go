package report

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// problem translates a problem's message and hint. Both come in English, made from the texts of codes.csv with values.
// The values are found in the text and put into the translation. A text that was not made so, or whose values are not
// certain, stays English.
func (w words) problem(code billing.Code, message, hint string) (saidMessage, saidHint string) {
	if w.english() {
		return message, hint
	}
	info := w.codes[code]
	if more, found := strings.CutPrefix(hint, info.Fix+"; "); found && info.Fix != "" {
		hint = w.text(info.Fix) + "; " + w.refilled(more, w.spoken["{more}"]...)
	} else {
		hint = w.refilled(hint, phrase(info.Fix))
	}
	return w.refilled(message, phrase(info.Message)), hint
}

func (w words) unposted(problem string) string {
	if w.english() {
		return problem
	}
	return w.refilled(problem, []phrase{
		"the profile has no account for revenue at {rate} (treatment {treatment})",
		"the profile has no account for revenue at {rate}",
		"the profile has no account for VAT at {rate} (treatment {treatment})",
		"the profile has no account for VAT at {rate}",
		"invoice {number} of {amount} must be posted by hand: the journal does not have its VAT by rate, " +
			"because an older version wrote it",
		"invoice {number} must be posted by hand: the day is not known",
	}...)
}

// spoken are the texts of values that the program words and not the file, by their place in a text. Such a value is
// empty or made from one of these texts.
func spoken() map[string][]phrase {
	return map[string][]phrase{
		"{place}": {"row {row} of {file}", "row {row}"},
		"{of}":    {" of {country}"},
		"{because}": {
			": the letter {letter} is not allowed",
			"; the difference is the VAT of the row: one of them is with VAT and one without",
			", and vat_amount does not show it", ", and vat_amount fits no rate",
		},
		"{rates}": {"{first} or {last}"},
		"{near}":  {" (did you mean {word}?)", "; did you mean {word}?"},
		"{when}":  {"{days} days before {day}", "{days} days after {day}"},
		"{where}": {"before it", "after it"},
		"{why}": {
			"it has nothing but an amount, which is the sum of the rows before it; a line would name its order",
			"its text says more, and its amount is the sum of rows before it", "it has no amount",
			"its amount is not the sum of the rows before it",
			"it has all that a line has, and its amount is the sum of rows before it",
			"it has an order, and its amount is the sum of rows before it",
		},
		"{more}": {
			"the file has no column for {column}, and these were not understood: {headers}",
			"the file has no column for {column}",
		},
	}
}

// refilled translates an English text by the first template that it was made from.
func (w words) refilled(text string, templates ...phrase) string {
	for _, template := range templates {
		if said, ok := w.refill(string(template), text); ok {
			return said
		}
	}
	return w.text(text)
}

// refill translates a text that was made from a template, and reports whether it could.
func (w words) refill(template, text string) (string, bool) {
	said := w.text(template)
	values := w.valuesIn(template, text)
	if said == template || values == nil {
		return "", false
	}
	var pairs []string
	for place, value := range values {
		if forms, is := w.spoken[place]; is && value != "" {
			english := value
			if value = w.refilled(english, forms...); value == english {
				return "", false
			}
		}
		pairs = append(pairs, place, value)
	}
	return strings.NewReplacer(pairs...).Replace(said), true
}

// braces finds the places of values in a template.
var braces = regexp.MustCompile(`\{[a-z_]+\}`)

// pattern is a template as two expressions: in one the first values are as long as possible, in the other as short as
// possible. When both find the same values, the values are certain.
type pattern struct {
	places      []string
	long, short *regexp.Regexp
}

func newPattern(template string) *pattern {
	p := &pattern{places: braces.FindAllString(template, -1)}
	// Values that the program words and not the file, so their form is known.
	kinds := map[string]string{
		"{row}": `[0-9]+`, "{column}": `[a-z_0-9]+`, "{currency}": `[A-Z]{3}`, "{country}": `[A-Z]{2}`,
		"{computed}": `-?[0-9.]+`, "{because}": `(?:[;:,].*)?`,
	}
	long, short := `(?s)^`, `(?s)^`
	for i, literal := range braces.Split(template, -1) {
		long, short = long+regexp.QuoteMeta(literal), short+regexp.QuoteMeta(literal)
		if i < len(p.places) {
			kind := cmp.Or(kinds[p.places[i]], `.*`)
			long, short = long+`(`+kind+`)`, short+`(`+kind+`?)`
		}
	}
	p.long, p.short = regexp.MustCompile(long+`$`), regexp.MustCompile(short+`$`)
	return p
}

// valuesIn returns the values of a text that was made from a template, by place, or nil when they are not certain.
func (w words) valuesIn(template, text string) map[string]string {
	p := w.patterns[template]
	if p == nil {
		p = newPattern(template)
		w.patterns[template] = p
	}
	found := p.long.FindStringSubmatch(text)
	if found == nil || !slices.Equal(found, p.short.FindStringSubmatch(text)) {
		return nil
	}
	values := map[string]string{}
	for i, place := range p.places {
		if before, known := values[place]; known && before != found[i+1] {
			return nil
		}
		values[place] = found[i+1]
	}
	return values
}
