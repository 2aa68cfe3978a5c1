package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Shard is one process's part of an account's orders; the zero value is the whole.
type Shard struct {
	Index int // 0 to Count-1
	Count int // 0 for the whole
}

// Holder says who holds a lock.
type Holder struct {
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Run   string    `json:"run"`
	Since time.Time `json:"since"`
}

// ThisProcess is the holder of a lock for a run, or for other work.
func ThisProcess(run string) Holder {
	host, _ := os.Hostname() // only for the message of the one who has to wait
	return Holder{Host: host, PID: os.Getpid(), Run: run, Since: time.Now()}
}

// LockedError says that another run works on the account. Holder is zero where it is not known.
type LockedError struct {
	Account string
	Holder  Holder
}

// Error names the holder.
func (e *LockedError) Error() string {
	if e.Holder == (Holder{}) {
		return fmt.Sprintf("account %s is locked by another run", e.Account)
	}
	return fmt.Sprintf("account %s is locked by run %s on %s (process %d) since %s", e.Account, e.Holder.Run,
		e.Holder.Host, e.Holder.PID, e.Holder.Since.UTC().Format(time.RFC3339))
}

// Lock takes the account for one run, or a shard of it, in this journal. Where another holds it, the error is
// a *LockedError at once. The lock is released by release, and in any case when the process or its connection
// ends.
func (j *Journal) Lock(ctx context.Context, account string, shard Shard, h Holder) (release func() error, err error) {
	if account == "" || strings.Trim(account, accountCharacters) != "" {
		return nil,
			fmt.Errorf("journal: account %q cannot be locked: it has other characters than A-Za-z0-9_-", account)
	}
	if shard != (Shard{}) && (shard.Index < 0 || shard.Index >= shard.Count || shard.Count > maxShards) {
		return nil, fmt.Errorf("journal: there is no shard %d of %d, only 0 to N-1 of N up to %d",
			shard.Index, shard.Count, maxShards)
	}
	for try := 1; ; try++ {
		release, err = j.tryLock(ctx, account, shard, h)
		var locked *LockedError
		if err == nil || !errors.As(err, &locked) || (try > 1 && locked.Holder != Holder{}) || try == lockTries {
			break
		}
		// Whoever has just taken it writes down who it is a moment later: wait for that, to name it.
		timer := time.NewTimer(lockPause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("journal %s: %w", j.name, context.Cause(ctx))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", j.name, err)
	}
	return release, nil
}

func (j *Journal) tryLock(ctx context.Context, account string, shard Shard, h Holder) (release func() error,
	err error,
) {
	if j.path == "" {
		return j.lockPostgres(ctx, account, shard, h)
	}
	return j.lockFile(account, shard, h)
}

const (
	lockTries         = 5
	lockPause         = 150 * time.Millisecond
	accountCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	maxShards         = 1 << 14
)

// lockFile locks a file beside the journal. Who holds it stands in a second file, since some systems
// let nobody else read a locked one.
func (j *Journal) lockFile(account string, shard Shard, h Holder) (release func() error, err error) {
	if shard != (Shard{}) {
		return nil, errors.New("shards need a journal in PostgreSQL")
	}
	holderPath := j.path + "." + account + ".holder"
	lock := flock.New(j.path+"."+account+".lock", flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock account %s: %w", account, err)
	}
	if !got {
		return nil, &LockedError{Account: account, Holder: readHolder(holderPath)}
	}
	text, err := json.Marshal(h)
	if err == nil {
		err = os.WriteFile(holderPath, text, 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock account %s: %w", account, err), lock.Close())
	}
	return func() error {
		err := os.Remove(holderPath)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		// The lock file stays: removing it would let two processes lock two files of one name.
		return errors.Join(err, lock.Close())
	}, nil
}

// readHolder is who holds the lock, zero if that cannot be read; it only serves a message.
func readHolder(path string) Holder {
	var h Holder
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}

// Locked is a *LockedError when a run works on the account, or on a shard of it. It takes nothing and makes no
// file: a run that begins at the same moment gets its lock.
func (j *Journal) Locked(ctx context.Context, account string) error {
	if j.path == "" {
		return j.heldPostgres(ctx, account)
	}
	path := j.path + "." + account + ".lock"
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	}
	// Shared for a moment: Lock tries again where no holder stands beside the lock.
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	if err == nil && !free {
		err = &LockedError{Account: account, Holder: readHolder(j.path + "." + account + ".holder")}
	}
	return errors.Join(err, lock.Close())
}
