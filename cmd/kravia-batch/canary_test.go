package main

import (
	"bytes"
	"context"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

// A secret that everybody on the machine can read is told, by its file's name.
func TestSecretFileForEverybody(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte("canary-Zq7-secret\n"), 0o644))
	require.NoError(t, os.Chmod(path, 0o644))
	_, _, stderr := call(t, "run", "--account", "T12345678", "--client-id", "id", "--client-secret-file", path,
		"--base-url", "http://127.0.0.1:1/v1",
		"--state", t.TempDir(), "--reports", t.TempDir(), "--timeout", "1s", filepath.Join(samples, "grouped.csv"))
	require.Contains(t, stderr, path+" can be read by everybody")
	require.NotContains(t, stderr, "canary-Zq7-secret")
}

// A secret in every setting that may hold one appears in no log, error, report, metric or termination
// message, whether the command succeeds or not.
func TestSecretsAreNeverTold(t *testing.T) {
	t.Parallel()
	const canary = "canary-Zq7-secret"
	provider, err := simulator.New(simulator.Options{Account: "T12345678", ClientID: "id", ClientSecret: canary})
	require.NoError(t, err)
	server := httptest.NewServer(provider)
	t.Cleanup(func() { server.Close(); require.NoError(t, provider.Close()) })
	away := "http://user:" + canary + "@127.0.0.1:1/" + canary
	tests := map[string]struct {
		env  map[string]string
		args []string
		code int
	}{
		"all well": {map[string]string{"DINTERO_CLIENT_SECRET": canary}, nil, 0},
		"nobody to tell": {map[string]string{
			"DINTERO_CLIENT_SECRET": canary, "KRAVIA_BATCH_NOTIFY": away, "KRAVIA_BATCH_PUSHGATEWAY": away,
		}, nil, 0},
		"refused": {map[string]string{"DINTERO_CLIENT_SECRET": canary + "-not"}, nil, 4},
		"journal unreachable": {
			map[string]string{
				"DINTERO_CLIENT_SECRET": canary,
				"KRAVIA_BATCH_JOURNAL": "postgres://u:" + canary + "@127.0.0.1:1/x?connect_timeout=1&password=" +
					canary,
			}, nil, 1,
		},
		"journal misread": {
			map[string]string{
				"DINTERO_CLIENT_SECRET": canary,
				"KRAVIA_BATCH_JOURNAL":  "postgres://u:" + canary + "@[::1/x",
			}, nil, 2,
		},
		"base URL with a password": {
			map[string]string{"DINTERO_CLIENT_SECRET": canary},
			[]string{"--base-url", "https://u:" + canary + "@localhost/v1"},
			2,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := append([]string{
				"run", "--account", "T12345678", "--client-id", "id", "--base-url", server.URL + "/v1", "--rate",
				"0", "--log-level", "debug",
				"--state", filepath.Join(dir, "state"), "--reports", filepath.Join(dir, "reports"), "--format",
				"xlsx,csv,json",
				"--termination-log", filepath.Join(dir, "termination"), "--metrics-file",
				filepath.Join(dir, "metrics.prom"),
			}, tt.args...)
			var out bytes.Buffer
			code := run(context.Background(), append(args, filepath.Join(samples, "grouped.csv")), &environment{
				getenv: func(name string) string { return tt.env[name] }, stdin: &bytes.Buffer{}, stdout: &out,
				stderr: &out,
			})
			require.Equal(t, tt.code, code, out.String())
			require.NotContains(t, out.String(), canary)
			require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				data, err := os.ReadFile(path)
				require.NotContains(t, string(data), canary, path)
				return err
			}))
		})
	}
}
