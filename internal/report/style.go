package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// kind says how a cell shows its text.
type kind uint8

const (
	kindText   kind = iota + 1 // unchanged, also when it looks like a number
	kindProse                  // text for reading, wrapped
	kindNumber                 // a decimal with a dot, with the decimals that it has
	kindCount                  // a number of things
	kindAmount                 // money, with the decimals of its currency
	kindDate                   // YYYY-MM-DD
	kindTime                   // timeLayout
	kindLink                   // a URL
	kindJump                   // a link to a place in this workbook
	kindHeader
	kindNumberHeader // header over numbers
	kindTitle
	kindHeading
	kindBanner
	kindLabel // bold text
	kindInput // an empty cell for the reader to fill in; for an amount if it has digits
	kinds     = iota + 1
)

// headerKind returns the kind of a header, which may stand over numbers.
func headerKind(overNumbers bool) kind {
	if overNumbers {
		return kindNumberHeader
	}
	return kindHeader
}

// kindOf returns the kind that a cell tag names.
func kindOf(tag string) kind {
	return cmp.Or(map[string]kind{
		"prose": kindProse, "number": kindNumber, "amount": kindAmount, "date": kindDate, "link": kindLink,
	}[tag], kindText)
}

// maxWidth is the width of the widest column of the kind, in characters. Longer prose is wrapped; amounts always fit.
func (k kind) maxWidth() int {
	if k == kindProse {
		return 44
	}
	if k == kindLink {
		return 34
	}
	return 40
}

// tone is the colour of a cell. The tones also differ in lightness, so a print in grey still shows them.
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

// colours returns the fill and the text colour of a tone, "" for the default.
func (t tone) colours() (fill, text string) {
	of := [tones][2]string{
		toneProblem: {"F2A9A0"}, toneAttention: {"FCD98A"}, toneWarning: {"FFF6D6"}, toneGood: {"C9E8C9"},
		toneMuted:   {"", "8A8A8A"},
		toneSandbox: {"5B7083", "FFFFFF"}, toneTest: {"F5C518", "1F1F1F"}, toneLive: {"B3261E", "FFFFFF"},
		toneHeader: {"24405C", "FFFFFF"}, toneTotal: {"E7ECF1"},
	}[t]
	return of[0], of[1]
}

// toneOf returns the tone of a row or order in the lists. warned says that it has a warning.
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
	currency string // word or sign shown after a number, "" for none
}

func amountLook(c money.Currency, t tone) look {
	return look{kind: kindAmount, tone: t, digits: c.Digits()}
}

// maxDigits is the highest number of decimals of a currency.
const maxDigits = 4

// style returns the workbook's style for a look, and makes it at the first use.
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

// style returns the style of a look. The locale decides the marks of its numbers.
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
		s.NumFmt = 49 // text, so that an identifier keeps its zeros when it is edited
		indent("left")
	case kindProse, kindLabel:
		indent("left")
		s.Alignment.WrapText, s.Font.Bold = true, s.Font.Bold || l.kind == kindLabel
	case kindNumber:
		indent("right")
		switch {
		case l.currency != "":
			format(locale + `General\ "` + l.currency + `"`)
		case locale != "":
			format(locale + "General")
		}
	case kindCount, kindAmount:
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
	}
	return s
}

// amountFormat returns the number format of amounts. It shows the marks of the locale in front of it, or those of the
// reader's settings: 1 234,50 in Norway.
func amountFormat(digits int) string {
	if digits == 0 {
		return "#,##0"
	}
	return "#,##0." + strings.Repeat("0", digits)
}

// exactDigits is the number of significant digits that a workbook's numbers keep.
const exactDigits = 15

// Limits of wrapped prose in a list: a cell as high as the screen would hide the rows around it.
const (
	maxProse = 400 // bytes; longer text is not wrapped
	maxLines = 20
)

// maxFormulaText is the highest number of characters of a text in a formula.
const maxFormulaText = 255

// cell returns a text as a cell of a kind. A text that is not of the kind stays text, so that nothing is lost.
func (b *book) cell(text string, k kind, t tone, digits int) cell {
	c := cell{form: formNumber}
	switch k { //nolint:exhaustive // the others show the text
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
	}
	if c.text == "" {
		c.form, c.text = formText, fit(text)
	}
	c.style = b.style(look{kind: k, tone: t, digits: digits})
	return c
}

// number returns a decimal in the form of a workbook's file, or "" for text that is not a number. A workbook's numbers
// are binary fractions, so a number with more digits than they keep stays text.
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
	oldestSerial = 61 // programs count the days before 1900-03-01 differently
)

// serial returns a date or time as the day number of a workbook, or "" for text that is neither.
func serial(text, layout string) string {
	t, err := time.Parse(layout, text)
	days := t.Unix()/daySeconds + unixSerial
	if err != nil || days < oldestSerial || t.Unix() < 0 {
		return ""
	}
	const parts = 10_000_000_000 // of a day: a number keeps ten digits after the five of the days
	return number(fmt.Sprintf("%d.%010d", days, t.Unix()%daySeconds*parts/daySeconds))
}

func isURL(text string) bool {
	return len(text) <= maxFormulaText-20 &&
		(strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")) &&
		clean(text) == text && !strings.ContainsAny(text, " \n\t")
}
