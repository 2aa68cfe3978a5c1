//go:build !linux && !darwin

package atomicfile

import (
	"errors"
	"os"
)

// lock cannot lock here: some systems let nobody rename an open file.
func lock(*os.File, bool) error { return errors.ErrUnsupported }
