package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/money"
	"kraviabatch/internal/report"
)

// lines is a stream to users and logs. Each write is one line: foreign text in it cannot break the line, forge another
// or steer a terminal. Only line breaks at the end of a write are the program's own.
type lines struct {
	raw    io.Writer
	colour bool // for a terminal that shows colours
}

func (l lines) Write(p []byte) (int, error) {
	text := strings.TrimRight(string(p), "\n")
	line := billing.OneLine(text)
	if l.colour {
		line = coloured(line)
	}
	if _, err := io.WriteString(l.raw, line+string(p[len(text):])); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Codes of a terminal's colours.
const (
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	normal = "\x1b[0m"
)

// coloured is a line with its first word in the colour that the word calls for. Foreign text never begins a line.
func coloured(line string) string {
	for _, c := range []struct{ word, code string }{
		{"error", red},
		{"failed", red},
		{"warning", yellow},
		{"kravia-batch: note:", yellow},
		{"kravia-batch:", red},
		{"total", bold},
	} {
		rest, found := strings.CutPrefix(line, c.word+" ")
		switch {
		case found && c.code == bold:
			return bold + line + normal
		case found:
			return c.code + c.word + normal + " " + rest
		}
	}
	return line
}

// paragraphs is a stream for text with line breaks and tabs of its own: helps, drafts, and what a shell completes.
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

// say prints a line to standard error.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.stderr, "kravia-batch:", fmt.Sprintf(format, args...))
}

// note prints a line to standard error that changes nothing about the outcome.
func (a *app) note(format string, args ...any) { a.say("note: "+format, args...) }

// confirm asks a question on the terminal. The error, which says what was not done, is why the answer is not yes.
func (a *app) confirm(question, notDone string) error {
	fmt.Fprintf(a.stderr, msgYesNo, question)
	answer, err := bufio.NewReader(a.stdin).ReadString('\n')
	switch {
	case errors.Is(err, dispatch.ErrStopped):
		return fmt.Errorf("%w; %s", err, notDone)
	case strings.EqualFold(strings.TrimSpace(answer), "yes"):
		return nil
	case strings.TrimSpace(answer) == "" && err != nil:
		fmt.Fprintln(a.stderr) // nobody pressed Enter
		return usage(msgNoAnswer, notDone)
	}
	return usage(msgNotYes, notDone)
}

// title begins a part of an output.
func title(w io.Writer, text string) {
	fmt.Fprintln(w)
	fmt.Fprintln(w, text)
}

// plural is a number of things: `1 row`, `2 rows`.
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// ordersFor is a number of orders and their sum: `30 orders, 251 116.31 NOK`.
func ordersFor(n int, sums []money.Amount) string {
	parts := make([]string, 0, len(sums))
	for _, sum := range sums {
		parts = append(parts, sum.Grouped())
	}
	if len(parts) == 0 {
		return plural(n, "order")
	}
	return plural(n, "order") + ", " + strings.Join(parts, wordAnd)
}

// withVAT is ordersFor, and says that the sum includes VAT.
func withVAT(n int, sums []money.Amount) string {
	if len(sums) == 0 {
		return ordersFor(n, sums)
	}
	return ordersFor(n, sums) + wordInclVAT
}

// brief is foreign text on one line, of at most so many characters.
func brief(text string, most int) string {
	runes := []rune(billing.OneLine(text))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}

// textTable is text in columns that stand under each other.
type textTable struct{ rows [][]string }

func (t *textTable) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *textTable) print(w io.Writer) {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "  %-*s", widths[i], cell)
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// printNames prints names after what they have in common, and nothing if there are none.
func printNames(w io.Writer, what string, names []string) {
	if len(names) > 0 {
		fmt.Fprintf(w, "  %s: %s\n", what, strings.Join(names, ", "))
	}
}

// quoted is a word for a shell.
func quoted(word string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,"
	if word != "" && strings.Trim(word, safe) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// checkFree refuses an --output that exists.
func checkFree(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return usage(msgOutputExists, path)
	}
	return nil
}

// create writes an --output and says so. It gives the file's name, which is another one if somebody else has made the
// file in the meantime.
func (a *app) create(path string, write func(io.Writer) error) (string, error) {
	written, err := atomicfile.Create(filepath.Dir(path), filepath.Base(path), write)
	if err == nil {
		fmt.Fprintln(a.stdout, "wrote", written)
	}
	return written, err
}
