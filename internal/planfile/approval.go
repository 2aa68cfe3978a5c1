package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofrs/flock"

	"kraviabatch/internal/atomicfile"
)

// Approval says who approved a plan and when. Plan ties it to the content of one plan. It is not a signature:
// whoever may write the file can forge it, so the permissions of the file's folder are part of the control.
type Approval struct {
	By   string    `json:"by"`
	Time time.Time `json:"time"`
	Plan string    `json:"plan_sha256"`
	Seal string    `json:"sha256"` // over the other three
}

func (a *Approval) seal() string {
	text, _ := json.Marshal([]string{a.Plan, a.By, a.Time.Format(time.RFC3339Nano)}) // strings only
	return hashOf(text)
}

// maxName is the highest number of characters in the name of an author or approver.
const maxName = 100

// ErrName is the error for a name that is empty, too long or unprintable, or that has approved the plan already.
var ErrName = errors.New(msgName)

// checkName returns the name without the spaces around it. A name that cannot be used is [ErrName].
func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case name == "":
		return "", fmt.Errorf(msgNameEmpty, ErrName)
	case !utf8.ValidString(name), strings.ContainsFunc(name, unprintable), utf8.RuneCountInString(name) > maxName:
		return "", fmt.Errorf(msgNameUnprintable, ErrName, name, maxName)
	}
	return name, nil
}

// SameName compares names without regard to case and to the number of spaces around and between their parts.
func SameName(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// Approve adds an approval to the plan's file and returns the plan. The file is replaced as a whole under a lock,
// so no approval is lost when two are given at the same time. An edited plan is [ErrRefused]. A name that cannot
// be used, or that has approved this plan already, is [ErrName].
func Approve(path, by string, now time.Time) (_ *File, err error) {
	by, err = checkName(by)
	if err != nil {
		return nil, err
	}
	release, err := lock(path)
	if err != nil {
		if _, err := Open(path); err != nil { // this error says more
			return nil, err
		}
		return nil, fmt.Errorf(msgLock, err)
	}
	defer func() { err = errors.Join(err, release()) }()
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	for i := range f.Approvals {
		if a := &f.Approvals[i]; SameName(a.By, by) {
			return nil, fmt.Errorf(msgNameTwice, ErrName, a.By, a.Time.Format(time.RFC3339))
		}
	}
	a := Approval{By: by, Time: now.UTC().Truncate(time.Second), Plan: f.SHA256}
	a.Seal = a.seal()
	f.Approvals = append(f.Approvals, a)
	err = atomicfile.Replace(path, func(w io.Writer) error { return write(w, &f.Head, f.lines(), f.Approvals) })
	if err != nil {
		return nil, fmt.Errorf(msgWrite, err)
	}
	return f, nil
}

// lock locks the plan's file. [Approve] replaces the file under its lock. Whoever waited has then locked the old
// file, which no longer has the name, so lock compares the two files and tries again.
func lock(path string) (release func() error, err error) {
	for {
		file := flock.New(path, flock.SetFlag(os.O_RDONLY))
		if err := file.Lock(); err != nil {
			return nil, err
		}
		locked, err := file.Stat()
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		if now, err := os.Stat(path); err != nil || os.SameFile(locked, now) {
			return file.Close, err
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
}

// Signing says which approvals a run requires of its plan.
type Signing struct {
	Approved bool // at least one approval
	FourEyes bool // at least one approval by somebody other than the plan's author
}

// Check returns [ErrRefused] when the plan lacks a required approval. A nil plan stands for a run without one.
func (s Signing) Check(f *File) error {
	if !s.Approved && !s.FourEyes {
		return nil
	}
	switch {
	case f == nil:
		return refuse(msgNoPlan)
	case len(f.Approvals) == 0:
		return refuse(msgNotApproved)
	case s.FourEyes && !slices.ContainsFunc(f.Approvals, func(a Approval) bool { return !SameName(a.By, f.By) }):
		return refuse(msgAuthorOnly, f.By)
	}
	return nil
}
