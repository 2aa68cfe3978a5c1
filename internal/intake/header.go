package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"kraviabatch/internal/billing"
)

// headerMatch is how well one row serves as header.
type headerMatch struct {
	headings []heading
	missing  []billing.Column // needed columns that are not there
	absent   []need           // what the profile names and is not there
	repeated []int            // cells whose column an earlier cell has already
	score    int              // known columns
}

// match reads a row as a header. A column that two cells name for certain is a mistake; a cell that is not
// certain gives way.
func (n *headerIndex) match(cells []string) headerMatch {
	m := headerMatch{headings: make([]heading, len(cells))}
	found := map[billing.Column]bool{}
	for i, cell := range n.profile.numbered(cells) {
		if m.headings[i] = n.read(cells[i]); !m.headings[i].ignored && cell != cells[i] {
			m.headings[i].ignored = n.profile.ignores(cell) &&
				(len(m.headings[i].columns) == 0 || slices.ContainsFunc(n.profile.Ignore, func(name string) bool {
					return !strings.Contains(name, "*") && matches(name, cell)
				}))
		}
		if m.headings[i].ignored {
			m.headings[i] = heading{text: cells[i], ignored: true, unit: m.headings[i].unit}
		}
	}
	for i := range m.headings {
		h := &m.headings[i]
		if len(h.columns) != 1 || h.unsure {
			continue
		}
		if found[h.columns[0]] {
			m.repeated = append(m.repeated, i)
			continue
		}
		found[h.columns[0]] = true
		m.score++
	}
	for i := range m.headings {
		h := &m.headings[i]
		if len(h.columns) < 2 && !h.unsure {
			continue
		}
		h.unsure = true
		h.columns = slices.DeleteFunc(slices.Clone(h.columns), func(c billing.Column) bool { return found[c] })
		if len(h.columns) > 0 {
			m.score++
		}
	}
	if n.absent(&m, cells); n.profile.orNone().register {
		return m
	}
	has := func(c billing.Column) bool {
		return found[c] || n.filled[c] ||
			slices.ContainsFunc(m.headings, func(h heading) bool { return slices.Contains(h.columns, c) })
	}
	if !has(billing.ColDescription) {
		m.missing = append(m.missing, billing.ColDescription)
	}
	if !has(billing.ColAmount) && !has(billing.ColUnitPrice) {
		m.missing = append(m.missing, billing.ColAmount)
	}
	return m
}

// absent finds what the profile names and a row does not have. The more is there, the better the row is as a header.
func (n *headerIndex) absent(m *headerMatch, cells []string) {
	if len(n.needs) == 0 {
		return
	}
	there := map[string]int{}
	for _, cell := range cells {
		there[normalise(cell)]++
	}
	for _, need := range n.needs {
		if there[need.want] >= max(1, need.nth) || need.nth > 0 && there[normalise(need.String())] > 0 {
			continue
		}
		m.absent = append(m.absent, need)
	}
	if n.profile.namesColumns() || n.profile.register {
		m.score = len(n.needs) - len(m.absent)
	}
}

// complete reports whether the row can be the header. A row with one known cell is a title, not a header.
func (m *headerMatch) complete() bool {
	return len(m.missing) == 0 && len(m.absent) == 0 && m.score > 0
}

func (m *headerMatch) better(other headerMatch) bool {
	if m.complete() != other.complete() {
		return m.complete()
	}
	if m.score != other.score {
		return m.score > other.score
	}
	return len(m.headings) > len(other.headings)
}

// known gives the column of each cell, zero where it is the input's own or not decided yet.
func (m *headerMatch) known() []billing.Column {
	known := make([]billing.Column, len(m.headings))
	for i, h := range m.headings {
		if len(h.columns) == 1 && !h.unsure && !slices.Contains(m.repeated, i) {
			known[i] = h.columns[0]
		}
	}
	return known
}

// check refuses a header that lacks a needed column, has one twice, says the wrong thing about VAT, or lacks
// what the profile names.
func (n *headerIndex) check(cells []string, m *headerMatch, row int) error {
	if err := n.checkProfile(cells, m, row); err != nil {
		return err
	}
	if len(m.repeated) > 0 {
		again := m.repeated[0]
		column := m.headings[again].columns[0]
		first := slices.IndexFunc(m.headings, func(h heading) bool { return slices.Contains(h.columns, column) })
		hint := fmt.Sprintf("rename one of them, or pass it over in a profile: ignore: [%q]", cells[again])
		if normalise(cells[first]) == normalise(cells[again]) { // a profile would pass over both
			hint = "rename one of them, or take it out of the file"
		}
		return refuse(codeAmbiguous,
			fmt.Sprintf("the headers %q and %q both stand for %s", cells[first], cells[again], column), hint).
			at(row, column.String(), cells[again])
	}
	if len(m.missing) == 0 {
		return nil
	}
	return n.missing(cells, m, row)
}

// missing is the refusal of a header that has not what every line needs.
func (n *headerIndex) missing(cells []string, m *headerMatch, row int) error {
	column := m.missing[0]
	accepted := n.spellings(column)
	if column == billing.ColAmount {
		accepted = slices.Concat(accepted[:min(6, len(accepted))], n.spellings(billing.ColUnitPrice))
	}
	var unknown []string
	for i, header := range cells {
		if len(m.headings[i].columns) == 0 && strings.TrimSpace(header) != "" {
			unknown = append(unknown, header)
		}
	}
	what := "no column for " + column.String()
	if column == billing.ColAmount {
		what = "no column for amount or unit_price"
	}
	if len(nonBlank(cells)) == 1 {
		what = "this may not be a list of lines, for its header has only one cell: " + what
	}
	if n.profile.namesColumns() {
		return refuse(codeMissing, what+" in the profile "+n.profile.Name,
			"add it to columns, constants or defaults; beside columns no known name is used").
			at(row, column.String(), "")
	}
	const most = 12
	hint := "name the column one of " + quoted(accepted[:min(most, len(accepted))]) + ", or map it in a profile"
	if near := nearest(unknown, accepted); near != "" {
		hint = fmt.Sprintf("did you mean %q? If so, %s", near, hint)
	}
	return refuse(codeMissing, what+"; found "+headers(cells), hint).at(row, column.String(), "")
}

// spellings are the headers that are understood as a column.
func (*headerIndex) spellings(c billing.Column) []string {
	all := []string{c.String()}
	for _, s := range c.Info().Synonyms {
		all = append(all, strings.TrimSuffix(s, "?"))
	}
	return all
}

// checkProfile tells when an export no longer has a column that the profile names.
func (n *headerIndex) checkProfile(cells []string, m *headerMatch, row int) error {
	if len(m.absent) == 0 {
		return nil
	}
	lacks := m.absent[0]
	if lacks.header == "?" {
		return refuse(codeProfile, fmt.Sprintf("%s is still a question in the profile %s", lacks.what, n.profile.Name),
			`write what it is in the place of "?"`).at(row, lacks.what, "")
	}
	hint := "correct the profile, or export the column again"
	switch near := nearest(cells, []string{lacks.header}); {
	case lacks.nth > 1:
		hint = "the file has fewer columns of that name: " + hint
	case near != "":
		hint = fmt.Sprintf("did the export rename it to %q? Then say so in the profile", near)
	case len(n.profile.Registers) > 0 && lacks.register == "":
		hint += fmt.Sprintf("; that of a register is written {%s.%s}", n.profile.Registers[0].Name, lacks.header)
	}
	return refuse(codeProfile, fmt.Sprintf("the profile %s reads %s from the column %q, which is not there; found %s",
		n.profile.Name, lacks.what, lacks.reference, headers(cells)), hint).at(row, lacks.header, "")
}

// headers lists the cells of a header line for a message. A line that looks like data is not shown: a message
// may end in a log, which is no place for a customer.
func headers(cells []string) string {
	names := nonBlank(cells)
	switch {
	case !isData(names):
		return quoted(names)
	case len(names) == 1:
		return "a cell that looks like data instead of a column name"
	default:
		return fmt.Sprintf("%d cells that look like data instead of column names", len(names))
	}
}

func nonBlank(cells []string) []string {
	return slices.DeleteFunc(slices.Clone(cells), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// manyColumns is how many cells a line of data has more than one number among.
const manyColumns = 8

// isData reports an e-mail address, five digits or more in a cell, or numbers: no column is named so, but one
// of many by a year.
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
