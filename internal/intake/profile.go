package intake

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// What a profile may say about prices, under prices.
const (
	PricesInclVAT = "incl_vat"
	PricesExclVAT = "excl_vat"
)

// hiddenSkip is the value of hidden_rows that leaves hidden rows out.
const hiddenSkip = "skip"

// Profile says how the exports of one system are read and what they mean. [LoadProfile] reads it from YAML. A nil
// *Profile is valid for all exported methods and says nothing.
type Profile struct {
	Name    string // without one in the profile, the name of its file without the ending
	Input   Input
	Columns map[billing.Column]*Expression // what each column is made of; with any, names and synonyms do not count
	Values  map[billing.Column]*Values     // what the words in a column's cells stand for
	Ignore  []string                       // headers that are passed over; an asterisk stands for any text

	Registers []Join           // other tables that the columns are read from
	Only      *Expression      // which rows are lines, nil for all
	Head      *Expression      // which rows carry the order of the rows after them, nil for none
	FillDown  []billing.Column // an empty cell of these columns takes the value above it
	FillCells []reference      // formulas and texts see an empty cell under these headers as the one above it

	Constants   map[billing.Column]string // the value of every row
	Defaults    map[billing.Column]string // the value where the cell is empty
	Prices      string                    // PricesInclVAT, PricesExclVAT, or "" for incl_vat
	Minor       bool                      // amounts are in minor units, such as øre
	RoundByRate bool                      // VAT is rounded once per rate of an order, and not per line
	Reference   string                    // template of derived order references, such as "{period}-{customer_number}"
	SplitOrders bool                      // orders over the provider's line limit become several
	Severity    map[billing.Code]billing.Severity
	Seller      string            // ISO country whose VAT rates count, "" for that of the currency
	SellerName  string            // whose name the report bears
	Accounts    *billing.Accounts // that invoices are posted to; nil for none

	register bool   // it reads a register and not lines, see ofRegister
	needs    []need // of a register: the headers that the profile of the lines names
}

// Values maps the words of an export to our values of a column. A cell with another word has a problem.
type Values struct {
	words   []string          // as the profile has them, in its order
	of      map[string]string // our value, by the word as foldWord writes it
	written map[string]string // the word as the profile writes it, by the same key
}

// word is the word of a cell as the profile writes it, or as the cell has it where the profile does not have it.
func (v *Values) word(text string) string {
	if word, ok := v.written[foldWord(text)]; ok {
		return word
	}
	return strings.TrimSpace(text)
}

// Input says how a file is written. A zero value means that it is detected.
type Input struct {
	Sheet      string
	HeaderRow  int
	Headers    []string // names of the columns, for a table without a header row
	headerless bool     // the profile says header_row: none
	Encoding   string   // one of charsetNames
	Delimiter  string   // one of , ; | and tab
	Decimal    string   // "." or ","
	Dates      string   // one of yyyy-mm-dd, dd.mm.yyyy, dd/mm/yyyy, mm/dd/yyyy, dd-mm-yyyy, mm-dd-yyyy
	SkipFooter int      // how many rows at the end are not records
	HiddenRows string   // "read" or "skip"; without it a table with hidden rows is refused
}

// orNone is the profile, or for nil one that says nothing.
func (p *Profile) orNone() *Profile {
	if p == nil {
		return &Profile{}
	}
	return p
}

func (p *Profile) constants() map[billing.Column]string { return p.orNone().Constants }
func (p *Profile) defaults() map[billing.Column]string  { return p.orNone().Defaults }

// given is the constant of a column, or else its default, "" for none.
func (p *Profile) given(c billing.Column) string { return cmp.Or(p.constants()[c], p.defaults()[c]) }

// RowsStandAlone reports whether a line can be read again without the other rows of its file, as a workbook of
// corrections needs it. It cannot where the profile fills cells from rows above or looks rows up in the same file.
func (p *Profile) RowsStandAlone() bool {
	p = p.orNone()
	beside := slices.ContainsFunc(p.Registers, func(j Join) bool { return j.File == "" })
	return p.Head == nil && len(p.FillDown) == 0 && len(p.FillCells) == 0 && !p.headerless() && !beside
}

// namesColumns reports whether only the profile decides what the headers mean.
func (p *Profile) namesColumns() bool { return len(p.orNone().Columns) > 0 }

// exclVAT reports whether prices are without VAT on rows that do not say so themselves.
func (p *Profile) exclVAT() bool {
	said := p.given(billing.ColPrices)
	return strings.EqualFold(said, "excl") || said == "" && p.orNone().Prices == PricesExclVAT
}

func (p *Profile) valuesOf(c billing.Column) *Values { return p.orNone().Values[c] }

func (p *Profile) hiddenRows() string { return p.orNone().Input.HiddenRows }
func (p *Profile) headerless() bool   { return len(p.orNone().Input.Headers) > 0 }
func (p *Profile) headerRow() int     { return p.orNone().Input.HeaderRow }
func (p *Profile) skipFooter() int    { return p.orNone().Input.SkipFooter }

// ignores reports whether the profile passes a header over, by its name or a pattern.
func (p *Profile) ignores(header string) bool {
	return slices.ContainsFunc(p.orNone().Ignore, func(pattern string) bool { return matches(pattern, header) })
}

// ignoresByName reports whether a header is passed over by its name, and not by a pattern. A header of a register is
// written with the name of the register, as in customers.Rabatt.
func (p *Profile) ignoresByName(header string) bool {
	return slices.ContainsFunc(p.orNone().Ignore, func(name string) bool {
		return !strings.Contains(name, "*") && matches(name, header)
	})
}

// numbered are the headers as a profile can name them: with #1, #2 … where several columns have the same header.
func (p *Profile) numbered(header []string) []string {
	if len(p.orNone().Ignore) == 0 {
		return header
	}
	names, all, nth := slices.Clone(header), map[string]int{}, map[string]int{}
	for _, name := range header {
		all[normalise(name)]++
	}
	for i, name := range header {
		key := normalise(name)
		if nth[key]++; all[key] > 1 {
			names[i] = fmt.Sprintf("%s#%d", name, nth[key])
		}
	}
	return names
}

// ignoresNothing are the names in ignore that the table does not have, but for patterns and headers of registers.
func (p *Profile) ignoresNothing(header []string) []string {
	names := slices.Concat(header, p.numbered(header))
	return slices.DeleteFunc(slices.Clone(p.orNone().Ignore), func(name string) bool {
		register, _, _ := strings.Cut(name, ".")
		return strings.Contains(name, "*") || p.join(register) != nil ||
			slices.ContainsFunc(names, func(h string) bool { return matches(name, h) })
	})
}

// matches reports whether a header fits a pattern, in which an asterisk stands for any text.
func matches(pattern, header string) bool { return matchesAs(normalise, pattern, header) }

// matchesFile reports whether the name of a file fits a pattern, without regard to case.
func matchesFile(pattern, name string) bool { return matchesAs(strings.ToLower, pattern, name) }

func matchesAs(form func(string) string, pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(form(part))
	}
	matched, err := regexp.MatchString("^"+strings.Join(parts, ".*")+"$", form(text))
	return err == nil && matched
}

func (p *Profile) charset() charset {
	return charset(slices.Index(charsetNames(), p.orNone().Input.Encoding) + 1) //nolint:gosec // G115: one of few
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

// dates is the declared order of day and month for dates with the separator, 0 where the profile declares none.
func (p *Profile) dates(separator byte) dateOrder { return orderOf(p.orNone().Input.Dates, separator) }

// orderOf is the order of day and month in a form of dates, 0 where the form has another separator.
func orderOf(form string, separator byte) dateOrder {
	switch {
	case len(form) < 3 || form[2] != separator:
		return 0
	case form[0] == 'm':
		return monthFirst
	}
	return dayFirst
}
