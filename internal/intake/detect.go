package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/text/transform"
)

// detect finds the table of a file. The first bytes decide whether it is a workbook or text, not its name.
func (f *File) detect(scan *bytesScan, p *Profile, index *headerIndex) (*detected, error) {
	head := make([]byte, formatHead)
	n, err := f.handle.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, refuse(codeNotFound, msgUnreadable, hintCheckFile).because(err)
	}
	head = head[:n]
	extension := strings.ToLower(filepath.Ext(f.Name))
	workbook := extension == ".xlsx" || extension == ".xlsm"
	switch {
	case n == 0:
		return nil, refuse(codeEmpty, msgEmptyFile, hintExportAgain)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if !workbook {
			f.notice(msgReadAsWorkbook)
		}
		return f.detectWorkbook(p, index)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return f.detectWorkbook(p, index) // package xlsx names the old format, or asks for a password
	}
	if err := foreignFormat(head); err != nil {
		return nil, err
	}
	if workbook {
		return nil, refuse(codeDamaged, msgNotAWorkbook, hintSaveOrRename)
	}
	source, notices, err := detectDialect(f.handle, scan, p, index)
	if err != nil {
		return nil, err
	}
	if p.headerless() {
		header := p.Input.Headers
		return &detected{source: source, header: header, delimiter: string(source.delimiter), notices: notices}, nil
	}
	rows, err := source.records()
	if err != nil {
		return nil, err
	}
	first, err := rows.next()
	if err != nil {
		return nil, err
	}
	return &detected{
		source: source, row: first.number, delimiter: string(source.delimiter), above: source.above(),
		header: namesOf(first.cells, func(c cell) string { return c.Value }), notices: notices,
	}, nil
}

// formatHead is how many bytes of a file are read to find its format.
const formatHead = 16 << 10

// foreignFormat refuses a file that is no table of text, whatever its name. Package xlsx knows Microsoft's workbooks.
func foreignFormat(head []byte) error {
	name, hint := signature(head)
	if name == "" {
		if c := markOf(head); c.wide() {
			if readable, _, err := transform.Bytes(c.decoder(), head[:len(head)&^1]); err == nil {
				head = readable
			}
		}
		name, hint = markup(bytes.TrimSpace(bytes.TrimPrefix(head, []byte(byteOrderMark))))
	}
	if name == "" {
		return nil
	}
	return refuse(codeFormat, fmt.Sprintf(msgOtherFormat, name), hint)
}

// signature names a format by the bytes with which its files begin, and says what to do with such a file.
func signature(head []byte) (name, hint string) {
	for _, kind := range []struct{ begins, name, hint string }{
		{"\x1f\x8b", msgFormatGzip, hintUnpack},
		{"\x1f\x9d", msgFormatCompress, hintUnpack},
		{"BZh", msgFormatBzip2, hintUnpack},
		{"\xfd7zXZ\x00", msgFormatXZ, hintUnpack},
		{"\x28\xb5\x2f\xfd", msgFormatZstd, hintUnpack},
		{"\x04\x22\x4d\x18", msgFormatLZ4, hintUnpack},
		{"7z\xbc\xaf\x27\x1c", "a 7z archive", hintUnpack},
		{"Rar!\x1a\x07", "a RAR archive", hintUnpack},
		{"PK\x05\x06", "an empty ZIP archive", hintExportFileAgain},
		{"PK\x07\x08", "a part of a ZIP archive", hintUnpack},
		{"%PDF", "a PDF", hintPDF},
		{`{\rtf`, "a text document (RTF)", hintSaveTable},
		{"\x89PNG", "an image (PNG)", hintExportFrom},
		{"\xff\xd8\xff", "an image (JPEG)", hintExportFrom},
		{"GIF8", "an image (GIF)", hintExportFrom},
		{"II*\x00", "an image (TIFF)", hintExportFrom},
		{"MM\x00*", "an image (TIFF)", hintExportFrom},
		{"PAR1", "a Parquet file", hintExportFrom},
		{"ORC\x03", "an ORC file", hintExportFrom},
		{"Obj\x01", "an Avro file", hintExportFrom},
		{"ARROW1", "an Arrow file", hintExportFrom},
		{"SQLite format 3\x00", "an SQLite database", hintExportFrom},
		{"\x00\x01\x00\x00Standard ", "an Access database", hintExportFrom},
		{"\x09\x00\x04\x00", msgFormatExcel2, hintSaveAs},
		{"\x09\x02\x06\x00", msgFormatExcel3, hintSaveAs},
		{"\x09\x04\x06\x00", msgFormatExcel4, hintSaveAs},
		{"\x00\x00\x02\x00", msgFormatLotus, hintSaveAs},
	} {
		if bytes.HasPrefix(head, []byte(kind.begins)) {
			return kind.name, kind.hint
		}
	}
	if isDBF(head) {
		return "a dBase table (DBF)", hintSaveAs
	}
	return "", ""
}

// isDBF recognises a dBase table by parts of its header that no text has: version, date of the last change, length.
func isDBF(head []byte) bool {
	const fixed, field = 32, 32
	if len(head) < fixed+field ||
		bytes.IndexByte([]byte("\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8e\xcb\xf5\xfb"), head[0]) < 0 {
		return false
	}
	length := int(head[8]) | int(head[9])<<8
	return head[2] >= 1 && head[2] <= 12 && head[3] >= 1 && head[3] <= 31 && length > fixed+field && length%field <= 8
}

// The beginnings of texts that are no CSV. SYLK begins as a CSV with headers ID and P… does, but for its second line.
var (
	sylkText   = regexp.MustCompile(`^ID;P[^\r\n]*[\r\n]+(?:[PFBCOEW]|NU|NE|NN)(?:;|[\r\n]|$)`)
	difText    = regexp.MustCompile(`^TABLE\s*\r?\n0,1\s*[\r\n]`)
	jsonText   = regexp.MustCompile(`^(?:\{\s*["}]|\[\s*[\[{\]"])`)
	markupText = regexp.MustCompile(`^<[A-Za-z!?][^<]*>`)
	htmlText   = regexp.MustCompile(`(?i)<(?:!doctype\s+html|html|head|body|meta|style|table|tr|td|th|tbody|thead|` +
		`div|span|p|form|script|title|font|center|br|h[1-6])[\s/>]`)
	commentsText = regexp.MustCompile(`(?s)^(?:\s*<!--.*?-->)+\s*`)
)

// markup names a text format that is not CSV, and says what to do with such a file.
func markup(head []byte) (name, hint string) {
	bare := commentsText.ReplaceAll(head, nil)
	switch {
	case sylkText.Match(head):
		return msgFormatSYLK, hintSaveAs
	case difText.Match(head):
		return msgFormatDIF, hintSaveAs
	case jsonText.Match(head):
		return "JSON", hintExportLines
	case bytes.HasPrefix(head, []byte("MIME-Version:")):
		return "a web archive (MHTML)", hintSaveAs
	case !markupText.Match(bare) && len(bare) == len(head):
		return "", ""
	case bytes.Contains(bare, []byte("urn:schemas-microsoft-com:office:spreadsheet")) &&
		bytes.HasPrefix(bare, []byte("<?xml")):
		return msgFormatXML2003, hintSaveAs
	case htmlText.Match(bare):
		return "a web page (HTML)", hintSaveAs
	case len(bare) < len(head), bytes.HasPrefix(bare, []byte("<?xml")), bytes.Contains(bare, []byte("</")),
		bytes.Contains(bare, []byte("/>")):
		return "XML", hintExportLines
	}
	return "", ""
}
