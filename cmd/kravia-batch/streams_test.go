package main

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := lines{raw: &out}
	n, err := fmt.Fprintf(l, "%s: %s\n\n", "a\r\nb", "\nc\x1b[31m")
	require.NoError(t, err)
	require.Equal(t, len("a\r\nb: \nc\x1b[31m\n\n"), n)
	fmt.Fprintln(l)
	fmt.Fprint(l, "asks? ")
	require.Equal(t, "a↵b: ↵c�[31m\n\n\nasks? ", out.String())
}

func TestTheNextCommand(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ given, want []string }{
		{[]string{"--journal", "postgres://u:canary@host/db"}, []string{"--journal", "postgres://…"}},
		{[]string{"--journal", "shared/folder"}, []string{"--journal", "shared/folder"}},
		{
			[]string{"--expect-total", "1.00 EUR", "--expect-total", "2.00", "--by", "Ola"},
			[]string{"--expect-total", "1.00 EUR", "--expect-total", "2.00"},
		},
	} {
		a := &app{environment: &environment{getenv: func(string) string { return "" }}}
		cmd, _, err := a.root().Find([]string{"plan"})
		require.NoError(t, err)
		require.NoError(t, cmd.ParseFlags(tt.given))
		require.Equal(t, tt.want, sameFlags(cmd))
	}
}
