package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"kraviabatch/internal/billing"
)

// headerMatch is the reading of one row as a header.
type headerMatch struct {
	headings []heading
	missing  []billing.Column // needed columns that the row lacks
	absent   []need           // headers that the profile names and the row lacks
	repeated []int            // cells whose column an earlier cell has already
	score    int              // number of known columns, or of the profile's headers that are there
}

// match reads a row as a header. Two cells that both name a column for certain are a mistake, which check
// refuses. Beside a certain cell, an uncertain one does not count.
func (n *headerIndex) match(cells []string) headerMatch {
	m := headerMatch{headings: make([]heading, len(cells))}
	found := map[billing.Column]bool{}
	for i, cell := range n.profile.numbered(cells) {
		h := n.read(cells[i])
		if h.ignored || cell != cells[i] && n.profile.ignores(cell) &&
			(len(h.columns) == 0 || n.profile.ignoresByName(cell)) {
			h = heading{text: cells[i], ignored: true, unit: h.unit}
		}
		m.headings[i] = h
	}
	for i := range m.headings {
		h := &m.headings[i]
		if len(h.columns) != 1 || h.unsure {
			continue
		}
		if found[h.columns[0]] {
			m.repeated = append(m.repeated, i)
		} else {
			found[h.columns[0]] = true
			m.score++
		}
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

// absent finds the headers that the profile names and a row lacks. A row with more of them is the better header.
func (n *headerIndex) absent(m *headerMatch, cells []string) {
	if len(n.needs) == 0 {
		return
	}
	there := map[string]int{}
	for _, cell := range cells {
		there[normalise(cell)]++
	}
	for _, need := range n.needs {
		if there[need.want] < max(1, need.nth) && (need.nth == 0 || there[normalise(need.String())] == 0) {
			m.absent = append(m.absent, need)
		}
	}
	if n.profile.namesColumns() || n.profile.register {
		m.score = len(n.needs) - len(m.absent)
	}
}

// complete reports whether the row has all that a header needs.
func (m *headerMatch) complete() bool {
	return len(m.missing) == 0 && len(m.absent) == 0 && m.score > 0
}

// better reports whether the row serves better as a header than another.
func (m *headerMatch) better(other headerMatch) bool {
	if m.complete() != other.complete() {
		return m.complete()
	}
	return cmp.Or(cmp.Compare(m.score, other.score), cmp.Compare(len(m.headings), len(other.headings))) > 0
}

// known gives the column of each cell. It is zero for a column of the input's own and for one not decided yet.
func (m *headerMatch) known() []billing.Column {
	known := make([]billing.Column, len(m.headings))
	for i, h := range m.headings {
		if len(h.columns) == 1 && !h.unsure && !slices.Contains(m.repeated, i) {
			known[i] = h.columns[0]
		}
	}
	return known
}

// check refuses a header that lacks a needed column or a header of the profile, or has a column twice.
func (n *headerIndex) check(cells []string, m *headerMatch, row int) error {
	if err := n.checkProfile(cells, m, row); err != nil {
		return err
	}
	if len(m.repeated) > 0 {
		again := m.repeated[0]
		column := m.headings[again].columns[0]
		first := slices.IndexFunc(m.headings, func(h heading) bool { return slices.Contains(h.columns, column) })
		hint := fmt.Sprintf(hintRenameOrIgnore, cells[again])
		if normalise(cells[first]) == normalise(cells[again]) { // ignore in a profile would ignore both
			hint = hintRenameOrRemove
		}
		return refuse(codeAmbiguous, fmt.Sprintf(msgTwoHeaders, cells[first], cells[again], column), hint).
			at(row, column.String(), cells[again])
	}
	if len(m.missing) > 0 {
		return n.missing(cells, m, row)
	}
	return nil
}

// missing is the refusal of a header that lacks a column that every line needs.
func (n *headerIndex) missing(cells []string, m *headerMatch, row int) error {
	column := m.missing[0]
	accepted, names := spellings(column), column.String()
	if column == billing.ColAmount {
		accepted = slices.Concat(accepted[:min(6, len(accepted))], spellings(billing.ColUnitPrice))
		names = msgWordAmountOrPrice
	}
	var unknown []string
	for i, header := range cells {
		if len(m.headings[i].columns) == 0 && strings.TrimSpace(header) != "" {
			unknown = append(unknown, header)
		}
	}
	message, inProfile := msgMissing, msgMissingInProfile
	if len(nonBlank(cells)) == 1 {
		message, inProfile = msgMissingOneCell, msgMissingOneCellInProfile
	}
	if n.profile.namesColumns() {
		return refuse(codeMissing, fmt.Sprintf(inProfile, names, n.profile.Name), hintAddToProfile).
			at(row, column.String(), "")
	}
	const most = 12
	hint := fmt.Sprintf(hintNameColumn, quoted(accepted[:min(most, len(accepted))]))
	if near := nearest(unknown, accepted); near != "" {
		hint = fmt.Sprintf(hintIfSo, near, hint)
	}
	return refuse(codeMissing, fmt.Sprintf(message, names, headers(cells)), hint).at(row, column.String(), "")
}

// spellings lists the headers that are understood as a column.
func spellings(c billing.Column) []string {
	all := []string{c.String()}
	for _, s := range c.Info().Synonyms {
		all = append(all, strings.TrimSuffix(s, "?"))
	}
	return all
}

// checkProfile refuses an export that lacks a column that the profile names.
func (n *headerIndex) checkProfile(cells []string, m *headerMatch, row int) error {
	if len(m.absent) == 0 {
		return nil
	}
	lacks := m.absent[0]
	if lacks.header == "?" {
		return refuse(codeProfile, fmt.Sprintf(msgStillAQuestion, lacks.what, n.profile.Name), hintAnswer).
			at(row, lacks.what, "")
	}
	hint := hintCorrectProfile
	switch near := nearest(cells, []string{lacks.header}); {
	case lacks.nth > 1:
		hint = hintFewerColumns
	case near != "":
		hint = fmt.Sprintf(hintRenamed, near)
	case len(n.profile.Registers) > 0 && lacks.register == "":
		hint = fmt.Sprintf(hintRegisterColumn, n.profile.Registers[0].Name, lacks.header)
	}
	message := fmt.Sprintf(msgProfileColumn, n.profile.Name, lacks.what, lacks.reference, headers(cells))
	return refuse(codeProfile, message, hint).at(row, lacks.header, "")
}

// headers lists the cells of a header line for a message. It does not show a line that looks like data: messages
// end up in logs, where names and addresses of customers must not stand.
func headers(cells []string) string {
	names := nonBlank(cells)
	switch {
	case !isData(names):
		return quoted(names)
	case len(names) == 1:
		return msgWordOneDataCell
	default:
		return fmt.Sprintf(msgWordDataCells, len(names))
	}
}

func nonBlank(cells []string) []string {
	return slices.DeleteFunc(slices.Clone(cells), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// manyColumns is the least number of cells among which a single number may be the name of a column, such as a year.
const manyColumns = 8

// isData reports whether cells look like data: one is an e-mail address or has five digits or more, or there are
// numbers. Columns are not named so, but for one of many that is named by a year.
func isData(cells []string) bool {
	numbers := 0
	for _, cell := range cells {
		digits := 0
		for _, r := range cell {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		if strings.Contains(cell, "@") || digits >= 5 {
			return true
		}
		if digits > 0 && !strings.ContainsFunc(cell, unicode.IsLetter) {
			numbers++
		}
	}
	return numbers > 1 || numbers == 1 && len(cells) < manyColumns
}

// quoted lists words for a message, 24 of them at most.
func quoted(words []string) string {
	const most = 24
	var shownWords []string
	for _, w := range words[:min(most, len(words))] {
		shownWords = append(shownWords, fmt.Sprintf("%q", shown(w)))
	}
	if len(words) > most {
		shownWords = append(shownWords, strings.TrimSpace(fmt.Sprintf(msgAndMore, len(words)-most)))
	}
	return strings.Join(shownWords, ", ")
}
