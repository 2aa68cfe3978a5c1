package intake

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"

	"github.com/expr-lang/expr/vm"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// madeBase is the index of the first made column; those of the table come before.
const madeBase = maxColumns

// role is what a row of the table is for.
type role uint8

const (
	aLine     role = iota // a line; also a blank row, a total or a footer, which others sort out
	aHead                 // carries the order of the rows after it
	aRegister             // belongs to a register
	leftOut               // is left out by the profile's only
)

// made is a cell that the profile makes of others, and what was found while making it.
type made struct {
	cell       cell
	problem    billing.Problem      // why it could not be made; without a code: none
	currencies []money.CurrencyWord // beside the numbers that a formula read
	elsewhere  bool                 // it is of a row above or of the head row, and not of the row itself
}

// derivation says how the profile makes cells of others. It does not change while rows are read.
type derivation struct {
	header     []string
	table      *layout
	columns    []making // of layout.made, in its order
	only, head *bound
	joins      []join

	filled      []int            // columns of the table whose cells are filled down
	decisive    []int            // columns of the table whose cells decide what a line is, or look a register up
	linesFilled []int            // made columns of lines that are filled down
	identity    []billing.Column // columns by which orders differ
	given       bool             // the profile gives lines a text or a price by a constant or default
	commas      bool             // numbers of the table have decimal commas; noted only where formulas read hours
	dates       string           // the form of dates that the profile declares
	partly      bool             // the profile lowers row.first_row: a cell of an order's first row is that row's own
	headAlone   []int            // made columns of head rows whose headers no column of lines uses
	lineAlone   []int            // columns of lines whose headers no column of the order uses
}

// making is how one made column gets its cells.
type making struct {
	known     billing.Column
	target    billing.Kind // what its cells are read as
	from      bound
	fromHead  bool
	fill      bool
	key       bool // it looks up a register
	otherwise bool // the profile has a default for empty cells
	tells     bool // its cells are needed to find out how the table is read
}

// bound is an expression with the places of its references.
type bound struct {
	*Expression
	origins   []origin
	converted []int // references in another currency, which the formula converts
}

// origin is the place of a reference: column at of the register join, or of the row itself where join is negative.
type origin struct{ join, at int }

// join is a register and how the rows of the table find theirs.
type join struct {
	*Register
	by    bound
	col   int    // index of the column with the key, where there is no by; -1 for none
	value string // the key of every row, by a constant; or of rows with an empty one, by a default
	in    *bound // which rows of the table itself belong to it

	ofOrder bool // all lines of an order have the same row of it: a column of the order is read from it, or is its key
}

// madeRows adds roles and made cells to rows. It must see all rows in their order: earlier cells count for later rows.
type madeRows struct {
	in rowReader
	*derivation
	machine    vm.VM
	now        evaluation
	head       []made               // cells of the last head row, by made column
	above      []made               // the last cells that were not empty, by made column
	order      orderCells           // of the row's order
	suspended  map[uint64]suspended // orders that others interrupted, by the hash of their identity
	shared     map[string]*[]cell   // the cells of suspended orders, by their content
	cellsText  []byte               // buffer for that content
	says       []string             // the identity of the order that above belongs to, in the order of identity
	identified bool                 // the row's identity was compared with says
	state      []bool               // by made column: the row's cell is made
	found      []lookup
	room       []*cell              // buffer for the cells of the row's expressions
	surveying  bool                 // only cells that tell how the table is read are made
	rolesAlone bool                 // no cells are made
	outBefore  leaving              // the row before, where the profile leaves it out
	decided    map[uint64]decisions // by the hash of an order's reference
	seed       maphash.Seed
	pending    int  // number of the last head row while no line has followed it, else 0
	headOut    bool // the order of the last head row is left out
	headSure   bool // that head row had all cells by which only decides
	headRow    row  // a copy of that head row
	begins     bool // the last head row began an order
	ended      bool
	held       *row // was read already when a head row turned out to have no line
}

func (d *derivation) rows(in rowReader) *madeRows {
	return &madeRows{
		in: in, derivation: d, now: evaluation{env: map[string]any{}}, decided: map[uint64]decisions{},
		seed: maphash.MakeSeed(), head: make([]made, len(d.columns)), above: make([]made, len(d.columns)),
		state: make([]bool, len(d.columns)), found: make([]lookup, len(d.joins)), says: make([]string, len(d.identity)),
		order: d.noCells(), suspended: map[uint64]suspended{}, shared: map[string]*[]cell{},
	}
}

func (t *madeRows) next() (*row, error) {
	if r := t.held; r != nil {
		if t.held = nil; r.role == aHead {
			t.headRow.copyFrom(r)
		}
		return r, nil
	}
	r, err := t.read()
	if errors.Is(err, io.EOF) && t.pending > 0 && !t.headOut {
		return t.alone(), nil
	}
	if err != nil {
		return nil, err
	}
	r.role, r.problem = aLine, billing.Problem{}
	r.made = slices.Grow(r.made[:0], len(t.columns))[:len(t.columns)]
	clear(r.made)
	if r.blank() || isHeader(r, t.header) {
		return r, nil
	}
	lineless := t.pending > 0 && !t.headOut
	if err := t.derive(r); err != nil {
		return nil, err
	}
	if lineless && (r.role == aHead && t.begins || r.role == aLine && t.noLine(r)) {
		t.held = r
		next := t.pending
		before := t.alone()
		t.pending = next
		return before, nil
	}
	if r.role == aHead {
		t.headRow.copyFrom(r)
	}
	return r, nil
}

// read gives the next row of the table. After the last it gives io.EOF any number of times.
func (t *madeRows) read() (*row, error) {
	if t.ended {
		return nil, io.EOF
	}
	r, err := t.in.next()
	t.ended = errors.Is(err, io.EOF)
	return r, err
}

// derive decides a row's role and makes its cells. What is wrong becomes its problem; errors are those of registers.
func (t *madeRows) derive(r *row) error {
	clear(t.state)
	clear(t.found)
	t.identified = false
	t.room = t.room[:0]
	for i := range t.joins {
		if in := t.joins[i].in; in != nil {
			if is, err := t.truth(r, in); err != nil || is {
				r.role = aRegister
				if t.isLineToo(r) {
					why := fmt.Sprintf(msgRegisterLine, t.joins[i].Name)
					r.role, r.problem = aLine, in.untold(&valueError{why, hintRegisterLine})
				}
				return err
			}
		}
	}
	if t.derivation.head != nil {
		is, err := t.truth(r, t.derivation.head)
		if err != nil {
			return err
		}
		switch {
		case is && t.rolesAlone:
			r.role = aHead
			return nil
		case is:
			return t.takeHead(r)
		}
		t.pending = 0
		if r.problem.Code != "" { // it may be a head row: the rows after it may not belong to the order before
			t.noHead()
		}
		clear(t.found) // the look-ups of head were those of a head row
	}
	t.carry(r)
	if t.derivation.head == nil && t.byOrder() {
		if err := t.identify(r); err != nil {
			return err
		}
	}
	out, err := t.leavesOut(r)
	if err != nil {
		return err
	}
	if out || t.headOut && r.problem.Code == "" {
		r.role = leftOut
	}
	if t.rolesAlone {
		return nil
	}
	if err := t.agrees(r); err != nil {
		return err
	}
	for i := range t.columns {
		if t.surveying && !t.columns[i].tells && t.table.made[i].sample.Kind != 0 {
			continue
		}
		if err := t.make(r, i); err != nil {
			return err
		}
	}
	t.noteRow(r)
	return t.follows(r)
}

// isLineToo reports whether a register's row also has a description, an amount and VAT: only may take a line by
// mistake, which would not be billed. Without a header a column means something else in each kind of row: false.
func (t *madeRows) isLineToo(r *row) bool {
	has := func(c billing.Column) bool {
		at := t.table.index(c)
		return at >= 0 && at < madeBase && !saysNothing(r.cellAt(at))
	}
	taxed := has(billing.ColVAT) || t.table.index(billing.ColVAT) < 0 && has(billing.ColOrderReference)
	priced := func(c billing.Column) bool {
		at := t.table.index(c)
		return has(c) && !t.table.column(at).zero(r.cellAt(at))
	}
	return !t.table.given && has(billing.ColDescription) && taxed &&
		(priced(billing.ColAmount) || priced(billing.ColUnitPrice))
}

// truth is whether a formula is true on a row. Where it has no value, the row stays a line, with a problem.
func (t *madeRows) truth(r *row, of *bound) (bool, error) {
	cells, err := t.cells(r, of)
	if missing, ok := errors.AsType[*problemError](err); ok {
		r.problem = of.untold(&valueError{missing.Message, missing.Hint})
		return false, nil
	}
	if err != nil {
		return false, err
	}
	is, failed := t.holds(of, cells)
	if failed != nil {
		r.problem = of.untold(asValueError(failed))
	}
	return is, nil
}

// holds is whether a formula is true for cells. The error is why it has no value.
func (t *madeRows) holds(of *bound, cells []*cell) (bool, error) {
	if err := unclear(of, cells); err != nil {
		return false, err
	}
	value, err := t.run(of, "", cells)
	if err != nil {
		return false, err
	}
	is, ok := value.(bool)
	if !ok {
		return false, &valueError{msgFormulaNeither, hintFormula}
	}
	return is, nil
}

// untold is the problem of a row on which the formula has no value.
func (b *bound) untold(e *valueError) billing.Problem {
	return billing.NewProblem("row.formula", "", "formula", strings.TrimSpace(b.text), "why", e.message, "fix",
		cmp.Or(e.hint, hintFormulaCell))
}

// asValueError makes a *valueError of any error, and keeps its hint.
func asValueError(err error) *valueError {
	if e, ok := errors.AsType[*valueError](err); ok {
		return e
	}
	return &valueError{err.Error(), ""}
}

// cells are the cells of an expression's references on a row. A register without a row for it gives empty cells.
func (t *madeRows) cells(r *row, of *bound) ([]*cell, error) {
	cells := t.borrow(len(of.origins))
	for i, s := range of.origins {
		if s.join < 0 {
			cells[i] = t.cellOf(r, s.at)
			continue
		}
		found, err := t.look(r, s.join)
		if err != nil {
			return nil, err
		}
		cells[i] = &nothing
		if found != nil {
			cells[i] = &found[s.at]
		}
	}
	return cells, nil
}

// borrow gives a slice for an expression's cells, valid until the next row: one expression may evaluate others.
func (t *madeRows) borrow(n int) []*cell {
	if len(t.room)+n > cap(t.room) {
		t.room = make([]*cell, 0, max(n, 64))
	}
	at := len(t.room)
	t.room = t.room[:at+n]
	return t.room[at : at+n : at+n]
}

var nothing cell //nolint:gochecknoglobals // an empty cell, never changed
