// Package journal is the durable memory of what was planned, tried and learned. It hides the schema,
// transactions, durability, locks and what a crash left behind.
//
// The order of use in a run: [Open], [Journal.Lock], [Journal.BeginRun], [Journal.AppendRows],
// [Journal.AppendLeftOut] and [Journal.Enter] while the input is read; then [Journal.Resume], and for every
// order of [Journal.Due] a [Journal.Begin] before each payment request leaves and a [Journal.Conclude] after
// its answer; then [Journal.Rows], [Journal.LeftOut] and [Journal.RunOrders] for the report, and
// [Journal.UpdateRun].
//
// What returned without an error is on the disk. Two engines share the statements: SQLite in one file (the
// default), and PostgreSQL where several processes share a journal.
package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// The errors that a caller decides on. Each is wrapped with the place and what to do.
var (
	ErrDamaged  = errors.New("the journal is damaged")
	ErrNewer    = errors.New("the journal was written by a newer kravia-batch")
	ErrNotFound = errors.New("not in the journal")
	// ErrNetwork says that SQLite cannot keep the file safe where it is: its locks and its shared memory do
	// not reach across machines.
	ErrNetwork = errors.New(
		"it is on a network or FUSE file system, which keeps no journal safe: give a folder on a local disk, or postgres://…")
	// ErrPruned says that the rows of a run were removed by Prune.
	ErrPruned = errors.New("the rows of the run were pruned")
	// ErrTaken says that another process changed the order since it was read; nothing was written.
	ErrTaken = errors.New("the order was changed by another process")
	// ErrLockLost says that another process took over the account's lock; nothing was written.
	ErrLockLost = errors.New("the lock was taken over by another process")
	// ErrUnknown says that the connection broke during the commit: what was asked for may be written or not.
	ErrUnknown = errors.New("the journal's answer was lost, what it recorded is not known")
	// ErrClosed says that Close was called; nothing was written.
	ErrClosed = errors.New("the journal is closed")
)

// Journal is an open journal. Its methods may be called by many goroutines at once.
type Journal struct {
	View   // of what is there at each read
	db     *sql.DB
	engine engine
	name   string // for people: the path, or the URL without its password

	path string      // of the SQLite file, "" for PostgreSQL
	file os.FileInfo // of it when it was opened

	prepared statements
	looked   time.Time // when the writer last saw the file in its place

	requests chan *request
	closing  chan struct{}
	stopped  chan struct{} // closed when the writer has ended
	close    func() error
	locks    locks

	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// engine is what differs between SQLite and PostgreSQL beside opening and locking.
type engine struct {
	schema    schema
	explain   func(error) error // says in words what happened, wrapping the cause
	transient func(error) bool  // the connection failed, or a deadlock: the transaction did not happen
	refused   func(error) bool  // of an error of COMMIT: certainly not committed
	unnamed   bool              // ? is faster than $1 where there are many
	limit     time.Duration     // longest transaction, 0 for none
	withIDs   string            // what an INSERT says that brings an order's id
	countOn   string            // after such ones, to have ids counted on from the greatest
}

// Shared reports whether location is a PostgreSQL URL and no path.
func Shared(location string) bool {
	return strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://")
}

var driveForm = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// CheckLocation refuses what is neither a path nor a PostgreSQL URL that can be read, and makes and reaches
// nothing. A mistyped address must not become a path: a new journal remembers nothing, and orders would be
// sent again. Errors do not repeat the location, which may hold a password.
func CheckLocation(location string) error {
	if Shared(location) {
		_, err := parsePostgres(location)
		return err
	}
	// An address has a scheme, a port, a user or key=value. A path with such signs in it begins with / or .,
	// or with a drive's letter.
	sign := strings.IndexAny(location, ":@=")
	plain := sign < 0 || strings.HasPrefix(location, "/") || strings.HasPrefix(location, ".") ||
		driveForm.MatchString(location)
	if location == "" || !plain || strings.TrimSpace(location) != location {
		return errors.New(
			"it is neither a path nor an address such as postgres://user@host:5432/database (write ./ in front of a path with : @ or = in it)")
	}
	return nil
}

// Open opens the journal at location, the path of a file or a postgres:// URL, and makes or migrates its
// schema. Where a file or its folder is read-only, so is the journal. Errors: those of CheckLocation,
// ErrDamaged, ErrNewer, ErrNetwork, and what the system says. A password is never part of an error.
func Open(ctx context.Context, location string) (*Journal, error) {
	if Shared(location) {
		return openPostgres(ctx, location)
	}
	if err := CheckLocation(location); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return openSQLite(ctx, location)
}

// Found reports whether there is a journal at location. It makes none.
func Found(ctx context.Context, location string) (bool, error) {
	if Shared(location) {
		return foundPostgres(ctx, location)
	}
	_, err := os.Stat(location)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("journal %s: %w", location, err)
	}
	return true, nil
}

// places are n placeholders after those numbered below first: "$2, $3, $4". For none they are a value that
// nothing equals.
func (e engine) places(first, n int) string {
	if n == 0 {
		return "NULL"
	}
	if e.unnamed {
		return strings.Repeat("?, ", n-1) + "?"
	}
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	return b.String()
}

// start makes a Journal of an opened and migrated database and starts its writer.
func start(db *sql.DB, e engine, name string) (*Journal, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", name, err)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", name, err)
	}
	j := &Journal{
		db: db, engine: e, name: name,
		requests: make(chan *request), closing: make(chan struct{}), stopped: make(chan struct{}),
		encoder: encoder, decoder: decoder, prepared: statements{db: db},
	}
	j.View = View{journal: j, from: db}
	j.close = sync.OnceValue(func() error {
		close(j.closing)
		<-j.stopped
		j.decoder.Close()
		return errors.Join(j.encoder.Close(), j.db.Close())
	})
	go j.writeLoop()
	return j, nil
}

// Close waits for writes under way, then closes the journal. Further writes fail with ErrClosed. A
// second Close does nothing.
func (j *Journal) Close() error {
	if err := j.close(); err != nil {
		return fmt.Errorf("journal %s: %w", j.name, err)
	}
	return nil
}

// fail adds the journal's name and the engine's words to an error of the database.
func (j *Journal) fail(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("journal %s: %s: %w", j.name, doing, j.engine.explain(err))
}

// nanos is how a time is stored.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// fromNanos reads what nanos wrote, in UTC.
func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// clean makes free text storable in both engines: valid UTF-8 without NUL, which PostgreSQL refuses.
func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}
