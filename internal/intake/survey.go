package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/xlsx"
)

// detected is the table that was found in the file.
type detected struct {
	source    source
	sheet     string
	header    []string
	row       int // of the header
	delimiter string
	above     []rowAbove
	notices   []string
}

// survey reads the whole file and settles how Records reads it.
func (f *File) survey(ctx context.Context, p *Profile) error {
	info, err := f.handle.Stat()
	if err != nil {
		return refuse(codeNotFound, "the file cannot be read", "check it").because(err)
	}
	f.Size, f.ModTime = info.Size(), info.ModTime()
	scan, err := f.scan(ctx)
	if err != nil {
		return err
	}
	f.headers, f.profile = newHeaderIndex(p), p
	t, err := f.detect(scan, p, f.headers)
	if err != nil {
		return err
	}
	f.source, f.Notices = t.source, append(f.Notices, t.notices...)
	if err := f.surveyTable(ctx, t, p); err != nil {
		return inSheet(err, t.sheet)
	}
	return f.unchanged()
}

func (f *File) surveyTable(ctx context.Context, t *detected, p *Profile) error {
	match := f.headers.match(t.header)
	if err := f.headers.check(t.header, &match, t.row); err != nil {
		return err
	}
	f.prepare(t, &match, p)
	if err := f.compose(ctx, p, t.header); err != nil {
		return err
	}
	f.locate()
	if err := cmp.Or(f.checkVAT(p, t.row), f.checkMinor(p, t.row), f.checkConverted(p, t.row)); err != nil {
		return err
	}
	if err := f.checkAbove(t.above, &match, p); err != nil {
		return err
	}
	sums, err := f.observe(ctx, t, p)
	if err != nil {
		return err
	}
	if err := f.settle(p); err != nil {
		return err
	}
	if !p.orNone().register {
		if err := f.judge(ctx, t, p, sums); err != nil {
			return err
		}
	}
	if f.LeftOut > 0 {
		f.notice("%s left out, as the profile %s says: only: %s", countRows(f.LeftOut), p.Name, p.Only)
	}
	if p.orNone().register {
		f.describe()
		return nil
	}
	if err := f.checkUnread(p, t.row); err != nil {
		return err
	}
	f.describe()
	for _, name := range p.ignoresNothing(t.header) {
		f.notice("the profile %s ignores the column %q, which is not there", p.Name, name)
	}
	return nil
}

func inSheet(err error, sheet string) error {
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Sheet == "" {
		refusal.Sheet = sheet
	}
	return err
}

// scan reads the file for what its bytes tell, and notes their hash.
func (f *File) scan(ctx context.Context) (scan *bytesScan, err error) {
	scan = &bytesScan{}
	f.SHA256, err = f.hash(ctx, scan)
	scan.finish()
	return scan, err
}

// hash is the hex SHA-256 of the file's bytes; also sees them too.
func (f *File) hash(ctx context.Context, also ...io.Writer) (string, error) {
	sum := sha256.New()
	in := withContext(ctx, io.NewSectionReader(f.handle, 0, f.Size))
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(append(also, sum)...)}, in, make([]byte, readBlock))
	if err != nil {
		return "", refuse(codeNotFound, "the file cannot be read to its end", "copy it to a local disk").because(err)
	}
	if n != f.Size {
		return "", changed()
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func changed() error {
	return refuse(codeChanged, "the file changed while it was read",
		"wait until it is written completely, then start again")
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
	f.layout = layout{
		strictWidth: t.sheet == "", comma: t.sheet == "" && t.delimiter == ",",
		skipHidden: p.hiddenRows() == hiddenSkip, totals: map[int]bool{}, falseTotals: map[int]falseTotal{},
		hidden: map[string]int{},
	}
	known := match.known()
	for i, h := range match.headings {
		f.layout.columns = append(f.layout.columns, column{heading: h, known: known[i], values: p.valuesOf(known[i])})
	}
	for _, n := range p.orNone().needs { // of a register
		if at, err := n.find(t.header); err == nil {
			c := &f.layout.columns[at]
			if c.use(n.what); stronger(n.kind, c.as) {
				c.as = n.kind
			}
		}
	}
	f.layout.given = t.row == 0
	f.Tables = []billing.Table{{File: f.Name, Sheet: t.sheet, Header: slices.Clone(t.header), Known: known}}
}

// locate finds the columns that decide what a row is.
func (f *File) locate() {
	l := &f.layout
	l.description, l.reference, l.prices = l.index(billing.ColDescription), l.index(billing.ColOrderReference),
		l.index(billing.ColPrices)
}

// filter gives the table's rows that can be records, which are read ahead. Its stop must be called.
func (f *File) filter() (*recordFilter, error) {
	in, err := f.source.rows()
	if err != nil {
		return nil, err
	}
	in, stop := readAhead(in)
	return &recordFilter{in: f.derived(in), stop: stop, header: f.Tables[0].Header, layout: &f.layout}, nil
}

// observe is the pass over all rows that gathers what the columns tell. It gives the rows that say that they are sums.
func (f *File) observe(ctx context.Context, t *detected, p *Profile) (sums []int, err error) {
	in, err := f.filter()
	if err != nil {
		return nil, err
	}
	defer in.stop()
	if made, ok := in.in.(*madeRows); ok {
		made.surveying = true
	}
	in.footer = &footerBuffer{size: p.skipFooter()}
	in.leftOut = func(r *row) error {
		f.widen(r)
		return nil
	}
	err = each(ctx, in, func(r *row) error {
		if err := f.count(in, r, t.delimiter); err != nil {
			return err
		}
		if says, _ := f.layout.totalText(r); says != "" && !p.orNone().register {
			sums = append(sums, r.number)
		}
		return f.checkRow(r, p)
	})
	if err != nil {
		return nil, err
	}
	if s, ok := t.source.(*sheetSource); ok {
		s.learn()
	}
	return sums, f.accountRows(in, in.footer, t, p)
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
	f.widen(r)
	for i := range r.cells {
		f.layout.columns[i].observe(r.number, &r.cells[i])
	}
	for i := range r.made {
		if r.made[i].problem.Code == "" {
			f.layout.made[i].observe(r.number, &r.made[i].cell)
		}
	}
	return nil
}

// widen keeps cells beside the headed columns.
func (f *File) widen(r *row) {
	for i := len(f.layout.columns); i < len(r.cells); i++ {
		f.layout.columns = append(f.layout.columns, column{})
		f.Tables[0].Header, f.Tables[0].Known = append(f.Tables[0].Header, ""), append(f.Tables[0].Known, 0)
	}
}

// checkRow refuses a list that changes below its header: a second header, or prices with VAT under a header
// that says without.
func (f *File) checkRow(r *row, p *Profile) error {
	for i := range min(len(r.cells), len(f.layout.columns)) {
		c, value := &f.layout.columns[i], &r.cells[i]
		if value.Value == "" || !c.numeric() {
			continue
		}
		if value.Kind == xlsx.Text && f.headers.names(value.Value) && f.secondHeader(r) {
			return refuse(codeHeader,
				fmt.Sprintf("row %d is a second header, so that the rows below it may be another list", r.number),
				"put each list into a file of its own, or remove the row if the columns are the same").at(r.number,
				c.text, value.Value)
		}
		if f.layout.prices < 0 || c.unit.vat == 0 {
			continue
		}
		if said := f.pricesOf(r, p); said != c.unit.vat {
			return refuse(codeVAT,
				fmt.Sprintf("the header %q says %s, but row %d has prices %s", c.text, c.unit.vat, r.number, said),
				"correct the column prices, or name the amounts without such a word").at(r.number, c.text, value.Value)
		}
	}
	return nil
}

// secondHeader reports whether the cells of a row are names of columns.
func (f *File) secondHeader(r *row) bool {
	const few = 3
	names, filled := 0, 0
	for i := range r.cells {
		if text := strings.TrimSpace(r.cells[i].Value); text != "" {
			filled++
			if f.headers.names(text) {
				names++
			}
		}
	}
	return names >= few && 2*names > filled
}

// pricesOf is whether a row's prices are with VAT, by the profile's constant, the row's cell, or else the profile.
func (f *File) pricesOf(r *row, p *Profile) vatWord {
	cell := ""
	if f.layout.prices >= 0 {
		cell = strings.TrimSpace(f.layout.read(r, f.layout.prices).value)
	}
	switch strings.ToLower(cmp.Or(p.constants()[billing.ColPrices], cell)) {
	case "incl":
		return withVAT
	case "excl":
		return withoutVAT
	}
	if p.exclVAT() {
		return withoutVAT
	}
	return withVAT
}

// accountRows tells which rows are no records, and refuses a list without any, or with hidden ones that
// nobody decided about.
func (f *File) accountRows(in *recordFilter, footer *footerBuffer, t *detected, p *Profile) error {
	if err := in.settleWidths(f.layout.columns, p.namesColumns()); err != nil {
		return err
	}
	for i := range footer.held {
		r := &footer.held[i]
		if r.role == aHead || r.problem.Code == "row.head" {
			return refuse(codeFooter,
				fmt.Sprintf("skip_footer of the profile would pass over row %d, which carries an order", r.number),
				"correct skip_footer in the profile").at(r.number, "", r.cells[0].Value)
		}
		ordered := f.layout.reference < 0 || strings.TrimSpace(r.cellAt(f.layout.reference).Value) != ""
		if (r.role == aLine || r.role == leftOut) && ordered && f.layout.complete(r) {
			return refuse(codeFooter,
				fmt.Sprintf("skip_footer of the profile would pass over row %d, which has all that a line has",
					r.number),
				"correct skip_footer in the profile").at(r.number, "", r.cells[0].Value)
		}
	}
	f.LeftOut = in.left
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
		f.notice("hidden rows were passed over, as the profile %s says: row %d is the first (%d in all)", p.Name,
			in.firstHidden, in.hidden)
	default:
		f.notice("hidden rows were read like the others, as the profile %s says: row %d is the first (%d in all)",
			p.Name, in.firstHidden, in.hidden)
	}
	if f.Rows == 0 && in.left > 0 {
		return refuse(codeNoRows,
			fmt.Sprintf("all rows are left out (%d), as the profile %s says: only: %s", in.left, p.Name, p.Only),
			"correct the line only: in the profile; words are compared letter by letter")
	}
	if f.Rows == 0 {
		return refuse(codeNoRows, "the file has a header and no rows", "export it again").at(t.row, "", "")
	}
	return nil
}

func countRows(n int) string {
	if n == 1 {
		return "1 row is"
	}
	return fmt.Sprintf("%d rows are", n)
}

// settle decides marks and date orders column by column.
func (f *File) settle(p *Profile) error {
	for _, c := range f.layout.all() {
		if err := c.settle(p); err != nil {
			return err
		}
	}
	return nil
}
