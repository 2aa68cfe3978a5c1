// Package atomicfile writes a file completely or not at all, even if the process is killed or the machine stops.
//
// [Create] makes a new file and never overwrites one; [Replace] puts new content in the place of a file. Both write to
// a partial file in the same folder, sync it to the disk, give it its name, and sync the folder. [PrivateFolder] makes
// a folder for working files. [Sweep] removes what a killed process left.
//
// A partial file has a name of a fixed form, and the process that writes it holds a lock on it. So Sweep can tell a
// leftover from work under way.
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

// Files hold personal data, so only the owner and the group get access.
const (
	dirMode  = 0o750
	fileMode = 0o640
)

// maxSame is the largest number in a file's name: name, name-2, … name-10000.
const maxSame = 10_000

// Create makes the file name in dir. If there is one, the new file is called name-2, name-3 and so on, with the number
// before the extension: nothing is ever overwritten. The file appears complete and synced to the disk, or not at all.
// Create makes the folder if it is missing, and follows no symbolic link that leads out of it.
//
// path is where the file is. It is "" after every error, except one of syncing the folder: then the file is there, but
// may be missing after a power failure.
func Create(dir, name string, write func(io.Writer) error) (path string, err error) {
	if name == "" || name == "." || filepath.Base(name) != name || !filepath.IsLocal(name) {
		return "", fmt.Errorf(msgNoName, name)
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return "", fmt.Errorf(msgMakeFolder, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fmt.Errorf(msgOpenFolder, err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	temp, release, err := newTemp(root)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { _ = release() }() // its error must not hide the one that matters; Sweep removes the leftover
	if err := writeTemp(root, temp, write); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	final, err := publish(root, temp, name)
	if err != nil {
		return "", fmt.Errorf("name %s: %w", name, err)
	}
	return filepath.Join(dir, final), syncFolder(root)
}

// Replace puts new content in the place of the file path, which keeps its permissions. A reader sees the old content or
// the complete new content, also after a crash. A symbolic link is followed.
func Replace(path string, write func(io.Writer) error) (err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return err
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf(msgOpenFolder, err)
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

// newTemp makes an empty partial file to write to. release unlocks it, and removes it if it still has that name.
func newTemp(root *os.Root) (temp string, release func() error, err error) {
	return newPartial(root, func(name string) error {
		f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
		if err != nil {
			return err
		}
		return f.Close()
	})
}

// writeTemp writes the content and syncs it. The rename must come after the sync: otherwise a power failure could leave
// the final name on an empty file.
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

// publish gives the finished file the first free name. A hard link fails if the name exists, so two processes never get
// the same name.
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
	return "", fmt.Errorf(msgTooMany, maxSame, fs.ErrExist)
}

// reserve is publish for file systems without hard links. It takes the name with an empty file, which fails if the name
// exists, and then renames the finished file over its own empty one. A crash in between leaves the empty file.
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

// syncFolder makes the new name durable. Some file systems cannot sync a folder, which is no error.
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
