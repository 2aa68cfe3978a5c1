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
	"kraviabatch/internal/money"
)

// found is the table that detection settled on.
type found struct {
	source    source
	sheet     string
	header    []string
	row       int // of the header
	delimiter string
	epoch     epoch
	notices   []string
}

// survey reads the whole file once and settles how the second pass reads it.
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
	names := newNames(p)
	t, err := f.detect(scan, p, names)
	if err != nil {
		return err
	}
	f.source, f.Notices = t.source, append(f.Notices, t.notices...)
	match := names.match(t.header)
	if err := names.check(t.header, match, t.row); err != nil {
		return inSheet(err, t.sheet)
	}
	f.prepare(t, match)
	if err := f.observe(ctx, t, p); err != nil {
		return inSheet(err, t.sheet)
	}
	if err := f.settle(p); err != nil {
		return inSheet(err, t.sheet)
	}
	f.tell(p)
	return f.unchanged()
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

// detect tells by its first bytes what kind of file it is.
func (f *File) detect(scan *bytesScan, p *Profile, names *names) (*found, error) {
	head := make([]byte, 8)
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
		return f.detectWorkbook(p, names)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, f.compound()
	case workbook:
		return nil, refuse(codeDamaged, "the file is no workbook: it does not begin as one",
			"open it in a spreadsheet and save it as XLSX, or name it .csv if it is text")
	}
	source, notices, err := detectDialect(f.handle, scan, p, names)
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
	t := &found{source: source, row: first.number, delimiter: string(source.delimiter), notices: notices, epoch: epoch1900}
	for _, c := range first.cells {
		t.header = append(t.header, c.text)
	}
	return t, nil
}

// prepare lays out the columns under the header.
func (f *File) prepare(t *found, match headerMatch) {
	byName := map[string]billing.Column{}
	for _, c := range billing.Columns() {
		byName[c.Name] = c
	}
	f.plan = plan{epoch: t.epoch, oddWidth: t.sheet == ""}
	torn := true
	if s, ok := t.source.(*csvSource); ok {
		torn = s.torn
	}
	for i, h := range t.header {
		f.plan.columns = append(f.plan.columns, column{header: h, known: byName[match.known[i]], torn: torn})
	}
	f.Tables = []billing.Table{{File: f.Name, Sheet: t.sheet, Header: slices.Clone(t.header), Known: match.known}}
}

// observe is the pass over all rows that gathers what the columns tell.
func (f *File) observe(ctx context.Context, t *found, p *Profile) error {
	in, err := t.source.rows()
	if err != nil {
		return err
	}
	fr := &frame{in: in, header: t.header, odd: f.plan.oddWidth}
	held := tail{size: p.skipFooter() + 1}
	for {
		r, err := fr.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if out := held.push(r); out != nil {
			if err := f.take(fr, out, t.delimiter); err != nil {
				return err
			}
		}
	}
	if s, ok := t.source.(*sheetSource); ok {
		f.Notices = append(f.Notices, s.learned()...)
	}
	if fr.repeated > 0 {
		f.notice("the header stands again in row %d and was passed over (%d in all)", fr.firstRep, fr.repeated)
	}
	return f.takeLast(fr, held.held, t, p)
}

// take counts a record and gathers what its cells tell.
func (f *File) take(fr *frame, r *row, delimiter string) error {
	if err := fr.checkWidth(r); err != nil {
		return err
	}
	if err := fr.swallowed(r, delimiter); err != nil {
		return err
	}
	f.Rows++
	f.counted(f.Rows)
	if f.Rows > maxRows {
		return refuse(codeCSVLimit, fmt.Sprintf("the file has more than %d records", maxRows), "split it")
	}
	f.plan.last = r.number
	for i := len(f.plan.columns); i < len(r.cells); i++ {
		f.plan.columns = append(f.plan.columns, column{}) // XLSX: a cell beside the headed columns is kept
		f.Tables[0].Header, f.Tables[0].Known = append(f.Tables[0].Header, ""), append(f.Tables[0].Known, "")
	}
	for i := range r.cells {
		f.plan.columns[i].observe(r.number, &r.cells[i])
	}
	return nil
}

// takeLast decides about the rows at the end: the footer that the profile declares is left out, and
// so is a totals row if it is certain to be one.
func (f *File) takeLast(fr *frame, held []row, t *found, p *Profile) error {
	footer := min(p.skipFooter(), len(held))
	if footer > 0 {
		f.notice("rows at the end were passed over, as the profile %s says (%d)", p.Name, footer)
	}
	held = held[:len(held)-footer]
	for i := range held {
		total := false
		if i == len(held)-1 && f.Rows > 0 && footer == 0 {
			var err error
			if total, err = f.isTotal(&held[i], t, p); err != nil {
				return err
			}
		}
		if total {
			f.notice("row %d is a totals row and was passed over", held[i].number)
			continue
		}
		if err := f.take(fr, &held[i], t.delimiter); err != nil {
			return err
		}
	}
	if f.Rows == 0 {
		return refuse(codeNoRows, "there is a header but no record under it", "export it again with its lines").at(t.row, "", "")
	}
	return nil
}

// isTotal reports whether the last row sums up the others: its amount is their sum, or it has a word
// for total and no amount. In doubt it is a record, and its missing cells will be reported.
func (f *File) isTotal(last *row, t *found, p *Profile) (bool, error) {
	shape, word := totalsShape(last, f.plan.columns)
	if !shape {
		return false, nil
	}
	at := slices.IndexFunc(f.plan.columns, func(c column) bool { return c.known.Name == billing.ColAmount })
	if at < 0 || at >= len(last.cells) || strings.TrimSpace(last.cells[at].text) == "" {
		return word, nil
	}
	c := f.plan.columns[at]
	c.observe(last.number, &last.cells[at])
	if err := c.marks.settle(&c, p.mark()); err != nil {
		return false, err
	}
	total, ok := c.decimal(&last.cells[at])
	if !ok {
		return false, nil
	}
	in, err := t.source.rows()
	if err != nil {
		return false, err
	}
	fr := &frame{in: in, header: t.header}
	var sum money.Sum
	for {
		r, err := fr.next()
		if errors.Is(err, io.EOF) || err == nil && r.number >= last.number {
			return sum.Cmp(total) == 0, nil
		}
		if err != nil {
			return false, err
		}
		if at >= len(r.cells) || strings.TrimSpace(r.cells[at].text) == "" {
			continue
		}
		d, ok := c.decimal(&r.cells[at])
		if !ok {
			return false, nil
		}
		sum.Add(d)
	}
}

// settle decides marks and date orders column by column.
func (f *File) settle(p *Profile) error {
	for i := range f.plan.columns {
		c := &f.plan.columns[i]
		var err error
		switch c.known.Kind {
		case billing.Number, billing.Percent:
			err = c.marks.settle(c, p.mark())
		case billing.Day:
			if c.slash, err = c.slashs.settle(c.header, p.dates('/'), 0); err == nil {
				c.dash, err = c.dashs.settle(c.header, p.dates('-'), dayFirst)
			}
		case billing.Text, billing.Identifier:
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tell adds what was assumed column by column.
func (f *File) tell(p *Profile) {
	var own []string
	for _, c := range f.plan.columns {
		if c.known.Name == "" && strings.TrimSpace(c.header) != "" {
			own = append(own, c.header)
		}
		if c.tails > 0 {
			f.notice("column %q: numbers stored with a binary rounding tail, such as 299.00000000000006, were read as a spreadsheet shows them (%d)",
				c.header, c.tails)
		}
		if c.bare > 0 {
			f.notice("column %q: numbers without a date format were read as dates (%d)", c.header, c.bare)
		}
	}
	if p != nil && len(own) > 0 {
		f.notice("columns that neither the profile %s nor a known name explains are only passed on to the report: %s", p.Name, quoted(own))
	}
}

func (f *File) notice(format string, args ...any) {
	f.Notices = append(f.Notices, fmt.Sprintf(format, args...))
}
