package batch

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// maxNamed is how many unclear orders a report names. It counts the others.
const maxNamed = 10

// unclearNotices name the account's orders that are in doubt or in conflict and that none of the runs has; number is
// how many there are. They keep the exit code from being that of a clean run.
func (w *Rewriting) unclearNotices(ctx context.Context, v journal.View, runs []journal.Run,
) (notices []string, number int, err error) {
	orders, number, err := v.Unclear(ctx, runs[0].Account, w.shard, idsOf(runs), maxNamed)
	for i := range orders {
		o := &orders[i]
		notices = append(notices, fmt.Sprintf(msgUnclear, o.Reference, o.Run, o.State, cmp.Or(o.Code, msgAnswerLost)))
	}
	if number > len(orders) {
		notices = append(notices, fmt.Sprintf(msgMoreUnclear, number-len(orders)))
	}
	return notices, number, err
}

func idsOf(runs []journal.Run) (ids []string) {
	for i := range runs {
		ids = append(ids, runs[i].ID)
	}
	return ids
}

// unclearElsewhere are the account's orders that are in doubt or in conflict and that none of the runs has. They are
// few, because a run stops when many orders fall in doubt.
func unclearElsewhere(ctx context.Context, j *journal.Journal, shard journal.Shard, runs []journal.Run,
) ([]journal.Order, error) {
	orders, _, err := j.Unclear(ctx, runs[0].Account, shard, idsOf(runs), math.MaxInt32)
	return orders, err
}

// clearedNotices name those orders of before that are no longer in doubt or in conflict. The last report of the run
// that sent them does not show that.
func clearedNotices(ctx context.Context, j *journal.Journal, before []journal.Order) (notices []string, err error) {
	more := 0
	for some := range slices.Chunk(before, chunkSize) {
		references := make([]string, len(some))
		for i := range some {
			references[i] = some[i].Reference
		}
		now, err := j.Stored(ctx, some[0].Account, references)
		if err != nil {
			return nil, err
		}
		for i := range some {
			o, state := &some[i], now[some[i].Reference].State
			switch {
			case state == billing.Sending, state == billing.InDoubt, state == billing.Conflict:
			case len(notices) == maxNamed:
				more++
			default:
				notices = append(notices, fmt.Sprintf(msgCleared, o.Reference, o.Run, o.State, state, o.Run))
			}
		}
	}
	if more > 0 {
		notices = append(notices, fmt.Sprintf(msgMoreCleared, more))
	}
	return notices, nil
}
