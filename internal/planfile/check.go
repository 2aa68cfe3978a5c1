package planfile

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"kraviabatch/internal/journal"
)

// SettingName is the name under which a run keeps its plan's hash among its settings in the journal.
// [File.Unused] finds the runs of a plan by it.
const SettingName = "plan"

// Unused returns [ErrRefused] when one of the runs used the plan and ended with one of the exit codes. A run
// that did not come to its end (killed, interrupted, stopped early, in doubt) may be resumed with its plan:
// orders that were sent are not sent again.
func (f *File) Unused(runs []journal.Run, ended ...int) error {
	for i := range runs {
		run := &runs[i]
		if !slices.Contains(ended, run.ExitCode) {
			continue
		}
		var settings []struct{ Name, Value string }
		if err := json.Unmarshal(run.Settings, &settings); err != nil {
			continue // written by a version without plans
		}
		if slices.Contains(settings, struct{ Name, Value string }{SettingName, f.SHA256}) {
			return refuse(msgUsed, run.ID, run.Finished.Format(time.RFC3339), hintNew)
		}
	}
	return nil
}

// SameTarget returns [ErrRefused] when a run is for another account or environment than the plan, or has other
// settings.
func (f *File) SameTarget(account, environment string, is Settings) error {
	if f.Account != account || f.Environment != environment {
		return refuse(msgAccount, f.Account, f.Environment, account, environment)
	}
	was := f.Settings
	switch {
	case was.Flow != is.Flow:
		return refuse(msgSetting, "--flow", was.Flow, is.Flow)
	case was.DuplicateGuard != is.DuplicateGuard:
		return refuse(msgSetting, "--duplicate-guard", was.DuplicateGuard, is.DuplicateGuard)
	case was.Period != is.Period:
		return refuse(msgSetting, "--period", strconv.Quote(was.Period), strconv.Quote(is.Period))
	case was.ProfileSHA256 != is.ProfileSHA256:
		return refuse(msgProfile)
	case was.DaysUntilDue != is.DaysUntilDue:
		return refuse(msgSetting, "--days-until-due", was.DaysUntilDue, is.DaysUntilDue)
	case was.InvoiceChannel != is.InvoiceChannel:
		return refuse(msgSetting, "--invoice-channel", was.InvoiceChannel, is.InvoiceChannel)
	case was != is: // the values are not shown: an address may hold a key
		return refuse(msgAddresses)
	}
	return nil
}

// SameInputs returns [ErrRefused] when the input files have other bytes than those of the plan, or are read as
// another register. A file may have another name.
func (f *File) SameInputs(files []journal.File) error {
	now := Inputs(files)
	for i := range max(len(f.Inputs), len(now)) {
		switch {
		case i >= len(now):
			return refuse(msgInputMissing, f.Inputs[i].Name)
		case i >= len(f.Inputs):
			return refuse(msgInputMore, now[i].Name)
		case f.Inputs[i].SHA256 != now[i].SHA256, f.Inputs[i].Register != now[i].Register:
			return refuse(msgInputOther, now[i].Name, f.Inputs[i].Name)
		}
	}
	return nil
}

// SameOrders compares the plan's orders with those that the input makes now, one by one and in their order, and
// returns [ErrRefused] at the first difference. It reads the control totals of the input only after the last
// order, so they may still be counted while the orders pass.
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
			return refuse(msgOrderMore, o.Reference)
		}
		if reason := planned.stale(&o.Order); reason != "" {
			return refuse(msgOrderStale, o.Reference, reason, f.Day)
		}
		n++
	}
	_, err, more := next()
	if err != nil {
		return err
	}
	c := &f.Control
	if more || read.Rows != c.Rows || read.InvalidRows != c.InvalidRows {
		return refuse(msgTotals, c.Orders, c.InvalidRows, c.Rows, n, read.InvalidRows, read.Rows)
	}
	return nil
}

// stale returns why the order no longer matches the plan, or "". An order that needs no sending any more, since
// another run has sent it, is not stale.
func (o *Order) stale(now *Order) string {
	switch {
	case o.Reference != now.Reference:
		return fmt.Sprintf(msgStalePlace, o.Reference)
	case o.Content != now.Content:
		return msgStaleContent
	case !now.Send:
		return ""
	case !o.Send:
		return msgStaleSend
	case o.Request != now.Request || o.Session != now.Session:
		return msgStaleRequest
	}
	return ""
}
