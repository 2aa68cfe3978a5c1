package intake

import (
	"bytes"
	"regexp"

	"golang.org/x/text/transform"
)

// formatHead is how much of a file tells what kind of file it is.
const formatHead = 16 << 10

// saveAs is how most other files become readable.
const saveAs = "open it in a spreadsheet and save it as XLSX or CSV"

// foreignFormat refuses a file that is no table of text, whatever its name says. Workbooks of Microsoft are
// told elsewhere.
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
	return refuse(codeFormat, "the file is "+name+", not CSV or XLSX", hint)
}

// signature names what begins with bytes of its own.
func signature(head []byte) (name, hint string) {
	const unpack, export = "unpack it, and give the file that was in it",
		"export the lines as CSV or XLSX from the program that wrote it"
	for _, kind := range []struct{ begins, name, hint string }{
		{"\x1f\x8b", "compressed with gzip", unpack},
		{"\x1f\x9d", "compressed with compress (.Z)", unpack},
		{"BZh", "compressed with bzip2", unpack},
		{"\xfd7zXZ\x00", "compressed with xz", unpack},
		{"\x28\xb5\x2f\xfd", "compressed with Zstandard (zstd)", unpack},
		{"\x04\x22\x4d\x18", "compressed with LZ4", unpack},
		{"7z\xbc\xaf\x27\x1c", "a 7z archive", unpack},
		{"Rar!\x1a\x07", "a RAR archive", unpack},
		{"PK\x05\x06", "an empty ZIP archive", "export the file again"},
		{"PK\x07\x08", "a part of a ZIP archive", unpack},
		{"%PDF", "a PDF", "export the lines as CSV or XLSX; a PDF only shows them"},
		{`{\rtf`, "a text document (RTF)", "save the table as CSV or XLSX"},
		{"\x89PNG", "an image (PNG)", export},
		{"\xff\xd8\xff", "an image (JPEG)", export},
		{"GIF8", "an image (GIF)", export},
		{"II*\x00", "an image (TIFF)", export},
		{"MM\x00*", "an image (TIFF)", export},
		{"PAR1", "a Parquet file", export},
		{"ORC\x03", "an ORC file", export},
		{"Obj\x01", "an Avro file", export},
		{"ARROW1", "an Arrow file", export},
		{"SQLite format 3\x00", "an SQLite database", export},
		{"\x00\x01\x00\x00Standard ", "an Access database", export},
		{"\x09\x00\x04\x00", "an old workbook (Excel 2)", saveAs},
		{"\x09\x02\x06\x00", "an old workbook (Excel 3)", saveAs},
		{"\x09\x04\x06\x00", "an old workbook (Excel 4)", saveAs},
		{"\x00\x00\x02\x00", "an old worksheet (Lotus 1-2-3)", saveAs},
	} {
		if bytes.HasPrefix(head, []byte(kind.begins)) {
			return kind.name, kind.hint
		}
	}
	if isDBF(head) {
		return "a dBase table (DBF)", saveAs
	}
	return "", ""
}

// isDBF checks the parts of a dBase header that text cannot have: the version, the date of the last change,
// the header's length.
func isDBF(head []byte) bool {
	const fixed, field = 32, 32
	if len(head) < fixed+field ||
		bytes.IndexByte([]byte("\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8e\xcb\xf5\xfb"), head[0]) < 0 {
		return false
	}
	length := int(head[8]) | int(head[9])<<8
	return head[2] >= 1 && head[2] <= 12 && head[3] >= 1 && head[3] <= 31 && length > fixed+field && length%field <= 8
}

// The first words of texts that are no CSV. SYLK and CSV with the headers ID and P… differ in their second line.
var (
	sylkText   = regexp.MustCompile(`^ID;P[^\r\n]*[\r\n]+(?:[PFBCOEW]|NU|NE|NN)(?:;|[\r\n]|$)`)
	difText    = regexp.MustCompile(`^TABLE\s*\r?\n0,1\s*[\r\n]`)
	jsonText   = regexp.MustCompile(`^(?:\{\s*["}]|\[\s*[\[{\]"])`)
	markupText = regexp.MustCompile(`^<[A-Za-z!?][^<]*>`)
	htmlText   = regexp.MustCompile(
		`(?i)<(?:!doctype\s+html|html|head|body|meta|style|table|tr|td|th|tbody|thead|div|span|p|form|script|title|font|center|br|h[1-6])[\s/>]`)
	commentsText = regexp.MustCompile(`(?s)^(?:\s*<!--.*?-->)+\s*`)
)

// markup names texts that have a grammar of their own.
func markup(head []byte) (name, hint string) {
	bare := commentsText.ReplaceAll(head, nil)
	switch {
	case sylkText.Match(head):
		return "a SYLK file (.slk), an old spreadsheet format", saveAs
	case difText.Match(head):
		return "a DIF file, an old spreadsheet format", saveAs
	case jsonText.Match(head):
		return "JSON", "export the lines as CSV or XLSX"
	case bytes.HasPrefix(head, []byte("MIME-Version:")):
		return "a web archive (MHTML)", saveAs
	case !markupText.Match(bare) && len(bare) == len(head):
		return "", ""
	case bytes.Contains(bare, []byte("urn:schemas-microsoft-com:office:spreadsheet")) &&
		bytes.HasPrefix(bare, []byte("<?xml")):
		return "an XML spreadsheet of Excel 2003", saveAs
	case htmlText.Match(bare):
		return "a web page (HTML)", saveAs
	case len(bare) < len(head), bytes.HasPrefix(bare, []byte("<?xml")), bytes.Contains(bare, []byte("</")),
		bytes.Contains(bare, []byte("/>")):
		return "XML", "export the lines as CSV or XLSX"
	}
	return "", ""
}
