package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// questionMark begins a comment of a drafted profile that the user has to answer. A profile with such a comment is
// refused, so foreign text in a draft must never begin with it, see noQuestion.
const questionMark = "QUESTION:"

// question is an open question of a draft.
type question struct {
	line int // in the profile, from 1
	text string
}

// questionsIn lists the open questions of a profile: the comments that begin with QUESTION:, on lines of their own
// or behind a value. A line inside a text of several lines that looks like such a comment counts too: the draft is
// then refused too often, and never too seldom.
func questionsIn(data []byte) []question {
	found := map[int]string{}
	for i, line := range strings.Split(string(data), "\n") {
		if comment, ok := strings.CutPrefix(strings.TrimSpace(line), "#"); ok {
			noteQuestion(found, i+1, comment)
		}
	}
	for _, t := range lexer.Tokenize(string(data)) {
		if t.Type == token.CommentType && t.Position != nil {
			noteQuestion(found, t.Position.Line, t.Value)
		}
	}
	open := make([]question, 0, len(found))
	for _, line := range slices.Sorted(maps.Keys(found)) {
		open = append(open, question{line, found[line]})
	}
	return open
}

func noteQuestion(found map[int]string, line int, comment string) {
	if text, ok := strings.CutPrefix(strings.TrimLeft(comment, "# \t"), questionMark); ok {
		found[line] = strings.TrimSpace(text)
	}
}

// openQuestions refuses a profile with open questions. The *[ProfileError] lists all of them with their lines.
func openQuestions(file string, data []byte) error {
	open := questionsIn(data)
	if len(open) == 0 {
		return nil
	}
	lines := make([]string, len(open))
	for i, q := range open {
		lines[i] = fmt.Sprintf(" %s:%d: %s", file, q.line, shown(q.text))
	}
	message := fmt.Sprintf(msgDraftOpen, countOf(len(open), "open question")) + strings.Join(lines, ";")
	return &ProfileError{File: file, Line: open[0].line, Column: 1, Message: message, Hint: hintDraftOpen}
}

// countOf is a number with its word: 1 row, 2 rows.
func countOf(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
