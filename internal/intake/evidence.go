package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// cellEvidence is what the cells of a column that is not understood speak of.
type cellEvidence struct {
	filled   int // cells that are not empty
	money    int // with a currency, or with a number format that has one
	percents int
	numbers  int // numbers that say nothing else
	// those of them that look like money: with decimals in a workbook, with two in a CSV file, whose dates
	// have them too
	decimals int
	codes    int // currency codes alone
	states   int // words such as paid or cancelled, alone or with a number or a date
	scales   int // that prices are for several, such as per 100
	minuses  int // numbers below zero
	counts   int // numbers that may be quantities
	ones     int // those of them that are 1
	papers   int // codes of invoices and credit notes, such as FA and KN
	credits  int // those of them that are of credit notes
}

func (e *cellEvidence) observe(value *cell) {
	text := strings.TrimSpace(value.Value)
	if text == "" {
		return
	}
	e.filled++
	switch value.Kind {
	case xlsx.Percent:
		e.percents++
	case xlsx.Number:
		e.observeNumber(value)
	case xlsx.Text:
		e.observeText(text)
	case xlsx.Date, xlsx.Time, xlsx.Bool, xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
	}
}

// observeNumber takes a number of a workbook, whose format may show two decimals that it does not have.
func (e *cellEvidence) observeNumber(value *cell) {
	if value.Format.Currency() != "" {
		e.money++
		return
	}
	e.numbers++
	digits, _, ok := value.Number()
	if ok && strings.Contains(digits, ".") || value.Format.TwoDecimals() {
		e.decimals++
	}
	if d, err := money.ParseDecimal(digits, money.Dot); ok && err == nil {
		e.count(value.Text(), d)
	}
}

// count takes a number for a quantity unless it is written as labels are, with zeros in front or many digits.
func (e *cellEvidence) count(text string, d money.Decimal) {
	const most = 6 // digits of a quantity
	written := strings.ReplaceAll(d.String(), ".", "")
	switch {
	case d.Sign() < 0:
		e.minuses++
	case d.IsZero(), len(written) > most, len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9':
	default:
		e.counts++
		if whole, rest, _ := strings.Cut(d.String(), "."); whole == "1" && strings.Trim(rest, "0") == "" {
			e.ones++
		}
	}
}

func (e *cellEvidence) observeText(text string) {
	const longest = 32 // no number and no state is longer
	switch {
	case len(text) > longest:
	case !strings.ContainsAny(text, "0123456789"):
		e.observeWord(text)
	default:
		e.observeDigits(text)
	}
}

func (e *cellEvidence) observeWord(text string) {
	if len(text) == len("NOK") && strings.ToUpper(text) == text {
		if _, code := money.ParseCurrencyWord(text); code {
			e.codes++
			return
		}
	}
	v, word := theVocabulary(), normalise(text)
	switch {
	case v.cells["a credit code"][word]:
		e.credits++
		e.papers++
	case v.cells["a document code"][word]:
		e.papers++
	}
	count(&e.scales, v.cells["the scale of prices"][word])
	e.observeState(text)
}

// observeState looks for words such as paid or cancelled, beside which may stand a number, a date or signs.
func (e *cellEvidence) observeState(text string) {
	const most = 4 // words of a state
	list := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) })
	// one is enough
	if e.states == 0 && len(list) > 0 && len(list) <= most &&
		theVocabulary().stateCell(normalise(strings.Join(list, ""))) {
		e.states++
	}
}

func (e *cellEvidence) observeDigits(text string) {
	for _, mark := range []money.Mark{money.Dot, money.Comma} {
		n, err := money.ParseNumber(text, mark)
		if err != nil {
			continue
		}
		switch {
		case n.Currency != "":
			e.money++
		case n.Percent:
			e.percents++
		default:
			e.numbers++
			e.count(text, n.Decimal)
			if twoDecimals(text, money.Dot) || twoDecimals(text, money.Comma) {
				e.decimals++
			}
		}
		return
	}
	count(&e.scales, theVocabulary().cells["the scale of prices"][normalise(text)])
	e.observeState(text)
}

func twoDecimals(text string, mark money.Mark) bool {
	at := strings.LastIndex(text, mark.String())
	if at < 0 {
		return false
	}
	decimals := strings.TrimRight(text[at+1:], " -")
	return len(decimals) == 2 && strings.Trim(decimals, "0123456789") == ""
}

// speaksOf is what the cells under a header speak of, "" for nothing that an invoice depends on. uncounted
// tells that the list has prices and no quantities.
func (e *cellEvidence) speaksOf(h headerWords, uncounted bool) string {
	switch {
	case e.filled == 0:
	case e.money > 0:
		return "money: cells with a currency"
	case e.codes == e.filled:
		return "a currency: cells with currency codes"
	case e.scales > 0:
		return "the scale of prices: cells such as per 100"
	case e.states > 0:
		return "a status: cells such as paid, credit or cancelled"
	case e.percents > 0:
		return "a percentage: cells with a percent sign"
	case h.sums && !h.labels && e.numbers == e.filled:
		return "money"
	case !h.others && e.numbers == e.filled && e.decimals > 0:
		return "money: numbers with decimals in every cell"
	case !h.others && e.minuses > 0:
		return "money: numbers below zero"
	case h.harmless:
	case e.papers == e.filled && e.credits > 0:
		return "a credit: cells with codes such as KN"
	case uncounted && !h.others && !h.labels && e.counts == e.filled && e.ones < e.filled:
		return "a quantity: numbers in every cell, beside prices without quantities"
	}
	return ""
}

// checkUnread refuses a list with a column that is not understood and speaks of what an invoice depends on:
// it would be left out of the invoices without a word.
func (f *File) checkUnread(p *Profile, headerRow int) error {
	var index *headerIndex // of all known names, also beside a profile that names its columns
	for i := range f.layout.columns {
		c := &f.layout.columns[i]
		if c.known != 0 || c.used != "" || c.ignored || c.cells.filled == 0 {
			continue
		}
		if index == nil {
			index = newHeaderIndex(nil)
		}
		if says := c.unreadSays(index, p, &f.layout); says != "" {
			return f.unread(c, i, says, p, headerRow)
		}
	}
	return nil
}

// unreadSays is why a column that is not understood cannot be left out, "" if it can. A header that would be
// read as a known column without the profile tells more by that than by its words; one of a name or an
// address is the input's own.
func (c *column) unreadSays(index *headerIndex, p *Profile, all *layout) string {
	known := index.read(c.text)
	like := known.decisive(c.sample.Value)
	h := theVocabulary().speaksOf(c.text)
	what := h.what
	if len(known.columns) > 0 && like == "" && known.unit == (unit{}) {
		what, h.harmless = "", true
	}
	if like != "" && (p.namesColumns() || what == "") {
		return "looks like " + like
	}
	has := func(one ...billing.Column) bool {
		return slices.ContainsFunc(one, func(c billing.Column) bool { return all.index(c) >= 0 })
	}
	if what == "" && h.payers &&
		has(billing.ColBusinessName, billing.ColContactName, billing.ColLastName, billing.ColEmail) {
		what = "who is invoiced"
	}
	if what == "" {
		uncounted := has(billing.ColUnitPrice) && !has(billing.ColQuantity) && p.constants()[billing.ColQuantity] == ""
		what = c.cells.speaksOf(h, uncounted)
	}
	if what == "" {
		return ""
	}
	return "speaks of " + what
}

// decisive names the columns that a header can stand for and that change what an invoice asks for, or how; ""
// for the others. Under Product most lists have what was sold, so that one of choices needs a cell with such
// a choice.
func (h *heading) decisive(sample string) string {
	var names []string
	for _, c := range h.columns {
		switch c.Kind() {
		case billing.Number, billing.Money, billing.Percent, billing.Day:
			names = append(names, c.String())
		case billing.Text, billing.Choice, billing.Identifier:
			switch c { //nolint:exhaustive // the others are names, numbers and addresses
			case billing.ColProduct, billing.ColInvoiceChannel:
				if slices.Contains(c.Info().Choices, strings.ToLower(strings.TrimSpace(sample))) {
					names = append(names, c.String())
				}
			case billing.ColCurrency, billing.ColCountry, billing.ColOrganizationNumber, billing.ColDaysUntilDue,
				billing.ColPrices:
				names = append(names, c.String())
			}
		}
	}
	return strings.Join(names, " or ")
}

func (f *File) unread(c *column, i int, says string, p *Profile, headerRow int) error {
	name := c.text
	if strings.TrimSpace(name) == "" {
		name = columnLetters(i)
		return refuse(codeUnread, fmt.Sprintf("column %s has cells and no header, and %s", name, says),
			"give it a header, or empty its cells").
			at(headerRow, name, c.sample.Text())
	}
	hint := fmt.Sprintf(
		"name it as one of the columns that `kravia-batch template` lists, or pass it over in a profile: ignore: [%q]", name)
	if strings.Contains(says, "a status") {
		hint = fmt.Sprintf("no column takes it: say in a profile which rows are lines, only: \"= {%s} == '…'\", "+
			"or pass it over: ignore: [%q]", name, name)
	} else if p.namesColumns() {
		hint = fmt.Sprintf("name it in columns of the profile %s, or pass it over there: ignore: [%q]", p.Name, name)
	} else if near := nearest(f.absent(), []string{name}); near != "" {
		hint = fmt.Sprintf("did you mean %s? Otherwise %s", near, hint)
	}
	message := fmt.Sprintf("the column %q is not understood, and %s (for example %q)", name, says,
		shown(c.sample.Text()))
	return refuse(codeUnread, message, hint).at(headerRow, name, "")
}

// columnLetters names a column as spreadsheets do: A for 0, AA for 26.
func columnLetters(i int) string {
	letters := ""
	for i++; i > 0; i = (i - 1) / 26 {
		letters = string(rune('A'+(i-1)%26)) + letters
	}
	return letters
}
