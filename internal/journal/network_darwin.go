package journal

import (
	"strings"

	"golang.org/x/sys/unix"
)

// networked knows the names of file systems without safe shared memory between machines.
func networked(stat *unix.Statfs_t) bool {
	name := unix.ByteSliceToString(stat.Fstypename[:])
	switch name {
	case "nfs", "smbfs", "afpfs", "webdav", "cifs":
		return true
	}
	return strings.Contains(name, "fuse")
}
