package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kraviabatch/internal/atomicfile"
	"kraviabatch/internal/billing"
)

// Format is one form of the report.
type Format uint8

// The formats.
const (
	XLSX Format = iota + 1
	CSV
	ExcelCSV      // CSV for spreadsheets that are set to a Nordic language; replaces CSV
	Postings      // CSV for a ledger
	ExcelPostings // Postings in the form of ExcelCSV; replaces Postings
	SIE           // SIE of type 4I for a ledger
	JSON
)

// formats are the names of the formats, by format.
func formats() []string {
	return []string{
		XLSX: "xlsx", CSV: "csv", ExcelCSV: "csv", Postings: "postings", ExcelPostings: "postings",
		SIE: "sie", JSON: "json",
	}
}

func (f Format) ending() string {
	switch f {
	case Postings, ExcelPostings:
		return "_postings.csv"
	case SIE:
		return ".si"
	case XLSX, CSV, ExcelCSV, JSON:
	}
	return "." + f.String()
}

// ForLedger reports whether the format holds postings.
func (f Format) ForLedger() bool { return f == Postings || f == ExcelPostings || f == SIE }

// String returns the format's name.
func (f Format) String() string {
	if names := formats(); f > 0 && int(f) < len(names) {
		return names[f]
	}
	return fmt.Sprintf("format(%d)", uint8(f))
}

// ParseFormat returns the format of a name; "csv" is CSV and "postings" is Postings.
func ParseFormat(text string) (Format, error) {
	if i := slices.Index(formats(), text); i > 0 {
		return Format(i), nil //nolint:gosec // G115: a place in the list
	}
	return 0, fmt.Errorf(msgFormat, text, strings.Join(slices.Compact(formats()[1:]), ", "))
}

// Write counts a report and writes it into dir in each format, one file for each name of a format, JSON last. exit
// returns the exit code that the report shows, from the summary and the imbalance. The summary's Reports are the paths
// of the files; the JSON file lists those written before it.
//
// A report that does not balance is written too and shows what differs, but without postings; the error is then an
// [*ImbalanceError]. When one format fails the others are still written, and the error names every one that failed.
// When the report cannot be read there is neither a file nor a summary.
func Write(
	ctx context.Context, r *Report, dir string, formats []Format, exit func(*Summary, error) int,
) (s *Summary, err error) {
	formats = slices.CompactFunc(slices.Sorted(slices.Values(formats)), func(a, b Format) bool {
		return a.String() == b.String()
	})
	m, err := begin(r, dir, formats)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.read(ctx); err != nil {
		return nil, err
	}
	s, err = m.finish()
	if s != nil {
		if s.Unposted = m.posted.unposted(); len(s.Unposted) > 0 {
			r.Run.Notices = append(r.Run.Notices, fmt.Sprintf(msgUnposted, strings.Join(s.Unposted, "; ")))
			s.run.Notices = r.Run.Notices
		}
		s.ExitCode = exit(s, err)
		err = errors.Join(err, m.publish(ctx, dir, fileName(&r.Run), formats))
	}
	return s, err
}

// making is a report while it is read and written.
type making struct {
	*counter
	book   *book      // nil without a workbook
	csv    *csvReport // nil without a CSV file
	posted *postings  // nil without accounts
	// for working files: private, and beside the report because the usual place is often in memory
	folder string
	remove func() error // removes the folder
	err    error        // there is no place for working files; the report is still counted
}

// begin opens the counter and the working files. close must follow.
func begin(r *Report, dir string, formats []Format) (*making, error) {
	c, err := newCounter(r)
	if err != nil {
		return nil, err
	}
	m := &making{counter: c, remove: func() error { return nil }}
	if len(formats) > 0 {
		atomicfile.Sweep(dir)
	}
	if slices.ContainsFunc(formats, func(f Format) bool { return f != JSON }) {
		m.err = m.open(dir, formats)
	}
	return m, nil
}

func (m *making) open(dir string, formats []Format) error {
	folder, remove, err := atomicfile.PrivateFolder(dir)
	if err != nil {
		return err
	}
	m.folder, m.remove = folder, remove
	for _, format := range formats {
		switch format {
		case XLSX:
			m.book = newBook(m.report, folder)
			m.book.begin(&m.shape)
		case CSV, ExcelCSV:
			m.csv = newCSV(&m.shape, folder, dialectOf(format))
		case Postings, ExcelPostings, SIE, JSON:
		}
	}
	if m.report.Accounts == nil {
		return nil
	}
	m.posted, err = m.openPostings(formats)
	return err
}

// openPostings opens the files and the sheet of the vouchers.
func (m *making) openPostings(formats []Format) (p *postings, err error) {
	p = &postings{
		accounts: m.report.Accounts, prefix: rehearsed(&m.report.Run), from: m.report.PostingsFrom, shape: &m.shape,
		columns: postingColumns(m.shape.words),
	}
	var columns []column
	var titles []string
	for _, c := range p.columns {
		columns, titles = append(columns, column{c.name, c.kind}), append(titles, c.title)
	}
	if m.book != nil {
		m.book.postings = &postingsList{list: m.book.listUnder(titles, sheetPostings, columns, nil)}
		p.list = m.book.postings
		p.list.titles = "$A:$C"
	}
	for _, format := range formats {
		switch format {
		case Postings, ExcelPostings:
			p.csv = newCSVFile(m.folder, "postings", dialectOf(format), columns)
			err = errors.Join(err, p.csv.err)
		case SIE:
			p.sie = &sieFile{spool: newSpool(m.folder, "sie"), centers: map[string]bool{}}
			err = errors.Join(err, p.sie.err)
		case XLSX, CSV, ExcelCSV, JSON:
		}
	}
	return p, err
}

func (m *making) close() (err error) {
	if m.book != nil {
		err = m.book.close()
	}
	if m.csv != nil {
		err = errors.Join(err, m.csv.close())
	}
	if m.posted != nil && m.posted.csv != nil {
		err = errors.Join(err, m.posted.csv.close())
	}
	if m.posted != nil && m.posted.sie != nil {
		err = errors.Join(err, m.posted.sie.close())
	}
	return errors.Join(err, m.remove())
}

// read reads the report once, and gives every row and order to the counter and to the files.
func (m *making) read(ctx context.Context) error {
	var own []string
	err := join(m.report, m.folder, maxHeld, func(row *Row) (err error) {
		if err := ctx.Err(); err != nil {
			return err
		}
		own, err = m.add(row, own)
		return err
	}, func(order *Order) error {
		if m.book != nil {
			m.book.addOrder(order, place{})
		}
		m.post(order)
		return m.lost(order)
	})
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	return m.countLeftOut(ctx, func(row *billing.LeftOut) {
		if m.book != nil {
			m.book.addLeftOut(&m.shape.leftOut, row)
		}
	})
}

// add gives a row to the counter and to every file. own is a buffer that is used again.
func (m *making) add(row *Row, own []string) ([]string, error) {
	found, err := m.addRow(row)
	if err != nil {
		return own, err
	}
	m.post(row.order)
	var at place
	if m.book != nil || m.csv != nil {
		own = m.shape.moreCells(row, own)
		l := newLine(row)
		if m.book != nil {
			at = m.book.addRow(row, &l, own)
			m.book.addProblems(found, at)
		}
		if m.csv != nil {
			m.csv.add(&l, own)
		}
	}
	return own, m.addCredit(row, at)
}

// post posts an order, which is nil behind the order's first row.
func (m *making) post(o *Order) {
	if m.posted != nil && o != nil {
		m.posted.add(o)
	}
}

// publish writes the files under their names. A file for a ledger is written only if the report balances, and an SIE
// file only if it is complete.
func (m *making) publish(ctx context.Context, dir, name string, formats []Format) error {
	var failed []error
	for _, format := range formats {
		if format.ForLedger() && !m.Balanced {
			failed = append(failed, fmt.Errorf(msgNotWritten, format))
			continue
		}
		if format == SIE && len(m.Unposted) > 0 { // Unposted says why
			continue
		}
		path, err := atomicfile.Create(dir, name+format.ending(), func(w io.Writer) error {
			return m.write(ctx, format, w)
		})
		if path != "" {
			m.Reports = append(m.Reports, path)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s report: %w", format, err))
		}
	}
	return errors.Join(failed...)
}

func (m *making) write(ctx context.Context, format Format, w io.Writer) error {
	switch {
	case format == JSON:
		return writeJSON(ctx, m.report, m.Summary, w)
	case m.err != nil:
		return m.err
	case format == XLSX:
		return m.book.write(ctx, m.Summary, w)
	case format == CSV, format == ExcelCSV:
		return m.csv.write(w)
	case m.posted == nil:
		return CheckAccounts([]Format{format}, nil)
	case format == Postings, format == ExcelPostings:
		return m.posted.csv.write(w)
	case format == SIE:
		run := &m.report.Run
		return m.posted.sie.write(run, billing.Date(run.Finished.In(m.shape.location).Format(time.DateOnly)), w)
	}
	return fmt.Errorf("unknown %s", format)
}

// WriteJSON writes a value as indented JSON. Control characters in texts are escaped, so that none reaches a terminal.
func WriteJSON(w io.Writer, value any) error {
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(billing.EscapeJSON(document.Bytes()))
	return err
}

// maxName is the number of bytes of an input's name that the name of its report keeps.
const maxName = 80

// fileName returns <input>_<run>, each with only letters, digits and . _ -. The input is the first file that is not a
// register.
func fileName(run *RunInfo) string {
	input := "input"
	files := slices.DeleteFunc(slices.Clone(run.Files), func(f File) bool { return f.Register != "" })
	if len(files) > 0 {
		base := filepath.Base(files[0].Name)
		input = safeName(strings.TrimSuffix(base, filepath.Ext(base)), input)
	}
	if more := len(files) - 1; more > 0 {
		input += fmt.Sprintf("_and_%d_more", more)
	}
	return input + "_" + safeName(run.ID, "run")
}

// safeName replaces everything but letters, digits and . _ - in a part of a file's name.
func safeName(text, instead string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(text, "_"))
	for len(text) > maxName {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	text = strings.TrimLeft(text, ".-_")
	if text == "" {
		return instead
	}
	return text
}
