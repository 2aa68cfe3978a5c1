package batch

import (
	"context"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/report"
)

// leaveOut keeps a row of the newest table that the profile leaves out.
func (r *Reading) leaveOut(row billing.LeftOut) error {
	row.Table = len(r.Tables()) - 1
	r.leftOut.Add(&row)
	return r.left.Put(&row)
}

// LeftOut counts the rows that the profile left out, nil for none.
func (r *Reading) LeftOut() *report.LeftOut {
	if r.leftOut.Rows == 0 {
		return nil
	}
	return &r.leftOut
}

// storeLeftOut writes to the journal what the profile left out, for a shard its share by reference, and gives its number.
func (s *Settings) storeLeftOut(ctx context.Context, run string, r *Reading) (stored int, err error) {
	mine := only(r.left.All(), func(row *billing.LeftOut) bool { return s.mine(row.Reference) })
	for chunk, err := range chunks(mine) {
		if err == nil {
			err = s.Journal.AppendLeftOut(ctx, run, chunk)
		}
		if err != nil {
			return stored, err
		}
		stored += len(chunk)
	}
	return stored, nil
}
