package report

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Languages returns the languages of a workbook, English first.
func Languages() []string { return []string{"en", "no", "sv", "fi"} }

// words.csv has a line for each text of the workbook, and a column for each language. The English text is the key, and
// stands as it is in the code. Lines are sorted bytewise by key; a test finds missing and unused ones.
//
//go:embed words.csv
var wordsCSV []byte

// phrases are the texts of words.csv by language.
var phrases = sync.OnceValue(readPhrases) //nolint:gochecknoglobals // fixed table

func readPhrases() catalog.Catalog {
	lines, err := csv.NewReader(bytes.NewReader(wordsCSV)).ReadAll()
	all := catalog.NewBuilder(catalog.Fallback(language.English))
	for _, line := range lines[min(1, len(lines)):] {
		for i, text := range line[1:] {
			if err == nil {
				err = all.SetString(tagOf(Languages()[i+1]), line[0], text)
			}
		}
	}
	if err != nil {
		panic("words.csv cannot be read: " + err.Error()) // a test would have found it
	}
	return all
}

// tagOf returns the library's tag of a language. The library has no number formats for "no", but for "nb".
func tagOf(of string) language.Tag {
	switch of {
	case "":
		return language.English
	case "no":
		return language.Make("nb")
	}
	return language.Make(of)
}

// words says texts in one language, with numbers as the language writes them.
type words struct {
	*message.Printer
	locale   string // begins the number formats of cells; "" in English, for the marks of the reader's settings
	codes    map[billing.Code]billing.CodeInfo
	spoken   map[string][]phrase
	patterns map[string]*pattern // of the texts of codes, made at their first use
}

// newWords returns the words of a language, "" for English. An unknown language is an error.
func newWords(of string) (words, error) {
	if of != "" && !slices.Contains(Languages(), of) {
		return words{}, fmt.Errorf(msgLanguage, of, strings.Join(Languages(), ", "))
	}
	return wordsOf(of), nil
}

// wordsOf returns the words of one of [Languages], "" for English.
func wordsOf(of string) words {
	locales := map[string]string{"no": "[$-414]", "sv": "[$-41D]", "fi": "[$-40B]"}
	w := words{Printer: message.NewPrinter(tagOf(of), message.Catalog(phrases())), locale: locales[of]}
	if !w.english() {
		w.spoken, w.patterns, w.codes = spoken(), map[string]*pattern{}, map[billing.Code]billing.CodeInfo{}
		for _, info := range billing.Codes() {
			w.codes[info.Code] = info
		}
	}
	return w
}

func (w words) english() bool { return w.locale == "" }

// phrase is an English text in a table of the code. It is a key of words.csv.
type phrase string

// say returns a text with its values. The text is English, and a key of words.csv.
func (w words) say(text string, values ...any) string { return w.Sprintf(text, values...) }

// text returns a text without values, such as a hint. A text that words.csv does not have stays English.
func (w words) text(text string) string {
	if w.english() {
		return text
	}
	return w.say(strings.ReplaceAll(text, "%", "%%"))
}

// final returns the word for a state. Formulas compare it, so every cell of the workbook has the same word.
func (w words) final(f billing.Final) string { return w.text(f.String()) }

func (w words) headings(columns []column) []string {
	headings := make([]string, len(columns))
	for i, c := range columns {
		headings[i] = w.text(strings.ReplaceAll(c.name, "_", " "))
	}
	return headings
}

// names returns the headings of columns of sheet Rows: in English their names in the CSV file.
func (w words) names(columns []column) []string {
	names := w.headings(columns)
	for i := range names {
		if w.english() {
			names[i] = columns[i].name
		}
	}
	return names
}

// count returns a number of things in words: one is the text for 1, more has a verb for any other number.
func (w words) count(n int, one, more string) string {
	if n == 1 {
		return w.say(one)
	}
	return w.say(more, n)
}

func (w words) orders(n int) string { return w.count(n, "1 order", "%d orders") }

// noBreak is a space at which no line ends.
const noBreak = "\u00a0"

// decimal returns a number with the decimal mark of the language.
func (w words) decimal(number string) string {
	if w.english() {
		return number
	}
	return strings.ReplaceAll(number, ".", ",")
}

// sums returns amounts of several currencies: "12.00 EUR and 1,234.50 NOK" in English, "" for none.
func (w words) sums(all []money.Amount) string {
	if len(all) == 0 {
		return ""
	}
	text := w.money(all[0])
	for _, a := range all[1:] {
		text = w.say("%s and %s", text, w.money(a))
	}
	return text
}

// money returns an amount with its currency and with the marks that cells show in the language: "1,234.50 NOK" in
// English.
func (w words) money(a money.Amount) string {
	marks := strings.NewReplacer(" ", noBreak, ".", ",")
	if w.english() {
		marks = strings.NewReplacer(" ", ",")
	}
	return strings.TrimSuffix(marks.Replace(a.Thousands())+noBreak+a.Currency().Code(), noBreak)
}

// invoiced returns the word for who invoiced an order. Formulas compare it, as they do [words.final].
func (w words) invoiced(of Invoiced) string { return w.text(of.String()) }

// spaced finds two groups of digits of an amount in a text.
var spaced = regexp.MustCompile(`(\d) (\d{3})(\D|$)`)

// apart replaces the space between groups of digits of the amounts in a text.
func apart(text, mark string) string {
	for spaced.MatchString(text) { // the last groups first
		text = spaced.ReplaceAllString(text, "${1}"+mark+"${2}${3}")
	}
	return text
}

// marked returns a text with the marks of [words.money] in its amounts.
func (w words) marked(text string) string {
	if w.english() {
		return apart(text, ",")
	}
	return apart(strings.ReplaceAll(text, ".", ","), noBreak)
}
