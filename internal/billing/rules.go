package billing

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
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
	Constants    map[Column]string // put into every record, whose own cell must be empty or say the same
	Defaults     map[Column]string // where the record (or its whole order) has none
	ExclVAT      bool              // amounts are net, where the row does not say
	Minor        bool              // amounts are in minor units
	RoundByRate  bool              // VAT is rounded once for each rate of an order, and not for each line
	Seller       string            // ISO country whose VAT rates count, "" for that of the currency
	Reference    string            // template for rows without order_reference, such as "{period}-{customer_number}"
	Period       string            // YYYY-MM or ""
	SplitOrders  bool              // orders above MaxLines are split into REF-1, REF-2, …
	Severity     map[Code]Severity // overrides; a code that is not lowerable can be raised alone
	DaysUntilDue int               // for orders that say neither days nor date
	Channel      Channel           // for orders that don't say
	Today        Date              // the day of the run, against which due dates are checked

	// Sent gives the content, see [Order.Hash], of what an earlier run has sent under a reference, "" for
	// nothing. It may be nil, and is called from many goroutines.
	Sent func(reference string) string
}

// sent is Sent, where there is one.
func (r *Rules) sent(reference string) string {
	if r.Sent == nil {
		return ""
	}
	return r.Sent(reference)
}

var templateField = regexp.MustCompile(`\{([a-z0-9_]*)\}`)

// Lint checks the reference template.
func (r *Rules) Lint() error {
	for _, m := range templateField.FindAllStringSubmatch(r.Reference, -1) {
		if _, ok := ColumnByName(m[1]); !ok && m[1] != "period" {
			return fmt.Errorf(msgTemplateField, r.Reference, m[1])
		}
	}
	if strings.Contains(r.Reference, "{period}") && r.Period == "" {
		return fmt.Errorf(msgTemplatePeriod, r.Reference)
	}
	return nil
}

// severity is that of a problem: the rules' where they may set it. Without what other codes check an order
// would be wrong or impossible, so that these can be raised and never lowered.
func (r *Rules) severity(p *Problem) Severity {
	s, ok := r.Severity[p.Code]
	if !ok || s > p.Severity && !codeIndex[p.Code].Lowerable {
		return p.Severity
	}
	return s
}

// makesLine reports whether a constant or default gives every row a price.
func (r *Rules) makesLine() bool {
	return slices.ContainsFunc([]Column{ColAmount, ColUnitPrice}, func(c Column) bool {
		return r.Constants[c] != "" || r.Defaults[c] != ""
	})
}

// prepare brings every known cell into Unicode's composed form.
func (r *Rules) prepare(rec *Record) {
	for i, cell := range rec.Values {
		if !isASCII(cell) {
			rec.Values[i] = norm.NFC.String(cell)
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

// value is a cell of a prepared record, or its default.
func (r *Rules) value(rec *Record, c Column) string { return cmp.Or(rec.Get(c), r.Defaults[c]) }

// referenceOf is the merchant reference of a prepared record: its own, or the template's. missing names
// the empty placeholder when the template cannot be filled.
func (r *Rules) referenceOf(rec *Record) (reference, missing string) {
	own := r.value(rec, ColOrderReference)
	if own != "" || r.Reference == "" {
		return clean(own), ""
	}
	derived := templateField.ReplaceAllStringFunc(r.Reference, func(field string) string {
		name := strings.Trim(field, "{}")
		if name == "period" {
			return r.Period
		}
		value := r.value(rec, columnsByName[name])
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

// doubtful reports whether the record may belong to any order of its file: it has no reference, or a cell
// that its reference is made of could not be read; or it is no line but a remark or a total that does not add
// up.
func (r *Rules) doubtful(rec *Record, reference string) bool {
	if fold(reference) == "" || noLine(rec) && !plainReference(reference) {
		return true
	}
	for _, p := range rec.Problems {
		if p.Code == "row.total" && rec.Get(ColDescription) == "" {
			return true
		}
		derived := rec.Get(ColOrderReference) == "" && strings.Contains(r.Reference, "{"+p.Column+"}")
		if r.severity(&p) == Error && (derived || p.Column == ColOrderReference.String()) {
			return true
		}
	}
	return false
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
