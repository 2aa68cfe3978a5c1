package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	JSON
)

// String is the format's file extension without the dot.
func (f Format) String() string {
	switch f {
	case XLSX:
		return "xlsx"
	case CSV:
		return "csv"
	case JSON:
		return "json"
	}
	return fmt.Sprintf("format(%d)", uint8(f))
}

// ParseFormat reads String.
func ParseFormat(text string) (Format, error) {
	for _, f := range []Format{XLSX, CSV, JSON} {
		if f.String() == text {
			return f, nil
		}
	}
	return 0, fmt.Errorf("report format %q is not one of xlsx, csv, json", text)
}

// Write counts a report and writes it into dir in each format, JSON last. exit gives the exit code that the report shows, of the
// summary and of its imbalance. The summary's Reports are the paths of the files: the JSON file lists those written before it.
//
// A report that does not balance is written too and shows what differs; the error is an [*ImbalanceError] then. When one format fails
// the others are still written, and the error tells of all that failed. When the report cannot be read there is neither
// file nor summary.
func Write(ctx context.Context, r *Report, dir string, formats []Format, exit func(*Summary, error) int) (*Summary, error) {
	formats = slices.Compact(slices.Sorted(slices.Values(formats)))
	m, err := gather(ctx, r, dir, formats)
	if err != nil {
		return nil, err
	}
	s, imbalance := m.finish()
	if s != nil {
		s.ExitCode = exit(s, imbalance)
		imbalance = errors.Join(imbalance, m.publish(ctx, dir, fileName(&r.Run), formats))
	}
	return s, errors.Join(imbalance, m.close())
}

// making is a report whose rows have been read, or are being.
type making struct {
	*counter
	book   *book            // nil without a workbook
	csv    *csvFile         // nil without a CSV file
	file   *os.File         // of csv
	failed map[Format]error // what each format that takes rows failed with
	remove func() error     // of the working files
}

// gather reads a report once, and has every row counted and taken by what is to be written. Close it.
func gather(ctx context.Context, r *Report, dir string, formats []Format) (*making, error) {
	folder, remove, err := workingFolder(dir, formats)
	if err != nil {
		return nil, err
	}
	m := &making{failed: map[Format]error{}, remove: remove}
	if m.counter, err = newCounter(r); err == nil {
		m.open(folder, formats)
		err = m.read(ctx, folder)
	}
	if err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

// close gives the working files up.
func (m *making) close() (err error) {
	if m.book != nil {
		err = m.book.close()
	}
	if m.file != nil {
		err = errors.Join(err, m.file.Close())
	}
	return errors.Join(err, m.remove())
}

// workingFolder is a private folder beside the report, because the usual place for temporary files is often memory. Without a report it
// is that place.
func workingFolder(dir string, formats []Format) (folder string, remove func() error, err error) {
	if len(formats) == 0 {
		return "", func() error { return nil }, nil
	}
	atomicfile.Sweep(dir)
	if folder, remove, err = atomicfile.PrivateFolder(dir); err != nil { // each format tells of it when its file is made
		folder, remove, err = atomicfile.PrivateFolder(os.TempDir())
	}
	return folder, remove, err
}

// open begins what takes rows.
func (m *making) open(folder string, formats []Format) {
	if slices.Contains(formats, XLSX) {
		m.book = newBook(m.report, folder)
		m.failed[XLSX] = m.book.begin(&m.shape)
	}
	if slices.Contains(formats, CSV) {
		if m.file, m.failed[CSV] = os.CreateTemp(folder, "csv-*"); m.failed[CSV] == nil {
			m.csv, m.failed[CSV] = newCSV(&m.shape, m.file)
		}
	}
}

func (m *making) read(ctx context.Context, folder string) error {
	var own []string
	err := join(m.report, folder, func(row *Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		found, err := m.addRow(row)
		if err != nil {
			return err
		}
		own = m.add(row, found, own)
		return nil
	}, func(order *Order) error {
		if m.takes(XLSX) {
			_, m.failed[XLSX] = m.book.addOrder(order, place{})
		}
		return m.lost(order)
	})
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	var book *book
	if m.takes(XLSX) {
		book = m.book
	}
	return m.countLeftOut(ctx, book)
}

// takes reports whether a format takes rows: one that failed does not.
func (m *making) takes(f Format) bool {
	err, asked := m.failed[f]
	return asked && err == nil
}

// add gives a row, and the problems that were found in it, to what is to be written. own is used again.
func (m *making) add(row *Row, found []billing.Problem, own []string) []string {
	var at place
	if len(m.failed) > 0 {
		own = m.shape.ownCells(row, own)
		l := newLine(row)
		if m.takes(XLSX) {
			at, m.failed[XLSX] = m.book.addRow(row, &l, own)
			for _, p := range found {
				m.failed[XLSX] = errors.Join(m.failed[XLSX], m.book.problems.Put(&listedProblem{p, at}))
			}
		}
		if m.takes(CSV) {
			m.failed[CSV] = m.csv.add(&l, own)
		}
	}
	m.addInvalid(row, at)
	return own
}

// publish gives the files their names.
func (m *making) publish(ctx context.Context, dir, name string, formats []Format) error {
	var failed []error
	for _, format := range formats {
		path, err := atomicfile.Create(dir, name+"."+format.String(), func(w io.Writer) error { return m.write(ctx, format, w) })
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
	if err := m.failed[format]; err != nil {
		return err
	}
	switch format {
	case XLSX:
		return m.book.write(ctx, m.Summary, w)
	case CSV:
		err := m.csv.end()
		if err == nil {
			_, err = m.file.Seek(0, io.SeekStart)
		}
		if err == nil {
			_, err = io.Copy(w, m.file)
		}
		return err
	case JSON:
		return writeJSON(ctx, m.report, m.Summary, w)
	}
	return fmt.Errorf("unknown %s", format)
}

// WriteJSON writes a value for people and programs: indented, and no character of a text steers a terminal.
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

// maxName is how many bytes of an input's name go into the name of its report.
const maxName = 80

// fileName is <input>_<run>, with only letters, digits and . _ - of each; a register is no input that gives a name.
func fileName(run *RunInfo) string {
	input := "input"
	files := slices.DeleteFunc(slices.Clone(run.Files), func(f File) bool { return f.Register != "" })
	if len(files) > 0 {
		base := filepath.Base(files[0].Name)
		input = plainName(strings.TrimSuffix(base, filepath.Ext(base)), input)
	}
	if more := len(files) - 1; more > 0 {
		input += fmt.Sprintf("_and_%d_more", more)
	}
	return input + "_" + plainName(run.ID, "run")
}

func plainName(text, instead string) string {
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
