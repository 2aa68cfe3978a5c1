package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// strayReturnError is a CR outside of quotes that is no part of a line end.
type strayReturnError struct{ line int }

func (e *strayReturnError) Error() string { return e.refusal().Error() }

func (e *strayReturnError) refusal() *Error {
	return refuse(codeRagged, fmt.Sprintf("line %d has a carriage return (CR) between cells, so that it may be two lines", e.line),
		"end all lines alike, or put quotes around a cell with a line break")
}

// returnGuard passes text on in which every CR stands in quotes or before LF; of several before LF it leaves one. encoding/csv
// would make a CR that ends a line a part of the last cell, and one record of two.
type returnGuard struct {
	in     io.Reader
	line   int // physical line, from 1
	quoted bool
	held   int // carriage returns that were not passed on yet
	out    bytes.Buffer
	err    error
}

func (g *returnGuard) Read(p []byte) (int, error) {
	for g.out.Len() == 0 && g.err == nil {
		n, err := g.in.Read(p)
		if g.err = g.take(p[:n]); g.err == nil {
			g.err = err
		}
		if errors.Is(g.err, io.EOF) && g.held > 0 {
			g.out.WriteByte('\r')
			g.held = 0
		}
	}
	if g.out.Len() > 0 {
		return g.out.Read(p)
	}
	return 0, g.err
}

func (g *returnGuard) take(block []byte) error {
	for _, b := range block {
		if g.held > 0 && b != '\r' {
			if b != '\n' {
				return &strayReturnError{g.line}
			}
			g.out.WriteByte('\r')
			g.held = 0
		}
		switch {
		case b == '\r' && !g.quoted:
			g.held++
			continue
		case b == '"':
			g.quoted = !g.quoted
		case b == '\n':
			g.line++
		}
		g.out.WriteByte(b)
	}
	return nil
}
