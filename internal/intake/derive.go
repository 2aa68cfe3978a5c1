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

// role is what a row of the table is.
type role uint8

const (
	aLine     role = iota // or a blank row, a total, a footer
	aHead                 // carries the order of the rows after it
	aRegister             // belongs to a register
	leftOut               // by the profile's only
)

// made is a cell that the profile makes of others, and what its making told.
type made struct {
	cell       cell
	problem    billing.Problem      // without a code: none
	currencies []money.CurrencyWord // that stood with the numbers of a formula
	elsewhere  bool                 // the row itself has none: it is the cell above, or one of the head row
}

// derivation is how the profile makes cells of others: by texts, formulas and registers, from head rows and
// from the rows above.
type derivation struct {
	header     []string
	table      *layout
	columns    []making // of layout.made, in its order
	only, head *bound
	joins      []join

	filled      []int            // columns of the table whose cells are filled down
	decisive    []int            // those by whose cells lines decide
	linesFilled []int            // made columns of lines that are filled down
	identity    []billing.Column // that tell one order from another
	given       bool             // the profile gives lines a text or a price
	commas      bool             // numbers of the table have decimal commas, noted where formulas read hours
	dates       string           // the form of dates that the profile declares
	partly      bool             // the profile takes the cells of an order's first row for that row's own
	headAlone   []int            // made columns of head rows, whose headers no line's column is read from
	lineAlone   []int            // columns of lines, whose headers no order's column is read from
}

// making is how one made column gets its cells.
type making struct {
	known     billing.Column
	target    billing.Kind // what its cells are read as
	from      bound
	fromHead  bool
	fill      bool
	key       bool // what a register is looked up by
	otherwise bool // the profile has a default for empty cells
	tells     bool // its cells tell how the table is read
}

// bound is an expression whose references are found.
type bound struct {
	*Expression
	origins   []origin
	converted []int // references of which the formula makes another currency, as the profile says
}

// origin is where a reference's cell stands: in a register, or in the row itself where join is negative.
type origin struct{ join, at int }

// join is a register and how the rows of the table find theirs.
type join struct {
	*Register
	by    bound
	col   int    // index of the column that holds the key, where there is no by; -1 for none
	value string // the key of every row, where a constant gives it
	in    *bound // which rows of the table itself belong to it

	ofOrder bool // its rows are the order's: a column of the order is read from it, or looks it up
}

// madeRows gives rows with their made cells and roles.
type madeRows struct {
	in rowReader
	*derivation
	machine    vm.VM
	now        evaluation
	head       []made               // of the order that the last head row carries, by column
	above      []made               // the last cells that were not empty, by column
	order      orderCells           // of the row
	suspended  map[uint64]suspended // by the hash of the cells that tell an order
	shared     map[string]*[]cell   // of those
	cellsText  []byte               // of the last shared ones
	says       []string             // the cells that tell the order which those above belong to, as identity
	identified bool                 // the row's were made
	state      []bool               // by column: the cell is there
	found      []lookup
	room       []*cell              // for the cells of the row's expressions
	surveying  bool                 // made cells that do not tell how the table is read may be left out
	rolesAlone bool                 // no cells are made
	outBefore  leaving              // the row before, where the profile leaves it out
	decided    map[uint64]decisions // by the hash of an order's reference
	seed       maphash.Seed
	pending    int  // the last head row, while no line has followed it
	headOut    bool // the order of the last head row is left out
	headSure   bool // that head row had all cells by which only decides
	headRow    row  // a copy of that head row
	begins     bool // the last head row began an order
	ended      bool
	held       *row // was read before a head row was found to have no line
}

func (d *derivation) rows(in rowReader) *madeRows {
	return &madeRows{
		in: in, derivation: d, now: evaluation{env: map[string]any{}}, decided: map[uint64]decisions{},
		seed: maphash.MakeSeed(),
		head: make([]made, len(d.columns)), above: make([]made, len(d.columns)), state: make([]bool, len(d.columns)),
		found: make([]lookup, len(d.joins)), says: make([]string, len(d.identity)),
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

// read gives the rows of the table, and io.EOF again behind the last.
func (t *madeRows) read() (*row, error) {
	if t.ended {
		return nil, io.EOF
	}
	r, err := t.in.next()
	t.ended = errors.Is(err, io.EOF)
	return r, err
}

// derive tells what a row is and makes its cells. The error is one of reading a register.
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
					r.role, r.problem = aLine,
						in.untold(&valueError{fmt.Sprintf(msgRegisterLine, t.joins[i].Name), hintRegisterLine})
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
		if is && t.rolesAlone {
			r.role = aHead
			return nil
		}
		if is {
			return t.takeHead(r)
		}
		t.pending = 0
		if r.problem.Code != "" { // the rows after it may belong to another order than that of the head before
			t.noHead()
		}
		clear(t.found) // what the row would be looked up by as a head row
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

// isLineToo reports whether a row has what makes a line under columns that are read as they stand. Without a
// header a column is another one in each kind of row.
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

// truth is whether a formula holds on a row. Where it has no value the row is a line with a problem.
func (t *madeRows) truth(r *row, of *bound) (bool, error) {
	cells, err := t.cells(r, of)
	if missing, ok := errors.AsType[*keyError](err); ok {
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

// holds is whether a formula holds for cells. The error tells why it has no value.
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

// untold is the problem of a row on which a formula has no value.
func (b *bound) untold(e *valueError) billing.Problem {
	return billing.NewProblem("row.formula", "", "formula", strings.TrimSpace(b.text), "why", e.message, "fix",
		cmp.Or(e.hint, hintFormulaCell))
}

// asValueError is why a formula has no value, with the hint if there is one.
func asValueError(err error) *valueError {
	if e, ok := errors.AsType[*valueError](err); ok {
		return e
	}
	return &valueError{err.Error(), ""}
}

// cells are those that an expression refers to.
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

// borrow gives room for the cells of one expression, whose evaluation may need another's.
func (t *madeRows) borrow(n int) []*cell {
	if len(t.room)+n > cap(t.room) {
		t.room = make([]*cell, 0, max(n, 64))
	}
	at := len(t.room)
	t.room = t.room[:at+n]
	return t.room[at : at+n : at+n]
}

var nothing cell //nolint:gochecknoglobals // an empty cell, which nobody changes
