package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// Some exports have a row for each order, the head row, and its lines after it. The profile's formula head tells
// which rows are head rows. This file carries the order's cells down to its lines.

// carry gives a line the cells of its head row.
func (t *madeRows) carry(r *row) {
	for i := range t.columns {
		if t.columns[i].fromHead {
			r.made[i], t.state[i] = t.head[i], true
			r.made[i].elsewhere = true
		}
	}
}

// agrees finds a line that names another order than its head row does. The line gets a problem.
func (t *madeRows) agrees(r *row) error {
	for _, i := range t.headAlone {
		m, err := t.value(r, &t.columns[i])
		if err != nil {
			return err
		}
		says, head := strings.TrimSpace(m.cell.Text()), strings.TrimSpace(t.head[i].cell.Text())
		if says != "" && says != head && r.problem.Code == "" {
			what := fmt.Sprintf(msgOtherHead, shown(says), t.columns[i].from.references[0], shown(head))
			r.problem = billing.NewProblem("row.head", says, "what", what, "fix", hintOtherHead)
		}
	}
	return nil
}

// billable finds a head row with a cell that only lines have. Otherwise that cell would silently not be billed. The
// row becomes a line with a problem.
func (t *madeRows) billable(r *row) error {
	for _, i := range t.lineAlone {
		if i >= madeBase {
			if err := t.make(r, i-madeBase); err != nil {
				return err
			}
		}
		c := t.table.column(i)
		shows := strings.TrimSpace(r.cellAt(i).Text())
		if shows == "" || c.numeric() && c.zero(r.cellAt(i)) {
			continue
		}
		r.role, t.pending = aLine, 0
		what := fmt.Sprintf(msgHeadHasLine, shown(shows), c.text)
		r.problem = billing.NewProblem("row.head", shows, "what", what, "fix", fmt.Sprintf(hintHeadHasLine, c.known))
		t.carry(r)
		return nil
	}
	return nil
}

// takeHead keeps the order's cells of a head row. A head row right after another adds to it, unless a cell differs:
// then it begins another order, and the earlier one has no lines. If the profile leaves a head row out, its lines
// are left out too. A hidden head row that is skipped carries nothing.
func (t *madeRows) takeHead(r *row) error {
	r.role, t.outBefore = aHead, leaving{}
	adds := t.pending > 0
	for i := range t.columns {
		if !t.columns[i].fromHead {
			continue
		}
		if err := t.make(r, i); err != nil {
			return err
		}
		adds = adds && (r.made[i].empty() || t.head[i].empty() || r.made[i].cell == t.head[i].cell)
	}
	if t.begins = !adds; t.begins {
		t.noHead()
	}
	out, err := t.leavesOut(r)
	if err != nil {
		return err
	}
	if r.problem.Code != "" { // it is not known whether its lines are left out
		r.role, t.pending = aLine, 0
		t.noHead()
		return nil
	}
	t.headOut = t.headOut || out
	if t.only != nil {
		empty, _, err := t.undecided(r)
		if err != nil {
			return err
		}
		t.headSure = t.headSure || empty == ""
	}
	for i := range t.columns {
		if t.columns[i].fromHead && !r.made[i].empty() && (!r.hidden || !t.table.skipHidden) {
			t.head[i] = r.made[i]
		}
	}
	if err := t.noteHead(r); err != nil {
		return err
	}
	t.pending = r.number
	return t.billable(r)
}

// noHead forgets the current head row, so that no later row gets the cells of a wrong order.
func (t *madeRows) noHead() {
	clear(t.head)
	t.order.clear()
	t.headOut, t.headSure = false, false
}

// alone is the last head row if no line followed it. It becomes a record with a problem, because a line may have
// been mistaken for a head row.
func (t *madeRows) alone() *row {
	r := &t.headRow
	t.pending = 0
	r.role = aLine
	r.problem = billing.NewProblem("row.head", "", "what", msgHeadAlone, "fix", hintHeadAlone)
	return r
}

// noLine reports whether a row has nothing that makes a line, from its own cells or from the profile, or is a total
// that has nothing else of a line.
func (t *madeRows) noLine(r *row) bool {
	has := func(c billing.Column) bool { return t.table.value(r, c) != "" }
	text, _ := t.table.totalText(r)
	says, _ := isTotalText(text)
	return says && !t.table.complete(r) || !t.given && !slices.ContainsFunc(ofLine(), has) &&
		!has(billing.ColDescription)
}

// setApart notes which columns only head rows have, and which only lines have. billable and agrees compare them.
func (f *File) setApart(d *derivation) {
	ofOrder, ofLine := map[int]bool{}, map[int]bool{}
	for i := range f.layout.columns {
		ofLine[i] = f.layout.columns[i].known != 0
	}
	for _, at := range d.filled {
		ofOrder[at] = true
	}
	reads := func(b *bound, order, line bool) {
		for _, o := range b.origins {
			if o.join < 0 {
				ofOrder[o.at], ofLine[o.at] = ofOrder[o.at] || order, ofLine[o.at] || line
			}
		}
	}
	for _, b := range []*bound{d.only, d.head} {
		if b != nil {
			reads(b, true, true) // these formulas read cells of both kinds of rows
		}
	}
	for i := range d.columns {
		reads(&d.columns[i].from, d.columns[i].fromHead, !d.columns[i].fromHead)
	}
	apart := func(m *making, other map[int]bool) bool {
		shared := func(o origin) bool { return o.join >= 0 || other[o.at] }
		return !m.fill && len(m.from.origins) > 0 && !slices.ContainsFunc(m.from.origins, shared)
	}
	for i := range f.layout.columns {
		if f.layout.columns[i].known != 0 && !ofOrder[i] {
			d.lineAlone = append(d.lineAlone, i)
		}
	}
	for i := range d.columns {
		switch m := &d.columns[i]; {
		case m.fromHead && apart(m, ofLine):
			d.headAlone = append(d.headAlone, i)
		case !m.fromHead && apart(m, ofOrder):
			d.lineAlone = append(d.lineAlone, madeBase+i)
		}
	}
}
