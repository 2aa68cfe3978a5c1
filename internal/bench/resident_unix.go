//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// resident is the most memory in bytes that an ended process had.
func resident(ended *os.ProcessState) int64 {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	most := int64(usage.Maxrss) //nolint:unconvert // an int32 on 32 bits
	if runtime.GOOS != "darwin" {
		most <<= 10 // all others count KiB
	}
	return most
}
