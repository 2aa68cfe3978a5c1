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

// Names of the sheets in English, which are keys of words.csv; the lists get "Rows 2", "Rows 3" … when one
// sheet is full.
const (
	sheetSummary  = "Summary"
	sheetRows     = "Rows"
	sheetOrders   = "Orders"
	sheetVAT      = "VAT"
	sheetProblems = "Problems"
)

// book is a workbook being written. Rows go to its sheets as they come; all else of the package is excelize's.
type book struct {
	f      *excelize.File
	folder string // for working files
	report *Report
	words  words
	err    error // the first of making a style
	styles map[look]int
	common [kinds][tones][maxDigits + 1]int // of styles those without a currency
	sheets []*sheet                         // all that were begun
	parts  map[string]*sheet                // those that are in the workbook, by part

	summary *Summary // once all is counted
	front   *summarySheet
	// of the columns of sheet Orders, in minor units: no sum overflows before that of the rows does
	orderSums    map[money.Currency][]int64
	vatHead      int                      // row of the header over them
	vatRows      map[money.Currency]*span // on sheet VAT, of this run
	dueRows      map[money.Currency]*span // on sheet Receivables
	orderColumns []orderColumn
	rows         *list
	orders       *list
	leftOut      *list         // nil for none
	postings     *postingsList // nil for none
	problems     *billing.Tape[listedProblem]
	found        *os.File // of problems
}

// newBook begins a workbook whose working files lie in a folder, because they hold personal data.
func newBook(r *Report, folder string) *book {
	return &book{
		f: excelize.NewFile(excelize.Options{TmpDir: folder}), folder: folder, report: r,
		words: wordsOf(r.Language), styles: map[look]int{}, parts: map[string]*sheet{},
		vatRows: map[money.Currency]*span{}, dueRows: map[money.Currency]*span{},
		orderSums: map[money.Currency][]int64{},
	}
}

// maxRowsPerSheet is how many rows a sheet takes beside its header and its foot, which has a row for each currency.
const maxRowsPerSheet = 1_048_300

// A sheet of 4 GiB and more needs a form of ZIP that Excel is strict about, so that a wide list is divided earlier.
const maxSheetBytes = 3 << 30

// full reports whether a sheet takes no further row.
func (b *book) full(s *sheet) bool {
	return s.row > cmp.Or(b.report.rowsPerSheet, maxRowsPerSheet) || s.out.bytes > maxSheetBytes
}

// close lets go of the working files.
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

// beginProblems opens what is found of problems.
func (b *book) beginProblems() {
	var err error
	if b.found, err = os.CreateTemp(b.folder, "problems-*"); err != nil {
		b.rows.err = errors.Join(b.rows.err, err)
	}
	b.problems = billing.NewTape[listedProblem](b.found)
}

// addProblems keeps what was found in a row for the sheet Problems.
func (b *book) addProblems(found []billing.Problem, at place) {
	for _, p := range found {
		if b.rows.err == nil {
			b.rows.err = b.problems.Put(&listedProblem{p, at})
		}
	}
}

// jumpWidth is the width of the column first_row.
const jumpWidth = 16

// write makes all that the rows do not go to as they come, and writes the workbook.
func (b *book) write(ctx context.Context, s *Summary, w io.Writer) error {
	b.summary = s
	if err := cmp.Or(b.rows.err, b.orders.err); err != nil {
		return err
	}
	for _, write := range []func(context.Context) error{
		b.writeSummary, b.rows.lay, b.orders.lay, b.writeVAT, b.writeProblems, b.writeCredits, b.leftOut.lay,
		b.writeLastMonth,
		b.writeReceivables, b.writePostings, b.drawCharts,
	} {
		if err := write(ctx); err != nil {
			return err
		}
	}
	run := &b.report.Run
	return b.save(w, b.words.say("Reconciliation of run %s", run.ID),
		b.words.say("Kravia invoices, %s", run.Environment), run.Finished)
}

// save writes past excelize's own buffer, which would hold the whole compressed file in memory.
func (b *book) save(w io.Writer, title, subject string, made time.Time) error {
	at := made.UTC().Format(time.RFC3339)
	err := errors.Join(b.f.SetAppProps(&excelize.AppProperties{Application: "kravia-batch"}),
		b.f.SetDocProps(&excelize.DocProperties{
			Title: fit(title), Subject: subject, Creator: "kravia-batch", LastModifiedBy: "kravia-batch", Created: at,
			Modified: at,
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

// sheet begins the rows of a sheet.
func (b *book) sheet() (*sheet, error) {
	out, err := newStream(b.folder)
	if err != nil {
		return nil, err
	}
	s := &sheet{out: out}
	b.sheets = append(b.sheets, s)
	return s, nil
}

// place makes the next sheet of the workbook, with columns of these widths.
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

// open begins the next sheet of the workbook.
func (b *book) open(name string, widths []int) (*sheet, error) {
	s, err := b.sheet()
	if err == nil {
		err = b.place(s, name, widths)
	}
	return s, err
}

// end finishes a sheet whose rows are all there.
func (b *book) end(s *sheet) error {
	err := errors.Join(b.err, s.out.end(), b.f.SetSheetDimension(s.name, "A1:"+ref(max(s.columns, 1), max(s.row, 1))))
	for _, l := range s.links {
		err = errors.Join(err,
			b.f.SetCellHyperLink(s.name, l.from, fmt.Sprintf("%s!B%d", quotedSheet(l.to.Sheet), l.to.Row), "Location"))
	}
	return err
}

// ref is a cell's name: ref(3, 7) is C7.
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
