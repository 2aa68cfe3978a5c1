package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

type doctorOptions struct {
	*app
	accountFlags
	journalFlags
	providerFlags
	contentFlags
	reports string
	json    bool
}

func (o *doctorOptions) add(f *pflag.FlagSet) {
	f.StringVar(&o.reports, "reports", "reports", "`folder` for reports")
	f.BoolVar(&o.json, "json", false, "print the checks as JSON")
}

func (o *doctorOptions) check() error { return nil }

func (a *app) doctorCommand() *cobra.Command {
	o := &doctorOptions{app: a}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check what a run would need, before any order",
		Long: `Doctor checks what a run with the same settings would need: credentials, the
products and invoice channels of the account, the clock, the journal and its
lock, folders and free disk. It begins no run and sends no order. The provider
need not tell what an account has, so "cannot tell" is not a fault.

Exit code 0: nothing is in the way of a run. 2: settings, journal or disk are in
the way, or the provider cannot be reached. 4: the provider refuses the
credentials.`,
		Example: "  kravia-batch doctor --account T12345678 --client-secret-file secret",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.examine(cmd.Context()) },
	}
	a.addFlags(cmd, []string{"account", "live", "sandbox", "client-id", "client-secret-file", "json"},
		section{headProvider, []group{&o.providerFlags, &o.contentFlags}},
		section{headJournal, []group{&o.accountFlags, &o.journalFlags, o}})
	return cmd
}

// How a check can end.
const (
	statusOK      = "ok"
	statusWarning = "warning"
	statusUnknown = "cannot tell"
	statusFailed  = "failed"
)

type finding struct {
	Check   string `json:"check"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

// diagnosis is what doctor finds.
type diagnosis struct {
	*doctorOptions
	known    string // account, "" when the settings name none that a run would take
	exitCode int
	findings []finding
}

func (d *diagnosis) found(check, status, format string, args ...any) {
	message := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ")
	d.findings = append(d.findings, finding{check, status, message})
}

// passed notes what is fine, or the error that keeps a run from beginning.
func (d *diagnosis) passed(check string, err error, format string, args ...any) bool {
	if err == nil {
		d.found(check, statusOK, format, args...)
		return true
	}
	d.found(check, statusFailed, "%s", err)
	code := batch.ExitUsage
	if errors.Is(err, dintero.ErrCredentials) {
		code = batch.ExitCredentials
	}
	d.exitCode = max(d.exitCode, code) // of both, refused credentials
	return false
}

// examine makes all checks and prints what they found.
func (o *doctorOptions) examine(ctx context.Context) error {
	d := &diagnosis{doctorOptions: o}
	account, env, err := o.target()
	if d.passed("account", err, "%s, %s", account, env) {
		d.known = account
	}
	d.askProvider(ctx)
	d.openableJournal(ctx)
	d.machine()
	if code := o.signalCode(); code != 0 {
		return &exitError{code, dispatch.ErrStopped}
	}
	if err = nil; d.exitCode != batch.ExitDone {
		err = &exitError{code: d.exitCode}
	}
	if o.json {
		return cmp.Or(
			writeJSON(o.stdout, map[string]any{"account": d.known, "checks": d.findings, "exit_code": d.exitCode}),
			err)
	}
	d.print()
	return err
}

func (d *diagnosis) print() {
	for _, f := range d.findings {
		fmt.Fprintf(d.stdout, "%-11s  %-26s  %s\n", f.Status, f.Check, f.Message)
	}
	end := msgNothingInTheWay
	if d.exitCode != batch.ExitDone {
		end = msgInTheWay
	}
	fmt.Fprintln(d.stdout)
	fmt.Fprintln(d.stdout, end)
}

// askProvider asks the provider about the credentials and the account. It sends no order.
func (d *diagnosis) askProvider(ctx context.Context) {
	const check = "credentials"
	switch {
	case d.known == "":
		d.found(check, statusUnknown, msgNoAccountYet)
		return
	case d.sandbox:
		d.found(check, statusOK, msgSandboxNeedsNone)
		return
	}
	provider, err := d.provider(d.known, &d.providerFlags, d.sandbox, &d.journalFlags, 1)
	if err != nil {
		d.passed(check, err, "")
		return
	}
	defer provider.close()
	client, err := provider.connect()
	if err != nil {
		d.passed(check, err, "")
		return
	}
	if err = client.Authenticate(ctx); err != nil {
		hint := hintNetwork
		if errors.Is(err, dintero.ErrCredentials) {
			hint = fmt.Sprintf(hintCredentials, d.known)
		}
		err = fmt.Errorf("%w: %s", err, hint)
	}
	fine := d.passed(check, err, msgToken)
	d.clock(client)
	if !fine {
		return
	}
	if checkout, err := client.Checkout(ctx); err != nil {
		d.found("products", statusUnknown,
			msgNoCheckout, err)
	} else {
		d.products(checkout)
	}
	if d.flow != dispatch.TwoStepProfile {
		return
	}
	if err := client.Profile(ctx, d.paymentProfile); err != nil {
		d.found(checkPaymentProfile, statusUnknown, msgNoPaymentProfile,
			d.paymentProfile, err)
	} else {
		d.found(checkPaymentProfile, statusOK, msgPaymentProfile, d.paymentProfile)
	}
}

// maxAhead is how far the clock may differ from the provider's without a warning. Invoices are dated by the clock.
const maxAhead = 2 * time.Minute

func (d *diagnosis) clock(client *dintero.Client) {
	switch ahead, known := client.ClockAhead(); {
	case !known:
		d.found("clock", statusUnknown, msgNoClock)
	case ahead.Abs() > maxAhead:
		d.found("clock", statusWarning,
			msgClockDiffers,
			ahead.Abs().Round(time.Second))
	default:
		d.found("clock", statusOK, msgClockAgrees)
	}
}

// products notes which products and channels the account has, as far as the provider says so.
func (d *diagnosis) products(checkout *dintero.Checkout) {
	for _, product := range []billing.Product{billing.B2B, billing.B2BGrouped, billing.B2C} {
		i := slices.IndexFunc(checkout.Options, func(o dintero.PaymentOption) bool { return o.Type == string(product) })
		switch {
		case len(checkout.Options) == 0:
			d.found(string(product), statusUnknown,
				msgNoProducts)
		case i < 0:
			d.found(string(product), statusWarning,
				msgProductOff)
		default:
			o := checkout.Options[i]
			d.found(string(product), statusOK, msgProductOn,
				cmp.Or(strings.Join(o.Currencies, ", "), wordNotTold), cmp.Or(o.Channel, wordNotTold))
		}
	}
	status, channels := statusOK, strings.Join(checkout.SupportedChannels, ", ")
	switch {
	case channels == "":
		status, channels = statusUnknown, msgNoChannels
	case !checkout.Delivers(billing.ChannelKravia) || !checkout.Delivers(billing.ChannelMerchant):
		status, channels = statusWarning, fmt.Sprintf(msgSomeChannels, channels)
	}
	d.found(checkChannels, status, "%s", channels)
}

// openableJournal opens a journal that exists, and looks who holds its lock.
func (d *diagnosis) openableJournal(ctx context.Context) {
	location := d.journalAt(&d.journalFlags)
	if location == "" {
		return // a folder has no place, which is said there
	}
	shown := location
	if journal.Shared(location) {
		shown = msgSharedJournal // the URL may hold a password
	}
	found, err := journal.Found(ctx, location)
	if err == nil && !found {
		d.found("journal", statusOK, msgJournalToMake, shown)
		return
	}
	var j *journal.Journal
	if err == nil {
		j, err = d.openJournal(ctx, &d.journalFlags)
	}
	if !d.passed("journal", err, msgJournalSound, shown) {
		return
	}
	defer func() { _ = j.Close() }() // only read
	if d.known == "" {
		return
	}
	err = j.Locked(ctx, d.known)
	if locked, ok := errors.AsType[*journal.LockedError](err); ok {
		d.found("lock", statusWarning, msgLockHeld, locked,
			batch.ExitLocked)
		return
	}
	d.passed("lock", err, msgLockFree, d.known)
}

// machine checks what a run checks of this machine before it begins. Unlike a run it makes no folder.
func (d *diagnosis) machine() {
	folders, err := d.folders(d.reports, &d.journalFlags, d.sandbox)
	for _, f := range folders {
		d.folder(f)
	}
	if err != nil {
		d.passed("state folder", err, "")
	}
	if d.encrypted(&d.accountFlags) {
		d.passed("certificates", checkCertificates(), msgCertificates)
	}
	d.passed("time zones", checkTimeZone(), msgTimeZone)
}

// folder checks a folder. Where it is missing, it checks the nearest folder above it, in which a run would make it.
func (d *diagnosis) folder(f folder) {
	there, made := filepath.Clean(f.dir), ""
	_, err := os.Stat(there)
	for errors.Is(err, fs.ErrNotExist) && there != filepath.Dir(there) {
		there, made = filepath.Dir(there), wordToMake
		_, err = os.Stat(there)
	}
	var free uint64
	if err == nil {
		free, err = checkWritable(f.name, there)
	}
	if err != nil {
		err = fmt.Errorf(msgOtherFolder, err,
			cmp.Or(map[string]string{"temporary": "TMPDIR"}[f.name], "--"+f.name))
	}
	d.passed(f.name+" folder", err, msgFolderFree, f.dir, free>>20, made)
}
