package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// sieFile is the vouchers as an import file of type 4I of the Swedish SIE group's format ("SIE filformat", edition 4B
// of 2008-09-30, https://sie.se): lines in code page 437 with CR LF, fields separated by a space, texts in quotes
// without control characters, amounts with a dot, debits above zero. Series and number of a voucher are empty: the
// program that imports the file gives them.
//
// The file has one currency, which #VALUTA names. It is not written if it would be incomplete: if vouchers have a
// second currency or a problem. It is not written either if the code page changed a cost center: readers understand a
// text with a changed letter, but a program looks a cost center up.
type sieFile struct {
	spool
	currencies []string        // in the sequence of their first vouchers
	centers    map[string]bool // cost centers, which are objects of costCenterDimension
}

// costCenterDimension is the dimension that the format reserves for cost centers.
const costCenterDimension = "1"

func (f *sieFile) add(v *voucher) {
	if code := v.currency().Code(); !slices.Contains(f.currencies, code) {
		f.currencies = append(f.currencies, code)
	}
	text, date := sieText(v.text), sieDate(v.date)
	fmt.Fprintf(f.out, "#VER \"\" \"\" %s %s\r\n{\r\n", date, text)
	for i := range v.postings {
		p := &v.postings[i]
		object := ""
		if p.costCenter != "" {
			object = costCenterDimension + " " + sieText(p.costCenter)
			f.centers[p.costCenter] = true
		}
		fmt.Fprintf(f.out, "#TRANS %s {%s} %s %s %s\r\n", p.account, object, money.New(p.amount, v.currency()), date,
			text)
	}
	fmt.Fprint(f.out, "}\r\n")
}

// refusals returns why the file must not be written, besides the problems of vouchers.
func (f *sieFile) refusals() (all []string) {
	if len(f.currencies) > 1 {
		all = append(all, fmt.Sprintf(msgSIECurrencies, strings.Join(f.currencies, ", ")))
	}
	if other := slices.DeleteFunc(slices.Sorted(maps.Keys(f.centers)), inSIE); len(other) > 0 {
		all = append(all, fmt.Sprintf(msgSIECenters, named(other)))
	}
	return all
}

// write writes the head of the file and then the vouchers.
func (f *sieFile) write(run *RunInfo, day billing.Date, w io.Writer) error {
	var head strings.Builder
	line := func(fields ...string) { head.WriteString(strings.Join(fields, " ") + "\r\n") }
	line("#FLAGGA", "0")
	line("#PROGRAM", sieText("kravia-batch"), sieText(run.Version))
	line("#FORMAT", "PC8")
	line("#GEN", sieDate(day))
	line("#SIETYP", "4")
	line("#FNAMN", sieText(rehearsed(run)+cmp.Or(run.Seller, run.Account, string(run.Environment))))
	for _, code := range f.currencies {
		line("#VALUTA", code)
	}
	if len(f.centers) > 0 {
		line("#DIM", costCenterDimension, sieText("Kostnadsställe"))
	}
	for _, center := range slices.Sorted(maps.Keys(f.centers)) {
		line("#OBJEKT", costCenterDimension, sieText(center), sieText(center))
	}
	if _, err := io.WriteString(w, head.String()); err != nil {
		return err
	}
	return f.spool.write(w)
}

// named returns the first names of a list in quotes.
func named(names []string) string {
	var text strings.Builder
	for i, name := range names {
		switch {
		case i == maxPostingProblems:
			return text.String() + " " + msgAndMore
		case i > 0:
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, "%q", name)
	}
	return text.String()
}

// sieDate returns a day as YYYYMMDD.
func sieDate(day billing.Date) string { return strings.ReplaceAll(string(day), "-", "") }

// sieLike replaces characters that the code page lacks by similar ones.
//
//nolint:gochecknoglobals // fixed table
var sieLike = strings.NewReplacer(
	"ø", "ö", "Ø", "Ö", "–", "-", "—", "-", "’", "'", "“", `"`, "”", `"`)

// sieText returns a text as a quoted field in code page 437. A letter that the code page lacks loses its accents, and
// any other character becomes a question mark. A backslash would escape a quote, so it becomes a slash.
func sieText(text string) string {
	out := []byte{'"'}
	for _, r := range sieLike.Replace(clean(text)) {
		switch {
		case r == '"':
			out = append(out, '\\')
		case r == '\\':
			r = '/'
		case r == '\n', r == '\t':
			r = ' '
		case unicode.IsControl(r):
			continue
		}
		b, ok := charmap.CodePage437.EncodeRune(r)
		if !ok {
			plain, _ := utf8.DecodeRuneInString(norm.NFKD.String(string(r)))
			if b, ok = charmap.CodePage437.EncodeRune(plain); !ok {
				b = '?'
			}
		}
		out = append(out, b)
	}
	return string(append(out, '"'))
}

// inSIE reports whether sieText keeps every character of a text.
func inSIE(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		_, ok := charmap.CodePage437.EncodeRune(r)
		return !ok || r == '\\' || unicode.IsControl(r)
	})
}
