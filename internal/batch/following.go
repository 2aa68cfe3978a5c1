package batch

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

// follow refuses a run that would not do exactly what its plan says, before anything is written or sent. Without a plan it
// only asks whether one is required. The run's lock must be held.
func (s *Settings) follow(ctx context.Context, r *Reading) error {
	if err := s.Signing.Check(s.Plan); err != nil || s.Plan == nil {
		return err
	}
	if err := s.Plan.SameTarget(s.Account, string(s.Environment), s.planSettings()); err != nil {
		return err
	}
	if err := s.Plan.SameInputs(r.Files); err != nil {
		return err
	}
	runs, err := s.runs(ctx)
	if err != nil {
		return err
	}
	if err := s.Plan.Unused(runs, ExitDone, ExitIncomplete); err != nil {
		return err
	}
	totals := &Totals{}
	return s.Plan.SameOrders(s.intended(ctx, counted(totals, r.Groups())), func() (int, int) { return totals.Rows, totals.InvalidRows })
}

// runs are all runs of the account, the newest first.
func (s *Settings) runs(ctx context.Context) ([]journal.Run, error) {
	return s.Journal.Runs(ctx, s.Account, math.MaxInt32)
}

// planSettings are the run's settings that decide what is sent.
func (s *Settings) planSettings() planfile.Settings {
	return planfile.Settings{
		Flow: s.Flow, DuplicateGuard: s.Dispatch.Guard.String(), Period: s.Period, ProfileSHA256: s.ProfileSHA256,
		DaysUntilDue: s.Rules.DaysUntilDue, InvoiceChannel: s.Rules.Channel, PaymentProfile: s.Body.ProfileID,
		CallbackURL: s.Body.CallbackURL, ReturnURL: s.Body.ReturnURL,
	}
}

// shown are the settings for the reader of the report and for the journal, with the seller and the plan among them.
func (s *Settings) shown() []report.Setting {
	shown, p := slices.Clone(s.Shown), s.Plan
	if s.Seller != "" {
		shown = append(shown, report.Setting{Name: sellerSetting, Value: s.Seller})
	}
	if p == nil {
		return shown
	}
	shown = append(shown, report.Setting{Name: planfile.SettingName, Value: p.SHA256},
		report.Setting{Name: "planned by", Value: fmt.Sprintf("%s, %s", p.By, p.Made.Format(time.RFC3339))})
	for i := range p.Approvals {
		a := &p.Approvals[i]
		shown = append(shown, report.Setting{Name: "approved by", Value: fmt.Sprintf("%s, %s", a.By, a.Time.Format(time.RFC3339))})
	}
	return shown
}

// intended gives each order as a run would take it up now, with the hash of the bytes that it would send. Nothing is written.
func (s *Settings) intended(ctx context.Context, groups iter.Seq2[billing.Group, error]) iter.Seq2[planfile.Made, error] {
	return func(yield func(planfile.Made, error) bool) {
		var chunk []journal.Plan
		var places []billing.Place
		flush := func() bool {
			orders, err := s.intend(ctx, chunk, places)
			if err != nil {
				return yield(planfile.Made{}, err) && false
			}
			for i := range orders {
				if !yield(orders[i], nil) {
					return false
				}
			}
			chunk, places = chunk[:0], places[:0]
			return true
		}
		for g, err := range groups {
			var plan journal.Plan
			if err == nil && g.Order != nil {
				plan, err = s.planOrder(g.Order)
			}
			if err != nil {
				yield(planfile.Made{}, err)
				return
			}
			if g.Order == nil {
				continue
			}
			places = append(places, g.Rows[0].Place)
			if chunk = append(chunk, plan); len(chunk) == planSize && !flush() {
				return
			}
		}
		flush()
	}
}

// intend looks up what the journal has of the plans' orders, whose first rows stand in these places; without a journal nothing was
// sent before.
func (s *Settings) intend(ctx context.Context, plans []journal.Plan, places []billing.Place) ([]planfile.Made, error) {
	var stored map[string]journal.Order
	if s.Journal != nil {
		references := make([]string, len(plans))
		for i := range plans {
			references[i] = plans[i].Reference
		}
		var err error
		if stored, err = s.Journal.Stored(ctx, s.Account, references); err != nil {
			return nil, err
		}
	}
	orders := make([]planfile.Made, len(plans))
	for i := range plans {
		o := planfile.NewOrder(&plans[i])
		if found, ok := stored[o.Reference]; ok {
			if verdict, replaced := o.Meet(&found, s.Period, places[i]); !replaced {
				now := journal.RunOrder{Verdict: verdict, Customer: o.Customer, Gross: o.Gross, Order: found}
				outcome := outcomeIn(&now, s.Rules.Today)
				o.Settle(billing.FinalOf(verdict, &outcome), outcome)
			}
		}
		orders[i] = o
	}
	return orders, nil
}
