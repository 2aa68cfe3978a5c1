package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"kraviabatch/internal/batch"
	"kraviabatch/internal/journal"
)

// minFree is the free space, in bytes, below which no run begins: a disk that fills up in the middle stops a run, which
// is safe but needs a person.
const minFree = 64 << 20

// selfCheck names everything that this machine or container lacks for a run, before the run begins. Running again does
// not help, so the exit code is that of settings.
func (o *runOptions) selfCheck() error {
	missing := []error{checkTimeZone()}
	if o.encrypted(&o.accountFlags) {
		missing = append(missing, checkCertificates())
	}
	folders, err := o.folders(o.reports, &o.journalFlags, o.sandbox)
	for _, f := range folders {
		missing = append(missing, f.check())
	}
	missing = append(missing, err)
	var reasons []error
	for _, err := range missing {
		if err != nil {
			reasons = append(reasons, fmt.Errorf(msgCannotStart, err))
		}
	}
	if len(reasons) > 0 {
		return &exitError{batch.ExitUsage, errors.Join(reasons...)}
	}
	return nil
}

// folder is one that a run writes to, and the mode with which it is made.
type folder struct {
	name, dir string
	mode      fs.FileMode
}

// folders are those of a run. The error is that one has no place.
func (a *app) folders(reports string, j *journalFlags, sandbox bool) (folders []folder, err error) {
	folders = []folder{{"temporary", os.TempDir(), 0o750}, {"reports", reports, 0o750}}
	if j.journal == "" || sandbox {
		if dir := a.statePath(j); dir != "" {
			folders = append(folders, folder{"state", dir, 0o700})
		} else {
			err = errNoHome()
		}
	}
	if dir := j.journal; dir != "" && !journal.Shared(dir) {
		folders = append(folders, folder{"journal", dir, 0o700})
	}
	return folders, err
}

func checkTimeZone() error {
	if _, err := time.LoadLocation("Europe/Oslo"); err != nil {
		return fmt.Errorf(msgNoTimeZone, err)
	}
	return nil
}

// checkCertificates tells an image without CA certificates before a TLS handshake fails in a less clear way.
func checkCertificates() error {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return fmt.Errorf(msgCertificatesUnread, err)
	}
	if pool.Equal(x509.NewCertPool()) {
		return errors.New(msgNoCertificates)
	}
	return nil
}

// check makes the folder when it is missing, and finds out whether files can be written there.
func (f folder) check() error {
	if err := os.MkdirAll(f.dir, f.mode); err != nil {
		return fmt.Errorf(msgFolderNotMade, f.name, err)
	}
	_, err := checkWritable(f.name, f.dir)
	return err
}

// checkWritable finds out whether files can be written to a folder, and how many bytes are free there.
func checkWritable(name, dir string) (free uint64, err error) {
	file, err := os.CreateTemp(dir, ".kravia-batch-check-*")
	if err != nil {
		return 0, fmt.Errorf(msgFolderNotWritable, name, err)
	}
	if err := errors.Join(file.Close(), os.Remove(file.Name())); err != nil {
		return 0, fmt.Errorf(msgFolderNotWritable, name, err)
	}
	free, err = freeSpace(dir)
	if err != nil {
		return 0, fmt.Errorf(msgFreeUnknown, name, dir, err)
	}
	return free, checkSpace(name, dir, free)
}

func checkSpace(name, dir string, free uint64) error {
	if free >= minFree {
		return nil
	}
	return fmt.Errorf(msgDiskFull, name, dir,
		free>>20, minFree>>20)
}
