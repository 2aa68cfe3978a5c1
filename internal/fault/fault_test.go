package fault_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/fault"
)

func TestRun(t *testing.T) {
	t.Parallel()
	require.NoError(t, fault.Run(func() error { return nil }))
	require.Equal(t, io.EOF, fault.Run(func() error { return io.EOF }))
	err := fault.Run(func() error {
		var order *struct{ Total int }
		order.Total++
		return nil
	})
	require.EqualError(t, err,
		"this is a fault of the program, please report it: runtime error: invalid memory address or nil pointer dereference")
	caught, ok := errors.AsType[*fault.Error](err)
	require.True(t, ok)
	require.Contains(t, string(caught.Stack), "fault_test.TestRun.")
}
