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

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

const doctorText = `Doctor checks what a run with the same settings would need: credentials, the products and invoice channels of the account, the clock,
the journal and its lock, folders and free disk. It begins no run and sends no order. The provider need not tell what an account has:
"cannot tell" is no fault.

Exit code 2 means that settings, journal or disk are in the way of a run, or that the provider cannot be reached; 4 that it refuses the
credentials; 0 that nothing is in the way.`

func (a *app) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check what a run would need, before any order",
		Long:    doctorText,
		Example: "  kravia-batch doctor --account T12345678 --client-secret-file secret",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context()) },
	}
	f := cmd.Flags()
	a.settings.addContent(f)
	a.settings.addState(f)
	a.settings.addProvider(f)
	f.StringVar(&a.settings.reports, "reports", "reports", "folder for reports")
	f.BoolVar(&a.settings.json, "json", false, "print the checks as JSON")
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
	*app
	account  string // "" when the settings name none that a run would take
	exitCode int
	findings []finding
}

func (d *diagnosis) say(check, status, format string, args ...any) {
	message := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ")
	d.findings = append(d.findings, finding{check, status, message})
}

// passed says what is fine, or the error that keeps a run from beginning.
func (d *diagnosis) passed(check string, err error, format string, args ...any) bool {
	if err == nil {
		d.say(check, statusOK, format, args...)
		return true
	}
	d.say(check, statusFailed, "%s", err)
	code := batch.ExitUsage
	if errors.Is(err, dintero.ErrCredentials) {
		code = batch.ExitCredentials
	}
	d.exitCode = max(d.exitCode, code) // of both, refused credentials
	return false
}

func (a *app) doctor(ctx context.Context) error {
	d := &diagnosis{app: a}
	account, env, err := a.target()
	if d.passed("account", err, "%s, %s", account, env) {
		d.account = account
	}
	d.provider(ctx)
	d.journal(ctx)
	d.machine()
	if code := a.signalCode(); code != 0 {
		return &exitError{code, dispatch.ErrStopped}
	}
	if err = nil; d.exitCode != batch.ExitDone {
		err = &exitError{code: d.exitCode}
	}
	if a.settings.json {
		return cmp.Or(
			writeJSON(a.stdout, map[string]any{"account": d.account, "checks": d.findings, "exit_code": d.exitCode}),
			err)
	}
	d.print()
	return err
}

func (d *diagnosis) print() {
	for _, f := range d.findings {
		fmt.Fprintf(d.stdout, "%-11s  %-26s  %s\n", f.Status, f.Check, f.Message)
	}
	end := "nothing is in the way of a run"
	if d.exitCode != batch.ExitDone {
		end = "a run would send nothing: put right what failed, and check again"
	}
	fmt.Fprintln(d.stdout)
	fmt.Fprintln(d.stdout, end)
}

// provider asks for what the provider knows of the credentials and the account.
func (d *diagnosis) provider(ctx context.Context) {
	const check = "credentials"
	switch {
	case d.account == "":
		d.say(check, statusUnknown, "they belong to an account: put that right first")
		return
	case d.settings.sandbox:
		d.say(check, statusOK, "the sandbox needs none, and has every product")
		return
	}
	connect, closeProvider, err := d.app.provider(d.account)
	if err != nil {
		d.passed(check, err, "")
		return
	}
	defer closeProvider()
	client, err := connect()
	if err != nil {
		d.passed(check, err, "")
		return
	}
	if err = client.Authenticate(ctx); err != nil {
		hint := "check --base-url, the network and its proxy, or try again later"
		if errors.Is(err, dintero.ErrCredentials) {
			hint = "check that the client id and secret are those of an API client of account " + d.account +
				" in Backoffice"
		}
		err = fmt.Errorf("%w: %s", err, hint)
	}
	fine := d.passed(check, err, "the provider gave a token")
	d.clock(client)
	if !fine {
		return
	}
	if checkout, err := client.Checkout(ctx); err != nil {
		d.say("products", statusUnknown,
			"%s; the API client may lack the scope read:checkout; the answer to the first order will tell", err)
	} else {
		d.products(checkout)
	}
	if d.settings.flow != dispatch.TwoStepProfile {
		return
	}
	if err := client.Profile(ctx, d.settings.paymentProfile); err != nil {
		d.say("payment profile", statusUnknown, "%s: %s; see that it is the id of a profile in Backoffice",
			d.settings.paymentProfile, err)
	} else {
		d.say("payment profile", statusOK, "%s is there", d.settings.paymentProfile)
	}
}

// maxAhead is how far the clock may be from the provider's before it is said: invoices are dated by it.
const maxAhead = 2 * time.Minute

func (d *diagnosis) clock(client *dintero.Client) {
	switch ahead, known := client.ClockAhead(); {
	case !known:
		d.say("clock", statusUnknown, "the provider did not say what time it is")
	case ahead.Abs() > maxAhead:
		d.say("clock", statusWarning,
			"it differs from the provider's by %s: have it set by NTP, since invoices are dated by it",
			ahead.Abs().Round(time.Second))
	default:
		d.say("clock", statusOK, "agrees with the provider's")
	}
}

// products tells what the account has, as far as the provider says so.
func (d *diagnosis) products(checkout *dintero.Checkout) {
	for _, product := range []billing.Product{billing.B2B, billing.B2BGrouped, billing.B2C} {
		i := slices.IndexFunc(checkout.Options, func(o dintero.PaymentOption) bool { return o.Type == string(product) })
		switch {
		case len(checkout.Options) == 0:
			d.say(string(product), statusUnknown,
				"the provider names no products; the answer to the first order will tell")
		case i < 0:
			d.say(string(product), statusWarning,
				"not enabled: orders of this product will be rejected; ask Dintero to enable it if you need it")
		default:
			o := checkout.Options[i]
			d.say(string(product), statusOK, "enabled; currencies: %s; invoice channel of the account: %s",
				cmp.Or(strings.Join(o.Currencies, ", "), "not told"), cmp.Or(o.Channel, "not told"))
		}
	}
	status, channels := statusOK, strings.Join(checkout.SupportedChannels, ", ")
	switch {
	case channels == "":
		status, channels = statusUnknown, "the provider does not name those that are supported"
	case !checkout.Delivers(billing.ChannelKravia) || !checkout.Delivers(billing.ChannelMerchant):
		status, channels = statusWarning, "only "+channels+": orders with another invoice_channel will be rejected"
	}
	d.say("invoice channels", status, "%s", channels)
}

// journal opens the journal that is there, and looks who holds its lock.
func (d *diagnosis) journal(ctx context.Context) {
	location := d.journalAt()
	if location == "" {
		return // a folder has no place, which is said there
	}
	shown := location
	if journal.Shared(location) {
		shown = "the database of --journal" // the URL may hold a password
	}
	found, err := journal.Found(ctx, location)
	if err == nil && !found {
		d.say("journal", statusOK, "%s: there is none yet, a run will make it", shown)
		return
	}
	var j *journal.Journal
	if err == nil {
		j, err = d.openJournal(ctx)
	}
	if !d.passed("journal", err, "%s: sound, with the schema of this program", shown) {
		return
	}
	defer func() { _ = j.Close() }() // only read
	if d.account == "" {
		return
	}
	err = j.Locked(ctx, d.account)
	if locked, ok := errors.AsType[*journal.LockedError](err); ok {
		d.say("lock", statusWarning, "%s: another run leaves with exit code %d until that ends", locked,
			batch.ExitLocked)
		return
	}
	d.passed("lock", err, "no run of account %s is under way", d.account)
}

// machine looks at what a run checks of this machine before it begins, and makes nothing.
func (d *diagnosis) machine() {
	folders, err := d.folders()
	for _, f := range folders {
		d.folder(f)
	}
	if err != nil {
		d.passed("state folder", err, "")
	}
	if d.encrypted() {
		d.passed("certificates", checkCertificates(), "the system has CA certificates")
	}
	d.passed("time zones", checkTimeZone(), "Europe/Oslo is known")
}

// folder looks at the folder, or where it would be made at the nearest one above it.
func (d *diagnosis) folder(f folder) {
	there, made := filepath.Clean(f.dir), ""
	_, err := os.Stat(there)
	for errors.Is(err, fs.ErrNotExist) && there != filepath.Dir(there) {
		there, made = filepath.Dir(there), ", a run will make it"
		_, err = os.Stat(there)
	}
	var free uint64
	if err == nil {
		free, err = checkWritable(f.name, there)
	}
	if err != nil {
		err = fmt.Errorf("%w; make room, or give another with %s", err,
			cmp.Or(map[string]string{"temporary": "TMPDIR"}[f.name], "--"+f.name))
	}
	d.passed(f.name+" folder", err, "%s: %d MiB are free%s", f.dir, free>>20, made)
}
