package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// draftWriter collects the lines of a profile by the key that they stand under. String then writes them in the order
// of sectionOrder.
type draftWriter struct{ sections map[string][]draftLine }

// draftLine is a line of a profile, with the comment behind it and the questions above it.
type draftLine struct {
	text      string
	comment   string
	questions []string
}

// sectionOrder is the order of the keys in a draft. Comments that belong to none of them come first.
func sectionOrder() []string {
	return []string{
		"", "name", "input", "columns", "values", "registers", "only", "head", "fill_down", "ignore", "constants",
		"defaults", "prices", "amounts", "reference", "seller",
	}
}

// isBlock reports a key with lines of its own under it.
func isBlock(section string) bool {
	return slices.Contains([]string{"columns", "values", "registers", "ignore", "constants", "defaults"}, section)
}

// line adds a line with a comment behind it and questions above it. Without text, the comment has its own line.
func (w *draftWriter) line(section, text, comment string, questions ...string) {
	w.sections[section] = append(w.sections[section], draftLine{text, comment, questions})
}

// ask adds a line with a question above it.
func (w *draftWriter) ask(section, text, format string, args ...any) {
	w.line(section, text, "", fmt.Sprintf(format, args...))
}

// fillLine is the line of fill_down, which several steps add to.
func (w *draftWriter) fillLine() *draftLine {
	if len(w.sections["fill_down"]) == 0 {
		w.line("fill_down", "fill_down: []", "")
	}
	return &w.sections["fill_down"][0]
}

// String is the profile.
func (w *draftWriter) String() string {
	var b strings.Builder
	for _, section := range sectionOrder() {
		lines := w.sections[section]
		if isBlock(section) && slices.ContainsFunc(lines, func(l draftLine) bool { return l.text != "" }) {
			fmt.Fprintf(&b, "%s:\n", section)
		}
		for _, l := range lines {
			l.write(&b, isBlock(section))
		}
	}
	return b.String()
}

// commentColumn is where comments begin behind a line.
const commentColumn = 44

func (l *draftLine) write(b *strings.Builder, inBlock bool) {
	indent := ""
	if inBlock {
		indent = "  "
	}
	for _, q := range l.questions {
		writeComment(b, indent, questionMark+" ", q)
	}
	comment := oneLine(l.comment)
	switch {
	case l.text == "" && comment != "":
		writeComment(b, indent, "", comment)
	case l.text == "":
	case comment == "":
		fmt.Fprintln(b, l.text)
	default:
		fmt.Fprintf(b, "%s%s # %s\n", l.text, strings.Repeat(" ", max(1, commentColumn-utf8.RuneCountInString(l.text))),
			noQuestion(comment))
	}
}

// writeComment writes a comment, wrapped at 116 characters. Further lines are indented.
func writeComment(b *strings.Builder, indent, mark, text string) {
	const width = 116
	text = oneLine(text)
	if mark == "" {
		text = noQuestion(text)
	}
	line := indent + "# " + mark
	for i, word := range strings.Fields(text) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width && i > 0 {
			fmt.Fprintln(b, strings.TrimRight(line, " "))
			line = indent + "#   "
			word = noQuestion(word)
		}
		if !strings.HasSuffix(line, " ") {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(b, strings.TrimRight(line, " "))
}

// noQuestion marks a text of the export that begins as a question does, so that it is not taken for one.
func noQuestion(text string) string {
	if strings.HasPrefix(strings.TrimLeft(text, "# \t"), questionMark) {
		return "… " + text
	}
	return text
}

// oneLine makes a text of the export safe for a comment: one line, without invisible characters, at most about 1000
// bytes. A line break would let the text become YAML.
func oneLine(text string) string {
	const longest = 1000
	var b strings.Builder
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) || billing.Hostile(r) || r == '\ufeff' {
			r = ' '
		}
		b.WriteRune(r)
		if b.Len() > longest {
			b.WriteString("…")
			break
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// plainScalar matches texts that YAML needs no quotes for, wherever they stand.
var plainScalar = regexp.MustCompile(`^[\p{L}][\p{L}\p{N} _./()%-]*$`)

// yamlText writes a text as a YAML scalar, in quotes where it needs them.
func yamlText(text string) string {
	if plainScalar.MatchString(text) && text == strings.TrimSpace(text) && !strings.Contains(text, "  ") &&
		!yamlWord(text) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsControl(r), billing.Hostile(r), !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// yamlWord reports words that YAML takes for a truth or null, and not for a text.
func yamlWord(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

// bracesFit reports whether a header can stand in braces in a formula or text.
func bracesFit(header string) bool { return header != "" && !strings.ContainsAny(header, "{}\n\r") }

// headerFits reports whether a header can stand alone under columns: a profile would not read it as a formula or a
// text with braces, and it is not too long.
func headerFits(header string) bool {
	const longest = 200
	return bracesFit(header) && !strings.HasPrefix(header, "=") && utf8.RuneCountInString(header) <= longest &&
		utf8.ValidString(header) && normalise(header) != ""
}
