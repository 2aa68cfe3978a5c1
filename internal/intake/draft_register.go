package intake

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// draftJoin is a table that becomes a register, and the columns by which the lines look its rows up.
type draftJoin struct {
	name     string // of the register in the profile
	register *draftTable
	key      *draftColumn // of the register, each value once
	by       *draftColumn // of the lines, or of another register
	found    int          // how many different values of by are in key
	partial  bool         // more than one in ten of them is not
	score    int          // what speaks for the join beside the values
}

// can reports whether a column may stand for any of ours, at any level.
func (c *draftColumn) can(columns ...billing.Column) bool {
	return slices.ContainsFunc(c.guesses, func(g guess) bool { return slices.Contains(columns, g.column) })
}

// guessOf is the guess that the column stands for one of ours. It is zero where there is none.
func (c *draftColumn) guessOf(column billing.Column) guess {
	for _, g := range c.guesses {
		if g.column == column {
			return g
		}
	}
	return guess{}
}

// level is the level of the guess that the column stands for one of ours, 0 for no guess.
func (c *draftColumn) level(column billing.Column) int { return c.guessOf(column).level }

// joinOf is the best way in which rows of one table look up rows of another, nil for none. The key has a different
// value in each row, and contains nearly all values of a column of the first table.
//
// A partial join contains at least half of the values, under headers that mean the same.
func joinOf(from, to *draftTable, partial bool) *draftJoin {
	var best *draftJoin
	if from.sameColumns(to) {
		return nil // two lists of lines
	}
	for _, key := range to.columns {
		if !key.stats.unique() || key.name == "" || key.stats.most(key.stats.dates) || !key.keyLike() {
			continue
		}
		for _, by := range from.columns {
			j := &draftJoin{register: to, key: key, by: by}
			if by.name == "" || !j.holds() || j.partial != partial {
				continue
			}
			if best == nil || j.score > best.score || j.score == best.score && j.found > best.found {
				best = j
			}
		}
	}
	return best
}

// keyLike reports a column that can identify rows. Descriptions, amounts and places do not.
func (c *draftColumn) keyLike() bool {
	if len(c.guesses) == 0 {
		return true
	}
	surest := c.guesses[0].column
	return surest != billing.ColDescription && surest != billing.ColPostalCode && surest != billing.ColPostalPlace &&
		!slices.Contains(moneyColumns(), surest)
}

// holds counts the values that are found and scores the join by its headers. Small numbers that happen to be in both
// columns are no join.
func (j *draftJoin) holds() bool {
	by, key := j.by.stats, j.key.stats
	if by.filled == 0 || by.full {
		return false
	}
	small := true
	const few = 3 // digits of numbers that many columns have
	for value := range by.keys {
		if _, ok := key.keys[value]; ok {
			j.found++
		}
		small = small && len(value) <= few && strings.Trim(value, "0123456789") == ""
	}
	const half = 2
	if j.partial = j.found*10 < by.different()*9; j.partial && (j.found < half || j.found*half < by.different()) {
		return false
	}
	const same, alike, number, name = 8, 4, 2, 1
	if normalise(j.by.text) == normalise(j.key.text) && !j.by.table.headerless {
		j.score += same
	}
	if slices.ContainsFunc(j.by.guesses, func(g guess) bool { return j.key.can(g.column) }) {
		j.score += alike
	}
	if j.score == 0 && (small || by.different() < 2 || j.partial) {
		return false
	}
	switch {
	case j.key.can(billing.ColCustomerNumber, billing.ColItemID):
		j.score += number
	case j.key.can(billing.ColBusinessName):
		j.score += name
	}
	return true
}

// lineness is how much a table looks like the one with the lines: by the columns of a line that it has.
func (t *draftTable) lineness() int {
	score := 0
	for column, points := range map[billing.Column]int{
		billing.ColAmount: 3, billing.ColUnitPrice: 2, billing.ColQuantity: 2, billing.ColOrderReference: 2,
		billing.ColDescription: 1, billing.ColVAT: 1,
	} {
		if slices.ContainsFunc(t.columns, func(c *draftColumn) bool { return c.can(column) && c.stats.filled > 0 }) {
			score += points
		}
	}
	return score
}

// relate finds the table of the lines, and the registers that it looks up, directly or through other registers. left
// are the tables that are neither.
func relate(tables []*draftTable) (lines *draftTable, joins []*draftJoin, left []*draftTable) {
	looked := map[*draftTable]bool{} // tables that several rows of another one look up: they are not the lines
	for _, from := range tables {
		for _, to := range tables {
			if from == to {
				continue
			}
			if j := joinOf(from, to, false); j != nil &&
				(j.by.stats.twice || !looked[from] && from.lineness() > to.lineness()) {
				looked[to] = true
			}
		}
	}
	for _, t := range tables {
		if looked[t] && lines != nil {
			continue
		}
		if lines == nil || looked[lines] && !looked[t] || t.lineness() > lines.lineness() {
			lines = t
		}
	}
	left = slices.DeleteFunc(slices.Clone(tables), func(t *draftTable) bool { return t == lines })
	for _, partial := range []bool{false, true} {
		from := []*draftTable{lines}
		for _, j := range joins {
			from = append(from, j.register)
		}
		for ; len(from) > 0; from = from[1:] { // registers lead to others
			left = slices.DeleteFunc(left, func(t *draftTable) bool {
				j := joinOf(from[0], t, partial)
				if j != nil {
					joins, from = append(joins, j), append(from, t)
				}
				return j != nil
			})
		}
	}
	nameRegisters(lines, joins)
	return lines, joins, left
}

// nameRegisters gives each register its own name. A header such as customers.id rules the name customers out, since
// the profile would take the header for a cell of the register.
func nameRegisters(lines *draftTable, joins []*draftJoin) {
	taken := map[string]bool{}
	for _, j := range joins {
		name := "customers"
		if !j.register.has(billing.ColOrganizationNumber, billing.ColAddressLine, billing.ColEmail,
			billing.ColPostalCode) {
			name = "items"
			if !j.register.has(billing.ColUnitPrice, billing.ColDescription, billing.ColVAT) {
				name = cmp.Or(j.register.word(), "register")
			}
		}
		begins := func(word string) bool {
			return slices.ContainsFunc(lines.columns, func(c *draftColumn) bool {
				return strings.HasPrefix(strings.ToLower(c.text), word+".")
			})
		}
		unique := name
		for n := 2; taken[unique] || begins(unique); n++ {
			unique = fmt.Sprintf("%s%d", name, n)
		}
		taken[unique], j.name = true, unique
	}
}

// word is the name of the sheet or file in small letters, "" where it is not a single word of letters.
func (t *draftTable) word() string {
	name := strings.ToLower(cmp.Or(t.sheet, strings.TrimSuffix(t.files[0], filepath.Ext(t.files[0]))))
	if strings.IndexFunc(name, notLetter) >= 0 || yamlWord(name) {
		return ""
	}
	return name
}

// has reports whether a column of the table can stand for any of these.
func (t *draftTable) has(columns ...billing.Column) bool {
	return slices.ContainsFunc(t.columns, func(c *draftColumn) bool { return c.can(columns...) })
}

// datedName finds dates and running numbers in a name.
var datedName = regexp.MustCompile(`[0-9][0-9_.-]*[0-9]`)

// filePattern is a pattern for the file of a register, in which an asterisk stands for a date or a long number: the
// next export has another one. It is the name itself where the pattern would fit another file too.
func filePattern(name string, others []string) string {
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	const year = 4 // digits
	pattern := datedName.ReplaceAllStringFunc(stem, func(run string) string {
		if len(strings.NewReplacer("_", "", ".", "", "-", "").Replace(run)) < year {
			return run
		}
		return "*"
	}) + filepath.Ext(name)
	taken := slices.ContainsFunc(others, func(other string) bool { return matchesFile(pattern, other) })
	if taken || strings.Contains(name, "*") || pattern == "*"+filepath.Ext(name) {
		return name
	}
	return pattern
}

// path is how the profile writes a column of the table: Header, or customers.Header.
func (d *drafter) path(c *draftColumn) string {
	for _, j := range d.joins {
		if j.register == c.table {
			return j.name + "." + c.name
		}
	}
	return c.name
}

// writeRegisters writes registers: which tables are looked up, and by what.
func (d *drafter) writeRegisters(w *draftWriter) {
	for _, j := range d.joins {
		by := yamlText("{" + d.path(j.by) + "}")
		column, _ := billing.ColumnByName(j.by.use)
		if e := d.entries[column]; e != nil && (e.plain || e.source == j.by && e.value == yamlText(d.path(j.by))) {
			by = j.by.use
		} else if !bracesFit(j.by.name) {
			w.ask("registers", "", msgAskBraces, shown(j.by.name))
		}
		where := d.whereIs(j.register, filePattern(j.register.files[0], d.otherFiles(j.register)))
		input := ""
		if j.register.headerless {
			input = ", input: {header_row: none, headers: [" + strings.Join(j.register.headers(), ", ") + "]}"
		}
		asked := d.unusedIn(j)
		if j.partial {
			asked = append([]string{j.askMissing()}, asked...)
		}
		w.line("registers",
			fmt.Sprintf("  %s: {%s, key: %s, by: %s%s}", j.name, where, yamlText(j.key.name), by, input),
			fmt.Sprintf(msgWhyFound, j.found, j.by.stats.different(), oneLine(j.by.name)), asked...)
		w.line("registers", "", d.unusedOf(j, asked))
	}
}

// whereIs says under registers where a table is: on another sheet of the file with the lines, or in a file of its own.
func (d *drafter) whereIs(t *draftTable, file string) string {
	where := "file: " + yamlText(file)
	switch {
	case t.sheet != "" && t.files[0] == d.lines.files[0]:
		return "sheet: " + yamlText(t.sheet)
	case t.sheets > 1:
		return where + ", sheet: " + yamlText(t.sheet)
	}
	return where
}

// askMissing asks about a partial join, and names values that the register lacks.
func (j *draftJoin) askMissing() string {
	const most = 5
	var names []string
	missing := 0
	for _, value := range slices.Sorted(maps.Keys(j.by.stats.keys)) {
		if _, ok := j.key.stats.keys[value]; !ok {
			if missing++; missing <= most {
				names = append(names, fmt.Sprintf("%q", oneLine(shown(value))))
			}
		}
	}
	if missing > most {
		names = append(names, fmt.Sprintf("and %d more", missing-most))
	}
	return fmt.Sprintf(msgAskJoin, oneLine(j.key.name), j.register.place(), oneLine(j.by.name), j.found,
		j.by.stats.different(), strings.Join(names, ", "))
}

// ofCustomers reports a register from which a column of the order is read.
func (j *draftJoin) ofCustomers() bool {
	return slices.ContainsFunc(j.register.columns, func(c *draftColumn) bool {
		column, known := billing.ColumnByName(c.use)
		return known && column.Info().Order
	})
}

// unusedIn asks about the unused columns of a register that an invoice may depend on. Prices and quantities of
// articles are passed over, for the lines have their own. Those of customers may be agreed, and are asked about.
func (d *drafter) unusedIn(j *draftJoin) (questions []string) {
	for _, c := range j.register.columns {
		if c.use != "" || c == j.key || c.stats.filled == 0 || c.name == "" {
			continue
		}
		what := theVocabulary().speaksOf(c.text).what
		if priced := what == "money" || what == "a quantity" ||
			c.can(billing.ColUnitPrice, billing.ColAmount, billing.ColQuantity); priced && !j.ofCustomers() {
			continue
		}
		if says := d.says(c); says != "" {
			path := oneLine(shown(d.path(c)))
			questions = append(questions, fmt.Sprintf(msgAskUnused, path, says, sampleOf(c), path))
		}
	}
	return questions
}

// unusedOf lists the other unused columns of a register, for a comment.
func (d *drafter) unusedOf(j *draftJoin, asked []string) string {
	var names []string
	for _, c := range j.register.columns {
		name := oneLine(shown(c.name))
		if c.use == "" && c != j.key && c.stats.filled > 0 && c.name != "" && !slices.ContainsFunc(asked,
			func(q string) bool { return strings.HasPrefix(q, j.name+"."+name+" ") }) {
			names = append(names, fmt.Sprintf("%s (%s)", name, sampleOf(c)))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(msgWhyUnusedOf, j.name, strings.Join(names, ", "))
}

// headers are the names of all columns as YAML. Columns without a header are named by their letters.
func (t *draftTable) headers() []string {
	var names []string
	for _, c := range t.columns {
		names = append(names, yamlText(cmp.Or(c.name, columnLetters(c.at))))
	}
	return names
}

// otherFiles are the names of all files but that of a register.
func (d *drafter) otherFiles(register *draftTable) []string {
	var names []string
	for _, t := range d.tables {
		if t.files[0] != register.files[0] {
			names = append(names, t.files...)
		}
	}
	return names
}
