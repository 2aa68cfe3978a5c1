package intake

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/fault"
)

// counter gives rows numbered from 1 in one and the same row.
type counter struct {
	row  row
	rows int
	end  error
}

func (c *counter) next() (*row, error) {
	if c.row.number == c.rows {
		return nil, c.end
	}
	c.row.number++
	c.row.cells = append(c.row.cells[:0], cell{Value: columnLetters(c.row.number)})
	return &c.row, nil
}

// Rows that are read ahead come in order and whole, then the end, however often it is asked for.
func TestReadAhead(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{0, 1, rowsAhead - 1, rowsAhead, 5*rowsAhead + 1} {
		in, stop := readAhead(&counter{rows: rows, end: io.EOF})
		for i := range rows {
			r, err := in.next()
			require.NoError(t, err)
			require.Equal(t, i+1, r.number)
			require.Equal(t, columnLetters(i+1), r.cells[0].Value)
		}
		for range 3 {
			_, err := in.next()
			require.ErrorIs(t, err, io.EOF)
		}
		stop()
	}
}

// What is not read to its end leaves no goroutine, which would be found blocked here.
func TestReadAheadStops(t *testing.T) {
	t.Parallel()
	for _, read := range []int{0, 1, 3 * rowsAhead} {
		synctest.Test(t, func(t *testing.T) {
			in, stop := readAhead(&counter{rows: 100 * rowsAhead, end: errors.New("not reached")})
			for range read {
				_, err := in.next()
				require.NoError(t, err)
			}
			stop()
		})
	}
}

func TestReadAheadFault(t *testing.T) {
	t.Parallel()
	in, stop := readAhead(nil)
	defer stop()
	_, err := in.next()
	caught := &fault.Error{}
	require.ErrorAs(t, err, &caught)
}
