package xlsx

import (
	"cmp"
	"slices"
	"strings"
)

// Format is a number format, such as `"F26-"0000;[Red]-0`. A nil Format is General, which shows numbers as they are.
// See ECMA-376 part 1, 18.8.31.
type Format struct {
	sections []section // those that numbers are shown by, one at least
	currency string
	plain    bool
	always   Kind // of all values, 0 if the value decides
}

// Currency is the currency that the format shows, as the file has it: "€", "kr", "NOK", "US$". It is "" for none, also
// for a country without one ([$-414]) and where a spreadsheet would show its own country's.
func (f *Format) Currency() string {
	if f == nil {
		return ""
	}
	return f.currency
}

// Plain reports whether the format shows a whole number by all its digits and by no others but zeros before it, perhaps
// with words and signs: General, 0, 000000, "F26-"0000, 000 000 000. So the shown text identifies what the number does.
// It is false for decimals, thousands, percent, exponents, fractions, dates, and formats that hide the number.
func (f *Format) Plain() bool { return f == nil || f.plain }

// section is one part of a number format, such as the one for negative numbers.
type section struct {
	kind     Kind   // Number, Percent, Date or Time
	operator string // of its condition, "" for none
	bound    decimal
	unsigned bool // it only takes negative numbers, and shows them without a minus
	pieces   []piece
	places   int  // 0 and # in all pieces
	shows    bool // it has places, or shows numbers as they are
	exact    bool // the pieces tell all that is shown
}

// TwoDecimals reports whether the format shows numbers with two decimals, as amounts of money are: 0.00, #,##0.00.
func (f *Format) TwoDecimals() bool {
	return f != nil && slices.ContainsFunc(f.sections[0].pieces, func(p piece) bool {
		return p.kind == places && strings.HasSuffix(p.text, ".00")
	})
}

// parseFormat takes a number format apart: `[>=100]0;0.0%`. It is nil for General. Sections for text and a fourth go.
func parseFormat(code string) *Format {
	if code == "" || code == "@" || strings.EqualFold(code, "General") {
		return nil
	}
	parts := [][]string{nil}
	for _, token := range tokens.FindAllString(code, -1) {
		if token == ";" {
			parts = append(parts, nil)
		} else {
			parts[len(parts)-1] = append(parts[len(parts)-1], token)
		}
	}
	if last := len(parts) - 1; last > 0 && slices.Contains(parts[last], "@") {
		parts = parts[:last]
	}
	f := &Format{}
	for _, part := range parts[:min(len(parts), 3)] {
		s, currency := parseSection(part)
		f.sections = append(f.sections, s)
		f.currency = cmp.Or(f.currency, currency)
	}
	first := f.sections[0]
	if !slices.ContainsFunc(f.sections, func(s section) bool {
		return s.kind != first.kind || s.operator != "" && s.kind != Number
	}) {
		f.always = first.kind
	}
	f.condition()
	f.plain = first.shows &&
		!slices.ContainsFunc(f.sections, func(s section) bool { return s.kind != Number || !s.exact })
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
		s.unsigned = s.operator == "<" && (below || s.bound.digits == "") || below &&
			(s.operator == "<=" || s.operator == "=")
	}
	if len(all) == 2 && all[0].operator == ">=" && all[0].bound.digits == "" && all[1].operator == "" {
		all[1].unsigned = true
	}
}

// holds reports whether the section's condition, if any, holds. Its operator consists of the signs of fitting orders.
func (s *section) holds(value decimal) bool {
	return s.operator == "" || strings.Contains(s.operator, "<=>"[value.compare(s.bound)+1:][:1])
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

// show is a number, or a time of day or a duration, as [Cell.Text] has it.
func (f *Format) show(d decimal) string {
	var s *section
	if f != nil {
		s = f.section(d)
	}
	switch {
	case s == nil || !s.exact:
		return strings.TrimSpace(d.String() + " " + f.Currency())
	case s.kind == Time:
		return s.time(d)
	}
	return s.number(d)
}

// number puts the digits of a number into the section's places. The first place takes all that have none of their own.
func (s *section) number(d decimal) string {
	if s.places > 0 {
		d = d.keep(d.point)
	}
	sign := ""
	if d.negative && !s.unsigned {
		sign = "-"
	}
	d.negative = false
	rest, _ := d.split()
	left := s.places
	var out strings.Builder
	for _, p := range s.pieces {
		switch p.kind {
		case literal, clock: // letters among digits are words without quotes
			out.WriteString(p.text)
		case general:
			out.WriteString(d.String())
		case places:
			for _, place := range p.text {
				left--
				n := max(0, len(rest)-left)
				out.WriteString(rest[:n])
				rest = rest[n:]
				if n == 0 && place == '0' {
					out.WriteByte('0')
				}
			}
		}
	}
	return sign + tidy(out.String())
}

// words are what the section for a number shows beside its digits.
func (f *Format) words(d decimal) string {
	s := f.section(d)
	if s == nil {
		return ""
	}
	var out strings.Builder
	for _, p := range s.pieces {
		switch {
		case p.kind == literal, p.kind == clock:
			out.WriteString(p.text)
		case p.kind == places && strings.HasSuffix(p.text, ","):
			out.WriteString(",")
		default:
			out.WriteByte(' ')
		}
	}
	words, signs := tidy(out.String()), ""
	switch {
	case s.unsigned:
		signs = "-\u2212()"
	case d.digits == "":
		signs = "-\u2212\u2013"
	}
	return strings.TrimSpace(strings.Trim(words, signs))
}

// tidy leaves out spaces that only align.
func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }
