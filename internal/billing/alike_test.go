package billing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

// ofReferences makes rows that differ only in their references.
func ofReferences(references ...string) []billing.Record {
	rows := make([]string, len(references))
	for i, reference := range references {
		rows[i] = row(reference, i)
	}
	return sheet(rows...)
}

// Two orders whose references differ only as programs change them are both held back; others are sent.
func TestAlike(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		references string
		refused    string // those with the code
	}{
		{"T-1 t-1", "T-1 t-1"},
		{"T-1 T-2 t-1 T-2", "T-1 t-1"},
		{"T-1 T-1 t-1 t-1", "T-1 t-1"},
		{"ab AB aB Ab", "ab AB aB Ab"},
		{"0042 42", "0042 42"},
		{"42 0042 00042", "42 0042 00042"},
		{"42 420 4200", ""},
		{"0 00", "0 00"},
		{"F-0042 F-42", "F-0042 F-42"},
		{"0042-1 42-1", "0042-1 42-1"},
		{"2026-01-0012 2026-1-12 2026-11-2", "2026-01-0012 2026-1-12"},
		{"INV100 INV10 INV1", ""},
		{"A10 A-10 A1-0", ""},
		{"2026-1-11 2026-11-1", ""},
		{"1e3 1E3 1000", "1e3 1E3"},
		{"T-1 T_1 T.1 T1", "T-1 T_1 T.1"},
		{"T-1 T-1-1 t-1-2", ""},
		{"-T-1 T-1-", "-T-1 T-1-"},
	} {
		groups := group(t, rules(), ofReferences(strings.Fields(tt.references)...)...)
		var refused []string
		for _, g := range groups {
			alike := len(g.Rows[0].Problems) == 1 && g.Rows[0].Problems[0].Code == "order.alike"
			require.Equal(t, !alike, g.Order != nil, tt.references)
			if alike {
				refused = append(refused, g.Reference)
				require.Equal(t, "order_reference", g.Rows[0].Problems[0].Column)
			}
			for _, row := range g.Rows[1:] {
				require.Equal(t, alike, len(row.Problems) == 1 && row.Problems[0].Code == "order.incomplete",
					tt.references)
			}
		}
		require.ElementsMatch(t, strings.Fields(tt.refused), refused, tt.references)
	}
}

// Each order names the first row of another one.
func TestAlikeInWords(t *testing.T) {
	t.Parallel()
	const fix = " (if they are one order, give both the same reference; if not, give them references that differ more)"
	one, two := ofReferences("T-1", "0042", "t-1"), ofReferences("x", "42", "T-1", "t-1")
	r := rules()
	r.Severity = map[billing.Code]billing.Severity{"order.files": billing.Off}
	require.ElementsMatch(t, []string{
		"row 2: order T-1 is also written as t-1, in row 4" + fix,
		"row 4: order T-1 is not sent because row 2 of lines.csv has a problem (order.alike) (fix row 2 of lines.csv)",
		"row 3: order 0042 is also written as 42, in row 3 of lines2.csv" + fix,
		"row 4: order t-1 is also written as T-1, in row 2" + fix,
		"row 5: order t-1 is not sent because row 4 of lines.csv has a problem (order.alike) (fix row 4 of lines.csv)",
		"row 3: order 42 is also written as 0042, in row 3 of lines.csv" + fix,
	}, messages(groupFiles(t, r, one, two)))
	require.Equal(t, []string{
		"row 3: order AB is also written as Ab, in row 4" + fix,
		"row 4: order Ab is also written as AB, in row 3" + fix,
		"row 2: order ab is also written as AB, in row 3" + fix,
	}, messages(group(t, r, ofReferences("ab", "AB", "Ab")...)))
}

// An order is not sent if the reference of one of its rows may be damaged.
func TestDamagedReferenceHoldsItsOrder(t *testing.T) {
	t.Parallel()
	for _, damaged := range []string{"T–1", "T 1", "T-1*", "#T-1", "'T-1"} {
		require.Equal(t,
			map[string]string{"T-1": "order.alike", damaged: "order_reference.characters order.alike", "T-2": "sent"},
			byReference(group(t, rules(), ofReferences("T-1", damaged, "T-2")...)))
	}
	for _, ditto := range []string{"-", "--", "...", "\"", "–"} {
		require.Equal(t, map[string]string{"T-1": "order.held", ditto: "order_reference.missing"},
			byReference(group(t, rules(), ofReferences("T-1", ditto)...)), ditto)
	}
}

func TestAlikeOnPurpose(t *testing.T) {
	t.Parallel()
	r := rules()
	for severity, want := range map[billing.Severity]string{billing.Warning: "order.alikesent", billing.Off: "sent"} {
		r.Severity = map[billing.Code]billing.Severity{"order.alike": severity}
		require.Equal(t, map[string]string{"T-1": want, "t-1": want},
			byReference(group(t, r, ofReferences("T-1", "t-1")...)))
	}
}

// Groups gives the same each time, and refuses exactly the references that fold to another one.
func TestAlikeAlways(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		references := rapid.SliceOfN(rapid.StringMatching(`[aA]{1,2}|0{0,2}[12]`), 1, 30).Draw(t, "references")
		spelled := map[string]map[string]bool{}
		fold := func(reference string) string { return strings.TrimLeft(strings.ToLower(reference), "0") }
		for _, reference := range references {
			if spelled[fold(reference)] == nil {
				spelled[fold(reference)] = map[string]bool{}
			}
			spelled[fold(reference)][reference] = true
		}
		g := grouper(t, rules(), ofReferences(references...))
		var reported []string
		for i := range 2 {
			var again []string
			for group, err := range g.Groups() {
				require.NoError(t, err)
				require.Equal(t, len(spelled[fold(group.Reference)]) == 1, group.Order != nil, group.Reference)
				again = append(again, fmt.Sprint(group.Reference, messages([]billing.Group{group})))
			}
			if i == 0 {
				reported = again
			}
			require.Equal(t, reported, again)
		}
	})
}
