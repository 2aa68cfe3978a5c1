package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kraviabatch/internal/billing"
)

// names knows which header stands for which column: what the profile says, then the column's own
// name, then its synonyms.
type names struct {
	accepted map[string]string   // normalised header → known column
	spelled  map[string][]string // known column → accepted headers, as people write them
	given    map[string]bool     // columns that the profile fills
	profile  *Profile
}

// normalise makes headers comparable: without case, accents, spaces and the signs _ - . : *
func normalise(header string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(header)) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.IsSpace(r), strings.ContainsRune("_-.:*\u00ad\u200b\ufeff", r):
		case r == 'ø':
			b.WriteRune('o')
		case r == 'æ':
			b.WriteString("ae")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func newNames(p *Profile) *names {
	n := &names{accepted: map[string]string{}, spelled: map[string][]string{}, given: map[string]bool{}, profile: p}
	for _, c := range billing.Columns() {
		mapped := ""
		if p != nil {
			mapped = p.Columns[c.Name]
		}
		if mapped != "" {
			n.spelled[c.Name] = []string{mapped}
			continue
		}
		n.spelled[c.Name] = append([]string{c.Name}, synonyms(c.Name, p != nil && p.Prices == PricesExclVAT)...)
	}
	for column, spellings := range n.spelled {
		for _, s := range spellings {
			n.accepted[normalise(s)] = column
		}
	}
	if p != nil {
		for column, header := range p.Columns { // the profile's word goes before any synonym
			n.accepted[normalise(header)] = column
		}
		for _, filled := range []map[string]string{p.Constants, p.Defaults} {
			for column, value := range filled {
				n.given[column] = value != ""
			}
		}
	}
	return n
}

// headerMatch is how well one row serves as header.
type headerMatch struct {
	known    []string // per cell the known column, "" for none
	missing  []string // needed columns that are not there
	repeated []int    // cells whose column an earlier cell has already
	score    int      // known columns
}

func (n *names) match(cells []string) headerMatch {
	m := headerMatch{known: make([]string, len(cells))}
	found := map[string]bool{}
	for i, header := range cells {
		column := n.accepted[normalise(header)]
		if column == "" {
			continue
		}
		m.known[i] = column
		if found[column] {
			m.repeated = append(m.repeated, i)
			continue
		}
		found[column] = true
		m.score++
	}
	has := func(column string) bool { return found[column] || n.given[column] }
	if !has(billing.ColDescription) {
		m.missing = append(m.missing, billing.ColDescription)
	}
	if !has(billing.ColAmount) && !has(billing.ColUnitPrice) {
		m.missing = append(m.missing, billing.ColAmount)
	}
	return m
}

// complete reports whether the row can be the header. A row with one known cell is a title, not a header.
func (m *headerMatch) complete() bool {
	return len(m.missing) == 0 && m.score > 0
}

func (m *headerMatch) better(other headerMatch) bool {
	if m.complete() != other.complete() {
		return m.complete()
	}
	if m.score != other.score {
		return m.score > other.score
	}
	return len(m.known) > len(other.known)
}

// check refuses a header that lacks a needed column, has one twice, or lacks what the profile names.
func (n *names) check(cells []string, m headerMatch, row int) error {
	if err := n.checkProfile(cells, row); err != nil {
		return err
	}
	if len(m.repeated) > 0 {
		again := m.repeated[0]
		first := slices.Index(m.known, m.known[again])
		return refuse(codeAmbiguous, fmt.Sprintf("the headers %q and %q both stand for %s", cells[first], cells[again], m.known[again]),
			fmt.Sprintf("rename one of them, or say in a profile which one it is: columns: {%s: %q}", m.known[again], cells[first])).
			at(row, m.known[again], cells[again])
	}
	if len(m.missing) == 0 {
		return nil
	}
	column := m.missing[0]
	accepted := n.spelled[column]
	if column == billing.ColAmount {
		accepted = slices.Concat(accepted[:min(6, len(accepted))], n.spelled[billing.ColUnitPrice])
	}
	var unknown []string
	for i, header := range cells {
		if m.known[i] == "" && strings.TrimSpace(header) != "" {
			unknown = append(unknown, header)
		}
	}
	what := "no column for " + column
	if column == billing.ColAmount {
		what = "no column for amount or unit_price"
	}
	if len(nonBlank(cells)) == 1 {
		what = "this may not be a CSV or XLSX file, for its header has only one cell: " + what
	}
	const most = 12
	hint := "name the column one of " + quoted(accepted[:min(most, len(accepted))]) + ", or map it in a profile"
	if near := nearest(unknown, accepted); near != "" {
		hint = fmt.Sprintf("did you mean %q? If so, %s", near, hint)
	}
	if other := n.otherPrices(unknown); column == billing.ColAmount && other != "" {
		hint = other
	}
	return refuse(codeMissing, what+"; found "+headers(cells), hint).at(row, column, "")
}

// otherPrices is the hint for a file that has a price, but with VAT where none is expected or the other way round.
func (n *names) otherPrices(unknown []string) string {
	exclVAT := n.profile != nil && n.profile.Prices == PricesExclVAT
	declare := PricesExclVAT
	if exclVAT {
		declare = PricesInclVAT
	}
	for _, column := range []string{billing.ColAmount, billing.ColUnitPrice} {
		for _, synonym := range synonyms(column, !exclVAT) {
			for _, header := range unknown {
				if normalise(header) == normalise(synonym) {
					return fmt.Sprintf("%q is understood when a profile says prices: %s", header, declare)
				}
			}
		}
	}
	return ""
}

// checkProfile tells when an export no longer has a column that the profile names.
func (n *names) checkProfile(cells []string, row int) error {
	if n.profile == nil {
		return nil
	}
	for _, c := range billing.Columns() {
		header := n.profile.Columns[c.Name]
		if header == "" || slices.ContainsFunc(cells, func(cell string) bool { return normalise(cell) == normalise(header) }) {
			continue
		}
		hint := "correct the profile, or export the column again"
		if near := nearest(cells, []string{header}); near != "" {
			hint = fmt.Sprintf("did the export rename it to %q? Then say so in the profile: columns: {%s: %q}", near, c.Name, near)
		}
		return refuse(codeProfile, fmt.Sprintf("the profile %s reads %s from the column %q, which is not there; found %s",
			n.profile.Name, c.Name, header, headers(cells)), hint).at(row, c.Name, "")
	}
	return nil
}

// headers lists the cells of a header line for a message. A line that looks like data is not shown: a message may end in a
// log, which is no place for a customer.
func headers(cells []string) string {
	names := nonBlank(cells)
	if isData(names) {
		return fmt.Sprintf("%d cells that look like data instead of column names", len(names))
	}
	return quoted(names)
}

func nonBlank(cells []string) []string {
	return slices.DeleteFunc(slices.Clone(cells), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// manyColumns is how many cells a line of data has more than one number among.
const manyColumns = 8

// isData reports an e-mail address, five digits or more in a cell, or numbers: no column is named so, but one of many by a year.
func isData(cells []string) bool {
	numbers := 0
	for _, cell := range cells {
		digits := len(strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return '0'
			}
			return -1
		}, cell))
		if strings.Contains(cell, "@") || digits >= 5 {
			return true
		}
		if digits > 0 && !strings.ContainsFunc(cell, unicode.IsLetter) {
			numbers++
		}
	}
	return numbers > 1 || numbers == 1 && len(cells) < manyColumns
}

// quoted lists words for a message, not more than fit one.
func quoted(words []string) string {
	const most = 24
	shownWords := make([]string, 0, len(words))
	for _, w := range words[:min(most, len(words))] {
		shownWords = append(shownWords, fmt.Sprintf("%q", shown(w)))
	}
	if len(words) > most {
		shownWords = append(shownWords, fmt.Sprintf("and %d more", len(words)-most))
	}
	return strings.Join(shownWords, ", ")
}
