package journal

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strconv"
)

// steps holds a folder for each engine with a file for each version of the schema, 1.sql first. A released file never
// changes, because journals that have run it will not run it again.
//
//go:embed schema
var steps embed.FS

// copying stands in the place of the schema's version while [Copy] fills a journal. It is greater than any version, so
// every program refuses a journal that holds only a part of the orders.
const copying = 1_000_000

// schema makes an engine's tables and knows where their version is stored.
type schema struct {
	steps   []string                                    // step n turns version n into version n+1
	version func(context.Context, *sql.Tx) (int, error) // 0 for an empty database
	record  func(context.Context, *sql.Tx, int) error
}

// embeddedSteps gives this program's steps for an engine, in order.
func embeddedSteps(engine string) []string {
	var all []string
	for n := 1; ; n++ {
		text, err := steps.ReadFile("schema/" + engine + "/" + strconv.Itoa(n) + ".sql")
		if err != nil {
			return all
		}
		all = append(all, string(text))
	}
}

// migrate brings the schema to its newest version in one transaction. It refuses a version that this program does not
// know.
func migrate(ctx context.Context, db *sql.DB, s schema) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	version, err := s.version(ctx, tx)
	if err != nil {
		return err
	}
	switch {
	case version == len(s.steps):
		return nil
	case version == copying:
		return fmt.Errorf(msgHalfCopied, ErrDamaged)
	case version > len(s.steps):
		return fmt.Errorf(msgNewerSchema, ErrNewer, version, len(s.steps))
	}
	for _, step := range s.steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf(msgMigrate, version, err)
		}
	}
	if err := s.record(ctx, tx, len(s.steps)); err != nil {
		return err
	}
	return tx.Commit()
}
