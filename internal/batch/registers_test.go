package batch

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
)

// byName takes kunder*.csv for register customers, varer.csv for items and everything else for lines.
func byName(path string) string {
	switch name := path[strings.LastIndex(path, "/")+1:]; {
	case strings.HasPrefix(name, "kunder"):
		return "customers"
	case name == "varer.csv":
		return "items"
	}
	return ""
}

func TestRegistersAreDividedFromLines(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		paths     []string
		lines     []string
		registers []register
		refusal   string
	}{
		"lines alone": {[]string{"b.csv", "a.csv"}, []string{"b.csv", "a.csv"}, nil, ""},
		"nothing":     {nil, nil, nil, ""},
		"registers by name, lines as given": {
			[]string{"in/varer.csv", "b.csv", "in/kunder.csv", "-"},
			[]string{"b.csv", "-"},
			[]register{{"customers", "in/kunder.csv"}, {"items", "in/varer.csv"}},
			"",
		},
		"two files for one": {
			[]string{"a.csv", "ny/kunder.csv", "kunder-2026.csv"},
			nil, nil,
			"kunder-2026.csv: register.files: ny/kunder.csv and kunder-2026.csv are both the register customers" +
				" of the profile (give one of them)",
		},
		"no lines": {
			[]string{"in/varer.csv", "in/kunder.csv"},
			nil, nil,
			"kunder.csv: file.not_found: no file of lines is given: by the profile, kunder.csv is the register" +
				" customers and varer.csv is the register items (give the file with the lines too)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, registers, err := byKind(tt.paths, byName)
			if tt.refusal != "" {
				require.EqualError(t, err, tt.refusal)
				require.Equal(t, ExitInput, ExitCodeOf(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.lines, lines)
			require.Equal(t, tt.registers, registers)
		})
	}
}

func given(path, sha256, register string) opened {
	return opened{path: path, File: journal.File{SHA256: sha256, Register: register}}
}

func TestSameContentIsRefusedWhateverItIsReadAs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		first, second opened
		want          string
	}{
		{
			given("a.csv", "aa", ""),
			given("in/b.csv", "aa", ""),
			"b.csv: file.twice: a.csv and in/b.csv have the same content, so every line would be billed twice" +
				" (give one of them)",
		},
		{
			given("kunder.csv", "aa", "customers"),
			given("in/b.csv", "aa", ""),
			"b.csv: file.twice: kunder.csv and in/b.csv have the same content, but one is read as register customers" +
				" and the other as lines (give each its own file)",
		},
		{
			given("kunder.csv", "aa", "customers"),
			given("varer.csv", "aa", "items"),
			"varer.csv: file.twice: kunder.csv and varer.csv have the same content, but one is read as register" +
				" customers and the other as register items (give each its own file)",
		},
		{given("kunder.csv", "aa", "customers"), given("varer.csv", "bb", "items"), ""},
	} {
		r := &Reading{}
		require.NoError(t, r.add(tt.first, nil))
		err := r.add(tt.second, nil)
		if tt.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, tt.want)
	}
}

func TestRegisterIsAFileOfTheRun(t *testing.T) {
	t.Parallel()
	r := &Reading{Files: []journal.File{{Name: "a.csv", SHA256: "aa", Rows: 3}}}
	require.NoError(t, r.AddRegister("in/kunder.csv", &intake.Register{
		Name: "customers", File: "kunder.csv", Path: "in/kunder.csv", SHA256: "bb", Rows: 120,
		Notices: []string{"the dates are read with the day first"},
	}))
	want := []journal.File{
		{Name: "a.csv", SHA256: "aa", Rows: 3},
		{Name: "kunder.csv", SHA256: "bb", Rows: 120, Register: "customers"},
	}
	require.Equal(t, want, r.Files)
	require.Equal(t, []string{"kunder.csv: the dates are read with the day first"}, r.Notices)
	require.Equal(t, 3, rowsOf(want), "its rows are no lines")
	require.NoError(t, passed(want, []int{0, 1, 2}))
	require.ErrorContains(t, passed(want, []int{0, 1, 2}, []int{3}), "3 rows were read, but there is a row number 4")
}

// Last month's run had the same register and other lines.
func TestRegisterMakesNoMonthTheSame(t *testing.T) {
	t.Parallel()
	customers := journal.File{Name: "kunder.csv", SHA256: "cc", Rows: 120, Register: "customers"}
	runs := []journal.Run{
		{ID: "again", Files: []journal.File{{Name: "november.csv", SHA256: "nov"}, customers}},
		{ID: "october", Files: []journal.File{{Name: "october.csv", SHA256: "oct"}, customers}},
	}
	require.Equal(t, runs[1:], lastMonth(runs, &journal.Run{Files: runs[0].Files}))
}

// Shards that looked things up in another register did not do the same work.
func TestShardsOfAnotherRegisterAreNoSiblings(t *testing.T) {
	t.Parallel()
	run := func(customers, name string) *journal.Run {
		return &journal.Run{Files: []journal.File{{SHA256: "nov"}, {SHA256: customers, Register: name}}}
	}
	require.True(t, sameFiles(run("cc", "customers"), run("cc", "customers")))
	require.False(t, sameFiles(run("cc", "customers"), run("dd", "customers")))
	require.False(t, sameFiles(run("cc", "customers"), run("cc", "")))
}
