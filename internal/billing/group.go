package billing

import (
	"cmp"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync"

	"kraviabatch/internal/fault"
)

// Group is the rows of one merchant reference in input order, and the order that they make. The order is nil if one of
// the rows has a problem of severity Error. A row without a reference is a group of its own.
type Group struct {
	Reference string
	Order     *Order
	Rows      []Row
	debtor    *Address // the customer of a grouped invoice, nil for other products
	run       int      // ordinal of the first record whose reference has the same hash
}

// Grouper collects records and gives back orders. In memory it keeps 24 bytes for each record (more while the index
// grows without Grow), and about 40 bytes for each business with grouped invoices and, if orders are split, for each
// order. The records themselves go to the scratch storage once they take more than 24 MiB.
type Grouper struct {
	batch  batchContext
	spool  *spool
	index  []position
	sorted bool // the index is in the order of runs
	// what Add encodes into, again and again
	encoded []byte
}

// position is where a record is in the spool. A run is the records with equal keys. The key is the hash of the
// reference (the record's own ordinal if it has none); once the index is sorted, the ordinal of the run's first record.
type position struct {
	key     uint64
	at      int64
	ordinal int
}

// NewGrouper makes a grouper. [Rules.Lint] must have accepted the rules, and the scratch storage must be empty.
func NewGrouper(rules *Rules, scratch Scratch) *Grouper {
	return &Grouper{batch: newBatchContext(rules), spool: newSpool(scratch)}
}

// AddTable starts a table: the records that follow come from it.
func (g *Grouper) AddTable(t Table) { g.batch.tables = append(g.batch.tables, t) }

// Grow makes room for so many more records; it is worth a call if their number is known.
func (g *Grouper) Grow(records int) { g.index = slices.Grow(g.index, records) }

// Tables are the tables in the order they were added.
func (g *Grouper) Tables() []Table { return g.batch.tables }

var errNoTable = errors.New(msgNoTable)

// Add takes the next record of the current table. It fails if the scratch storage does, or if there is no table.
func (g *Grouper) Add(rec Record) error {
	if len(g.batch.tables) == 0 {
		return errNoTable
	}
	reference := g.batch.prepare(&rec)
	ordinal := len(g.index)
	key := uint64(ordinal)
	if reference != "" {
		key = g.batch.key(reference)
	}
	g.encoded = g.appendRecord(g.encoded[:0], &rec, ordinal)
	at, err := g.spool.put(g.encoded)
	if err != nil {
		return err
	}
	g.index = append(g.index, position{key, at, ordinal})
	return nil
}

// Groups gives every group once, in the order of the groups' first rows. Every record that was added is in exactly one
// row of one group. Workers check portions of records at the same time; the order of the groups does not depend on
// them. No record may be added afterwards. Groups can be called again, and gives the same.
func (g *Grouper) Groups() iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		var workers sync.WaitGroup
		defer workers.Wait()
		most := runtime.GOMAXPROCS(0) + portionsAhead
		work := make(chan *portion, most) // has room for every portion that is being checked
		defer close(work)
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() { g.check(work) })
		}
		seen := newDebtors(g)
		give := func(p *portion) bool {
			<-p.checked
			for _, group := range p.groups {
				err := seen.compare(&group)
				if !yield(group, err) || err != nil {
					return false
				}
			}
			return p.err == nil || yield(Group{}, p.err) && false
		}
		var ahead []*portion
		for p := range g.portions() {
			work <- p
			if ahead = append(ahead, p); len(ahead) < most {
				continue
			}
			if !give(ahead[0]) {
				return
			}
			ahead = ahead[1:]
		}
		for _, p := range ahead {
			if !give(p) {
				return
			}
		}
	}
}

const (
	portionRecords = 512 // how many records one worker checks at a time
	portionsAhead  = 2   // how many portions wait beyond one for each worker
)

// portion is some runs of records that are checked together.
type portion struct {
	parts   []part
	groups  []Group
	err     error         // what stopped the checks after groups
	checked chan struct{} // closed when groups are there
}

// part is the records of one run, or as many of them as are in memory at once.
type part struct {
	positions []position
	run       int // see Group
	size      int // how many records the run has in all
}

// portions gives the records of every run, in order.
func (g *Grouper) portions() iter.Seq[*portion] {
	return func(yield func(*portion) bool) {
		p, records := &portion{checked: make(chan struct{})}, 0
		for same := range g.runs() {
			for positions := range slices.Chunk(same, maxOrderRows) {
				p.parts = append(p.parts, part{positions, same[0].ordinal, len(same)})
				if records += len(positions); records < portionRecords {
					continue
				}
				if !yield(p) {
					return
				}
				p, records = &portion{checked: make(chan struct{})}, 0
			}
		}
		yield(p)
	}
}

// check makes the groups of the portions that it receives, until work is closed.
func (g *Grouper) check(work <-chan *portion) {
	from, c := g.spool.newReader(), &builder{}
	var records []spooled // of one part at a time
	for p := range work {
		p.err = fault.Run(func() error {
			for _, part := range p.parts {
				var err error
				if records, err = g.load(&from, part.positions, records[:0]); err != nil {
					return err
				}
				for _, group := range g.batch.assemble(c, records, part.size) {
					group.run = part.run
					p.groups = append(p.groups, group)
				}
			}
			return nil
		})
		close(p.checked)
	}
}

// runs gives the runs in the order of their first records.
func (g *Grouper) runs() iter.Seq[[]position] {
	return func(yield func([]position) bool) {
		g.sort()
		for start := 0; start < len(g.index); {
			same := g.run(start)
			if !yield(same) {
				return
			}
			start += len(same)
		}
	}
}

// run is the run that begins at index start.
func (g *Grouper) run(start int) []position {
	end := start + 1
	for end < len(g.index) && g.index[end].key == g.index[start].key {
		end++
	}
	return g.index[start:end]
}

// sort brings the records of each run together, and the runs into the order of their first records. It works in place:
// if every record is an order, a list of the runs would take as much memory as the index.
func (g *Grouper) sort() {
	if g.sorted {
		return
	}
	byKey := func(a, b position) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return a.ordinal - b.ordinal
	}
	slices.SortFunc(g.index, byKey)
	for start := 0; start < len(g.index); {
		same := g.run(start)
		for i := range same {
			same[i].key = uint64(same[0].ordinal) //nolint:gosec // G115: an index
		}
		start += len(same)
	}
	slices.SortFunc(g.index, byKey)
	g.sorted = true
}

// load reads records from the spool and appends them to the list.
func (g *Grouper) load(from *reader, positions []position, records []spooled) ([]spooled, error) {
	for _, p := range positions {
		data, err := from.get(p.at)
		if err != nil {
			return records, err
		}
		records = append(records, spooled{})
		if err := g.decode(data, &records[len(records)-1]); err != nil {
			return records, err
		}
	}
	return records, nil
}
