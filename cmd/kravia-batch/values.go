package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// misread says in words that a flag's value is none of its type; where names the setting as it was given.
func misread(where string, flag *pflag.Flag, value string, err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return usage("%s %q is too large", where, value)
	}
	kinds := map[string]string{
		"int": "a whole number", "float64": "a number", "bool": "true or false",
		"duration":    "a duration such as 30s or 5m",
		"stringSlice": "a list such as a,b",
	}
	return usage("%s %q is not %s", where, value, kinds[flag.Value.Type()])
}

// didYouMean is a suggestion for the end of a message, "" without one.
func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", word)
}

// checkNumbers refuses numbers and durations that no command can use, each by its own flag.
func checkNumbers(flags *pflag.FlagSet) error {
	for _, flag := range []struct {
		name  string
		least int
	}{{"concurrency", 1}, {"limit", 0}, {"max-failures", 0}} {
		if n, err := flags.GetInt(flag.name); err == nil && n < flag.least { // err: the command has no such flag
			return usage("--%s %d is too small: it must be at least %d", flag.name, n, flag.least)
		}
	}
	if rate, err := flags.GetFloat64("rate"); err == nil && (math.IsNaN(rate) || math.IsInf(rate, 0) || rate < 0) {
		return usage("--rate %v is not a number of requests per second; 0 means no limit", rate)
	}
	if wait, err := flags.GetDuration("timeout"); err == nil && wait <= 0 {
		return usage("--timeout %s leaves no time for an answer: give one such as 60s", wait)
	}
	if wait, err := flags.GetDuration("resend-after"); err == nil && wait <= 0 {
		return usage("--resend-after %s leaves no time for the answer to the request before: give one such as 10m",
			wait)
	}
	if wait, err := flags.GetDuration("latency"); err == nil && wait < 0 {
		return usage("--latency %s is negative", wait)
	}
	return nil
}

// checkPlaces refuses a place of the journal that is none. The message does not repeat what is no path: it
// may hold a password.
func (s *settings) checkPlaces() error {
	for _, place := range []struct{ flag, at string }{{"state", s.state}, {"journal", s.journal}} {
		if place.at == "" {
			continue
		}
		if err := journal.CheckLocation(place.at); err != nil {
			return usage("--%s: %w", place.flag, err)
		}
		switch info, err := os.Stat(place.at); {
		case journal.Shared(place.at) && place.flag == "state":
			return usage("--state is a folder; a shared journal is given with --journal")
		case err == nil && !info.IsDir():
			return usage("--%s %s is a file: give the folder that holds journal.db, or is to hold it", place.flag,
				place.at)
		}
	}
	return nil
}

// checkAddresses refuses addresses that the provider cannot use, and a flow without one that it needs. The
// messages do not repeat them, for they may hold a key.
func (s *settings) checkAddresses() error {
	twoSteps := s.flow == dispatch.TwoStep || s.flow == dispatch.TwoStepProfile
	if twoSteps && s.returnURL == "" {
		return usage("--flow %s needs --return-url: any https page of yours, such as https://www.example.com/thanks",
			s.flow)
	}
	for _, given := range []struct{ flag, address string }{
		{"callback-url", s.callbackURL},
		{"return-url", s.returnURL},
	} {
		if given.address == "" {
			continue
		}
		if err := dintero.CheckAddress(given.address); err != nil {
			return usage("--%s is %w", given.flag, err)
		}
	}
	return nil
}

// checkResend refuses to repeat a request while the one before may still be on its way.
func (s *settings) checkResend() error {
	least := 2 * s.timeout
	if s.resendAfter >= least || s.sandbox || dintero.OnLoopback(s.baseURL) {
		return nil
	}
	return usage(
		"--resend-after %s is too short: an answer may take --timeout %s, so that it must be at least %s, or the same order could be invoiced twice",
		s.resendAfter, s.timeout, least)
}

func (s *settings) formats() ([]report.Format, error) {
	var formats []report.Format
	for _, text := range s.format {
		format, err := report.ParseFormat(text)
		if err != nil {
			return nil, usage("--format: %w", err)
		}
		switch {
		case s.csv != "excel":
		case format == report.CSV:
			format = report.ExcelCSV
		case format == report.Postings:
			format = report.ExcelPostings
		}
		formats = append(formats, format)
	}
	return formats, nil
}

func (s *settings) deadlineTime(now time.Time) (time.Time, error) {
	if s.deadline == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s.deadline); err == nil && d > 0 {
		return now.Add(d), nil
	}
	t, err := time.Parse(time.RFC3339, s.deadline)
	if err != nil {
		return time.Time{},
			usage("--deadline %q is neither a duration such as 2h nor a time such as 2026-12-01T06:00:00Z", s.deadline)
	}
	if t.Before(now) {
		return time.Time{}, usage("--deadline %s has passed: nothing could be sent", s.deadline)
	}
	return t, nil
}

func (s *settings) shardOf() (journal.Shard, error) {
	if s.shard == "" {
		return journal.Shard{}, nil
	}
	index, count, found := strings.Cut(s.shard, "/")
	i, errI := strconv.Atoi(index)
	n, errN := strconv.Atoi(count)
	if !found || errI != nil || errN != nil || n < 1 || i < 0 || i >= n {
		return journal.Shard{}, usage("--shard %q is not I/N with I from 0 to N-1", s.shard)
	}
	if s.journal == "" {
		return journal.Shard{}, usage("--shard needs a shared journal: --journal postgres://…")
	}
	return journal.Shard{Index: i, Count: n}, nil
}
