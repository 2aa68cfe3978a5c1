package report

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/atomicfile"
)

// Names of the sheets; the lists get "Rows 2", "Rows 3" … when one sheet is full.
const (
	sheetSummary  = "Summary"
	sheetRows     = "Rows"
	sheetOrders   = "Orders"
	sheetVAT      = "VAT"
	sheetProblems = "Problems"
)

// maxRowsPerSheet is how many rows a sheet takes beside its header.
const maxRowsPerSheet = 1_048_575

// A sheet of 4 GiB and more needs a form of ZIP that Excel is strict about, so that a wide list is divided earlier.
const (
	maxSheetBytes = 3 << 30
	cellBytes     = 70 // of a cell beside its text
)

// compression is a third faster than the default and hardly bigger.
const compression = 5

// bookOptions are where the workbook's temporary files go and when a list goes on in another sheet.
type bookOptions struct {
	tempParent   string
	rowsPerSheet int
}

// bookOptions are those of a workbook in a folder.
func (s *Summary) bookOptions(dir string) bookOptions {
	most := rowsFor(s.Rows.Total(), s.shape.rowBytes)
	if s.LeftOut != nil {
		most = min(most, rowsFor(s.LeftOut.Rows, s.shape.leftOut.bytes))
	}
	return bookOptions{dir, most}
}

// rowsFor is how many rows a sheet may have when rows of them have so many bytes in all.
func rowsFor(rows int, bytes int64) int {
	if bytes <= maxSheetBytes {
		return maxRowsPerSheet
	}
	return min(int(int64(rows)*maxSheetBytes/bytes), maxRowsPerSheet)
}

// book is a workbook being written.
type book struct {
	bookOptions
	f        *excelize.File
	report   *Report
	summary  *Summary
	styles   map[look]int
	rows     []string // sheet names
	orders   []string
	problems []string
}

// writeWorkbook writes the workbook to w. Streamed sheets lie in a private folder meanwhile, because they hold
// personal data; it is beside the report, because the usual place for temporary files is often memory.
func writeWorkbook(ctx context.Context, r *Report, s *Summary, w io.Writer, o bookOptions) (err error) {
	private, remove, err := atomicfile.PrivateFolder(o.tempParent)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	f := excelize.NewFile(excelize.Options{TmpDir: private})
	defer func() { err = errors.Join(err, f.Close()) }()
	b := &book{bookOptions: o, f: f, report: r, summary: s, styles: make(map[look]int)}
	if err := b.prepare(); err != nil {
		return fmt.Errorf("prepare workbook: %w", err)
	}
	for _, write := range []func(context.Context) error{
		b.writeRows, b.writeOrders, b.writeVAT, b.writeProblems, b.writeCredits, b.writeLeftOut, b.writeLastMonth, b.writeSummary,
	} {
		if err := write(ctx); err != nil {
			return err
		}
	}
	return b.save(w)
}

// prepare makes all sheets in their order, and the document's properties.
func (b *book) prepare() error {
	if err := b.f.SetSheetName("Sheet1", sheetSummary); err != nil {
		return err
	}
	b.rows = b.pageNames(sheetRows, b.summary.Rows.Total())
	b.orders = b.pageNames(sheetOrders, b.listedOrders())
	b.problems = b.pageNames(sheetProblems, b.summary.ProblemsTotal)
	names := append(append([]string{}, b.rows...), b.orders...)
	for _, name := range slices.Concat(names, []string{sheetVAT}, b.problems, b.creditSheets(), b.leftOutSheets(), b.lastMonthSheets()) {
		if _, err := b.f.NewSheet(name); err != nil {
			return err
		}
	}
	run := &b.report.Run
	if err := b.f.SetAppProps(&excelize.AppProperties{Application: "kravia-batch"}); err != nil {
		return err
	}
	return b.f.SetDocProps(&excelize.DocProperties{
		Title:   "Reconciliation " + fit(run.ID),
		Subject: "Kravia invoices, " + string(run.Environment),
		Creator: "kravia-batch", LastModifiedBy: "kravia-batch",
		Created: run.Finished.UTC().Format(time.RFC3339), Modified: run.Finished.UTC().Format(time.RFC3339),
	})
}

// listedOrders is how many orders Report.Orders gives.
func (b *book) listedOrders() int { return b.summary.Orders.Total() - b.report.Control.InvalidOrders }

func (b *book) pageNames(name string, lines int) []string {
	names := []string{name}
	for n := 2; (n-1)*b.rowsPerSheet < lines; n++ {
		names = append(names, name+" "+strconv.Itoa(n))
	}
	return names
}

// save writes past excelize's own buffer, which would hold the whole compressed file in memory.
func (b *book) save(w io.Writer) error {
	b.f.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		z := zip.NewWriter(w)
		z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
			return flate.NewWriter(out, compression)
		})
		return z
	})
	if _, err := b.f.WriteToBuffer(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// sheet is one streamed sheet.
type sheet struct {
	name string
	w    *excelize.StreamWriter
	row  int // the last one written
}

func (b *book) open(name string, widths []int) (*sheet, error) {
	w, err := b.f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, width := range widths {
		if err := w.SetColWidth(i+1, i+1, float64(width)); err != nil {
			return nil, err
		}
	}
	return &sheet{name: name, w: w}, nil
}

// add writes the next row.
func (s *sheet) add(cells []any, opts ...excelize.RowOpts) error {
	s.row++
	return s.w.SetRow("A"+strconv.Itoa(s.row), cells, opts...)
}

// ref is a cell's name: ref(3, 7) is C7.
func ref(col, row int) string { return colName(col) + strconv.Itoa(row) }

func colName(col int) string {
	name := ""
	for ; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return name
}
