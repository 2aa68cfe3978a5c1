package intake

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// compound tells what a file in Microsoft's older container is: a workbook with a password, or one
// of before 2007.
func (f *File) compound() error {
	marker := make([]byte, 0, 32)
	for _, unit := range utf16.Encode([]rune("EncryptedPackage")) {
		marker = append(marker, byte(unit), byte(unit>>8)) //nolint:gosec // G115: ASCII
	}
	in := io.NewSectionReader(f.handle, 0, f.Size)
	block := make([]byte, readBlock+len(marker))
	kept := 0
	for {
		n, err := in.Read(block[kept:])
		if bytes.Contains(block[:kept+n], marker) {
			return refuse(codePassword, "the workbook has a password", "save it without a password")
		}
		if err != nil {
			return refuse(codeXLS, "the file is an old workbook (.xls) or another old Office file", "save it as XLSX")
		}
		keep := min(len(marker), kept+n)
		copy(block, block[kept+n-keep:kept+n])
		kept = keep
	}
}

// inspection is what the head of a sheet tells.
type inspection struct {
	sheet sheet
	head  []row  // the first rows with cells
	areas []area // merged areas, when the head alone did not settle the header

	header int // row of the header, 0 if there is no row at all
	cells  []string
	match  headerMatch
}

// sheetSource is a sheet whose header is known.
type sheetSource struct {
	book   *workbook
	sheet  sheet
	header int
	width  int        // columns of the header
	first  *sheetRows // of the first reading, which learns what stands behind the rows
	areas  []area     // by top, once the first reading is over
}

func (f *File) detectWorkbook(p *Profile, names *names) (*found, error) {
	book, err := openWorkbook(f.handle, f.Size)
	if err != nil {
		return nil, err
	}
	chosen, err := f.chooseSheet(book, p, names)
	if err != nil {
		return nil, err
	}
	if !chosen.sheet.visible {
		f.notice("sheet %q is hidden; it is read because the profile names it", chosen.sheet.name)
	}
	return &found{
		source: &sheetSource{book: book, sheet: chosen.sheet, header: chosen.header, width: len(chosen.cells)}, sheet: chosen.sheet.name,
		header: chosen.cells, row: chosen.header, epoch: book.epoch,
	}, nil
}

// chooseSheet is the sheet that the profile names, or the only visible one that has the needed columns.
func (f *File) chooseSheet(book *workbook, p *Profile, names *names) (*inspection, error) {
	if p != nil && p.Input.Sheet != "" {
		return namedSheet(book, p, names)
	}
	var fits, others, hiddenFits []*inspection
	for _, s := range book.sheets {
		seen, err := book.inspect(s, p, names)
		if err != nil {
			return nil, inSheet(err, s.name)
		}
		switch {
		case seen.header > 0 && seen.match.complete() && s.visible:
			fits = append(fits, seen)
		case seen.header > 0 && seen.match.complete():
			hiddenFits = append(hiddenFits, seen)
		case seen.header > 0 && s.visible:
			others = append(others, seen)
		}
	}
	if len(fits) > 1 {
		return nil, refuse(codeManySheets, "several sheets could be the list of lines: "+quoted(sheetNames(fits)),
			fmt.Sprintf("say which one in a profile: input: {sheet: %q}", fits[0].sheet.name))
	}
	for _, s := range hiddenFits {
		if len(fits) == 0 {
			return nil, refuse(codeSheet, fmt.Sprintf("only the hidden sheet %q looks like the list of lines", s.sheet.name),
				fmt.Sprintf("unhide it, or name it in a profile: input: {sheet: %q}", s.sheet.name))
		}
		f.notice("sheet %q looks like a list of lines too, but is hidden; it was not read", s.sheet.name)
	}
	if len(fits) == 1 {
		for _, s := range others {
			f.notice("sheet %q was not read, because it has no column for %s", s.sheet.name, strings.Join(s.match.missing, " and "))
		}
		return fits[0], nil
	}
	if row := p.headerRow(); len(others) == 0 && row > 0 {
		return nil, refuse(codeSheet, fmt.Sprintf("no visible sheet has cells in row %d, where the profile %s expects the header", row, p.Name),
			"correct header_row in the profile")
	}
	if len(others) == 0 {
		return nil, refuse(codeEmpty, "no visible sheet has cells", "export the file again")
	}
	return slices.MaxFunc(others, func(a, b *inspection) int { return cmp.Compare(a.match.score, b.match.score) }), nil
}

func sheetNames(list []*inspection) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = s.sheet.name
	}
	return all
}

func namedSheet(book *workbook, p *Profile, names *names) (*inspection, error) {
	all := make([]string, len(book.sheets))
	for i, s := range book.sheets {
		if strings.EqualFold(strings.TrimSpace(s.name), strings.TrimSpace(p.Input.Sheet)) {
			seen, err := book.inspect(s, p, names)
			if err != nil {
				return nil, inSheet(err, s.name)
			}
			if seen.header == 0 {
				return nil, inSheet(refuse(codeEmpty, "the sheet has no header row", "check the sheet, and header_row in the profile"), s.name)
			}
			return seen, nil
		}
		all[i] = s.name
	}
	hint := "correct the profile, or rename the sheet"
	if near := nearest(all, []string{p.Input.Sheet}); near != "" {
		hint = fmt.Sprintf("did you mean %q? If so, correct the profile", near)
	}
	return nil, refuse(codeSheet, fmt.Sprintf("there is no sheet %q; there are %s", p.Input.Sheet, quoted(all)), hint)
}

// inspect reads the head of a sheet and finds its header. Where a header cell may be merged with one above
// it, the whole sheet is read, because merged areas stand behind the rows.
func (w *workbook) inspect(s sheet, p *Profile, names *names) (*inspection, error) {
	in, err := w.sheetRows(s)
	if err != nil {
		return nil, err
	}
	defer in.close()
	seen := &inspection{sheet: s}
	for len(seen.head) < maxHeaderRow || in.row.number < p.headerRow() {
		r, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !r.blank() && (len(seen.head) < maxHeaderRow || r.number == p.headerRow()) {
			var kept row
			kept.copyFrom(r)
			seen.head = append(seen.head, kept)
		}
	}
	seen.findHeader(p, names, w.epoch)
	if !seen.gaps() {
		return seen, nil
	}
	if err := drain(in); err != nil {
		return nil, err
	}
	seen.areas = in.areas
	seen.findHeader(p, names, w.epoch)
	return seen, nil
}

// gaps reports whether a column without a header has text above it.
func (s *inspection) gaps() bool {
	for _, r := range s.head {
		if r.number >= s.header {
			return false
		}
		for i, c := range r.cells {
			if c.text != "" && (i >= len(s.cells) || s.cells[i] == "") {
				return true
			}
		}
	}
	return false
}

// findHeader takes the row that the profile names, else the first that has the needed columns, else the
// one with most known columns.
func (s *inspection) findHeader(p *Profile, names *names, from epoch) {
	s.header, s.match.score = 0, -1
	for i := range s.head {
		r := &s.head[i]
		if fixed := p.headerRow(); fixed > 0 && r.number != fixed {
			continue
		}
		cells := s.headerCells(i, from)
		match := names.match(cells)
		if s.header == 0 || match.better(s.match) {
			s.header, s.cells, s.match = r.number, cells, match
		}
		if s.match.complete() {
			return
		}
	}
}

// headerCells are the texts of a head row; a cell that is merged with the one above takes its text.
func (s *inspection) headerCells(at int, from epoch) []string {
	r := &s.head[at]
	var cells []string
	for i := range r.cells {
		cells = append(cells, shownCell(&r.cells[i], from))
	}
	for _, a := range s.areas {
		if a.top >= r.number || a.bottom < r.number || a.left != a.right {
			continue
		}
		for _, above := range s.head[:at] {
			if above.number != a.top || a.left >= len(above.cells) {
				continue
			}
			for len(cells) <= a.left {
				cells = append(cells, "")
			}
			if cells[a.left] == "" {
				cells[a.left] = shownCell(&above.cells[a.left], from)
			}
		}
	}
	return cells
}

func (s *sheetSource) rows() (rowReader, error) {
	in, err := s.book.sheetRows(s.sheet)
	if err != nil {
		return nil, err
	}
	if s.first == nil {
		s.first = in
	}
	return &tableRows{in: in, header: s.header, areas: s.areas, bottoms: make([]int, s.width)}, nil
}

// learned takes over what the first reading met: merged areas, and hidden rows to tell about.
func (s *sheetSource) learned() (notices []string) {
	s.areas = s.first.areas
	slices.SortFunc(s.areas, func(a, b area) int { return cmp.Compare(a.top, b.top) })
	if s.first.hidden > 0 {
		notices = append(notices, fmt.Sprintf("sheet %q has hidden rows, the first is row %d; they are read like the others (%d)",
			s.sheet.name, s.first.firstHidden, s.first.hidden))
	}
	return notices
}

// tableRows are the rows under the header, with the cells marked that a merged area covers. Cells beside the headed
// columns are the input's own, whose areas do not matter.
type tableRows struct {
	in      *sheetRows
	header  int
	areas   []area // by top, without those that were passed
	bottoms []int  // for each headed column the last row of the areas passed so far
}

func (t *tableRows) next() (*row, error) {
	for {
		r, err := t.in.next()
		if err != nil {
			return nil, err
		}
		if r.number > t.header {
			t.mark(r)
			return r, nil
		}
	}
}

func (t *tableRows) mark(r *row) {
	for len(t.areas) > 0 && t.areas[0].top < r.number {
		t.cover(t.areas[0], t.areas[0].left)
		t.areas = t.areas[1:]
	}
	for i := 0; i < len(t.areas) && t.areas[i].top == r.number; i++ {
		t.cover(t.areas[i], t.areas[i].left+1) // the first cell holds the area's value
	}
	for column, bottom := range t.bottoms {
		if bottom < r.number {
			continue
		}
		for len(r.cells) <= column {
			r.cells = append(r.cells, cell{kind: text})
		}
		if c := &r.cells[column]; c.text == "" && c.kind == text {
			c.kind = merged
		}
	}
}

// cover notes that the columns from left on are part of the area.
func (t *tableRows) cover(a area, left int) {
	for column := left; column <= min(a.right, len(t.bottoms)-1); column++ {
		t.bottoms[column] = max(t.bottoms[column], a.bottom)
	}
}
