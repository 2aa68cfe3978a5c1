package batch

import (
	"context"
	"errors"
	"fmt"

	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/fault"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// send sends the run's orders, unless rows are invalid and the run is told to send nothing then, or the user has
// stopped it. How it ended stands in the result. The error is one that ended it early; a panic is a [fault.Error].
func (s *Settings) send(ctx context.Context, run journal.Run, totals *Totals, toSend needs, result *Result) error {
	result.held = s.StopOnInvalid && totals.InvalidRows > 0
	switch {
	case result.held:
		return nil
	case s.stopped():
		result.Reason = dispatch.Interrupted
		return nil
	}
	err := fault.Run(func() error { return s.sendAndNotify(ctx, run, toSend, result) })
	if _, faulted := errors.AsType[*fault.Error](err); faulted {
		result.Reason = dispatch.Faulted
	}
	return err
}

// sendAndNotify sends, and adds a notice for each order of another run that came out of doubt meanwhile.
func (s *Settings) sendAndNotify(ctx context.Context, run journal.Run, toSend needs, result *Result) error {
	before, err := unclearElsewhere(ctx, s.Journal, s.Shard, []journal.Run{run})
	if err != nil {
		return err
	}
	err = s.sendDue(ctx, run.ID, toSend, result)
	notices, unread := clearedNotices(context.WithoutCancel(ctx), s.Journal, before)
	result.Notices = append(result.Notices, notices...)
	return errors.Join(err, unread)
}

// sendDue connects to the provider when something is due: the run's orders, or what earlier runs left unclear.
func (s *Settings) sendDue(ctx context.Context, run string, toSend needs, result *Result) error {
	if s.Limit > 0 {
		limited, err := s.Journal.Limit(ctx, run, s.Limit)
		if err != nil {
			return err
		}
		if limited > 0 {
			result.Reason = dispatch.LimitReached
		}
	}
	cfg := s.dispatchConfig(run, result)
	if due, err := dispatch.Ready(ctx, s.Journal, cfg); err != nil || !due && s.Documents == "" {
		return err
	}
	client, err := s.Connect()
	if err != nil {
		return err
	}
	err = s.sendWith(ctx, client, cfg, toSend, result)
	result.requests = RequestsOf(client)
	return err
}

// dispatchConfig is the user's configuration of dispatch, with what the run knows.
func (s *Settings) dispatchConfig(run string, result *Result) dispatch.Config {
	cfg := s.Dispatch
	cfg.Account, cfg.Run, cfg.Flow, cfg.Shard = s.Account, run, s.Flow, s.Shard
	cfg.Stop, cfg.Day = s.Stop, intake.DayOf
	cfg.Logger = s.logger().With("run", run)
	cfg.Notice = func(text string) { result.Notices = append(result.Notices, text) }
	return cfg
}

// sendWith authenticates first, so that wrong credentials end the run before any order. Then it asks what the account
// lacks, sends, and fetches the documents.
func (s *Settings) sendWith(ctx context.Context, client *dintero.Client, cfg dispatch.Config, toSend needs,
	result *Result,
) error {
	if err := client.Authenticate(ctx); err != nil {
		switch {
		case errors.Is(err, dispatch.ErrStopped), errors.Is(err, context.Canceled):
			result.Reason = dispatch.Interrupted
			return nil
		case errors.Is(err, dintero.ErrCredentials):
			result.Reason = dispatch.CredentialsRefused
		}
		return fmt.Errorf(msgNoCall, err)
	}
	result.Notices = append(result.Notices, s.askAccount(ctx, client, toSend)...)
	if s.Planned != nil {
		s.Planned(toSend.orders())
	}
	reason, err := dispatch.Run(ctx, s.Journal, client, cfg)
	if reason != dispatch.Finished {
		result.Reason = reason
	}
	if s.Documents == "" || err != nil || result.Reason == dispatch.Interrupted {
		return err
	}
	documents, err := Documents(ctx, s.Journal, client, cfg, journal.Run{ID: cfg.Run}, s.Documents, s.Progress)
	result.Notices = append(result.Notices, documents.Notices...)
	if documents.Reason != dispatch.Finished {
		result.Reason = documents.Reason
	}
	return err
}

// RequestsOf is how many requests a client has made.
func RequestsOf(c *dintero.Client) report.Requests {
	n := c.Requests()
	return report.Requests{Token: n.Token, Account: n.Account, Pay: n.Pay, Lookup: n.LookUp, Other: n.Other}
}
