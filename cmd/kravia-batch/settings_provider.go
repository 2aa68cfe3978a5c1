package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// sandboxAccount is the account of the built-in provider. It is not a real account, so the journal never takes a
// rehearsal for real invoices.
const sandboxAccount = "T00000000"

var accountForm = regexp.MustCompile(`^[PT]\d{8}$`)

// accountFlags say whose invoices a command works on.
type accountFlags struct {
	account       string
	live, sandbox bool
}

func (s *accountFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.account, "account", "", "Dintero account `ID`: T (test) or P (production) and eight digits")
	f.BoolVar(&s.live, "live", false, "permit a production account: real invoices")
	f.BoolVar(&s.sandbox, "sandbox", false, "use the built-in provider: no account, no network, no invoices")
}

func (s *accountFlags) check() error {
	if s.account != "" && !accountForm.MatchString(s.account) {
		return usage(msgAccount, s.account)
	}
	return nil
}

// target is the account whose invoices are made, and its environment. A production account needs --live as well: real
// invoices take two words.
func (s *accountFlags) target() (account string, env report.Environment, err error) {
	switch {
	case s.sandbox && s.live:
		return "", "", usage(msgSandboxLive)
	case s.sandbox:
		return sandboxAccount, report.Sandbox, nil
	case s.account == "":
		return "", "", usage(msgNoAccount)
	case s.account[0] == 'P' && !s.live:
		return "", "", usage(msgNeedsLive, s.account)
	case s.account[0] == 'T' && s.live:
		return "", "", usage(msgLiveTest, s.account)
	case s.live:
		return s.account, report.Live, nil
	}
	return s.account, report.Test, nil
}

// named is the account that the settings name, "" for none.
func (s *accountFlags) named() string {
	if s.sandbox {
		return sandboxAccount
	}
	return s.account
}

// journalFlags say where the journal is.
type journalFlags struct {
	state, journal string
}

func (s *journalFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.state, "state", "",
		"`folder` of journal.db and of the sandbox's state (default: your state folder)")
	f.StringVar(&s.journal, "journal", "",
		"`place` of another journal than the one in --state: a folder, or postgres://… when several "+
			"machines share it")
}

// check refuses a place that cannot hold a journal. Its errors do not repeat a URL, which may hold a password.
func (s *journalFlags) check() error {
	for _, place := range []struct{ flag, at string }{{"state", s.state}, {"journal", s.journal}} {
		if place.at == "" {
			continue
		}
		if err := journal.CheckLocation(place.at); err != nil {
			return usage("--%s: %w", place.flag, err)
		}
		switch info, err := os.Stat(place.at); {
		case journal.Shared(place.at) && place.flag == "state":
			return usage(msgStateIsFolder)
		case err == nil && !info.IsDir():
			return usage(msgPlaceIsFile, place.flag, place.at)
		}
	}
	return nil
}

// statePath is the folder of the journal, "" when there is no home folder and none is given.
func (a *app) statePath(s *journalFlags) string {
	if s.state != "" {
		return s.state
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

func errNoHome() error { return usage(msgNoHome) }

// stateDir is statePath; the folder is made when it is missing.
func (a *app) stateDir(s *journalFlags) (string, error) {
	dir := a.statePath(s)
	if dir == "" {
		return "", errNoHome()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf(msgStateFolder, err)
	}
	return dir, nil
}

// journalAt is the file or the URL of the journal, "" when there is no home folder and no place is given.
func (a *app) journalAt(s *journalFlags) string {
	place := cmp.Or(s.journal, a.statePath(s))
	if place == "" || journal.Shared(place) {
		return place
	}
	path := filepath.Join(place, "journal.db")
	if absolute, err := filepath.Abs(path); err == nil { // it cannot be taken for a URL, whatever the folder's name
		path = absolute
	}
	return path
}

// openJournal opens the journal. A missing one is made, with its folder.
func (a *app) openJournal(ctx context.Context, s *journalFlags) (*journal.Journal, error) {
	location := a.journalAt(s)
	if location == "" {
		return nil, errNoHome()
	}
	return journal.Open(ctx, location)
}

// journalThere is where the journal is, "" when there is none. It makes none.
func (a *app) journalThere(s *journalFlags) string {
	location := a.journalAt(s)
	if journal.Shared(location) {
		return location
	}
	if _, err := os.Stat(location); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return location
}

// existingJournal is the journal, for a command that only looks. It is nil when the settings name no account or there
// is no journal yet.
func (a *app) existingJournal(ctx context.Context, account *accountFlags, s *journalFlags) (*journal.Journal, error) {
	if account.named() == "" || a.journalThere(s) == "" {
		return nil, nil //nolint:nilnil // no journal is not wrong
	}
	return a.openJournal(ctx, s)
}

// providerFlags say how the provider is called.
type providerFlags struct {
	clientID, secretFile, baseURL string
	rate                          float64 // requests per second, 0 for no limit
	concurrency                   int
	timeout                       time.Duration
}

func (s *providerFlags) add(f *pflag.FlagSet) {
	f.StringVar(&s.clientID, "client-id", "", "`ID` of the API client (or DINTERO_CLIENT_ID)")
	f.StringVar(&s.secretFile, "client-secret-file", "",
		"`file` with the API client's secret (or DINTERO_CLIENT_SECRET, DINTERO_CLIENT_SECRET_FILE)")
	f.StringVar(&s.baseURL, "base-url", dintero.DefaultBaseURL, "`URL` of the API")
	f.Float64Var(&s.rate, "rate", 5, "`N` requests per second, 0 for no limit")
	f.IntVar(&s.concurrency, "concurrency", 8, "at most `N` requests in flight")
	f.DurationVar(&s.timeout, "timeout", dintero.DefaultTimeout, "longest `time` to wait for one answer")
}

func (s *providerFlags) check() error {
	switch {
	case math.IsNaN(s.rate) || math.IsInf(s.rate, 0) || s.rate < 0:
		return usage(msgRate, s.rate)
	case s.timeout <= 0:
		return usage(msgTimeout, s.timeout)
	}
	return checkAtLeast("concurrency", s.concurrency, 1)
}

// encrypted reports whether the provider is called by TLS.
func (s *providerFlags) encrypted(account *accountFlags) bool {
	return !account.sandbox && strings.HasPrefix(strings.ToLower(s.baseURL), "https:")
}

// connection is how a command reaches the provider. connect opens the sandbox's state, so it is called under the
// account's lock.
type connection struct {
	connect func() (*dintero.Client, error)
	close   func()
}

// provider prepares the connection to the API, or to the simulator in this process. It looks for the credentials, so
// that a missing one is reported before any work. The sibling shards of a run divide the rate between them.
func (a *app) provider(account string, s *providerFlags, sandbox bool, j *journalFlags, shards int) (*connection,
	error,
) {
	cfg := dintero.Config{
		BaseURL: s.baseURL, Account: account, ClientID: s.clientID, Timeout: s.timeout, Version: programVersion(),
		Pace: dispatch.NewPace(s.rate/float64(max(1, shards)), a.stop), Logger: a.logger(),
	}
	if sandbox {
		return a.sandboxProvider(cfg, j)
	}
	var err error
	if cfg.ClientID, err = a.credential(wordClientID, s.clientID, "", "DINTERO_CLIENT_ID"); err != nil {
		return nil, err
	}
	secret, err := a.credential(wordClientSecret, "", s.secretFile, "DINTERO_CLIENT_SECRET")
	if err != nil {
		return nil, err
	}
	cfg.Secret = dintero.Secret(secret)
	client, err := dintero.New(cfg)
	if err != nil {
		return nil, usage("%w", err)
	}
	return &connection{func() (*dintero.Client, error) { return client, nil }, func() {}}, nil
}

func (a *app) sandboxProvider(cfg dintero.Config, j *journalFlags) (*connection, error) {
	dir, err := a.stateDir(j)
	if err != nil {
		return nil, err
	}
	var provider *simulator.Provider
	return &connection{
		connect: func() (*dintero.Client, error) {
			provider, err = simulator.New(simulator.Options{
				Account: cfg.Account, StateFile: filepath.Join(dir, "sandbox.jsonl"), ForgetRequests: true,
			})
			if err != nil {
				return nil, fmt.Errorf("sandbox: %w", err)
			}
			cfg.HTTP = &http.Client{Transport: provider.Transport()}
			cfg.BaseURL, cfg.ClientID, cfg.Secret = "http://localhost/v1", "sandbox", "sandbox"
			return dintero.New(cfg)
		},
		close: func() {
			if provider != nil {
				_ = provider.Close() // every event is on disk when it is answered
			}
		},
	}, nil
}

// credential is a part of the API client's credentials. It is the flag's value, else the content of the file that a
// flag names, else the variable's value, else the content of the file that the variable with _FILE names. No flag takes
// the secret itself, since other users of the machine can see command lines.
func (a *app) credential(what, value, path, variable string) (string, error) {
	from := "--client-secret-file"
	if path == "" {
		if value == "" {
			value = a.getenv(variable)
		}
		if value != "" {
			return value, nil
		}
		from = variable + "_FILE"
		path = a.getenv(from)
	}
	if path == "" {
		flag := map[string]string{wordClientID: "client-id", wordClientSecret: "client-secret-file"}[what]
		return "", usage(msgNoCredential, what, flag, variable, variable)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", usage("%s: %w", from, err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 {
		a.say(msgSecretReadable, path, info.Mode().Perm())
	}
	if value = strings.TrimSpace(string(data)); value == "" {
		return "", usage(msgSecretEmpty, from, path)
	}
	return value, nil
}
