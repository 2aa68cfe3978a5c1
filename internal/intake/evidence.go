package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// cellEvidence is what the cells of a column that is not understood speak of.
type cellEvidence struct {
	filled   int // cells that are not empty
	money    int // with a currency, or with a number format that has one
	percents int
	prices   int // numbers with two decimals
	codes    int // currency codes alone
	states   int // words such as paid or cancelled, alone
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
		if value.Format.Currency() != "" {
			e.money++
		}
	case xlsx.Text:
		e.observeText(text)
	case xlsx.Date, xlsx.Time, xlsx.Bool, xlsx.ErrorValue, xlsx.NoValue, xlsx.Merged:
	}
}

func (e *cellEvidence) observeText(text string) {
	const longest = 32 // no number is longer
	if len(text) > longest {
		return
	}
	if _, code := money.ParseCurrencyWord(text); code && len(text) == 3 && strings.ToUpper(text) == text {
		e.codes++
		return
	}
	if !strings.ContainsAny(text, "0123456789") {
		if slices.Contains(stateWords(), normalise(text)) {
			e.states++
		}
		return
	}
	for _, mark := range []money.Mark{money.Dot, money.Comma} {
		n, err := money.ParseNumber(text, mark)
		if err != nil {
			continue
		}
		at := strings.LastIndex(text, mark.String())
		switch {
		case n.Currency != "":
			e.money++
		case n.Percent:
			e.percents++
		case at >= 0 && len(strings.TrimRight(text[at+1:], " -")) == 2:
			e.prices++
		default:
			continue
		}
		return
	}
}

// speaksOf is what the cells speak of, "" for nothing that an invoice depends on.
func (e *cellEvidence) speaksOf() string {
	switch {
	case e.filled == 0:
	case e.money > 0:
		return "money: cells with a currency"
	case e.codes == e.filled:
		return "a currency: cells with currency codes"
	case e.states > 0:
		return "a status: cells such as paid, credit or cancelled"
	case e.percents > 0:
		return "a percentage: cells with a percent sign"
	case e.prices == e.filled:
		return "money: numbers with two decimals in every cell"
	}
	return ""
}

// stateWords are cells that decide whether a row is to be billed, normalised.
func stateWords() []string {
	return []string{
		"paid", "unpaid", "invoiced", "notinvoiced", "billed", "unbilled", "billable", "nonbillable", "draft", "cancelled", "canceled", "void", "voided", "deleted",
		"credit", "creditnote", "creditmemo", "refund", "refunded", "pending", "open", "closed", "onhold", "approved", "rejected", "disputed",
		"betalt", "ubetalt", "delvisbetalt", "fakturert", "ikkefakturert", "kladd", "utkast", "kansellert", "avbestilt", "annullert", "makulert", "slettet", "kredit",
		"kreditnota", "kreditfaktura", "kreditert", "kreditering", "refundert", "godkjent", "avvist", "apen", "lukket", "purret", "inkasso",
		"betald", "obetald", "fakturerad", "ofakturerad", "makulerad", "avbruten", "krediterad", "godkand", "oppen", "stangd",
		"maksettu", "maksamaton", "laskutettu", "luonnos", "peruttu", "mitatoity", "hyvitys", "hyvityslasku", "hyvaksytty", "avoin", "suljettu",
	}
}

// subject is what headers speak of by some words: those that stand alone, those that end a compound, and those anywhere in it.
type subject struct {
	name               string
	whole, ends, parts []string
}

// subjects are what an invoice depends on, in the words of English, Norwegian, Swedish, Danish and Finnish headers, normalised.
func subjects() []subject {
	return []subject{
		{
			"VAT", []string{"vat", "mva", "alv", "tax", "taxes", "gst"}, []string{"vat", "mva", "tax"},
			[]string{"moms", "merverdiavgift", "mervardesskatt", "arvonlisavero", "vatincl", "vatrate", "vatcode", "mvakode", "mvasats", "taxrate", "taxcode", "avgiftskode", "alvkoodi"},
		},
		{"a discount", nil, nil, []string{"rabatt", "discount", "alennus", "rebate", "avslag", "prisavdrag"}},
		{"a currency", []string{"curr"}, nil, []string{"valuta", "currency", "valuutta"}},
		{
			"a due date", []string{"due", "betales", "frist"}, []string{"frist"},
			[]string{"forfall", "forfaller", "erapaiva", "duedate", "maksuehto", "betalningsvillkor", "betalingsvilkar"},
		},
		{
			"a status", []string{"tila", "state", "paid", "unpaid", "betalt", "ubetalt", "betald", "maksettu", "draft", "kladd", "utkast", "deleted", "slettet", "stage"}, nil,
			[]string{"status", "tilstand", "invoiced", "fakturert", "fakturerad", "laskutettu", "billable", "fakturerbar", "approved", "godkjent", "godkand", "hyvaksytty"},
		},
		{
			"a credit", []string{"credit", "kredit", "hyvitys", "kreditt", "refund", "refunded"}, nil,
			[]string{"creditnote", "iscredit", "kreditnota", "kreditfaktura", "kreditert", "krediterad", "kreditering", "hyvityslasku", "refundert"},
		},
		{"cancelling", []string{"void", "voided"}, nil, []string{"cancel", "kansell", "annull", "makuler", "avbestilt", "avbestalld", "peruttu", "mitatoity"}},
		{
			"a quantity", []string{"qty", "units", "kpl", "hours", "timer", "timmar", "tunnit", "pcs", "stk"}, nil,
			[]string{"quantity", "antall", "antal", "maara", "duration"},
		},
		{
			"money", []string{
				"amount", "price", "cost", "fee", "fees", "net", "gross", "netto", "brutto", "totals", "totalt", "kr", "nok", "sek", "eur", "dkk", "usd", "gbp", "saldo",
				"balance", "charge", "charges", "shipping", "rate",
			},
			[]string{"sum", "pris", "price", "amount", "total", "belop", "belopp", "sats", "gebyr", "avgift", "kostnad"},
			[]string{"belop", "summa", "hinta", "yhteensa", "enhetspris", "stykkpris", "totalsum", "lineitemprice", "unitprice", "subtotal", "maksu", "oresavrunding", "frakt"},
		},
	}
}

// headerSpeaksOf is what a header speaks of, "" for nothing that an invoice depends on.
func headerSpeaksOf(header string) string {
	list := words(header)
	joined := strings.Join(list, "")
	for _, s := range subjects() {
		if slices.ContainsFunc(list, s.speaks) || slices.ContainsFunc(s.parts, func(part string) bool { return strings.Contains(joined, part) }) {
			return s.name
		}
	}
	if _, u := splitHeader(header); u.currency != "" || u.percent {
		return "money"
	}
	return ""
}

func (s subject) speaks(word string) bool {
	return slices.Contains(s.whole, word) || slices.ContainsFunc(s.ends, func(end string) bool { return strings.HasSuffix(word, end) })
}

// checkUnread refuses a list with a column that is not understood and speaks of what an invoice depends on: it would be left out
// of the invoices without a word.
func (f *File) checkUnread(p *Profile, headerRow int) error {
	for i := range f.layout.columns {
		c := &f.layout.columns[i]
		if c.known != 0 || c.ignored || c.cells.filled == 0 {
			continue
		}
		what := c.cells.speaksOf()
		if said := headerSpeaksOf(c.text); said != "" {
			what = said
		}
		if what == "" {
			continue
		}
		return f.unread(c, i, what, p, headerRow)
	}
	return nil
}

func (f *File) unread(c *column, i int, what string, p *Profile, headerRow int) error {
	name := c.text
	if strings.TrimSpace(name) == "" {
		name = columnLetters(i)
		return refuse(codeUnread, fmt.Sprintf("column %s has cells and no header, and speaks of %s", name, what), "give it a header, or empty its cells").
			at(headerRow, name, c.sample.Text())
	}
	hint := fmt.Sprintf("name it as one of the columns that `kravia-batch template` lists, or pass it over in a profile: ignore: [%q]", name)
	if p.namesColumns() {
		hint = fmt.Sprintf("name it in columns of the profile %s, or pass it over there: ignore: [%q]", p.Name, name)
	} else if near := nearest(f.absent(), []string{name}); near != "" {
		hint = fmt.Sprintf("did you mean %s? Otherwise %s", near, hint)
	}
	message := fmt.Sprintf("the column %q is not understood, and speaks of %s (for example %q)", name, what, shown(c.sample.Text()))
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
