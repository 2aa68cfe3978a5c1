package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"kraviabatch/internal/simulator"
)

type sandboxOptions struct {
	*app
	journalFlags           // only --state
	listen, account, model string
	latency                time.Duration
	keep                   bool
}

// Editions of the provider's documentation, which differ in what CAPTURED means.
const (
	modelAuthorized = "authorized"
	modelCaptured   = "captured"
)

func (o *sandboxOptions) add(f *pflag.FlagSet) {
	f.StringVar(&o.listen, "listen", "127.0.0.1:8089", "`address`; port 0 takes a free one")
	f.StringVar(&o.account, "account", "T12345678", "the account `ID` that it plays")
	f.StringVar(&o.model, "model", modelAuthorized, "`edition` of the documentation: authorized or captured")
	f.DurationVar(&o.latency, "latency", 0, "`time` that every call takes")
	f.BoolVar(&o.keep, "keep", false, "remember between starts, in --state")
	f.StringVar(&o.state, "state", "", "`folder` for --keep (default: your state folder)")
}

func (o *sandboxOptions) check() error {
	if o.latency < 0 {
		return usage(msgNegativeTime, "latency", o.latency)
	}
	if err := checkChoice(o.model, msgModel, modelAuthorized, modelCaptured); err != nil {
		return err
	}
	return o.journalFlags.check()
}

func (a *app) sandboxCommand() *cobra.Command {
	o := &sandboxOptions{app: a}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the built-in provider, for rehearsals",
		Long: `Sandbox is the provider's side of the contract as a local server. It takes any
client id and secret, makes no invoices, and forgets everything when it stops,
unless --keep has it remember in --state.

An invoice is AUTHORIZED until its buyer has paid, and CAPTURED then. --model
captured plays the older edition of the documentation, where an invoice is
CAPTURED from the start and nobody can tell who paid. Some buyers pay at once,
by the e-mail address of the order:

  paid@example.com              pays in full
  half-paid@example.com         pays 50 %
  paid-in-three@example.com     pays 50, 30 and 20 %
  part-paid-in-two@example.com  pays 30 and 30 %

Payments can be made, grouped invoices issued, faults scripted and the ledger
read over HTTP below /_simulator/; see the package documentation of
internal/simulator.`,
		Example: `  kravia-batch sandbox --listen 127.0.0.1:8089
  export DINTERO_CLIENT_ID=any DINTERO_CLIENT_SECRET=any
  kravia-batch run --account T12345678 --base-url http://127.0.0.1:8089/v1 \
      november.csv`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.start(cmd.Context()) },
	}
	a.addFlags(cmd, nil, section{"", []group{o}})
	return cmd
}

func (o *sandboxOptions) start(ctx context.Context) error {
	options := simulator.Options{Account: o.account, Latency: o.latency}
	if o.model == modelCaptured {
		options.Model = simulator.ModelCaptured
	}
	if o.keep {
		dir, err := o.stateDir(&o.journalFlags)
		if err != nil {
			return err
		}
		options.StateFile = filepath.Join(dir, "sandbox-server-"+o.model+".jsonl") // one for each edition
	}
	return o.serve(ctx, options)
}

// serve answers requests until a signal comes.
func (o *sandboxOptions) serve(ctx context.Context, options simulator.Options) error {
	provider, err := simulator.New(options)
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", o.listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf(msgAddressInUse, o.listen)
	}
	if err != nil {
		return errors.Join(usage("--listen: %w", err), provider.Close())
	}
	server := &http.Server{Handler: provider, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(o.stdout, msgSandbox+"\n", listener.Addr(), options.Account)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-o.stop:
		case <-ctx.Done():
		}
		_ = server.Close() // clients see a cut connection, as when a provider goes down
	}()
	err = server.Serve(listener)
	<-ended
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, provider.Close())
}
