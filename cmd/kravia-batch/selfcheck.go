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

// minFree is the free space, in bytes, below which no run begins. A disk that fills up in the middle of a run stops it:
// that is safe, but a user has to make room and run again.
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

// folders are those that a run writes to. It is an error if there is no place for the journal.
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

// checkCertificates finds a container without CA certificates. The TLS handshake would fail in a less clear way.
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

// check makes a missing folder, and checks that files can be written there.
func (f folder) check() error {
	if err := os.MkdirAll(f.dir, f.mode); err != nil {
		return fmt.Errorf(msgFolderNotMade, f.name, err)
	}
	_, err := checkWritable(f.name, f.dir)
	return err
}

// checkWritable checks that files can be written to a folder. It gives the free bytes there.
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
