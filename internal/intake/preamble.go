package intake

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Rows above the header, such as a title, are no records. But they may say something about all records: a currency,
// prices without VAT, a draft. What contradicts how the list is read refuses the file.

// rowAbove is a row above the header.
type rowAbove struct {
	number int
	text   string
}

// above gives the rows above the header of a CSV file, each as one text.
func (s *csvSource) above() []rowAbove {
	var rows []rowAbove
	in := bufio.NewReader(s.text(s.file, s.size))
	for number := 1; number < s.header; number++ {
		line, err := in.ReadString('\n')
		if err != nil {
			break // cannot happen: the header further down was read already
		}
		text := strings.Trim(line, " \r\n\"")
		if strings.Trim(text, ",;|\t \"") != "" && !strings.HasPrefix(strings.ToLower(text), "sep=") {
			rows = append(rows, rowAbove{number, text})
		}
	}
	return rows
}

// above gives the rows above the header of a sheet.
func (s *inspection) above() []rowAbove {
	var rows []rowAbove
	for i := 0; i < len(s.head) && s.head[i].number < s.header; i++ {
		rows = append(rows, rowAbove{s.head[i].number, strings.Join(s.head[i].texts(), " ")})
	}
	return rows
}

// checkAbove notes the rows above the header, and refuses a file in which they contradict how it is read. Their
// currency holds for every row. If the profile declares the header row, its author has seen them.
func (f *File) checkAbove(rows []rowAbove, m *headerMatch, p *Profile) error {
	if len(rows) == 0 {
		return nil
	}
	if first, last := rows[0].number, rows[len(rows)-1].number; first == last {
		f.notice(msgRowSkippedAbove, first)
	} else {
		f.notice(msgRowsSkippedAbove, first, last)
	}
	if p.headerRow() > 0 {
		return nil
	}
	for _, r := range rows {
		what := f.above(r.text, m, p)
		if what != "" {
			hint := fmt.Sprintf(hintAbove, f.source.headerRow())
			return refuse(codeAbove, fmt.Sprintf(msgAbove, r.number, what), hint).at(r.number, "", r.text)
		}
	}
	return nil
}

// above is what a row above the header says and the list does not, "" for nothing. It notes a currency in the layout.
func (f *File) above(text string, m *headerMatch, p *Profile) string {
	list := words(text)
	prices := withVAT
	if p.exclVAT() {
		prices = withoutVAT
	}
	has := func(c billing.Column) bool {
		return p.constants()[c] != "" ||
			slices.ContainsFunc(m.headings, func(h heading) bool { return slices.Contains(h.columns, c) })
	}
	holds := func(all ...string) bool { return holdsAny(list, all) }
	follow := func(phrases ...string) bool {
		return slices.ContainsFunc(phrases, func(p string) bool { return indexOf(list, strings.Fields(p)) >= 0 })
	}
	digits := strings.ContainsAny(text, "0123456789")
	due := digits && (theVocabulary().speaks(text, subjectDueDate) ||
		holds("days", "dager", "dagar", "dage", "paivaa") &&
			holds("net", "netto", "terms", "betingelser", "vilkar", "villkor"))
	vat := vatAbove(text, list)
	switch {
	case due && !has(billing.ColDueDate) && !has(billing.ColDaysUntilDue):
		return subjectDueDate
	case !due && vat != 0 && vat != prices && !has(billing.ColPrices):
		return fmt.Sprintf(msgAboveVAT, vat, prices)
	case holds("utkast", "kladd", "draft", "proforma", "luonnos", "kreditnota", "kreditnotaer", "kreditnotor",
		"creditnote", "creditnotes"),
		!due && theVocabulary().speaks(text, "a credit"):
		return msgAboveDraft
	case holds("ore", "cent", "cents", "senttia", "sentteina") && !p.orNone().Minor,
		follow("i 1000", "in 1000", "x 1000", "i 1 000", "in 1 000"),
		holds("tusen", "tkr", "tnok", "tsek", "teur", "mnok", "knok", "ksek", "keur", "thousand", "thousands",
			"tuhat", "millioner", "miljoner", "millions"):
		return msgAboveUnits
	case theVocabulary().speaks(text, "VAT") && isRate(list) && !has(billing.ColVAT):
		return msgAboveRate
	case digits && theVocabulary().speaks(text, subjectDiscount):
		return subjectDiscount
	case holds("testdata", "testfil", "allerede", "already", "redan"), follow("test data"),
		slices.Equal(list, []string{"test"}), theVocabulary().speaks(text, "cancelling"),
		holds("ikke", "ikkje", "inte", "ej", "not") &&
			holds("faktureres", "fakturer", "fakturere", "faktureras", "fakturera", "invoice", "bill", "sendes",
				"send"),
		indexOf(list, []string{"not", "be", "invoiced"}) >= 0, indexOf(list, []string{"not", "be", "billed"}) >= 0:
		return msgAboveNotBilled
	}
	for _, word := range currenciesOf(text) {
		if f.layout.currency != "" && f.layout.currency != word {
			return msgAboveCurrencies
		}
		f.layout.currency = word
	}
	return ""
}

// speaks reports whether a text speaks of a subject.
func (v *vocabulary) speaks(text, name string) bool {
	list := pieces(text)
	at := slices.IndexFunc(v.subjects, func(s *subject) bool { return s.name == name })
	return v.subjects[at].spokenOf([]string{normalise(text), strings.Join(list, "")}, v.withoutHarmless(list))
}

// vatAbove is what a row above the header says about VAT in prices, 0 for nothing, as headers do, or in words apart:
// "prices exclude VAT". Net and gross count alone or beside a word for amounts: companies are called Net.
func vatAbove(text string, list []string) vatWord {
	holds := func(all ...string) bool { return holdsAny(list, all) }
	if theVocabulary().speaks(text, "VAT") || holds("avgift", "avgifter") {
		switch {
		case holds("eks", "ekskl", "ex", "exc", "exkl", "excl", "exclude", "excludes", "excluded", "excluding",
			"exclusive", "eksklusive", "eksklusiv", "exklusive", "exklusiv",
			"uten", "utan", "uden", "without", "ilman", "tillegg", "tillagg", "tillaeg", "tillkommer", "pluss",
			"plus", "not", "ikke", "inte"):
			return withoutVAT
		case holds("inkl", "incl", "inc", "include", "includes", "included", "including", "inclusive", "inkludert",
			"inklusive", "inklusiv", "med", "with"):
			return withVAT
		}
	}
	if holds("net", "gross") && len(list) > 1 &&
		!holds("amount", "amounts", "price", "prices", "total", "totals", "sum", "sums", "values") {
		return 0
	}
	_, u := splitHeader(text)
	return u.vat
}

// holdsAny reports whether a list of words holds one of the others.
func holdsAny(list, others []string) bool {
	return slices.ContainsFunc(list, func(w string) bool { return slices.Contains(others, w) })
}

// isRate reports whether a text about VAT names a rate: a percentage, a number after the word, or that there is no VAT.
func isRate(list []string) bool {
	n := len(list)
	if n > 1 && slices.Contains([]string{"mva", "moms", "vat", "alv", "rate", "sats"}, list[n-2]) &&
		len(list[n-1]) <= len("25") && strings.Trim(list[n-1], "0123456789") == "" {
		return true
	}
	says := []string{
		"prosent", "procent", "percent", "pct", "free", "exempt", "exempted", "reverse", "omvendt", "omvand",
	}
	return slices.ContainsFunc(list, func(w string) bool {
		return strings.HasSuffix(w, "%") || strings.HasSuffix(w, "fri") || strings.HasSuffix(w, "fritt") ||
			slices.Contains(says, w)
	})
}

// checkCurrency refuses a row whose currency is not the one of a row above the header.
func (f *File) checkCurrency(r *row, own string) error {
	word, ok := money.ParseCurrencyWord(own)
	currency, one := word.Currency()
	if !ok || !one || f.layout.currency.Fits(currency) {
		return nil
	}
	message := fmt.Sprintf(msgOtherCurrency, f.layout.currency, r.number, currency.Code())
	return refuse(codeAbove, message, fmt.Sprintf(hintOtherCurrency, f.source.headerRow())).
		at(r.number, billing.ColCurrency.String(), own)
}

// currenciesOf lists the currencies that a text names by codes in capitals, by signs or by names. EURO in capitals
// counts only as the last word, because companies are called so.
func currenciesOf(text string) (found []money.CurrencyWord) {
	list := words(text)
	for name, word := range map[string]money.CurrencyWord{
		"norske kroner": "NOK", "norska kronor": "NOK", "svenske kroner": "SEK", "svenska kronor": "SEK",
		"danske kroner": "DKK", "danska kronor": "DKK",
	} {
		if indexOf(list, strings.Fields(name)) >= 0 {
			found = append(found, word)
		}
	}
	if at := slices.Index(list, "euro"); at >= 0 && (at == len(list)-1 || strings.Contains(text, "euro")) {
		found = append(found, "EUR")
	}
	codes := []string{"NOK", "SEK", "DKK", "EUR", "USD", "GBP", "CHF", "ISK", "PLN", "€", "US$", "£"}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;:|\t\"().=/", r) }) {
		if word, ok := money.ParseCurrencyWord(w); ok && slices.Contains(codes, w) {
			found = append(found, word)
		}
	}
	return found
}
