package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// previousMonth is a period that the clock tells.
const previousMonth = "previous-month"

// periodMark stands for the period in a FILE and in --control.
const periodMark = "{period}"

// setPeriod resolves --period once, so that all of a run has the same one, and refuses what is none.
func (s *inputFlags) setPeriod(now time.Time) error {
	if s.period == previousMonth {
		s.period = monthBefore(intake.DayOf(now))
	}
	if s.period != "" && !periodForm.MatchString(s.period) {
		return usage(msgPeriod, s.period, previousMonth)
	}
	return nil
}

// monthBefore is the month before that of a day, as YYYY-MM.
func monthBefore(day billing.Date) string {
	year, month := 0, 0
	_, _ = fmt.Sscanf(string(day), "%d-%d", &year, &month) // a day has both
	return time.Date(year, time.Month(month-1), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

// forPeriod puts the period into a path. Without a period there is nothing to put there.
func (s *inputFlags) forPeriod(path string) (string, error) {
	if s.period == "" && strings.Contains(path, periodMark) {
		return "", usage(msgNoPeriod, path, periodMark)
	}
	return strings.ReplaceAll(path, periodMark, s.period), nil
}

// inputs are the paths to read. The file of --control is none of them, also in a folder that is read.
func (s *inputFlags) inputs(args []string) (paths, notices []string, err error) {
	for _, arg := range args {
		path, err := s.forPeriod(arg)
		if err != nil {
			return nil, nil, err
		}
		paths = append(paths, path)
	}
	return intake.Inputs(paths, s.control)
}

// loadControl adds the control totals of --control to those of flags. The file is delivered with the export, so what is
// wrong with it is the input's fault and no setting's.
func (s *inputFlags) loadControl() (err error) {
	if s.control, err = s.forPeriod(s.control); err != nil || s.control == "" {
		return err
	}
	refuse := func(format string, args ...any) error {
		err := fmt.Errorf(msgControl, s.control, fmt.Errorf(format, args...))
		return &exitError{batch.ExitInput, err}
	}
	data, err := intake.ReadYAML(s.control)
	if err != nil {
		return refuse("%w", err)
	}
	var values map[string]string
	if err := yaml.Unmarshal(data, &values); err != nil {
		first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n") // what follows pictures the file
		return refuse("%s", first)
	}
	if len(values) == 0 {
		return refuse(msgControlEmpty)
	}
	sums := map[string]*[]string{"expect-total": &s.expectTotal, "expect-net": &s.expectNet, "expect-vat": &s.expectVAT}
	known := append(slices.Sorted(maps.Keys(sums)), "expect-rows")
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value, sum := values[key], sums[key]
		switch {
		case !slices.Contains(known, key):
			near := didYouMean(intake.Nearest(known, key))
			return refuse(msgControlKey, key, near, strings.Join(known, ", "))
		case sum == nil && s.expectRows >= 0, sum != nil && len(*sum) > 0:
			return usage(msgControlTwice, key, s.control)
		case sum == nil:
			if s.expectRows, err = strconv.Atoi(value); err != nil || s.expectRows < 0 {
				return refuse(msgControlRows, key, value)
			}
		default:
			if _, err := expectedSums(key, []string{value}); err != nil {
				return refuse("%w", err)
			}
			*sum = []string{value}
		}
	}
	return nil
}
