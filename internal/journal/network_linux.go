package journal

import "golang.org/x/sys/unix"

// networked knows file systems by the magic numbers of statfs(2). Machines that share such a file system do not share
// memory, which SQLite's WAL needs, and its locks may not reach the other machine.
func networked(stat *unix.Statfs_t) bool {
	switch uint32(stat.Type) { //nolint:gosec // G115: magic numbers have 32 bits
	case unix.NFS_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC,
		unix.FUSE_SUPER_MAGIC, unix.V9FS_MAGIC, unix.CEPH_SUPER_MAGIC, unix.AFS_SUPER_MAGIC, unix.CODA_SUPER_MAGIC:
		return true
	}
	return false
}
