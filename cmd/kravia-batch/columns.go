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

// How many characters are shown of a header, and of a cell with what it became: a line with both fits a wide terminal.
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

// asRegister describes a file that holds a register and no lines: `register customers, 120 rows`.
func asRegister(f journal.File) string {
	return fmt.Sprintf(msgRegister, f.Register, plural(f.Rows, "row"))
}

// printColumns prints for each file how its columns were understood.
func printColumns(w io.Writer, r *batch.Reading) {
	for i, f := range r.Files {
		if f.Register != "" {
			fmt.Fprintf(w, "%s, %s:\n", f.Name, asRegister(f))
		} else {
			fmt.Fprintf(w, msgHowRead+"\n", f.Name)
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

// columnsHelp lists the columns of the input for a help: name, kind, and the first sentence of what the column means.
// Lines that are indented so far are not filled in a manual page.
func columnsHelp() string {
	const indent, nameWidth, kindWidth = 4, 20, 10
	var b strings.Builder
	b.WriteString(msgColumns + "\n\n")
	for _, c := range billing.Columns() {
		info := c.Info()
		sentence, _, _ := strings.Cut(info.Meaning, ". ")
		name, kind := info.Name, string(info.Kind)
		for _, line := range wrapped(strings.TrimSuffix(sentence, "."), helpWidth-indent-nameWidth-kindWidth-2) {
			fmt.Fprintf(&b, "%*s%-*s %-*s %s\n", indent, "", nameWidth, name, kindWidth, kind, line)
			name, kind = "", ""
		}
	}
	return b.String()
}

// wrapped is a text in lines of at most so many characters.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
