package intake

import (
	"fmt"
	"strings"
)

// Error refuses a file as a whole: nothing of it may be billed. It says where the fault is and how to fix it.
type Error struct {
	File    string // base name
	Sheet   string // "" for CSV
	Row     int    // as a spreadsheet shows it, 0 if the fault is in no row
	Column  string // header or known column, "" if the fault is in no column
	Value   string // the cell as the file has it, cut to a readable length
	Code    string // stable, such as csv.ragged
	Message string // what is wrong, without a full stop
	Hint    string // how to fix it, without a full stop
	Err     error  // the cause, if another package found it
}

// Error is the refusal on one line.
func (e *Error) Error() string {
	var where strings.Builder
	where.WriteString(e.File)
	if e.Sheet != "" {
		fmt.Fprintf(&where, " sheet %q", e.Sheet)
	}
	if e.Row > 0 {
		fmt.Fprintf(&where, " row %d", e.Row)
	}
	if e.Column != "" {
		fmt.Fprintf(&where, " column %q", e.Column)
	}
	fmt.Fprintf(&where, ": %s: %s", e.Code, e.Message)
	if e.Err != nil {
		fmt.Fprintf(&where, ": %v", e.Err)
	}
	if e.Hint != "" {
		fmt.Fprintf(&where, " (%s)", e.Hint)
	}
	return where.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// The codes of refusals. They are an interface and never change; messages may.
const (
	codeTwice       = "file.twice"
	codeNotFound    = "file.not_found"
	codeUnreadable  = "file.unreadable"
	codeEmpty       = "file.empty"
	codeNoRows      = "file.no_rows"
	codeChanged     = "file.changed"
	codeEncoding    = "file.encoding"
	codeFormat      = "file.format"
	codeNUL         = "csv.nul"
	codeQuote       = "csv.quote"
	codeRagged      = "csv.ragged"
	codeCSVLimit    = "csv.limit"
	codeMissing     = "header.missing_column"
	codeAmbiguous   = "header.ambiguous_column"
	codeProfile     = "header.profile_column"
	codeVAT         = "header.vat"
	codeMinor       = "header.minor"
	codeCurrency    = "header.currency"
	codeUnread      = "header.unread"
	codeUndecided   = "header.undecided"
	codeTotals      = "header.total"
	codeHeader      = "header.second"
	codeAbove       = "header.above"
	codeFooter      = "file.footer"
	codeAbsent      = "register.absent"
	codeNeeded      = "profile.needed"
	codeNumber      = "number.ambiguous"
	codeNumberMixed = "number.contradiction"
	codeDate        = "date.ambiguous"
	codeDateMixed   = "date.contradiction"
	codePassword    = "xlsx.password"
	codeXLS         = "xlsx.old_format"
	codeDamaged     = "xlsx.damaged"
	codeXLSXLimit   = "xlsx.limit"
	codeSheet       = "xlsx.sheet"
	codeManySheets  = "xlsx.ambiguous_sheet"
	codeHidden      = "xlsx.hidden_rows"
)

// maxShownValue is how many characters of a cell a message shows at most.
const maxShownValue = 80

// refuse makes a refusal. Open adds the file and the sheet.
func refuse(code, message, hint string) *Error {
	return &Error{Code: code, Message: message, Hint: hint}
}

// because adds the cause.
func (e *Error) because(err error) *Error {
	e.Err = err
	return e
}

// at adds the place. row is 0, and column and value are "", where they do not apply.
func (e *Error) at(row int, column, value string) *Error {
	e.Row, e.Column, e.Value = row, column, shown(value)
	return e
}

// shown cuts a cell to the length that a message shows.
func shown(value string) string {
	runes := []rune(value)
	if len(runes) <= maxShownValue {
		return value
	}
	return string(runes[:maxShownValue]) + "…"
}

// hint replaces the hint.
func (e *Error) hint(hint string) *Error {
	e.Hint = hint
	return e
}
