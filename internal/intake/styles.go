package intake

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/money"
)

// loadStyles reads the number format of each cell style. A format that the file defines goes before the one that is built in
// under the same id, for some programs count their own from 59 or redefine low ids.
func (w *workbook) loadStyles(part string) error {
	data, err := w.read(part)
	if err != nil {
		return err
	}
	var list struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Styles []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := xml.Unmarshal(data, &list); err != nil {
		return damaged(fmt.Errorf("part %s: %w", part, err))
	}
	formats := map[int]numberFormat{}
	for _, f := range list.Formats {
		formats[f.ID] = parseFormat(f.Code)
	}
	for _, s := range list.Styles {
		format, own := formats[s.Format]
		if !own {
			format = numberFormat{{kind: builtinKind(s.Format)}}
		}
		w.formats = append(w.formats, format)
	}
	return nil
}

// kind is how a number is shown under a style: number, percent or day. A workbook without styles shows plain numbers.
func (w *workbook) kind(style int, value []byte) (cellKind, error) {
	switch {
	case style >= 0 && style < len(w.formats):
		return w.formats[style].kind(value), nil
	case style == 0:
		return number, nil
	}
	return 0, damaged(fmt.Errorf("a cell has style %d, which does not exist", style))
}

// builtinKind is the kind of a number format that has no code in the file (ECMA-376 part 1, 18.8.30).
func builtinKind(id int) cellKind {
	switch {
	case id == 9 || id == 10:
		return percent
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return day
	}
	return number
}

// numberFormat is the sections of a number format that numbers are shown by, one at least.
type numberFormat []section

// section is one part of a number format, such as the one for negative numbers.
type section struct {
	kind     cellKind
	operator string // of its condition, "" for none
	bound    money.Decimal
}

// parseFormat takes a number format apart: `[>=100]0;0.0%`. A section for text, and what follows the third, is left out.
func parseFormat(code string) numberFormat {
	var f numberFormat
	for rest, more := code, true; more && len(f) < 3; {
		var s section
		var forText bool
		s, forText, rest, more = parseSection(rest)
		if forText && !more && len(f) > 0 {
			break
		}
		f = append(f, s)
	}
	if !slices.ContainsFunc(f, func(s section) bool { return s.kind != f[0].kind || s.operator != "" }) {
		return f[:1] // no value decides
	}
	return f.conditioned()
}

// conditioned gives sections the conditions that they have when they say none: `[>=0];others`, or `[>0];[<0];others`.
func (f numberFormat) conditioned() numberFormat {
	if len(f) > 1 && f[0].operator == "" {
		f[0].operator = map[int]string{2: ">=", 3: ">"}[len(f)]
	}
	if len(f) == 3 {
		f[1].operator, f[2].operator = cmp.Or(f[1].operator, "<"), ""
	}
	return f
}

// parseSection reads up to a semicolon: y or d outside of quotes make a date. more reports whether there is another section.
func parseSection(code string) (s section, forText bool, rest string, more bool) {
	s.kind = number
	quoted := false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			inside, _, closed := strings.Cut(code[i+1:], "]")
			if !closed {
				return s, forText, "", false
			}
			s.condition(inside)
			i += len(inside) + 1
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == ';':
			return s, forText, code[i+1:], true
		case c == '@':
			forText = true
		case s.kind != number:
		case c == '%':
			s.kind = percent
		case strings.IndexByte("yYdD", c) >= 0:
			s.kind = day
		}
	}
	return s, forText, "", false
}

// condition takes what stands in brackets, such as >=100; colours, locales and the like are no conditions.
func (s *section) condition(inside string) {
	bound := strings.TrimLeft(inside, "<>=")
	d, _, err := money.ParseStored(strings.TrimSpace(bound))
	if err == nil && len(bound) < len(inside) {
		s.operator, s.bound = inside[:len(inside)-len(bound)], d
	}
}

// holds reports whether the section's condition holds; a section without one takes every value.
func (s *section) holds(value money.Decimal) bool {
	order := value.Cmp(s.bound)
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

// kind is that of the section by which a spreadsheet shows the value.
func (f numberFormat) kind(value []byte) cellKind {
	if len(f) == 1 && f[0].operator == "" {
		return f[0].kind
	}
	d, _, err := money.ParseStored(string(value))
	if err != nil {
		return f[0].kind
	}
	for i := range f {
		if f[i].holds(d) {
			return f[i].kind
		}
	}
	return number
}
