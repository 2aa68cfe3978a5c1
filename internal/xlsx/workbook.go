package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
)

// Limits of a workbook. They are checked against the archive's directory before anything is unpacked. They
// are checked again while unpacking, because the directory may be wrong on purpose.
const (
	maxPart       = 4 << 30  // bytes of one unpacked part
	maxSmallPart  = 16 << 20 // bytes of each part whose content is held in memory: workbook, relations, styles
	maxStrings    = 96 << 20 // bytes of shared strings, which stay in memory
	maxParts      = 10_000
	bombSize      = 64 << 20 // bytes of an unpacked part; above it, bombRatio is checked
	bombRatio     = 150      // unpacked to packed size; above it, the part is an attack or damage (sheets: about 30)
	maxSheets     = 250
	mainRelations = "_rels/.rels"
)

// Workbook is an opened workbook. It reads from its file until the last row is read, and is not closed itself.
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

// Open reads the structure of the workbook in the first size bytes of file: its sheets, its styles and its date
// system. [Workbook.Rows] reads the cells. The error is an *[Error].
func Open(file io.ReaderAt, size int64) (*Workbook, error) {
	if err := beforeXLSX(file, size); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, &Error{Kind: Damaged, Message: msgArchive, Err: err}
	}
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	w := &Workbook{parts: map[string]*zip.File{}, epoch: epoch1900}
	if err := w.index(archive); err != nil {
		return nil, err
	}
	if err := w.structure(); err != nil {
		return nil, err
	}
	return w, nil
}

// beforeXLSX refuses a file in Microsoft's older container: a workbook with a password, or one from before 2007.
func beforeXLSX(in io.ReaderAt, size int64) error {
	const marker = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"
	block := make([]byte, 64<<10)
	if n, _ := in.ReadAt(block[:4], 0); string(block[:n]) != "\xd0\xcf\x11\xe0" {
		return nil
	}
	for at := int64(0); at < size; at += int64(len(block) - len(marker)) {
		n, _ := in.ReadAt(block[:min(size-at, int64(len(block)))], at) // what cannot be read has no marker
		if bytes.Contains(block[:n], []byte(marker)) {
			return refuse(Password, msgPassword)
		}
	}
	return refuse(OldFormat, msgOldFormat)
}

// index lists the parts. It refuses an archive that unpacks to more than any export does.
func (w *Workbook) index(archive *zip.Reader) error {
	if len(archive.File) > maxParts {
		return refuse(TooLarge, msgTooManyParts, maxParts)
	}
	for _, part := range archive.File {
		name := strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/") // some programs write backslashes
		key := strings.ToLower(name)
		if strings.HasSuffix(name, "/") {
			continue // a folder
		}
		if _, again := w.parts[key]; again {
			return &Error{Kind: Damaged, Part: name, Message: msgPartTwice}
		}
		w.parts[key] = part
		size := part.UncompressedSize64
		if size > maxPart || size > bombSize && size/max(part.CompressedSize64, 1) > bombRatio {
			return refuse(TooLarge, msgBomb, shorten(name), size>>20, part.CompressedSize64>>10)
		}
		if part.Flags&1 != 0 {
			return refuse(Password, msgEncrypted)
		}
	}
	return nil
}

func (w *Workbook) has(name string) bool { return w.parts[strings.ToLower(name)] != nil }

// open streams a part. Reading it to the end checks its checksum. A part longer than its announced size is an error.
func (w *Workbook) open(name string, limit uint64) (io.ReadCloser, error) {
	part := w.parts[strings.ToLower(name)]
	if part == nil {
		return nil, refuse(Damaged, msgPartMissing, shorten(name))
	}
	if part.UncompressedSize64 > limit {
		return nil, refuse(TooLarge, msgPartTooLarge, shorten(name), part.UncompressedSize64>>20, limit>>20)
	}
	in, err := part.Open()
	return in, inPart(err, name, 0)
}

// element is an element of a small part: its list and name, such as sheets/sheet, and its attributes by local name.
type element struct {
	path   string
	values map[string]string
}

// elements reads a small part to its end, and gives the elements inside the root, or inside those that are lists.
func (w *Workbook) elements(part, root string, lists ...string) (found []element, err error) {
	in, err := w.open(part, maxSmallPart)
	if err != nil {
		return nil, err
	}
	s, err := newXMLScanner(in, root)
	if err == nil {
		found, err = s.collect(nil, root, lists)
	}
	if err == nil {
		err = s.finish()
	}
	return found, inPart(errors.Join(err, in.Close()), part, 0)
}

// collect adds the elements inside the open element. Elements of other namespaces are skipped beside lists. In
// a list they are damage, because another program may read them as entries.
func (s *xmlScanner) collect(found []element, list string, lists []string) ([]element, error) {
	for {
		t, ok, err := s.child(msgTextAmongElements)
		switch {
		case err != nil || !ok:
			return found, err
		case t.space != ownSpace && len(lists) == 0:
			return nil, s.damaged(msgOtherNamespace, shorten(t.name), list)
		case t.space == ownSpace && slices.Contains(lists, string(t.name)):
			found, err = s.collect(found, string(t.name), nil)
		case t.space == ownSpace:
			e := element{path: list + "/" + string(t.name)}
			e.values, err = s.values()
			found = append(found, e)
			fallthrough
		default:
			err = errors.Join(err, s.skipElement())
		}
		if err != nil {
			return nil, err
		}
	}
}

type relation struct{ id, kind, target string }

// relations are those of a part, with targets as paths in the archive.
func (w *Workbook) relations(name string) ([]relation, error) {
	elements, err := w.elements(name, "Relationships")
	var list []relation
	for _, e := range elements {
		if e.path != "Relationships/Relationship" || e.values["TargetMode"] == "External" {
			continue
		}
		target := strings.ReplaceAll(e.values["Target"], `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(path.Dir(path.Dir(name)), target)
		}
		list = append(list, relation{e.values["Id"], path.Base(e.values["Type"]), strings.TrimPrefix(target, "/")})
	}
	return list, err
}

func (w *Workbook) mainPart() (string, error) {
	if w.has("mimetype") && w.has("content.xml") {
		return "", refuse(NotWorkbook, msgOpenDocument)
	}
	if !w.has(mainRelations) {
		return "", refuse(NotWorkbook, msgOtherArchive)
	}
	list, err := w.relations(mainRelations)
	switch i := slices.IndexFunc(list, func(r relation) bool { return r.kind == "officeDocument" }); {
	case err != nil:
		return "", err
	case i < 0:
		return "", refuse(NotWorkbook, msgNotWorkbook)
	case strings.HasSuffix(list[i].target, ".bin"):
		return "", refuse(OldFormat, msgBinary)
	default:
		return list[i].target, nil
	}
}

// structure reads date system, sheets and styles.
func (w *Workbook) structure() error {
	main, err := w.mainPart()
	if err != nil {
		return err
	}
	elements, err := w.elements(main, "workbook", "sheets")
	if err != nil {
		return err
	}
	list, err := w.relations(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"))
	if err != nil {
		return err
	}
	for _, e := range elements {
		switch e.path {
		case "workbook/workbookPr":
			if isTrue(e.values["date1904"]) {
				w.epoch = epoch1904
			}
		case "sheets/sheet":
			if err := w.addSheet(e.values, list); err != nil {
				return inPart(err, main, 0)
			}
		}
	}
	return w.optional(list)
}

func (w *Workbook) addSheet(sheet map[string]string, list []relation) error {
	if sheet["id"] == "" {
		return nil // a module of old macros
	}
	i := slices.IndexFunc(list, func(r relation) bool { return r.id == sheet["id"] })
	if i < 0 {
		return refuse(Damaged, msgSheetWithoutPart, shorten(sheet["name"]))
	}
	if len(w.Sheets) == maxSheets {
		return refuse(TooLarge, msgTooManySheets, maxSheets)
	}
	if list[i].kind == "worksheet" { // others show charts, dialogues or old macros
		visible := sheet["state"] != "hidden" && sheet["state"] != "veryHidden"
		w.Sheets = append(w.Sheets, Sheet{sheet["name"], visible, list[i].target})
	}
	return nil
}

// optional reads the parts that a workbook may lack. A cell that needs a missing one is an error when it is read.
func (w *Workbook) optional(list []relation) error {
	styles := ""
	for _, r := range list {
		into := map[string]*string{"sharedStrings": &w.text, "styles": &styles}[r.kind]
		if into == nil || !w.has(r.target) {
			continue
		}
		if *into != "" && *into != r.target {
			return refuse(Damaged, msgTwoParts, r.kind, shorten(*into), shorten(r.target))
		}
		*into = r.target
	}
	if styles == "" {
		return nil
	}
	return w.loadStyles(styles)
}

func isTrue(value string) bool { return value == "1" || value == "true" }
