package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
)

// contentFlags decide the requests, beside the input.
type contentFlags struct {
	flow, guard, paymentProfile string
	callbackURL, returnURL      string
}

func (s *contentFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.flow, "flow", dispatch.OneStep, "`flow` of payment: one-step, two-step or two-step-profile")
	f.StringVar(&s.guard, "duplicate-guard", dintero.StrictSuccess.String(),
		"`guard` at the provider. strict-success: refuse a reference that was invoiced; strict: refuse any that was "+
			"tried")
	f.StringVar(&s.paymentProfile, "payment-profile", "default", "`ID` of the profile of --flow two-step-profile")
	f.StringVar(&s.callbackURL, "callback-url", "", "https `URL` that the provider calls about each order")
	f.StringVar(&s.returnURL, "return-url", "", "https `URL` that the two-step flows need, any page of yours")
}

// check refuses addresses that the provider cannot use, and a flow without one that it needs. Its errors do not repeat
// an address, which may hold a key.
func (s *contentFlags) check() error {
	if err := checkChoice(s.flow, msgFlow, dispatch.OneStep, dispatch.TwoStep, dispatch.TwoStepProfile); err != nil {
		return err
	}
	if _, err := dintero.ParseGuard(s.guard); err != nil {
		return usage("--duplicate-guard: %w", err)
	}
	if s.flow != dispatch.OneStep && s.returnURL == "" {
		return usage(msgNeedsReturnURL, s.flow)
	}
	for _, given := range []struct{ flag, address string }{
		{"callback-url", s.callbackURL},
		{"return-url", s.returnURL},
	} {
		if given.address == "" {
			continue
		}
		if err := dintero.CheckAddress(given.address); err != nil {
			return usage(msgAddress, given.flag, err)
		}
	}
	return nil
}

// orderFlags decide which orders come of the files, and their requests: run and plan have them in common.
type orderFlags struct {
	inputFlags
	contentFlags
}

// orders are the settings of a run as far as orderFlags decide them.
func (a *app) orders(s *orderFlags, args []string, progress batch.Progress) (*batch.Settings, error) {
	input, err := a.input(&s.inputFlags, args, progress)
	if err != nil {
		return nil, err
	}
	if s.returnURL != "" && s.flow == dispatch.OneStep {
		a.note(msgReturnURLUnused)
	}
	guard, err := dintero.ParseGuard(s.guard)
	if err != nil {
		return nil, usage("--duplicate-guard: %w", err)
	}
	hash, err := s.profile.hash()
	if err != nil {
		return nil, err
	}
	settings := &batch.Settings{
		Input: *input, ProfileSHA256: hash, Period: s.period, Version: programVersion(), Flow: s.flow,
		Body: dintero.BodyOptions{
			CallbackURL: s.callbackURL, ReturnURL: s.returnURL, ProfileID: s.paymentProfile,
		},
		Dispatch: dispatch.Config{Guard: guard},
	}
	if input.Profile != nil {
		settings.Seller = input.Profile.SellerName
	}
	return settings, nil
}

// ledgerAccounts are the accounts of a profile's ledger, nil for none.
func ledgerAccounts(in *batch.Input) *billing.Accounts {
	if in.Profile == nil {
		return nil
	}
	return in.Profile.Accounts
}

// Values of --on-invalid.
const (
	skipInvalid = "skip"
	stopInvalid = "stop"
)

// sendingFlags say when orders are sent, and when no more are.
type sendingFlags struct {
	flags       *pflag.FlagSet
	noWait      bool
	resendAfter time.Duration
	deadline    string
	limit       int // 0 for all
	maxFailures int // 0 for never
	onInvalid   string
}

func (s *sendingFlags) add(f *pflag.FlagSet) {
	s.flags = f
	f.IntVar(&s.limit, "limit", 0, "canary: send only the first `N` orders, 0 for all")
	f.StringVar(&s.deadline, "deadline", "",
		"`when` no more orders are started: after a duration such as 2h, or at a time such as 2026-12-01T06:00:00Z")
	f.StringVar(&s.onInvalid, "on-invalid", skipInvalid,
		"`what` to do with invalid rows. skip: send the orders without problems; stop: send nothing")
	f.IntVar(&s.maxFailures, "max-failures", 20, "stop after `N` failed orders in a row, 0 for never")
	f.DurationVar(&s.resendAfter, "resend-after", dispatch.DefaultResendAfter,
		"send an order in doubt that the provider does not show once more, `time` after its last attempt "+
			"(with --sandbox: 1s)")
	f.BoolVar(&s.noWait, "no-wait", false,
		"end as soon as nothing can be done at once; the next run settles what is in doubt")
}

func (s *sendingFlags) check() error {
	if err := checkAtLeast("limit", s.limit, 0); err != nil {
		return err
	}
	if err := checkAtLeast("max-failures", s.maxFailures, 0); err != nil {
		return err
	}
	if s.resendAfter <= 0 {
		return usage(msgResendAfter, s.resendAfter)
	}
	if _, err := s.deadlineTime(time.Now()); err != nil {
		return err
	}
	return checkChoice(s.onInvalid, msgOnInvalid, skipInvalid, stopInvalid)
}

// checkResend shortens --resend-after for the sandbox, which answers at once and loses nothing on the way. Otherwise it
// refuses to repeat a request while the one before may still be on its way: the order could be invoiced twice.
func (s *sendingFlags) checkResend(p *providerFlags, sandbox bool) error {
	if sandbox {
		if !s.flags.Changed("resend-after") {
			s.resendAfter = time.Second
		}
		return nil
	}
	least := 2 * p.timeout
	if s.resendAfter >= least || dintero.OnLoopback(p.baseURL) {
		return nil
	}
	return usage(msgResendTooShort, s.resendAfter, p.timeout, least)
}

// deadlineTime is --deadline as a time, zero for none.
func (s *sendingFlags) deadlineTime(now time.Time) (time.Time, error) {
	if s.deadline == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s.deadline); err == nil && d > 0 {
		return now.Add(d), nil
	}
	t, err := time.Parse(time.RFC3339, s.deadline)
	if err != nil {
		return time.Time{}, usage(msgDeadline, s.deadline)
	}
	if t.Before(now) {
		return time.Time{}, usage(msgDeadlinePassed, s.deadline)
	}
	return t, nil
}

// shardFlag is I/N, "" for a run that is not divided.
type shardFlag struct{ shard string }

func (s *shardFlag) add(f *pflag.FlagSet) {
	f.StringVar(&s.shard, "shard", "",
		"`I/N`: take only the orders of shard I (0 to N-1) of N, at 1/N of the rate; needs --journal")
}

func (s *shardFlag) check() error {
	_, err := s.parse()
	return err
}

func (s *shardFlag) parse() (journal.Shard, error) {
	if s.shard == "" {
		return journal.Shard{}, nil
	}
	index, count, found := strings.Cut(s.shard, "/")
	i, errI := strconv.Atoi(index)
	n, errN := strconv.Atoi(count)
	if !found || errI != nil || errN != nil || n < 1 || i < 0 || i >= n {
		return journal.Shard{}, usage(msgShard, s.shard)
	}
	return journal.Shard{Index: i, Count: n}, nil
}

// signFlags bind a run to an approved plan.
type signFlags struct {
	plan    string
	signing planfile.Signing
}

func (s *signFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.plan, "plan", "", "do exactly what the plan in `file` says, or refuse with exit code 9")
	f.BoolVar(&s.signing.Approved, "approved", false, "send nothing without a --plan that somebody approved")
	f.BoolVar(&s.signing.FourEyes, "four-eyes", false,
		"send nothing without a --plan that somebody other than its author approved")
}

func (s *signFlags) check() error { return nil }
