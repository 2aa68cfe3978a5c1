package intake_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// TestHostileYAMLIsCheap is not parallel, since it counts what is allocated: a parser that meets these texts unprepared
// takes gigabytes.
func TestHostileYAMLIsCheap(t *testing.T) {
	const size = 100_000
	filled := func(unit string) string { return strings.Repeat(unit, size/len(unit)) }
	var deep, bomb strings.Builder
	for i := 0; deep.Len() < size; i++ {
		fmt.Fprintf(&deep, "%sa:\n", strings.Repeat(" ", i))
	}
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i+1, i+1,
			strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
	}
	for name, tc := range map[string]struct{ yaml, want string }{
		"brackets": {
			"name: " + strings.Repeat("[", size/2) + strings.Repeat("]", size/2),
			"p.yaml:1:37: the values are nested too deeply",
		},
		"open brackets": {"name: " + filled("["), "p.yaml:1:37: the values are nested too deeply"},
		"closed too early": {
			"name: " + strings.Repeat("]\n", 16_000) + strings.Repeat("[", 16_000),
			"p.yaml:16001:32: the values are nested too deeply",
		},
		"braces": {
			"name: " + strings.Repeat("{a: ", size/5) + strings.Repeat("}", size/5),
			"p.yaml:1:127: the values are nested too deeply",
		},
		"open braces":      {filled("{a: "), "nested too deeply"},
		"deep indentation": {deep.String(), "p.yaml:32:33: the values are nested too deeply"},
		"dashes":           {filled("- "), "p.yaml:1:65: the values are nested too deeply"},
		"questions":        {filled("? "), "nested too deeply"},
		"keys in a line":   {filled("a: "), "nested too deeply"},
		"aliases":          {bomb.String(), "p.yaml:1:5: anchors (&) and aliases (*) are not supported"},
		"exclamations":     {"nmae: " + filled("!"), `unknown key "nmae"`},
		"ampersands":       {"name: " + filled("&"), "p.yaml:1:7: anchors"},
		"asterisks":        {"name: " + filled("*"), "p.yaml:1:7: anchors"},
		"quotes":           {"name: " + filled(`"`), "p.yaml:1:"},
		"apostrophes":      {"nmae: " + filled("'"), "p.yaml:1:"},
		"tags":             {"name: " + filled("!a "), "p.yaml:1:"},
		"lists in a list": {
			"name: [" + filled("[],") + "]",
			"p.yaml:1:40005: the file has more than 40000 words and signs",
		},
		"long list": {"name: [" + filled("aaaaaaaaa,") + "]", "p.yaml:1:7: a single value is expected"},
		"literals":  {"name: a\n" + filled("|\n"), "more than 40000 words and signs"},
		"keys":      {filled("a: b\n"), "p.yaml:"},
		"documents": {filled("---\n"), "p.yaml: the profile is empty"},
		"too long":  {"name: a\n" + filled("# c\n") + filled("# c\n"), "p.yaml: the file has more than 128 KiB"},
	} {
		path := write(t, "p.yaml", tc.yaml)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := intake.LoadProfile(path)
		runtime.ReadMemStats(&after)
		var mistake *intake.ProfileError
		require.ErrorAs(t, err, &mistake, name)
		require.Contains(t, err.Error(), tc.want, name)
		require.Less(t, len(err.Error()), 400, name)
		require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(64), "MiB: %s", name)
	}
}
