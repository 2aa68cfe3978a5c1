package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/batch"
)

// torn is an input at which the program panics.
type torn struct{}

func (torn) Read([]byte) (int, error) { panic("an input like no other") }

func TestFaultOfTheProgram(t *testing.T) {
	t.Parallel()
	var out, diagnostics bytes.Buffer
	code := run(context.Background(), []string{"check", "-"}, &environment{
		getenv: func(string) string { return "" }, stdin: torn{}, stdout: &out, stderr: &diagnostics,
	})
	require.Equal(t, batch.ExitError, code)
	require.Contains(t, diagnostics.String(),
		"this is a fault of the program, please report it: an input like no other")
	require.Contains(t, diagnostics.String(), "torn.Read", "where it happened")
}
