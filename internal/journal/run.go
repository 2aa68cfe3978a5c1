package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Unfinished is the exit code of a run that has not finished yet, or was killed.
const Unfinished = -1

// Run is one batch: what it read, with which settings, and how it ended.
type Run struct {
	ID          string
	Account     string
	Environment string // sandbox, test or live
	Period      string // YYYY-MM, "" for none
	Flow        string
	Started     time.Time
	Finished    time.Time // zero while unfinished
	Version     string    // of the program
	Files       []File
	Tables      []billing.Table // nil from Runs, and of a pruned run
	Settings    json.RawMessage
	Control     Control
	ExitCode    int       // Unfinished while Finished is zero
	Pruned      time.Time // when Prune removed the run's rows, zero for never
}

// File is one input file of a run.
type File struct {
	Name     string
	SHA256   string // hex
	Rows     int
	Register string `json:",omitempty"` // the profile's name of this register, "" for a file of lines
}

// Control holds the control totals of a run's input.
type Control struct {
	Rows          int `json:"rows"`
	InvalidRows   int `json:"invalid_rows"`
	Orders        int `json:"orders"`
	InvalidOrders int `json:"invalid_orders"`
	// LeftOut is how many rows the profile left out. No other total counts them.
	LeftOut int            `json:"left_out,omitempty"`
	Money   []money.Amount `json:"money,omitempty"` // gross sum over all rows, one for each currency
	// Net is the sum without VAT, over the rows whose VAT could be computed.
	Net      []money.Amount `json:"net,omitempty"`
	VAT      []money.Amount `json:"vat,omitempty"`      // of the rows in Net
	Expected *Expected      `json:"expected,omitempty"` // nil for none, and in runs of older programs
}

// Expected holds the control totals that the user gave. The entire input agreed with them. Sums that were not given
// are empty.
type Expected struct {
	Rows  *int           `json:"rows,omitempty"` // nil for none
	Total []money.Amount `json:"total,omitempty"`
	Net   []money.Amount `json:"net,omitempty"`
	VAT   []money.Amount `json:"vat,omitempty"`
}

// BeginRun records a run as unfinished, whatever its ExitCode and Finished say. It becomes the newest run, whatever its
// Started says, since clocks may be wrong.
func (j *Journal) BeginRun(ctx context.Context, r Run) error {
	tables, control, err := r.texts()
	if err != nil {
		return err
	}
	return j.write(ctx, "begin run "+r.ID, func(t *tx) error {
		for {
			n, err := t.exec(`INSERT INTO runs (id, account, environment, period, flow, program, started_at,
				finished_at, tables, settings, control, exit_code, place)
				VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, (SELECT COALESCE(MAX(place), 0) + 1 FROM runs))
				ON CONFLICT (place) DO NOTHING`,
				r.ID, r.Account, r.Environment, r.Period, r.Flow, r.Version, nanos(r.Started),
				tables, string(r.Settings), control, Unfinished)
			if err != nil {
				return err
			}
			if n > 0 { // else another process took the place
				return t.putFiles(r)
			}
		}
	})
}

// UpdateRun replaces what is recorded of a run, except its ID, Account, Started and Pruned. A zero Finished keeps the
// run unfinished. Error: ErrNotFound.
func (j *Journal) UpdateRun(ctx context.Context, r Run) error {
	if r.Finished.IsZero() {
		r.ExitCode = Unfinished
	}
	tables, control, err := r.texts()
	if err != nil {
		return err
	}
	return j.write(ctx, "update run "+r.ID, func(t *tx) error {
		n, err := t.exec(`UPDATE runs SET environment = $2, period = $3, flow = $4, program = $5,
			finished_at = $6, tables = $7, settings = $8, control = $9, exit_code = $10 WHERE id = $1`,
			r.ID, r.Environment, r.Period, r.Flow, r.Version, nanos(r.Finished),
			tables, string(r.Settings), control, r.ExitCode)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("run %s: %w", r.ID, ErrNotFound)
		}
		if _, err := t.exec(`DELETE FROM run_files WHERE run = $1`, r.ID); err != nil {
			return err
		}
		return t.putFiles(r)
	})
}

// texts gives the parts of a run that are stored as JSON. Its settings are JSON already.
func (r *Run) texts() (tables, control string, err error) {
	t, err := json.Marshal(r.Tables)
	if err != nil {
		return "", "", fmt.Errorf("run %s: tables: %w", r.ID, err)
	}
	c, err := json.Marshal(r.Control)
	if err != nil {
		return "", "", fmt.Errorf(msgControl, r.ID, err)
	}
	return string(t), string(c), nil
}

func (t *tx) putFiles(r Run) error {
	for i, f := range r.Files {
		_, err := t.exec(
			`INSERT INTO run_files (run, place, name, sha256, row_count, register) VALUES ($1, $2, $3, $4, $5, $6)`,
			r.ID, i, clean(f.Name), f.SHA256, f.Rows, clean(f.Register))
		if err != nil {
			return err
		}
	}
	return nil
}

// FindRun gives the run with the id. Error: ErrNotFound.
func (v View) FindRun(ctx context.Context, id string) (Run, error) {
	runs, err := v.selectRuns(ctx, "tables", "WHERE id = $1", id)
	if err != nil {
		return Run{}, err
	}
	if len(runs) == 0 {
		return Run{}, v.journal.fail("find run "+id, ErrNotFound)
	}
	return runs[0], nil
}

// Runs lists at most limit runs of the account ("" for all accounts), the newest first. Their Tables are nil, so that
// thousands of runs cost little; FindRun has them.
func (v View) Runs(ctx context.Context, account string, limit int) ([]Run, error) {
	return v.selectRuns(ctx, "''", "WHERE account = $1 OR $1 = '' ORDER BY place DESC LIMIT $2", account, limit)
}

// SeenFile finds the newest run of the account that read lines from a file with this SHA-256.
func (j *Journal) SeenFile(ctx context.Context, account, sha256 string) (runID string, found bool, err error) {
	err = j.read(ctx, "find file", func() error {
		err := j.db.QueryRowContext(ctx, `SELECT r.id FROM run_files f JOIN runs r ON r.id = f.run
			WHERE f.sha256 = $1 AND f.register = '' AND r.account = $2 ORDER BY r.place DESC LIMIT 1`,
			sha256, account).Scan(&runID)
		found = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return runID, found, err
}

// selectRuns reads the runs that the SQL condition finds, in its order, with their files. tables is the column, or an
// empty text in its place.
func (v View) selectRuns(ctx context.Context, tables, which string, args ...any) ([]Run, error) {
	var runs []Run
	err := v.read(ctx, "read runs", func() (err error) {
		runs, err = selectAll(ctx, v.from, scanRun, `SELECT id, account, environment, period, flow, program, started_at,
			finished_at, settings, control, exit_code, pruned_at, `+tables+` FROM runs `+which, args...)
		if err != nil {
			return err
		}
		files, err := selectAll(ctx, v.from, scanFile, `SELECT f.run, f.name, f.sha256, f.row_count, f.register
			FROM run_files f JOIN (SELECT id FROM runs `+which+`) r ON r.id = f.run ORDER BY f.run, f.place`, args...)
		byRun := make(map[string][]File, len(runs))
		for _, f := range files {
			byRun[f.run] = append(byRun[f.run], f.File)
		}
		for i := range runs {
			runs[i].Files = byRun[runs[i].ID]
		}
		return err
	})
	return runs, err
}

// runFile is a file with the run that read it.
type runFile struct {
	run string
	File
}

func scanFile(scan func(...any) error) (f runFile, err error) {
	return f, scan(&f.run, &f.Name, &f.SHA256, &f.Rows, &f.Register)
}

func scanRun(scan func(...any) error) (Run, error) {
	var r Run
	var started, finished, pruned int64
	var settings, control, tables string
	err := scan(&r.ID, &r.Account, &r.Environment, &r.Period, &r.Flow, &r.Version, &started, &finished,
		&settings, &control, &r.ExitCode, &pruned, &tables)
	if err != nil {
		return Run{}, err
	}
	r.Started, r.Finished, r.Pruned = fromNanos(started), fromNanos(finished), fromNanos(pruned)
	if err := json.Unmarshal([]byte(control), &r.Control); err != nil {
		return Run{}, fmt.Errorf(msgControl, r.ID, err)
	}
	if settings != "" {
		r.Settings = json.RawMessage(settings)
	}
	if tables == "" {
		return r, nil
	}
	if err := json.Unmarshal([]byte(tables), &r.Tables); err != nil {
		return Run{}, fmt.Errorf("run %s: tables: %w", r.ID, err)
	}
	return r, nil
}

// selectAll reads all rows of a query. It holds no connection any more when it returns, so the caller may write.
func selectAll[T any](ctx context.Context, q rowReader, scan func(func(...any) error) (T, error), query string,
	args ...any,
) ([]T, error) {
	return selectInto(ctx, q, nil, scan, query, args...)
}

// selectInto is selectAll that reuses the memory of a list: orders are large, and a growing list copies them.
func selectInto[T any](ctx context.Context, q rowReader, all []T, scan func(func(...any) error) (T, error),
	query string, args ...any,
) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err below says what went wrong
	all = all[:0]
	for rows.Next() {
		one, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
