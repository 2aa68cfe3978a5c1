package journal

import (
	"strings"

	"golang.org/x/sys/unix"
)

// networked knows file systems by name. Machines that share such a file system do not share memory, which SQLite's WAL
// needs, and its locks may not reach the other machine.
func networked(stat *unix.Statfs_t) bool {
	name := unix.ByteSliceToString(stat.Fstypename[:])
	switch name {
	case "nfs", "smbfs", "afpfs", "webdav", "cifs":
		return true
	}
	return strings.Contains(name, "fuse")
}
