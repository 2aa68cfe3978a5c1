package billing

import "fmt"

// Code names one kind of problem: the column, a dot, what is wrong. Codes are stable; words may change.
type Code string

// Severity says what a problem does to its order.
type Severity uint8

// The severities.
const (
	Error   Severity = iota + 1 // the order is not sent
	Warning                     // the order is sent, and the report shows the problem
	Off                         // the problem is not reported
)

// String is the word that a profile uses: error, warning, off.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Off:
		return "off"
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText writes String.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads String; any other text is an error.
func (s *Severity) UnmarshalText(text []byte) error {
	for _, known := range []Severity{Error, Warning, Off} {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf(msgUnknownSeverity, text)
}

// Problem is one finding about one cell, or about a row if Column is "".
type Problem struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	Place
	Column  string `json:"column,omitempty"` // the name of a known column
	Value   string `json:"value,omitempty"`  // as the file had it
	Message string `json:"message"`          // what is wrong, one sentence without a full stop
	Hint    string `json:"hint"`             // how to fix it, one sentence without a full stop
}

// String is the problem on one line, for terminals and logs.
func (p Problem) String() string {
	where := fmt.Sprintf("%s row %d", p.File, p.Row)
	if p.Sheet != "" {
		where = fmt.Sprintf("%s sheet %q row %d", p.File, p.Sheet, p.Row)
	}
	if p.Column != "" {
		where += " column " + p.Column
	}
	return fmt.Sprintf("%s: %s: %s (%s)", where, p.Code, p.Message, p.Hint)
}
