package main

import (
	"log/slog"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"kraviabatch/internal/billing"
)

// How often progress is logged where there is no terminal.
const (
	logStep  = 20 // every 1/logStep of the orders
	logEvery = 10 * time.Second
)

// progress shows how far the sending is: a bar on a terminal, else log lines.
type progress struct {
	mu     sync.Mutex
	bar    *progressbar.ProgressBar
	log    *slog.Logger
	makes  func(n int) *progressbar.ProgressBar
	total  int
	done   int
	live   int
	doubt  int
	logged int
	last   time.Time
}

func (a *app) newProgress() *progress {
	p := &progress{log: slog.New(slog.DiscardHandler)}
	if a.settings.quiet {
		return p
	}
	if isTerminal(a.stderr) {
		p.makes = func(n int) *progressbar.ProgressBar {
			return progressbar.NewOptions(n, progressbar.OptionSetWriter(a.stderr), progressbar.OptionSetDescription("orders"),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("orders"),
				progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
				progressbar.OptionEnableColorCodes(a.getenv("NO_COLOR") == ""))
		}
		return p
	}
	if log, err := a.logger(); err == nil {
		p.log = log
	}
	return p
}

func (p *progress) start(orders int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total, p.last = orders, time.Now()
	if p.makes != nil {
		p.bar = p.makes(orders)
	}
	p.log.Info("sending", "orders", orders)
}

// settled counts an order.
func (p *progress) settled(state billing.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if state.Live() {
		p.live++
	}
	if state == billing.InDoubt {
		p.doubt++
	}
	if p.bar != nil {
		_ = p.bar.Add(1) // a bar that cannot be drawn is no reason to stop
		return
	}
	if (p.done-p.logged)*logStep < p.total && time.Since(p.last) < logEvery && p.done < p.total {
		return
	}
	p.logged, p.last = p.done, time.Now()
	p.log.Info("progress", "done", p.done, "of", p.total, "accepted", p.live, "in_doubt", p.doubt)
}

func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish() // see settled
	}
}
