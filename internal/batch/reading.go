package batch

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"slices"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
)

// Input says what is read, and by which rules.
type Input struct {
	Paths       []string // from intake.Inputs
	Notices     []string // about the paths, from there too
	Stdin       io.Reader
	Profile     *intake.Profile
	Rules       *billing.Rules // Today is filled in here when empty
	TmpDir      string         // "" for the system's
	ExpectRows  int            // control total of the export, -1 for none
	ExpectTotal []ExpectedTotal
	Logger      *slog.Logger
	Progress    Progress        // may be nil
	Stop        <-chan struct{} // closed: read no further
}

// Reading is an input that was read and is ready to be grouped. Close it after use.
type Reading struct {
	Files     []journal.File       // those of lines, then the registers
	Columns   [][]intake.ColumnUse // of each of Files: how its columns were understood
	Notices   []string
	grouper   *billing.Grouper
	rows      *billing.RowStore
	left      *leavings // nil while nothing was left out
	registers []*intake.Register
	given     []given
	scratch   []*os.File
	told      Progress
	stop      <-chan struct{}
}

// Read reads every input file, or none: an error of one, an [*intake.Error], refuses all. Error: [dispatch.ErrStopped].
func Read(ctx context.Context, in *Input) (*Reading, error) {
	if in.Rules.Today == "" {
		in.Rules.Today = dayOf(time.Now(), oslo())
	}
	if err := in.Rules.Lint(); err != nil {
		return nil, &intake.Error{File: "profile", Code: "profile.rules", Message: err.Error(), Hint: "correct the profile or the setting"}
	}
	if err := notBoth(in.Paths); err != nil {
		return nil, err
	}
	ctx, cancel := dispatch.Until(ctx, in.Stop)
	defer cancel()
	r := &Reading{Notices: slices.Clone(in.Notices), told: in.Progress, stop: in.Stop}
	if err := r.read(ctx, in); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Reading) read(ctx context.Context, in *Input) error {
	lines, registers, err := byKind(in.Paths, in.Profile.RegisterOf)
	if err != nil {
		return err
	}
	records, err := r.newScratch(in.TmpDir)
	if err != nil {
		return err
	}
	r.grouper = billing.NewGrouper(in.Rules, records)
	for _, of := range registers {
		if err := r.unlessStopped(r.openRegister(ctx, in, of)); err != nil {
			return err
		}
	}
	for _, path := range lines {
		if err := r.unlessStopped(r.readFile(ctx, in, path)); err != nil {
			return err
		}
	}
	r.Files = append(r.Files, r.registerFiles()...)
	for _, of := range r.registers {
		r.Columns = append(r.Columns, of.Columns)
	}
	return r.checkTwice()
}

// unlessStopped is an error of reading, or that it was stopped.
func (r *Reading) unlessStopped(err error) error {
	if r.stopped() {
		return errWhileReading()
	}
	return err
}

// checkTwice refuses files that share a line, in whatever form: it would be billed twice.
func (r *Reading) checkTwice() error {
	first, second, found, err := r.grouper.Twice()
	if err != nil || !found {
		return err
	}
	return &intake.Error{
		File: second.File, Sheet: second.Sheet, Row: second.Row, Code: "file.lines_twice",
		Message: fmt.Sprintf("the line is also in row %d of %s, so that it would be billed twice", first.Row, first.File),
		Hint:    "give one of the files, or take the line out of one of them",
	}
}

func errWhileReading() error {
	return fmt.Errorf("%w while the input was being read; nothing was sent", dispatch.ErrStopped)
}

// options are those by which every input is opened.
func (r *Reading) options(in *Input) intake.Options {
	return intake.Options{
		Profile: in.Profile, Stdin: in.Stdin, TmpDir: in.TmpDir, Logger: in.Logger, Today: in.Rules.Today, Counted: func(n int) { r.told.tell(StageReading, n, 0) },
		Registers: r.registers, LeftOut: func(row billing.LeftOut) error { return r.leaveOut(in.TmpDir, row) },
	}
}

func (r *Reading) readFile(ctx context.Context, in *Input, path string) error {
	file, err := intake.Open(ctx, path, r.options(in))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	if err := r.meet(path, file.SHA256, ""); err != nil {
		return err
	}
	for _, table := range file.Tables {
		r.grouper.AddTable(table)
	}
	r.grouper.Grow(file.Rows)
	read := 0
	for rec, err := range file.Records(ctx) {
		if err != nil {
			return err
		}
		if err := r.grouper.Add(rec); err != nil {
			return err
		}
		read++
		r.told.tell(StageReading, read, file.Rows)
	}
	if read != file.Rows {
		return &intake.Error{File: file.Name, Code: "file.changed", Message: fmt.Sprintf("%d rows were counted and %d were read", file.Rows, read), Hint: "wait until the file is complete, then run again"}
	}
	r.Files = append(r.Files, journal.File{Name: file.Name, SHA256: file.SHA256, Rows: file.Rows})
	r.Columns = append(r.Columns, file.Columns)
	for _, notice := range file.Notices {
		r.Notices = append(r.Notices, file.Name+": "+notice)
	}
	return nil
}

// Passed tells why a row of the first file of lines is no record, and what its cells show, see [intake.File.Passed].
func (r *Reading) Passed(ctx context.Context, in *Input, row int) (why string, cells []string, err error) {
	lines, _, err := byKind(in.Paths, in.Profile.RegisterOf)
	if err != nil {
		return "", nil, err
	}
	file, err := intake.Open(ctx, lines[0], r.options(in))
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = file.Close() }() // read only
	return file.Passed(ctx, row)
}

// MadeCells are the cells that the profile makes of a row of the first file of lines, see [intake.File.MadeCells].
func (r *Reading) MadeCells(ctx context.Context, in *Input, row int) ([]intake.Made, error) {
	lines, _, err := byKind(in.Paths, in.Profile.RegisterOf)
	if err != nil || len(r.Tables()[0].Made) == 0 || lines[0] == intake.Stdin {
		return nil, err
	}
	file, err := intake.Open(ctx, lines[0], r.options(in))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // read only
	return file.MadeCells(ctx, row)
}

// newScratch is a working file that is gone when the process is: it is deleted while it is open.
func (r *Reading) newScratch(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "kravia-batch-*")
	if err != nil {
		return nil, fmt.Errorf("make working file: %w", err)
	}
	_ = os.Remove(f.Name()) // where an open file cannot be deleted, Close has it deleted by the system later
	r.scratch = append(r.scratch, f)
	return f, nil
}

// Close gives the working files back and lets the registers go.
func (r *Reading) Close() {
	for _, f := range r.scratch {
		_ = f.Close() // nothing of it is kept
	}
	for _, of := range r.registers {
		_ = of.Close() // read only
	}
}

// Tables are the sheets and files that were read.
func (r *Reading) Tables() []billing.Table { return r.grouper.Tables() }

// Groups gives the orders and the rows of each; it can be called again. It ends early with [dispatch.ErrStopped].
func (r *Reading) Groups() iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		for g, err := range r.all() {
			if r.stopped() {
				yield(billing.Group{}, errWhileReading())
				return
			}
			if !yield(g, err) {
				return
			}
		}
	}
}

// all gives the groups to their end, also after a stop. They hold every row that was read, once, or the end is [ErrLostRows].
func (r *Reading) all() iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		done, total := 0, rowsOf(r.Files)
		for g, err := range everyRow(r.Files, r.grouper.Groups()) {
			done += len(g.Rows)
			r.told.tell(StageChecking, done, total)
			if !yield(g, err) {
				return
			}
		}
	}
}

func (r *Reading) stopped() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}
