package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// detected is the table that was found in the file.
type detected struct {
	source    source
	sheet     string
	header    []string
	row       int // of the header
	delimiter string
	notices   []string
}

// layout is what the first pass tells the second: how each column is read, and which rows are records.
type layout struct {
	columns     []column     // as many as the table is wide
	last        int          // row number of the last record
	totals      map[int]bool // rows that sum up others, which are no records
	falseTotals map[int]falseTotal
	description int // column of the description, -1 if it is not known yet
	skipHidden  bool
	strictWidth bool // CSV: a row with another number of cells is refused
}

// falseTotal is a row that says that it sums up others, and does not.
type falseTotal struct{ says, amount string }

// survey reads the whole file and settles how Records reads it.
func (f *File) survey(ctx context.Context, p *Profile) error {
	info, err := f.handle.Stat()
	if err != nil {
		return refuse(codeNotFound, "the file cannot be read", "check it").because(err)
	}
	f.Size, f.ModTime = info.Size(), info.ModTime()
	scan := &bytesScan{}
	if f.SHA256, err = f.hash(ctx, scan); err != nil {
		return err
	}
	index := newHeaderIndex(p)
	t, err := f.detect(scan, p, index)
	if err != nil {
		return err
	}
	f.source, f.Notices = t.source, append(f.Notices, t.notices...)
	if err := f.surveyTable(ctx, t, p, index); err != nil {
		return inSheet(err, t.sheet)
	}
	return f.unchanged()
}

func (f *File) surveyTable(ctx context.Context, t *detected, p *Profile, index *headerIndex) error {
	match := index.match(t.header)
	if err := index.check(t.header, &match, t.row); err != nil {
		return err
	}
	f.prepare(t, &match, p)
	sums, err := f.observe(ctx, t, p)
	if err != nil {
		return err
	}
	if err := f.settle(p); err != nil {
		return err
	}
	if err := f.judge(ctx, t, p, sums); err != nil {
		return err
	}
	if err := f.checkUnread(p, t.row); err != nil {
		return err
	}
	f.describe(p)
	return nil
}

func inSheet(err error, sheet string) error {
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Sheet == "" {
		refusal.Sheet = sheet
	}
	return err
}

// hash is the hex SHA-256 of the file's bytes; scan sees them too.
func (f *File) hash(ctx context.Context, scan *bytesScan) (string, error) {
	sum := sha256.New()
	in := withContext(ctx, io.NewSectionReader(f.handle, 0, f.Size))
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(sum, scan)}, in, make([]byte, readBlock))
	if err != nil {
		return "", refuse(codeNotFound, "the file cannot be read to its end", "copy it to a local disk").because(err)
	}
	scan.finish()
	if n != f.Size {
		return "", changed()
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func changed() error {
	return refuse(codeChanged, "the file changed while it was read", "wait until it is written completely, then start again")
}

// unchanged refuses a file that was written to since the survey began.
func (f *File) unchanged() error {
	now, err := f.handle.Stat()
	if err != nil {
		return refuse(codeChanged, "the file is gone", "put it back and start again").because(err)
	}
	same := f.temporary
	if !same {
		if atPath, err := os.Stat(f.Path); err == nil {
			same = os.SameFile(atPath, now)
		}
	}
	if !same || now.Size() != f.Size || !now.ModTime().Equal(f.ModTime) {
		return changed()
	}
	return nil
}

// prepare lays out the columns under the header.
func (f *File) prepare(t *detected, match *headerMatch, p *Profile) {
	f.layout = layout{strictWidth: t.sheet == "", skipHidden: p.hiddenRows() == hiddenSkip, totals: map[int]bool{}, falseTotals: map[int]falseTotal{}}
	known := match.known()
	for i, h := range match.headings {
		f.layout.columns = append(f.layout.columns, column{heading: h, known: known[i]})
	}
	f.layout.description = f.index(billing.ColDescription)
	f.Tables = []billing.Table{{File: f.Name, Sheet: t.sheet, Header: slices.Clone(t.header), Known: known}}
}

// filter gives the table's rows that can be records.
func (f *File) filter() (*recordFilter, error) {
	in, err := f.source.rows()
	if err != nil {
		return nil, err
	}
	return &recordFilter{in: in, header: f.Tables[0].Header, layout: &f.layout}, nil
}

// observe is the pass over all rows that gathers what the columns tell. It gives the rows that say that they are sums.
func (f *File) observe(ctx context.Context, t *detected, p *Profile) (sums []int, err error) {
	in, err := f.filter()
	if err != nil {
		return nil, err
	}
	footer := footerBuffer{size: p.skipFooter()}
	for {
		r, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if r = footer.push(r); r == nil {
			continue
		}
		if err := f.count(in, r, t.delimiter); err != nil {
			return nil, err
		}
		if f.totalText(r) != "" {
			sums = append(sums, r.number)
		}
	}
	if s, ok := t.source.(*sheetSource); ok {
		s.learn()
	}
	return sums, f.accountRows(in, &footer, t, p)
}

// count counts a record and gathers what its cells tell.
func (f *File) count(in *recordFilter, r *row, delimiter string) error {
	if err := in.checkWidth(r); err != nil {
		return err
	}
	if err := in.checkUnclosedQuote(r, delimiter); err != nil {
		return err
	}
	f.Rows++
	f.counted(f.Rows)
	if f.Rows > maxRows {
		return refuse(codeCSVLimit, fmt.Sprintf("the file has more than %d records", maxRows), "split it")
	}
	f.layout.last = r.number
	for i := len(f.layout.columns); i < len(r.cells); i++ {
		f.layout.columns = append(f.layout.columns, column{}) // a cell beside the headed columns is kept
		f.Tables[0].Header, f.Tables[0].Known = append(f.Tables[0].Header, ""), append(f.Tables[0].Known, 0)
	}
	for i := range r.cells {
		f.layout.columns[i].observe(r.number, &r.cells[i])
	}
	return nil
}

// accountRows tells which rows are no records, and refuses a list without any, or with hidden ones that nobody decided about.
func (f *File) accountRows(in *recordFilter, footer *footerBuffer, t *detected, p *Profile) error {
	if err := in.settleWidths(f.layout.columns, p != nil); err != nil {
		return err
	}
	if n := len(footer.held); n > 0 {
		f.notice("rows at the end were passed over, as the profile %s says (%d)", p.Name, n)
	}
	if in.repeated > 0 {
		f.notice("the header is repeated in row %d and was passed over (%d in all)", in.firstRepeated, in.repeated)
	}
	switch {
	case in.hidden == 0:
	case p.hiddenRows() == "":
		message := fmt.Sprintf("row %d of the list is hidden", in.firstHidden)
		if in.hidden > 1 {
			message = fmt.Sprintf("%d rows of the list are hidden, the first is row %d", in.hidden, in.firstHidden)
		}
		return refuse(codeHidden, message,
			"clear the filter and unhide all rows, or decide in a profile: input: {hidden_rows: skip} or {hidden_rows: read}").at(in.firstHidden, "", "")
	case f.layout.skipHidden:
		f.notice("hidden rows were passed over, as the profile %s says: row %d is the first (%d in all)", p.Name, in.firstHidden, in.hidden)
	default:
		f.notice("hidden rows were read like the others, as the profile %s says: row %d is the first (%d in all)", p.Name, in.firstHidden, in.hidden)
	}
	if f.Rows == 0 {
		return refuse(codeNoRows, "the file has a header and no rows", "export it again").at(t.row, "", "")
	}
	return nil
}

// settle decides marks and date orders column by column.
func (f *File) settle(p *Profile) error {
	for i := range f.layout.columns {
		c := &f.layout.columns[i]
		var err error
		switch {
		case c.ignored:
		case c.numeric():
			err = c.marks.settle(c, p.mark())
		case c.known.Kind() == billing.Day:
			if c.slash, err = c.slashs.settle(c.text, p.dates('/')); err == nil {
				c.dash, err = c.dashs.settle(c.text, p.dates('-'))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ColumnUse tells how a column of the input was understood.
type ColumnUse struct {
	Header string         `json:"header"`
	Column billing.Column `json:"column,omitempty"`
	How    string         `json:"how"`              // why it is that column, or why it is not used
	Sample string         `json:"sample,omitempty"` // the first cell that is not empty, as a reader sees it
	Read   string         `json:"read,omitempty"`   // what it became
}

// describe tells how each column was understood, and what was assumed about its cells.
func (f *File) describe(p *Profile) {
	for i := range f.layout.columns {
		c := &f.layout.columns[i]
		use := ColumnUse{Header: c.text, Column: c.known, How: c.how, Sample: shown(strings.TrimSpace(c.sample.Text()))}
		if use.Header == "" {
			use.Header = columnLetters(i)
		}
		switch {
		case c.ignored:
			use.How = "passed over, as the profile says"
		case c.known == 0 && c.sample.Kind == 0:
			use.How = "empty"
		case c.known == 0:
			use.How = "not used, only copied to the report"
		case c.sample.Kind == 0:
		default:
			r := c.read(&c.sample)
			use.Read = shown(r.value)
			if r.currency != "" {
				use.Read += " " + string(r.currency)
			}
		}
		if c.text != "" || c.sample.Kind != 0 {
			f.Columns = append(f.Columns, use)
		}
		if c.tails > 0 {
			f.notice("column %q: numbers stored with a binary rounding tail, such as 299.00000000000006, were read as a spreadsheet shows them (%d)",
				c.text, c.tails)
		}
		if c.bare > 0 {
			f.notice("column %q: numbers without a date format were read as dates (%d)", c.text, c.bare)
		}
		if c.known == billing.ColDeliveryDate {
			f.notice("column %q decides which VAT rates hold; the provider does not take it, so that it is not on the invoice", c.text)
		}
	}
}

func (f *File) notice(format string, args ...any) {
	f.Notices = append(f.Notices, fmt.Sprintf(format, args...))
}

// absent are the names of columns that the table does not have.
func (f *File) absent() []string {
	var names []string
	for _, c := range billing.Columns() {
		if !slices.ContainsFunc(f.layout.columns, func(have column) bool { return have.known == c }) {
			names = append(names, c.String())
		}
	}
	return names
}

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
	rows, err := source.records()
	if err != nil {
		return nil, err
	}
	first, err := rows.next()
	if err != nil {
		return nil, err
	}
	t := &detected{source: source, row: first.number, delimiter: string(source.delimiter), notices: notices}
	for _, c := range first.cells {
		t.header = append(t.header, c.Value)
	}
	return t, nil
}
