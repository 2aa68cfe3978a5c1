package billing

import (
	"cmp"
	"slices"
	"strconv"
)

// debtors compares how the customers of grouped invoices are written. The provider puts the orders of a business on one
// invoice only if name and customer reference are equal. In memory it keeps two hashes and a number for each business;
// if a later order differs, it reads the first one again from the records.
type debtors struct {
	grouper *Grouper
	records reader
	first   map[uint64]debtor // by the hash of country and organization number
}

// debtor is the first order of a business.
type debtor struct {
	written uint64 // hash of name and customer reference
	run     int    // see Group
}

// newDebtors must be called after all records are in the spool.
func newDebtors(g *Grouper) *debtors {
	return &debtors{grouper: g, records: g.spool.newReader(), first: map[uint64]debtor{}}
}

// debtor is the address that decides how grouped invoices are grouped, nil for other products.
func (c *builder) debtor() *Address {
	if c.order.Product != B2BGrouped || c.order.Address.OrganizationNumber == "" {
		return nil
	}
	return &c.order.Address
}

// compare reports in a grouped invoice's group what it writes differently from the first order of its business. The
// error is one of reading.
func (d *debtors) compare(g *Group) error {
	a := g.debtor
	if a == nil {
		return nil
	}
	seed := d.grouper.batch.seed
	key, written := hashOf(seed, a.Country, a.OrganizationNumber), hashOf(seed, a.BusinessName, a.CustomerReference)
	before, ok := d.first[key]
	if !ok {
		d.first[key] = debtor{written, g.run}
	}
	if !ok || before.written == written {
		return nil
	}
	groups, err := d.grouper.groupsOf(&d.records, before.run)
	i := slices.IndexFunc(groups, func(first Group) bool {
		b := first.debtor
		return b != nil && b.Country == a.Country && b.OrganizationNumber == a.OrganizationNumber
	})
	if err != nil || i < 0 {
		return err
	}
	d.grouper.batch.compareDebtor(g, &groups[i])
	return nil
}

// groupsOf makes the groups of a run again.
func (g *Grouper) groupsOf(from *reader, run int) ([]Group, error) {
	key := uint64(run) //nolint:gosec // G115: an index
	start, _ := slices.BinarySearchFunc(g.index, key, func(p position, key uint64) int {
		return cmp.Compare(p.key, key)
	})
	same := g.run(start)
	records, err := g.load(from, same[:min(len(same), maxOrderRows)], nil)
	if err != nil {
		return nil, err
	}
	return g.batch.assemble(&builder{}, records, len(same)), nil
}

// compareDebtor adds the problems of a group whose customer is written differently in the first group of its business.
func (b *batchContext) compareDebtor(g, first *Group) {
	place := first.Rows[0].from("")
	c := &builder{batchContext: b, reference: g.Reference, rows: g.Rows, order: &Order{}}
	for _, spelling := range []struct {
		column      Column
		first, here string
	}{
		{ColBusinessName, first.debtor.BusinessName, g.debtor.BusinessName},
		{ColCustomerReference, first.debtor.CustomerReference, g.debtor.CustomerReference},
	} {
		if spelling.first != spelling.here {
			c.report(0, "grouped.split", spelling.here, "column", spelling.column.String(),
				"other", strconv.Quote(spelling.first), "place", place)
		}
	}
	if !c.bad || g.Order == nil {
		return
	}
	g.Order = nil
	for i := range g.Rows {
		g.Rows[i].Valid = false
	}
	c.markIncomplete()
}
