package intake

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/xlsx"
)

// inspection is what the first rows of a sheet show.
type inspection struct {
	sheet xlsx.Sheet
	head  []row       // the first rows with cells
	areas []xlsx.Area // merged areas, if they were needed to find the header

	header int  // row of the header, 0 if the sheet has none
	found  bool // there is a header, or the profile needs none
	cells  []string
	match  headerMatch
}

// sheetSource is a sheet whose header is known.
type sheetSource struct {
	book   *xlsx.Workbook
	sheet  xlsx.Sheet
	header int
	width  int        // columns of the header
	first  *xlsx.Rows // of the first reading, which finds the merged areas after the rows
	areas  []xlsx.Area
}

// workbookError turns an error of package xlsx into a refusal.
func workbookError(err error) error {
	e, ok := errors.AsType[*xlsx.Error](err)
	if !ok {
		return err
	}
	as := map[xlsx.ErrorKind]struct{ code, hint string }{
		xlsx.Damaged:     {codeDamaged, hintDamaged},
		xlsx.Password:    {codePassword, hintPassword},
		xlsx.OldFormat:   {codeXLS, hintSaveXLSX},
		xlsx.TooLarge:    {codeXLSXLimit, hintOwnWorkbook},
		xlsx.NotWorkbook: {codeFormat, hintSaveLines},
		xlsx.Encoding:    {codeEncoding, hintDamaged},
	}[e.Kind]
	refusal := refuse(as.code, e.Message, as.hint)
	refusal.Row = e.Row
	if e.Kind == xlsx.Damaged {
		refusal.Message, refusal.Err = msgDamaged, e
	} else if e.Part != "" {
		refusal.Message += fmt.Sprintf(msgInPart, e.Part)
	}
	return refusal
}

// detectWorkbook opens a workbook, and finds the sheet with the list of lines and its header.
func (f *File) detectWorkbook(p *Profile, index *headerIndex) (*detected, error) {
	book, err := xlsx.Open(f.handle, f.Size)
	if err != nil {
		return nil, workbookError(err)
	}
	chosen, err := f.chooseSheet(book, p, index)
	if err != nil {
		return nil, err
	}
	if !chosen.sheet.Visible {
		f.notice(msgHiddenSheetRead, chosen.sheet.Name)
	}
	return &detected{
		source: &sheetSource{book: book, sheet: chosen.sheet, header: chosen.header, width: len(chosen.cells)},
		sheet:  chosen.sheet.Name,
		header: chosen.cells, row: chosen.header, above: chosen.above(),
	}, nil
}

// chooseSheet finds the sheet that the profile names, or the only visible one that has the needed columns. If none
// has them it gives the one that comes nearest, whose header is refused later.
func (f *File) chooseSheet(book *xlsx.Workbook, p *Profile, index *headerIndex) (*inspection, error) {
	if p.orNone().Input.Sheet != "" {
		return namedSheet(book, p, index)
	}
	var fits, others, hiddenFits []*inspection
	for _, s := range book.Sheets {
		if p.sheetOfRegister(s.Name) {
			continue
		}
		seen, err := inspectSheet(book, s, p, index)
		if err != nil {
			return nil, inSheet(err, s.Name)
		}
		switch {
		case seen.found && seen.match.complete() && s.Visible:
			fits = append(fits, seen)
		case seen.found && seen.match.complete():
			hiddenFits = append(hiddenFits, seen)
		case seen.found && s.Visible:
			others = append(others, seen)
		}
	}
	if len(fits) > 1 {
		names := namesOf(fits, func(s *inspection) string { return s.sheet.Name })
		message := fmt.Sprintf(msgManySheets, quoted(names))
		return nil, refuse(codeManySheets, message, fmt.Sprintf(hintManySheets, names[0]))
	}
	for _, s := range hiddenFits {
		if len(fits) == 0 {
			return nil, refuse(codeSheet, fmt.Sprintf(msgOnlyHiddenSheet, s.sheet.Name),
				fmt.Sprintf(hintOnlyHiddenSheet, s.sheet.Name))
		}
		f.notice(msgHiddenSheetToo, s.sheet.Name)
	}
	if len(fits) == 1 {
		for _, s := range others {
			missing := namesOf(s.match.missing, billing.Column.String)
			f.notice(msgSheetNotRead, s.sheet.Name, strings.Join(missing, " and "))
		}
		return fits[0], nil
	}
	if row := p.headerRow(); len(others) == 0 && row > 0 {
		return nil, refuse(codeSheet, fmt.Sprintf(msgNoSheetWithRow, row, p.Name), hintHeaderRow)
	}
	if len(others) == 0 {
		return nil, refuse(codeEmpty, msgNoSheetWithCells, hintExportFileAgain)
	}
	return slices.MaxFunc(others, func(a, b *inspection) int { return cmp.Compare(a.match.score, b.match.score) }), nil
}

// namesOf lists the names of things.
func namesOf[T any](all []T, name func(T) string) []string {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = name(one)
	}
	return names
}

// namedSheet finds the sheet that the profile names, in any case.
func namedSheet(book *xlsx.Workbook, p *Profile, index *headerIndex) (*inspection, error) {
	at := slices.IndexFunc(book.Sheets, func(s xlsx.Sheet) bool {
		return strings.EqualFold(strings.TrimSpace(s.Name), strings.TrimSpace(p.Input.Sheet))
	})
	if at < 0 {
		all, hint := namesOf(book.Sheets, func(s xlsx.Sheet) string { return s.Name }), hintNoSheet
		if near := nearest(all, []string{p.Input.Sheet}); near != "" {
			hint = fmt.Sprintf(hintNearSheet, near)
		}
		return nil, refuse(codeSheet, fmt.Sprintf(msgNoSheet, p.Input.Sheet, quoted(all)), hint)
	}
	seen, err := inspectSheet(book, book.Sheets[at], p, index)
	if err == nil && !seen.found {
		err = refuse(codeEmpty, msgNoHeaderRow, hintNoHeaderRow)
	}
	return seen, inSheet(err, book.Sheets[at].Name)
}

// inspectSheet reads the first rows of a sheet and finds its header. If a header cell may be merged with one above
// it, the whole sheet is read, because a workbook lists merged areas after the rows.
func inspectSheet(book *xlsx.Workbook, s xlsx.Sheet, p *Profile, index *headerIndex) (*inspection, error) {
	in, err := book.Rows(s)
	if err != nil {
		return nil, workbookError(err)
	}
	defer in.Close()
	seen := &inspection{sheet: s}
	for last := 0; len(seen.head) < maxHeaderRow || last < p.headerRow(); {
		r, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, workbookError(err)
		}
		last = r.Number
		if !blankCells(r.Cells) && (len(seen.head) < maxHeaderRow || r.Number == p.headerRow()) {
			seen.head = append(seen.head, row{number: r.Number, cells: slices.Clone(r.Cells)})
		}
	}
	seen.findHeader(p, index)
	if !seen.gaps() {
		return seen, nil
	}
	for err == nil {
		_, err = in.Next()
	}
	if !errors.Is(err, io.EOF) {
		return nil, workbookError(err)
	}
	seen.areas = in.Merged()
	seen.findHeader(p, index)
	return seen, nil
}

// gaps reports whether a column without a header has text above it.
func (s *inspection) gaps() bool {
	for _, r := range s.head {
		if r.number >= s.header {
			return false
		}
		for i, c := range r.cells {
			if c.Value != "" && (i >= len(s.cells) || s.cells[i] == "") {
				return true
			}
		}
	}
	return false
}

// findHeader finds the row that the profile names, the first with all needed columns, or that with most known ones.
func (s *inspection) findHeader(p *Profile, index *headerIndex) {
	s.header, s.found, s.match.score = 0, false, -1
	if p.headerless() {
		s.found, s.cells, s.match = len(s.head) > 0, p.Input.Headers, index.match(p.Input.Headers)
		return
	}
	for i := range s.head {
		r := &s.head[i]
		if fixed := p.headerRow(); fixed > 0 && r.number != fixed {
			continue
		}
		cells := s.headerCells(i)
		match := index.match(cells)
		if !s.found || match.better(s.match) {
			s.header, s.found, s.cells, s.match = r.number, true, cells, match
		}
		if s.match.complete() {
			return
		}
	}
}

// headerCells gives the texts of a row. A cell that is merged with one above has the text of that one.
func (s *inspection) headerCells(at int) []string {
	r := &s.head[at]
	cells := r.texts()
	for _, a := range s.areas {
		if a.Top >= r.number || a.Bottom < r.number || a.Left != a.Right {
			continue
		}
		for _, above := range s.head[:at] {
			if above.number != a.Top || a.Left >= len(above.cells) {
				continue
			}
			for len(cells) <= a.Left {
				cells = append(cells, "")
			}
			if cells[a.Left] == "" {
				cells[a.Left] = above.cells[a.Left].Text()
			}
		}
	}
	return cells
}

func (s *sheetSource) headerRow() int { return s.header }

func (s *sheetSource) rows() (rowReader, error) {
	in, err := s.book.Rows(s.sheet)
	if err != nil {
		return nil, workbookError(err)
	}
	if s.first == nil {
		s.first = in
	}
	return &sheetRows{in: in, header: s.header, cover: xlsx.NewCover(s.areas, s.width)}, nil
}

// learn takes the merged areas from the first reading, which must have reached its end.
func (s *sheetSource) learn() { s.areas = s.first.Merged() }

// sheetRows reads the rows under the header, and marks the cells under it that a merged area covers.
type sheetRows struct {
	in     *xlsx.Rows
	header int
	cover  *xlsx.Cover
	row    row
}

func (t *sheetRows) next() (*row, error) {
	for {
		r, err := t.in.Next()
		if err != nil {
			return nil, workbookError(err)
		}
		if r.Number > t.header {
			t.cover.Mark(r)
			t.row = row{number: r.Number, hidden: r.Hidden, cells: r.Cells}
			return &t.row, nil
		}
	}
}
