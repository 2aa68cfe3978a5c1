package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// Approval is one person's word for one plan. It is bound to the plan's content, and no signature: whoever may write the
// file may forge it, so that its folder's permissions are part of the control.
type Approval struct {
	By   string    `json:"by"`
	Time time.Time `json:"time"`
	Plan string    `json:"plan_sha256"`
	Seal string    `json:"sha256"` // over the other three
}

func (a *Approval) seal() string {
	text, _ := json.Marshal([]string{a.Plan, a.By, a.Time.Format(time.RFC3339Nano)}) // strings only
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// maxPerson is how many characters a person's name may have.
const maxPerson = 100

// ErrName is a name that says nothing, or that has signed already.
var ErrName = errors.New("name")

// person checks a name and takes the spaces off it.
func person(name string) (string, error) {
	name = strings.TrimSpace(name)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case name == "":
		return "", fmt.Errorf("%w: it is empty", ErrName)
	case !utf8.ValidString(name), strings.ContainsFunc(name, unprintable), utf8.RuneCountInString(name) > maxPerson:
		return "", fmt.Errorf("%w: %q has more than %d characters or some that cannot be printed", ErrName, name, maxPerson)
	}
	return name, nil
}

// SamePerson compares names without regard to case and to spaces around and between their parts.
func SamePerson(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// Approve adds an approval to the plan's file, which is replaced whole. A plan that was edited is refused with [ErrPlan], an
// impossible name and a second approval by the same one with [ErrName].
func Approve(path, by string, now time.Time) (*Plan, error) {
	by, err := person(by)
	if err != nil {
		return nil, err
	}
	p, err := ReadPlan(path)
	if err != nil {
		return nil, err
	}
	for i := range p.Approvals {
		if a := &p.Approvals[i]; SamePerson(a.By, by) {
			return nil, fmt.Errorf("%w: %s approved this plan already, at %s", ErrName, a.By, a.Time.Format(time.RFC3339))
		}
	}
	a := Approval{By: by, Time: now.UTC().Truncate(time.Second), Plan: p.SHA256}
	a.Seal = a.seal()
	p.Approvals = append(p.Approvals, a)
	if err := atomicfile.Replace(path, p.encode); err != nil {
		return nil, fmt.Errorf("write the approval: %w", err)
	}
	return p, nil
}

// Signing is what a run asks of its plan's approvals.
type Signing struct {
	Required bool // there must be one
	FourEyes bool // there must be one by another than the plan's author
}

func (s Signing) check(p *Plan) error {
	if !s.Required && !s.FourEyes {
		return nil
	}
	switch {
	case p == nil:
		return refuse("an approval is required and there is no plan: make one with `kravia-batch plan`")
	case len(p.Approvals) == 0:
		return refuse("the plan is not approved: `kravia-batch approve` adds an approval")
	case s.FourEyes && !slices.ContainsFunc(p.Approvals, func(a Approval) bool { return !SamePerson(a.By, p.By) }):
		return refuse("the plan is approved only by its author %s, and four eyes are asked for", p.By)
	}
	return nil
}

// planSetting names the plan's hash among the settings of a run, by which a second use is known.
const planSetting = "plan"

// shown are the settings for the reader of the report and for the journal, with the seller and the plan among them.
func (s *Settings) shown() []report.Setting {
	shown, p := slices.Clone(s.Shown), s.Plan
	if s.Seller != "" {
		shown = append(shown, report.Setting{Name: sellerSetting, Value: s.Seller})
	}
	if p == nil {
		return shown
	}
	shown = append(shown, report.Setting{Name: planSetting, Value: p.SHA256},
		report.Setting{Name: "planned by", Value: fmt.Sprintf("%s, %s", p.By, p.Made.Format(time.RFC3339))})
	for i := range p.Approvals {
		a := &p.Approvals[i]
		shown = append(shown, report.Setting{Name: "approved by", Value: fmt.Sprintf("%s, %s", a.By, a.Time.Format(time.RFC3339))})
	}
	return shown
}

// unused refuses a plan with which a run has ended. One that did not come to its end (killed, interrupted, stopped early, in
// doubt) may be resumed with its plan: what was sent is not sent again.
func (p *Plan) unused(runs []journal.Run) error {
	for i := range runs {
		run := &runs[i]
		if run.ExitCode != ExitDone && run.ExitCode != ExitIncomplete {
			continue
		}
		var shown []report.Setting
		if err := json.Unmarshal(run.Settings, &shown); err != nil {
			continue // of a program that did not know plans
		}
		if slices.Contains(shown, report.Setting{Name: planSetting, Value: p.SHA256}) {
			return refuse("the plan was used: run %s ended with it at %s; make a new plan", run.ID, run.Finished.Format(time.RFC3339))
		}
	}
	return nil
}

// follow refuses a run that would not do exactly what its plan says, before anything is written or sent. Without a plan it
// only asks whether one is required. The run's lock must be held.
func (s *Settings) follow(ctx context.Context, r *Reading) error {
	if err := s.Signing.check(s.Plan); err != nil || s.Plan == nil {
		return err
	}
	runs, err := s.Journal.Runs(ctx, s.Account, math.MaxInt32)
	if err != nil {
		return err
	}
	for _, err := range []error{s.Plan.sameTarget(s), s.Plan.sameFiles(r.Files), s.Plan.unused(runs)} {
		if err != nil {
			return err
		}
	}
	return s.sameOrders(ctx, r)
}

// sameTarget holds account and settings against those of the plan.
func (p *Plan) sameTarget(s *Settings) error {
	if p.Account != s.Account || p.Environment != s.Environment {
		return refuse("the plan is for account %s (%s), and the run for %s (%s)", p.Account, p.Environment, s.Account, s.Environment)
	}
	was, is := p.Settings, s.planSettings()
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

// sameFiles holds the bytes that were read against those of the plan, and what they were read as. Names of files do not count.
func (p *Plan) sameFiles(files []journal.File) error {
	for i := range max(len(p.Files), len(files)) {
		switch {
		case i >= len(files):
			return refuse("the input is stale: %s is missing", p.Files[i].Name)
		case i >= len(p.Files):
			return refuse("the input is stale: %s is not part of the plan", files[i].Name)
		case p.Files[i].SHA256 != files[i].SHA256, p.Files[i].Register != plain(files[i].Register):
			return refuse("the input is stale: %s is not the file that was planned (%s), or was changed since", files[i].Name, p.Files[i].Name)
		}
	}
	return nil
}

// sameOrders holds the orders and the exact requests as they would be sent now against the plan.
func (s *Settings) sameOrders(ctx context.Context, r *Reading) error {
	p, n, totals := s.Plan, 0, &Totals{}
	for o, err := range s.intended(ctx, counted(totals, r.Groups())) {
		if err != nil {
			return err
		}
		if n == len(p.Orders) {
			return refuse("the plan is stale: order %s is not part of it", o.Reference)
		}
		if reason := p.Orders[n].stale(&o); reason != "" {
			return refuse("the plan is stale: order %s %s; it was made for %s", o.Reference, reason, p.Day)
		}
		n++
	}
	c := &p.Control
	if n != len(p.Orders) || totals.Rows != c.Rows || totals.InvalidRows != c.InvalidRows {
		return refuse("the plan is stale: it has %d orders and %d of %d rows are invalid, now there are %d orders and %d of %d rows are invalid",
			len(p.Orders), c.InvalidRows, c.Rows, n, totals.InvalidRows, totals.Rows)
	}
	return nil
}

// stale says what keeps an order from being sent as it was planned, "" for nothing. What is settled by now is not sent.
func (o *PlanOrder) stale(now *PlanOrder) string {
	switch {
	case o.Reference != now.Reference:
		return "stands where the plan has " + o.Reference
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
