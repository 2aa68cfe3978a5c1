package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
	"unicode/utf16"

	"github.com/klauspost/compress/flate"
)

// Limits of a workbook. They are checked against the directory before anything is unpacked, and again
// while unpacking, because a directory may lie.
const (
	maxPart       = 4 << 30  // bytes of one unpacked part
	maxSmallPart  = 16 << 20 // bytes of each part whose content is held in memory: workbook, relations, styles
	maxStrings    = 96 << 20 // bytes of shared strings, which stay in memory
	maxParts      = 10_000
	bombSize      = 64 << 20 // from this unpacked size on,
	bombRatio     = 150      // a part packed tighter than this is an attack or damage, sheets reach about 30
	maxSheets     = 250
	mainRelations = "_rels/.rels"
)

// Workbook is a workbook with its structure read. It reads its file as long as rows are read, and needs no closing.
type Workbook struct {
	Sheets []Sheet // those with cells, in the order of their tabs

	parts   map[string]*zip.File // by path in lower case
	strings *sharedStrings
	text    string // path of the shared strings part, "" for none
	epoch   epoch
	formats []*Format // by style; nil is General
}

// Sheet is a sheet with cells.
type Sheet struct {
	Name    string
	Visible bool
	part    string
}

// Open reads the structure of the workbook in the first size bytes of file: which sheets it has, its styles, its epoch.
// The cells are read by [Workbook.Rows]. The error is an *[Error].
func Open(file io.ReaderAt, size int64) (*Workbook, error) {
	if err := beforeXLSX(io.NewSectionReader(file, 0, size)); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, &Error{Kind: Damaged, Message: "the archive that a workbook is cannot be read", Err: err}
	}
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	w := &Workbook{parts: map[string]*zip.File{}, epoch: epoch1900}
	if err := w.index(archive); err != nil {
		return nil, err
	}
	main, err := w.mainPart()
	if err != nil {
		return nil, err
	}
	if err := w.structure(main); err != nil {
		return nil, err
	}
	return w, nil
}

// beforeXLSX refuses a file in Microsoft's older container: a workbook with a password, or one of before 2007.
func beforeXLSX(in io.Reader) error {
	marker := make([]byte, 0, 32)
	for _, unit := range utf16.Encode([]rune("EncryptedPackage")) {
		marker = append(marker, byte(unit), byte(unit>>8)) //nolint:gosec // G115: ASCII
	}
	block := make([]byte, 64<<10)
	kept, first := 0, true
	for {
		n, err := in.Read(block[kept:])
		if first && !bytes.HasPrefix(block[:n], []byte("\xd0\xcf\x11\xe0")) {
			return nil
		}
		first = false
		if bytes.Contains(block[:kept+n], marker) {
			return refuse(Password, "the workbook has a password")
		}
		if err != nil {
			return refuse(OldFormat, "the file is an old workbook (.xls) or another old Office file")
		}
		keep := min(len(marker), kept+n)
		copy(block, block[kept+n-keep:kept+n])
		kept = keep
	}
}

// index lists the parts and refuses an archive that unpacks to more than any export does.
func (w *Workbook) index(archive *zip.Reader) error {
	if len(archive.File) > maxParts {
		return refuse(TooLarge, "the workbook has more than %d parts", maxParts)
	}
	for _, part := range archive.File {
		name := partName(part)
		key := strings.ToLower(name)
		if strings.HasSuffix(name, "/") {
			continue // a folder
		}
		if _, again := w.parts[key]; again {
			return &Error{Kind: Damaged, Part: name, Message: "it is there twice"}
		}
		w.parts[key] = part
		size := part.UncompressedSize64
		if size > maxPart || size > bombSize && size/max(part.CompressedSize64, 1) > bombRatio {
			return refuse(TooLarge, "part %s unpacks to %d MiB from %d KiB, as no export does", shorten(name), size>>20, part.CompressedSize64>>10)
		}
		if part.Flags&1 != 0 {
			return refuse(Password, "the file is encrypted")
		}
	}
	return nil
}

// partName is a part's path with slashes; some programs write backslashes.
func partName(part *zip.File) string {
	return strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/")
}

func (w *Workbook) has(name string) bool { return w.parts[strings.ToLower(name)] != nil }

// open streams a part. Its checksum is proved when it is read to the end.
func (w *Workbook) open(name string, limit uint64) (io.ReadCloser, error) {
	part := w.parts[strings.ToLower(name)]
	if part == nil {
		return nil, refuse(Damaged, "part %s is missing", shorten(name))
	}
	if part.UncompressedSize64 > limit {
		return nil, refuse(TooLarge, "part %s has %d MiB, more than %d", shorten(name), part.UncompressedSize64>>20, limit>>20)
	}
	in, err := part.Open()
	if err != nil {
		return nil, inPart(err, name, 0)
	}
	return &limited{ReadCloser: in, left: int64(part.UncompressedSize64)}, nil //nolint:gosec // G115: limited above
}

// limited stops a part that unpacks to more than its directory entry says.
type limited struct {
	io.ReadCloser
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, refuse(Damaged, "it is longer than the archive says")
	}
	return n, err
}

// elements reads a small part whole and calls visit for each element of its own namespace with its path: root/list/item.
func (w *Workbook) elements(part, root string, visit func(path string, attrs []byte) error) error {
	in, err := w.open(part, maxSmallPart)
	if err != nil {
		return err
	}
	s, err := newXMLScanner(in)
	var names []string
	for err == nil {
		var t xmlToken
		if t, err = s.next(); err != nil {
			break
		}
		switch {
		case t.kind == endTag:
			names = names[:len(names)-1]
		case t.kind != startTag:
		case t.space != ownSpace && isList(strings.Join(names, "/")):
			err = s.damaged("<%s> of another namespace among %s", shorten(t.name), names[len(names)-1])
		case t.space != ownSpace:
			err = s.skipElement()
		case len(names) == 0 && string(t.name) != root:
			err = s.damaged("<%s> where <%s> should be", shorten(t.name), root)
		default:
			names = append(names, string(t.name))
			err = visit(strings.Join(names, "/"), t.attrs)
		}
	}
	if closed := in.Close(); errors.Is(err, io.EOF) && closed == nil {
		return nil
	}
	return inPart(err, part, 0)
}

// isList reports whether an element holds what counts, or is counted.
func isList(path string) bool {
	switch path {
	case "Relationships", "workbook/sheets", "styleSheet/numFmts", "styleSheet/cellXfs":
		return true
	}
	return false
}

// valueOf is the value of the attribute with that local name, "" if there is none.
func valueOf(attrs []byte, wanted string) (string, error) {
	name, value, rest, err := attribute(attrs)
	for ; name != nil && err == nil; name, value, rest, err = attribute(rest) {
		if string(local(name)) == wanted && !bytes.HasPrefix(name, []byte("xmlns:")) {
			text, err := appendText(nil, xmlToken{data: value})
			return string(text), err
		}
	}
	return "", err
}

// valuesOf are the values of several attributes.
func valuesOf(attrs []byte, wanted ...string) (map[string]string, error) {
	values := map[string]string{}
	for _, name := range wanted {
		value, err := valueOf(attrs, name)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

type relation struct{ id, kind, target string }

// relations are those of a part, with targets as paths in the archive.
func (w *Workbook) relations(name string) (list []relation, err error) {
	base := path.Dir(path.Dir(name))
	err = w.elements(name, "Relationships", func(at string, attrs []byte) error {
		v, err := valuesOf(attrs, "Id", "Type", "Target", "TargetMode")
		if err != nil || at != "Relationships/Relationship" || v["TargetMode"] == "External" {
			return err
		}
		target := strings.ReplaceAll(v["Target"], `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(base, target)
		}
		list = append(list, relation{v["Id"], path.Base(v["Type"]), strings.TrimPrefix(target, "/")})
		return nil
	})
	return list, err
}

func (w *Workbook) mainPart() (string, error) {
	if w.has("mimetype") && w.has("content.xml") {
		return "", refuse(NotWorkbook, "the file is an OpenDocument file, not XLSX")
	}
	if !w.has(mainRelations) {
		return "", refuse(NotWorkbook, "the file is an archive, but no workbook")
	}
	list, err := w.relations(mainRelations)
	if err != nil {
		return "", err
	}
	for _, r := range list {
		if r.kind != "officeDocument" {
			continue
		}
		if strings.HasSuffix(r.target, ".bin") {
			return "", refuse(OldFormat, "the file is a binary workbook (XLSB)")
		}
		return r.target, nil
	}
	return "", refuse(NotWorkbook, "the file is no workbook")
}

// structure reads date system, sheets and styles.
func (w *Workbook) structure(main string) error {
	var sheets []map[string]string
	err := w.elements(main, "workbook", func(at string, attrs []byte) error {
		switch at {
		case "workbook/workbookPr":
			value, err := valueOf(attrs, "date1904")
			if isTrue(value) {
				w.epoch = epoch1904
			}
			return err
		case "workbook/sheets/sheet":
			sheet, err := valuesOf(attrs, "name", "state", "id")
			sheets = append(sheets, sheet)
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	list, err := w.relations(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"))
	if err != nil {
		return err
	}
	if len(sheets) > maxSheets {
		return refuse(TooLarge, "the workbook has %d sheets, more than %d", len(sheets), maxSheets)
	}
	for _, s := range sheets {
		if err := w.addSheet(s["name"], s["state"], s["id"], list); err != nil {
			return inPart(err, main, 0)
		}
	}
	return w.optional(list)
}

func (w *Workbook) addSheet(name, state, id string, list []relation) error {
	if id == "" {
		return nil // a module of old macros
	}
	for _, r := range list {
		if r.id == id {
			if r.kind == "worksheet" { // others show charts, dialogues or old macros
				w.Sheets = append(w.Sheets, Sheet{name, state != "hidden" && state != "veryHidden", r.target})
			}
			return nil
		}
	}
	return refuse(Damaged, "sheet %q has no part in the archive", shorten(name))
}

// optional reads the parts that a workbook may do without, even if a relation names them. What cells need of them and is not there,
// is missed then.
func (w *Workbook) optional(list []relation) error {
	styles := ""
	for _, r := range list {
		into := map[string]*string{"sharedStrings": &w.text, "styles": &styles}[r.kind]
		if into == nil || !w.has(r.target) {
			continue
		}
		if *into != "" && *into != r.target {
			return refuse(Damaged, "the workbook has two parts for its %s, %s and %s", r.kind, shorten(*into), shorten(r.target))
		}
		*into = r.target
	}
	if styles == "" {
		return nil
	}
	return w.loadStyles(styles)
}

func isTrue(value string) bool { return value == "1" || value == "true" }
