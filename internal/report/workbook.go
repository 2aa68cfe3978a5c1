package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// English names of the sheets, which are keys of words.csv. A list goes on in "Rows 2", "Rows 3" … when a sheet is
// full.
const (
	sheetSummary  = "Summary"
	sheetRows     = "Rows"
	sheetOrders   = "Orders"
	sheetVAT      = "VAT"
	sheetProblems = "Problems"
)

// book is a workbook being written. Rows go to the sheets as they come, past excelize; everything else of the file is
// excelize's.
type book struct {
	f      *excelize.File
	folder string // for working files
	report *Report
	words  words
	err    error // the first error of making a style
	styles map[look]int
	common [kinds][tones][maxDigits + 1]int // the styles without a currency again: a map would cost time for each cell
	sheets []*sheet                         // all sheets that were begun
	parts  map[string]*sheet                // the sheets that have a place in the workbook, by part of the archive

	summary *Summary // set when everything is counted
	front   *summarySheet
	// sums of the columns of sheet Orders, in minor units; the sum of the rows would overflow first, and is checked
	orderSums    map[money.Currency][]int64
	vatHead      int                      // row of the header over vatRows
	vatRows      map[money.Currency]*span // rows of this run on sheet VAT
	dueRows      map[money.Currency]*span // rows of due weeks on sheet Receivables
	orderColumns []orderColumn
	rows         *list
	orders       *list
	leftOut      *list         // nil for none
	postings     *postingsList // nil for none
	problems     *billing.Tape[listedProblem]
	found        *os.File // the working file of problems
}

// newBook begins a workbook. Its working files hold personal data, so they lie in the given private folder.
func newBook(r *Report, folder string) *book {
	return &book{
		f: excelize.NewFile(excelize.Options{TmpDir: folder}), folder: folder, report: r,
		words: wordsOf(r.Language), styles: map[look]int{}, parts: map[string]*sheet{},
		vatRows: map[money.Currency]*span{}, dueRows: map[money.Currency]*span{},
		orderSums: map[money.Currency][]int64{},
	}
}

// maxRowsPerSheet is the number of rows of a sheet without its header and its foot, which has a row a currency. Excel
// takes 1,048,576 in all.
const maxRowsPerSheet = 1_048_300

// maxSheetBytes ends a sheet with wide rows early: at 4 GiB a ZIP needs another form, about which Excel is strict.
const maxSheetBytes = 3 << 30

// full reports whether the next row must go to another sheet.
func (b *book) full(s *sheet) bool {
	return s.row > cmp.Or(b.report.rowsPerSheet, maxRowsPerSheet) || s.out.bytes > maxSheetBytes
}

func (b *book) close() error {
	err := b.f.Close()
	if b.found != nil {
		err = errors.Join(err, b.found.Close())
	}
	for _, s := range b.sheets {
		err = errors.Join(err, s.out.close())
	}
	return err
}

// beginProblems opens the working file of the problems, which are listed only after all rows.
func (b *book) beginProblems() {
	var err error
	if b.found, err = os.CreateTemp(b.folder, "problems-*"); err != nil {
		b.rows.err = errors.Join(b.rows.err, err)
	}
	b.problems = billing.NewTape[listedProblem](b.found)
}

// addProblems keeps the problems of a row for the sheet Problems.
func (b *book) addProblems(found []billing.Problem, at place) {
	for _, p := range found {
		if b.rows.err == nil {
			b.rows.err = b.problems.Put(&listedProblem{p, at})
		}
	}
}

// jumpWidth is the width of the column first_row.
const jumpWidth = 16

// write writes the sheets that need the counted summary, in the sequence of the workbook, and then the workbook to w.
func (b *book) write(ctx context.Context, s *Summary, w io.Writer) error {
	b.summary = s
	if err := cmp.Or(b.rows.err, b.orders.err); err != nil {
		return err
	}
	for _, write := range []func(context.Context) error{
		b.writeSummary, b.rows.lay, b.orders.lay, b.writeVAT, b.writeProblems, b.writeCredits, b.leftOut.lay,
		b.writeLastMonth, b.writeReceivables, b.writePostings, b.drawCharts,
	} {
		if err := write(ctx); err != nil {
			return err
		}
	}
	run := &b.report.Run
	return b.save(w, b.words.say("Reconciliation of run %s", run.ID),
		b.words.say("Kravia invoices, %s", run.Environment), run.Finished)
}

// save writes the workbook to w. It goes past excelize's own buffer, which would hold the compressed file in memory.
func (b *book) save(w io.Writer, title, subject string, made time.Time) error {
	at := made.UTC().Format(time.RFC3339)
	err := errors.Join(b.f.SetAppProps(&excelize.AppProperties{Application: "kravia-batch"}),
		b.f.SetDocProps(&excelize.DocProperties{
			Title: fit(title), Subject: subject, Creator: "kravia-batch", LastModifiedBy: "kravia-batch",
			Created: at, Modified: at,
		}))
	if err != nil {
		return err
	}
	b.f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return newPacker(w, b.parts) })
	if _, err := b.f.WriteToBuffer(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// sheet begins the rows of a sheet that has no place in the workbook yet.
func (b *book) sheet() (*sheet, error) {
	out, err := newStream(b.folder)
	if err != nil {
		return nil, err
	}
	s := &sheet{out: out}
	b.sheets = append(b.sheets, s)
	return s, nil
}

// place makes a sheet the next one of the workbook, with columns of these widths in characters.
func (b *book) place(s *sheet, name string, widths []int) (err error) {
	s.name = name
	if len(b.parts) == 0 {
		err = b.f.SetSheetName("Sheet1", name)
	} else {
		_, err = b.f.NewSheet(name)
	}
	b.parts["xl/worksheets/sheet"+strconv.Itoa(len(b.parts)+1)+".xml"] = s
	for i, width := range widths {
		err = errors.Join(err, b.f.SetColWidth(name, colName(i+1), colName(i+1), float64(width)))
	}
	return err
}

// open begins a sheet and makes it the next one of the workbook.
func (b *book) open(name string, widths []int) (*sheet, error) {
	s, err := b.sheet()
	if err == nil {
		err = b.place(s, name, widths)
	}
	return s, err
}

// end finishes a sheet after its last row.
func (b *book) end(s *sheet) error {
	err := errors.Join(b.err, s.out.end(), b.f.SetSheetDimension(s.name, "A1:"+ref(max(s.columns, 1), max(s.row, 1))))
	for _, l := range s.links {
		err = errors.Join(err,
			b.f.SetCellHyperLink(s.name, l.from, fmt.Sprintf("%s!B%d", quotedSheet(l.to.Sheet), l.to.Row), "Location"))
	}
	return err
}

// ref returns the name of a cell: ref(3, 7) is C7.
func ref(col, row int) string { return colName(col) + strconv.Itoa(row) }

func colName(col int) string {
	if col <= 'Z'-'A'+1 {
		const names = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		return names[col-1 : col]
	}
	name := ""
	for ; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return name
}
