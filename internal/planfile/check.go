package planfile

import (
	"encoding/json"
	"iter"
	"slices"
	"time"

	"kraviabatch/internal/journal"
)

// SettingName names the plan's hash among the settings of a run, by which a second use is known.
const SettingName = "plan"

// Unused refuses a plan with which one of the runs has ended with one of the exit codes. One that did not
// come to its end (killed, interrupted, stopped early, in doubt) may be resumed with its plan: what was sent
// is not sent again.
func (f *File) Unused(runs []journal.Run, ended ...int) error {
	for i := range runs {
		run := &runs[i]
		if !slices.Contains(ended, run.ExitCode) {
			continue
		}
		var settings []struct{ Name, Value string }
		if err := json.Unmarshal(run.Settings, &settings); err != nil {
			continue // of a program that did not know plans
		}
		if slices.Contains(settings, struct{ Name, Value string }{SettingName, f.SHA256}) {
			return refuse("the plan was used: run %s ended with it at %s; make a new plan", run.ID,
				run.Finished.Format(time.RFC3339))
		}
	}
	return nil
}

// SameTarget refuses a run for another account or with other settings than the plan's.
func (f *File) SameTarget(account, environment string, is Settings) error {
	if f.Account != account || f.Environment != environment {
		return refuse("the plan is for account %s (%s), and the run for %s (%s)", f.Account, f.Environment, account,
			environment)
	}
	was := f.Settings
	switch {
	case was.Flow != is.Flow:
		return refuse("the plan is for --flow %s, and the run has %s", was.Flow, is.Flow)
	case was.DuplicateGuard != is.DuplicateGuard:
		return refuse("the plan is for --duplicate-guard %s, and the run has %s", was.DuplicateGuard, is.DuplicateGuard)
	case was.Period != is.Period:
		return refuse("the plan is for --period %q, and the run has %q", was.Period, is.Period)
	case was.ProfileSHA256 != is.ProfileSHA256:
		return refuse("the profile is not the one that the plan was made with, or was changed since")
	case was.DaysUntilDue != is.DaysUntilDue:
		return refuse("the plan is for --days-until-due %d, and the run has %d", was.DaysUntilDue, is.DaysUntilDue)
	case was.InvoiceChannel != is.InvoiceChannel:
		return refuse("the plan is for --invoice-channel %s, and the run has %s", was.InvoiceChannel, is.InvoiceChannel)
	case was != is: // addresses are not repeated, they may hold a key
		return refuse("--payment-profile, --callback-url or --return-url is not as it was planned")
	}
	return nil
}

// SameInputs refuses inputs with other bytes than the plan's, or read as something else. Names of files do not count.
func (f *File) SameInputs(files []journal.File) error {
	now := Inputs(files)
	for i := range max(len(f.Inputs), len(now)) {
		switch {
		case i >= len(now):
			return refuse("the input is stale: %s is missing", f.Inputs[i].Name)
		case i >= len(f.Inputs):
			return refuse("the input is stale: %s is not part of the plan", now[i].Name)
		case f.Inputs[i].SHA256 != now[i].SHA256, f.Inputs[i].Register != now[i].Register:
			return refuse("the input is stale: %s is not the file that was planned (%s), or was changed since",
				now[i].Name, f.Inputs[i].Name)
		}
	}
	return nil
}

// SameOrders walks the plan's orders beside those that would be made now, and refuses a difference. The
// totals of what was read now need be complete only when the orders have passed.
func (f *File) SameOrders(now iter.Seq2[DraftOrder, error], read *journal.Control) error {
	next, stop := iter.Pull2(f.Orders())
	defer stop()
	n := 0
	for o, err := range now {
		if err != nil {
			return err
		}
		planned, err, more := next()
		switch {
		case err != nil:
			return err
		case !more:
			return refuse("the plan is stale: order %s is not part of it", o.Reference)
		}
		if reason := planned.stale(&o.Order); reason != "" {
			return refuse("the plan is stale: order %s %s; it was made for %s", o.Reference, reason, f.Day)
		}
		n++
	}
	_, err, more := next()
	if err != nil {
		return err
	}
	c := &f.Control
	if more || read.Rows != c.Rows || read.InvalidRows != c.InvalidRows {
		return refuse(
			"the plan is stale: it has %d orders and %d of %d rows are invalid, now there are %d orders and %d of %d rows are invalid",
			c.Orders, c.InvalidRows, c.Rows, n, read.InvalidRows, read.Rows)
	}
	return nil
}

// stale returns why the order no longer matches the plan, or "". Orders settled since are skipped.
func (o *Order) stale(now *Order) string {
	switch {
	case o.Reference != now.Reference:
		return "is in the place of order " + o.Reference + " of the plan"
	case o.Content != now.Content:
		return "has another content than planned"
	case !now.Send:
		return ""
	case !o.Send:
		return "was not planned to be sent and would be now"
	case o.Request != now.Request || o.Session != now.Session:
		return "would be sent with another request than planned"
	}
	return ""
}
