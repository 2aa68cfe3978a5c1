package planfile_test

import (
	"fmt"
	"os"
	"path/filepath"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/planfile"
)

// A plan is drafted and approved, and a run that requires two names asks it whether it may be used.
func Example() {
	dir := must(os.MkdirTemp("", "plan"))
	defer func() { _ = os.RemoveAll(dir) }()
	scratch := must(os.Create(filepath.Join(dir, "scratch")))
	defer func() { _ = scratch.Close() }()

	head := planfile.Head{Account: "T12345678", Environment: "test", Day: "2026-11-22"}
	draft := must(planfile.New(head, "Ola Nordmann", scratch))
	entry := journal.Entry{Reference: "A-1", Gross: nok(12500), VAT: nok(2500), Body: []byte("the request")}
	order := planfile.NewOrder(&entry, billing.Place{File: "november.csv", Row: 2})
	check(draft.Add(&order))
	check(draft.Finish(journal.Control{Rows: 1, Orders: 1}, nil))
	path := filepath.Join(dir, "PLAN.json")
	file := must(os.Create(path))
	check(draft.Write(file))
	check(file.Close())

	signing := planfile.Signing{FourEyes: true}
	for _, approver := range []string{"Ola Nordmann", "Kari Nordmann"} {
		plan := must(planfile.Approve(path, approver, noon))
		fmt.Println(len(plan.Approvals), signing.Check(plan) == nil)
	}

	// Output:
	// 1 false
	// 2 true
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}
