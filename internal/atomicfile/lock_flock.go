//go:build linux || darwin

package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock locks an open file or folder until it is closed or the process ends. It locks the open file and not a path,
// which could lead out of the folder by then. Without wait it is an error if another process, or another opening of the
// file in this process, holds the lock.
func lock(f *os.File, wait bool) error {
	how := unix.LOCK_EX
	if !wait {
		how |= unix.LOCK_NB
	}
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
