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

// Limits of the provider, from its API reference. The length of the reference is that of Kravia products.
const (
	MaxReference = 35            // characters of a merchant reference
	MaxLines     = 100           // lines of an order
	MaxTotal     = 2_147_483_647 // minor units of an order, int32
	MaxDays      = 365           // days until due
	// LongDescription is the length above which a description gets a warning; the provider publishes no limit.
	LongDescription = 100
)

// Rules is everything but the records that decides how orders are made.
type Rules struct {
	Constants    map[Column]string // put into every record; the record's own cell must be empty or say the same
	Defaults     map[Column]string // used if the record, or no record of its order, has the cell
	ExclVAT      bool              // amounts are without VAT if the row does not say
	Minor        bool              // amounts are in minor units
	RoundByRate  bool              // VAT is rounded once for each rate of an order, not for each line
	Seller       string            // ISO code of the country whose VAT rates count; "" is the country of the currency
	Reference    string            // template for rows without order_reference, such as "{period}-{customer_number}"
	Period       string            // YYYY-MM or ""
	SplitOrders  bool              // orders above MaxLines are split into REF-1, REF-2, …
	Severity     map[Code]Severity // overrides; a code that is not lowerable can only be raised
	DaysUntilDue int               // for orders without days and due date
	Channel      Channel           // for orders without a channel
	Today        Date              // the day of the run, against which due dates are checked

	// Sent is the [Order.Hash] of what an earlier run sent under a reference, "" for nothing. It may be nil. Many
	// goroutines call it at the same time.
	Sent func(reference string) string
}

// sent is Sent, and "" if there is no Sent.
func (r *Rules) sent(reference string) string {
	if r.Sent == nil {
		return ""
	}
	return r.Sent(reference)
}

var templateField = regexp.MustCompile(`\{([a-z0-9_]*)\}`)

// Lint checks the reference template: each field is a column or period, and a period is given if it is needed.
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

// severity is the severity that counts for a problem: that of the rules, if they may set it. A code that is not
// lowerable can be raised but never lowered, because without its check an order would be wrong or impossible.
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

// referenceOf is the merchant reference of a prepared record: its own, else that of the template. missing is the empty
// field if the template cannot be filled.
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

// doubtful reports whether the record may belong to any order of its file: it has no reference, or a cell that makes
// its reference could not be read, or it is a remark or a total that does not add up and names no order for certain.
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

// clean removes invisible characters (zero width, bidirectional marks, soft hyphen, byte order mark), turns no-break
// spaces into spaces, and trims the text.
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
