package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// column is one column of the table. The survey gathers evidence from its cells and settles how they are written, and
// Records reads them so, by their kind: see number.go, date.go, identifier.go, and suspicious.go.
type column struct {
	heading
	known   billing.Column // zero: a column of the input's own, which is copied to the report
	values  *Values        // what the words of its cells stand for; nil: cells stand for themselves
	as      billing.Kind   // what formulas read its cells as, beside known
	used    string         // what the profile uses its cells for
	asHead  bool           // the profile uses it in head rows
	asLine  bool           // the profile uses it in other rows
	decided bool           // a cell or the profile decides the decimal mark
	settled bool           // marks are known before the survey: a formula reads it, or it is a register's column
	mark    money.Mark
	slash   dateOrder // of dates such as 03/04/2026
	dash    dateOrder // of dates such as 03-04-2026

	marks   markEvidence
	slashes dateEvidence
	dashes  dateEvidence
	tails   int     // count of numbers stored with digits that no spreadsheet shows
	bare    int     // count of dates stored as numbers without a date format
	real    example // a date cell of a workbook whose day and month could be swapped
	cells   cellEvidence
	sample  cell // the first cell that is not empty
}

// observe gathers the evidence of a cell about its column.
func (c *column) observe(row int, value *cell) {
	if value.Value != "" && c.sample.Kind == 0 {
		c.sample = *value
	}
	switch {
	case c.ignored && c.used == "", c.values != nil && c.as == "":
	case c.numeric():
		c.observeNumber(row, value)
	case c.known.Kind() == billing.Day, c.as == billing.Day:
		c.observeDay(row, value)
	case c.known == 0 && c.used == "":
		c.cells.observe(value)
	}
}

// reading is the result of reading a cell.
type reading struct {
	value    string
	currency money.CurrencyWord   // from the cell or its number format
	problem  *billing.Problem     // nil for none
	others   []money.CurrencyWord // from the cells that a formula computed the value of
}

// problem is the reading of a cell that cannot be read. Its value is the cell's text as the file shows it. The
// code is the column's name and the suffix; words are pairs of a placeholder and its text.
func (c *column) problem(value *cell, suffix string, words ...string) reading {
	shows := value.Text()
	p := billing.NewProblem(billing.Code(c.known.String()+"."+suffix), shown(strings.TrimSpace(shows)),
		append(words, "shown", shows)...)
	return reading{value: shows, problem: &p}
}

// read turns a cell of a known column into its record's value. An unreadable cell keeps its text and gets a problem.
func (c *column) read(value *cell) reading {
	if r, bad := c.told(value); bad {
		return r
	}
	if c.values != nil {
		return c.mapped(value)
	}
	switch c.known.Kind() {
	case billing.Number, billing.Money, billing.Percent:
		return c.readNumber(value)
	case billing.Day:
		return c.readDay(value)
	case billing.Identifier:
		return c.readIdentifier(value)
	case billing.Text, billing.Choice:
	}
	return reading{value: value.Text()}
}

// told gives the problem of a cell that cannot be read whatever its column is. It reports false if there is none.
func (c *column) told(value *cell) (reading, bool) {
	switch value.Kind {
	case xlsx.ErrorValue:
		return c.problem(value, "error_value"), true
	case xlsx.NoValue:
		return c.problem(value, "no_value"), true
	case xlsx.Merged:
		r := c.problem(value, "merged")
		r.value = ""
		return r, true
	case xlsx.Text:
		return c.suspicious(value)
	case xlsx.Number, xlsx.Percent, xlsx.Date, xlsx.Time, xlsx.Bool:
	}
	return reading{}, false
}

// mapped looks a cell's word up in the profile's values. An empty cell stays empty unless they have the empty word.
func (c *column) mapped(value *cell) reading {
	word := foldWord(value.Text())
	if mapped, ok := c.values.of[word]; ok || word == "" {
		return reading{value: mapped}
	}
	hint := ""
	const short = 5 // below this, a typing error turns one code into another
	if near := nearest(c.values.words, []string{word}); len(word) >= short && near != "" {
		hint = fmt.Sprintf(msgDidYouMean, near)
	}
	return c.problem(value, "unlisted", "column", c.known.String(), "words", quoted(c.values.words), "near", hint)
}

// currencies lists what an amount's cell, its header and the rows above name. The order's currency must fit each.
func (c *column) currencies(r *reading, ofList money.CurrencyWord) []money.CurrencyWord {
	if r.value == "" || c.known.Kind() != billing.Money || r.currency == "" && c.unit.currency == "" && ofList == "" {
		return nil
	}
	return slices.DeleteFunc([]money.CurrencyWord{r.currency, c.unit.currency, ofList},
		func(w money.CurrencyWord) bool { return w == "" })
}

// repeat is a cell as the report shows it: as the sheet does, but numbers are plain digits unless they are identifiers.
func (c *column) repeat(value *cell) string {
	if digits, _, ok := value.Number(); ok && value.Kind == xlsx.Number && (c.numeric() || !identifies(value)) {
		return digits
	}
	return value.Text()
}
