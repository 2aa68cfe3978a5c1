package intake

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// heading is what a header cell says.
type heading struct {
	text    string
	columns []billing.Column // the columns that it can stand for, none for a column of the input's own
	unsure  bool             // the cells must prove what it stands for
	ignored bool             // the profile ignores it
	how     string           // why it stands for its column
	unit    unit
}

// unit is what a header says beside its name: NOK and "eks mva" in `Beløp (NOK) eks mva`.
type unit struct {
	currency money.CurrencyWord
	percent  bool
	vat      vatWord
}

// vatWord is what a header says about VAT in its prices.
type vatWord uint8

const (
	withVAT vatWord = iota + 1
	withoutVAT
)

func (w vatWord) String() string {
	if w == withVAT {
		return msgWordWithVAT
	}
	return msgWordWithoutVAT
}

// normalise makes headers comparable: without case, accents, spaces and the signs _, -, ., : and *.
func normalise(header string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(header)) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.IsSpace(r), strings.ContainsRune("_-.:*\u00ad\u200b\ufeff", r):
		case r == 'ø':
			b.WriteRune('o')
		case r == 'æ':
			b.WriteString("ae")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// words takes a header apart into normalised words: "VATIncluded", "Beløp_eks.mva" and "m/mva" are two, three and
// one.
func words(header string) []string {
	var b strings.Builder
	before := ' '
	for _, r := range header {
		switch {
		case unicode.IsUpper(r) && unicode.IsLower(before):
			b.WriteRune(' ')
			b.WriteRune(r)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/%€$£", r) || unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		default:
			b.WriteRune(' ')
		}
		before = r
	}
	fields := strings.Fields(b.String())
	for i, w := range fields {
		fields[i] = normalise(w)
	}
	return fields
}

// vatPhrases lists the normalised words by which headers say that a price is with or without VAT.
func vatPhrases() map[vatWord][]string {
	return map[vatWord][]string{
		withVAT: {
			"incl vat", "inc vat", "including vat", "with vat", "incl tax", "inc tax", "including tax", "inkl mva",
			"ink mva", "incl mva", "m/mva", "med mva", "inklusive mva", "inklusiv mva", "inkl moms", "ink moms",
			"incl moms", "med moms", "inklusive moms", "inklusiv moms", "sis alv", "sisaltaa alv", "verollinen",
			"gross", "brutto",
		},
		withoutVAT: {
			"excl vat", "ex vat", "exc vat", "excluding vat", "without vat", "excl tax", "ex tax", "excluding tax",
			"eks mva", "ekskl mva", "ex mva", "exkl mva", "excl mva", "u/mva", "uten mva", "eksklusive mva",
			"eksklusiv mva", "exkl moms", "ex moms", "excl moms", "eks moms", "ekskl moms", "utan moms", "uden moms",
			"exklusive moms", "exklusiv moms", "ilman alv", "alv 0", "alv 0 %", "veroton", "net", "netto",
		},
	}
}

// splitHeader separates a header's name from its units. The name is normalised.
func splitHeader(header string) (name string, u unit) {
	list := words(header)
	for _, vat := range []vatWord{withVAT, withoutVAT} {
		for _, phrase := range vatPhrases()[vat] {
			if at := indexOf(list, strings.Fields(phrase)); at >= 0 && u.vat == 0 {
				u.vat, list = vat, slices.Delete(slices.Clone(list), at, at+len(strings.Fields(phrase)))
			}
		}
	}
	list = slices.DeleteFunc(list, func(w string) bool {
		word, ok := unitWord(w)
		switch {
		case ok && u.currency == "":
			u.currency = word
		case slices.Contains([]string{"%", "pct", "percent", "prosent", "procent"}, w):
			u.percent = true
		default:
			return false
		}
		return true
	})
	return strings.Join(list, ""), u
}

// unitWord is the currency that a word of a header names.
func unitWord(word string) (money.CurrencyWord, bool) {
	if word == "euroina" {
		return "EUR", true
	}
	if slices.Contains([]string{"all", "try", "top", "cup", "mad", "gel"}, word) { // codes that are words, too
		return "", false
	}
	return money.ParseCurrencyWord(word)
}

// indexOf is where a list contains a part, -1 for nowhere.
func indexOf(list, part []string) int {
	for i := 0; i+len(part) <= len(list); i++ {
		if slices.Equal(list[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// headerIndex knows which header stands for which column. A profile that names columns decides alone; otherwise a
// column's own name and its synonyms count.
type headerIndex struct {
	profile *Profile
	byName  map[string][]synonym // normalised header → what it can stand for
	figures bool                 // some header has no letters, such as 2026
	filled  map[billing.Column]bool
	needs   []need // the headers that the profile names
}

// synonym is one column that a header can stand for.
type synonym struct {
	column billing.Column
	how    string
	unsure bool
	vat    vatWord
}

// newHeaderIndex makes the index for a profile, which may be nil.
func newHeaderIndex(p *Profile) *headerIndex {
	n := &headerIndex{profile: p, byName: map[string][]synonym{}, filled: map[billing.Column]bool{}}
	for _, values := range []map[billing.Column]string{p.constants(), p.defaults()} {
		for c, value := range values {
			n.filled[c] = value != ""
		}
	}
	for _, need := range p.wants() {
		need.want = normalise(need.header)
		n.needs = append(n.needs, need)
	}
	if p.namesColumns() {
		for c, x := range p.Columns {
			if n.filled[c] = true; !p.makes(c) {
				n.add(x.references[0].header, synonym{column: c, how: byProfile})
			}
		}
	}
	if p.namesColumns() || p.orNone().register {
		return n
	}
	for _, c := range billing.Columns() {
		info := c.Info()
		for vat, synonyms := range map[vatWord][]string{
			0: info.Synonyms, withVAT: info.WithVAT, withoutVAT: info.WithoutVAT,
		} {
			for _, s := range synonyms {
				spelling, unsure := strings.CutSuffix(s, "?")
				n.add(spelling, synonym{column: c, how: bySynonym, unsure: unsure, vat: vat})
			}
		}
	}
	for _, c := range billing.Columns() { // a column's own name stands for this column alone
		n.byName[normalise(c.String())] = []synonym{{column: c, how: byItsName}}
	}
	return n
}

func (n *headerIndex) add(header string, s synonym) {
	key := normalise(header)
	n.figures = n.figures || !hasLetter(key)
	if !slices.ContainsFunc(n.byName[key], func(other synonym) bool { return other.column == s.column }) {
		n.byName[key] = append(n.byName[key], s)
	}
}

// names reports whether a text is the name of a column. It rejects numbers fast, for most texts are.
func (n *headerIndex) names(text string) bool {
	return (n.figures || hasLetter(text)) && len(n.byName[normalise(text)]) > 0
}

// hasLetter reports whether a text has a letter.
func hasLetter(text string) bool {
	for i := range len(text) {
		if isLetter(text[i]) {
			return true
		}
	}
	return false
}

// read reads a header cell by itself. What other cells decide is left to match.
func (n *headerIndex) read(header string) heading {
	h := heading{text: header}
	found := n.byName[normalise(header)]
	named := n.profile.namesColumns() && len(found) > 0 // a pattern of ignore does not hold for such a header
	name, u := splitHeader(header)
	h.unit = u // also for ignored headers, because formulas may read the column
	if h.ignored = !named && n.profile.ignores(header) || header == "" && n.profile.headerless(); h.ignored {
		return h
	}
	if len(found) == 0 && !n.profile.namesColumns() && name != "" {
		found = n.byName[name]
	}
	if len(found) == 0 && !n.profile.namesColumns() {
		found = n.counted(header)
	}
	hasNoValues := func(s synonym) bool { return n.profile.valuesOf(s.column) == nil }
	// values in the profile decide which of the columns is meant
	if decided := slices.DeleteFunc(slices.Clone(found), hasNoValues); len(decided) == 1 {
		decided[0].unsure = false
		found = decided
	}
	for _, s := range found {
		if !h.fits(s.column) {
			continue
		}
		h.columns, h.unsure, h.how = append(h.columns, s.column), s.unsure, s.how
		if s.vat != 0 {
			h.unit.vat = s.vat
		}
	}
	return h
}

// counted reads a header of a quantity with a unit in brackets: Antall (timer). It gives nothing for other
// headers. Other words in brackets, such as a dozen, would change the quantity, so only known units count.
func (n *headerIndex) counted(header string) []synonym {
	units := []string{
		"stk", "styck", "st", "pcs", "pieces", "kpl", "kappaletta", "units", "enheter", "hours", "hrs", "h", "timer",
		"t", "timmar", "tim", "tuntia", "tunnit",
		"kg", "m", "m2", "m²", "m3", "m³", "lm", "l", "liter", "ltr", "km", "kwh", "gb", "days", "dager", "dagar",
		"dage", "months", "måneder", "mnd", "månader",
	}
	name, rest, _ := strings.Cut(header, "(")
	unit, closed := strings.CutSuffix(strings.TrimSpace(rest), ")")
	if !closed || !slices.Contains(units, strings.ToLower(strings.Trim(unit, " ."))) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.byName[normalise(name)]), func(s synonym) bool {
		return s.column != billing.ColQuantity
	})
}

// fits reports whether the unit of a header suits a column. A percent sign does not suit an amount.
func (h *heading) fits(c billing.Column) bool {
	switch c.Kind() {
	case billing.Money:
		return !h.unit.percent
	case billing.Percent:
		return h.unit.currency == ""
	case billing.Number:
		return h.unit.currency == "" && !h.unit.percent
	case billing.Text, billing.Choice, billing.Identifier, billing.Day:
	}
	return true
}
