package report

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"kraviabatch/internal/money"
)

// Languages are those that a workbook can be written in, English first.
func Languages() []string { return []string{"en", "no", "sv", "fi"} }

// words.csv has a line for each text of the workbook, by its English, which is its key: a column for each other language.
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
	english bool
}

// newWords gives the words of a language, "" for English.
func newWords(of string) (words, error) {
	if of != "" && !slices.Contains(Languages(), of) {
		return words{}, fmt.Errorf("language %q is not one of %s", of, strings.Join(Languages(), ", "))
	}
	return words{message.NewPrinter(tagOf(of), message.Catalog(phrases)), of == "" || of == Languages()[0]}, nil
}

// say is a text with the values of its verbs put in. The text is English, and a key of words.csv.
func (w words) say(text string, values ...any) string { return w.Sprintf(text, values...) }

// count is a number of things: the first text says one of them, the second has a verb for their number.
func (w words) count(n int, one, more string) string {
	if n == 1 {
		return w.say(one)
	}
	return w.say(more, n)
}

// noBreak is a space at which no line ends.
const noBreak = "\u00a0"

// money is an amount with its currency, with the marks that cells show to a reader of the language: 1,234.50 NOK in English.
func (w words) money(a money.Amount) string {
	marks := strings.NewReplacer(" ", noBreak, ".", ",")
	if w.english {
		marks = strings.NewReplacer(" ", ",")
	}
	return strings.TrimSuffix(marks.Replace(a.Thousands())+noBreak+a.Currency().Code(), noBreak)
}
