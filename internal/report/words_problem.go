package report

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// problem is what a problem says and advises. Both are English, made of the texts of codes.csv: the values
// are taken out and put into the translation of the text. One that was not made so, or from which they can be
// taken in more than one way, stays English.
func (w words) problem(code billing.Code, message, hint string) (saidMessage, saidHint string) {
	if w.english {
		return message, hint
	}
	info := w.codes[code]
	if more, found := strings.CutPrefix(hint, info.Fix+"; "); found && info.Fix != "" {
		hint = w.text(info.Fix) + "; " + w.refilled(more, w.spoken["{more}"]...)
		return w.refilled(message, phrase(info.Message)), hint
	}
	return w.refilled(message, phrase(info.Message)), w.refilled(hint, phrase(info.Fix))
}

// unposted is why a posting cannot be posted as it stands.
func (w words) unposted(problem string) string {
	if w.english {
		return problem
	}
	return w.refilled(problem, []phrase{
		"the profile has no account for revenue at {rate} (treatment {treatment})",
		"the profile has no account for revenue at {rate}",
		"the profile has no account for VAT at {rate} (treatment {treatment})",
		"the profile has no account for VAT at {rate}",
		"invoice {number} of {amount} must be posted by hand: its VAT by rate is not in the journal, as an older program wrote it",
		"invoice {number} must be posted by hand: the day is not known",
	}...)
}

// spoken are values that are no words of the file but ours, by their place in a text: each is empty or as one
// of these says it.
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

// refilled is an English text in the language, as the first of the templates that has it says it.
func (w words) refilled(text string, templates ...phrase) string {
	for _, template := range templates {
		if said, ok := w.refill(string(template), text); ok {
			return said
		}
	}
	return w.text(text)
}

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

// braces find where a template has values.
var braces = regexp.MustCompile(`\{[a-z_]+\}`)

// pattern is a template as expressions: one in which the first values are as long as can be, and one in which
// they are as short. Where both find the same, there is no other way.
type pattern struct {
	places      []string
	long, short *regexp.Regexp
}

func newPattern(template string) *pattern {
	p := &pattern{places: braces.FindAllString(template, -1)}
	// Values that the program and not the file words, so that they can be nothing else.
	kinds := map[string]string{
		"{row}": `[0-9]+`, "{column}": `[a-z_0-9]+`, "{currency}": `[A-Z]{3}`, "{country}": `[A-Z]{2}`,
		"{computed}": `-?[0-9.]+`,
		"{because}":  `(?:[;:,].*)?`,
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

// valuesIn takes the values out of a text that was made of a template: by their places in braces, nil where
// that cannot be told.
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
