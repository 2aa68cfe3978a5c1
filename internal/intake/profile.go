package intake

import (
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
	Reference   string                    // template of derived order references, such as "{period}-{customer_number}"
	SplitOrders bool                      // orders over the provider's line limit become several
	Severity    map[billing.Code]billing.Severity
	Seller      string // ISO country whose VAT rates count, "" for that of the currency
}

// Input says how the file is written. Zero values mean: detect it.
type Input struct {
	Sheet      string
	HeaderRow  int
	Encoding   string // utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1
	Delimiter  string // one of , ; | and tab
	Decimal    string // "." or ","
	Dates      string // one of yyyy-mm-dd, dd.mm.yyyy, dd/mm/yyyy, mm/dd/yyyy, dd-mm-yyyy, mm-dd-yyyy
	SkipFooter int    // rows at the end that are no records
	HiddenRows string // "read" or "skip"; without it a list with hidden rows is refused
}

func (p *Profile) constants() map[billing.Column]string {
	if p == nil {
		return nil
	}
	return p.Constants
}

func (p *Profile) defaults() map[billing.Column]string {
	if p == nil {
		return nil
	}
	return p.Defaults
}

// namesColumns reports whether the profile is the whole truth about the header.
func (p *Profile) namesColumns() bool { return p != nil && len(p.Columns) > 0 }

func (p *Profile) exclVAT() bool { return p != nil && p.Prices == PricesExclVAT }

func (p *Profile) hiddenRows() string {
	if p == nil {
		return ""
	}
	return p.Input.HiddenRows
}

// ignores reports whether the profile passes a header over.
func (p *Profile) ignores(header string) bool {
	if p == nil {
		return false
	}
	return slices.ContainsFunc(p.Ignore, func(pattern string) bool {
		parts := strings.Split(pattern, "*")
		for i, part := range parts {
			parts[i] = regexp.QuoteMeta(normalise(part))
		}
		matched, err := regexp.MatchString("^"+strings.Join(parts, ".*")+"$", normalise(header))
		return err == nil && matched
	})
}

func (p *Profile) charset() charset {
	if p == nil {
		return 0
	}
	for i, name := range charsetNames() {
		if name == p.Input.Encoding {
			return charset(i + 1)
		}
	}
	return 0
}

func (p *Profile) delimiter() rune {
	if p == nil || p.Input.Delimiter == "" {
		return 0
	}
	return []rune(p.Input.Delimiter)[0]
}

func (p *Profile) headerRow() int {
	if p == nil {
		return 0
	}
	return p.Input.HeaderRow
}

func (p *Profile) skipFooter() int {
	if p == nil {
		return 0
	}
	return p.Input.SkipFooter
}

func (p *Profile) mark() money.Mark {
	if p == nil {
		return 0
	}
	switch p.Input.Decimal {
	case ".":
		return money.Dot
	case ",":
		return money.Comma
	}
	return 0
}

// dates is the declared order for dates with the separator, 0 if the profile says nothing about it.
func (p *Profile) dates(separator byte) dateOrder {
	if p == nil || len(p.Input.Dates) < 3 || p.Input.Dates[2] != separator {
		return 0
	}
	if p.Input.Dates[0] == 'm' {
		return monthFirst
	}
	return dayFirst
}
