package intake

import (
	"bufio"
	"fmt"
)

// strayReturnError is the number of a line with a CR that stands outside of quotes and of a line end.
type strayReturnError int

func (e strayReturnError) Error() string { return fmt.Sprintf(msgStrayReturn, int(e)) }

// returnGuard passes text on and refuses a CR that stands neither in quotes nor before LF. Of several CR before LF it
// keeps one. encoding/csv would take a CR that ends a line for a part of the last cell, and make one record of two.
type returnGuard struct {
	in     *bufio.Reader
	line   int // physical line, from 1
	quoted bool
}

func (g *returnGuard) Read(p []byte) (n int, err error) {
	for n < len(p) {
		b, err := g.in.ReadByte()
		if err != nil {
			return n, err
		}
		switch {
		case b == '"':
			g.quoted = !g.quoted
		case b == '\n':
			g.line++
		case b == '\r' && !g.quoted:
			next, err := g.in.Peek(1)
			if err == nil && next[0] == '\r' {
				continue
			}
			if err == nil && next[0] != '\n' {
				return n, strayReturnError(g.line)
			}
		}
		p[n] = b
		n++
	}
	return n, nil
}
