package billing

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of the provider, see its API reference; the reference's length holds for Kravia products.
const (
	MaxReference = 35
	MaxLines     = 100
	MaxTotal     = 2_147_483_647 // minor units, int32
	MaxDays      = 365
	// LongDescription is where a warning starts: the provider publishes no limit.
	LongDescription = 100
)

// Rules is everything that decides how records become orders beside the records themselves.
type Rules struct {
	Constants    map[string]string // by column name, put into every record
	Defaults     map[string]string // by column name, where the record (or its whole order) has none
	ExclVAT      bool              // amounts are net
	Minor        bool              // amounts are in minor units
	Reference    string            // template for rows without order_reference, such as "{period}-{customer_number}"
	Period       string            // YYYY-MM or ""
	SplitOrders  bool              // orders above MaxLines are split into REF-1, REF-2, …
	Severity     map[Code]Severity // overrides
	DaysUntilDue int               // for orders that say neither days nor date
	Channel      Channel           // for orders that don't say
	Today        Date              // the day of the run, against which due dates are checked
}

var (
	templateField   = regexp.MustCompile(`\{([a-z0-9_]*)\}`)
	knownColumns    = Columns()                        //nolint:gochecknoglobals // fixed table
	columnsByName   = indexColumns(knownColumns)       //nolint:gochecknoglobals // fixed table
	lineIDColumn    = columnsByName[ColLineID]         //nolint:gochecknoglobals // fixed table
	referenceColumn = columnsByName[ColOrderReference] //nolint:gochecknoglobals // fixed table
)

func indexColumns(columns []Column) map[string]Column {
	index := make(map[string]Column, len(columns))
	for _, c := range columns {
		index[c.Name] = c
	}
	return index
}

// Lint checks the settings themselves: names of columns, the template. Codes in Severity are not all ours.
func (r *Rules) Lint() error {
	for _, named := range []map[string]string{r.Constants, r.Defaults} {
		for name := range named {
			if _, ok := columnsByName[name]; !ok {
				return fmt.Errorf("%q is not a column that kravia-batch knows", name)
			}
		}
	}
	for _, m := range templateField.FindAllStringSubmatch(r.Reference, -1) {
		if _, ok := columnsByName[m[1]]; !ok && m[1] != "period" {
			return fmt.Errorf("reference template %q: {%s} is neither period nor a column", r.Reference, m[1])
		}
	}
	if strings.Contains(r.Reference, "{period}") && r.Period == "" {
		return fmt.Errorf("reference template %q needs a period: give --period YYYY-MM", r.Reference)
	}
	return nil
}

// prepare puts constants in and brings every known cell into Unicode's composed form.
func (r *Rules) prepare(rec *Record) {
	for name, value := range r.Constants {
		rec.Set(columnsByName[name], value)
	}
	for _, cell := range rec.cells() {
		if !isASCII(*cell) {
			*cell = norm.NFC.String(*cell)
		}
	}
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// referenceOf is the merchant reference of a prepared record: its own, or the template's. missing names
// the empty placeholder when the template cannot be filled.
func (r *Rules) referenceOf(rec *Record) (reference, missing string) {
	own := rec.Get(referenceColumn)
	if own == "" {
		own = r.Defaults[ColOrderReference]
	}
	if own != "" || r.Reference == "" {
		return clean(own), ""
	}
	derived := templateField.ReplaceAllStringFunc(r.Reference, func(field string) string {
		name := strings.Trim(field, "{}")
		if name == "period" {
			return r.Period
		}
		value := rec.Get(columnsByName[name])
		if value == "" {
			value = r.Defaults[name]
		}
		if value == "" {
			missing = name
		}
		return value
	})
	if missing != "" {
		return "", missing
	}
	return clean(derived), ""
}

// clean removes characters that cannot be seen (zero width, bidirectional marks, soft hyphen, byte order mark)
// and turns no-break spaces into spaces.
func clean(text string) string {
	if isASCII(text) {
		return strings.TrimSpace(text)
	}
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case invisible(c):
			return -1
		case c == '\u00a0' || c == '\u202f' || c == '\u2007':
			return ' '
		}
		return c
	}, text))
}
