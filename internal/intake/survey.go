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

// survey reads the whole file and settles how Records reads it. Nothing may be billed from a file whose bytes changed
// after the survey began; unchanged makes sure of that.
func (f *File) survey(ctx context.Context, p *Profile) error {
	info, err := f.handle.Stat()
	if err != nil {
		return refuse(codeNotFound, msgUnreadable, hintCheckFile).because(err)
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

// surveyTable is the survey of the table that was detected: header, profile, rows, and what they decide.
func (f *File) surveyTable(ctx context.Context, t *detected, p *Profile) error {
	match := f.headers.match(t.header)
	if err := f.headers.check(t.header, &match, t.row); err != nil {
		return err
	}
	f.prepare(t, &match, p)
	if err := f.compose(ctx, p, t.header); err != nil {
		return err
	}
	l := &f.layout
	l.description, l.reference = l.index(billing.ColDescription), l.index(billing.ColOrderReference)
	l.prices = l.index(billing.ColPrices)
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
	for _, c := range l.all() { // the decimal mark and the date orders of each column
		if err := c.settle(p); err != nil {
			return err
		}
	}
	if !p.orNone().register {
		if err := f.judge(ctx, t, p, sums); err != nil {
			return err
		}
	}
	if f.LeftOut > 0 {
		f.notice(msgLeftOut, countRows(f.LeftOut), p.Name, p.Only)
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
		f.notice(msgIgnoresNothing, p.Name, name)
	}
	return nil
}

// inSheet adds the sheet to a refusal that has none.
func inSheet(err error, sheet string) error {
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Sheet == "" {
		refusal.Sheet = sheet
	}
	return err
}

// scan reads the file's bytes once for their hash and for the evidence of their encoding.
func (f *File) scan(ctx context.Context) (scan *bytesScan, err error) {
	scan = &bytesScan{}
	f.SHA256, err = f.hash(ctx, scan)
	scan.finish()
	return scan, err
}

// hash is the hex SHA-256 of the file's bytes. The writers in also get the same bytes.
func (f *File) hash(ctx context.Context, also ...io.Writer) (string, error) {
	sum := sha256.New()
	in := withContext(ctx, io.NewSectionReader(f.handle, 0, f.Size))
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(append(also, sum)...)}, in, make([]byte, readBlock))
	if err != nil {
		return "", refuse(codeNotFound, msgReadCut, hintLocalDisk).because(err)
	}
	if n != f.Size {
		return "", changed()
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func changed() error { return refuse(codeChanged, msgChanged, hintChanged) }

// unchanged refuses a file that was changed or replaced since the survey began.
func (f *File) unchanged() error {
	now, err := f.handle.Stat()
	if err != nil {
		return refuse(codeChanged, msgGone, hintGone).because(err)
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

// prepare makes the layout of the columns under the header.
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
	for _, n := range p.orNone().needs { // columns that a register needs
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

// filter begins a reading of the rows that can be records. They are read ahead in a goroutine: the caller must call
// the filter's stop.
func (f *File) filter() (*recordFilter, error) {
	in, err := f.source.rows()
	if err != nil {
		return nil, err
	}
	in, stop := readAhead(in)
	return &recordFilter{in: f.derived(in), stop: stop, header: f.Tables[0].Header, layout: &f.layout}, nil
}

// observe is the pass over all rows that gathers the evidence of the columns. It gives the numbers of the rows that
// say that they are totals.
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
	return sums, f.accountRows(in, t, p)
}

// count counts a record and gathers the evidence of its cells.
func (f *File) count(in *recordFilter, r *row, delimiter string) error {
	if err := in.checkWidth(r); err != nil {
		return err
	}
	if err := in.checkUnclosedQuote(r, delimiter); err != nil {
		return err
	}
	f.Rows++
	f.options.Counted(f.Rows)
	if f.Rows > maxRows {
		return refuse(codeCSVLimit, fmt.Sprintf(msgManyRecords, maxRows), hintSplit)
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

// widen adds columns without a header for cells of a row beyond the header.
func (f *File) widen(r *row) {
	for i := len(f.layout.columns); i < len(r.cells); i++ {
		f.layout.columns = append(f.layout.columns, column{})
		f.Tables[0].Header, f.Tables[0].Known = append(f.Tables[0].Header, ""), append(f.Tables[0].Known, 0)
	}
}

// checkRow refuses a list whose rows contradict its header: by a second header, or by prices with VAT under a header
// that says without.
func (f *File) checkRow(r *row, p *Profile) error {
	for i := range min(len(r.cells), len(f.layout.columns)) {
		c, value := &f.layout.columns[i], &r.cells[i]
		if value.Value == "" || !c.numeric() {
			continue
		}
		if value.Kind == xlsx.Text && f.headers.names(value.Value) && f.secondHeader(r) {
			return refuse(codeHeader, fmt.Sprintf(msgSecondHeader, r.number), hintSecondHeader).
				at(r.number, c.text, value.Value)
		}
		if f.layout.prices < 0 || c.unit.vat == 0 {
			continue
		}
		if said := f.pricesOf(r, p); said != c.unit.vat {
			return refuse(codeVAT, fmt.Sprintf(msgRowVAT, c.text, c.unit.vat, r.number, said), hintRowVAT).
				at(r.number, c.text, value.Value)
		}
	}
	return nil
}

// secondHeader reports whether a row is another header: most of its cells, and three at least, are names of columns.
func (f *File) secondHeader(r *row) bool {
	const few = 3
	names, filled := 0, 0
	for i := range r.cells {
		text := strings.TrimSpace(r.cells[i].Value)
		count(&filled, text != "")
		count(&names, text != "" && f.headers.names(text))
	}
	return names >= few && 2*names > filled
}

// pricesOf says whether a row's prices are with VAT. The profile's constant decides, then the row's cell, then prices
// in the profile.
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

// accountRows accounts for the rows that are no records: each kind gets a notice. It refuses a list without records,
// and one with hidden rows that the profile does not decide about.
func (f *File) accountRows(in *recordFilter, t *detected, p *Profile) error {
	if err := in.settleWidths(f.layout.columns, p.namesColumns()); err != nil {
		return err
	}
	if err := f.checkFooter(in.footer); err != nil {
		return err
	}
	f.LeftOut = in.left
	if n := len(in.footer.held); n > 0 {
		f.notice(msgFooterSkipped, p.Name, n)
	}
	if in.repeated > 0 {
		f.notice(msgHeaderRepeated, in.firstRepeated, in.repeated)
	}
	switch {
	case in.hidden == 0:
	case p.hiddenRows() == "":
		message := fmt.Sprintf(msgRowIsHidden, in.firstHidden)
		if in.hidden > 1 {
			message = fmt.Sprintf(msgRowsAreHidden, in.hidden, in.firstHidden)
		}
		return refuse(codeHidden, message, hintHiddenRows).at(in.firstHidden, "", "")
	case f.layout.skipHidden:
		f.notice(msgHiddenSkipped, p.Name, in.firstHidden, in.hidden)
	default:
		f.notice(msgHiddenRead, p.Name, in.firstHidden, in.hidden)
	}
	if f.Rows == 0 && in.left > 0 {
		return refuse(codeNoRows, fmt.Sprintf(msgAllLeftOut, in.left, p.Name, p.Only), hintAllLeftOut)
	}
	if f.Rows == 0 {
		return refuse(codeNoRows, msgNoRows, hintExportAgain).at(t.row, "", "")
	}
	return nil
}

// checkFooter refuses a footer of the profile that has an order or a line: it would silently not be billed.
func (f *File) checkFooter(footer *footerBuffer) error {
	for i := range footer.held {
		r := &footer.held[i]
		ordered := f.layout.reference < 0 || strings.TrimSpace(r.cellAt(f.layout.reference).Value) != ""
		var message string
		switch {
		case r.role == aHead || r.problem.Code == "row.head":
			message = msgFooterHasOrder
		case (r.role == aLine || r.role == leftOut) && ordered && f.layout.complete(r):
			message = msgFooterHasLine
		default:
			continue
		}
		return refuse(codeFooter, fmt.Sprintf(message, r.number), hintFooter).at(r.number, "", r.cells[0].Value)
	}
	return nil
}

// countRows is the beginning of a sentence about rows.
func countRows(n int) string {
	if n == 1 {
		return msgWordOneRowIs
	}
	return fmt.Sprintf(msgWordRowsAre, n)
}
