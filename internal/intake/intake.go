// Package intake turns an export file into records. It hides encodings, delimiters,
// sheets, header names and their synonyms, size limits, true row numbers, and numbers and
// dates as people write them.
//
// A file has one of two outcomes: it is read exactly right, or it is refused with an
// [Error] that names file, sheet, row, column, value, what is wrong and how to fix it.
// Nothing is guessed silently: what had to be assumed stands in [File.Notices]. A single
// cell that cannot be read stays as it is, or carries a problem in its record.
//
// Reading takes two passes. [Open] surveys the whole file: its SHA-256, encoding,
// delimiter, header, and for each column the decimal mark and the order of dates.
// [File.Records] then streams the records through gocsv, CSV and XLSX alike.
package intake

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kraviabatch/internal/billing"
)

// Stdin is the argument that stands for CSV on standard input.
const Stdin = "-"

// Options says how a file is to be read.
type Options struct {
	Profile *Profile     // nil: headers by name and synonym, everything else detected
	Stdin   io.Reader    // what "-" reads
	TmpDir  string       // private folder for copies of standard input, "" for the system's
	Logger  *slog.Logger // nil: no log
}

// File is a surveyed input file. Close it after use.
type File struct {
	Name    string          // base name, for people
	Path    string          // as given, "-" for standard input
	SHA256  string          // hex, of the bytes
	Size    int64           // bytes
	ModTime time.Time       // when it was surveyed
	Rows    int             // records that Records yields
	Tables  []billing.Table // the one table that is read
	Notices []string        // what was assumed, one sentence each

	handle    *os.File
	temporary bool
	source    source
	plan      plan
	log       *slog.Logger
}

// source gives a table's rows from the one after the header on, and anew with each call.
type source interface {
	rows() (rowReader, error)
}

// Inputs turns arguments into paths for Open: a file stands for itself, "-" for standard input,
// a folder for all its .csv .tsv .txt .xlsx .xlsm files, sorted, lock files (~$…) passed over.
// A path that is missing, an empty folder and a file named twice are refused.
func Inputs(args []string) ([]string, error) {
	var paths []string
	var seen []os.FileInfo
	for _, arg := range args {
		found, err := expand(arg)
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			if path == Stdin {
				if slices.Contains(paths, Stdin) {
					return nil, twice("standard input")
				}
				paths = append(paths, path)
				continue
			}
			info, err := os.Stat(path)
			if err != nil {
				return nil, notFound(path, err)
			}
			if slices.ContainsFunc(seen, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
				return nil, twice(filepath.Base(path))
			}
			seen = append(seen, info)
			paths = append(paths, path)
		}
	}
	return paths, nil
}

func twice(name string) error {
	return &Error{
		File: name, Code: codeTwice, Message: "the file is given twice, its rows would be billed twice",
		Hint: "name it once",
	}
}

func notFound(path string, err error) error {
	return &Error{
		File: filepath.Base(path), Code: codeNotFound, Message: "the file cannot be opened",
		Hint: "check the path " + path + " and its permissions", Err: err,
	}
}

func expand(arg string) ([]string, error) {
	if arg == Stdin {
		return []string{arg}, nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		return nil, notFound(arg, err)
	}
	if !info.IsDir() {
		return []string{arg}, nil
	}
	entries, err := os.ReadDir(arg) // sorted by name
	if err != nil {
		return nil, notFound(arg, err)
	}
	var paths []string
	for _, entry := range entries {
		known := slices.Contains([]string{".csv", ".tsv", ".txt", ".xlsx", ".xlsm"}, strings.ToLower(filepath.Ext(entry.Name())))
		if known && !entry.IsDir() && !strings.HasPrefix(entry.Name(), "~$") {
			paths = append(paths, filepath.Join(arg, entry.Name()))
		}
	}
	if len(paths) == 0 {
		return nil, &Error{
			File: filepath.Base(arg), Code: codeNotFound, Message: "the folder holds no file to read",
			Hint: "put .csv, .tsv, .txt, .xlsx or .xlsm files there",
		}
	}
	return paths, nil
}

// Open surveys the file at path, or standard input for "-", reading all of it. The error is an
// *[Error] when the file is refused. The file stays open until Close.
func Open(ctx context.Context, path string, options Options) (*File, error) {
	f := &File{Name: filepath.Base(path), Path: path, log: options.Logger}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	err := f.open(ctx, options)
	if err == nil {
		err = f.survey(ctx, options.Profile)
	}
	if err != nil {
		_ = f.Close() // the refusal is what matters
		return nil, f.placed(err)
	}
	f.log.DebugContext(ctx, "file surveyed", "file", f.Name, "rows", f.Rows, "columns", len(f.Tables[0].Header))
	return f, nil
}

// Close lets the file go and removes what was spooled.
func (f *File) Close() error {
	if f.handle == nil {
		return nil
	}
	err := f.handle.Close()
	if f.temporary {
		err = errors.Join(err, os.Remove(f.handle.Name()))
	}
	f.handle = nil
	return err
}

func (f *File) open(ctx context.Context, options Options) error {
	if f.Path == Stdin {
		f.Name = "stdin"
		return f.spool(ctx, options)
	}
	handle, err := os.Open(f.Path)
	if err != nil {
		return notFound(f.Path, err)
	}
	f.handle = handle
	return nil
}

func (f *File) spool(ctx context.Context, options Options) error {
	if options.Stdin == nil {
		return refuse(codeNotFound, "there is no standard input", "name a file")
	}
	handle, err := os.CreateTemp(options.TmpDir, "stdin-*")
	if err != nil {
		return refuse(codeNotFound, "standard input cannot be stored", "check the temporary folder").because(err)
	}
	f.handle, f.temporary = handle, true
	if _, err := io.Copy(handle, withContext(ctx, options.Stdin)); err != nil {
		return refuse(codeNotFound, "standard input cannot be read to its end", "pipe it again").because(err)
	}
	return nil
}

// placed gives an error of the file the name of the file.
func (f *File) placed(err error) error {
	var refusal *Error
	if errors.As(err, &refusal) && refusal.File == "" {
		refusal.File = f.Name
	}
	return err
}

// contextReader ends a long read when its context does.
type contextReader struct {
	ctx context.Context //nolint:containedctx // lives as long as one read
	in  io.Reader
}

func withContext(ctx context.Context, in io.Reader) io.Reader { return contextReader{ctx, in} }

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}
