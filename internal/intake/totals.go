package intake

import (
	"cmp"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// A row is a total, which must not be billed, only if it says so and its amount is the sum of rows before it. One that
// says so but has another amount, or much of a line, gets a problem: the user must correct it.

// runningSums are the sums that a total can have: of all rows before, since the last total, of its order or customer.
type runningSums struct {
	all, since, order, customer money.Sum
	reference, number           string
}

func (s *runningSums) add(reference, number string, d money.Decimal) {
	if reference != s.reference {
		s.reference, s.order = reference, money.Sum{}
	}
	if number != s.number {
		s.number, s.customer = number, money.Sum{}
	}
	for _, sum := range []*money.Sum{&s.all, &s.since, &s.order, &s.customer} {
		sum.Add(d)
	}
}

// is reports whether an amount is one of the sums.
func (s *runningSums) is(d money.Decimal) bool {
	return slices.ContainsFunc([]*money.Sum{&s.all, &s.since, &s.order, &s.customer}, func(sum *money.Sum) bool {
		return sum.Cmp(d) == 0
	})
}

// totalWords lists the words of totals, normalised.
func totalWords() []string {
	return []string{
		"total", "totals", "totalt", "totalsum", "totalsumma", "totalbelop", "totalamount", "grandtotal", "grand total",
		"subtotal", "subtotals", "sum", "sums", "summa", "sumtotal", "sumtotalt", "delsum", "delsumma", "mellomsum",
		"mellansumma", "ialt", "i alt", "tilsammen", "sammanlagt", "yhteensa", "summayhteensa", "kaikkiyhteensa",
		"loppusumma", "valisumma", "samlet", "totaal",
	}
}

// loneTotals lists words that say total only where they stand alone, normalised: Netto does, Nettolønn does not.
func loneTotals() []string {
	return []string{
		"tot", "summert", "saldo", "overfort", "resultat", "netto", "brutto", "a betale", "att betala", "at betale",
		"herav mva", "hvorav mva", "a fakturere", "att fakturera", "til fakturering",
	}
}

// isLoneTotal reports whether a word says total where it stands alone. Ordresum does, Konsum does not.
func isLoneTotal(word string) bool {
	ends := func(end string) bool { return strings.HasSuffix(word, end) }
	return slices.Contains(totalWords(), word) || slices.Contains(loneTotals(), word) ||
		(ends("sum") || ends("summa") || ends("total")) && word != "konsum"
}

// sumsUp decides about a row that says total. It reports whether its amount is the sum of rows before it. Such a row is
// passed over or gets a problem, unless it has what makes a line: then it is one, if its text is more than a total and
// its amount is no sum, or the sum of other orders while it has an order and VAT of its own.
func (j *judge) sumsUp(r *row, amount money.Decimal, ok bool) bool {
	l := &j.file.layout
	says, alone := l.totalText(r)
	text, _ := isTotalText(says)
	sum, complete := ok && j.running.is(amount), l.complete(r)
	names := l.identity(r, says)
	first := !l.textOwn() && names != "" && !j.seen[names]
	if !text && (!sum || amount.IsZero()) || text && !l.textOwn() &&
		j.isName(names+says, first && (!sum || complete || l.hasNumber(r)), sum) {
		return false
	}
	reference, vat := l.value(r, billing.ColOrderReference), l.value(r, billing.ColVAT)
	if reference == strings.TrimSpace(says) {
		reference = "" // the word for total stands in the column of the reference
	}
	t := falseTotal{says: says}
	switch {
	case !text:
		t.why = msgWhyAmountAlone
	case sum && l.describes(r, says):
		t.why = msgWhyTextSaysMore
	case complete && !alone && (!sum || vat != "" && reference != "" && reference != j.running.reference):
		return false
	case sum && !first && (!complete && (alone || reference == "") || alone && vat == "" && reference == ""):
		j.totals = append(j.totals, r.number)
	case !ok:
		t.why = msgWhyNoAmount
	case !sum:
		t.why = msgWhyNoSum
	case complete:
		t.why = msgWhyComplete
	default:
		t.why = msgWhyHasOrder
	}
	if t.why != "" {
		l.falseTotals[r.number] = t
	}
	if sum {
		j.running.since = money.Sum{} // a new block begins
	}
	return sum
}

// isName reports whether a word for total is the name of an order or customer, in a row without a description of its
// own. The first row of an order decides that it is, and later rows with the same word follow. Beside a made
// description the word is a name also where the amount is no sum.
func (j *judge) isName(name string, begins, sum bool) bool {
	if begins {
		j.name = name
	}
	return name == j.name || !sum && j.file.layout.description >= madeBase
}

// value is a known column's cell of the row itself, "" if a made cell comes from another row.
func (l *layout) value(r *row, c billing.Column) string {
	at := l.index(c)
	if at >= madeBase && at-madeBase < len(r.made) && r.made[at-madeBase].elsewhere {
		return ""
	}
	return strings.TrimSpace(r.cellAt(at).Value)
}

// complete reports whether a row has what makes a line beside an amount: VAT, an item, an address, or a price.
func (l *layout) complete(r *row) bool {
	return makesLine(func(c billing.Column) bool { return l.value(r, c) != "" })
}

// completing lists the columns that makesLine asks for.
func completing() []billing.Column {
	return []billing.Column{
		billing.ColVAT, billing.ColItemID, billing.ColEmail, billing.ColAddressLine, billing.ColUnitPrice,
		billing.ColAmount, billing.ColQuantity,
	}
}

// makesLine reports whether the filled columns make a line.
func makesLine(filled func(c billing.Column) bool) bool {
	return filled(billing.ColVAT) || filled(billing.ColItemID) || filled(billing.ColEmail) ||
		filled(billing.ColAddressLine) ||
		filled(billing.ColUnitPrice) && (filled(billing.ColAmount) || filled(billing.ColQuantity))
}

// totalText is the text by which a row says total, "" if it does not. It is a description that begins or ends with a
// word for total; another such cell, if the description is empty or made by the profile; or the amount of a row that
// has nothing else. alone reports a text that is nothing but a total.
func (l *layout) totalText(r *row) (text string, alone bool) {
	described := l.description >= 0 && strings.TrimSpace(r.cellAt(l.description).Value) != ""
	if described {
		says, alone := isTotalText(r.cellAt(l.description).Value)
		if says {
			return r.cellAt(l.description).Value, alone
		}
		if l.description < madeBase {
			return "", false
		}
	}
	filled := 0 // cells of columns without numbers
	for i := range r.cells {
		if i < len(l.columns) && l.columns[i].numeric() || strings.TrimSpace(r.cells[i].Value) == "" {
			continue
		}
		filled++
		if i < len(l.columns) && (l.columns[i].known.Kind() == billing.Choice || l.columns[i].values != nil) {
			continue // the words of such a cell are codes
		}
		if says, only := isTotalText(r.cells[i].Value); says && text == "" && (only || !described) {
			text, alone = r.cells[i].Value, only
		}
	}
	switch own := func(c billing.Column) bool { at := l.index(c); return at < madeBase && l.value(r, c) != "" }; {
	case text != "" && (!described || filled == 1 || l.identity(r, text) != "" || l.isIdentity(r, text)):
		// Beside a made description the word stands alone, beside its order, or in the place of its order.
		return text, alone
	case filled == 0 && !makesLine(own):
		amount, price := l.value(r, billing.ColAmount), l.value(r, billing.ColUnitPrice)
		return cmp.Or(amount, price, l.value(r, billing.ColQuantity)), false
	}
	return "", false
}

// textOwn reports whether rows have a description of their own, which the profile does not make.
func (l *layout) textOwn() bool { return l.description >= 0 && l.description < madeBase }

// identity is the column and cell that name a row's order, or else its customer; "" for none and for a word for total.
func (l *layout) identity(r *row, word string) string {
	if l.isIdentity(r, word) {
		return ""
	}
	for _, c := range identifying() {
		if own := l.value(r, c); own != "" {
			return c.String() + " " + own
		}
	}
	return ""
}

// isIdentity reports whether a word stands where a row names its order or customer.
func (l *layout) isIdentity(r *row, word string) bool {
	return slices.ContainsFunc(identifying(), func(c billing.Column) bool {
		own := l.value(r, c)
		return own != "" && own == strings.TrimSpace(word)
	})
}

// identifying lists the columns that name an order or a customer.
func identifying() []billing.Column {
	return []billing.Column{billing.ColOrderReference, billing.ColCustomerNumber, billing.ColOrganizationNumber}
}

// describes reports whether a made description contains a word for total. It may be the description of a line.
func (l *layout) describes(r *row, word string) bool {
	return l.description >= madeBase && strings.Contains(foldWord(r.cellAt(l.description).Value), foldWord(word))
}

// hasNumber reports whether a row has an organization's number.
func (l *layout) hasNumber(r *row) bool {
	const digits = 8
	return len(onlyDigitsOf(l.value(r, billing.ColOrganizationNumber))) >= digits
}

// mayBeTotal is a fast check that rejects nearly every text: each word for total has one of these groups of letters.
func mayBeTotal(text string) bool {
	for i := 0; i+2 < len(text); i++ {
		switch text[i] | 0x20 {
		case 't', 's', 'a', 'y', 'b', 'n', 'e', 'r', 'f':
		default:
			continue
		}
		switch string([]byte{text[i] | 0x20, text[i+1] | 0x20, text[i+2] | 0x20}) {
		case "tot", "sum", "alt", "yht", "sam", "til", "sal", "sul", "net", "bru", "bet", "erf", "rav", "fak":
			return true
		}
	}
	return false
}

// isTotalText reports a word for total at an end of a text. alone: all others are numbers, months or what is totalled.
func isTotalText(text string) (says, alone bool) {
	const longest = 80
	if text == "" || len(text) > longest || !mayBeTotal(text) {
		return false, false
	}
	list := slices.DeleteFunc(words(text), func(w string) bool { return strings.Trim(w, "0123456789/%") == "" })
	for _, total := range slices.Concat(totalWords(), loneTotals()) {
		if first, second, pair := strings.Cut(total, " "); pair {
			list = joinPair(list, first, second)
		}
	}
	if len(list) == 0 {
		return false, false
	}
	alone = slices.ContainsFunc(list, isLoneTotal) && !slices.ContainsFunc(list, func(w string) bool {
		return !isLoneTotal(w) && !slices.Contains(totalCompany(), w)
	})
	return alone || slices.Contains(totalWords(), list[0]) || slices.Contains(totalWords(), list[len(list)-1]), alone
}

// joinPair makes one entry of two words that stand beside each other.
func joinPair(list []string, first, second string) []string {
	if i := indexOf(list, []string{first, second}); i >= 0 {
		return slices.Replace(slices.Clone(list), i, i+2, first+" "+second)
	}
	return list
}

// totalCompany lists words that a total may have beside the word for total, normalised.
func totalCompany() []string {
	return []string{
		"for", "of", "av", "the", "all", "alle", "alla", "kunde", "kunden", "kund", "customer", "client", "asiakas",
		"ordre", "order", "tilaus", "faktura", "invoice", "lasku", "linjer", "lines", "rader", "rivit", "belop",
		"amount", "inkl", "incl", "eks", "excl", "mva", "moms", "vat", "alv", "nok", "sek", "eur", "kr", "a", "betale",
		"att", "betala", "januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober",
		"november", "desember", "januari", "februari", "maj", "augusti", "december", "january", "february", "march",
		"may", "june", "july", "october", "tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu", "kesakuu",
		"heinakuu", "elokuu", "syyskuu", "lokakuu", "marraskuu", "joulukuu", "maned", "maneden", "manad", "manaden",
		"month", "uke", "week", "kvartal", "quarter", "ar", "aret", "year", "vuosi", "koko", "hele", "hela", "whole",
		"perioden", "periode", "period", "kausi", "per", "pr", "i", "in", "netto", "brutto", "net", "gross",
	}
}
