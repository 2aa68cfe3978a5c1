package journal

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// onNetwork tells whether the file lies, or would lie, on a network or FUSE file system.
func onNetwork(path string) (bool, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return false, err
	}
	var stat unix.Statfs_t
	for err = unix.Statfs(path, &stat); errors.Is(err, fs.ErrNotExist) && path != filepath.Dir(path); {
		path = filepath.Dir(path)
		err = unix.Statfs(path, &stat)
	}
	if err != nil {
		return false, &fs.PathError{Op: "statfs", Path: path, Err: err}
	}
	name := unix.ByteSliceToString(stat.Fstypename[:])
	switch name {
	case "nfs", "smbfs", "afpfs", "webdav", "cifs":
		return true, nil
	}
	return strings.Contains(name, "fuse"), nil
}
