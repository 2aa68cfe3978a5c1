package intake

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/xlsx"
)

// TestSubjectsTable holds that every word of subjects.csv is spelt so that it is found, that harmless words
// are, and that none stands there twice.
func TestSubjectsTable(t *testing.T) {
	t.Parallel()
	in := csv.NewReader(strings.NewReader(subjectsCSV))
	in.Comment = '#'
	rows, err := in.ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"subject", "how", "words"}, rows[0])
	v, seen := readVocabulary(), map[string]bool{}
	for _, row := range rows[1:] {
		name, how := row[0], row[1]
		for word := range strings.SplitSeq(row[2], "|") {
			key := name + " " + how + " " + normalise(word)
			require.False(t, seen[key], "%s twice", key)
			seen[key] = true
			require.NotEmpty(t, normalise(word), "an empty word of %s", name)
			h := v.speaksOf(word)
			switch {
			case name == "a document code":
			case how == "cell", how == "cell start":
				e := cellEvidence{}
				e.observe(&cell{Kind: xlsx.Text, Value: word})
				require.NotEmpty(t, e.speaksOf(headerWords{}, false), word)
			case name == "harmless":
				require.Empty(t, h.what, word)
			case name == "other numbers":
				require.True(t, h.others, word)
			case name == "a label":
				require.True(t, v.labels.spokenOf([]string{normalise(word)}, pieces(word)), word)
			case name == "money in numbers":
				require.True(t, h.sums, word)
			case name == "who is invoiced":
				require.True(t, h.payers, word)
			default:
				require.NotEmpty(t, h.what, "%s of %s is not found", word, name)
			}
		}
	}
}

// TestWordsAreNotFoundAcrossWords has headers in which a word only appears where two others meet.
func TestWordsAreNotFoundAcrossWords(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Invoice date", "Plan tally", "Gul disk unt", "Camp rise", "Demo Msg",
		"Hva talte", "Navn et", "Ris um", "Karab at",
	} {
		require.Empty(t, readVocabulary().speaksOf(header).what, header)
	}
}
