package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/money"
)

var periodForm = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

// inputFlags say how the files are read, and what they must add up to.
type inputFlags struct {
	profile profileFlag
	prices  string // "" where nothing is said
	period  string
	channel string
	days    int // until due

	expectRows                        int // -1 for not given
	expectTotal, expectNet, expectVAT []string
	control                           string // path of a file with control totals
}

func (s *inputFlags) add(f *pflag.FlagSet) {
	f.StringVar((*string)(&s.profile), "profile", "", "`file` that maps the export of another program")
	f.StringVar(&s.prices, "prices", "",
		"`how` prices are read where no profile says it: incl_vat or excl_vat (default incl_vat)")
	f.StringVar(&s.period, "period", "",
		"`YYYY-MM`, or previous-month: the month before today's in Norway. For derived references and for {period} in "+
			"FILE, and kept with every order; orders that an earlier run has for another period are named")
	f.IntVar(&s.expectRows, "expect-rows", -1, "control total: refuse the input unless it has `N` rows")
	f.StringArrayVar(&s.expectTotal, "expect-total", nil,
		"control total with VAT: refuse the input unless it adds up to `sum`, such as 12345.50, or "+
			"\"1184.66 EUR,251116.31 NOK\" for several currencies")
	f.StringArrayVar(&s.expectNet, "expect-net", nil,
		"control total without VAT, a `sum` written as for --expect-total")
	f.StringArrayVar(&s.expectVAT, "expect-vat", nil, "control total of the VAT, a `sum` written as for --expect-total")
	f.StringVar(&s.control, "control", "",
		"YAML `file` with control totals, delivered with the export: expect-rows, expect-total, expect-net, "+
			"expect-vat; "+
			"{period} in its path is the period")
	f.IntVar(&s.days, "days-until-due", 14, "`days` until due, 0 to 365, for orders that do not say")
	f.StringVar(&s.channel, "invoice-channel", string(billing.ChannelKravia),
		"`who` delivers invoices of orders that do not say: kravia or merchant")
}

// check resolves the period and refuses values that no run can use.
func (s *inputFlags) check() error {
	switch {
	case s.days < 0 || s.days > billing.MaxDays:
		return usage(msgOutside, "days-until-due", s.days, billing.MaxDays)
	case s.expectRows < -1:
		return usage(msgNegative, "expect-rows", s.expectRows)
	}
	if err := s.setPeriod(time.Now()); err != nil {
		return err
	}
	return checkChoice(s.channel, msgChannel, string(billing.ChannelKravia), string(billing.ChannelMerchant))
}

// input is what to read, from the arguments and the settings.
func (a *app) input(s *inputFlags, args []string, progress batch.Progress) (in *batch.Input, err error) {
	if err := s.loadControl(); err != nil {
		return nil, err
	}
	in = &batch.Input{
		Stdin: a.stdin, ExpectRows: s.expectRows, Logger: a.logger(), Progress: progress, Stop: a.stop,
		Rules: &billing.Rules{Period: s.period, DaysUntilDue: s.days, Channel: billing.Channel(s.channel)},
	}
	if in.Profile, err = s.profile.load(); err != nil {
		return nil, err
	}
	if err := s.setPrices(in); err != nil {
		return nil, err
	}
	if in.Profile != nil {
		in.Rules = rulesOf(in.Profile, in.Rules)
	}
	if err := in.Rules.Lint(); err != nil {
		return nil, usage("%w", err)
	}
	if err := s.setExpected(in); err != nil {
		return nil, err
	}
	in.Paths, in.Notices, err = s.inputs(args)
	return in, err
}

// setPrices applies --prices, which a profile must not contradict.
func (s *inputFlags) setPrices(in *batch.Input) error {
	if s.prices == "" {
		return nil
	}
	if err := checkChoice(s.prices, msgPrices, intake.PricesInclVAT, intake.PricesExclVAT); err != nil {
		return err
	}
	if in.Profile == nil {
		in.Profile = &intake.Profile{Name: "--prices"}
	}
	profile := in.Profile.Prices
	for _, cells := range []map[billing.Column]string{in.Profile.Constants, in.Profile.Defaults} {
		if cell := cells[billing.ColPrices]; profile == "" && cell != "" {
			profile = strings.ToLower(cell) + "_vat"
		}
	}
	if profile != "" && profile != s.prices {
		return usage(msgPricesContradict, s.prices, in.Profile.Name, profile)
	}
	in.Profile.Prices = s.prices
	return nil
}

// rulesOf puts a profile's rules over those of the flags.
func rulesOf(p *intake.Profile, rules *billing.Rules) *billing.Rules {
	rules.Constants, rules.Defaults, rules.Severity = p.Constants, p.Defaults, p.Severity
	rules.ExclVAT, rules.Minor, rules.RoundByRate = p.Prices == intake.PricesExclVAT, p.Minor, p.RoundByRate
	rules.Reference, rules.SplitOrders, rules.Seller = p.Reference, p.SplitOrders, p.Seller
	return rules
}

// setExpected reads the control totals of money.
func (s *inputFlags) setExpected(in *batch.Input) (err error) {
	for _, of := range []struct {
		flag  string
		given []string
		sums  *[]batch.ExpectedSum
	}{
		{"--expect-total", s.expectTotal, &in.ExpectTotal},
		{"--expect-net", s.expectNet, &in.ExpectNet},
		{"--expect-vat", s.expectVAT, &in.ExpectVAT},
	} {
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
			return nil, usage(msgExpectedSum, flag, strings.Join(given, ","))
		}
		if named {
			if sum.Currency, err = money.ParseCurrency(strings.TrimSpace(code)); err != nil {
				return nil, usage("%s %q: %w", flag, strings.TrimSpace(part), err)
			}
		}
		if slices.ContainsFunc(sums[:i], func(s batch.ExpectedSum) bool { return s.Currency == sum.Currency }) {
			return nil, usage(msgCurrencyTwice, flag, sum.Currency)
		}
		sums = append(sums, sum)
	}
	return sums, nil
}

// profileFlag is the path of a profile, "" for none.
type profileFlag string

// load reads the profile, nil for none.
func (p profileFlag) load() (*intake.Profile, error) {
	if p == "" {
		return nil, nil //nolint:nilnil // none is not wrong
	}
	profile, err := intake.LoadProfile(string(p))
	if _, refused := errors.AsType[*intake.Error](err); err != nil && !refused {
		err = usage("--profile: %w", err)
	}
	return profile, err
}

// hash is the hex SHA-256 of the profile's file, "" for none.
func (p profileFlag) hash() (string, error) {
	if p == "" {
		return "", nil
	}
	data, err := os.ReadFile(string(p))
	if err != nil {
		return "", usage("--profile: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
