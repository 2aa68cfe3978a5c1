package batch

import (
	"cmp"
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
	"kraviabatch/internal/report"
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
	ExpectTotal []ExpectedSum  // including VAT
	ExpectNet   []ExpectedSum  // without VAT
	ExpectVAT   []ExpectedSum
	Logger      *slog.Logger
	Progress    Progress        // may be nil
	Stop        <-chan struct{} // closed: read no further
}

// Reading is an input that was read and is ready to be grouped. Close it after use.
type Reading struct {
	Files     []journal.File       // those of lines, then the registers
	Columns   [][]intake.ColumnUse // of each of Files: how its columns were understood
	Notices   []string
	input     *Input
	lines     []string // paths of the files of lines
	given     []given
	registers []*intake.Register
	grouper   *billing.Grouper
	rows      *billing.RowStore              // filled by whoever goes through the groups and needs it
	left      *billing.Tape[billing.LeftOut] // what the profile leaves out, which may be as much as the lines
	leftOut   report.LeftOut                 // its sum
	scratch   []*os.File
}

// Read reads every input file, or none: an error of one, an [*intake.Error], refuses all. Error: [dispatch.ErrStopped].
func Read(ctx context.Context, in *Input) (*Reading, error) {
	if in.Rules.Today == "" {
		in.Rules.Today = intake.DayOf(time.Now())
	}
	if err := in.Rules.Lint(); err != nil {
		return nil,
			&intake.Error{
				File: "profile", Code: "profile.rules", Message: err.Error(),
				Hint: "correct the profile or the setting",
			}
	}
	if err := notBoth(in.Paths); err != nil {
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
	slices.SortStableFunc(r.given, func(a, b given) int { return cmp.Compare(a.Register, b.Register) }) // lines first
	for _, g := range r.given {
		r.Files, r.Columns = append(r.Files, g.File), append(r.Columns, g.columns)
	}
	r.rows = billing.NewRowStore(rowsOf(r.Files), scratch[2])
	return r.checkTwice()
}

// unlessStopped is an error of reading, or that it was stopped.
func (r *Reading) unlessStopped(err error) error {
	if r.stopped() {
		return fmt.Errorf("%w while the input was being read; nothing was sent", dispatch.ErrStopped)
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
		Message: fmt.Sprintf("the line is also in row %d of %s, so that it would be billed twice", first.Row,
			first.File),
		Hint: "give one of the files, or take the line out of one of them",
	}
}

// options are those by which every input is opened.
func (r *Reading) options() intake.Options {
	in := r.input
	return intake.Options{
		Profile: in.Profile, Stdin: in.Stdin, TmpDir: in.TmpDir, Logger: in.Logger, Today: in.Rules.Today,
		Counted: func(n int) { in.Progress.tell(StageReading, n, 0) }, Registers: r.registers, LeftOut: r.leaveOut,
	}
}

func (r *Reading) readFile(ctx context.Context, path string) error {
	file, err := intake.Open(ctx, path, r.options())
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	err = r.meet(given{path, journal.File{Name: file.Name, SHA256: file.SHA256, Rows: file.Rows}, file.Columns},
		file.Notices)
	if err != nil {
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
		r.input.Progress.tell(StageReading, read, file.Rows)
	}
	if read != file.Rows {
		return &intake.Error{
			File: file.Name, Code: "file.changed",
			Message: fmt.Sprintf("%d rows were counted and %d were read", file.Rows, read),
			Hint:    "wait until the file is complete, then run again",
		}
	}
	return nil
}

// leaveOut keeps a row of the newest table that the profile leaves out.
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

// Again opens the first file of lines once more and shows it to look. Standard input cannot be read again,
// and is not shown.
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

// newScratch is a working file that is gone when the process is: it is deleted while it is open.
func (r *Reading) newScratch() (*os.File, error) {
	f, err := os.CreateTemp(r.input.TmpDir, "kravia-batch-*")
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

// Records gives the records of a table, an index of Tables, as they were read, with the profile's constants put in.
func (r *Reading) Records(table int) iter.Seq2[billing.Record, error] {
	return r.grouper.Records(table)
}

// Groups gives the orders and the rows of each; it can be called again. It ends early with [dispatch.ErrStopped].
func (r *Reading) Groups() iter.Seq2[billing.Group, error] {
	return seen(r.all(), func(*billing.Group) error { return r.unlessStopped(nil) })
}

// all gives the groups to their end, also after a stop. They hold every row that was read, once, or the end
// is [ErrLostRows].
func (r *Reading) all() iter.Seq2[billing.Group, error] {
	return func(yield func(billing.Group, error) bool) {
		done, total := 0, rowsOf(r.Files)
		seen(everyRow(r.Files, r.grouper.Groups()), func(g *billing.Group) error {
			done += len(g.Rows)
			r.input.Progress.tell(StageChecking, done, total)
			return nil
		})(yield)
	}
}

func (r *Reading) stopped() bool {
	select {
	case <-r.input.Stop:
		return true
	default:
		return false
	}
}
