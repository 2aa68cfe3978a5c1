package xlsx

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
)

// Format is a number format, such as `"F26-"0000;[Red]-0`. A nil Format is General, which shows numbers as they are.
// See ECMA-376 part 1, 18.8.31.
type Format struct {
	sections []section // those that numbers are shown by, one at least
	currency string
	plain    bool
	always   Kind // of all values, 0 if the value decides
}

// Currency is the currency that the format shows, as the file has it: "€", "kr", "NOK", "US$". It is "" when the format names
// none, also when it has a country without a currency ([$-414]) and when a spreadsheet would show its own country's.
func (f *Format) Currency() string {
	if f == nil {
		return ""
	}
	return f.currency
}

// Plain reports whether the format shows a whole number by all its digits and by no others but zeros before it, perhaps with
// words and signs: General, 0, 000000, "F26-"0000, 000 000 000. So the shown text identifies what the number does. It is false for
// decimals, thousands, percent, exponents, fractions, dates, and formats that hide the number.
func (f *Format) Plain() bool { return f == nil || f.plain }

// piece is one element of a section.
type piece struct {
	kind pieceKind
	text string
}

type pieceKind uint8

const (
	literal  pieceKind = iota + 1
	padding            // a space that only aligns
	digit              // 0, # or ?
	point              // before decimals, or before parts of a second
	comma              // between digits, or behind them; gone after a section is complete
	exponent           // E+ or E-
	percent            //
	slash              // of a fraction, if digits stand on both sides
	general            // General, and @ for a number
	clock              // y, m, d, h, s in a row; [h], [m], [s]; AM/PM
)

// section is one part of a number format, such as the one for negative numbers.
type section struct {
	kind     Kind   // Number, Percent, Date or Time
	operator string // of its condition, "" for none
	bound    decimal
	unsigned bool // it only takes negative numbers, and shows them without a minus
	pieces   []piece

	whole, decimals, exponentDigits int // digits of each part
	scale                           int // thousands that are left out: 3 for each comma at the end
	grouped, fraction, shows        bool
}

// parseFormat takes a number format apart: `[>=100]0;0.0%`. It is nil for General. A section for text, and what follows the third
// section, are left out.
func parseFormat(code string) *Format {
	if code == "" || code == "@" || strings.EqualFold(code, "General") {
		return nil
	}
	f := &Format{}
	for rest, more := code, true; more && len(f.sections) < 3; {
		p := sectionParser{code: rest}
		more = p.parse()
		if p.forText && !more && len(f.sections) > 0 {
			break
		}
		rest = p.code[p.at:]
		p.section.settle(p.forText)
		f.sections = append(f.sections, p.section)
		f.currency = cmp.Or(f.currency, p.currency, currencyIn(p.section.pieces))
	}
	first := f.sections[0]
	if !slices.ContainsFunc(f.sections, func(s section) bool { return s.kind != first.kind || s.operator != "" && s.kind != Number }) {
		f.always = first.kind
	}
	f.condition()
	f.plain = f.sections[0].shows && !slices.ContainsFunc(f.sections, func(s section) bool { return !s.plain() })
	return f
}

// condition gives sections the conditions that they have when they say none: `[>=0];others`, or `[>0];[<0];others`.
func (f *Format) condition() {
	all := f.sections
	if len(all) > 1 && all[0].operator == "" {
		all[0].operator = map[int]string{2: ">=", 3: ">"}[len(all)]
	}
	if len(all) == 3 {
		all[1].operator = cmp.Or(all[1].operator, "<")
		all[2].operator = ""
	}
	for i := range all {
		s := &all[i]
		below := s.bound.negative
		s.unsigned = s.operator == "<" && (below || s.bound.digits == "") || below && (s.operator == "<=" || s.operator == "=")
	}
	if len(all) == 2 && all[0].operator == ">=" && all[0].bound.digits == "" && all[1].operator == "" {
		all[1].unsigned = true
	}
}

// holds reports whether the section's condition holds; a section without one takes every value.
func (s *section) holds(value decimal) bool {
	order := value.compare(s.bound)
	switch s.operator {
	case "":
		return true
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "=":
		return order == 0
	case "<>":
		return order != 0
	}
	return false
}

// section is the one by which a spreadsheet shows the value, nil when no condition holds.
func (f *Format) section(d decimal) *section {
	for i := range f.sections {
		if f.sections[i].holds(d) {
			return &f.sections[i]
		}
	}
	return nil
}

// kind is how a stored number is shown under the format.
func (f *Format) kind(value string) Kind {
	if f == nil {
		return Number
	}
	if f.always != 0 {
		return f.always
	}
	d, _, ok := parseDecimal(value)
	if !ok {
		return f.sections[0].kind
	}
	if s := f.section(d); s != nil {
		return s.kind
	}
	return Number
}

func (s *section) plain() bool {
	return s.kind == Number && !s.grouped && !s.fraction && s.scale == 0 && s.decimals == 0 && !slices.ContainsFunc(s.pieces, func(p piece) bool {
		return p.kind == exponent || p.kind == point
	})
}

// settle tells what the pieces of a section are together.
func (s *section) settle(forText bool) {
	var day, month, hours, rate, digits, seconds bool
	s.shows = forText
	for _, p := range s.pieces {
		switch p.kind {
		case clock:
			day = day || strings.ContainsAny(p.text[:1], "yYdD")
			month = month || strings.ContainsAny(p.text[:1], "mM")
			hours = hours || !strings.ContainsAny(p.text[:1], "yYdDmM")
			seconds = strings.ContainsAny(p.text, "sS")
		case digit:
			digits = digits || !seconds // behind seconds they are parts of one
		case percent:
			rate = true
		case general:
			s.shows = true
		case literal, padding, point, comma, exponent, slash:
		}
	}
	switch {
	case day || month && !hours && !digits:
		s.kind = Date
	case (hours || month) && !digits:
		s.kind = Time
	case rate:
		s.kind = Percent
	default: // and other letters among digits are words without quotes: 0.00 SEK
		s.kind = Number
		s.settleDigits()
	}
}

// settleDigits counts the digits of a number and takes out the commas between and behind them.
func (s *section) settleDigits() {
	var kept []piece
	count := &s.whole
	commas := 0
	for i, p := range s.pieces {
		switch p.kind {
		case comma:
			if s.whole+s.decimals == 0 || count == &s.exponentDigits {
				kept = append(kept, piece{literal, ","})
			} else {
				commas++
			}
			continue
		case digit:
			s.grouped = s.grouped || commas > 0 && count == &s.whole
			commas = 0
			*count++
			if count == &s.exponentDigits {
				continue
			}
		case point:
			if count != &s.whole {
				p.kind = literal
			} else {
				count = &s.decimals
			}
		case exponent:
			count = &s.exponentDigits
		case slash:
			hasDigit := func(p piece) bool { return p.kind == digit }
			s.fraction = s.fraction || slices.ContainsFunc(s.pieces[:i], hasDigit) && slices.ContainsFunc(s.pieces[i:], hasDigit)
			p.kind = literal
		case clock:
			p.kind = literal
		case literal, padding, percent, general:
		}
		kept = append(kept, p)
	}
	s.scale = 3 * commas
	s.shows = s.shows || s.whole > 0
	s.pieces = kept
}

// currencyIn is the first word or sign of a section's literals that names a currency.
func currencyIn(pieces []piece) string {
	var text strings.Builder
	for _, p := range pieces {
		if p.kind == literal {
			text.WriteString(p.text)
		} else {
			text.WriteByte(' ')
		}
	}
	for _, word := range strings.FieldsFunc(text.String(), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()-+:;,/", r) }) {
		if isCurrency(word) {
			return word
		}
	}
	return ""
}

// isCurrency reports whether a word of a number format names a currency: a sign such as € and US$, an ISO 4217 code, or a usual word.
func isCurrency(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	first, _ := utf8.DecodeRuneInString(word)
	if isSign(last) || isSign(first) {
		return true
	}
	switch strings.ToLower(word) {
	case "kr", "kr.", "krone", "kroner", "krona", "kronor", "euro", "euroa", "zł", "kč", "ft":
		return true
	}
	_, err := currency.ParseISO(word)
	return err == nil && word == strings.ToUpper(word)
}
