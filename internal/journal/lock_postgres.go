package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"sync"
)

// locks are the locks that this journal holds in PostgreSQL, by their tokens in the table lock_holders. The server ends
// a lock with its session, and the holder may not notice. The next holder deletes the token. So as long as a token is
// in the table, nobody else has taken its lock.
type locks struct {
	mu     sync.Mutex
	tokens []string
}

func (l *locks) add(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tokens = append(l.tokens, token)
}

func (l *locks) remove(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tokens = slices.DeleteFunc(slices.Clone(l.tokens), func(held string) bool { return held == token })
}

func (l *locks) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clip(l.tokens)
}

// checkLocks refuses the transaction if a lock was taken over (fencing): a process that was paused, and lost its lock,
// must not send beside the run that took its place. FOR SHARE keeps the tokens until the transaction ends.
func (j *Journal) checkLocks(t *tx) error {
	if t.fenced {
		return nil
	}
	for _, token := range j.locks.all() {
		var one int
		err := t.get(`SELECT 1 FROM lock_holders WHERE token = $1 FOR SHARE`, []any{token}, &one)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrLockLost
		}
		if err != nil {
			return err
		}
	}
	t.fenced = true
	return nil
}

// lockKeys gives the two halves of an advisory lock: the account, and its shard or 0 for the entire account.
func lockKeys(account string, shard Shard) (class, object int64) {
	h := fnv.New32a()
	_, _ = h.Write([]byte("kravia-batch account " + account)) // never fails
	class = int64(h.Sum32() & math.MaxInt32)
	if shard == (Shard{}) {
		return class, 0
	}
	return class, int64(shard.Count)<<14 | int64(shard.Index)
}

// lockPostgres takes advisory locks on a connection of its own. A run without shards locks the account exclusively. A
// shard shares the account with its sibling shards and locks its own part exclusively.
func (j *Journal) lockPostgres(ctx context.Context, account string, shard Shard, h Holder) (func() error, error) {
	conn, err := j.db.Conn(ctx)
	if err != nil {
		return nil, explainPostgres(err)
	}
	token := rand.Text()
	got, err := tryLock(ctx, conn, account, shard)
	if err == nil && got {
		err = j.putHolder(ctx, account, shard, h, token)
	}
	if err != nil || !got {
		if err == nil {
			err = &LockedError{Account: account, Holder: j.holderOf(ctx, account, shard)}
		}
		return nil, errors.Join(explainPostgres(err), discard(context.WithoutCancel(ctx), conn))
	}
	j.locks.add(token)
	return func() error {
		ctx := context.WithoutCancel(ctx)
		j.locks.remove(token)
		_, err := j.db.ExecContext(ctx, `DELETE FROM lock_holders WHERE token = $1`, token)
		return errors.Join(err, discard(ctx, conn))
	}, nil
}

// discard releases the connection's locks and ends its session.
func discard(ctx context.Context, conn *sql.Conn) error {
	// If this fails, the locks end with the session.
	_, _ = conn.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`)
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// tryLock takes the locks if all of them are free. What it took stays with the connection also if it reports false.
func tryLock(ctx context.Context, conn *sql.Conn, account string, shard Shard) (got bool, err error) {
	class, object := lockKeys(account, shard)
	if shard == (Shard{}) {
		err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1::int, 0)`, class).Scan(&got)
		return got, err
	}
	err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock_shared($1::int, 0)`, class).Scan(&got)
	if err != nil || !got {
		return false, err
	}
	err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1::int, $2::int)`, class, object).Scan(&got)
	if err != nil || !got {
		return false, err
	}
	// A shard of another count would have some of the same orders.
	var others int
	err = conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND classid::bigint = $1 AND objid <> 0 AND objsubid = 2 AND (objid::bigint >> 14) <> $2`,
		class, object>>14).Scan(&others)
	return others == 0, err
}

// lockedPostgres looks for a lock of the account or of any shard of it.
func (j *Journal) lockedPostgres(ctx context.Context, account string) error {
	class, _ := lockKeys(account, Shard{})
	var locks int
	err := j.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND classid::bigint = $1 AND objsubid = 2`, class).Scan(&locks)
	if err == nil && locks > 0 {
		err = &LockedError{Account: account, Holder: j.holderOf(ctx, account, Shard{})}
	}
	return explainPostgres(err)
}

// putHolder records the new holder and deletes the tokens of earlier ones, so that their Begin fails with ErrLockLost.
func (j *Journal) putHolder(ctx context.Context, account string, shard Shard, h Holder, token string) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return j.write(ctx, fmt.Sprintf("lock account %s", account), func(t *tx) error {
		_, err := t.exec(`DELETE FROM lock_holders WHERE account = $1
			AND ($2 = 0 OR shard_count <> $2 OR shard_index = $3)`, account, shard.Count, shard.Index)
		if err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO lock_holders (account, shard_index, shard_count, token, holder)
			VALUES ($1, $2, $3, $4, $5)`, account, shard.Index, shard.Count, token, string(text))
		return err
	})
}

// holderOf reads who holds the account or the shard, for an error. It gives zero if that cannot be read.
func (j *Journal) holderOf(ctx context.Context, account string, shard Shard) Holder {
	var h Holder
	var text string
	err := j.db.QueryRowContext(ctx, `SELECT holder FROM lock_holders WHERE account = $1
		ORDER BY (shard_count = $2 AND shard_index = $3) DESC, shard_count, shard_index LIMIT 1`,
		account, shard.Count, shard.Index).Scan(&text)
	if err != nil || json.Unmarshal([]byte(text), &h) != nil {
		return Holder{}
	}
	return h
}
