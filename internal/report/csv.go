package report

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/gocarina/gocsv"
)

// csvBatch is how many rows are handed to the encoder at once.
const csvBatch = 512

// writeCSV writes all rows: UTF-8 without a byte order mark, RFC 4180 with CR LF (also for line breaks in a
// cell), ISO dates, amounts with a dot and the currency's digits. Excel, LibreOffice and Python read it alike.
func writeCSV(ctx context.Context, r *Report, s *Summary, w io.Writer) error {
	encoder := csv.NewWriter(w)
	encoder.UseCRLF = true
	out := &widened{encoder: encoder, more: [][]string{s.shape.ownHeader()}}
	if err := gocsv.MarshalCSV([]line{}, out); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	lines := make([]line, 0, csvBatch)
	out.more = make([][]string, csvBatch)
	flush := func() error {
		out.next = 0
		err := gocsv.MarshalCSVWithoutHeaders(lines, out)
		lines = lines[:0]
		return err
	}
	for row, err := range r.Rows() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		out.more[len(lines)] = s.shape.ownCells(&row, out.more[len(lines)])
		lines = append(lines, newLine(&row))
		if len(lines) == csvBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	encoder.Flush()
	return encoder.Error()
}

// widened appends to each record of gocsv the cells of the input's own columns, and guards them all.
type widened struct {
	encoder *csv.Writer
	more    [][]string
	next    int
	record  []string
}

// Write implements gocsv.CSVWriter.
func (w *widened) Write(fixed []string) error {
	w.record = append(append(w.record[:0], fixed...), w.more[w.next]...)
	w.next++
	for i, text := range w.record {
		w.record[i] = guard(text)
	}
	return w.encoder.Write(w.record)
}

// Flush implements gocsv.CSVWriter; the last flush is writeCSV's.
func (w *widened) Flush() {}

// Error implements gocsv.CSVWriter.
func (w *widened) Error() error { return w.encoder.Error() }
