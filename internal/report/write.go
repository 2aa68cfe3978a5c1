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

// Write writes the report into dir in each format, JSON last, and gives the paths, which are also added to
// s.Reports: the JSON file lists those written before it. s is what Reconcile made of r, balanced or not.
// When one format fails the others are still written, and the error tells of all that failed.
func Write(ctx context.Context, r *Report, s *Summary, dir string, formats []Format) ([]string, error) {
	formats = slices.Compact(slices.Sorted(slices.Values(formats)))
	name := fileName(&r.Run)
	atomicfile.Sweep(dir)
	var paths []string
	var failed []error
	for _, format := range formats {
		path, err := atomicfile.Create(dir, name+"."+format.String(), func(w io.Writer) error {
			switch format {
			case XLSX:
				return writeWorkbook(ctx, r, s, w, s.bookOptions(dir))
			case CSV:
				return writeCSV(ctx, r, s, w)
			case JSON:
				return writeJSON(ctx, r, s, w)
			}
			return fmt.Errorf("unknown %s", format)
		})
		if path != "" {
			paths = append(paths, path)
			s.Reports = append(s.Reports, path)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s report: %w", format, err))
		}
	}
	return paths, errors.Join(failed...)
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
