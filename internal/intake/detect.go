package intake

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
)

// detect tells by its first bytes what kind of file it is.
func (f *File) detect(scan *bytesScan, p *Profile, index *headerIndex) (*detected, error) {
	head := make([]byte, formatHead)
	n, err := f.handle.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, refuse(codeNotFound, "the file cannot be read", "check it").because(err)
	}
	head = head[:n]
	extension := strings.ToLower(filepath.Ext(f.Name))
	workbook := extension == ".xlsx" || extension == ".xlsm"
	switch {
	case n == 0:
		return nil, refuse(codeEmpty, "the file is empty", "export it again")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if !workbook {
			f.Notices = append(f.Notices, "read as a workbook, although its name does not end in .xlsx")
		}
		return f.detectWorkbook(p, index)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return f.detectWorkbook(p, index) // which tells what it is instead
	}
	if err := foreignFormat(head); err != nil {
		return nil, err
	}
	if workbook {
		return nil, refuse(codeDamaged, "the file is no workbook: it does not begin as one",
			"open it in a spreadsheet and save it as XLSX, or name it .csv if it is text")
	}
	source, notices, err := detectDialect(f.handle, scan, p, index)
	if err != nil {
		return nil, err
	}
	if p.headerless() {
		return &detected{
			source: source, header: p.Input.Headers, delimiter: string(source.delimiter),
			notices: notices,
		}, nil
	}
	rows, err := source.records()
	if err != nil {
		return nil, err
	}
	first, err := rows.next()
	if err != nil {
		return nil, err
	}
	t := &detected{
		source: source, row: first.number, delimiter: string(source.delimiter), above: source.above(),
		notices: notices,
	}
	for _, c := range first.cells {
		t.header = append(t.header, c.Value)
	}
	return t, nil
}
