package xlsx

import (
	"fmt"
	"strconv"
	"strings"
)

// show is a number as the format shows it. Without a format, and where the format has no way to show it, it is the plain number.
func (f *Format) show(d decimal) string {
	if f == nil {
		return d.String()
	}
	s := f.section(d)
	if s == nil || s.fraction || s.kind == Percent || s.kind == Date {
		return d.String()
	}
	if s.kind == Time {
		return tidy(s.time(d))
	}
	sign := ""
	if d.negative && !s.unsigned {
		sign = "-"
	}
	d.negative = false
	d.point -= s.scale
	text, zero := s.number(d)
	if zero {
		sign = ""
	}
	return sign + tidy(text)
}

// tidy leaves out spaces that only align.
func tidy(text string) string {
	if !strings.Contains(text, "  ") {
		return strings.TrimSpace(text)
	}
	return strings.Join(strings.Fields(text), " ")
}

// number puts the digits of a number that is not negative into the section's places. zero reports whether only zeros were left of it.
func (s *section) number(d decimal) (text string, zero bool) {
	power := 0
	if s.exponentDigits > 0 {
		d, power = s.mantissa(d)
	} else if s.whole > 0 || s.decimals > 0 {
		d = d.keep(d.point + s.decimals)
	}
	whole, fraction := d.split()
	var out strings.Builder
	place, decimal := s.whole, 0
	behind := false // the point
	for _, p := range s.pieces {
		switch p.kind {
		case literal, padding:
			out.WriteString(p.text)
		case general:
			out.WriteString(d.String())
		case point:
			if s.whole == 0 {
				out.WriteString(whole)
			}
			out.WriteByte('.')
			behind = true
		case digit:
			if behind {
				out.WriteString(decimalAt(fraction, decimal, p.text))
				decimal++
				continue
			}
			if place == s.whole { // the first place takes all digits that have none
				for i := len(whole); i > s.whole; i-- {
					s.put(&out, whole[len(whole)-i], i-1)
				}
			}
			place--
			switch {
			case place < len(whole):
				s.put(&out, whole[len(whole)-1-place], place)
			case p.text == "0":
				s.put(&out, '0', place)
			case p.text == "?":
				out.WriteByte(' ')
			}
		case exponent:
			fmt.Fprintf(&out, "%s%0*d", exponentSign(p.text, power), s.exponentDigits, max(power, -power))
		case comma, percent, slash, clock:
		}
	}
	return out.String(), d.digits == ""
}

// put writes a digit that has so many others of the whole number behind it.
func (s *section) put(out *strings.Builder, digit byte, behind int) {
	out.WriteByte(digit)
	if s.grouped && behind > 0 && behind%3 == 0 {
		out.WriteByte(',')
	}
}

func decimalAt(fraction string, at int, place string) string {
	switch {
	case at < len(fraction):
		return fraction[at : at+1]
	case place == "0":
		return "0"
	case place == "?":
		return " "
	}
	return ""
}

// mantissa is the number before the exponent: one digit before the point, or as many as the section has places.
func (s *section) mantissa(d decimal) (decimal, int) {
	step := max(s.whole, 1)
	if d.digits == "" {
		return d, 0
	}
	for {
		power := d.point - 1
		power -= ((power % step) + step) % step
		scaled := d
		scaled.point -= power
		rounded := scaled.keep(scaled.point + s.decimals)
		if rounded.point <= step {
			return rounded, power
		}
		rounded.point += power // 9.99 became 10.0
		d = rounded
	}
}

func exponentSign(text string, power int) string {
	switch {
	case power < 0:
		return text[:1] + "-"
	case text[1] == '+':
		return text
	}
	return text[:1]
}

// time shows a time of day or a duration.
func (s *section) time(d decimal) string {
	days, milliseconds := d.moment()
	half := false
	unit := 1000 // milliseconds of the last digit that is shown
	for _, p := range s.pieces {
		half = half || p.kind == clock && p.text[0]|0x20 == 'a'
		if p.kind == digit {
			unit = max(unit/10, 1)
		}
	}
	milliseconds = (milliseconds + unit/2) / unit * unit
	if days > lastDay {
		return d.String()
	}
	seconds := milliseconds/1000 + days*dayMilli/1000
	var out strings.Builder
	fraction := fmt.Sprintf("%03d", milliseconds%1000)
	for i, p := range s.pieces {
		switch p.kind {
		case clock:
			out.WriteString(s.clock(i, seconds, half))
		case digit:
			out.WriteString(decimalAt(fraction, 0, "0"))
			fraction = fraction[min(1, len(fraction)):]
		case literal, padding, point, comma, percent, slash:
			out.WriteString(p.text)
		case exponent, general:
		}
	}
	return out.String()
}

// clock is one part of a time: hours, minutes, seconds, each alone or of the whole duration, or the half of the day.
func (s *section) clock(at, seconds int, half bool) string {
	text := s.pieces[at].text
	value := 0
	switch text[0] | 0x20 {
	case '[' | 0x20:
		whole := map[byte]int{'h': seconds / 3600, 'm': seconds / 60, 's': seconds}[text[1]|0x20]
		return fmt.Sprintf("%0*d", len(text)-2, whole)
	case 'a':
		if seconds/3600%24 < 12 {
			return text[:strings.IndexByte(text, '/')]
		}
		return text[strings.IndexByte(text, '/')+1:]
	case 'h':
		value = seconds / 3600 % 24
		if half {
			value = (value+11)%12 + 1
		}
	case 'm':
		value = seconds / 60 % 60
	case 's':
		value = seconds % 60
	}
	if len(text) == 1 {
		return strconv.Itoa(value)
	}
	return fmt.Sprintf("%02d", value)
}
