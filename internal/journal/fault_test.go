package journal

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/fault"
)

// A write that panics is refused; those beside it and after it are made.
func TestFaultInAWrite(t *testing.T) {
	t.Parallel()
	j, err := Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	err = j.write(t.Context(), "plan", func(*tx) error { panic("an order like no other") })
	caught := &fault.Error{}
	require.ErrorAs(t, err, &caught)
	require.ErrorContains(t, err, "this is a fault of the program, please report it: an order like no other")
	require.NoError(t, j.BeginRun(t.Context(), Run{ID: "R1", Account: "T12345678"}))
}
