package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// settings are all flags of all commands; a command has those that it adds.
type settings struct {
	config, logFormat, logLevel string

	sandbox, live        bool
	account, clientID    string
	secretFile, baseURL  string
	rate                 float64
	concurrency          int
	timeout              time.Duration
	resendAfter          time.Duration
	noWait               bool
	state, journal       string
	shard                string
	profile, period      string
	prices               string
	flow, guard, channel string
	days                 int
	paymentProfile       string
	callbackURL          string
	returnURL            string
	deadline             string
	limit, maxFailures   int
	onInvalid            string
	expectRows           int
	expectTotal          []string
	expectNet, expectVAT []string
	reports              string
	format               []string
	postingsFrom         string
	csv                  string
	language             string
	json, quiet, dryRun  bool
	documents            string
	onCall               onCall
	planning             planning
}

func (s *settings) addCommon(f *pflag.FlagSet) {
	f.StringVar(&s.config, "config", "", "YAML file with settings, by the names of the flags")
	f.StringVar(&s.logFormat, "log-format", "", "text or json (default text on a terminal, else json)")
	f.StringVar(&s.logLevel, "log-level", "info", "debug, info, warn or error")
}

func (s *settings) addState(f *pflag.FlagSet) {
	f.StringVar(&s.state, "state", "", "folder of journal.db and of the sandbox's state (default: your state folder)")
	f.StringVar(&s.journal, "journal", "",
		"a journal other than the one in --state: a folder, or postgres://… when several machines share it")
	f.BoolVar(&s.sandbox, "sandbox", false, "use the built-in provider: no account, no network, no invoices")
	f.StringVar(&s.account, "account", "", "Dintero account id: T (test) or P (production) and eight digits")
	f.BoolVar(&s.live, "live", false, "permit a production account: real invoices")
}

func (s *settings) addProvider(f *pflag.FlagSet) {
	f.StringVar(&s.clientID, "client-id", "", "API client id (also DINTERO_CLIENT_ID)")
	f.StringVar(&s.secretFile, "client-secret-file", "",
		"file with the API client secret (also DINTERO_CLIENT_SECRET, DINTERO_CLIENT_SECRET_FILE)")
	f.StringVar(&s.baseURL, "base-url", dintero.DefaultBaseURL, "base URL of the API")
	f.Float64Var(&s.rate, "rate", 5, "requests per second, 0 for no limit")
	f.IntVar(&s.concurrency, "concurrency", 8, "requests in flight")
	f.DurationVar(&s.timeout, "timeout", dintero.DefaultTimeout, "longest wait for one answer")
}

func (s *settings) addInput(f *pflag.FlagSet) {
	f.StringVar(&s.profile, "profile", "", "mapping file for exports of another program")
	f.StringVar(&s.prices, "prices", "", "incl_vat or excl_vat, where no profile says it (default incl_vat)")
	f.StringVar(&s.period, "period", "",
		"YYYY-MM, for derived references and kept with every order; orders that an earlier run has for another one are named")
	f.StringVar(&s.channel, "invoice-channel", string(billing.ChannelKravia),
		"kravia or merchant, for orders that don't say")
	f.IntVar(&s.days, "days-until-due", 14, "0 to 365, for orders that don't say")
	f.IntVar(&s.expectRows, "expect-rows", -1, "control total: refuse the input unless it has so many rows")
	f.StringArrayVar(&s.expectTotal, "expect-total", nil,
		"control total including VAT, such as 12345.50, or \"1184.66 EUR,251116.31 NOK\" where the input has several currencies: refuse it unless it adds up to that")
	f.StringArrayVar(&s.expectNet, "expect-net", nil, "control total without VAT, written as --expect-total")
	f.StringArrayVar(&s.expectVAT, "expect-vat", nil, "control total of the VAT, written as --expect-total")
}

func (s *settings) addReport(f *pflag.FlagSet) {
	f.StringVar(&s.reports, "reports", "reports", "folder for reports")
	f.StringSliceVar(&s.format, "format", []string{"xlsx", "csv"},
		"any of xlsx, csv, json; postings (CSV) and sie (SIE 4I) for your ledger, where the profile has its accounts")
	f.StringVar(&s.postingsFrom, "postings-from", "",
		"YYYY-MM-DD: only postings of that day and later ones, where earlier ones were posted before")
	f.StringVar(&s.csv, "csv", "plain",
		"plain, or excel: with semicolons and decimal commas, as spreadsheets set to a Nordic language open it")
	s.addLanguage(f)
	f.BoolVar(&s.json, "json", false, "print the summary as JSON")
	f.BoolVar(&s.quiet, "quiet", false, "print neither progress nor summary")
}

// addAccounts adds --profile where the run is an earlier one.
func (s *settings) addAccounts(f *pflag.FlagSet) {
	f.StringVar(&s.profile, "profile", "",
		"profile whose accounts invoices are posted to; without it those that the run was made with")
}

func (s *settings) addLanguage(f *pflag.FlagSet) {
	f.StringVar(&s.language, "language", report.Languages()[0],
		"language of the workbook, one of "+strings.Join(report.Languages(), ", "))
}

// addContent adds what decides the requests beside the input.
func (s *settings) addContent(f *pflag.FlagSet) {
	f.StringVar(&s.flow, "flow", dispatch.OneStep, "one-step, two-step or two-step-profile")
	f.StringVar(&s.guard, "duplicate-guard", dintero.StrictSuccess.String(),
		"strict-success: refuse a reference that was invoiced; strict: refuse any that was tried")
	f.StringVar(&s.paymentProfile, "payment-profile", "default", "profile id for --flow two-step-profile")
	f.StringVar(&s.callbackURL, "callback-url", "", "https address that the provider calls about each order")
	f.StringVar(&s.returnURL, "return-url", "", "https address that the two-step flows need, any page of yours")
}

func (s *settings) addDocuments(f *pflag.FlagSet) {
	f.StringVar(&s.documents, "documents", "", "folder to fetch the invoices' PDF documents into, under their numbers")
}

func (s *settings) addSending(f *pflag.FlagSet) {
	f.BoolVar(&s.dryRun, "dry-run", false, "do everything but the sending, and keep nothing")
	f.BoolVar(&s.noWait, "no-wait", false,
		"end as soon as nothing can be done at once; what is in doubt stays for the next run")
	f.DurationVar(&s.resendAfter, "resend-after", dispatch.DefaultResendAfter,
		"send an order in doubt, of which the provider shows nothing, once more this long after its last attempt (--sandbox: 1s)")
	f.StringVar(&s.deadline, "deadline", "",
		"start no order after it: a duration such as 2h, or a time such as 2026-12-01T06:00:00Z")
	f.IntVar(&s.limit, "limit", 0, "canary: send only the first N orders, 0 for all")
	f.StringVar(&s.onInvalid, "on-invalid", "skip",
		"skip: send the orders without problems; stop: send nothing if any row is invalid")
	f.IntVar(&s.maxFailures, "max-failures", 20, "stop after so many failed orders in a row, 0 for never")
	f.StringVar(&s.shard, "shard", "",
		"I/N: take only the orders of shard I (0 to N-1) of N, at 1/N of the rate; needs --journal")
}

// envPrefix is put before a flag's name, in capitals with underscores.
const envPrefix = "KRAVIA_BATCH_"

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// origin is where a setting comes from, the weakest first.
type origin uint8

const (
	fromFile origin = iota + 1
	fromEnvironment
	fromCommandLine
)

// load fills the flags that were not given from the environment, then from the config file.
func (a *app) load(cmd *cobra.Command) error {
	known := flagNames(cmd.Root())
	err := a.unknownVariables(known)
	given := map[string]origin{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		given[f.Name] = fromCommandLine
		if text := f.Value.String(); text == "" || text == "[]" { // often a shell variable that is not set
			err = errors.Join(err, usage("--%s is empty: give a value, or leave the flag out", f.Name))
		}
	})
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := a.getenv(envName(f.Name))
		if given[f.Name] != 0 || value == "" || f.Name == "help" {
			return
		}
		given[f.Name] = fromEnvironment
		if e := cmd.Flags().Set(f.Name, value); e != nil {
			err = errors.Join(err, misread(envName(f.Name), f, value, e))
		}
	})
	if err != nil {
		return &exitError{batch.ExitUsage, err} // all of them
	}
	if err := a.loadConfig(cmd, known, given); err != nil {
		return err
	}
	if a.settings.sandbox && a.settings.account != "" && given["account"] >= given["sandbox"] {
		return usage(
			"--sandbox has an account of its own, so --account %s would be ignored: give only one of the two",
			a.settings.account)
	}
	if err := checkNumbers(cmd.Flags()); err != nil {
		return err
	}
	if resend := cmd.Flags().Lookup("resend-after"); resend != nil {
		if a.settings.sandbox && !resend.Changed { // it answers at once, and nothing is lost on the way
			a.settings.resendAfter = time.Second
		}
		if err := a.settings.checkResend(); err != nil {
			return err
		}
	}
	return a.settings.check()
}

// unknownVariables refuses variables with our prefix that are no setting of any command, as the config file's keys.
func (a *app) unknownVariables(known []string) error {
	var unknown []string
	for _, variable := range a.environ {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, envPrefix) &&
			!slices.ContainsFunc(known, func(flag string) bool { return envName(flag) == name }) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	var err error
	for _, name := range unknown {
		near := intake.Nearest(known, strings.TrimPrefix(name, envPrefix))
		if near != "" {
			near = envName(near)
		}
		err = errors.Join(err, usage("%s in the environment is not a setting%s", name, didYouMean(near)))
	}
	return err
}

// loadConfig reads --config. A key that is no flag of any command is an error; one of another command is passed over.
func (a *app) loadConfig(cmd *cobra.Command, known []string, given map[string]origin) error {
	path := a.settings.config
	if path == "" {
		return nil
	}
	data, err := intake.ReadYAML(path)
	if err != nil {
		return usage("--config: %w", err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(data, &values); err != nil {
		first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n") // what follows pictures the file
		return usage("--config %s: %s", path, first)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		flag := cmd.Flags().Lookup(key)
		switch {
		case !slices.Contains(known, key) || key == "config":
			return usage("--config %s: %q is not a setting%s; the settings are the names of the flags", path, key,
				didYouMean(intake.Nearest(known, key)))
		case given[key] != 0 || flag == nil:
			continue
		}
		given[key] = fromFile
		if err := setAny(cmd.Flags(), flag, path, values[key]); err != nil {
			return err
		}
	}
	return nil
}

func setAny(flags *pflag.FlagSet, flag *pflag.Flag, path string, value any) error {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if len(list) == 0 {
		list = []any{nil}
	}
	for _, v := range list {
		text := fmt.Sprint(v)
		switch v := v.(type) {
		case nil, []any, map[string]any:
			text = ""
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64)
		}
		if text == "" {
			return usage("--config %s: %s needs a value, or a list of values", path, flag.Name)
		}
		if err := flags.Set(flag.Name, text); err != nil {
			return misread(fmt.Sprintf("--config %s: %s", path, flag.Name), flag, text, err)
		}
	}
	return nil
}

// flagNames are the names of the flags of all commands.
func flagNames(root *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if f.Name != "help" && f.Name != "version" && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	root.PersistentFlags().VisitAll(add)
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(add)
	}
	return names
}

var (
	accountForm = regexp.MustCompile(`^[PT]\d{8}$`)
	periodForm  = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)
)

// check refuses values that no command can use. Fields of flags that the command lacks are zero and pass.
func (s *settings) check() error {
	switch {
	case s.account != "" && !accountForm.MatchString(s.account):
		return usage("--account %q is not T or P followed by eight digits", s.account)
	case s.period != "" && !periodForm.MatchString(s.period):
		return usage("--period %q is not a month as YYYY-MM", s.period)
	case s.days < 0 || s.days > billing.MaxDays:
		return usage("--days-until-due %d is outside 0 to %d", s.days, billing.MaxDays)
	case s.channel != "" && s.channel != string(billing.ChannelKravia) && s.channel != string(billing.ChannelMerchant):
		return usage("--invoice-channel %q is not kravia or merchant", s.channel)
	case s.flow != "" &&
		!slices.Contains([]string{dispatch.OneStep, dispatch.TwoStep, dispatch.TwoStepProfile}, s.flow):
		return usage("--flow %q is not one-step, two-step or two-step-profile", s.flow)
	case s.onInvalid != "" && s.onInvalid != "skip" && s.onInvalid != "stop":
		return usage("--on-invalid %q is not skip or stop", s.onInvalid)
	case s.postingsFrom != "" && !billing.IsDay(s.postingsFrom):
		return usage("--postings-from %q is not a day as YYYY-MM-DD", s.postingsFrom)
	case s.csv != "" && s.csv != "plain" && s.csv != "excel":
		return usage("--csv %q is not plain or excel", s.csv)
	case s.language != "" && !slices.Contains(report.Languages(), s.language):
		return usage("--language %q is not one of %s", s.language, strings.Join(report.Languages(), ", "))
	case s.expectRows < -1:
		return usage("--expect-rows %d is negative", s.expectRows)
	case s.logLevel != "" && new(slog.Level).UnmarshalText([]byte(s.logLevel)) != nil:
		return usage("--log-level %q is not debug, info, warn or error", s.logLevel)
	case s.logFormat != "" && s.logFormat != "text" && s.logFormat != "json":
		return usage("--log-format %q is not text or json", s.logFormat)
	}
	if s.guard != "" {
		if _, err := dintero.ParseGuard(s.guard); err != nil {
			return usage("--duplicate-guard: %w", err)
		}
	}
	if _, err := s.formats(); err != nil {
		return err
	}
	if _, err := s.deadlineTime(time.Now()); err != nil {
		return err
	}
	if _, err := s.shardOf(); err != nil {
		return err
	}
	if err := s.checkPlaces(); err != nil {
		return err
	}
	return s.checkAddresses()
}

// setExpected reads the control totals of money.
func (s *settings) setExpected(in *batch.Input) error {
	for _, of := range []struct {
		flag  string
		given []string
		sums  *[]batch.ExpectedSum
	}{
		{"--expect-total", s.expectTotal, &in.ExpectTotal},
		{"--expect-net", s.expectNet, &in.ExpectNet},
		{"--expect-vat", s.expectVAT, &in.ExpectVAT},
	} {
		var err error
		if *of.sums, err = expectedSums(of.flag, of.given); err != nil {
			return err
		}
	}
	return nil
}

// expectedSums reads one amount, or amounts that each name a currency.
func expectedSums(flag string, given []string) (sums []batch.ExpectedSum, err error) {
	var parts []string
	for _, text := range given {
		parts = append(parts, strings.Split(text, ",")...)
	}
	for i, part := range parts {
		number, code, named := strings.Cut(strings.TrimSpace(part), " ")
		var sum batch.ExpectedSum
		if sum.Number, err = money.ParseDecimal(number, money.Dot); err != nil ||
			strings.ContainsAny(code, "0123456789") || !named && len(parts) > 1 {
			return nil,
				usage(
					"%s %q: write an amount with a dot and no spaces, such as 12345.50, or amounts with their currencies, such as \"1184.66 EUR,251116.31 NOK\"",
					flag, strings.Join(given, ","))
		}
		if named {
			if sum.Currency, err = money.ParseCurrency(strings.TrimSpace(code)); err != nil {
				return nil, usage("%s %q: %w", flag, strings.TrimSpace(part), err)
			}
		}
		if slices.ContainsFunc(sums[:i], func(s batch.ExpectedSum) bool { return s.Currency == sum.Currency }) {
			return nil, usage("%s names %s twice", flag, sum.Currency)
		}
		sums = append(sums, sum)
	}
	return sums, nil
}

// statePath is the folder of the journal, "" when there is no home folder and none is given.
func (a *app) statePath() string {
	if a.settings.state != "" {
		return a.settings.state
	}
	base := a.getenv("XDG_STATE_HOME")
	if base == "" {
		home := a.getenv("HOME")
		if home == "" {
			return ""
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "kravia-batch")
}

func errNoHome() error {
	return usage("there is no home folder to keep the journal in: give --state DIR")
}

// stateDir is statePath, made when it is missing.
func (a *app) stateDir() (string, error) {
	dir := a.statePath()
	if dir == "" {
		return "", errNoHome()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the state folder: %w (give another with --state)", err)
	}
	return dir, nil
}

// logger writes to standard error. All of an invocation share one, so that lines stay whole.
func (a *app) logger() *slog.Logger {
	if a.log != nil {
		return a.log
	}
	var level slog.Level
	_ = level.UnmarshalText([]byte(a.settings.logLevel)) // see check
	options := &slog.HandlerOptions{Level: level}
	if a.settings.logFormat == "text" || (a.settings.logFormat == "" && a.terminal) {
		a.log = slog.New(slog.NewTextHandler(a.stderr, options))
	} else {
		a.log = slog.New(slog.NewJSONHandler(a.stderr, options))
	}
	return a.log
}
