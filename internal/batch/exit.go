package batch

import (
	"errors"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/fault"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

// Exit codes of the command, see its help.
const (
	ExitDone        = 0 // every row is invoiced, already invoiced or registered, or there was nothing to do
	ExitError       = 1 // unexpected
	ExitUsage       = 2 // wrong usage or settings
	ExitIncomplete  = 3 // finished; some rows invalid, rejected, failed or voided, or some captures or cancellations refused
	ExitCredentials = 4 // credentials refused
	ExitInput       = 5 // input refused as a whole, no call was made
	ExitDoubt       = 6 // something is in doubt or in conflict
	ExitLocked      = 7 // another run holds the lock, no call was made
	ExitStopped     = 8 // stopped early, the rest is not attempted
	ExitPlan        = 9 // the plan is refused: stale, edited, used, not approved or for another run; no call was made
)

// ExitCodeOf is the code for an error that ended a command before there was a summary.
func ExitCodeOf(err error) int {
	var refused *intake.Error
	var locked *journal.LockedError
	_, faulted := errors.AsType[*fault.Error](err)
	switch {
	case err == nil:
		return ExitDone
	case faulted:
		return ExitError
	case errors.Is(err, dintero.ErrCredentials):
		return ExitCredentials
	case errors.As(err, &refused), errors.Is(err, ErrControlTotal):
		return ExitInput
	case errors.As(err, &locked):
		return ExitLocked
	case errors.Is(err, journal.ErrDamaged), errors.Is(err, journal.ErrNewer), errors.Is(err, journal.ErrNetwork), errors.Is(err, journal.ErrPruned):
		return ExitUsage // running again does not mend it
	case errors.Is(err, planfile.ErrRefused):
		return ExitPlan
	}
	return ExitError
}

// ending is what the exit code of a run depends on beside its rows.
type ending struct {
	reason  dispatch.Reason
	held    bool // some rows are invalid and the run was told to send nothing then
	unclear int  // orders of the account in doubt or in conflict that the run does not have
	failure error
	signal  func() int // exit code of the signal that came, 0 for none; may be nil
}

// code is the exit code. When several hold, the first of these counts: a fault of the program or an error with a code of its own, a
// signal, doubt, an unexpected error, an early stop, rows that were not sent or invoices whose collection has not started.
func (e *ending) code(s *report.Summary) int {
	rows := func(finals ...billing.Final) (n int) {
		for _, f := range finals {
			n += s.Rows.Of(f)
		}
		return n
	}
	_, faulted := errors.AsType[*fault.Error](e.failure)
	uncollected := s.ProblemsOf(billing.CodeDeliver) > 0
	code := ExitCodeOf(e.failure)
	switch {
	case faulted, code != ExitDone && code != ExitError:
		return code
	case e.reason == dispatch.Interrupted && e.signal != nil && e.signal() != 0:
		return e.signal()
	case rows(billing.FinalInDoubt, billing.FinalConflict) > 0, e.unclear > 0:
		return ExitDoubt
	case code == ExitError:
		return code
	case e.held:
		return ExitIncomplete
	case rows(billing.FinalNotAttempted) > 0, uncollected && e.reason != dispatch.Finished:
		return ExitStopped
	case rows(billing.FinalInvalid, billing.FinalRejected, billing.FinalFailed, billing.FinalVoided) > 0, uncollected:
		return ExitIncomplete
	}
	return ExitDone
}
