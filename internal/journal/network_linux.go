package journal

import (
	"errors"
	"io/fs"
	"path/filepath"

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
	return networkMagic(uint32(stat.Type)), nil //nolint:gosec // G115: magic numbers have 32 bits
}

// networkMagic knows the magic numbers of statfs(2) without safe shared memory between machines.
func networkMagic(magic uint32) bool {
	switch magic {
	case unix.NFS_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC,
		unix.FUSE_SUPER_MAGIC, unix.V9FS_MAGIC, unix.CEPH_SUPER_MAGIC, unix.AFS_SUPER_MAGIC, unix.CODA_SUPER_MAGIC:
		return true
	}
	return false
}
