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

// cellEvidence counts the cells of a column that is not understood, by what they look like. It decides whether
// the column may be left out of the invoices.
type cellEvidence struct {
	filled   int // cells that are not empty
	money    int // cells with a currency, or with a number format that has one
	percents int // cells with a percent sign
	numbers  int // numbers without such signs
	// numbers that look like money: with decimals in a workbook, and with exactly two in a CSV file, where dates
	// have a point too
	decimals int
	codes    int // cells with nothing but a currency code
	states   int // words such as paid or cancelled, alone or with a number or a date
	scales   int // cells that say how many a price is for, such as per 100
	minuses  int // numbers below zero
	counts   int // numbers that may be quantities
	ones     int // counts that are 1
	papers   int // codes of invoices and credit notes, such as FA and KN
	credits  int // papers that are credit notes
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

// observeNumber counts a number of a workbook. Its format may show two decimals that the value does not have.
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

// count counts a number that may be a quantity: one without zeros in front and with few digits. Others are labels.
func (e *cellEvidence) count(text string, d money.Decimal) {
	const most = 6 // digits of a quantity at most
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
	const longest = 32 // bytes; no number and no state is longer
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
	case v.cells[subjectCreditCode][word]:
		e.credits++
		e.papers++
	case v.cells[subjectDocumentCode][word]:
		e.papers++
	}
	count(&e.scales, v.cells[subjectScale][word])
	e.observeState(text)
}

// observeState looks for words such as paid or cancelled. A number, a date or signs may stand beside them. One such
// cell is enough, so it stops looking after the first.
func (e *cellEvidence) observeState(text string) {
	const most = 4 // words of a state at most
	list := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) })
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
	count(&e.scales, theVocabulary().cells[subjectScale][normalise(text)])
	e.observeState(text)
}

// twoDecimals reports whether a text ends in two digits behind a mark.
func twoDecimals(text string, mark money.Mark) bool {
	at := strings.LastIndex(text, mark.String())
	if at < 0 {
		return false
	}
	decimals := strings.TrimRight(text[at+1:], " -")
	return len(decimals) == 2 && strings.Trim(decimals, "0123456789") == ""
}

// speaksOf names what an invoice depends on and the cells under a header speak of, "" for nothing. uncounted says
// that the list has prices and no quantities.
func (e *cellEvidence) speaksOf(h headerWords, uncounted bool) string {
	switch {
	case e.filled == 0:
	case e.money > 0:
		return msgSpeaksCurrencies
	case e.codes == e.filled:
		return msgSpeaksCodes
	case e.scales > 0:
		return msgSpeaksScale
	case e.states > 0:
		return msgSpeaksState
	case e.percents > 0:
		return msgSpeaksPercent
	case h.sums && !h.labels && e.numbers == e.filled:
		return msgSpeaksMoney
	case !h.others && e.numbers == e.filled && e.decimals > 0:
		return msgSpeaksDecimals
	case !h.others && e.minuses > 0:
		return msgSpeaksMinus
	case h.harmless:
	case e.papers == e.filled && e.credits > 0:
		return msgSpeaksCredit
	case uncounted && !h.others && !h.labels && e.counts == e.filled && e.ones < e.filled:
		return msgSpeaksQuantity
	}
	return ""
}

// checkUnread refuses a list with a column that is not understood but speaks of something that an invoice depends
// on, such as a discount. Otherwise the invoices would leave it out silently.
func (f *File) checkUnread(p *Profile, headerRow int) error {
	var index *headerIndex // of all known names, even if a profile names its columns
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

// unreadSays is why a column that is not understood cannot be left out, "" if it can. First comes the column that
// the header would stand for without the profile, then the words of the header, then the cells. A header of a
// name or an address may be left out.
func (c *column) unreadSays(index *headerIndex, p *Profile, all *layout) string {
	known := index.read(c.text)
	like := known.decisive(c.sample.Value)
	h := theVocabulary().speaksOf(c.text)
	what := h.what
	if len(known.columns) > 0 && like == "" && known.unit == (unit{}) {
		what, h.harmless = "", true
	}
	if like != "" && (p.namesColumns() || what == "") {
		return fmt.Sprintf(msgLooksLike, like)
	}
	has := func(one ...billing.Column) bool {
		return slices.ContainsFunc(one, func(c billing.Column) bool { return all.index(c) >= 0 })
	}
	if what == "" && h.payers &&
		has(billing.ColBusinessName, billing.ColContactName, billing.ColLastName, billing.ColEmail) {
		what = subjectPayer
	}
	if what == "" {
		uncounted := has(billing.ColUnitPrice) && !has(billing.ColQuantity) && p.constants()[billing.ColQuantity] == ""
		what = c.cells.speaksOf(h, uncounted)
	}
	if what == "" {
		return ""
	}
	return fmt.Sprintf(msgSpeaksOf, what)
}

// decisive names the columns that a header can stand for and that change what an invoice asks for, or how. It is
// "" for other columns. Most lists have the goods under Product, so a column of choices counts only if its first
// cell is one of the choices.
func (h *heading) decisive(sample string) string {
	var names []string
	for _, c := range h.columns {
		decides := isNumeric(c.Kind()) || c.Kind() == billing.Day || slices.Contains([]billing.Column{
			billing.ColCurrency, billing.ColCountry, billing.ColOrganizationNumber, billing.ColDaysUntilDue,
			billing.ColPrices,
		}, c)
		if c == billing.ColProduct || c == billing.ColInvoiceChannel {
			decides = slices.Contains(c.Info().Choices, strings.ToLower(strings.TrimSpace(sample)))
		}
		if decides {
			names = append(names, c.String())
		}
	}
	return strings.Join(names, " or ")
}

// unread refuses a file for a column that cannot be left out. says is why.
func (f *File) unread(c *column, i int, says string, p *Profile, headerRow int) error {
	name := c.text
	if strings.TrimSpace(name) == "" {
		name = columnLetters(i)
		return refuse(codeUnread, fmt.Sprintf(msgNoHeader, name, says), hintGiveHeader).
			at(headerRow, name, c.sample.Text())
	}
	hint := fmt.Sprintf(hintUnread, name)
	if strings.Contains(says, subjectStatus) {
		hint = fmt.Sprintf(hintStatus, name)
	} else if p.namesColumns() {
		hint = fmt.Sprintf(hintUnreadInProfile, p.Name, name)
	} else if near := nearest(f.absent(), []string{name}); near != "" {
		hint = fmt.Sprintf(hintUnreadNear, near, name)
	}
	message := fmt.Sprintf(msgUnread, name, says, shown(c.sample.Text()))
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
