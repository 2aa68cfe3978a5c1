package intake

import (
	"bufio"
	"fmt"
)

// strayReturnError is the line of a CR outside of quotes that is no part of a line end.
type strayReturnError int

func (e strayReturnError) Error() string {
	return fmt.Sprintf("line %d has a carriage return (CR) between cells, so that it may be two lines", int(e))
}

// returnGuard passes text on in which every CR stands in quotes or before LF; of several before LF it leaves
// one. encoding/csv would make a CR that ends a line a part of the last cell, and one record of two.
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
