package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A partial file or folder has a name of this form, and the process that makes it holds a lock on it. The system ends
// the lock with the process, however it ends. So if the lock is free, no process goes on with the partial.
const (
	partialPrefix = ".kravia-batch-"
	partialSuffix = ".tmp"
)

// newPartial lets create make a file or folder under a new name of the form, and locks it. release unlocks it and
// removes whatever still has that name. Where files cannot be locked, Sweep removes nothing.
func newPartial(root *os.Root, create func(name string) error) (name string, release func() error, err error) {
	for {
		name := partialPrefix + rand.Text() + partialSuffix
		if err := create(name); err != nil {
			return "", nil, err
		}
		f, err := root.Open(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // swept before it was locked
		case err != nil:
			return "", nil, errors.Join(err, root.RemoveAll(name))
		case lock(f, true) != nil:
			return name, func() error { return root.RemoveAll(name) }, f.Close()
		case stillNamed(root, name, f):
			return name, func() error { return errors.Join(root.RemoveAll(name), f.Close()) }, nil
		}
		_ = f.Close() // swept before it was locked
	}
}

// stillNamed reports whether name still leads to the open file f: a Sweep may have removed it before it was locked.
func stillNamed(root *os.Root, name string, f *os.File) bool {
	named, err := root.Lstat(name)
	if err != nil {
		return false
	}
	opened, err := f.Stat()
	return err == nil && os.SameFile(named, opened)
}

// PrivateFolder makes a folder in dir for working files that hold personal data; only the owner gets access. dir is
// made if it is missing. remove deletes the folder with everything in it; [Sweep] deletes what a killed process leaves.
func PrivateFolder(dir string) (path string, remove func() error, err error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return "", nil, fmt.Errorf(msgTemporary, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", nil, fmt.Errorf(msgTemporary, err)
	}
	name, release, err := newPartial(root, func(name string) error { return root.Mkdir(name, 0o700) })
	if err != nil {
		return "", nil, fmt.Errorf(msgTemporary, errors.Join(err, root.Close()))
	}
	return filepath.Join(dir, name), func() error { return errors.Join(release(), root.Close()) }, nil
}

// Sweep removes from dir the partial files and folders of processes that were killed, because they hold personal data.
// What a living process is making is locked and stays. Sweep gives no error: what it cannot remove, the next one tries.
func Sweep(dir string) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return
	}
	defer func() { _ = root.Close() }() // only read
	entries, _ := fs.ReadDir(root.FS(), ".")
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, partialPrefix) || !strings.HasSuffix(name, partialSuffix) ||
			!entry.Type().IsRegular() && !entry.IsDir() {
			continue
		}
		f, err := root.Open(name)
		if err != nil {
			continue
		}
		if lock(f, false) == nil {
			_ = root.RemoveAll(name) // the next sweep tries again
		}
		_ = f.Close() // only read
	}
}
