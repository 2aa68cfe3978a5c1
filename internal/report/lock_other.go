//go:build !linux && !darwin

package report

import (
	"errors"
	"os"
)

// lock cannot lock here: some systems let nobody rename an open file.
func lock(*os.File, bool) error { return errors.ErrUnsupported }
