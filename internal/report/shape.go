package report

import (
	"slices"
	"time"
	_ "time/tzdata"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// zone is the time zone of all times in the workbook.
const zone = "Europe/Oslo"

// timeLayout is the form of a time as a text, before the cell becomes a number.
const timeLayout = "2006-01-02 15:04:05"

// shape is the layout of a report, and what the pass over the rows learns besides the summary.
type shape struct {
	fixed        []column
	own          own
	changed      bool // Report.Changed
	orderColumns []orderColumn
	groups       billing.ProblemGroups
	orderRows    int            // rows of all orders
	orderMoney   []money.Amount // of all orders, in the sequence of Summary.Money
	credits      []*credit      // in input order
	leftOut      leftOutShape
	location     *time.Location
	words        words
}

func newShape(r *Report) (shape, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return shape{}, err
	}
	words, err := newWords(r.Language)
	fixed := fixedColumns()
	return shape{
		fixed: fixed, own: ownColumns(r.Tables, append(slices.Clip(fixed), lastColumns(true)...)),
		changed: r.Changed, location: location, orderColumns: orderColumns(r, location, words),
		leftOut: newLeftOutShape(r.Tables), words: words,
	}, err
}

// more returns the columns after the fixed ones: the input's own, and the last columns.
func (s *shape) more() (columns []column) {
	for i, name := range s.own.names {
		columns = append(columns, column{name, s.own.kinds[i]})
	}
	return append(columns, lastColumns(s.changed)...)
}

// moreCells returns a row's cells for the columns of more, in the given buffer.
func (s *shape) moreCells(r *Row, buffer []string) []string {
	return lastCells(r, s.changed, s.own.cells(r.Table, r.Cells, buffer))
}

// localTime returns a time in the report's time zone, "" for none.
func localTime(t time.Time, location *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(location).Format(timeLayout)
}

// findings returns a row's problems and, at the first row of an order, the problem that the order ended with.
func findings(r *Row) []billing.Problem {
	if r.order == nil || (r.Outcome.Code == "" && r.Outcome.Message == "") {
		return r.Problems
	}
	severity := billing.Error
	if live(r.Final) || r.Final == billing.FinalNotAttempted || r.Final == billing.FinalVoided {
		severity = billing.Warning
	}
	return append(slices.Clone(r.Problems), billing.Problem{
		Code: r.Outcome.Code, Severity: severity, Place: r.Place, Value: r.Reference, Message: r.Outcome.Message,
		Hint: r.Outcome.Hint,
	})
}
