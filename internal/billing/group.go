package billing

import (
	"cmp"
	"errors"
	"hash/maphash"
	"iter"
	"runtime"
	"slices"
	"sync"

	"kraviabatch/internal/fault"
)

// Group is one merchant reference: its rows in input order, and the order that they make, nil when a
// problem of severity Error stands in the way. A row without a reference is a group of its own.
type Group struct {
	Reference string
	Order     *Order
	Rows      []Row
	debtor    *Address // of a grouped invoice
}

// Grouper gathers records and gives back orders. It keeps 24 bytes of memory for each record; the
// records themselves are in the scratch storage.
type Grouper struct {
	rules   *Rules
	tables  []Table
	spool   *spool
	seed    maphash.Seed
	index   []position
	encoded []byte
}

// position is where a record stands in the spool, with the hash of its reference.
type position struct {
	hash    uint64
	at      int64
	ordinal int
}

// NewGrouper makes a grouper; rules must be linted. The scratch storage must be empty.
func NewGrouper(rules *Rules, scratch Scratch) *Grouper {
	return &Grouper{rules: rules, spool: newSpool(scratch), seed: maphash.MakeSeed()}
}

// AddTable starts a table: the records that follow come from it.
func (g *Grouper) AddTable(t Table) { g.tables = append(g.tables, t) }

// Tables are the tables in the order they were added.
func (g *Grouper) Tables() []Table { return g.tables }

// Add takes the next record of the current table.
func (g *Grouper) Add(rec Record) error {
	g.rules.prepare(&rec)
	reference, _ := g.rules.referenceOf(&rec)
	ordinal := len(g.index)
	hash := uint64(ordinal)
	if reference != "" {
		hash = maphash.String(g.seed, reference)
	}
	g.encoded = appendRecord(g.encoded[:0], &rec, len(g.tables)-1, ordinal)
	at, err := g.spool.put(g.encoded)
	if err != nil {
		return err
	}
	g.index = append(g.index, position{hash, at, ordinal})
	return nil
}

// Groups gives every group once, in the order of the groups' first rows. Every record that was added is in
// exactly one row of one group. No record may be added afterwards. It can be called again.
func (g *Grouper) Groups() iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		stop := make(chan struct{})
		work := make(chan *portion)
		ordered := make(chan *portion, portionsAhead)
		var workers sync.WaitGroup
		workers.Go(func() { g.loadAll(work, ordered, stop) })
		for range runtime.GOMAXPROCS(0) {
			workers.Go(func() {
				for p := range work {
					p.check(g.rules)
				}
			})
		}
		defer workers.Wait()
		defer close(stop)
		seen := debtors{}
		for p := range ordered {
			<-p.checked
			for _, group := range p.groups {
				g.rules.settleDebtor(&group, seen)
				if !yield(group, nil) {
					return
				}
			}
			if p.err != nil {
				yield(Group{}, p.err)
				return
			}
		}
	}
}

const (
	portionRecords = 512 // checked at a time by one worker
	portionsAhead  = 4
)

// portion is some runs of records on their way through the checks.
type portion struct {
	runs    []loaded
	records int
	err     error // of loading what comes after runs
	groups  []Group
	checked chan struct{} // closed when groups are there
}

// loaded is the records of one hash, or as many of them as are held at once.
type loaded struct {
	records []spooled
	size    int // how many there are in all
}

func (p *portion) check(rules *Rules) {
	defer close(p.checked)
	failed := fault.Run(func() error {
		for _, l := range p.runs {
			p.groups = append(p.groups, rules.assemble(l.records, l.size)...)
		}
		return nil
	})
	p.runs, p.err = nil, errors.Join(failed, p.err)
}

// loadAll reads the records of every run and hands them on in portions, in order.
func (g *Grouper) loadAll(work, ordered chan<- *portion, stop <-chan struct{}) {
	defer close(work)
	defer close(ordered)
	p := &portion{checked: make(chan struct{})}
	flush := func() bool {
		for _, to := range []chan<- *portion{ordered, work} {
			select {
			case to <- p:
			case <-stop:
				return false
			}
		}
		p = &portion{checked: make(chan struct{})}
		return true
	}
	stopped := false
	failed := fault.Run(func() error {
		for _, same := range g.runs() {
			for chunk := range slices.Chunk(same, maxOrderRows) {
				records, err := g.load(chunk)
				if err != nil {
					return err
				}
				p.runs = append(p.runs, loaded{records, len(same)})
				if p.records += len(records); p.records >= portionRecords && !flush() {
					stopped = true
					return nil
				}
			}
		}
		return nil
	})
	if !stopped {
		p.err = failed
		flush()
	}
}

// runs are the index entries with equal hashes, ordered by their first record.
func (g *Grouper) runs() [][]position {
	slices.SortFunc(g.index, func(a, b position) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.ordinal, b.ordinal))
	})
	var runs [][]position
	for start := 0; start < len(g.index); {
		end := start + 1
		for end < len(g.index) && g.index[end].hash == g.index[start].hash {
			end++
		}
		runs = append(runs, g.index[start:end])
		start = end
	}
	slices.SortFunc(runs, func(a, b []position) int { return cmp.Compare(a[0].ordinal, b[0].ordinal) })
	return runs
}

func (g *Grouper) load(positions []position) ([]spooled, error) {
	records := make([]spooled, len(positions))
	for i, p := range positions {
		data, err := g.spool.get(p.at)
		if err != nil {
			return nil, err
		}
		records[i], err = decodeRecord(data)
		if err != nil {
			return nil, err
		}
		t := g.tables[records[i].table]
		records[i].File, records[i].Sheet = t.File, t.Sheet
		for k := range records[i].Problems {
			records[i].Problems[k].Place = records[i].Place
		}
	}
	return records, nil
}
