package journal

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strconv"
)

// steps holds one file for each version of the schema, 1.sql first; a step is never changed once released.
//
//go:embed schema/*.sql
var steps embed.FS

// schema is how an engine keeps the version of its schema.
type schema struct {
	version   func(context.Context, *sql.Tx) (int, error) // 0 for an empty database
	record    func(context.Context, *sql.Tx, int) error
	translate func(statements string) string
}

// embeddedSteps are the steps of this program in their order.
func embeddedSteps() []string {
	var all []string
	for n := 1; ; n++ {
		text, err := steps.ReadFile("schema/" + strconv.Itoa(n) + ".sql")
		if err != nil {
			return all
		}
		all = append(all, string(text))
	}
}

// migrate brings the schema to len(steps) in one transaction, and refuses a newer one.
func migrate(ctx context.Context, db *sql.DB, s schema, steps []string) error {
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
	case version == len(steps):
		return nil
	case version > len(steps):
		return fmt.Errorf("%w: its schema has version %d, this program knows %d: use the newer kravia-batch",
			ErrNewer, version, len(steps))
	}
	for _, step := range steps[version:] {
		if _, err := tx.ExecContext(ctx, s.translate(step)); err != nil {
			return fmt.Errorf("migrate from schema version %d: %w", version, err)
		}
	}
	if err := s.record(ctx, tx, len(steps)); err != nil {
		return err
	}
	return tx.Commit()
}
