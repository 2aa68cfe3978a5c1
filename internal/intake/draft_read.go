package intake

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"

	"kraviabatch/internal/xlsx"
)

// draftTables reads the tables of one file: one of a CSV file, one of each visible sheet with rows of a workbook.
func (f *File) draftTables(ctx context.Context) ([]*draftTable, error) {
	if err := f.open(ctx); err != nil {
		return nil, err
	}
	info, err := f.handle.Stat()
	if err != nil {
		return nil, refuse(codeNotFound, msgDraftUnreadable, hintDraftCheck).because(err)
	}
	f.Size = info.Size()
	scan, err := f.scan(ctx)
	if err != nil {
		return nil, err
	}
	head, err := io.ReadAll(io.NewSectionReader(f.handle, 0, formatHead))
	if err != nil {
		return nil, refuse(codeNotFound, msgDraftUnreadable, hintDraftCheck).because(err)
	}
	switch {
	case len(head) == 0:
		return nil, refuse(codeEmpty, msgDraftEmpty, hintDraftExportAgain)
	case strings.HasPrefix(string(head), "PK\x03\x04"), strings.HasPrefix(string(head), "\xd0\xcf\x11\xe0"):
		return f.draftSheets(ctx)
	}
	if err := foreignFormat(head); err != nil {
		return nil, err
	}
	t, err := f.draftText(ctx, scan)
	if err != nil {
		return nil, err
	}
	return []*draftTable{t}, nil
}

// draftSheets reads every visible sheet that has rows.
func (f *File) draftSheets(ctx context.Context) ([]*draftTable, error) {
	book, err := xlsx.Open(f.handle, f.Size)
	if err != nil {
		return nil, workbookError(err)
	}
	var tables []*draftTable
	for _, s := range book.Sheets {
		if !s.Visible {
			continue
		}
		seen, err := inspectSheet(book, s, nil, newHeaderIndex(nil))
		if err != nil {
			return nil, inSheet(err, s.Name)
		}
		if seen.header == 0 {
			continue
		}
		t, err := f.draftSheet(ctx, book, seen)
		if err != nil {
			return nil, inSheet(err, s.Name)
		}
		tables = append(tables, t)
	}
	for _, t := range tables {
		t.sheets = len(tables)
	}
	if len(tables) == 0 {
		return nil, refuse(codeEmpty, msgDraftNoRows, hintDraftExportAgain)
	}
	return tables, nil
}

// draftSheet reads one sheet. A sheet with merged areas is read twice, for a workbook lists the areas after the rows.
func (f *File) draftSheet(ctx context.Context, book *xlsx.Workbook, seen *inspection) (*draftTable, error) {
	in := &sheetSource{book: book, sheet: seen.sheet, header: seen.header, width: len(seen.cells)}
	headerless := seen.match.score < 2 && isData(nonBlank(seen.cells))
	header, above := seen.cells, seen.above()
	if headerless {
		header, above, in.header = make([]string, len(seen.cells)), nil, seen.header-1
	}
	for known := false; ; known = true {
		t := &draftTable{files: []string{f.Name}, sheet: seen.sheet.Name, above: above, headerless: headerless}
		for i := range above {
			t.noteAbove(above[i].number, cellTexts(seen.head[i].cells, len(header)), len(header))
		}
		rows, err := in.rows()
		if err != nil {
			return nil, err
		}
		if err := t.read(ctx, header, rows); err != nil {
			return nil, err
		}
		if in.learn(); known || len(in.areas) == 0 {
			return t, nil
		}
	}
}

// cellTexts are the texts of the first cells, as many as width says. Missing cells are empty texts.
func cellTexts(cells []cell, width int) []string {
	texts := make([]string, width)
	for i := range min(width, len(cells)) {
		texts[i] = cells[i].Text()
	}
	return texts
}

// draftText reads a CSV file. Where the encoding is not detected, the one that the refusal suggests is tried, and the
// draft declares it with a question.
func (f *File) draftText(ctx context.Context, scan *bytesScan) (*draftTable, error) {
	index := newHeaderIndex(nil)
	source, _, err := detectDialect(f.handle, scan, nil, index)
	t := &draftTable{files: []string{f.Name}}
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.Code == codeEncoding {
		for _, name := range []string{"macintosh", "cp850", "cp865"} {
			if !strings.Contains(refusal.Message, "looks like "+name) {
				continue
			}
			t.declared = true
			source, _, err = detectDialect(f.handle, scan, &Profile{Input: Input{Encoding: name}}, index)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := source.settleHeader(ctx, index); err != nil {
		return nil, err
	}
	rows, first, err := source.firstRow()
	if err != nil {
		return nil, err
	}
	t.charset, t.delimiter, t.above = source.charset, source.delimiter, source.above()
	header := cellTexts(first.cells, len(first.cells))
	if index.match(header).score < 2 && isData(nonBlank(header)) {
		t.headerless, t.above = true, nil
		t.widen(len(header))
		t.take(first)
		header = nil
	}
	for _, above := range t.above {
		t.noteAbove(above.number, strings.Split(above.text, string(t.delimiter)), len(header))
	}
	return t, t.read(ctx, header, rows)
}

// firstRow begins a reading of the rows, and gives the first one.
func (s *csvSource) firstRow() (rows rowReader, first *row, err error) {
	if rows, err = s.records(); err != nil {
		return nil, nil, err
	}
	first, err = rows.next()
	return rows, first, err
}

// settleHeader corrects the header line where fewer than two of its columns are known. The header is then the first
// line with the usual number of cells, under the delimiter that gives the most cells.
func (s *csvSource) settleHeader(ctx context.Context, index *headerIndex) error {
	const known = 2
	_, first, err := s.firstRow()
	if err != nil || index.match(cellTexts(first.cells, len(first.cells))).score >= known {
		return err
	}
	best, bestCells := *s, 0
	for _, delimiter := range delimiters() {
		other := *s
		other.delimiter, other.header = delimiter, 1
		if line, cells := other.usualWidth(ctx); cells > bestCells {
			other.header = line
			best, bestCells = other, cells
		}
	}
	*s = best
	return nil
}

// usualWidth finds the commonest number of cells in the first rows, weighed by that number. line is that of the first
// row with so many cells, cells is the number times its rows. Both are 0 where no row has two cells.
func (s *csvSource) usualWidth(ctx context.Context) (line, cells int) {
	const looked = 200
	rows, err := s.records()
	if err != nil {
		return 0, 0
	}
	count, first := map[int]int{}, map[int]int{}
	for range looked {
		r, err := rows.next()
		if err != nil || ctx.Err() != nil {
			break
		}
		width := len(r.cells)
		if blankCells(r.cells) || width < 2 {
			continue
		}
		count[width]++
		first[width] = cmp.Or(first[width], r.line)
	}
	for width, n := range count {
		if width*n > cells || width*n == cells && first[width] < line {
			line, cells = first[width], width*n
		}
	}
	return line, cells
}
