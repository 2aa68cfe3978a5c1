package batch

import (
	"kraviabatch/internal/billing"
	"kraviabatch/internal/report"
)

// Stage is a part of a run that takes its time.
type Stage string

// The stages, in the order in which a run goes through them; checking goes over the rows more than once.
const (
	StageReading   Stage = "reading"   // rows
	StageChecking  Stage = "checking"  // rows, grouped into orders
	StageSending   Stage = "sending"   // orders
	StageDocuments Stage = "documents" // documents
	StageReport    Stage = "report"    // rows
)

// Progress is told how much of a stage is done, one call for each row, order or document; total is 0 while it
// is not known. It may be nil.
type Progress func(stage Stage, done, total int)

func (p Progress) tell(stage Stage, done, total int) {
	if p != nil {
		p(stage, done, total)
	}
}

// reporting tells of every row of a report as it is written.
func (p Progress) reporting(rep *report.Report) {
	rep.Rows = numbered(rep.Rows, func(_ *billing.Row, n int) { p.tell(StageReport, n+1, rep.Control.Rows) })
}
