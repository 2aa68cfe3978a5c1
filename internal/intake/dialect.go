package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// delimiters are those that are looked for, in the order in which a tie is settled.
func delimiters() []rune { return []rune{';', ',', '\t', '|'} }

// detectDialect finds how a CSV file is written and where its header stands.
func detectDialect(file *os.File, scan *bytesScan, p *Profile, names *names) (*csvSource, []string, error) {
	c, notice, err := scan.charset(p.charset())
	if err != nil {
		return nil, nil, err
	}
	var notices []string
	if notice != "" {
		notices = append(notices, notice)
	}
	d := dialect{charset: c, marks: c == charsetUTF16LE || c == charsetUTF16BE || scan.innerMarks > 0}
	d.torn = d.marks || scan.torn
	if scan.bom == c {
		d.skip = map[charset]int64{charsetUTF8: 3, charsetUTF16LE: 2, charsetUTF16BE: 2}[c]
	}
	if c == charsetUTF8 && scan.innerMarks > 0 {
		notices = append(notices, fmt.Sprintf("byte order marks inside the file were passed over (%d)", scan.innerMarks))
	}
	head, err := io.ReadAll(io.LimitReader(d.text(file, scan.size), headBytes))
	if err != nil {
		return nil, nil, refuse(codeEncoding, "the text cannot be decoded as "+c.String(), "check the encoding").because(err)
	}
	if d.carriage = bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0; d.carriage {
		head = bytes.ReplaceAll(head, []byte{'\r'}, []byte{'\n'})
	}
	if err := checkHead(head, c); err != nil {
		return nil, nil, err
	}
	if err := d.findHeader(head, p, names); err != nil {
		return nil, nil, err
	}
	return &csvSource{file: file, size: scan.size, dialect: d}, notices, nil
}

// checkHead refuses what is no list of lines at all.
func checkHead(head []byte, c charset) error {
	trimmed := bytes.TrimSpace(head)
	switch {
	case len(trimmed) == 0:
		return refuse(codeEmpty, "the file holds no text", "export it again")
	case bytes.IndexByte(head, 0) >= 0:
		return refuse(codeNUL, "the text read as "+c.String()+" holds NUL characters", "check the encoding")
	case bytes.HasPrefix(bytes.ToLower(trimmed), []byte("<html")), bytes.HasPrefix(bytes.ToLower(trimmed), []byte("<!doctype")),
		bytes.HasPrefix(trimmed, []byte("<?xml")):
		return refuse(codeFormat, "the file is a web page or XML, not CSV", "open it in a spreadsheet and save it as XLSX or CSV")
	case bytes.HasPrefix(trimmed, []byte("%PDF")):
		return refuse(codeFormat, "the file is a PDF, not CSV", "export it as XLSX or CSV")
	}
	return nil
}

// findHeader settles delimiter and header line: what the profile or a sep= line says, else the first
// line, under the delimiter that fits it best, that has the needed columns.
func (d *dialect) findHeader(head []byte, p *Profile, names *names) error {
	lines := bytes.SplitAfter(head, []byte{'\n'})
	candidates := delimiters()
	if declared := p.delimiter(); declared != 0 {
		candidates = []rune{declared}
	}
	first := strings.TrimSpace(string(lines[0]))
	start := 0
	if rest, ok := strings.CutPrefix(strings.ToLower(first), "sep="); ok {
		if r := []rune(rest); len(r) == 1 {
			candidates = r
		} else if strings.Contains(strings.ToLower(string(lines[0])), "sep=\t") {
			candidates = []rune{'\t'}
		}
		start = 1
	}
	for _, r := range candidates {
		if r == '"' || r == '\n' || r == '\r' || r == '\ufffd' {
			return refuse(codeFormat, fmt.Sprintf("%q cannot separate cells", string(r)), "use a comma, semicolon, tab or bar").at(1, "", first)
		}
	}
	end := min(len(lines), maxHeaderRow)
	if fixed := p.headerRow(); fixed > 0 {
		start, end = fixed-1, min(len(lines), fixed)
	}
	best := headerMatch{score: -1}
	for i := start; i < end; i++ {
		for _, delimiter := range candidates {
			cells, ok := d.firstRecord(bytes.Join(lines[i:end], nil), lines[i], delimiter)
			if !ok {
				continue
			}
			match := names.match(cells)
			if match.better(best) {
				best, d.delimiter, d.header = match, delimiter, i+1
			}
		}
		if best.complete() {
			break
		}
	}
	if best.score < 0 {
		return refuse(codeEmpty, "no header line was found", "put the column names on one line above the data")
	}
	return nil
}

// firstRecord is the record that begins on a line. Quotes in lines above the header may be unbalanced.
func (*dialect) firstRecord(from, line []byte, delimiter rune) ([]string, bool) {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil, false
	}
	in := csv.NewReader(bytes.NewReader(from))
	in.Comma, in.FieldsPerRecord, in.LazyQuotes = delimiter, -1, true
	cells, err := in.Read()
	if err != nil && !errors.Is(err, csv.ErrFieldCount) {
		return nil, false
	}
	return cells, true
}
