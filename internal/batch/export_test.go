package batch

import (
	"context"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/report"
)

// LeaveOut has a reading as if the profile had left a row of its newest table out.
func (r *Reading) LeaveOut(row billing.LeftOut) error { return r.leaveOut(row) }

// AddRegister has a reading as if a register had been among its inputs.
func (r *Reading) AddRegister(path string, of *intake.Register) error {
	err := r.addRegister(path, of)
	r.Files = append(r.Files, r.opened[len(r.opened)-1].File)
	return err
}

// Preview is the report that the plan's preview shows.
func (p *PlanDraft) Preview() (*report.Report, error) { return p.preview() }

// RunReading is Run with an input that was read already, without the lock.
func RunReading(ctx context.Context, s *Settings, r *Reading) (*Result, error) {
	now := time.Now()
	return s.run(ctx, NewRunID(now), now, r)
}
