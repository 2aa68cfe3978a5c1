package planfile_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
	"kraviabatch/internal/planfile"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func nok(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }

func order(i int) planfile.DraftOrder {
	return planfile.NewOrder(&journal.Entry{
		Reference: fmt.Sprintf("A-%06d", i), Hash: strings.Repeat("c", 64), Customer: "Fjordlys & Sønn <AS>",
		CustomerNumber: fmt.Sprint(i % 1000),
		Product:        billing.B2B, Channel: billing.ChannelKravia, Gross: nok(12500), VAT: nok(2500),
		DaysUntilDue: 14,
		Rows:         2,
		Body:         fmt.Appendf(nil, "body %d", i),
	}, billing.Place{File: "november.csv", Row: 2 + 2*i})
}

// draft returns a finished draft by Ola with that many orders.
func draft(t *testing.T, orders int, period string) *planfile.Draft {
	t.Helper()
	scratch, err := os.Create(filepath.Join(t.TempDir(), "scratch"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = scratch.Close() })
	d, err := planfile.New(planfile.Head{
		Account: "T12345678", Environment: "test", Day: "2026-11-22",
		Settings: planfile.Settings{Flow: "one-step", Period: period},
		Inputs:   []planfile.Input{{Name: "november.csv", SHA256: "00", Rows: 2 * orders}},
	}, "Ola Nordmann", scratch)
	require.NoError(t, err)
	for i := range orders {
		o := order(i)
		require.NoError(t, d.Add(&o))
	}
	read := journal.Control{Rows: 2 * orders, Orders: orders, Money: []money.Amount{nok(int64(orders) * 12500)}}
	require.NoError(t, d.Finish(read, nil))
	return d
}

// written writes the draft to a file and returns its path.
func written(t *testing.T, d *planfile.Draft) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "PLAN.json")
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, d.Write(f))
	require.NoError(t, f.Close())
	return path
}

func TestWrittenAndRead(t *testing.T) {
	t.Parallel()
	d := draft(t, 3, "2026-11")
	f, err := planfile.Open(written(t, d))
	require.NoError(t, err)
	require.Equal(t, d.Head, f.Head)
	require.Equal(t, planfile.Control{
		Rows: 6, Orders: 3, ToSend: 3,
		Money: []planfile.Sum{{Currency: "NOK", Total: 37500, ToSend: 37500, ToSendVAT: 7500}},
	}, f.Control)
	for range 2 {
		n := 0
		for o, err := range f.Orders() {
			require.NoError(t, err)
			require.Equal(t, order(n).Order, o)
			n++
		}
		require.Equal(t, 3, n)
	}
	f, err = planfile.Open(written(t, draft(t, 0, "")))
	require.NoError(t, err)
	for range f.Orders() {
		require.Fail(t, "a plan without orders has one")
	}
}

// A draft keeps what the journal knows of an order; the file keeps only the order's state.
func TestDraftKeepsWhatWasFound(t *testing.T) {
	t.Parallel()
	scratch, err := os.Create(filepath.Join(t.TempDir(), "scratch"))
	require.NoError(t, err)
	defer func() { require.NoError(t, scratch.Close()) }()
	d, err := planfile.New(planfile.Head{}, "Ola", scratch)
	require.NoError(t, err)
	fresh, conflict, invoiced := order(1), order(2), order(3)
	conflict.Send, invoiced.Send = false, false
	conflict.SetFinal(billing.FinalConflict, billing.Outcome{State: billing.Conflict, Message: "other\tcontent"})
	invoiced.SetFinal(billing.FinalAlreadyInvoiced,
		billing.Outcome{State: billing.Invoiced, InvoiceNumber: "INV-1", UpdatedAt: noon})
	invoiced.Earlier = &planfile.Earlier{State: billing.Invoiced, Period: "2026-10"}
	want := []planfile.DraftOrder{fresh, conflict, invoiced}
	for i := range want {
		require.NoError(t, d.Add(&want[i]))
	}
	require.NoError(t, d.Finish(journal.Control{Orders: 3, Money: []money.Amount{nok(37500)}}, nil))
	require.Equal(t, planfile.Control{
		Orders: 3, ToSend: 1, Concluded: 1, Conflicts: 1,
		Money: []planfile.Sum{{Currency: "NOK", Total: 37500, ToSend: 12500, ToSendVAT: 2500}},
	}, d.Control)
	require.Equal(t, map[billing.Final]int{billing.FinalConflict: 1, billing.FinalAlreadyInvoiced: 1}, d.Earlier)
	n := 0
	for o, err := range d.Orders() {
		require.NoError(t, err)
		require.Equal(t, want[n], o)
		n++
	}
	require.Equal(t, 3, n)
	n = 0
	f, err := planfile.Open(written(t, d))
	require.NoError(t, err)
	for o, err := range f.Orders() {
		require.NoError(t, err)
		require.Equal(t, want[n].Order, o)
		n++
	}
	require.Equal(t, 3, n)
}

// A change of any byte of the plan or of its approvals is refused.
func TestEditedByOneByte(t *testing.T) {
	t.Parallel()
	path := written(t, draft(t, 2, "2026-11"))
	_, err := planfile.Approve(path, "Kari", noon)
	require.NoError(t, err)
	_, err = planfile.Approve(path, "Per", noon)
	require.NoError(t, err)
	intact, err := os.ReadFile(path)
	require.NoError(t, err)
	edited := filepath.Join(t.TempDir(), "edited.json")
	try := func(data []byte, what string) {
		require.NoError(t, os.WriteFile(edited, data, 0o600))
		_, err := planfile.Open(edited)
		require.ErrorIs(t, err, planfile.ErrRefused, what)
	}
	for i := range intact {
		other := bytes.Clone(intact)
		other[i] ^= 1
		try(other, fmt.Sprintf("byte %d, %q", i, intact[max(0, i-10):min(len(intact), i+10)]))
	}
	try(intact[:len(intact)-1], "the last byte is missing")
	try(append(bytes.Clone(intact), '\n'), "a byte more")
	try(append(bytes.Clone(intact), intact...), "twice")
	try(bytes.ReplaceAll(intact, []byte("\n"), []byte("\r\n")), "other line ends")
	lines := bytes.SplitAfter(intact, []byte("\n"))
	for i := range len(lines) - 1 {
		if bytes.Contains(lines[i], []byte(`"Per"`)) {
			continue // the last approval may be taken back, and says no more when it stands twice
		}
		try(bytes.Join(append(append([][]byte{}, lines[:i]...), lines[i+1:]...), nil),
			fmt.Sprintf("line %d is missing", i+1))
		try(bytes.Join(append(append([][]byte{}, lines[:i+1]...), lines[i:]...), nil),
			fmt.Sprintf("line %d stands twice", i+1))
	}
}

func TestNotAPlan(t *testing.T) {
	t.Parallel()
	const edited = "not a plan file, or it was edited after it was written"
	version1 := "{\n  \"version\": 1,\n  \"sha256\": \"00\",\n  \"orders\": [\n  ],\n  \"approvals\": [\n  ]\n}\n"
	for text, want := range map[string]string{
		"":                                     edited,
		"{}":                                   edited,
		"{\n":                                  edited,
		"{\n  \"version\": 2,\n}\n":            edited,
		"{\n  \"versions\": 1,\n}\n":           edited,
		strings.Repeat("x", 2<<20):             edited,
		strings.Repeat("{\n", 100_000):         edited,
		version1:                               "plan format 1 is not supported by this version; create a new plan",
		strings.Replace(version1, "1", "3", 1): "plan format 3 is not supported by this version; create a new plan",
	} {
		path := filepath.Join(t.TempDir(), "x.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := planfile.Open(path)
		require.ErrorIs(t, err, planfile.ErrRefused)
		require.EqualError(t, err, path+": "+want)
	}
	_, err := planfile.Open(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NotErrorIs(t, err, planfile.ErrRefused)
}

// An approval of one plan is refused in another plan.
func TestApprovalOfAnotherPlan(t *testing.T) {
	t.Parallel()
	one, other := written(t, draft(t, 2, "2026-10")), written(t, draft(t, 2, "2026-11"))
	_, err := planfile.Approve(one, "Kari", noon)
	require.NoError(t, err)
	signed, err := os.ReadFile(one)
	require.NoError(t, err)
	bare, err := os.ReadFile(other)
	require.NoError(t, err)
	mark := []byte(`"approvals": [`)
	_, approvals, found := bytes.Cut(signed, mark)
	require.True(t, found)
	head, _, found := bytes.Cut(bare, mark)
	require.True(t, found)
	require.NoError(t, os.WriteFile(other, append(append(head, mark...), approvals...), 0o600))
	_, err = planfile.Open(other)
	require.ErrorIs(t, err, planfile.ErrRefused)
	require.ErrorContains(t, err, `approval by "Kari"`)
}

func TestNamesThatAreNotAccepted(t *testing.T) {
	t.Parallel()
	path := written(t, draft(t, 1, ""))
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, name := range []string{"", " \t", "a\nb", "a\x00", "\xff", "a\u202eb", strings.Repeat("å", 101)} {
		_, err := planfile.Approve(path, name, noon)
		require.ErrorIs(t, err, planfile.ErrName, "%q", name)
		_, err = planfile.New(planfile.Head{}, name, nil)
		require.ErrorIs(t, err, planfile.ErrName, "%q", name)
	}
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// A file that is changed after Open has checked it is refused too.
func TestEditedAfterItWasOpened(t *testing.T) {
	t.Parallel()
	path := written(t, draft(t, 2, ""))
	f, err := planfile.Open(path)
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, bytes.Replace(text, []byte("A-000001"), []byte("A-000009"), 1), 0o600))
	now := func(yield func(planfile.DraftOrder, error) bool) {
		for _, i := range []int{0, 9} {
			if !yield(order(i), nil) {
				return
			}
		}
	}
	require.ErrorIs(t, f.SameOrders(now, &journal.Control{Rows: 4}), planfile.ErrRefused)
}

func TestSameOrders(t *testing.T) {
	t.Parallel()
	sent := func(o *planfile.DraftOrder) { o.Send = false }
	for name, test := range map[string]struct {
		orders        []int
		change        func(*planfile.DraftOrder) // of each; may be nil
		rows, invalid int
		want          string // "" for no refusal
	}{
		"the same":   {[]int{0, 1}, nil, 4, 0, ""},
		"sent since": {[]int{0, 1}, sent, 4, 0, ""},
		"another order": {
			[]int{0, 2},
			nil, 4, 0,
			"order A-000002 is in the place of order A-000001 of the plan; the plan was made for 2026-11-22",
		},
		"one more": {[]int{0, 1, 2}, nil, 6, 0, "order A-000002 is not part of it"},
		"one less": {
			[]int{0},
			nil, 4, 0,
			"the plan has 2 orders and 0 of 4 rows are invalid, now there are 1 orders and 0 of 4 rows are invalid",
		},
		"an invalid row": {[]int{0, 1}, nil, 4, 1, "now there are 2 orders and 1 of 4 rows are invalid"},
		"another content": {
			[]int{0, 1},
			func(o *planfile.DraftOrder) { o.Content = "x" }, 4, 0,
			"order A-000000 has other content than planned",
		},
		"another request": {
			[]int{0, 1},
			func(o *planfile.DraftOrder) { o.Request = "x" }, 4, 0,
			"order A-000000 would be sent with another request than planned",
		},
		"another session": {
			[]int{0, 1},
			func(o *planfile.DraftOrder) { o.Session = "x" }, 4, 0,
			"order A-000000 would be sent with another request than planned",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := planfile.Open(written(t, draft(t, 2, "")))
			require.NoError(t, err)
			err = f.SameOrders(func(yield func(planfile.DraftOrder, error) bool) {
				for _, i := range test.orders {
					o := order(i)
					if test.change != nil {
						test.change(&o)
					}
					if !yield(o, nil) {
						return
					}
				}
			}, &journal.Control{Rows: test.rows, InvalidRows: test.invalid})
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, planfile.ErrRefused)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// The order of the draft has the content c and the period 2026-11; the stored one varies.
func TestCompareWithStoredOrder(t *testing.T) {
	t.Parallel()
	const same, other = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "d"
	fresh := order(0)
	for _, test := range []struct {
		state    billing.State
		content  string
		replaced bool
		decision billing.Decision
		send     bool
		stored   bool // sent with the stored request
	}{
		{billing.Planned, same, true, billing.ToSend, true, false},
		{billing.Rejected, other, true, billing.ToSend, true, false},
		{billing.InDoubt, same, false, billing.ToSend, true, true},
		{billing.Sending, same, false, billing.ToSend, true, true},
		{billing.InDoubt, other, false, billing.Mismatched, false, false},
		{billing.Invoiced, same, false, billing.Already, false, false},
		{billing.Conflict, same, false, billing.Already, false, false},
		{billing.Voided, other, false, billing.Already, false, false},
	} {
		o := order(0)
		stored := journal.Order{
			Hash: test.content, Period: "2026-10", DaysUntilDue: 3, Body: []byte("stored"),
			Life: billing.Life{Outcome: billing.Outcome{State: test.state}},
		}
		decision, replaced := o.Compare(&stored, "2026-11")
		require.Equal(t, test.decision, decision, test.state)
		require.Equal(t, test.replaced, replaced, test.state)
		require.Equal(t, test.send, o.Send, test.state)
		require.Equal(t, test.stored, o.Request != fresh.Request && o.DaysUntilDue == 3, test.state)
		require.Equal(t, test.replaced, o.Earlier == nil, test.state)
	}
}

// No approval is lost when several come at the same time.
func TestApprovalsAtTheSameTime(t *testing.T) {
	t.Parallel()
	path := written(t, draft(t, 2, "2026-11"))
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			_, err := planfile.Approve(path, fmt.Sprint("Approver ", i), noon)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	f, err := planfile.Open(path)
	require.NoError(t, err)
	require.Len(t, f.Approvals, 8)
}
