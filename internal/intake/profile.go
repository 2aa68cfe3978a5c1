package intake

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// What a profile may say about prices.
const (
	PricesInclVAT = "incl_vat"
	PricesExclVAT = "excl_vat"
)

// hiddenSkip is the word by which a profile passes hidden rows over.
const hiddenSkip = "skip"

// Profile says how one system's export is read and what it means.
type Profile struct {
	Name    string
	Input   Input
	Columns map[billing.Column]string // header in the file; beside it no name and no synonym is used
	Ignore  []string                  // headers that are passed over; an asterisk stands for any text

	Constants   map[billing.Column]string // always this value
	Defaults    map[billing.Column]string // this value where the cell is empty
	Prices      string                    // PricesInclVAT, PricesExclVAT, or "" for incl_vat
	Minor       bool                      // amounts are in minor units, such as øre
	RoundByRate bool                      // VAT is rounded once for each rate of an order, and not for each line
	Reference   string                    // template of derived order references, such as "{period}-{customer_number}"
	SplitOrders bool                      // orders over the provider's line limit become several
	Severity    map[billing.Code]billing.Severity
	Seller      string // ISO country whose VAT rates count, "" for that of the currency
}

// Input says how the file is written. Zero values mean: detect it.
type Input struct {
	Sheet      string
	HeaderRow  int
	Encoding   string // one of charsetNames
	Delimiter  string // one of , ; | and tab
	Decimal    string // "." or ","
	Dates      string // one of yyyy-mm-dd, dd.mm.yyyy, dd/mm/yyyy, mm/dd/yyyy, dd-mm-yyyy, mm-dd-yyyy
	SkipFooter int    // rows at the end that are no records
	HiddenRows string // "read" or "skip"; without it a list with hidden rows is refused
}

// orNone is the profile, or one that says nothing.
func (p *Profile) orNone() *Profile {
	if p == nil {
		return &Profile{}
	}
	return p
}

func (p *Profile) constants() map[billing.Column]string { return p.orNone().Constants }
func (p *Profile) defaults() map[billing.Column]string  { return p.orNone().Defaults }

// namesColumns reports whether the profile is the whole truth about the header.
func (p *Profile) namesColumns() bool { return len(p.orNone().Columns) > 0 }

// exclVAT reports whether prices are without VAT where no cell says it.
func (p *Profile) exclVAT() bool {
	said := cmp.Or(p.constants()[billing.ColPrices], p.defaults()[billing.ColPrices])
	return strings.EqualFold(said, "excl") || said == "" && p.orNone().Prices == PricesExclVAT
}

func (p *Profile) hiddenRows() string { return p.orNone().Input.HiddenRows }
func (p *Profile) headerRow() int     { return p.orNone().Input.HeaderRow }
func (p *Profile) skipFooter() int    { return p.orNone().Input.SkipFooter }

// ignores reports whether the profile passes a header over.
func (p *Profile) ignores(header string) bool {
	return slices.ContainsFunc(p.orNone().Ignore, func(pattern string) bool { return matches(pattern, header) })
}

// ignoresNothing are the names that the profile passes over and a header does not have. A pattern is none.
func (p *Profile) ignoresNothing(header []string) []string {
	return slices.DeleteFunc(slices.Clone(p.orNone().Ignore), func(name string) bool {
		return strings.Contains(name, "*") || slices.ContainsFunc(header, func(h string) bool { return matches(name, h) })
	})
}

// matches reports whether a header is what a pattern says, in which an asterisk stands for any text.
func matches(pattern, header string) bool {
	parts := strings.Split(pattern, "*")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(normalise(part))
	}
	matched, err := regexp.MatchString("^"+strings.Join(parts, ".*")+"$", normalise(header))
	return err == nil && matched
}

func (p *Profile) charset() charset {
	for i, name := range charsetNames() {
		if name == p.orNone().Input.Encoding {
			return charset(i + 1)
		}
	}
	return 0
}

func (p *Profile) delimiter() rune {
	for _, r := range p.orNone().Input.Delimiter {
		return r
	}
	return 0
}

func (p *Profile) mark() money.Mark {
	return map[string]money.Mark{".": money.Dot, ",": money.Comma}[p.orNone().Input.Decimal]
}

// dates is the declared order for dates with the separator, 0 if the profile says nothing about it.
func (p *Profile) dates(separator byte) dateOrder {
	switch form := p.orNone().Input.Dates; {
	case len(form) < 3 || form[2] != separator:
		return 0
	case form[0] == 'm':
		return monthFirst
	}
	return dayFirst
}
