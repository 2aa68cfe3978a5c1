package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"kraviabatch/internal/atomicfile"
)

// checkFree refuses an --output that is there already.
func checkFree(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return usage("%s is there already and is not overwritten; give another name with --output", path)
	}
	return nil
}

// create writes an --output and says so. It gives back the name, which is another one if the file has come to
// be there meanwhile.
func (a *app) create(path string, write func(io.Writer) error) (string, error) {
	written, err := atomicfile.Create(filepath.Dir(path), filepath.Base(path), write)
	if err == nil {
		fmt.Fprintln(a.stdout, "wrote", written)
	}
	return written, err
}
