package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
)

// How many characters of a header, a cell and what a cell became are shown: a line with all three fits a wide terminal.
const (
	headerWidth = 26
	cellWidth   = 44
)

// fileJSON is one file of a reading.
type fileJSON struct {
	Name     string             `json:"name"`
	SHA256   string             `json:"sha256"`
	Rows     int                `json:"rows"`
	Register string             `json:"register,omitempty"` // of the profile
	Columns  []intake.ColumnUse `json:"columns"`
}

func filesJSON(r *batch.Reading) []fileJSON {
	files := make([]fileJSON, len(r.Files))
	for i, f := range r.Files {
		files[i] = fileJSON{f.Name, f.SHA256, f.Rows, f.Register, append([]intake.ColumnUse{}, r.Columns[i]...)}
	}
	return files
}

// asRegister says what a file is that does not hold lines: `register customers, 120 rows`.
func asRegister(f journal.File) string {
	return fmt.Sprintf("register %s, %s", f.Register, plural(f.Rows, "row"))
}

// printColumns tells for each file how its columns were understood.
func printColumns(w io.Writer, r *batch.Reading) {
	for i, f := range r.Files {
		if f.Register != "" {
			fmt.Fprintf(w, "%s, %s:\n", f.Name, asRegister(f))
		} else {
			fmt.Fprintf(w, "%s, how its columns are read:\n", f.Name)
		}
		t := &textTable{}
		var reasons []string
		unused := map[string][]string{} // headers by reason
		for _, use := range r.Columns[i] {
			if use.Column != 0 && use.Sample != "" {
				t.add(brief(use.Header, headerWidth), use.Column.String(), becomes(use.Sample, use.Read, cellWidth),
					use.How)
				continue
			}
			why, name := use.How, use.Header
			if use.Column != 0 {
				why = "empty"
			}
			if strings.ContainsAny(name, "={}") { // a formula
				name = use.Column.String()
			}
			if unused[why] == nil {
				reasons = append(reasons, why)
			}
			unused[why] = append(unused[why], brief(name, cellWidth))
		}
		t.print(w)
		for _, why := range reasons {
			printNames(w, why, unused[why])
		}
		fmt.Fprintln(w)
	}
}

func printNames(w io.Writer, what string, names []string) {
	if len(names) > 0 {
		fmt.Fprintf(w, "  %s: %s\n", what, strings.Join(names, ", "))
	}
}

// becomes is a cell and, where it differs, what it became: `1 234,50` → 1234.50.
func becomes(shows, read string, width int) string {
	switch read {
	case "", shows:
		return brief(shows, width)
	}
	if shows == "" {
		return brief(read, width)
	}
	const arrow = " → "
	room := width - len("``") - utf8.RuneCountInString(arrow)
	read = brief(read, room/2)
	return "`" + brief(shows, room-utf8.RuneCountInString(billing.OneLine(read))) + "`" + arrow + read
}

// brief is foreign text on one line, not longer than so many characters.
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

// sentenceWidth is how many characters of what a column says a help shows.
const sentenceWidth = 84

// columnsHelp lists the columns of the input for a help.
func columnsHelp() string {
	t := &textTable{}
	for _, c := range billing.Columns() {
		info := c.Info()
		sentence, _, _ := strings.Cut(info.Meaning, ". ")
		t.add("", info.Name, string(info.Kind), brief(strings.TrimSuffix(sentence, "."), sentenceWidth))
	}
	var b strings.Builder
	b.WriteString("Columns, in any order; other names are understood too, see samples/README.md:\n\n")
	t.print(&b) // as far to the right as manual pages want lines that are not to be filled
	return b.String()
}
