package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpenQuestions(t *testing.T) {
	t.Parallel()
	require.NoError(t,
		openQuestions("a.yaml", []byte("name: a # no QUESTION: here\ncolumns:\n  vat: \"# QUESTION: a header\"\n")))
	err := openQuestions("a.yaml",
		[]byte("name: a\n# QUESTION: first?\n#   more of it\ncolumns:\n  vat: x # QUESTION: second?\n"))
	require.EqualError(t, err, "a.yaml:2:1: the draft has 2 open questions: a.yaml:2: first?; a.yaml:5: second? "+
		"(answer each in the file and delete its comment)")
	mistake := &ProfileError{}
	require.ErrorAs(t, err, &mistake)
	require.ErrorContains(t, openQuestions("b.yaml", []byte("#QUESTION: a?")), "1 open question: b.yaml:1: a?")
	require.ErrorContains(t, openQuestions("a.yaml", []byte("- |\n  text\n  # QUESTION: in it\n  # QUESTION: a?")),
		"2 open questions: a.yaml:3: in it; a.yaml:4: a?", "a text of several lines may look so")
}
