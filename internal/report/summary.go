package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// MaxProblems is the number of problems that a Summary holds, besides the first few of each group. The workbook and the
// CSV file have all of them.
const MaxProblems = 1000

// summaryVersion is the version of the JSON form.
const summaryVersion = 1

// finals is the number of final states; arrays by state have their total at index 0.
const finals = int(billing.FinalVoided)

// Counts counts rows or orders by final state.
type Counts struct{ by [finals + 1]int }

// Total returns the number in all states.
func (c *Counts) Total() int { return c.by[0] }

// Of returns the number in one state.
func (c *Counts) Of(f billing.Final) int { return c.by[f] }

func (c *Counts) add(f billing.Final, n int) {
	c.by[f] += n
	c.by[0] += n
}

// MarshalJSON writes the total and every state, also where it is 0.
func (c *Counts) MarshalJSON() ([]byte, error) {
	return stateObject("", int64(c.by[0]), func(f billing.Final) int64 { return int64(c.by[f]) }), nil
}

// Money is the money of one currency by final state, including VAT.
type Money struct {
	Currency money.Currency
	In       money.Amount // the control total, counted where the files are read
	by       [finals + 1]money.Amount
}

// Of returns the money of the rows in one state.
func (m *Money) Of(f billing.Final) money.Amount { return money.New(m.by[f].Minor(), m.Currency) }

// Out returns the money of the rows in all states. It equals In when the report balances.
func (m *Money) Out() money.Amount { return money.New(m.by[0].Minor(), m.Currency) }

func (m *Money) add(f billing.Final, a money.Amount) (err error) {
	if m.by[f], err = m.by[f].Add(a); err != nil {
		return err
	}
	m.by[0], err = m.by[0].Add(a)
	return err
}

// MarshalJSON writes amounts in minor units: the currency, what came in as the total, and every state.
func (m Money) MarshalJSON() ([]byte, error) {
	return stateObject(m.Currency.Code(), m.In.Minor(), func(f billing.Final) int64 { return m.by[f].Minor() }), nil
}

// stateObject writes a JSON object with a total and a number for each state.
func stateObject(currency string, total int64, of func(billing.Final) int64) []byte {
	text := []byte("{")
	if currency != "" {
		text = fmt.Appendf(text, `"currency":%q,`, currency)
	}
	text = fmt.Appendf(text, `"total":%d`, total)
	for _, f := range billing.Finals() {
		text = fmt.Appendf(text, `,"%s":%d`, strings.ReplaceAll(f.String(), " ", "_"), of(f))
	}
	return append(text, '}')
}

// Summary is a counted report. Its JSON is the summary that scripts read.
type Summary struct {
	Rows        Counts
	Orders      Counts
	Money       []Money // by currency code
	Balanced    bool
	Differences []Difference // empty when the report balances
	Expected    *Expected    // control totals that the user gave; nil for none
	Invoicing   []Invoicing  // by currency code
	ByOthers    []OtherRun   // by run: other runs, from whose reports the rest is posted
	VAT         []VATLine    // sorted by vatKey.compare
	Receivables *Receivables
	Groups      []*billing.ProblemGroup // errors before warnings, the most frequent first, rows that only wait last
	// the first MaxProblems in input order, and after those the first few of each group
	Problems      []billing.Problem
	ProblemsTotal int
	LeftOut       *LeftOut           // by the profile, nil for nothing
	Credits       *Credits           // to make by hand, nil for none
	LastMonth     *billing.LastMonth // nil when there is no earlier run to compare with
	Reports       []string           // paths of the files; set by Write
	Unposted      []string           // why the files for a ledger are not complete; set by Write
	ExitCode      int                // set by Write

	run      RunInfo
	requests Requests
	shape    shape
}

// ProblemsOf returns the number of problems with a code. A problem that an order ended with counts once for the order.
func (s *Summary) ProblemsOf(code billing.Code) (n int) {
	for _, g := range s.Groups {
		if g.Code == code {
			n += g.Count
		}
	}
	return n
}

// Run returns the run that was counted.
func (s *Summary) Run() RunInfo { return s.run }

// problemJSON is a problem in the summary's JSON.
type problemJSON struct {
	Code     billing.Code     `json:"code"`
	Severity billing.Severity `json:"severity"`
	File     string           `json:"file"`
	Sheet    string           `json:"sheet"`
	Row      int              `json:"row"`
	Column   string           `json:"column"`
	Message  string           `json:"message"`
	Hint     string           `json:"hint"`
}

// MarshalJSON writes version 1 of the summary. Amounts are in minor units.
func (s *Summary) MarshalJSON() ([]byte, error) {
	problems := make([]problemJSON, len(s.Problems))
	for i, p := range s.Problems {
		problems[i] = problemJSON{p.Code, p.Severity, p.File, p.Sheet, p.Row, p.Column, p.Message, p.Hint}
	}
	seconds := s.run.Finished.Sub(s.run.Started).Seconds()
	return json.Marshal(struct {
		Version       int                `json:"version"`
		Run           string             `json:"run"`
		Environment   Environment        `json:"environment"`
		Account       string             `json:"account"`
		Seller        string             `json:"seller,omitempty"`
		Period        string             `json:"period,omitempty"`
		Files         []File             `json:"files"`
		Rows          *Counts            `json:"rows"`
		Orders        *Counts            `json:"orders"`
		Money         []Money            `json:"money"`
		Invoicing     []Invoicing        `json:"invoicing"`
		ByOthers      []OtherRun         `json:"by_other_runs,omitempty"`
		Expected      *Expected          `json:"expected,omitempty"`
		LeftOut       *LeftOut           `json:"left_out,omitempty"`
		Credits       *Credits           `json:"credits,omitempty"`
		LastMonth     *billing.LastMonth `json:"last_month,omitempty"`
		Balanced      bool               `json:"balanced"`
		Requests      Requests           `json:"requests"`
		Seconds       float64            `json:"duration_seconds"`
		Reports       []string           `json:"reports"`
		Problems      []problemJSON      `json:"problems"`
		ProblemsTotal int                `json:"problems_total"`
		Unposted      []string           `json:"unposted,omitempty"`
		ExitCode      int                `json:"exit_code"`
	}{
		summaryVersion, s.run.ID, s.run.Environment, s.run.Account, s.run.Seller, s.run.Period,
		append([]File{}, s.run.Files...), &s.Rows, &s.Orders, append([]Money{}, s.Money...),
		append([]Invoicing{}, s.Invoicing...), s.ByOthers, s.Expected, s.LeftOut, s.Credits, brief(s.LastMonth),
		s.Balanced, s.requests, math.Round(seconds*1000) / 1000, append([]string{}, s.Reports...), problems,
		s.ProblemsTotal, s.Unposted, s.ExitCode,
	})
}

// live reports whether there is an invoice in a state, or will be one.
func live(f billing.Final) bool {
	return f == billing.FinalInvoiced || f == billing.FinalAlreadyInvoiced || f == billing.FinalRegistered
}
