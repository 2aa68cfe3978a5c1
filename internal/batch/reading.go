package batch

import (
	"context"
	"errors"
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
	"kraviabatch/internal/money"
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
	ExpectTotal []money.Amount // control totals including VAT, one a currency
	Logger      *slog.Logger
	Progress    Progress        // may be nil
	Stop        <-chan struct{} // closed: read no further
}

// Reading is an input that was read and is ready to be grouped. Close it after use.
type Reading struct {
	Files   []journal.File
	Columns [][]intake.ColumnUse // of each file: how its columns were understood
	Notices []string
	grouper *billing.Grouper
	rows    *billing.RowStore
	scratch []*os.File
	told    Progress
	stop    <-chan struct{}
}

// ErrControlTotal refuses an input that is not what the caller expected.
var ErrControlTotal = errors.New("control total")

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
	records, err := r.newScratch(in.TmpDir)
	if err != nil {
		return nil, err
	}
	r.grouper = billing.NewGrouper(in.Rules, records)
	for _, path := range in.Paths {
		err := r.readFile(ctx, in, path)
		if r.stopped() {
			err = errWhileReading()
		}
		if err != nil {
			r.Close()
			return nil, err
		}
	}
	if err := r.checkTwice(); err != nil {
		r.Close()
		return nil, err
	}
	if read := rowsOf(r.Files); in.ExpectRows >= 0 && read != in.ExpectRows {
		r.Close()
		return nil, fmt.Errorf("%w: %d rows were expected and %d were read; no call was made", ErrControlTotal, in.ExpectRows, read)
	}
	return r, nil
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

func (r *Reading) readFile(ctx context.Context, in *Input, path string) error {
	file, err := intake.Open(ctx, path, intake.Options{
		Profile: in.Profile, Stdin: in.Stdin, TmpDir: in.TmpDir, Logger: in.Logger, Today: in.Rules.Today, Counted: func(n int) { r.told.tell(StageReading, n, 0) },
	})
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	if i := slices.IndexFunc(r.Files, func(f journal.File) bool { return f.SHA256 == file.SHA256 }); i >= 0 {
		return intake.Twice(in.Paths[i], path)
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

// Close gives the working files back.
func (r *Reading) Close() {
	for _, f := range r.scratch {
		_ = f.Close() // nothing of it is kept
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

// Expected compares the sums with the control totals, before anything is planned.
func (r *Reading) Expected(in *Input) error {
	if len(in.ExpectTotal) == 0 {
		return nil
	}
	totals, err := Count(r.Groups())
	if err != nil {
		return err
	}
	for _, want := range in.ExpectTotal {
		i := slices.IndexFunc(totals.Money, func(a money.Amount) bool { return a.Currency() == want.Currency() })
		got := money.New(0, want.Currency())
		if i >= 0 {
			got = totals.Money[i]
		}
		if got != want {
			return fmt.Errorf("%w: a total of %s was expected and the rows add up to %s including VAT; no call was made", ErrControlTotal, want.Grouped(), got.Grouped())
		}
	}
	return nil
}

// Totals are counts and sums over groups.
type Totals struct {
	Rows          int
	InvalidRows   int
	Orders        int
	InvalidOrders int
	Money         []money.Amount // gross of all rows that could be read, by currency
	VAT           []VATTotal     // of valid rows
	Problems      map[billing.Severity]int
}

// VATTotal is one currency's and rate's share of the valid rows.
type VATTotal struct {
	Rate  money.Rate
	Gross money.Amount
	VAT   money.Amount
}

// Count goes through all groups.
func Count(groups iter.Seq2[billing.Group, error]) (*Totals, error) {
	t := &Totals{}
	for g, err := range groups {
		if err != nil {
			return nil, err
		}
		if err := t.Add(&g); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Add counts a group.
func (t *Totals) Add(g *billing.Group) error {
	t.Rows += len(g.Rows)
	if g.Order != nil {
		t.Orders++
	} else {
		t.InvalidOrders++
		t.InvalidRows += len(g.Rows)
	}
	for i := range g.Rows {
		row := &g.Rows[i]
		for _, p := range row.Problems {
			if t.Problems == nil {
				t.Problems = map[billing.Severity]int{}
			}
			t.Problems[p.Severity]++
		}
		if row.Amount == nil {
			continue
		}
		if err := AddTo(&t.Money, *row.Amount); err != nil {
			return fmt.Errorf("%s row %d: %w", row.File, row.Row, err)
		}
		if row.Valid {
			t.addVAT(row)
		}
	}
	return nil
}

// AddTo sums an amount into its currency's place.
func AddTo(sums *[]money.Amount, a money.Amount) error {
	i := slices.IndexFunc(*sums, func(s money.Amount) bool { return s.Currency() == a.Currency() })
	if i < 0 {
		*sums = append(*sums, a)
		return nil
	}
	sum, err := (*sums)[i].Add(a)
	(*sums)[i] = sum
	return err
}

// Valid is the gross of the valid rows, by currency.
func (t *Totals) Valid() []money.Amount {
	var sums []money.Amount
	for _, v := range t.VAT {
		_ = AddTo(&sums, v.Gross) // the sum of all rows fits, see addVAT
	}
	return sums
}

// Held is the gross of the other rows, as far as it could be read, by currency; currencies without any are left out.
func (t *Totals) Held() []money.Amount {
	valid := t.Valid()
	var held []money.Amount
	for _, sum := range t.Money {
		if i := slices.IndexFunc(valid, func(v money.Amount) bool { return v.Currency() == sum.Currency() }); i >= 0 {
			sum, _ = sum.Sub(valid[i])
		}
		if sum.Minor() != 0 {
			held = append(held, sum)
		}
	}
	return held
}

func (t *Totals) addVAT(row *billing.Row) {
	i := slices.IndexFunc(t.VAT, func(v VATTotal) bool { return v.Rate == row.Rate && v.Gross.Currency() == row.Amount.Currency() })
	if i < 0 {
		t.VAT = append(t.VAT, VATTotal{Rate: row.Rate})
		i = len(t.VAT) - 1
	}
	// The sum over all rows fits, see Add; a part of it does too unless signs differ beyond reason.
	t.VAT[i].Gross, _ = t.VAT[i].Gross.Add(*row.Amount)
	t.VAT[i].VAT, _ = t.VAT[i].VAT.Add(*row.VATAmount)
}

func (t *Totals) control() journal.Control {
	return journal.Control{
		Rows: t.Rows, InvalidRows: t.InvalidRows, Orders: t.Orders, InvalidOrders: t.InvalidOrders, Money: t.Money,
	}
}
