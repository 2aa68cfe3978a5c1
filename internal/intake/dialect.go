package intake

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
)

// delimiters are those that are looked for, in the order in which a tie is settled.
func delimiters() []rune { return []rune{';', ',', '\t', '|'} }

// detectDialect finds how a CSV file is written and where its header stands.
func detectDialect(file *os.File, scan *bytesScan, p *Profile, index *headerIndex) (*csvSource, []string, error) {
	c, err := scan.charset(p.charset())
	if err != nil {
		return nil, nil, err
	}
	var notices []string
	d := dialect{charset: c, marks: c.wide() || scan.innerMarks > 0, returns: c.wide() || scan.returns}
	d.torn = d.marks || scan.torn
	if scan.bom == c {
		d.skip = map[charset]int64{charsetUTF8: 3, charsetUTF16LE: 2, charsetUTF16BE: 2}[c]
	}
	if c == charsetUTF8 && scan.innerMarks > 0 {
		notices = append(notices,
			fmt.Sprintf("byte order marks inside the file were passed over (%d)", scan.innerMarks))
	}
	if scan.marked {
		notices = append(notices, "the end mark Ctrl-Z (0x1A) behind the last line was passed over")
	}
	head, err := io.ReadAll(io.LimitReader(d.text(file, scan.size), headBytes))
	if err != nil {
		return nil, nil,
			refuse(codeEncoding, "the text cannot be decoded as "+c.String(), "check the encoding").because(err)
	}
	if d.carriage = bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0; d.carriage {
		head = bytes.ReplaceAll(head, []byte{'\r'}, []byte{'\n'})
	}
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return nil, nil, refuse(codeEmpty, "the file holds no text", "export it again")
	case bytes.IndexByte(head, 0) >= 0:
		return nil, nil, refuse(codeNUL, "the text read as "+c.String()+" holds NUL characters", "check the encoding")
	}
	if scan.odd {
		if err := d.prove(file, scan.size, p.charset() != 0); err != nil {
			return nil, nil, err
		}
	}
	if c == charsetWindows1252 && p.charset() == 0 {
		notices = append(notices, "read as windows-1252, because it is not UTF-8 and has no byte order mark")
	}
	if p.headerless() {
		err = d.findDelimiter(head, p)
	} else {
		err = d.findHeader(head, p, index)
	}
	if err != nil {
		return nil, nil, err
	}
	return &csvSource{file: file, size: scan.size, dialect: d}, notices, nil
}

// findHeader settles delimiter and header line: what the profile or a sep= line says, else the first
// line, under the delimiter that fits it best, that has the needed columns.
func (d *dialect) findHeader(head []byte, p *Profile, index *headerIndex) error {
	lines := bytes.SplitAfter(head, []byte{'\n'})
	candidates, start, err := delimitersOf(string(lines[0]), p.delimiter())
	if err != nil {
		return err
	}
	end := maxHeaderRow
	if fixed := p.headerRow(); fixed > 0 {
		start, end = fixed-1, fixed
	}
	lines = lines[:min(len(lines), end)]
	best := d.bestHeader(lines, start, candidates, index)
	if declared := p.delimiter(); declared != 0 && !best.complete() {
		for i, line := range lines {
			if bytes.ContainsRune(line, declared) {
				lines[i] = nil
			}
		}
		other := *d
		if match := other.bestHeader(lines, start, delimiters(), index); match.complete() {
			return wrongDelimiter(declared, fmt.Sprintf("%q stands between the column names", other.delimiter))
		}
	}
	if best.score < 0 {
		return refuse(codeEmpty, "no header line was found", "put the column names on one line above the data")
	}
	return nil
}

// findDelimiter settles the delimiter of a file without a header: the profile's, that of a sep= line, else
// the one that makes most cells of the first line.
func (d *dialect) findDelimiter(head []byte, p *Profile) error {
	lines := bytes.SplitAfter(head, []byte{'\n'})
	candidates, start, err := delimitersOf(string(lines[0]), p.delimiter())
	if err != nil {
		return err
	}
	d.skipped = start
	for most := 0; start < len(lines) && most == 0; start++ {
		for _, delimiter := range candidates {
			if cells := firstRecord(lines[start:], delimiter); len(cells) > most {
				most, d.delimiter = len(cells), delimiter
			}
		}
	}
	if d.delimiter == 0 {
		return refuse(codeEmpty, "no line with cells was found", "export the file again")
	}
	return nil
}

func wrongDelimiter(declared rune, but string) *Error {
	return refuse(codeFormat, fmt.Sprintf("the profile declares the delimiter %q, but %s", declared, but),
		"correct the delimiter in the profile, or leave it out")
}

// bestHeader is the best match from line start on, up to one that is complete. It notes its delimiter and line.
func (d *dialect) bestHeader(lines [][]byte, start int, candidates []rune, index *headerIndex) headerMatch {
	best := headerMatch{score: -1}
	for i := start; i < len(lines) && !best.complete(); i++ {
		for _, delimiter := range candidates {
			cells := firstRecord(lines[i:], delimiter)
			if match := index.match(cells); len(cells) > 0 && match.better(best) {
				best, d.delimiter, d.header = match, delimiter, i+1
			}
		}
	}
	return best
}

// delimitersOf are those that may separate cells, and the number of lines above them: a first line sep=; settles it.
func delimitersOf(first string, declared rune) (candidates []rune, skip int, err error) {
	candidates = delimiters()
	if declared != 0 {
		candidates = []rune{declared}
	}
	line := strings.Trim(strings.TrimRight(first, "\r\n"), `"`)
	if len(line) < len("sep=") || !strings.EqualFold(line[:len("sep=")], "sep=") {
		return candidates, 0, nil
	}
	own := []rune(line[len("sep="):])
	switch {
	case len(own) == 0:
		return candidates, 1, nil
	case strings.Trim(string(own[1:]), ",;\t") != "": // a spreadsheet that saved the line again has filled it up
		return nil, 0,
			refuse(codeFormat, fmt.Sprintf("%q does not name one character that separates cells", shown(line)),
				"write sep=; or remove the line").at(1, "", line)
	case strings.ContainsRune("\"\n\r\ufffd", own[0]):
		return nil, 0,
			refuse(codeFormat, fmt.Sprintf("%q cannot separate cells", own[0]),
				"use a comma, semicolon, tab or bar").at(1, "", line)
	case declared != 0 && own[0] != declared:
		return nil, 0, wrongDelimiter(declared, fmt.Sprintf("the file begins with %q", shown(line))).at(1, "", line)
	}
	return own[:1], 1, nil
}

// firstRecord is the record that begins on the first line, if there is one. Quotes in lines above the header
// may be unbalanced.
func firstRecord(lines [][]byte, delimiter rune) []string {
	if len(bytes.TrimSpace(lines[0])) == 0 {
		return nil
	}
	in := csv.NewReader(bytes.NewReader(bytes.Join(lines, nil)))
	in.Comma, in.LazyQuotes = delimiter, true
	cells, err := in.Read()
	if err != nil {
		return nil
	}
	return cells
}
