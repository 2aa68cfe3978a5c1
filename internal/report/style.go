package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// kind is how a cell shows its text.
type kind uint8

const (
	kindText   kind = iota + 1 // as it stands, also when it looks like a number
	kindProse                  // text for reading, wrapped
	kindNumber                 // decimal with a dot, shown as it is
	kindCount                  // number of things
	kindAmount                 // money with its currency's decimals
	kindDate                   // YYYY-MM-DD
	kindTime                   // timeLayout
	kindLink                   // URL
	kindJump                   // place in this workbook
	kindHeader
	kindNumberHeader // header over numbers
	kindTitle
	kindHeading
	kindBanner
	kindLabel // bold text
	kindInput // room for a reader to write in, for an amount where it has digits
	kinds     = iota + 1
)

func kindOf(tag string) kind {
	tags := map[string]kind{
		"prose": kindProse, "number": kindNumber, "amount": kindAmount, "date": kindDate,
		"link": kindLink,
	}
	return cmp.Or(tags[tag], kindText)
}

// maxWidth is the widest column, in characters; longer prose is wrapped, and amounts always fit.
func (k kind) maxWidth() int {
	if k == kindProse {
		return 44
	}
	if k == kindLink {
		return 34
	}
	return 40
}

// tone is a fill. The fills differ in lightness too, so that they can be told apart in grey.
type tone uint8

const (
	toneNone tone = iota
	toneProblem
	toneAttention
	toneWarning
	toneGood
	toneMuted
	toneSandbox
	toneTest
	toneLive
	toneHeader
	toneTotal
	tones = iota
)

// colours gives a tone's fill and text, "" for the default.
func (t tone) colours() (fill, text string) {
	of := [tones][2]string{
		toneProblem: {"F2A9A0"}, toneAttention: {"FCD98A"}, toneWarning: {"FFF6D6"}, toneGood: {"C9E8C9"},
		toneMuted:   {"", "8A8A8A"},
		toneSandbox: {"5B7083", "FFFFFF"}, toneTest: {"F5C518", "1F1F1F"}, toneLive: {"B3261E", "FFFFFF"},
		toneHeader: {"24405C", "FFFFFF"},
		toneTotal:  {"E7ECF1"},
	}[t]
	return of[0], of[1]
}

// toneOf is the fill of a row or order in the lists.
func toneOf(f billing.Final, warned bool) tone {
	switch f {
	case billing.FinalRejected, billing.FinalFailed, billing.FinalConflict, billing.FinalInvalid:
		return toneProblem
	case billing.FinalInDoubt, billing.FinalNotAttempted, billing.FinalVoided:
		return toneAttention
	case billing.FinalInvoiced, billing.FinalAlreadyInvoiced, billing.FinalRegistered:
	}
	if warned {
		return toneWarning
	}
	return toneNone
}

// look is everything that decides a cell's style.
type look struct {
	kind     kind
	tone     tone
	digits   int
	currency string // word or sign behind a number, "" for none
}

// maxDigits is the most decimals that a currency has.
const maxDigits = 4

// style is the workbook's style for a look, made when first asked for.
func (b *book) style(l look) (id int) {
	common := l.currency == "" && l.digits <= maxDigits
	if common && b.common[l.kind][l.tone][l.digits] != 0 {
		return b.common[l.kind][l.tone][l.digits]
	}
	id, known := b.styles[l]
	if !known && b.err == nil {
		if id, b.err = b.f.NewStyle(l.style(b.words.locale)); b.err == nil {
			b.styles[l] = id
		}
	}
	if common {
		b.common[l.kind][l.tone][l.digits] = id
	}
	return id
}

// style is the style of a look, whose numbers a locale writes.
func (l look) style(locale string) *excelize.Style {
	fill, text := l.tone.colours()
	s := &excelize.Style{
		Font:      &excelize.Font{Family: "Calibri", Size: 11, Color: text, Bold: l.tone == toneTotal},
		Alignment: &excelize.Alignment{Vertical: "top"},
	}
	if fill != "" {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}}
	}
	if l.tone == toneTotal {
		s.Alignment.Vertical = "center"
		s.Border = []excelize.Border{{Type: "top", Color: "24405C", Style: 1}}
	}
	indent := func(to string) { s.Alignment.Horizontal, s.Alignment.Indent = to, 1 }
	format := func(code string) { s.CustomNumFmt = &code }
	switch l.kind {
	case kindText:
		s.NumFmt = 49 // text, so that an identifier stays one when it is edited
		indent("left")
	case kindProse:
		indent("left")
		s.Alignment.WrapText = true
	case kindNumber:
		indent("right")
		switch {
		case l.currency != "":
			format(locale + `General\ "` + l.currency + `"`)
		case locale != "":
			format(locale + "General")
		}
	case kindCount:
		indent("right")
		format(locale + amountFormat(0))
	case kindAmount:
		indent("right")
		format(locale + amountFormat(l.digits))
	case kindInput:
		s.Border = []excelize.Border{{Type: "bottom", Color: "8A8A8A", Style: 1}}
		s.Alignment.Vertical = "bottom"
		if l.digits > 0 {
			indent("right")
			format(locale + amountFormat(l.digits))
		}
	case kindDate:
		s.Alignment.Horizontal = "center"
		format("yyyy\\-mm\\-dd")
	case kindTime:
		s.Alignment.Horizontal = "center"
		format("yyyy\\-mm\\-dd\\ hh:mm:ss")
	case kindLink, kindJump:
		indent("left")
		s.Font.Color, s.Font.Underline = "0B57D0", "single"
	case kindHeader, kindNumberHeader:
		s.Font.Bold = true
		indent("left")
		if l.kind == kindNumberHeader {
			indent("right")
		}
		s.Alignment.Vertical, s.Alignment.WrapText = "center", true
	case kindTitle:
		s.Font.Bold, s.Font.Size = true, 18
		s.Alignment.Vertical = "center"
	case kindHeading:
		s.Font.Bold, s.Font.Size, s.Font.Color = true, 13, "24405C"
		s.Border = []excelize.Border{{Type: "bottom", Color: "24405C", Style: 2}}
	case kindBanner:
		s.Font.Bold, s.Font.Size = true, 14
		indent("left")
		s.Alignment.Vertical, s.Alignment.WrapText = "center", true
	case kindLabel:
		indent("left")
		s.Font.Bold = true
		s.Alignment.WrapText = true
	}
	return s
}

// amountFormat has the marks of the locale before it, or else of the reader's: 1 234,50 in Norway.
func amountFormat(digits int) string {
	if digits == 0 {
		return "#,##0"
	}
	return "#,##0." + strings.Repeat("0", digits)
}

// exactDigits is how many significant digits a workbook's numbers keep.
const exactDigits = 15

// Longer prose in a list is not wrapped: a page in one cell would hide the rows around it.
const (
	maxProse = 400 // bytes
	maxLines = 20
)

// maxFormulaText is how long a text in a formula may be.
const maxFormulaText = 255

// cell is a text as a typed cell. Text that is not of the kind stays text, so that nothing is lost.
func (b *book) cell(text string, k kind, t tone, digits int) cell {
	c := cell{form: formNumber}
	switch k {
	case kindNumber, kindCount, kindAmount:
		c.text = number(text)
	case kindDate:
		c.text = serial(text, time.DateOnly)
	case kindTime:
		c.text = serial(text, timeLayout)
	case kindLink:
		if isURL(text) {
			c.formula = `HYPERLINK("` + strings.ReplaceAll(text, `"`, "%22") + `")`
		} else {
			k = kindText
		}
	case kindText, kindProse, kindJump, kindHeader, kindNumberHeader, kindTitle, kindHeading, kindBanner, kindLabel,
		kindInput:
	}
	if c.text == "" {
		c.form, c.text = formText, fit(text)
	}
	c.style = b.style(look{kind: k, tone: t, digits: digits})
	return c
}

// number is a decimal as a workbook's number stands in its file, or "" for text that is none. A workbook's
// numbers are binary by their format, so text with more digits than those keep is no number.
func number(text string) string {
	if !isNumber(text) || strings.Contains(text, ",") {
		return ""
	}
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(strings.TrimLeft(digits, "0"), ".")
	fraction = strings.TrimRight(fraction, "0")
	switch {
	case len(strings.TrimLeft(whole+fraction, "0")) > exactDigits:
		return ""
	case whole == "" && fraction == "":
		return "0"
	case whole == "":
		whole = "0"
	}
	if negative {
		whole = "-" + whole
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

const (
	unixSerial   = 25569 // 1970-01-01 as a workbook's day number
	daySeconds   = 86400
	oldestSerial = 61 // days before 1900-03-01 are counted differently by different programs
)

// serial is a date or time as the day number that workbooks count in, or "" for text that is none.
func serial(text, layout string) string {
	t, err := time.Parse(layout, text)
	days := t.Unix()/daySeconds + unixSerial
	if err != nil || days < oldestSerial || t.Unix() < 0 {
		return ""
	}
	const parts = 10_000_000_000 // of a day: a workbook's number keeps no more behind the five digits of the days
	return number(fmt.Sprintf("%d.%010d", days, t.Unix()%daySeconds*parts/daySeconds))
}

func isURL(text string) bool {
	return len(text) <= maxFormulaText-20 &&
		(strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")) &&
		clean(text) == text && !strings.ContainsAny(text, " \n\t")
}
