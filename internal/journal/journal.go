// Package journal is the durable memory of what was planned, tried and learned. It hides the schema,
// transactions, durability, locks and what a crash left behind.
//
// A run uses it in this order:
//
//  1. [Open] the journal and [Journal.Lock] the account, so that no other run works on the same orders.
//  2. [Journal.BeginRun]. While the input is read: [Journal.AppendRows], [Journal.AppendLeftOut], and
//     [Journal.Enter] for its orders. Enter decides which of them may be sent.
//  3. [Journal.Resume] makes due what earlier runs left unclear. Then, for every order of [Journal.Due]:
//     [Journal.Begin] before each payment request leaves, [Journal.Conclude] after its answer.
//  4. For the report: [Journal.Rows], [Journal.LeftOut] and [Journal.RunOrders]. [Journal.UpdateRun] ends the run.
//
// No order is invoiced twice as long as four rules hold:
//
//   - What returned without an error is on the disk. Otherwise a crash could forget a request that left.
//   - A request may leave only after its Begin succeeded. So every request that ever left is in the journal.
//   - A write names the version of the order that it saw, and changes nothing if the order has another version by
//     then ([ErrTaken]). So two processes never act on the same state of an order.
//   - A process that lost its lock can begin no request and enter no order ([ErrLockLost]).
//
// Waits are rows: the columns step and due_at say what is to be done next for an order, and when. No goroutine waits
// for an order, so a restart has nothing to restore.
//
// Two engines share the statements: SQLite in one file (the default), and PostgreSQL where several processes share
// a journal.
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

// The errors that a caller decides on. Each is wrapped with the journal's name, what was being done, and what to do.
var (
	// ErrDamaged says that the file or database is not an intact journal. Nothing is sent from it.
	ErrDamaged = errors.New(msgDamaged)
	// ErrNewer says that a newer program changed the schema. An older program could not keep its rules.
	ErrNewer = errors.New(msgNewer)
	// ErrNotFound says that the journal does not have the run or the order.
	ErrNotFound = errors.New(msgNotFound)
	// ErrNetwork says that SQLite cannot keep the file safe where it is, because its locks and its shared memory
	// do not reach across machines.
	ErrNetwork = errors.New(msgNetwork)
	// ErrPruned says that Prune removed the rows of a run.
	ErrPruned = errors.New(msgPruned)
	// ErrTaken says that another process changed the order since it was read. Nothing was written.
	ErrTaken = errors.New(msgTaken)
	// ErrLockLost says that another process took over the account's lock. Nothing was written.
	ErrLockLost = errors.New(msgLockLost)
	// ErrUnknown says that the connection broke during the commit: the write may have happened or not. A request
	// must not leave after such a Begin; the next run looks the order up.
	ErrUnknown = errors.New(msgUnknown)
	// ErrClosed says that Close was called. Nothing was written.
	ErrClosed = errors.New(msgClosed)
)

// Journal is an open journal. Its methods may be called by many goroutines at once.
type Journal struct {
	View   // of what is there at each read
	db     *sql.DB
	engine engine
	name   string // in errors: the path, or the URL without its password

	path string      // of the SQLite file, "" for PostgreSQL
	file os.FileInfo // of the SQLite file when it was opened

	prepared statements
	seenAt   time.Time // when the writer last saw the file in its place

	requests chan *request // to the one writer
	closing  chan struct{} // closed by Close
	stopped  chan struct{} // closed when the writer has ended
	close    func() error
	locks    locks

	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// engine is what differs between SQLite and PostgreSQL, apart from opening and locking.
type engine struct {
	schema    schema
	explain   func(error) error // puts an error of the database into plain words and wraps it
	transient func(error) bool  // the connection failed, or a deadlock: the transaction did not happen
	refused   func(error) bool  // whether an error of COMMIT proves that nothing was committed
	unnamed   bool              // many parameters are bound faster as ? than as $1
	limit     time.Duration     // of one transaction, 0 for none
	withIDs   string            // words of an INSERT that brings the ids of orders, for Copy
	countOn   string            // statement after such INSERTs: new ids begin after the greatest
}

// Shared reports whether location is a PostgreSQL URL, and not a path.
func Shared(location string) bool {
	return strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://")
}

var driveForm = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// CheckLocation refuses a location that is neither a path nor a readable PostgreSQL URL. It creates no file and makes
// no connection. A mistyped address must not become a path: a new journal remembers nothing, and orders would be sent
// again. Errors do not repeat the location, which may hold a password.
func CheckLocation(location string) error {
	if Shared(location) {
		_, err := parsePostgres(location)
		return err
	}
	// An address has a scheme, a port, a user, or key=value. So a path with such signs in it must begin with / or .
	// or a drive letter.
	sign := strings.IndexAny(location, ":@=")
	isPath := sign < 0 || strings.HasPrefix(location, "/") || strings.HasPrefix(location, ".") ||
		driveForm.MatchString(location)
	if location == "" || !isPath || strings.TrimSpace(location) != location {
		return errors.New(msgNoLocation)
	}
	return nil
}

// Open opens the journal at location, the path of a file or a postgres:// URL. It creates the journal if there is
// none, and migrates its schema to the newest version. If the file or its folder is read-only, so is the journal.
// Errors: those of CheckLocation, ErrDamaged, ErrNewer, ErrNetwork, and the system's. No error contains a password.
func Open(ctx context.Context, location string) (*Journal, error) {
	if Shared(location) {
		return openPostgres(ctx, location)
	}
	if err := CheckLocation(location); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return openSQLite(ctx, location)
}

// Found reports whether there is a journal at location. It creates none.
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

// places gives n placeholders, numbered from first: "$2, $3, $4". If n is 0 it gives NULL, which equals nothing.
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

// start makes a Journal from an opened and migrated database, and starts its writer.
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

// Close waits for the writes under way, then closes the journal. Further writes fail with ErrClosed. A second Close
// does nothing.
func (j *Journal) Close() error {
	if err := j.close(); err != nil {
		return fmt.Errorf("journal %s: %w", j.name, err)
	}
	return nil
}

// fail puts the journal's name and what was being done in front of an error, and explains an error of the database.
func (j *Journal) fail(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("journal %s: %s: %w", j.name, doing, j.engine.explain(err))
}

// nanos is a time as it is stored: nanoseconds since 1970 in UTC, 0 for the zero time.
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
