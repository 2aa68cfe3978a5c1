package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
)

// ProblemsColumn is the header of the column that a corrections workbook adds at the end. When the workbook is read, it
// is one of the input's own columns, which the program copies and does not interpret.
const ProblemsColumn = "kravia_problems"

// ErrNoSheet is the error for a table that does not fit one sheet, or not without a change; nothing was written.
var ErrNoSheet = errors.New(msgNoSheet)

const (
	maxComments   = 2000 // more make spreadsheets slow; colours and the problems column have no limit
	measuredRows  = 200  // number of records that decide the widths of the columns
	lastSheetRow  = 1 << 20
	lastColumn    = 1024 // the importer reads no more cells of a row
	problemsWidth = 80
	readMeWidth   = 70 // fits a page
	frozenRows    = 20 // a header further down is not frozen: it would fill the screen
	sheetLines    = "Lines"
	sheetReadMe   = "Read me"
	correctionTag = "_corrections"
)

// Checked is one record of a file with the problems of its row.
type Checked struct {
	billing.Record
	Found []billing.Problem
}

// Corrections is one input table that the user gets back to correct it.
type Corrections struct {
	Table     billing.Table
	Sheet     string                           // name for the sheet, "" for the table's own
	HeaderRow int                              // the profile's header_row, 0 for the row above the first record
	Footer    int                              // number of rows at the end that the profile skips
	Lines     func() iter.Seq2[Checked, error] // the records in their sequence; called twice
}

// CorrectionsName returns the name of the corrections workbook of a file, and whether the file is such a workbook
// itself. The workbook of a corrections workbook has the name of the first one.
func CorrectionsName(file string) (name string, corrections bool) {
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	if i := strings.LastIndex(stem, correctionTag); i > 0 &&
		strings.Trim(stem[i+len(correctionTag):], "-0123456789") == "" {
		stem, corrections = stem[:i], true
	}
	return safeName(stem, "input") + correctionTag + ".xlsx", corrections
}

// WriteCorrections writes <input>_corrections.xlsx into dir and returns its path. The workbook has the input's own
// sheet, every record in its row and every cell as the file had it, with the bad cells coloured and explained. The user
// corrects and saves it, and runs it like the input, with the same profile. No cell may mean anything else to the
// importer than in the input; the error is [ErrNoSheet] when that cannot be promised.
func WriteCorrections(ctx context.Context, c *Corrections, dir string) (string, error) {
	base := filepath.Base(c.Table.File)
	name, _ := CorrectionsName(base)
	atomicfile.Sweep(dir)
	path, err := atomicfile.Create(dir, name, func(w io.Writer) (err error) {
		private, remove, err := atomicfile.PrivateFolder(dir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
		b := newBook(&Report{Run: RunInfo{ID: base}}, private)
		defer func() { err = errors.Join(err, b.close()) }()
		s := &correctionSheet{Corrections: c, book: b}
		if err := s.write(ctx); err != nil {
			return err
		}
		return b.save(w, "Corrections "+base, "", time.Now())
	})
	if err != nil {
		return path, fmt.Errorf("corrections of %s: %w", base, err)
	}
	return path, nil
}

// correctionSheet is a corrections workbook being written.
type correctionSheet struct {
	*Corrections
	book        *book
	sheet       *sheet
	at          map[billing.Column]int // index of the cell of a known column
	problems    int                    // index of the cell of ProblemsColumn
	header      int                    // row of the header
	shift       int                    // added to a record's row in the input for its row here
	widths      []int
	comments    int
	errors      int // rows with errors of their own
	waiting     int // rows that wait for another one of their order or file
	warnings    int // rows with nothing but warnings
	uncommented int // coloured cells without a comment
}

func (s *correctionSheet) write(ctx context.Context) error {
	if err := s.prepare(); err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	for line, err := range s.Lines() {
		if err = cmp.Or(err, ctx.Err()); err == nil {
			err = s.line(&line)
		}
		if err != nil {
			return err
		}
	}
	if err := s.end(); err != nil {
		return err
	}
	return s.readMe()
}

// prepare decides the columns, the row of the header and the widths.
func (s *correctionSheet) prepare() error {
	s.at, s.widths = map[billing.Column]int{}, make([]int, len(s.Table.Header))
	for i, header := range s.Table.Header {
		if c := s.known(i); c != 0 {
			s.at[c] = i
		}
		widen(&s.widths[i], header, kindHeader)
	}
	s.problems = slices.Index(s.Table.Header, ProblemsColumn)
	if s.problems < 0 {
		s.problems = len(s.Table.Header)
		s.widths = append(s.widths, 0)
	}
	if len(s.widths) > lastColumn {
		return fmt.Errorf(msgColumns, ErrNoSheet, len(s.Table.Header))
	}
	return s.measure()
}

// measure decides the header's row by the first record, and the widths by the first records.
func (s *correctionSheet) measure() error {
	n := 0
	for line, err := range s.Lines() {
		if err != nil {
			return err
		}
		if n++; n == 1 {
			s.header = cmp.Or(s.HeaderRow, max(1, line.Row-1))
			s.shift = max(0, s.header+1-line.Row)
		}
		for i, text := range line.Cells {
			widen(&s.widths[i], text, kindText)
		}
		if n == measuredRows {
			break
		}
	}
	s.widths[s.problems] = problemsWidth
	return nil
}

// start begins the sheet with its header. Columns of identifiers and of text are formatted as text, so that what the
// user types keeps its zeros.
func (s *correctionSheet) start() error {
	name, f := cmp.Or(s.Sheet, s.Table.Sheet, sheetLines), s.book.f
	// Cells that could not be read are formulas, which have no stored result.
	err := f.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: new(true)})
	if err == nil {
		s.sheet, err = s.book.open(name, s.widths)
	}
	if err != nil {
		return err
	}
	for i := range s.Table.Header {
		err = errors.Join(err, f.SetColStyle(name, colName(i+1), s.book.style(look{kind: s.kind(i), tone: toneNone})))
	}
	if s.header <= frozenRows {
		err = errors.Join(err, s.book.freeze(name, s.header))
	}
	return errors.Join(err, s.headerRow())
}

func (s *correctionSheet) headerRow() error {
	cells := make([]cell, len(s.widths))
	for i, text := range append(slices.Clip(s.Table.Header), ProblemsColumn)[:len(cells)] {
		if text == "" {
			continue
		}
		var err error
		if cells[i], err = s.exact(text, kindHeader, toneHeader); err != nil {
			return err
		}
	}
	s.sheet.row = s.header - 1
	return s.sheet.add(cells, 22)
}

func (s *correctionSheet) kind(column int) kind { return kindOfColumn(s.known(column)) }

// known returns the column that a cell is read as, zero for one of the input's own.
func (s *correctionSheet) known(cell int) billing.Column {
	if cell >= len(s.Table.Known) {
		return 0
	}
	return s.Table.Known[cell]
}

func kindOfColumn(c billing.Column) kind {
	switch c.Kind() { //nolint:exhaustive // the others are texts
	case billing.Number, billing.Money, billing.Percent:
		return kindNumber
	case billing.Day:
		return kindDate
	}
	return kindText
}

// end writes the filter, and the rows that the profile skips at the end: it would otherwise skip the last records.
func (s *correctionSheet) end() error {
	last := max(s.sheet.row, s.header+1)
	for range s.Footer {
		note, err := s.exact(msgFooter, kindText, toneMuted)
		if err == nil {
			err = s.sheet.add([]cell{note}, 0)
		}
		if err != nil {
			return err
		}
	}
	if s.sheet.row > lastSheetRow {
		return fmt.Errorf(msgEnds, ErrNoSheet, s.sheet.row)
	}
	width := 0
	for _, of := range s.widths {
		width += of
	}
	area := fmt.Sprintf("A%d:%s", s.header, ref(len(s.widths), last))
	err := s.book.filter(s.sheet.name, area, pagesWide(width), fmt.Sprintf("$%d:$%d", s.header, s.header))
	if err != nil {
		return err
	}
	return s.book.end(s.sheet)
}

// exact returns a cell with the text as given. Only characters that XML does not allow are replaced.
func (s *correctionSheet) exact(text string, k kind, t tone) (cell, error) {
	if len(text) > maxCell && len(fit(text)) != len(clean(text)) {
		return cell{}, fmt.Errorf(msgLongCell, ErrNoSheet, maxCell)
	}
	return cell{form: formText, text: text, style: s.book.style(look{kind: k, tone: t})}, nil
}

func (s *correctionSheet) readMe() error {
	name := sheetReadMe
	if strings.EqualFold(name, s.sheet.name) {
		name += " first"
	}
	p, err := s.book.page(name, "portrait", []int{readMeWidth})
	if err != nil {
		return err
	}
	lines := []string{
		fmt.Sprintf(msgReadMeRows, filepath.Base(s.Table.File), s.errors, s.waiting, s.warnings),
		fmt.Sprintf(msgReadMeSheet, s.sheet.name), fmt.Sprintf(msgReadMeColumn, ProblemsColumn, s.withoutComment()),
		msgReadMeSave, msgReadMeHeaders,
	}
	p.text(msgReadMe, kindTitle, toneNone)
	p.add(34)
	for i, text := range lines {
		p.text(fmt.Sprintf("%d.  %s", i+1, text), kindProse, toneNone)
		p.add(lineHigh*linesIn(text, readMeWidth) + 8)
	}
	return p.end()
}

func (s *correctionSheet) withoutComment() string {
	if s.uncommented == 0 {
		return ""
	}
	return fmt.Sprintf(msgReadMeWithout, maxComments, s.uncommented)
}
