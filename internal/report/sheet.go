package report

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
)

// cell is one cell as the XML of a sheet holds it.
type cell struct {
	text    string // with a formula: its value
	formula string
	form    form
	style   int
}

// form is the type of a cell.
type form uint8

const (
	formNone   form = iota // no cell at all
	formText               // text
	formNumber             // a number in the form of [number] and [serial]
	formBlank              // only a style, or a formula without a value
)

// sheet is a sheet that is written row by row. The rows lie compressed in a working file until [book.save] copies them
// into the workbook.
type sheet struct {
	name    string // set when the sheet has its place in the workbook
	row     int    // the last row written
	data    int    // the last row above the foot of a list, set when all rows are written
	columns int    // of the widest row
	links   []link // made when the sheet has its place in the workbook
	out     *stream
	buffer  []byte
}

// link leads from a cell to a row of another sheet.
type link struct {
	from string
	to   place
}

// add writes the next row with a height in points, 0 for the usual height. It runs for every row of a report, so it
// appends to one buffer and allocates nothing.
func (s *sheet) add(cells []cell, height int) error {
	s.row++
	s.columns = max(s.columns, len(cells))
	row := strconv.Itoa(s.row)
	b := s.buffer[:0]
	b = append(append(append(b, `<row r="`...), row...), '"')
	if height > 0 {
		b = append(strconv.AppendInt(append(b, ` ht="`...), int64(height), 10), `" customHeight="1"`...)
	}
	b = append(b, '>')
	for i := range cells {
		if c := &cells[i]; c.form != formNone {
			b = c.appendTo(append(append(append(b, `<c r="`...), colName(i+1)...), row...))
		}
	}
	b = append(b, `</row>`...)
	s.buffer = b
	_, err := s.out.Write(b)
	return err
}

// appendTo appends the rest of the cell's element after its reference.
func (c *cell) appendTo(b []byte) []byte {
	b = append(b, '"')
	if c.style != 0 {
		b = append(strconv.AppendInt(append(b, ` s="`...), int64(c.style), 10), '"')
	}
	switch {
	case c.formula != "":
		if c.form != formNumber {
			b = append(b, ` t="str"`...)
		}
		b = append(appendEscaped(append(b, `><f>`...), c.formula), `</f>`...)
	case c.form == formText:
		b = append(b, ` t="inlineStr"><is><t`...)
		if strings.TrimSpace(c.text) != c.text {
			b = append(b, ` xml:space="preserve"`...)
		}
		return append(appendEscaped(append(b, '>'), escapeUnderscore(c.text)), `</t></is></c>`...)
	default:
		b = append(b, '>')
	}
	if c.form != formBlank && c.text != "" {
		b = append(appendEscaped(append(b, `<v>`...), c.text), `</v>`...)
	}
	return append(b, `</c>`...)
}

// escapeUnderscore protects text that looks like an escaped character, such as _x000D_: Excel would read it as that
// character. The underscore that begins it is escaped itself.
func escapeUnderscore(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var out strings.Builder
	for i := range len(text) {
		out.WriteByte(text[i])
		if likeEscape(text[i:]) {
			out.WriteString("x005F_")
		}
	}
	return out.String()
}

// likeEscape reports whether a text begins with an escaped character such as _x000D_.
func likeEscape(text string) bool {
	return len(text) > 6 && text[:2] == "_x" && text[6] == '_' &&
		strings.Trim(text[2:6], "0123456789abcdefABCDEF") == ""
}

// appendEscaped appends text escaped for XML. A character that XML does not allow becomes U+FFFD.
func appendEscaped(b []byte, text string) []byte {
	for _, r := range text {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&#34;"...)
		case r == '\r':
			b = append(b, "&#xD;"...)
		case r < ' ' && r != '\n' && r != '\t', r == 0xfffe, r == 0xffff:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// stream writes text to a working file. A goroutine of its own compresses the text, so that a second core helps.
type stream struct {
	bytes int64 // written so far, before compression
	in    *bufio.Writer
	pipe  *io.PipeWriter
	done  chan struct{} // closed when the goroutine has ended and err is set
	err   error
	file  *os.File
	sum   hash.Hash32
}

const (
	streamBuffer = 128 << 10
	// compression is a level that is a third faster than the default and makes hardly larger files.
	compression = 5
)

// newStream begins a stream in a folder.
func newStream(folder string) (*stream, error) {
	file, err := os.CreateTemp(folder, "sheet-*")
	if err != nil {
		return nil, err
	}
	out, err := flate.NewWriter(file, compression)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	from, to := io.Pipe()
	s := &stream{
		in: bufio.NewWriterSize(to, streamBuffer), pipe: to, done: make(chan struct{}), file: file,
		sum: crc32.NewIEEE(),
	}
	go func() {
		defer close(s.done)
		if _, s.err = io.CopyBuffer(io.MultiWriter(out, s.sum), from, make([]byte, streamBuffer)); s.err == nil {
			s.err = out.Flush() // not Close: other compressed text follows in the workbook
		}
		_ = from.CloseWithError(s.err) // stops the writer too
	}()
	return s, nil
}

// Write implements io.Writer.
func (s *stream) Write(text []byte) (int, error) {
	s.bytes += int64(len(text))
	return s.in.Write(text)
}

// end waits until everything is in the file. It can be called again.
func (s *stream) end() error {
	if s.in == nil {
		return s.err
	}
	err := s.in.Flush()
	_ = s.pipe.Close() // always nil
	<-s.done
	s.in = nil // frees the buffer
	s.err = cmp.Or(s.err, err)
	return s.err
}

// close closes the working file.
func (s *stream) close() error {
	_ = s.pipe.Close() // ends the goroutine if end was not called
	<-s.done
	return s.file.Close()
}

// packer is the workbook's archive. Excelize writes a sheet's part without rows, and the packer inserts the compressed
// rows from the working file, without compressing them again.
type packer struct {
	*zip.Writer
	sheets map[string]*sheet // by part
	part   string            // the one being written
}

func newPacker(w io.Writer, sheets map[string]*sheet) *packer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, compression)
	})
	return &packer{Writer: z, sheets: sheets}
}

// Create implements excelize.ZipWriter.
func (p *packer) Create(part string) (io.Writer, error) {
	if p.sheets[part] == nil {
		return p.Writer.Create(part)
	}
	p.part = part
	return p, nil
}

var errNoSheetData = errors.New("the part of the sheet has no place for rows")

// Write takes the entire part of a sheet in one call, without rows, and writes it with its rows. The text before and
// after the rows is compressed separately; the three join into one compressed text.
func (p *packer) Write(part []byte) (int, error) {
	rows := p.sheets[p.part].out
	head, tail, found := bytes.Cut(part, []byte("<sheetData"))
	if i := bytes.Index(tail, []byte("</sheetData>")); i >= 0 {
		tail = tail[i+len("</sheetData>"):]
	} else {
		_, tail, found = bytes.Cut(tail, []byte("/>"))
	}
	if !found {
		return 0, errNoSheetData
	}
	// Excelize marks every filter as one that hides rows.
	head = bytes.Replace(head, []byte(` filterMode="true"`), nil, 1)
	// Excel shows the buttons of folded columns only with this attribute.
	if bytes.Contains(head, []byte(` outlineLevel="1"`)) {
		head = bytes.Replace(head, []byte("<sheetFormatPr "), []byte(`<sheetFormatPr outlineLevelCol="1" `), 1)
	}
	head, tail = append(slices.Clip(head), "<sheetData>"...), append([]byte("</sheetData>"), tail...)
	before, err := deflated(head, (*flate.Writer).Flush)
	if err != nil {
		return 0, err
	}
	after, err := deflated(tail, (*flate.Writer).Close)
	if err != nil {
		return 0, err
	}
	info, err := rows.file.Stat()
	if err != nil {
		return 0, err
	}
	const version = 20 // of the ZIP format, as archive/zip writes it for other parts; readers refuse an unknown one
	out, err := p.CreateRaw(&zip.FileHeader{
		Name: p.part, Method: zip.Deflate, CreatorVersion: version, ReaderVersion: version,
		CRC32: crc32.Update(crcOf(crc32.ChecksumIEEE(head), rows.sum.Sum32(), rows.bytes),
			crc32.IEEETable, tail),
		CompressedSize64:   uint64(int64(len(before)+len(after)) + info.Size()), //nolint:gosec // G115: sizes
		UncompressedSize64: uint64(int64(len(head)+len(tail)) + rows.bytes),     //nolint:gosec // G115: sizes
	})
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(out,
		io.MultiReader(bytes.NewReader(before), io.NewSectionReader(rows.file, 0, info.Size()), bytes.NewReader(after)))
	return len(part), err
}

// deflated returns a text compressed separately. end is Flush when more follows, else Close.
func deflated(text []byte, end func(*flate.Writer) error) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, compression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = end(w)
	}
	return out.Bytes(), err
}

// crcOf returns the CRC-32 of two texts joined, from their checksums and the length of the second. CRC-32 is linear:
// the checksum of the first text followed by zeros, xor that of the zeros alone, xor that of the second text.
func crcOf(first, second uint32, length int64) uint32 {
	zeros, none := make([]byte, streamBuffer), uint32(0)
	for ; length > 0; length -= int64(len(zeros)) {
		zeros = zeros[:min(length, int64(len(zeros)))]
		first, none = crc32.Update(first, crc32.IEEETable, zeros), crc32.Update(none, crc32.IEEETable, zeros)
	}
	return first ^ none ^ second
}
