//go:build linux || darwin

package main

import "golang.org/x/sys/unix"

// freeSpace is how many bytes a file in the folder may still take.
func freeSpace(dir string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return stat.Bavail * uint64(stat.Bsize), nil //nolint:gosec // G115: a block size is positive
}
