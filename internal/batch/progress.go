package batch

import (
	"kraviabatch/internal/billing"
	"kraviabatch/internal/report"
)

// Stage is a part of a run that takes time.
type Stage string

// The stages in the order of a run, and what each counts. Checking goes over the rows more than once.
const (
	StageReading   Stage = "reading"   // rows
	StageChecking  Stage = "checking"  // rows, grouped into orders
	StageSending   Stage = "sending"   // orders
	StageDocuments Stage = "documents" // documents
	StageReport    Stage = "report"    // rows
)

// Progress is called with how much of a stage is done, once for each row, order or document; total is 0 while it is not
// known. It may be nil.
type Progress func(stage Stage, done, total int)

func (p Progress) notify(stage Stage, done, total int) {
	if p != nil {
		p(stage, done, total)
	}
}

// watchRows has the progress notified of every row of a report that is written.
func (p Progress) watchRows(rep *report.Report) {
	rep.Rows = numbered(rep.Rows, func(_ *billing.Row, n int) { p.notify(StageReport, n+1, rep.Control.Rows) })
}
