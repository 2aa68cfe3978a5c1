package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// transactionLimit ends a transaction whose server no longer answers, so that the writer does not wait for ever.
const transactionLimit = time.Minute

func openPostgres(ctx context.Context, location string) (*Journal, error) {
	name := maskPassword(location)
	db, err := connectPostgres(location)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", name, err)
	}
	if err := migrate(ctx, db, postgresSchema()); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", name, explainPostgres(err)), db.Close())
	}
	j, err := start(db, postgresEngine(), name) //nolint:contextcheck // the writer outlives the caller's context
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return j, nil
}

// foundPostgres reports whether the database holds a journal.
func foundPostgres(ctx context.Context, location string) (found bool, err error) {
	db, err := connectPostgres(location)
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT to_regclass('journal_schema') IS NOT NULL`).Scan(&found)
		err = errors.Join(explainPostgres(err), db.Close())
	}
	if err != nil {
		return false, fmt.Errorf("journal %s: %w", maskPassword(location), err)
	}
	return found, nil
}

// connectPostgres prepares connections. It makes none yet.
func connectPostgres(location string) (*sql.DB, error) {
	config, err := parsePostgres(location)
	if err != nil {
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 15 * time.Second
	}
	config.RuntimeParams["application_name"] = "kravia-batch"
	// A request leaves after Begin, so Begin must be on the server's disk, whatever the server's default is.
	config.RuntimeParams["synchronous_commit"] = "on"
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// parsePostgres reads a URL and the certificates that it names.
func parsePostgres(location string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(location)
	if err == nil {
		return config, nil
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf(msgURLFile, file)
	}
	return nil, errors.New(msgURL) // the parser's other errors repeat the URL with its password
}

// maskPassword gives the URL without its password, and without its query, which may contain one too.
func maskPassword(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return "postgres://…"
	}
	u.RawQuery, u.Fragment = "", ""
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	return u.String()
}

func postgresEngine() engine {
	return engine{
		schema:    postgresSchema(),
		explain:   explainPostgres,
		transient: transientPostgres,
		refused: func(err error) bool {
			answer, ok := errors.AsType[*pgconn.PgError](err)
			// Any answer of the server to COMMIT means that nothing was committed, except class 57: there the server is
			// going away, perhaps after it committed.
			return errors.Is(err, pgx.ErrTxCommitRollback) || ok && !strings.HasPrefix(answer.Code, "57")
		},
		limit:   transactionLimit,
		withIDs: `OVERRIDING SYSTEM VALUE`,
		countOn: `SELECT setval(pg_get_serial_sequence('orders', 'id'),
			(SELECT COALESCE(MAX(id), 0) + 1 FROM orders), false)`,
	}
}

func postgresSchema() schema {
	return schema{
		steps: embeddedSteps("postgres"),
		version: func(ctx context.Context, tx *sql.Tx) (version int, err error) {
			// Several processes may open a new journal at once. The lock lets one of them make the tables.
			_, err = tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('kravia-batch schema'));
				CREATE TABLE IF NOT EXISTS journal_schema (version BIGINT NOT NULL)`)
			if err != nil {
				return 0, err
			}
			return version,
				tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM journal_schema`).Scan(&version)
		},
		record: func(ctx context.Context, tx *sql.Tx, version int) error {
			if _, err := tx.ExecContext(ctx, `DELETE FROM journal_schema`); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO journal_schema (version) VALUES ($1)`, version)
			return err
		},
	}
}

// transientPostgres reports whether the same transaction may succeed if it is repeated: after a lost connection, a
// server that starts or stops, too many connections, or a deadlock.
func transientPostgres(err error) bool {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch answer.Code {
		case "40001", "40P01", "53300", "57P01", "57P02", "57P03":
			return true
		}
		return strings.HasPrefix(answer.Code, "08")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return false // transactionLimit
	}
	_, network := errors.AsType[net.Error](err)
	_, connect := errors.AsType[*pgconn.ConnectError](err)
	return connect || network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}

// explainPostgres says in plain words what PostgreSQL's error code means for the journal.
func explainPostgres(err error) error {
	answer, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	switch answer.Code {
	case "53100":
		return fmt.Errorf(msgDatabaseFull, err)
	case "25006":
		return fmt.Errorf(msgDatabaseReadOnly, err)
	case "28P01", "28000":
		return fmt.Errorf(msgDatabaseRefused, err)
	case "XX001", "XX002":
		return fmt.Errorf(msgCorruptDatabase, ErrDamaged, err)
	}
	return err
}
