package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestScenariosAreShown holds samples/SCENARIOS.md against the tests that it names: S-01 to S-52 once each
// and in order, each with tests that exist or with the words that there is none.
func TestScenariosAreShown(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(samples, "SCENARIOS.md"))
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^\| (S-\d\d) \|[^|]+\|[^|]+\|([^|]+)\|$`).FindAllStringSubmatch(string(page), -1)
	count := len(rows) // require.Len would print all of the page
	require.Equal(t, 52, count, "rows of four cells")
	require.Equal(t, 52, strings.Count(string(page), "\n| S-"))
	sources := map[string]string{}
	for i, row := range rows {
		require.Equal(t, fmt.Sprintf("S-%02d", i+1), row[1])
		shown, dir := 0, ""
		for _, quoted := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[2], -1) {
			switch name := quoted[1]; {
			case strings.HasPrefix(name, "Test"), strings.HasPrefix(name, "Fuzz"):
				if _, read := sources[dir]; !read {
					sources[dir] = testsOf(t, dir)
				}
				requireTest(t, sources[dir], name, row[1]+" "+dir)
				shown++
			case strings.Contains(name, "/"):
				dir = name
			}
		}
		if shown == 0 {
			require.Contains(t, strings.ToLower(row[2]), "not shown by a test:", row[1])
		}
	}
}

// testsOf is the source of a package's tests.
func testsOf(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	require.NoError(t, err)
	require.NotEmpty(t, paths, dir)
	var all strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

// requireTest looks for a test function and, after a slash, for its case: a name in the package's tests or a script.
func requireTest(t *testing.T, source, name, where string) {
	t.Helper()
	function, variant, one := strings.Cut(name, "/")
	is := regexp.MustCompile(`(?m)^func ` + function + `\((t \*testing\.T|f \*testing\.F)\) \{$`)
	require.True(t, is.MatchString(source), "%s: there is no %s", where, function)
	switch {
	case function == "TestScripts" && one:
		require.FileExists(t, filepath.Join("testdata/script", variant+".txtar"), where)
	case one:
		found := strings.Contains(source, `"`+variant+`"`) // require.Contains would print all of the source
		require.True(t, found, "%s: there is no %s", where, name)
	}
}
