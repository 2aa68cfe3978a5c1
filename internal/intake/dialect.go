package intake

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
)

// delimiters lists the delimiters that are looked for. In a tie the first wins.
func delimiters() []rune { return []rune{';', ',', '\t', '|'} }

// detectDialect finds how a CSV file is written and where its header stands. It also gives notices for the user.
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
		notices = append(notices, fmt.Sprintf(msgInnerMarks, scan.innerMarks))
	}
	if scan.marked {
		notices = append(notices, msgEndMark)
	}
	head, err := io.ReadAll(io.LimitReader(d.text(file, scan.size), headBytes))
	if err != nil {
		return nil, nil, refuse(codeEncoding, fmt.Sprintf(msgNotDecoded, c), hintCheckEncoding).because(err)
	}
	if d.carriage = bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0; d.carriage {
		head = bytes.ReplaceAll(head, []byte{'\r'}, []byte{'\n'})
	}
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return nil, nil, refuse(codeEmpty, msgNoText, hintExportAgain)
	case bytes.IndexByte(head, 0) >= 0:
		return nil, nil, refuse(codeNUL, fmt.Sprintf(msgNULText, c), hintCheckEncoding)
	}
	if scan.odd {
		if err := d.prove(file, scan.size, p.charset() != 0); err != nil {
			return nil, nil, err
		}
	}
	if c == charsetWindows1252 && p.charset() == 0 {
		notices = append(notices, msgReadAsWindows)
	}
	lines := bytes.SplitAfter(head, []byte{'\n'})
	candidates, start, err := delimitersOf(string(lines[0]), p.delimiter())
	switch {
	case err != nil:
	case p.headerless():
		err = d.findDelimiter(lines, start, candidates)
	default:
		err = d.findHeader(lines, start, candidates, p, index)
	}
	if err != nil {
		return nil, nil, err
	}
	return &csvSource{file: file, size: scan.size, dialect: d}, notices, nil
}

// findHeader settles the delimiter and the header line. The profile decides, or a line sep=; above the header.
// Otherwise the header is the first line that has the needed columns under one of the delimiters.
func (d *dialect) findHeader(lines [][]byte, start int, candidates []rune, p *Profile, index *headerIndex) error {
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
			return wrongDelimiter(msgDelimiterBetween, declared, other.delimiter)
		}
	}
	if best.score < 0 {
		return refuse(codeEmpty, msgNoHeaderLine, hintHeaderLine)
	}
	return nil
}

// findDelimiter settles the delimiter of a file without a header. The profile decides, or a line sep=; at the
// top. Otherwise it is the delimiter that gives the first line the most cells.
func (d *dialect) findDelimiter(lines [][]byte, start int, candidates []rune) error {
	d.skipped = start
	for most := 0; start < len(lines) && most == 0; start++ {
		for _, delimiter := range candidates {
			if cells := firstRecord(lines[start:], delimiter); len(cells) > most {
				most, d.delimiter = len(cells), delimiter
			}
		}
	}
	if d.delimiter == 0 {
		return refuse(codeEmpty, msgNoLine, hintExportFileAgain)
	}
	return nil
}

// wrongDelimiter refuses a delimiter of the profile that the file contradicts.
func wrongDelimiter(message string, declared rune, found any) *Error {
	return refuse(codeFormat, fmt.Sprintf(message, declared, found), hintDelimiterInProfile)
}

// bestHeader finds the best header from line start on, stops at a complete one, and sets its delimiter and line.
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

// delimitersOf gives the possible delimiters and the lines to skip: a first line sep=; leaves one delimiter.
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
	case strings.Trim(string(own[1:]), ",;\t") != "": // a spreadsheet that saves the line adds delimiters to it
		return nil, 0, refuse(codeFormat, fmt.Sprintf(msgSepLine, shown(line)), hintSepLine).at(1, "", line)
	case strings.ContainsRune("\"\n\r\ufffd", own[0]):
		return nil, 0, refuse(codeFormat, fmt.Sprintf(msgNoDelimiter, own[0]), hintUseDelimiter).at(1, "", line)
	case declared != 0 && own[0] != declared:
		return nil, 0, wrongDelimiter(msgDelimiterSep, declared, shown(line)).at(1, "", line)
	}
	return own[:1], 1, nil
}

// firstRecord gives the cells of the record that begins on the first line, nil for none. It reads quotes
// leniently, because a title above the header may have a lone one.
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
