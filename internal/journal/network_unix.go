//go:build linux || darwin

package journal

import (
	"errors"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// onNetwork reports whether the file is, or would be, on a network or FUSE file system.
func onNetwork(path string) bool {
	path, err := filepath.Abs(path)
	if err != nil {
		return false // opening the file gives the error
	}
	var stat unix.Statfs_t
	for err = unix.Statfs(path, &stat); errors.Is(err, fs.ErrNotExist) && path != filepath.Dir(path); {
		path = filepath.Dir(path)
		err = unix.Statfs(path, &stat)
	}
	return err == nil && networked(&stat)
}
