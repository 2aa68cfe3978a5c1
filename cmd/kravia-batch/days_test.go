//go:build days

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestOnOtherDays runs every test as if the machine's clock stood elsewhere: `make days`. The tests, and the
// programs that they start, are compiled with a time.Now that adds the seconds in a file. Virtual and
// monotonic time stay as they are.
func TestOnOtherDays(t *testing.T) {
	if moment := os.Getenv("TEST_MOMENT"); moment != "" { // it is run by itself
		want, err := time.Parse(time.RFC3339, moment)
		require.NoError(t, err)
		require.WithinDuration(t, want, time.Now(), time.Hour)
		return
	}
	dir, err := filepath.Abs("../../.bin/days") // always the same, so that what is compiled can be used again
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(dir, 0o750))
	overlay, shift := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "shift")
	writeOverlay(t, dir, overlay, shift)
	goTest(t, nil, "-overlay", overlay, "-run", "^$") // compiles, so that the tests begin at the moment
	for _, day := range []struct{ moment, zone string }{
		{"2027-02-28T23:59:55+01:00", "Europe/Oslo"}, // midnight where invoices are dated comes soon after the start
		{"2028-02-29T10:30:00Z", "Pacific/Kiritimati"},
		{"2036-12-31T23:30:00Z", "America/Los_Angeles"}, // in Oslo it is 2037 already
	} {
		moment, err := time.Parse(time.RFC3339, day.moment)
		require.NoError(t, err)
		t.Logf("%s in %s", day.moment, day.zone)
		require.NoError(t, os.WriteFile(shift, fmt.Append(nil, int(time.Until(moment).Seconds())), 0o600))
		goTest(t, []string{"TZ=" + day.zone, "TEST_MOMENT=" + day.moment}, "-overlay", overlay, "-count=1",
			"-timeout", "20m")
	}
}

func goTest(t *testing.T, env []string, flags ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go",
		append(append([]string{"test", "-tags", "days"}, flags...), "./...")...)
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("%s", out)
}

// writeOverlay writes an overlay for the go command in which time.Now adds the seconds in the file shift.
func writeOverlay(t *testing.T, dir, overlay, shift string) {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	original, shifted := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go"),
		filepath.Join(dir, "time.go")
	source, err := os.ReadFile(original)
	require.NoError(t, err)
	const now = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	require.Equal(t, 1, strings.Count(string(source), now), "time.Now of this Go is another one: adapt this test")
	text := strings.Replace(string(source), now, now+"\tif !runtimeIsBubbled() {\n\t\tsec += testShift\n\t}\n", 1) + `
var testShift = func() int64 {
	text, _ := readFile(` + strconv.Quote(shift) + `)
	seconds, _, _ := leadingInt(text)
	return int64(seconds)
}()
`
	require.NoError(t, os.WriteFile(shifted, []byte(text), 0o600))
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {original: shifted}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(shift, []byte("0"), 0o600))
	require.NoError(t, os.WriteFile(overlay, replace, 0o600))
}
