package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// Options says how a file is to be read. The zero value reads a file without a profile.
type Options struct {
	Profile *Profile     // nil: headers by name and synonym, everything else detected
	Stdin   io.Reader    // what "-" reads
	TmpDir  string       // private folder for copies of standard input, "" for the system's
	Logger  *slog.Logger // nil: no log
	Counted func(n int)  // called for every record of the survey, with the number so far; may be nil
	Today   billing.Date // the day whose VAT rates count for rows without a delivery date, "" for today in Norway
	// LeftOut receives every row that the profile leaves out, in input order, each time Records streams. Its
	// Table is zero. An error ends the stream. May be nil.
	LeftOut   func(billing.LeftOut) error
	Registers []*Register // the registers of the profile that are files of their own
}

// File is an input file whose survey succeeded: how it is read is settled. Close it after use.
type File struct {
	Name    string          // base name, as messages show it
	Path    string          // as given, "-" for standard input
	SHA256  string          // hex, of the file's bytes
	Size    int64           // bytes
	ModTime time.Time       // of the survey; a later one means that the file changed
	Rows    int             // number of records that Records yields
	LeftOut int             // number of rows that the profile leaves out
	Tables  []billing.Table // the one table that is read
	Columns []ColumnUse     // how each column was understood
	Notices []string        // assumptions that the user should know, one sentence each

	handle     *os.File
	temporary  bool
	source     source
	layout     layout
	headers    *headerIndex
	profile    *Profile
	options    Options     // with a value for Logger, Counted and Today
	tables     []*Register // registers that stand in this file
	derivation *derivation // nil where the profile makes no cells
}

// source gives a table's rows, beginning after the header. Each call of rows starts again.
type source interface {
	rows() (rowReader, error)
	headerRow() int // the row or line of the header, 0 for a table without one
}

// Inputs turns arguments into paths for Open: a file stands for itself, "-" for standard input, and a folder
// for all its tables, sorted by name. A notice names what else a folder holds, except hidden files and the
// lock files of spreadsheets. The error is an *[Error] for a missing path, a folder without tables, and "-"
// given twice. The files aside serve another purpose: a folder is read as if it did not have them.
func Inputs(args []string, aside ...string) (paths, notices []string, err error) {
	for _, arg := range args {
		if arg == Stdin && slices.Contains(paths, Stdin) {
			return nil, nil, &Error{File: "stdin", Code: codeTwice, Message: msgStdinTwice, Hint: hintStdinOnce}
		}
		found, notice, err := expand(arg, aside)
		if err != nil {
			return nil, nil, err
		}
		paths = append(paths, found...)
		if notice != "" {
			notices = append(notices, notice)
		}
	}
	return paths, notices, nil
}

// notFound refuses a path that is missing or cannot be opened.
func notFound(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{File: path, Code: codeNotFound, Message: msgNoSuchFile}
	}
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err // the refusal names the path itself
	}
	return &Error{File: path, Code: codeUnreadable, Message: msgCannotOpen, Err: err}
}

// expand gives the tables of a folder except those aside, and a notice that names what else is there.
func expand(arg string, aside []string) (paths []string, notice string, err error) {
	if arg == Stdin {
		return []string{arg}, "", nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		return nil, "", notFound(arg, err)
	}
	if !info.IsDir() {
		return []string{arg}, "", nil
	}
	entries, err := os.ReadDir(arg) // sorted by name
	if err != nil {
		return nil, "", notFound(arg, err)
	}
	var others, folders []string
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$"):
		case slices.ContainsFunc(aside, func(other string) bool { return sameFile(filepath.Join(arg, name), other) }):
		case entry.IsDir():
			folders = append(folders, name+"/")
		case slices.Contains([]string{".csv", ".tsv", ".txt", ".xlsx", ".xlsm"}, strings.ToLower(filepath.Ext(name))):
			paths = append(paths, filepath.Join(arg, name))
		default:
			others = append(others, name)
		}
	}
	if len(others)+len(folders) > 0 {
		notice = fmt.Sprintf(msgNotRead, filepath.Base(arg), unread(others, folders))
	}
	if len(paths) == 0 {
		message := msgNothingToRead
		if notice != "" {
			message = fmt.Sprintf(msgOnlyOthers, unread(others, folders))
		}
		return nil, "", &Error{File: filepath.Base(arg), Code: codeNotFound, Message: message, Hint: hintFolder}
	}
	return paths, notice, nil
}

// sameFile reports whether two paths lead to one file, false where one leads nowhere.
func sameFile(one, other string) bool {
	a, errA := os.Stat(one)
	b, errB := os.Stat(other)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// Twice is the refusal of two paths whose files have the same bytes, such as a file that was downloaded again.
func Twice(first, second string) *Error {
	if first == Stdin {
		first = msgWordStdin
	}
	name := filepath.Base(second)
	if second == Stdin {
		name, second = "stdin", msgWordStdin
	}
	return &Error{File: name, Code: codeTwice, Message: fmt.Sprintf(msgSameContent, first, second), Hint: hintGiveOne}
}

// unread lists the files and folders that are not read: `november.xls (another ending), old/ (a folder)`.
func unread(others, folders []string) string {
	var parts []string
	for _, kind := range []struct {
		names     []string
		one, more string
	}{{others, "another ending", "other endings"}, {folders, "a folder", "folders"}} {
		switch len(kind.names) {
		case 0:
		case 1:
			parts = append(parts, kind.names[0]+" ("+kind.one+")")
		default:
			parts = append(parts, listed(kind.names, 10)+" ("+kind.more+")")
		}
	}
	return strings.Join(parts, ", ")
}

// listed lists words for a message, and says how many more there are than most.
func listed(words []string, most int) string {
	list := strings.Join(words[:min(most, len(words))], ", ")
	if more := len(words) - most; more > 0 {
		list += fmt.Sprintf(msgAndMore, more)
	}
	return list
}

// Open surveys the file at path, or standard input for "-". It reads the whole file, more than once, and
// settles how Records reads it. The error is an *[Error] when the file is refused. The caller must call Close.
func Open(ctx context.Context, path string, options Options) (*File, error) {
	f := newFile(path, options)
	err := f.open(ctx)
	if err == nil {
		err = f.survey(ctx, options.Profile)
	}
	if err != nil {
		_ = f.Close() // the refusal is what matters
		return nil, f.placed(err)
	}
	f.options.Logger.DebugContext(ctx, "file surveyed",
		"file", f.Name, "rows", f.Rows, "columns", len(f.Tables[0].Header))
	return f, nil
}

func newFile(path string, options Options) *File {
	options.Today = cmp.Or(options.Today, DayOf(time.Now()))
	options.Logger = cmp.Or(options.Logger, slog.New(slog.DiscardHandler))
	if options.Counted == nil {
		options.Counted = func(int) {}
	}
	return &File{Name: filepath.Base(path), Path: path, options: options}
}

// Close closes the file and its registers, and removes the copy of standard input.
func (f *File) Close() error {
	if f.handle == nil {
		return nil
	}
	err := f.handle.Close()
	for _, r := range f.tables {
		err = errors.Join(err, r.Close())
	}
	if f.temporary {
		err = errors.Join(err, os.Remove(f.handle.Name()))
	}
	f.handle = nil
	return err
}

func (f *File) open(ctx context.Context) error {
	if f.Path == Stdin {
		f.Name = "stdin"
		return f.spool(ctx)
	}
	info, err := os.Stat(f.Path)
	if err == nil && !info.Mode().IsRegular() { // opening a pipe would wait until another program writes to it
		return refuse(codeFormat, msgNotAFile, hintFileOrStdin)
	}
	if err == nil {
		f.handle, err = os.Open(f.Path)
	}
	if err != nil {
		return notFound(f.Path, err)
	}
	return nil
}

// spool copies standard input to a temporary file, because the survey reads a file more than once.
func (f *File) spool(ctx context.Context) error {
	if f.options.Stdin == nil {
		return refuse(codeNotFound, msgNoStdin, hintNameFile)
	}
	handle, err := os.CreateTemp(f.options.TmpDir, "stdin-*")
	if err != nil {
		return refuse(codeNotFound, msgStdinNotStored, hintTmpDir).because(err)
	}
	f.handle, f.temporary = handle, true
	if _, err := io.Copy(handle, withContext(ctx, f.options.Stdin)); err != nil {
		return refuse(codeNotFound, msgStdinCut, hintPipeAgain).because(err)
	}
	return nil
}

// placed adds the file's name to a refusal that has none.
func (f *File) placed(err error) error {
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.File == "" {
		refusal.File = f.Name
	}
	return err
}

// contextReader stops reading when its context is done.
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
