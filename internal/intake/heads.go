package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// carry gives a line the cells of its head row.
func (t *madeRows) carry(r *row) {
	for i := range t.columns {
		if t.columns[i].fromHead {
			r.made[i], t.state[i] = t.head[i], true
			r.made[i].elsewhere = true
		}
	}
}

// agrees finds a line that says another order than its head row.
func (t *madeRows) agrees(r *row) error {
	for _, i := range t.headAlone {
		m, err := t.value(r, &t.columns[i])
		if err != nil {
			return err
		}
		says, head := strings.TrimSpace(m.cell.Text()), strings.TrimSpace(t.head[i].cell.Text())
		if says != "" && says != head && r.problem.Code == "" {
			r.problem = billing.NewProblem("row.head", says, "what",
				fmt.Sprintf("the row has %q under %s, and the head row of its order %q",
					shown(says), t.columns[i].from.references[0], shown(head)), "fix",
				"correct one of them, or empty the cell of the line")
		}
	}
	return nil
}

// billable finds a head row with a cell that is a line's: it would be left out of the order without a word.
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
		r.problem = billing.NewProblem("row.head", shows,
			"what",
			fmt.Sprintf("the row carries an order and has %q under %s, which is a line's", shown(shows), c.text),
			"fix", fmt.Sprintf("make a row of its own of it; if it is none, tell so in a formula for %s", c.known))
		t.carry(r)
		return nil
	}
	return nil
}

// takeHead keeps the order's cells of a head row. One that follows another adds to it, unless it says
// something else: then it begins another order, and the one before has no lines. With one that the profile
// leaves out go its lines. A hidden one that is passed over carries nothing.
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
	if r.problem.Code != "" { // whether its lines are left out cannot be told
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

// noHead keeps the rows after one that may be a head row from the order of the head row before.
func (t *madeRows) noHead() {
	clear(t.head)
	t.order.clear()
	t.headOut, t.headSure = false, false
}

// alone is the last head row, which no line followed. It is a record with a problem: a line may have been
// taken for a head row.
func (t *madeRows) alone() *row {
	r := &t.headRow
	t.pending = 0
	r.role = aLine
	r.problem = billing.NewProblem("row.head", "", "what", "the row carries an order, and no line follows it",
		"fix", "correct the row; if it is no order, let head or only tell so")
	return r
}

// noLine reports whether a row has nothing of a line where the profile gives it none, or says that it sums up
// others and has nothing else of a line.
func (t *madeRows) noLine(r *row) bool {
	has := func(c billing.Column) bool { return t.table.value(r, c) != "" }
	text, _ := t.table.totalText(r)
	says, _ := isTotalText(text)
	return says && !t.table.complete(r) || !t.given && !slices.ContainsFunc(ofLine(), has) &&
		!has(billing.ColDescription)
}

// setApart notes which columns are read from headers that only orders have, and from headers that only lines have.
func (f *File) setApart(d *derivation) {
	ofOrder, ofLine := map[int]bool{}, map[int]bool{}
	for i := range f.layout.columns {
		ofLine[i] = f.layout.columns[i].known != 0
	}
	for _, at := range d.filled {
		ofOrder[at] = true
	}
	for _, b := range []*bound{d.only, d.head} { // which are of both
		if b == nil {
			continue
		}
		for _, o := range b.origins {
			if o.join < 0 {
				ofOrder[o.at], ofLine[o.at] = true, true
			}
		}
	}
	for _, m := range d.columns {
		for _, o := range m.from.origins {
			if o.join < 0 && m.fromHead {
				ofOrder[o.at] = true
			} else if o.join < 0 {
				ofLine[o.at] = true
			}
		}
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
