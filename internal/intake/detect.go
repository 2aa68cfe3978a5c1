package intake

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
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
	t := &detected{
		source: source, row: first.number, delimiter: string(source.delimiter), above: source.above(),
		notices: notices,
	}
	for _, c := range first.cells {
		t.header = append(t.header, c.Value)
	}
	return t, nil
}
