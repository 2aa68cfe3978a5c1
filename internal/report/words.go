package report

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Languages are those that a workbook can be written in, English first.
func Languages() []string { return []string{"en", "no", "sv", "fi"} }

// words.csv has a line for each text of the workbook, by its English, which is its key: a column for each
// other language.
//
//go:embed words.csv
var wordsCSV []byte

// phrases are all texts of the workbook by language.
var phrases = readPhrases() //nolint:gochecknoglobals // fixed table

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
		panic("words.csv cannot be read: " + err.Error()) // a test reads it
	}
	return all
}

// tagOf is a language of the workbook as the library knows it: for it no is no language that has numbers.
func tagOf(of string) language.Tag {
	switch of {
	case "":
		return language.English
	case "no":
		return language.Make("nb")
	}
	return language.Make(of)
}

// words says texts in a language. A number among them is written as the language writes it.
type words struct {
	*message.Printer
	english  bool
	locale   string // begins the number formats of cells, "" for the reader's own marks
	codes    map[billing.Code]billing.CodeInfo
	spoken   map[string][]phrase
	patterns map[string]*pattern // of the texts of codes, made when first needed
}

// newWords gives the words of a language, "" for English.
func newWords(of string) (words, error) {
	if of != "" && !slices.Contains(Languages(), of) {
		return words{}, fmt.Errorf(msgLanguage, of, strings.Join(Languages(), ", "))
	}
	return wordsOf(of), nil
}

// wordsOf gives the words of a language that is one of [Languages], "" for English.
func wordsOf(of string) words {
	locales := map[string]string{"no": "[$-414]", "sv": "[$-41D]", "fi": "[$-40B]"}
	w := words{
		Printer: message.NewPrinter(tagOf(of), message.Catalog(phrases)), english: locales[of] == "",
		locale: locales[of],
	}
	if !w.english {
		w.spoken, w.patterns, w.codes = spoken(), map[string]*pattern{}, map[billing.Code]billing.CodeInfo{}
		for _, info := range billing.Codes() {
			w.codes[info.Code] = info
		}
	}
	return w
}

// phrase is a text of the workbook that stands in a table: English, and a key of words.csv.
type phrase string

// say is a text with the values of its verbs put in. The text is English, and a key of words.csv.
func (w words) say(text string, values ...any) string { return w.Sprintf(text, values...) }

// text is a text without verbs, such as a hint. One that is no key of words.csv stays as it is.
func (w words) text(text string) string {
	if w.english {
		return text
	}
	return w.say(strings.ReplaceAll(text, "%", "%%"))
}

// final is the word for a state, wherever it stands in the workbook: formulas compare it.
func (w words) final(f billing.Final) string { return w.text(f.String()) }

// heading is what stands over a column of a list.
func (w words) heading(name string) string { return w.text(strings.ReplaceAll(name, "_", " ")) }

// nameOrHeading returns the heading of a column of sheet Rows: in English its name in the CSV file.
func (w words) nameOrHeading(name string) string {
	if w.english {
		return name
	}
	return w.heading(name)
}

// headings returns the headings of the columns of a list.
func (w words) headings(columns []column) []string {
	headings := make([]string, len(columns))
	for i, c := range columns {
		headings[i] = w.heading(c.name)
	}
	return headings
}

// count is a number of things: the first text says one of them, the second has a verb for their number.
func (w words) count(n int, one, more string) string {
	if n == 1 {
		return w.say(one)
	}
	return w.say(more, n)
}

// noBreak is a space at which no line ends.
const noBreak = "\u00a0"

// decimal is a number with a dot, as the language writes it.
func (w words) decimal(number string) string {
	if w.english {
		return number
	}
	return strings.ReplaceAll(number, ".", ",")
}

// sums are amounts of several currencies: 12.00 EUR and 1,234.50 NOK in English, "" for none.
func (w words) sums(all []money.Amount) string {
	text := ""
	for i, a := range all {
		if i == 0 {
			text = w.money(a)
		} else {
			text = w.say("%s and %s", text, w.money(a))
		}
	}
	return text
}

// money is an amount with its currency, with the marks that cells show to a reader of the language: 1,234.50
// NOK in English.
func (w words) money(a money.Amount) string {
	marks := strings.NewReplacer(" ", noBreak, ".", ",")
	if w.english {
		marks = strings.NewReplacer(" ", ",")
	}
	return strings.TrimSuffix(marks.Replace(a.Thousands())+noBreak+a.Currency().Code(), noBreak)
}

// invoiced is where an order stands, wherever that is said in the workbook: formulas compare it.
func (w words) invoiced(of Invoiced) string { return w.text(of.String()) }

// spaced is two groups of digits of an amount in a text.
var spaced = regexp.MustCompile(`(\d) (\d{3})(\D|$)`)

// apart puts something between the groups of digits of the amounts in a text.
func apart(text, mark string) string {
	for spaced.MatchString(text) { // the last groups first
		text = spaced.ReplaceAllString(text, "${1}"+mark+"${2}${3}")
	}
	return text
}

// marked is a text whose amounts have the marks that [words.money] gives them.
func (w words) marked(text string) string {
	if w.english {
		return apart(text, ",")
	}
	return apart(strings.ReplaceAll(text, ".", ","), noBreak)
}
