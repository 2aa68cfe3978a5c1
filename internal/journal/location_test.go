package journal_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/journal"
)

// A mistyped address is no path: a new journal would remember nothing of what was sent.
func TestLocations(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"state", "journal.db", "state/2026-11", "./a=b", "../x:y", ".state", "/var/lib/kravia-batch",
		"/data/year=2026/a@b", `C:\state`, "c:/state",
		"postgres://127.0.0.1/journal", "postgresql://u:p%40ss@host:5432/journal?sslmode=require",
	} {
		require.NoError(t, journal.CheckLocation(good), good)
	}
	for _, bad := range []string{
		"", " state", "state ", "\tstate", "mysql://u:s3cr3t@h/x", "POSTGRES://u:s3cr3t@h/x",
		"Postgres://u:s3cr3t@h/x", "postgre://u:s3cr3t@h/x",
		"postgres:/u:s3cr3t@h/x", "postgres//u:s3cr3t@h/x", "jdbc:postgresql://h/x?password=s3cr3t", "file:state",
		"sqlite:state.db", "u:s3cr3t@h/x",
		"localhost:5432/x", "host=localhost password=s3cr3t dbname=x", "dbname = x", " postgres://u:s3cr3t@h/x",
		"postgres://u:s3cr3t@[::1/x",
		"postgres://u:s3cr3t@h:port/x", "postgres://u:s3cr3t@h/x?sslmode=nonsense",
		"postgres://u:s3cr3t@h/x?sslmode=verify-full&sslrootcert=nowhere.crt",
	} {
		err := journal.CheckLocation(bad)
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), "s3cr3t")
	}
	require.ErrorContains(t, journal.CheckLocation("postgres://h/x?sslmode=verify-full&sslrootcert=nowhere.crt"),
		"open nowhere.crt: no such file")
}

func TestOpenMakesNothingOfAnAddress(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, location := range []string{"mysql://u:s3cr3t@h/x", "host=localhost dbname=x", "POSTGRES://h/x"} {
		_, err := journal.Open(t.Context(), location)
		require.ErrorContains(t, err, "neither a path nor an address")
		require.NotContains(t, err.Error(), "s3cr3t")
	}
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Empty(t, left)
}
