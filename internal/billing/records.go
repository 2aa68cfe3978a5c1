package billing

import (
	"encoding/binary"
	"iter"
)

// Records gives the records of a table, an index of Tables, in input order and with the rules' constants put in. It can
// be called before and after Groups, and again.
func (g *Grouper) Records(table int) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for at := int64(0); at < g.spool.size; {
			data, err := g.spool.get(at)
			if err != nil {
				yield(Record{}, err)
				return
			}
			at += int64(4 + len(data))
			of, _ := binary.Uvarint(data)
			if of != uint64(table) { //nolint:gosec // G115: an index
				continue
			}
			rec, err := decodeRecord(data)
			rec.File, rec.Sheet = g.tables[table].File, g.tables[table].Sheet
			for i := range rec.Problems {
				rec.Problems[i].Place = rec.Place
			}
			if !yield(rec.Record, err) || err != nil {
				return
			}
		}
	}
}
