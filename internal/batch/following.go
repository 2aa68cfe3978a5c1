package batch

import (
	"context"
	"encoding/json"
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

// follow refuses a run that would not do exactly what its plan says, before anything is written or sent.
// Without a plan it only asks whether one is required. The run's lock must be held.
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
	runs, err := s.Journal.Runs(ctx, s.Account, math.MaxInt32)
	if err != nil {
		return err
	}
	if err := s.Plan.Unused(runs, ExitDone, ExitIncomplete); err != nil {
		return err
	}
	totals := &Totals{}
	return s.Plan.SameOrders(s.intended(ctx, seen(r.Groups(), totals.Add)), &totals.Control)
}

// planSettings are the run's settings that decide what is sent.
func (s *Settings) planSettings() planfile.Settings {
	return planfile.Settings{
		Flow: s.Flow, DuplicateGuard: s.Dispatch.Guard.String(), Period: s.Period, ProfileSHA256: s.ProfileSHA256,
		DaysUntilDue: s.Rules.DaysUntilDue, InvoiceChannel: s.Rules.Channel, PaymentProfile: s.Body.ProfileID,
		CallbackURL: s.Body.CallbackURL, ReturnURL: s.Body.ReturnURL,
	}
}

// What the report says elsewhere stands among the settings of a run under these names.
const (
	sellerSetting   = "seller"
	countrySetting  = "seller's country"
	plannedSetting  = "planned by"
	approvedSetting = "approved by"
	accountsSetting = "accounts" // as JSON
)

// shown are the settings for the reader of the report and for the journal, with the seller, the accounts, the
// plan and the shard among them.
func (s *Settings) shown() []report.Setting {
	shown := slices.Clone(s.Shown)
	show := func(name, format string, args ...any) {
		shown = append(shown, report.Setting{Name: name, Value: fmt.Sprintf(format, args...)})
	}
	if s.Seller != "" {
		show(sellerSetting, "%s", s.Seller)
	}
	if s.Rules.Seller != "" {
		show(countrySetting, "%s", s.Rules.Seller)
	}
	if s.Profile != nil && s.Profile.Accounts != nil {
		accounts, _ := json.Marshal(s.Profile.Accounts) // strings only
		show(accountsSetting, "%s", accounts)
	}
	if p := s.Plan; p != nil {
		show(planfile.SettingName, "%s", p.SHA256)
		show(plannedSetting, "%s, %s", p.By, p.Made.Format(time.RFC3339))
		for _, a := range p.Approvals {
			show(approvedSetting, "%s, %s", a.By, a.Time.Format(time.RFC3339))
		}
	}
	if s.Shard.Count > 0 {
		show(shardSetting, "%d/%d", s.Shard.Index, s.Shard.Count)
	}
	return shown
}

// intended gives each order as a run would take it up now, with the hash of the bytes that it would send.
// Nothing is written.
func (s *Settings) intended(ctx context.Context, groups iter.Seq2[billing.Group, error]) iter.Seq2[planfile.DraftOrder,
	error] {
	made := mapped(only(groups, hasOrder), func(g *billing.Group) (planfile.DraftOrder, error) {
		plan, err := s.planOrder(g)
		return planfile.NewOrder(&plan, g.Rows[0].Place), err
	})
	return inChunks(made, func(orders []planfile.DraftOrder) ([]planfile.DraftOrder, error) { return s.meet(ctx, orders) })
}

// meet notes what the journal has of orders; without a journal nothing was sent before.
func (s *Settings) meet(ctx context.Context, orders []planfile.DraftOrder) ([]planfile.DraftOrder, error) {
	if s.Journal == nil {
		return orders, nil
	}
	references := make([]string, len(orders))
	for i := range orders {
		references[i] = orders[i].Reference
	}
	stored, err := s.Journal.Stored(ctx, s.Account, references)
	for i := range orders {
		o := &orders[i]
		found, ok := stored[o.Reference]
		if !ok {
			continue
		}
		if verdict, replaced := o.Compare(&found, s.Period); !replaced {
			o.SetFinal(
				standing(&journal.RunOrder{Decision: verdict, Customer: o.Customer, Gross: o.Gross, Order: found},
					s.Rules.Today))
		}
	}
	return orders, err
}
