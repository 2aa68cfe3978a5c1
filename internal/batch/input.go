package batch

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/intake"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/report"
)

// Reading is an input that was read and is ready to be grouped. It holds no row in memory: the records, the checked
// rows and the rows left out are in working files. Close it after use.
type Reading struct {
	Files   []journal.File       // the files of lines, then the registers
	Columns [][]intake.ColumnUse // of each of Files: how its columns were understood
	Notices []string

	input     *Input
	lines     []string // paths of the files of lines
	opened    []opened
	registers []*intake.Register
	grouper   *billing.Grouper
	rows      *billing.RowStore              // checked rows in input order; filled by who goes through the groups
	left      *billing.Tape[billing.LeftOut] // the rows that the profile leaves out; they may be as many as the lines
	leftOut   report.LeftOut                 // their sum
	scratch   []*os.File
}

// Read reads every input file to its end, or none: an error in one of them, an [*intake.Error], refuses all. Error:
// [dispatch.ErrStopped].
func Read(ctx context.Context, in *Input) (*Reading, error) {
	if in.Rules.Today == "" {
		in.Rules.Today = intake.DayOf(time.Now())
	}
	if err := in.Rules.Lint(); err != nil {
		return nil, &intake.Error{File: "profile", Code: "profile.rules", Message: err.Error(), Hint: hintCorrectRules}
	}
	if err := refuseCorrected(in.Paths); err != nil {
		return nil, err
	}
	ctx, cancel := dispatch.Until(ctx, in.Stop)
	defer cancel()
	r := &Reading{Notices: slices.Clone(in.Notices), input: in}
	if err := r.read(ctx); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// read opens the registers first, because every file of lines looks rows up in them.
func (r *Reading) read(ctx context.Context) (err error) {
	var registers []register
	if r.lines, registers, err = byKind(r.input.Paths, r.input.Profile.RegisterOf); err != nil {
		return err
	}
	var scratch [3]*os.File
	for i := range scratch {
		if scratch[i], err = r.newScratch(); err != nil {
			return err
		}
	}
	r.grouper, r.left = billing.NewGrouper(r.input.Rules, scratch[0]), billing.NewTape[billing.LeftOut](scratch[1])
	for _, of := range registers {
		if err := r.unlessStopped(r.readRegister(ctx, of)); err != nil {
			return err
		}
	}
	for _, path := range r.lines {
		if err := r.unlessStopped(r.readFile(ctx, path)); err != nil {
			return err
		}
	}
	// Files of lines have no register's name, so they come first.
	slices.SortStableFunc(r.opened, func(a, b opened) int { return cmp.Compare(a.Register, b.Register) })
	for _, o := range r.opened {
		r.Files, r.Columns = append(r.Files, o.File), append(r.Columns, o.columns)
	}
	r.rows = billing.NewRowStore(rowsOf(r.Files), scratch[2])
	return r.refuseSharedLine()
}

// unlessStopped is the error, or after a stop [dispatch.ErrStopped] in its place.
func (r *Reading) unlessStopped(err error) error {
	if r.input.stopped() {
		return fmt.Errorf(msgStoppedReading, dispatch.ErrStopped)
	}
	return err
}

// refuseSharedLine refuses files that share a line, even where they write it differently: it would be billed twice.
func (r *Reading) refuseSharedLine() error {
	first, second, found, err := r.grouper.Twice()
	if err != nil || !found {
		return err
	}
	return &intake.Error{
		File: second.File, Sheet: second.Sheet, Row: second.Row, Code: "file.lines_twice",
		Message: fmt.Sprintf(msgLineTwice, first.Row, first.File), Hint: hintLineTwice,
	}
}

// options are those with which every input is opened.
func (r *Reading) options() intake.Options {
	in := r.input
	return intake.Options{
		Profile: in.Profile, Stdin: in.Stdin, TmpDir: in.TmpDir, Logger: in.Logger, Today: in.Rules.Today,
		Counted: func(n int) { in.Progress.notify(StageReading, n, 0) }, Registers: r.registers, LeftOut: r.leaveOut,
	}
}

// readFile hands every record of a file of lines to the grouper. The file is counted when it is opened, and must have
// as many rows when it is read: a file that another program is still writing is refused.
func (r *Reading) readFile(ctx context.Context, path string) error {
	file, err := intake.Open(ctx, path, r.options())
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	of := journal.File{Name: file.Name, SHA256: file.SHA256, Rows: file.Rows}
	if err := r.add(opened{path, of, file.Columns}, file.Notices); err != nil {
		return err
	}
	for _, table := range file.Tables {
		r.grouper.AddTable(table)
	}
	r.grouper.Grow(file.Rows)
	read := 0
	for rec, err := range file.Records(ctx) {
		if err == nil {
			err = r.grouper.Add(rec)
		}
		if err != nil {
			return err
		}
		read++
		r.input.Progress.notify(StageReading, read, file.Rows)
	}
	if read != file.Rows {
		return &intake.Error{
			File: file.Name, Code: "file.changed",
			Message: fmt.Sprintf(msgFileChanged, file.Rows, read), Hint: hintFileChanged,
		}
	}
	return nil
}

// leaveOut keeps a row that the profile leaves out. It is a row of the newest table.
func (r *Reading) leaveOut(row billing.LeftOut) error {
	row.Table = len(r.Tables()) - 1
	r.leftOut.Add(&row)
	return r.left.Put(&row)
}

// LeftOut counts the rows that the profile left out, nil for none.
func (r *Reading) LeftOut() *report.LeftOut {
	if r.leftOut.Rows == 0 {
		return nil
	}
	return &r.leftOut
}

// Again opens the first file of lines once more and calls look with it. Standard input cannot be read again; look is
// not called then.
func (r *Reading) Again(ctx context.Context, look func(*intake.File) error) error {
	if r.lines[0] == intake.Stdin {
		return nil
	}
	file, err := intake.Open(ctx, r.lines[0], r.options())
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	return look(file)
}

// newScratch makes a working file and deletes it while it is open, so that it never outlives the process: it holds
// personal data.
func (r *Reading) newScratch() (*os.File, error) {
	f, err := os.CreateTemp(r.input.TmpDir, "kravia-batch-*")
	if err != nil {
		return nil, fmt.Errorf(msgWorkingFile, err)
	}
	_ = os.Remove(f.Name()) // where an open file cannot be deleted, the system deletes it later
	r.scratch = append(r.scratch, f)
	return f, nil
}

// Close releases the working files and the registers.
func (r *Reading) Close() {
	for _, f := range r.scratch {
		_ = f.Close() // nothing in it is needed any more
	}
	for _, of := range r.registers {
		_ = of.Close() // read only
	}
}

// Tables are the sheets and CSV files that were read.
func (r *Reading) Tables() []billing.Table { return r.grouper.Tables() }

// Records gives the records of a table, an index of Tables, as they were read, with the profile's constants.
func (r *Reading) Records(table int) iter.Seq2[billing.Record, error] {
	return r.grouper.Records(table)
}

// Groups gives the orders and the rows of each. It can be called again. After a stop it ends with
// [dispatch.ErrStopped].
func (r *Reading) Groups() iter.Seq2[billing.Group, error] {
	return seen(r.all(), func(*billing.Group) error { return r.unlessStopped(nil) })
}

// all gives all groups, also after a stop. Together they hold every row that was read exactly once; if they do not, the
// error at the end is [ErrLostRows].
func (r *Reading) all() iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		done, total := 0, rowsOf(r.Files)
		seen(everyRow(r.Files, r.grouper.Groups()), func(g *billing.Group) error {
			done += len(g.Rows)
			r.input.Progress.notify(StageChecking, done, total)
			return nil
		})(yield)
	}
}
