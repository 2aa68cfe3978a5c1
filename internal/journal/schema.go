package journal

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strconv"
)

// steps holds a folder for each engine, and in it a file for each version of the schema, 1.sql first.
//
//go:embed schema
var steps embed.FS

// copying stands for the version while a journal is filled by [Copy], so that no program takes a part for the whole.
const copying = 1_000_000

// schema is what an engine's tables are made of and where their version stands.
type schema struct {
	steps   []string                                    // step n makes version n+1 of version n
	version func(context.Context, *sql.Tx) (int, error) // 0 for an empty database
	record  func(context.Context, *sql.Tx, int) error
}

// embeddedSteps are the steps of this program for an engine, in their order.
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

// migrate brings the schema to its newest version in one transaction, and refuses a newer one.
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
		return fmt.Errorf("%w: a copy into it was interrupted, or is under way: remove it and copy again", ErrDamaged)
	case version > len(s.steps):
		return fmt.Errorf("%w: its schema has version %d, this program knows %d: use the newer kravia-batch",
			ErrNewer, version, len(s.steps))
	}
	for _, step := range s.steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("migrate from schema version %d: %w", version, err)
		}
	}
	if err := s.record(ctx, tx, len(s.steps)); err != nil {
		return err
	}
	return tx.Commit()
}
