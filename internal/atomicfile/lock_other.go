//go:build !linux && !darwin

package atomicfile

import (
	"errors"
	"os"
)

// lock locks nothing here: some systems let no process rename an open file, which a lock would need.
func lock(*os.File, bool) error { return errors.ErrUnsupported }
