package xlsx

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrorKind says what a caller can do about an [Error].
type ErrorKind uint8

// The kinds of refusals.
const (
	Damaged     ErrorKind = iota + 1 // cut, changed, or against the rules, so that its cells are uncertain
	Password                         // encrypted
	OldFormat                        // .xls, .xlsb and other formats before XLSX
	TooLarge                         // beyond a limit of this package
	NotWorkbook                      // something else: an archive, an OpenDocument file, a text
	Encoding                         // a part in an encoding that is not read
)

// Error says why a workbook is refused. Every error of this package is an *Error, except io.EOF.
type Error struct {
	Kind    ErrorKind
	Part    string // path in the archive, "" if it is about the file as a whole
	Row     int    // row of the sheet that was being read, 0 if it is about no row
	Message string // what is wrong, without a full stop
	Err     error  // the cause, nil if there is none
}

// Error is the error on one line: part, row, message, cause.
func (e *Error) Error() string {
	var where strings.Builder
	if e.Part != "" {
		fmt.Fprintf(&where, "part %s: ", shorten(e.Part))
	}
	if e.Row > 0 {
		fmt.Fprintf(&where, "row %d: ", e.Row)
	}
	where.WriteString(e.Message)
	if e.Err != nil {
		fmt.Fprintf(&where, ": %v", e.Err)
	}
	return where.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

func refuse(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// inPart converts an error of reading a part to an [Error] that names the part. A nil error stays nil.
func inPart(err error, part string, row int) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{Kind: Damaged, Message: msgCannotUnpack, Err: err}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			e = refuse(Damaged, msgEndsEarly)
		}
	}
	if e.Part == "" {
		e.Part, e.Row = part, row
	}
	return e
}

// maxShown is the number of characters that a message shows of a text from the file.
const maxShown = 80

// shorten cuts a text from the file to maxShown characters.
func shorten[T string | []byte](value T) string {
	runes := []rune(string(value))
	if len(runes) <= maxShown {
		return string(value)
	}
	return string(runes[:maxShown]) + "…"
}
