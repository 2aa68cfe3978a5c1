package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
	"kraviabatch/internal/simulator"
)

// sandboxAccount is the account of the built-in provider. It is no real one, so that the journal never takes
// a rehearsal for the real thing.
const sandboxAccount = "T00000000"

// target says whose invoices they are.
func (a *app) target() (account string, env report.Environment, err error) {
	s := &a.settings
	switch {
	case s.sandbox && s.live:
		return "", "", usage("--sandbox and --live exclude each other: the sandbox makes no real invoices")
	case s.sandbox:
		return sandboxAccount, report.Sandbox, nil
	case s.account == "":
		return "", "",
			usage("give --account T12345678 (test) or P12345678 --live (production), or rehearse with --sandbox")
	case s.account[0] == 'P' && !s.live:
		return "", "", usage("account %s is a production account: real invoices need --live too", s.account)
	case s.account[0] == 'T' && s.live:
		return "", "", usage("--live is for production accounts (P…), and %s is a test account", s.account)
	case s.live:
		return s.account, report.Live, nil
	}
	return s.account, report.Test, nil
}

// journalAt is the file or the URL of the journal, "" when there is no home folder and no place is given.
func (a *app) journalAt() string {
	place := cmp.Or(a.settings.journal, a.statePath())
	if place == "" || journal.Shared(place) {
		return place
	}
	path := filepath.Join(place, "journal.db")
	if whole, err := filepath.Abs(path); err == nil { // a path that is seen to be one, whatever the folder is called
		path = whole
	}
	return path
}

// openJournal opens the journal that the settings name and makes it, with its folder, when it is missing.
func (a *app) openJournal(ctx context.Context) (*journal.Journal, error) {
	location := a.journalAt()
	if location == "" {
		return nil, errNoHome()
	}
	return journal.Open(ctx, location)
}

// existingJournal is the journal of the account that the settings name, nil when they name none or there is
// no journal yet.
func (a *app) existingJournal(ctx context.Context) (j *journal.Journal, account string, err error) {
	account = a.settings.account
	if a.settings.sandbox {
		account = sandboxAccount
	}
	if account == "" {
		return nil, "", nil
	}
	if a.journalThere() == "" {
		return nil, "", nil
	}
	j, err = a.openJournal(ctx)
	return j, account, err
}

// journalThere is where the journal is, "" when there is none: looking must not make one.
func (a *app) journalThere() string {
	location := a.journalAt()
	if journal.Shared(location) {
		return location
	}
	if _, err := os.Stat(location); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return location
}

// provider connects to the API, or to the simulator in this process. Credentials are looked at here already, so that
// a missing one is told before any work; the sandbox's state is opened by connect, under the run's lock.
func (a *app) provider(account string) (connect func() (*dintero.Client, error), closeProvider func(), err error) {
	s := &a.settings
	shard, err := s.shardOf()
	if err != nil {
		return nil, nil, err
	}
	cfg := dintero.Config{
		BaseURL: s.baseURL, Account: account, ClientID: s.clientID, Timeout: s.timeout, Version: programVersion(),
		Pace: dispatch.NewPace(s.rate/float64(max(1, shard.Count)), a.stop), Logger: a.logger(),
	}
	if s.sandbox {
		return a.sandboxProvider(cfg)
	}
	if cfg.ClientID, err = a.credential("client id", s.clientID, "", "DINTERO_CLIENT_ID"); err != nil {
		return nil, nil, err
	}
	secret, err := a.credential("client secret", "", s.secretFile, "DINTERO_CLIENT_SECRET")
	if err != nil {
		return nil, nil, err
	}
	cfg.Secret = dintero.Secret(secret)
	client, err := dintero.New(cfg)
	if err != nil {
		return nil, nil, usage("%w", err)
	}
	return func() (*dintero.Client, error) { return client, nil }, func() {}, nil
}

func (a *app) sandboxProvider(cfg dintero.Config) (connect func() (*dintero.Client, error), closeProvider func(),
	err error,
) {
	dir, err := a.stateDir()
	if err != nil {
		return nil, nil, err
	}
	var provider *simulator.Provider
	connect = func() (*dintero.Client, error) {
		provider, err = simulator.New(simulator.Options{
			Account: cfg.Account, StateFile: filepath.Join(dir, "sandbox.jsonl"), ForgetRequests: true,
		})
		if err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		cfg.HTTP = &http.Client{Transport: provider.Transport()}
		cfg.BaseURL, cfg.ClientID, cfg.Secret = "http://localhost/v1", "sandbox", "sandbox"
		return dintero.New(cfg)
	}
	return connect, func() {
		if provider != nil {
			_ = provider.Close() // every event is on disk when it is answered
		}
	}, nil
}

// credential is a part of the API client's credentials: the flag's value, the file that a flag names, the
// environment's, or the file that the environment names. No flag takes the secret itself, for command lines
// are seen by others.
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
		return "", usage("the API %s is missing: give --%s, or set %s or %s_FILE", what,
			map[string]string{"client id": "client-id", "client secret": "client-secret-file"}[what], variable,
			variable)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", usage("%s: %w", from, err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 {
		fmt.Fprintf(a.stderr,
			"kravia-batch: %s can be read by everybody on this machine (mode %04o); 0400 is enough\n", path,
			info.Mode().Perm())
	}
	if value = strings.TrimSpace(string(data)); value == "" {
		return "", usage("%s: %s is empty", from, path)
	}
	return value, nil
}
