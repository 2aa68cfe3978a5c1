// Package atomicfile writes files whole or not at all, also when the process is killed or the machine stops.
// What is being written stands under a name of its own form in the same folder, locked by the process that
// writes it, so that [Sweep] can tell a leftover from work under way.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Files hold personal data, so that others than the owner and the group get no access.
const (
	dirMode  = 0o750
	fileMode = 0o640
)

// maxSame is how many files of the same name may stand beside each other.
const maxSame = 10_000

// Create makes the file name in dir, or name-2, name-3 … before the extension when it exists: nothing
// is ever overwritten. The file appears whole and synced, or not at all. The folder is made when missing, and
// no symbolic link leads out of it. The path is "" on every error but one of syncing the folder.
func Create(dir, name string, write func(io.Writer) error) (path string, err error) {
	if name == "" || name == "." || filepath.Base(name) != name || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%q is not a file name", name)
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fmt.Errorf("open folder: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	temp, release, err := newTemp(root)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { _ = release() }() // a leftover must not hide the error that made it one
	if err := writeTemp(root, temp, write); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	final, err := publish(root, temp, name)
	if err != nil {
		return "", fmt.Errorf("name %s: %w", name, err)
	}
	return filepath.Join(dir, final), syncFolder(root)
}

// Replace puts a new content in the place of the file path, which keeps its permissions. Readers see the old
// content or the new one whole, and after a crash too. A symbolic link is followed.
func Replace(path string, write func(io.Writer) error) (err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	name := filepath.Base(path)
	info, err := root.Stat(name)
	if err != nil {
		return err
	}
	temp, release, err := newTemp(root)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { _ = release() }() // as in Create
	if err := errors.Join(writeTemp(root, temp, write), root.Chmod(temp, info.Mode().Perm())); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := root.Rename(temp, name); err != nil {
		return err
	}
	return syncFolder(root)
}

// newTemp makes an empty file to write to, until release.
func newTemp(root *os.Root) (temp string, release func() error, err error) {
	return newPartial(root, func(name string) error {
		f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
		if err != nil {
			return err
		}
		return f.Close()
	})
}

func writeTemp(root *os.Root, temp string, write func(io.Writer) error) (err error) {
	f, err := root.OpenFile(temp, os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffered := bufio.NewWriterSize(f, 256<<10)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

// publish gives the finished file the first free name.
func publish(root *os.Root, temp, name string) (string, error) {
	stem, extension := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
	for n := 1; n <= maxSame; n++ {
		candidate := name
		if n > 1 {
			candidate = stem + "-" + strconv.Itoa(n) + extension
		}
		err := root.Link(temp, candidate)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = reserve(root, temp, candidate)
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		return candidate, nil
	}
	return "", fmt.Errorf("%d files of that name: %w", maxSame, fs.ErrExist)
}

// reserve is for file systems without hard links: it takes the name with an empty file, which fails when
// the name exists, and then renames over its own empty file.
func reserve(root *os.Root, temp, name string) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), root.Rename(temp, name)); err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}

// syncFolder makes the new name durable, where the file system can.
func syncFolder(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return err
	}
	err = folder.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, folder.Close())
}
