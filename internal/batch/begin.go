package batch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

// NewRunID is a run's name, as 20261122-173005-1f4a12. Names sort by time, to the millisecond, and their last three
// digits are random, so that two processes make different ones.
func NewRunID(now time.Time) string {
	var random [2]byte
	_, _ = rand.Read(random[:]) // never fails
	millis := now.Nanosecond() / int(time.Millisecond)
	return fmt.Sprintf("%s%03x%s", now.UTC().Format("20060102-150405-"), millis, hex.EncodeToString(random[:])[:3])
}

// newRun is the run as the journal records it at its beginning.
func (s *Settings) newRun(id string, started time.Time, r *Reading) journal.Run {
	shown, _ := json.Marshal(s.shown()) // strings only
	return journal.Run{
		ID: id, Account: s.Account, Environment: string(s.Environment), Period: s.Period, Flow: s.Flow,
		Started: started, Version: s.Version, Files: r.Files, Settings: shown, ExitCode: journal.Unfinished,
	}
}

// newResult is the result of a run at its beginning. It says which files an earlier run has read: the user may have
// given the wrong file. It comes before the run itself is in the journal. Registers are not named, because they are
// the same every month.
func (s *Settings) newResult(ctx context.Context, id string, r *Reading) *Result {
	result := &Result{Run: id, Reason: dispatch.Finished, Notices: r.Notices}
	for _, f := range linesOf(r.Files) {
		if earlier, seen, err := s.Journal.SeenFile(ctx, s.Account, f.SHA256); err == nil && seen {
			result.Notices = append(result.Notices, fmt.Sprintf(msgReadBefore, f.Name, earlier))
		}
	}
	return result
}

// record adds to the run what its input adds up to, and what the profile left out. The journal shows a run as read
// from here on.
func (s *Settings) record(ctx context.Context, run *journal.Run, r *Reading, totals *Totals,
	expected *journal.Expected,
) (err error) {
	run.Tables, run.Control = r.Tables(), totals.Control
	run.Control.Expected = expected
	if run.Control.LeftOut, err = s.storeLeftOut(ctx, run.ID, r); err != nil {
		return err
	}
	return s.Journal.UpdateRun(ctx, *run)
}

// storeLeftOut writes to the journal what the profile left out, and gives the number of rows. A shard stores its
// share by reference.
func (s *Settings) storeLeftOut(ctx context.Context, run string, r *Reading) (stored int, err error) {
	mine := only(r.left.All(), func(row *billing.LeftOut) bool { return s.Shard.Has(row.Reference) })
	return s.Journal.AppendLeftOut(ctx, run, mine)
}
