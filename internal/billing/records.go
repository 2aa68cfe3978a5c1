package billing

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
)

// Records gives the records of a table in input order, with the rules' constants put in. table is an index of Tables.
// Records can be called any number of times, before and after Groups.
func (g *Grouper) Records(table int) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		from := g.spool.newReader()
		for at := int64(0); at < g.spool.size; {
			data, err := from.get(at)
			if err != nil {
				yield(Record{}, err)
				return
			}
			at = from.next
			of, _ := binary.Uvarint(data)
			if of != uint64(table) { //nolint:gosec // G115: an index
				continue
			}
			var rec spooled
			err = g.decode(data, &rec)
			if !yield(rec.Record, err) || err != nil {
				return
			}
		}
	}
}

// Twice finds a line that two tables have: all its known cells are equal. It compares by hash, and memory grows with
// the records.
func (g *Grouper) Twice() (first, second Place, found bool, err error) {
	if len(g.batch.tables) < 2 {
		return Place{}, Place{}, false, nil
	}
	type line struct{ table, row int32 } // small, because there is one for every record
	lines := map[uint64]line{}
	seed := maphash.MakeSeed()
	for table := range g.batch.tables {
		for rec, err := range g.Records(table) {
			if err != nil {
				return Place{}, Place{}, false, err
			}
			key := hashOf(seed, rec.Values[:]...)
			before, ok := lines[key]
			if !ok {
				// G115: an index, and a row number of a spreadsheet
				lines[key] = line{int32(table), int32(rec.Row)} //nolint:gosec // both fit
			} else if int(before.table) != table {
				t := g.batch.tables[before.table]
				return Place{File: t.File, Sheet: t.Sheet, Row: int(before.row)}, rec.Place, true, nil
			}
		}
	}
	return Place{}, Place{}, false, nil
}
