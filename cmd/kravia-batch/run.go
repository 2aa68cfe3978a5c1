package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

func (a *app) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE…",
		Short: "Read, check, group, send and report",
		Long: `Run does the whole job. FILE is a path, a folder (all its .csv .tsv .txt .xlsx .xlsm) or - for CSV on standard input.
The registers of a profile, such as customers in a file of their own, are FILEs too, in any order. Inputs are never changed.

Running it again is the resume: what is invoiced is not invoiced again, what is in doubt is looked up first, and a corrected file sends
what was not sent before. An order in doubt of which the provider shows nothing is sent once more when its last request is --resend-after
old; the run waits for that unless --no-wait is given. What the files lack of what the account has in doubt is looked up, too, and named.

Every flag can be set in the environment, --days-until-due as KRAVIA_BATCH_DAYS_UNTIL_DUE, or in the --config file. A flag goes
before the environment and that before the file. A name that is no flag is refused.`,
		Example: `  kravia-batch run --sandbox samples/november.csv
  kravia-batch run --dry-run --json --sandbox samples/november.csv
  kravia-batch run --dry-run --profile my.yaml lines.csv customers.csv
  kravia-batch run --account T12345678 --client-secret-file secret --limit 3 november.xlsx`,
		Args: someFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.announced(cmd.Context(), cmd.Name(), func() error { return a.run(cmd.Context(), args) })
		},
	}
	f := cmd.Flags()
	a.settings.addInput(f)
	a.settings.addContent(f)
	a.settings.addSending(f)
	a.settings.addFollowing(f)
	a.settings.addState(f)
	a.settings.addProvider(f)
	a.settings.addReport(f)
	a.settings.addDocuments(f)
	a.settings.addOnCall(f)
	return cmd
}

func (a *app) run(ctx context.Context, args []string) error {
	input, err := a.input(args)
	if err != nil {
		return err
	}
	settings, err := a.runSettings(input)
	if err != nil {
		return err
	}
	if err := a.follow(settings); err != nil {
		return err
	}
	if a.settings.dryRun {
		return a.dryRun(ctx, settings)
	}
	if settings.Account, settings.Environment, err = a.target(); err != nil {
		return err
	}
	if err := a.selfCheck(); err != nil {
		return err
	}
	connect, closeProvider, err := a.provider(settings.Account)
	if err != nil {
		return err
	}
	defer closeProvider()
	settings.Connect = connect
	if settings.Journal, err = a.openJournal(ctx); err != nil {
		return err
	}
	defer func() { _ = settings.Journal.Close() }() // what matters was durable before
	settings.Shown = a.shown(settings.Rules.ExclVAT)
	if !a.settings.quiet {
		settings.Planned, settings.Dispatch.Concluded = a.bar.start, a.bar.settled
	}
	if a.terminal && !a.settings.quiet {
		settings.Watch = a.showProblems
	}
	result, err := batch.Run(ctx, settings)
	return a.conclude(result, err)
}

// showProblems prints, once the groups have passed, what `check` prints about them: a person does not read log lines.
func (a *app) showProblems(groups iter.Seq2[billing.Group, error]) iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		problems := &problemList{}
		for g, err := range problems.watch(groups) {
			if !yield(g, err) {
				return
			}
		}
		printProblems(a.stderr, problems)
	}
}

// conclude tells how a run went and with which code to leave.
func (a *app) conclude(result *batch.Result, err error) error {
	a.result = result
	if result == nil || result.Summary == nil {
		return err
	}
	for _, notice := range append(result.Summary.PostedElsewhere(), result.Notices...) {
		fmt.Fprintln(a.stderr, "kravia-batch: note:", notice)
	}
	if printErr := a.printSummary(result.Summary, result.Reason); printErr != nil {
		err = errors.Join(err, printErr)
	}
	code := result.Summary.ExitCode
	switch {
	case code == batch.ExitDone && err == nil:
		return nil
	case code == batch.ExitDone:
		code = batch.ExitCodeOf(err)
	}
	return &exitError{code, err}
}

// input is what to read, from the arguments and flags.
func (a *app) input(args []string) (in *batch.Input, err error) {
	s := &a.settings
	in = &batch.Input{
		Stdin: a.stdin, ExpectRows: s.expectRows, Logger: a.logger(), Progress: a.progress(),
		Stop: a.stop,
	}
	in.Rules = &billing.Rules{Period: s.period, DaysUntilDue: s.days, Channel: billing.Channel(s.channel)}
	if in.Profile, err = s.loadProfile(); err != nil {
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
	in.Paths, in.Notices, err = intake.Inputs(args)
	return in, err
}

// loadProfile reads --profile, nil without one.
func (s *settings) loadProfile() (*intake.Profile, error) {
	if s.profile == "" {
		return nil, nil //nolint:nilnil // none is not wrong
	}
	p, err := intake.LoadProfile(s.profile)
	if _, refused := errors.AsType[*intake.Error](err); err != nil && !refused {
		err = usage("--profile: %w", err)
	}
	return p, err
}

// setPrices applies --prices, which a profile must not contradict.
func (s *settings) setPrices(in *batch.Input) error {
	switch s.prices {
	case "":
		return nil
	case intake.PricesInclVAT, intake.PricesExclVAT:
	default:
		return usage("--prices %q is neither incl_vat nor excl_vat", s.prices)
	}
	if in.Profile == nil {
		in.Profile = &intake.Profile{Name: "--prices"}
	}
	said := in.Profile.Prices
	for _, cells := range []map[billing.Column]string{in.Profile.Constants, in.Profile.Defaults} {
		if cell := cells[billing.ColPrices]; said == "" && cell != "" {
			said = strings.ToLower(cell) + "_vat"
		}
	}
	if said != "" && said != s.prices {
		return usage("--prices %s contradicts the profile %s, which says prices: %s", s.prices, in.Profile.Name, said)
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

func (a *app) runSettings(input *batch.Input) (*batch.Settings, error) {
	s := &a.settings
	if s.returnURL != "" && s.flow == dispatch.OneStep {
		fmt.Fprintln(a.stderr, "kravia-batch: note: --return-url is for the two-step flows; one step does not use it")
	}
	formats, err := s.formats()
	if err != nil {
		return nil, err
	}
	deadline, err := s.deadlineTime(time.Now())
	if err != nil {
		return nil, err
	}
	shard, err := s.shardOf()
	if err != nil {
		return nil, err
	}
	guard, err := dintero.ParseGuard(s.guard)
	if err != nil {
		return nil, usage("--duplicate-guard: %w", err)
	}
	profileHash, err := s.profileHash()
	if err != nil {
		return nil, err
	}
	seller, accounts := "", (*billing.Accounts)(nil)
	if input.Profile != nil {
		seller, accounts = input.Profile.SellerName, input.Profile.Accounts
	}
	if err := report.CheckAccounts(formats, accounts); err != nil {
		return nil, usage("--format: %w", err)
	}
	return &batch.Settings{
		Input: *input, Seller: seller, ProfileSHA256: profileHash, Period: s.period, Version: programVersion(),
		Flow: s.flow, Shard: shard, Limit: s.limit, StopOnInvalid: s.onInvalid == "stop",
		Body:    dintero.BodyOptions{CallbackURL: s.callbackURL, ReturnURL: s.returnURL, ProfileID: s.paymentProfile},
		Reports: s.reports, Formats: formats, PostingsFrom: billing.Date(s.postingsFrom), Language: s.language,
		Documents: s.documents, SignalCode: a.signalCode,
		Dispatch: dispatch.Config{
			Concurrency: s.concurrency, Guard: guard, ResendAfter: s.resendAfter, NoWait: s.noWait,
			MaxFailures: s.maxFailures,
			Deadline:    deadline,
		},
	}, nil
}

// shown are the settings for the report's reader.
func (a *app) shown(exclVAT bool) []report.Setting {
	s := &a.settings
	return []report.Setting{
		{Name: "flow", Value: s.flow},
		{Name: "duplicate guard", Value: s.guard},
		{Name: "profile", Value: s.profile},
		{
			Name:  "prices, where the row says nothing",
			Value: map[bool]string{false: "with VAT", true: "without VAT"}[exclVAT],
		},
		{Name: "rate", Value: fmt.Sprintf("%g per second", s.rate)},
		{Name: "concurrency", Value: fmt.Sprint(s.concurrency)},
		{Name: "days until due, where the row says nothing", Value: fmt.Sprint(s.days)},
		{Name: "invoice channel, where the row says nothing", Value: s.channel},
		{
			Name:  "invalid rows",
			Value: map[string]string{"skip": "skipped with their orders", "stop": "stop the run"}[s.onInvalid],
		},
	}
}

// dryRequest is one order of a dry run in JSON.
type dryRequest struct {
	Reference string          `json:"order_reference"`
	Send      bool            `json:"send"`  // would be sent, or looked up first when in doubt
	State     string          `json:"state"` // in the journal; "not attempted" when it is not there
	Rows      int             `json:"rows"`
	Body      json.RawMessage `json:"body"`
	Create    json.RawMessage `json:"create_body,omitempty"`
}

// dryReading is what a dry run finds out beside a check.
type dryReading struct {
	requests []dryRequest // with --json
	toSend   int          // orders
	sums     []money.Amount
	before   map[billing.Final]int // orders by their state in the journal
}

func (d *dryReading) take(r *batch.Request, keep bool) error {
	d.before[r.State]++
	send := r.State == billing.FinalNotAttempted || r.State == billing.FinalInDoubt
	if keep {
		d.requests = append(d.requests,
			dryRequest{r.Order.Reference, send, r.State.String(), r.Order.Rows, r.Body, r.Create})
	}
	if !send {
		return nil
	}
	d.toSend++
	return batch.AddTo(&d.sums, r.Order.Gross)
}

// dryRun shows what would be sent.
func (a *app) dryRun(ctx context.Context, settings *batch.Settings) error {
	reading, err := batch.Read(ctx, &settings.Input)
	if err != nil {
		return err
	}
	defer reading.Close()
	if _, err := reading.Expected(); err != nil {
		return err
	}
	if settings.Journal, settings.Account, err = a.existingJournal(ctx); err != nil {
		return err
	}
	if settings.Journal != nil {
		defer func() { _ = settings.Journal.Close() }() // only read
	}
	problems := a.problemList()
	dry := &dryReading{before: map[billing.Final]int{}}
	totals, err := batch.DryRun(ctx, settings, problems.watch(reading.Groups()), func(r batch.Request) error {
		problems.add(r.Problems)
		return dry.take(&r, a.settings.json)
	})
	if err != nil {
		return err
	}
	for _, state := range billing.Finals() {
		if n := dry.before[state]; n > 0 && state != billing.FinalNotAttempted {
			reading.Notices = append(reading.Notices, fmt.Sprintf("%s in the journal as %s", plural(n, "order"), state))
		}
	}
	return a.printReading(reading, totals, problems, nil, dry)
}
