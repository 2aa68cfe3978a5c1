package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/report"
)

// lines is a stream to people and logs. What is written at once is one line: whatever foreign text stands in
// it breaks no line, forges none and steers no terminal. Only line breaks at the end are the program's own.
type lines struct{ raw io.Writer }

func (l lines) Write(p []byte) (int, error) {
	text := strings.TrimRight(string(p), "\n")
	if _, err := io.WriteString(l.raw, billing.OneLine(text)+string(p[len(text):])); err != nil {
		return 0, err
	}
	return len(p), nil
}

// title begins a part of an output.
func title(w io.Writer, text string) {
	fmt.Fprintln(w)
	fmt.Fprintln(w, text)
}

// paragraphs is a stream for what has line breaks and tabs of its own: helps, and what a shell completes.
type paragraphs struct{ raw io.Writer }

func (s paragraphs) Write(p []byte) (int, error) {
	text := strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && billing.Hostile(r) {
			return utf8.RuneError
		}
		return r
	}, string(p))
	if _, err := io.WriteString(s.raw, text); err != nil {
		return 0, err
	}
	return len(p), nil
}

func writeJSON(to lines, value any) error { return report.WriteJSON(to.raw, value) }

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
