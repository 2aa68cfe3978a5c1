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

	"kraviabatch/internal/simulator"
)

const sandboxText = `Sandbox is the provider's side of the contract as a local server. It takes any client id and secret, makes no invoices, and
forgets everything when it stops, unless --keep has it remember in --state.

An invoice is AUTHORIZED until its buyer has paid, and CAPTURED then; --model captured plays the older edition of the documentation,
where an invoice is CAPTURED from the start and nobody can tell who paid. Some buyers pay at once, by the e-mail address of the order:

  paid@example.com              pays in full
  half-paid@example.com         pays 50 %
  paid-in-three@example.com     pays 50, 30 and 20 %
  part-paid-in-two@example.com  pays 30 and 30 %

Payments can be made, grouped invoices issued, faults scripted and the ledger read over HTTP below /_simulator/; see the package
documentation of internal/simulator.`

func (a *app) sandboxCommand() *cobra.Command {
	var listen, account, model string
	var latency time.Duration
	var keep bool
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the built-in provider, for rehearsals",
		Long:  sandboxText,
		Example: `  kravia-batch sandbox --listen 127.0.0.1:8089
  DINTERO_CLIENT_ID=any DINTERO_CLIENT_SECRET=any kravia-batch run --account T12345678 --base-url http://127.0.0.1:8089/v1 november.csv`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			options := simulator.Options{Account: account, Latency: latency}
			if err := edition(model, &options); err != nil {
				return err
			}
			if keep {
				dir, err := a.stateDir()
				if err != nil {
					return err
				}
				options.StateFile = filepath.Join(dir, "sandbox-server-"+model+".jsonl") // what CAPTURED means differs
			}
			return a.serve(cmd.Context(), listen, options)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8089", "address; port 0 takes a free one")
	cmd.Flags().DurationVar(&latency, "latency", 0, "time that every call takes")
	cmd.Flags().StringVar(&model, "model", "authorized", "edition of the documentation: authorized or captured")
	cmd.Flags().BoolVar(&keep, "keep", false, "remember between starts, in --state")
	cmd.Flags().StringVar(&a.settings.state, "state", "", "folder for --keep (default: your state folder)")
	cmd.Flags().StringVar(&account, "account", "T12345678", "the account that it plays")
	return cmd
}

// edition sets which edition of the documentation the sandbox plays.
func edition(name string, options *simulator.Options) error {
	switch name {
	case "authorized":
	case "captured":
		options.Model = simulator.ModelCaptured
	default:
		return usage("--model is authorized or captured, not %q", name)
	}
	return nil
}

// serve answers until a signal comes.
func (a *app) serve(ctx context.Context, listen string, options simulator.Options) error {
	provider, err := simulator.New(options)
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%s is in use: try --listen 127.0.0.1:0, which takes a free port", listen)
	}
	if err != nil {
		return errors.Join(usage("--listen: %w", err), provider.Close())
	}
	server := &http.Server{Handler: provider, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(a.stdout, "sandbox: http://%s/v1 plays account %s\n", listener.Addr(), options.Account)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-a.stop:
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
