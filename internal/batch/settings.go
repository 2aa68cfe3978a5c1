package batch

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
	"kraviabatch/internal/report"
)

// Input says what is read, and by which rules.
type Input struct {
	Paths       []string // of files, as intake.Inputs gives them
	Notices     []string // about the paths, from intake.Inputs too
	Stdin       io.Reader
	Profile     *intake.Profile // nil for none
	Rules       *billing.Rules  // Read fills in Today where it is empty
	TmpDir      string          // for working files, "" for the system's
	ExpectRows  int             // control total of the export, -1 for none
	ExpectTotal []ExpectedSum   // including VAT
	ExpectNet   []ExpectedSum   // without VAT
	ExpectVAT   []ExpectedSum
	Logger      *slog.Logger    // nil for no log
	Progress    Progress        // may be nil
	Stop        <-chan struct{} // when it is closed, nothing more is read or sent
}

// Settings is everything that a run is made with.
type Settings struct {
	Input
	Journal       *journal.Journal
	Connect       func() (*dintero.Client, error) // called while the lock is held, when there is something to send
	Account       string
	Environment   report.Environment
	Period        string
	Version       string
	Body          dintero.BodyOptions // each order sets its own Days
	Flow          string              // one of dispatch's
	Dispatch      dispatch.Config     // the run fills in Account, Run, Flow, Shard, Stop, Day, Logger and Notice
	Shard         journal.Shard       // zero for all orders
	StopOnInvalid bool                // send nothing when any row is invalid
	Reports       string              // folder of the reports
	Formats       []report.Format
	PostingsFrom  billing.Date     // as report.Report has it
	Language      string           // of the workbook, "" for English
	Documents     string           // folder for the invoices' documents, "" for none
	Shown         []report.Setting // settings that the report shows; no secrets
	Limit         int              // how many of the run's orders are sent, from the first; 0 for all
	Plan          *planfile.File   // what the run must do exactly; nil for a run without a plan
	Signing       planfile.Signing
	Seller        string           // the seller's name in the report, "" for none
	ProfileSHA256 string           // of the profile's file, "" without one
	Planned       func(orders int) // called with the number of orders to send, before the first; may be nil
	// Watch sees the groups while their orders are entered, before anything is sent. Without it the run logs the
	// groups that cannot be sent.
	Watch      func(iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error]
	SignalCode func() int // exit code of the signal that the process received, 0 for none
}

// Result is what a run came to. Each stage adds to it, so that it is as complete as the run got, also beside an
// error.
type Result struct {
	Run     string          // its ID
	Summary *report.Summary // nil before there is a report
	Reason  dispatch.Reason // why the sending ended
	Notices []string

	requests report.Requests
	held     bool // nothing was sent because of invalid rows
}

func (s *Settings) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Logger
}

// stopped reports whether the user has asked to stop.
func (in *Input) stopped() bool {
	select {
	case <-in.Stop:
		return true
	default:
		return false
	}
}

// takes reports whether this process takes the order. Each order belongs to exactly one shard.
func (s *Settings) takes(g *billing.Group) bool { return s.Shard.Has(g.Reference) }

// planSettings are the run's settings that decide what is sent. A plan holds them.
func (s *Settings) planSettings() planfile.Settings {
	return planfile.Settings{
		Flow: s.Flow, DuplicateGuard: s.Dispatch.Guard.String(), Period: s.Period, ProfileSHA256: s.ProfileSHA256,
		DaysUntilDue: s.Rules.DaysUntilDue, InvoiceChannel: s.Rules.Channel, PaymentProfile: s.Body.ProfileID,
		CallbackURL: s.Body.CallbackURL, ReturnURL: s.Body.ReturnURL,
	}
}

// The journal keeps these facts among a run's settings. The report shows them in other places.
const (
	sellerSetting   = "seller"
	countrySetting  = "seller's country"
	plannedSetting  = "planned by"
	approvedSetting = "approved by"
	accountsSetting = "accounts" // as JSON
	shardSetting    = "shard"    // index/count
)

// shown are the settings that the journal keeps with the run: those for the report's reader, and the seller, the
// accounts, the plan and the shard.
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

// settingsOf are the settings that a run was recorded with.
func settingsOf(run *journal.Run) (shown []report.Setting) {
	_ = json.Unmarshal(run.Settings, &shown) // written by newRun
	return shown
}

// AccountsOf are the accounts that a run was recorded with, nil for none. Error: [journal.ErrDamaged].
func AccountsOf(run *journal.Run) (accounts *billing.Accounts, err error) {
	for _, s := range settingsOf(run) {
		if s.Name == accountsSetting {
			err = json.Unmarshal([]byte(s.Value), &accounts)
		}
	}
	if err != nil {
		return nil, fmt.Errorf(msgAccountsDamaged, run.ID, journal.ErrDamaged, err)
	}
	return accounts, nil
}
