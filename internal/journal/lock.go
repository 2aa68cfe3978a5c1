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

// Shard is one process's part of an account's orders. The zero value is all of them.
type Shard struct {
	Index int // 0 to Count-1
	Count int // 0 for all orders
}

// Holder says who holds a lock.
type Holder struct {
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Run   string    `json:"run"`
	Since time.Time `json:"since"`
}

// ThisProcess gives this process as the holder of a lock for a run, or for other work such as "prune".
func ThisProcess(run string) Holder {
	host, _ := os.Hostname() // only the error of another process shows it
	return Holder{Host: host, PID: os.Getpid(), Run: run, Since: time.Now()}
}

// LockedError says that another run works on the account. Holder is zero if it is not known.
type LockedError struct {
	Account string
	Holder  Holder
}

// Error names the account and the holder.
func (e *LockedError) Error() string {
	if e.Holder == (Holder{}) {
		return fmt.Sprintf(msgLocked, e.Account)
	}
	return fmt.Sprintf(msgLockedBy, e.Account, e.Holder.Run, e.Holder.Host, e.Holder.PID,
		e.Holder.Since.UTC().Format(time.RFC3339))
}

// Lock locks the account, or one shard of it, for one run of this journal. If another run has locked it, the error is a
// *LockedError, without waiting for that run. Two runs of one account at once could send an order twice.
//
// release ends the lock. The lock ends in any case with the process (SQLite), or with its connection to PostgreSQL.
func (j *Journal) Lock(ctx context.Context, account string, shard Shard, h Holder) (release func() error, err error) {
	if account == "" || strings.Trim(account, accountCharacters) != "" {
		return nil, fmt.Errorf(msgLockName, account)
	}
	if shard != (Shard{}) && (shard.Index < 0 || shard.Index >= shard.Count || shard.Count > maxShards) {
		return nil, fmt.Errorf(msgNoShard, shard.Index, shard.Count, maxShards)
	}
	for try := 1; ; try++ {
		release, err = j.tryLock(ctx, account, shard, h)
		var locked *LockedError
		if err == nil || !errors.As(err, &locked) || (try > 1 && locked.Holder != Holder{}) || try == lockTries {
			break
		}
		// A new holder records its name a moment after it has the lock. Wait for the name, so that the error shows it.
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
	lockTries = 5
	lockPause = 150 * time.Millisecond
	// accountCharacters are safe in a file's name: the account is a part of the lock file's.
	accountCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	// maxShards leaves room for count and index in one half of an advisory lock, see lockKeys.
	maxShards = 1 << 14
)

// lockFile locks a file beside the journal. A second file names the holder, since some systems let no other process
// read a locked file.
func (j *Journal) lockFile(account string, shard Shard, h Holder) (release func() error, err error) {
	if shard != (Shard{}) {
		return nil, errors.New(msgShardsFile)
	}
	holderPath := j.path + "." + account + ".holder"
	lock := flock.New(j.path+"."+account+".lock", flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf(msgLock, account, err)
	}
	if !got {
		return nil, &LockedError{Account: account, Holder: readHolder(holderPath)}
	}
	text, err := json.Marshal(h)
	if err == nil {
		err = os.WriteFile(holderPath, text, 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf(msgLock, account, err), lock.Close())
	}
	return func() error {
		err := os.Remove(holderPath)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		// The lock file stays. If it were removed, one process could hold the lock of the removed file while another
		// locks a new file of the same name.
		return errors.Join(err, lock.Close())
	}, nil
}

// readHolder reads who holds the lock, for an error. It gives zero if that cannot be read.
func readHolder(path string) Holder {
	var h Holder
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}

// Locked gives a *LockedError if a run works on the account, or on a shard of it, and nil if none does. It creates no
// file and keeps no lock, so a run that begins at the same moment gets its lock.
func (j *Journal) Locked(ctx context.Context, account string) error {
	if j.path == "" {
		return j.lockedPostgres(ctx, account)
	}
	path := j.path + "." + account + ".lock"
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	}
	// This takes a shared lock for a moment. A Lock that meets it tries again, since no holder is recorded then.
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	if err == nil && !free {
		err = &LockedError{Account: account, Holder: readHolder(j.path + "." + account + ".holder")}
	}
	return errors.Join(err, lock.Close())
}
