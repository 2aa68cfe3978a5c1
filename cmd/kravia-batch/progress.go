package main

import (
	"cmp"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
)

const (
	logSteps  = 20 // without a terminal a line is logged every 1/logSteps of a stage, but not sooner than logAfter
	logAfter  = time.Second
	logEvery  = 10 * time.Second
	drawEvery = 100 * time.Millisecond
	barWidth  = 20 // columns; the line with it fits a narrow terminal
)

// progress shows how far a stage is: a bar on a terminal, else log lines.
type progress struct {
	mu     sync.Mutex
	screen io.Writer // where the bar is drawn, nil without a terminal
	log    *slog.Logger
	bar    *progressbar.ProgressBar
	drawn  bool // and is on the screen
	stage  batch.Stage
	done   int       // of the stage
	shown  time.Time // when the stage began or was last shown
	logged int       // how much was done when it was last logged

	orders, sent, live, doubt int // to be sent, done with, accepted, in doubt
}

func newProgress(env *environment) *progress {
	p := &progress{log: slog.New(slog.DiscardHandler)}
	if env.terminal {
		p.screen = env.stderr
	}
	return p
}

// progress is what a command reports its stages to, nil for a quiet one.
func (a *app) progress(quiet bool) batch.Progress {
	if quiet {
		return nil
	}
	if a.bar.screen == nil {
		a.bar.log = a.logger()
	}
	return a.bar.at
}

// at is a [batch.Progress].
func (p *progress) at(stage batch.Stage, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(stage, done, total)
}

func (p *progress) show(stage batch.Stage, done, total int) {
	now := time.Now()
	if stage != p.stage || done <= p.done { // or begun again, with the next file or for the next report
		p.begin(now, stage, total)
	}
	p.done = done
	switch {
	case p.screen == nil:
		p.line(now, done, total)
	case done == total:
		p.wipe()
	case now.Sub(p.shown) >= drawEvery:
		p.shown, p.drawn = now, true
		_ = p.bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
}

func (p *progress) begin(now time.Time, stage batch.Stage, total int) {
	p.stage, p.shown, p.logged = stage, now, 0
	if p.screen == nil {
		return
	}
	p.wipe()
	p.bar = progressbar.NewOptions(cmp.Or(total, -1), progressbar.OptionSetWriter(p.screen),
		progressbar.OptionSetDescription(string(stage)),
		progressbar.OptionShowCount(), progressbar.OptionSetWidth(barWidth),
		progressbar.OptionSetSpinnerChangeInterval(0))
	p.bar.StartWithoutRender()
}

// line logs how far a stage is, but not too often; see logSteps.
func (p *progress) line(now time.Time, done, total int) {
	stepped := total > 0 && (done-p.logged)*logSteps >= total && now.Sub(p.shown) >= logAfter
	sent := p.stage == batch.StageSending && done == total
	if !stepped && !sent && now.Sub(p.shown) < logEvery {
		return
	}
	p.logged, p.shown = done, now
	log := p.log.With("stage", p.stage, "done", done)
	if total > 0 {
		log = log.With("of", total)
	}
	if p.stage == batch.StageSending {
		log = log.With("accepted", p.live, "in_doubt", p.doubt)
	}
	log.Info("progress")
}

// start notes how many orders are to be sent.
func (p *progress) start(orders int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders = orders
	p.log.Info("sending", "orders", orders)
}

// concluded counts an order that has ended for this run.
func (p *progress) concluded(state billing.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent++
	if state.Live() {
		p.live++
	}
	if state == billing.InDoubt {
		p.doubt++
	}
	p.show(batch.StageSending, p.sent, p.orders)
}

// clear takes the bar off the screen; the next step draws it again.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
}

func (p *progress) wipe() {
	if p.drawn {
		_ = p.bar.Clear() // see show
		p.drawn = false
	}
}

// behind is a stream on the bar's screen: a write removes the bar first, so that no line is glued to it.
type behind struct {
	bar *progress
	io.Writer
}

func (b behind) Write(text []byte) (int, error) {
	b.bar.mu.Lock() // so that the bar is not drawn at the same moment
	defer b.bar.mu.Unlock()
	b.bar.wipe()
	return b.Writer.Write(text)
}
