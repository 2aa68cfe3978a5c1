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

// Exit codes of the command. Scripts depend on them; they never change.
const (
	ExitDone  = 0 // every row is invoiced, already invoiced or registered, or there was nothing to do
	ExitError = 1 // unexpected
	ExitUsage = 2 // wrong usage or settings
	// The run finished, but some rows are invalid, rejected, failed or voided, or some captures or cancellations were
	// refused, or some invoices were not posted.

	ExitIncomplete  = 3
	ExitCredentials = 4 // credentials refused
	ExitInput       = 5 // input refused as a whole, no call was made
	ExitDoubt       = 6 // something is in doubt or in conflict
	ExitLocked      = 7 // another run has the lock, no call was made
	ExitStopped     = 8 // stopped early, the other orders are not attempted
	ExitPlan        = 9 // the plan is refused: stale, edited, used, not approved or for another run; no call was made
)

// ExitCodeOf is the exit code for an error that ended a command before there was a summary, ExitDone for nil.
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
	case errors.Is(err, journal.ErrDamaged), errors.Is(err, journal.ErrNewer), errors.Is(err, journal.ErrNetwork),
		errors.Is(err, journal.ErrPruned):
		return ExitUsage // running again gives the same error
	case errors.Is(err, planfile.ErrRefused):
		return ExitPlan
	}
	return ExitError
}

// code is the exit code of work that ended with failure; elsewhere is how many orders of other runs are in doubt or in
// conflict. Where several reasons hold, the first of these counts: a fault of the program or an error with its own
// code, a signal, doubt or conflict, an unexpected error, held back because of invalid rows, an early stop, rows that
// were not sent or invoices whose collection has not started.
func (w *Rewriting) code(s *report.Summary, failure error, elsewhere int) int {
	rows := func(finals ...billing.Final) (n int) {
		for _, f := range finals {
			n += s.Rows.Of(f)
		}
		return n
	}
	_, faulted := errors.AsType[*fault.Error](failure)
	uncollected := s.ProblemsOf(billing.CodeDeliver) > 0
	code := ExitCodeOf(failure)
	switch {
	case faulted, code != ExitDone && code != ExitError:
		return code
	case w.Reason == dispatch.Interrupted && w.SignalCode != nil && w.SignalCode() != 0:
		return w.SignalCode()
	case rows(billing.FinalInDoubt, billing.FinalConflict) > 0, elsewhere > 0:
		return ExitDoubt
	case code == ExitError:
		return code
	case w.held:
		return ExitIncomplete
	case rows(billing.FinalNotAttempted) > 0, uncollected && w.stopped(), len(w.missing) > 0:
		return ExitStopped
	case rows(billing.FinalInvalid, billing.FinalRejected, billing.FinalFailed, billing.FinalVoided) > 0,
		uncollected, len(s.Unposted) > 0:
		return ExitIncomplete
	}
	return ExitDone
}
