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

// Approval is one person's word for one plan. It is bound to the plan's content, and no signature: whoever
// may write the file may forge it, so that its folder's permissions are part of the control.
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

// maxName is how many characters a person's name may have.
const maxName = 100

// ErrName is a name that says nothing, or that has approved already.
var ErrName = errors.New("name")

// checkName checks a person's name and takes the spaces off it.
func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case name == "":
		return "", fmt.Errorf("%w: it is empty", ErrName)
	case !utf8.ValidString(name), strings.ContainsFunc(name, unprintable), utf8.RuneCountInString(name) > maxName:
		return "",
			fmt.Errorf("%w: %q has more than %d characters or some that cannot be printed", ErrName, name, maxName)
	}
	return name, nil
}

// SamePerson compares names without regard to case and to spaces around and between their parts.
func SamePerson(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// Approve adds an approval to the plan's file, which is replaced whole; one that is added at the same time
// waits. A plan that was edited is refused with [ErrRefused], an impossible name and a second approval by the
// same one with [ErrName].
func Approve(path, by string, now time.Time) (_ *File, err error) {
	by, err = checkName(by)
	if err != nil {
		return nil, err
	}
	release, err := hold(path)
	if err != nil {
		if _, err := Open(path); err != nil { // says more of it
			return nil, err
		}
		return nil, fmt.Errorf("lock the plan: %w", err)
	}
	defer func() { err = errors.Join(err, release()) }()
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	for i := range f.Approvals {
		if a := &f.Approvals[i]; SamePerson(a.By, by) {
			return nil,
				fmt.Errorf("%w: %s approved this plan already, at %s", ErrName, a.By, a.Time.Format(time.RFC3339))
		}
	}
	a := Approval{By: by, Time: now.UTC().Truncate(time.Second), Plan: f.SHA256}
	a.Seal = a.seal()
	f.Approvals = append(f.Approvals, a)
	err = atomicfile.Replace(path, func(w io.Writer) error { return write(w, &f.Head, f.lines(), f.Approvals) })
	if err != nil {
		return nil, fmt.Errorf("write the approval: %w", err)
	}
	return f, nil
}

// hold locks a file that is replaced under its lock: who waited for an older file of the name waits once more.
func hold(path string) (release func() error, err error) {
	for {
		lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
		if err := lock.Lock(); err != nil {
			return nil, err
		}
		held, err := lock.Stat()
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
		if now, err := os.Stat(path); err != nil || os.SameFile(held, now) {
			return lock.Close, err
		}
		if err := lock.Close(); err != nil {
			return nil, err
		}
	}
}

// Signing is what a run asks of its plan's approvals.
type Signing struct {
	Approved bool // there must be one
	FourEyes bool // there must be one by another than the plan's author
}

// Check refuses a plan, nil for none, that lacks the approvals.
func (s Signing) Check(f *File) error {
	if !s.Approved && !s.FourEyes {
		return nil
	}
	switch {
	case f == nil:
		return refuse("an approval is required and there is no plan: make one with `kravia-batch plan`")
	case len(f.Approvals) == 0:
		return refuse("the plan is not approved: `kravia-batch approve` adds an approval")
	case s.FourEyes && !slices.ContainsFunc(f.Approvals, func(a Approval) bool { return !SamePerson(a.By, f.By) }):
		return refuse("the plan is approved only by its author %s, and four eyes are asked for", f.By)
	}
	return nil
}
