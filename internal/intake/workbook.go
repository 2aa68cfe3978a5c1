package intake

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"
)

// Limits of a workbook. They are checked against the directory before anything is unpacked, and again
// while unpacking, because a directory may lie.
const (
	maxPart       = 4 << 30  // bytes of one unpacked part
	maxSmallPart  = 16 << 20 // bytes of each part that is held in memory: workbook, relations, styles
	maxStrings    = 96 << 20 // bytes of shared strings, which stay in memory
	maxParts      = 10_000
	bombSize      = 64 << 20 // from this unpacked size on,
	bombRatio     = 150      // a part packed tighter than this is an attack or damage, sheets reach about 30
	maxSheets     = 250
	mainRelations = "_rels/.rels"
)

// workbook is an XLSX file with its structure read. The cells are read by sheetRows.
type workbook struct {
	parts   map[string]*zip.File
	sheets  []sheet
	strings *sharedStrings
	text    string // path of the shared strings part, "" for none
	epoch   epoch
	formats []numberFormat // by style
}

type sheet struct {
	name    string
	part    string
	visible bool
}

func damaged(err error) *Error {
	return refuse(codeDamaged, "the workbook is damaged or incomplete",
		"copy or download it again, or open it in a spreadsheet and save it anew").because(err)
}

func openWorkbook(file io.ReaderAt, size int64) (*workbook, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, damaged(err)
	}
	archive.RegisterDecompressor(zip.Deflate, flate.NewReader)
	w := &workbook{parts: map[string]*zip.File{}}
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

// index lists the parts and refuses an archive that unpacks to more than any export does.
func (w *workbook) index(archive *zip.Reader) error {
	if len(archive.File) > maxParts {
		return refuse(codeXLSXLimit, fmt.Sprintf("the workbook has more than %d parts", maxParts), "save the lines in a workbook of their own")
	}
	for _, part := range archive.File {
		name := partName(part)
		if _, again := w.parts[strings.ToLower(name)]; again {
			return damaged(fmt.Errorf("part %s is there twice", shown(name)))
		}
		w.parts[strings.ToLower(name)] = part
		size := part.UncompressedSize64
		if size > maxPart || size > bombSize && size/max(part.CompressedSize64, 1) > bombRatio {
			return refuse(codeXLSXLimit, fmt.Sprintf("part %s unpacks to %d MiB from %d KiB, as no export does", shown(name), size>>20,
				part.CompressedSize64>>10), "save the lines in a new workbook, or as CSV")
		}
		if part.Flags&1 != 0 {
			return refuse(codePassword, "the file is encrypted", "save it without a password")
		}
	}
	return nil
}

// partName is a part's path with slashes; some programs write backslashes.
func partName(part *zip.File) string {
	return strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/")
}

// read is a small part as a whole.
func (w *workbook) read(name string) ([]byte, error) {
	in, err := w.open(name, maxSmallPart)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, damaged(fmt.Errorf("part %s: %w", name, err))
	}
	return data, in.Close()
}

// open streams a part. Its checksum is proved when it is read to the end.
func (w *workbook) open(name string, limit uint64) (io.ReadCloser, error) {
	part := w.parts[strings.ToLower(name)]
	if part == nil {
		return nil, damaged(fmt.Errorf("part %s is missing", name))
	}
	if part.UncompressedSize64 > limit {
		return nil, refuse(codeXLSXLimit, fmt.Sprintf("part %s has %d MiB, more than %d", name, part.UncompressedSize64>>20, limit>>20),
			"split the file, or save it as CSV")
	}
	in, err := part.Open()
	if err != nil {
		return nil, damaged(fmt.Errorf("part %s: %w", name, err))
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
		return 0, errors.New("the part is longer than the archive says")
	}
	return n, err
}

type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
	Mode   string `xml:"TargetMode,attr"`
}

// relations are those of a part, with targets as paths in the archive.
func (w *workbook) relations(name string) ([]relation, error) {
	data, err := w.read(name)
	if err != nil {
		return nil, err
	}
	var list struct {
		Relations []relation `xml:"Relationship"`
	}
	if err := xml.Unmarshal(data, &list); err != nil {
		return nil, damaged(fmt.Errorf("part %s: %w", name, err))
	}
	base := path.Dir(path.Dir(name))
	for i, r := range list.Relations {
		target := strings.ReplaceAll(r.Target, `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(base, target)
		}
		list.Relations[i].Target = strings.TrimPrefix(target, "/")
	}
	return list.Relations, nil
}

func (w *workbook) mainPart() (string, error) {
	if w.parts["mimetype"] != nil && w.parts["content.xml"] != nil {
		return "", refuse(codeFormat, "the file is an OpenDocument file, not XLSX", "save it as XLSX")
	}
	if w.parts[mainRelations] == nil {
		return "", refuse(codeFormat, "the file is an archive, but no workbook", "unpack it, or save the lines as XLSX")
	}
	list, err := w.relations(mainRelations)
	if err != nil {
		return "", err
	}
	for _, r := range list {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			return r.Target, nil
		}
	}
	return "", refuse(codeFormat, "the file is no workbook", "save the lines as XLSX")
}

// bookSheet is a sheet as the workbook part lists it; one of the attributes names its relation.
type bookSheet struct {
	Name  string     `xml:"name,attr"`
	State string     `xml:"state,attr"`
	Rest  []xml.Attr `xml:",any,attr"`
}

// structure reads sheets, date system and styles.
func (w *workbook) structure(main string) error {
	data, err := w.read(main)
	if err != nil {
		return err
	}
	var book struct {
		Properties struct {
			Date1904 bool `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []bookSheet `xml:"sheets>sheet"`
	}
	if strings.HasSuffix(main, ".bin") {
		return refuse(codeXLS, "the file is a binary workbook (XLSB)", "save it as XLSX")
	}
	if err := xml.Unmarshal(data, &book); err != nil {
		return damaged(fmt.Errorf("part %s: %w", main, err))
	}
	w.epoch = epoch1900
	if book.Properties.Date1904 {
		w.epoch = epoch1904
	}
	list, err := w.relations(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"))
	if err != nil {
		return err
	}
	byID := map[string]relation{}
	for _, r := range list {
		byID[r.ID] = r
		switch path.Base(r.Type) {
		case "sharedStrings":
			w.text = r.Target
		case "styles":
			if err := w.loadStyles(r.Target); err != nil {
				return err
			}
		}
	}
	return w.listSheets(book.Sheets, byID)
}

func (w *workbook) listSheets(sheets []bookSheet, byID map[string]relation) error {
	for _, s := range sheets {
		for _, a := range s.Rest {
			target, ok := byID[a.Value]
			if a.Name.Local != "id" || !ok || !strings.HasSuffix(target.Type, "/worksheet") {
				continue
			}
			w.sheets = append(w.sheets, sheet{s.Name, target.Target, s.State != "hidden" && s.State != "veryHidden"})
		}
	}
	if len(w.sheets) == 0 || len(w.sheets) > maxSheets {
		return refuse(codeSheet, fmt.Sprintf("the workbook has %d sheets with cells", len(w.sheets)), "save the lines in a workbook of one sheet")
	}
	return nil
}
