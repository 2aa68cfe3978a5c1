package intake

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Drafted is a profile that was drafted from an export.
type Drafted struct {
	Text      []byte   // YAML, in UTF-8
	Questions []string // open questions for the user, in the order of their lines
	Rows      int      // rows of the table of lines
}

// drafter drafts one profile. Its steps run in the order of compose: each uses what the ones before decided.
type drafter struct {
	tables  []*draftTable
	lines   *draftTable
	joins   []*draftJoin
	left    []*draftTable
	index   *headerIndex
	entries map[billing.Column]*draftEntry
	money   moneyPlan
	down    billing.Column // is empty on rows that continue the order above; 0 for none
}

// draftEntry is one line under columns, and the line under values that belongs to it.
type draftEntry struct {
	value     string // as YAML
	plain     bool   // value is the header of a column of the lines, and nothing else
	source    *draftColumn
	why       string
	questions []string
	values    []valuePair // the line under values
	valuesWhy string
	asked     []string // questions about the values
}

// ask adds a question about the line.
func (e *draftEntry) ask(format string, args ...any) {
	e.questions = append(e.questions, fmt.Sprintf(format, args...))
}

// mapped is the column of the export that one of ours is read from, nil for none.
func (d *drafter) mapped(c billing.Column) *draftColumn {
	if e := d.entries[c]; e != nil {
		return e.source
	}
	return nil
}

// filled is the mapped column, or nil where all of its cells are empty.
func (d *drafter) filled(c billing.Column) *draftColumn {
	if source := d.mapped(c); source != nil && source.stats.filled > 0 {
		return source
	}
	return nil
}

// valuePair is a word of the export and our value for it.
type valuePair struct{ word, value string }

// Draft reads the files of an export and drafts their profile: each column with a guess, its first cell and the
// evidence. Nothing is guessed silently: what the export does not decide is a question in the draft, and
// [LoadProfile] refuses the draft until all questions are answered. The error is an *[Error] when a file cannot be
// read.
func Draft(ctx context.Context, paths []string, o Options) (*Drafted, error) {
	d := &drafter{index: newHeaderIndex(nil), entries: map[billing.Column]*draftEntry{}}
	for _, path := range paths {
		if err := d.read(ctx, path, o); err != nil {
			return nil, err
		}
	}
	for _, t := range d.tables {
		t.guessColumns(d.index)
	}
	d.lines, d.joins, d.left = relate(d.tables)
	w := d.compose()
	text := []byte(w.String())
	out := &Drafted{Text: text, Rows: d.lines.count}
	for _, q := range questionsIn(text) {
		out.Questions = append(out.Questions, q.text)
	}
	return out, nil
}

// read adds the tables of one file. Rows of a table with the header of an earlier one are added to that table.
func (d *drafter) read(ctx context.Context, path string, o Options) error {
	f := newFile(path, o)
	tables, err := f.draftTables(ctx)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return f.placed(err)
	}
	for _, t := range tables {
		t.today = f.options.Today
		at := slices.IndexFunc(d.tables, func(other *draftTable) bool {
			return other.files[0] != t.files[0] && other.sameColumns(t)
		})
		if at < 0 {
			d.tables = append(d.tables, t)
		} else {
			d.tables[at].join(t)
		}
	}
	return nil
}

// sameColumns reports whether two tables have the same header.
func (t *draftTable) sameColumns(other *draftTable) bool {
	return !t.headerless && !other.headerless && len(t.columns) > 0 &&
		slices.EqualFunc(t.columns, other.columns, func(a, b *draftColumn) bool { return a.text == b.text })
}

// join adds the rows of another table with the same columns.
func (t *draftTable) join(other *draftTable) {
	t.files = append(t.files, other.files...)
	t.takeSparse()
	other.takeSparse()
	for i := range other.rows {
		t.keep(&row{number: other.numbers[i], cells: other.rows[i]})
	}
	t.count += other.count - len(other.rows)
	t.totals = append(t.totals, other.totals...)
}

// compose decides what the tables prove, and writes the profile. The order matters: a column that is in use is not
// given away again, so those whose cells show what they are come before those that only a header speaks of.
func (d *drafter) compose() *draftWriter {
	w := &draftWriter{sections: map[string][]draftLine{}}
	d.assignParty()
	d.planMoney()
	d.assignMoney()
	d.assignVAT(w)
	d.assignOrder(w)
	d.splitCustomers(w)
	d.fillMerged(w)
	d.writeHead(w)
	d.writeInput(w)
	d.writePlaces(w)
	d.writePrices(w)
	d.askNeeded()
	d.writeOnly(w)
	d.writeColumns(w)
	d.writeRegisters(w)
	d.writeIgnored(w)
	return w
}

// writeHead writes which files were read, as comments above the profile.
func (d *drafter) writeHead(w *draftWriter) {
	var read []string
	for _, t := range d.tables {
		name := strings.Join(t.files, ", ")
		if t.sheet != "" {
			name += ", sheet " + t.sheet
		}
		read = append(read, fmt.Sprintf("%s (%s)", name, countOf(t.count, "row")))
	}
	w.line("", "", fmt.Sprintf(msgDraftedFrom, strings.Join(read, "; ")))
	if d.lines.count > len(d.lines.rows) {
		w.line("", "", fmt.Sprintf(msgDraftFirstRows, len(d.lines.rows), d.lines.count))
	}
	if n := len(d.lines.above); n > 0 {
		w.line("", "", fmt.Sprintf(msgDraftAbove, countOf(n, "row")))
	}
	if n := len(d.lines.totals); n > 0 {
		w.line("", "", fmt.Sprintf(msgDraftTotals, countOf(n, "row"), d.lines.totals[0]))
	}
	stem := strings.TrimSuffix(d.lines.files[0], filepath.Ext(d.lines.files[0]))
	w.line("name", "name: "+yamlText(stem), "")
	for _, t := range d.left {
		d.askLeft(w, t)
	}
}

// askLeft asks about a table that is neither that of the lines nor a register.
func (d *drafter) askLeft(w *draftWriter, t *draftTable) {
	sheet := t.sheet != "" && t.files[0] == d.lines.files[0]
	if sheet && t.sameColumns(d.lines) {
		w.ask("registers", "", msgAskSameSheet, t.place(), oneLine(yamlText(t.sheet)))
		return
	}
	otherwise := msgAskLeaveFile
	if sheet {
		otherwise = msgAskNotRead
	}
	w.ask("registers", "", msgAskRegister, t.place(), oneLine(d.whereIs(t, t.files[0])), otherwise)
}

// writeInput writes how the file of the lines is read, as far as a run does not detect that by itself.
func (d *drafter) writeInput(w *draftWriter) {
	t := d.lines
	var parts, questions []string
	if t.sheets > 1 {
		parts = append(parts, "sheet: "+yamlText(t.sheet))
	}
	if t.headerless {
		parts = append(parts, "header_row: none", "headers: ["+strings.Join(t.headers(), ", ")+"]")
	}
	if t.sheet == "" {
		if t.declared || t.charset == charsetWindows1252 {
			parts = append(parts, "encoding: "+t.charset.String())
		}
		if t.declared {
			questions = append(questions, fmt.Sprintf(msgAskEncoding, t.charset))
		}
		if t.delimiter != 0 {
			parts = append(parts, "delimiter: "+yamlText(strings.Replace(string(t.delimiter), "\t", "tab", 1)))
		}
	}
	if n := t.footer(); n > 0 {
		parts = append(parts, fmt.Sprintf("skip_footer: %d", n))
		questions = append(questions,
			fmt.Sprintf(msgAskFooter, countOf(n, "row"), t.sparse[0].number,
				oneLine(shown(strings.Join(nonBlank(cellTexts(t.sparse[0].cells, len(t.sparse[0].cells))), "")))))
	}
	more, asked := d.marksOf()
	parts, questions = append(parts, more...), append(questions, asked...)
	if t.hidden > 0 {
		parts = append(parts, `hidden_rows: "?"`)
		questions = append(questions, fmt.Sprintf(msgAskHidden, countRows(t.hidden)))
	}
	if len(t.records) > 0 {
		questions = append(questions,
			fmt.Sprintf(msgAskKinds, t.records[0].number, oneLine(strings.Join(t.records[0].cells, ", "))))
	}
	if len(parts) > 0 || len(questions) > 0 {
		w.line("input", "input: {"+strings.Join(parts, ", ")+"}", "", questions...)
	}
}

// marksOf gives the decimal mark and the order of day and month of all used columns, as parts of input. Where the
// cells leave one of them open, it gives a question.
func (d *drafter) marksOf() (parts, questions []string) {
	marks := map[money.Mark]bool{}
	for _, c := range d.lines.columns {
		column, ok := billing.ColumnByName(c.use)
		if !ok || !column.Numeric() {
			continue
		}
		mark, decided := c.stats.mark()
		marks[mark] = true
		if open := c.stats.marks.either; !decided && open.row != 0 {
			questions = append(questions, fmt.Sprintf(msgAskDecimal, oneLine(open.value), oneLine(c.name)))
		}
	}
	delete(marks, 0)
	if len(questions) > 0 {
		parts, questions = append(parts, `decimal: "?"`), questions[:1]
	} else if len(marks) == 1 {
		for mark := range marks {
			parts = append(parts, fmt.Sprintf("decimal: %q", mark.String()))
		}
	}
	for _, c := range d.lines.columns {
		column, ok := billing.ColumnByName(c.use)
		e, open := &c.stats.order, c.stats.order.either
		if ok && column.Kind() == billing.Day && open.row != 0 && e.day.row == 0 && e.month.row == 0 {
			ask := fmt.Sprintf(msgAskDates, oneLine(open.value), oneLine(c.name), c.stats.separator)
			return append(parts, `dates: "?"`), append(questions, ask)
		}
	}
	return parts, questions
}
