package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

func TestEnterDecidesByWhatIsStored(t *testing.T) {
	t.Parallel()
	tests := []struct {
		stored   billing.State
		hash     string // of the second entry; the first is "old"
		decision billing.Decision
		state    billing.State // after it
		content  string        // hash stored after it
	}{
		{billing.Planned, "old", billing.ToSend, billing.Planned, "old"},
		{billing.Sending, "old", billing.ToSend, billing.Sending, "old"},
		{billing.InDoubt, "old", billing.ToSend, billing.InDoubt, "old"},
		{billing.Registered, "old", billing.Already, billing.Registered, "old"},
		{billing.Invoiced, "old", billing.Already, billing.Invoiced, "old"},
		{billing.Rejected, "old", billing.ToSend, billing.Planned, "old"},
		{billing.Failed, "old", billing.ToSend, billing.Planned, "old"},
		{billing.Conflict, "old", billing.Already, billing.Conflict, "old"},
		{billing.Voided, "old", billing.Already, billing.Voided, "old"},
		{billing.Planned, "new", billing.ToSend, billing.Planned, "new"},
		{billing.Sending, "new", billing.Mismatched, billing.Sending, "old"},
		{billing.InDoubt, "new", billing.Mismatched, billing.InDoubt, "old"},
		{billing.Registered, "new", billing.Mismatched, billing.Registered, "old"},
		{billing.Invoiced, "new", billing.Mismatched, billing.Invoiced, "old"},
		{billing.Rejected, "new", billing.ToSend, billing.Planned, "new"},
		{billing.Failed, "new", billing.ToSend, billing.Planned, "new"},
		{billing.Conflict, "new", billing.Mismatched, billing.Conflict, "old"},
		{billing.Voided, "new", billing.Already, billing.Voided, "old"},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		begin(t, j, "R2")
		for i, test := range tests {
			reference := fmt.Sprintf("%d-%s", i, test.hash)
			first := enterOne(t, j, "R1", entry(i, reference, "old"))
			require.Equal(t, billing.ToSend, first.Decision)
			if test.stored != billing.Planned {
				conclude(t, j, "R1", first.Stored, billing.Outcome{State: test.stored, SessionID: "S", Code: "was"})
			}

			second := enterOne(t, j, "R2", entry(i, reference, test.hash))
			require.Equal(t, test.decision, second.Decision, reference)
			require.Equal(t, test.state, second.Stored.State, reference)
			require.Equal(t, test.content, second.Stored.Hash, reference)
			require.JSONEq(t, `{"hash":"`+test.content+`"}`, string(second.Stored.Body), reference)
			if test.state == billing.Planned {
				require.Empty(t, second.Stored.Code)
			}
			got := ordersOf(t, j.View, "R2")[reference]
			require.Equal(t, test.hash, got.Hash, "the run keeps its own copy")
			require.Equal(t, "Fjord "+test.hash, got.Customer)
			require.Equal(t, test.decision, got.Decision)
			stored := second.Stored
			stored.Body, stored.CreateBody = nil, nil
			require.Equal(t, stored, got.Order, "what Enter returned is what is stored")
		}
	})
}

// What was not sent, or came to nothing, makes way for what a run enters: it keeps its requests and its
// session, and gets all else new.
func TestEnterReplaces(t *testing.T) {
	t.Parallel()
	old := billing.Outcome{
		TransactionID: "T1", SessionID: "S1", InvoiceNumber: "1001", InvoiceDate: "2026-11-22",
		DueDate: "2026-12-06", InvoiceURL: "https://example.com/1",
		PaymentStatus: "unpaid", Settlement: "settled", Paid: 100, Code: "c", Message: "m", Hint: "h",
	}
	tests := []struct {
		name  string
		state billing.State
		stood billing.Step
		due   time.Duration // of that step, since the runs began
		hash  string        // planned anew; it was "old"
		had   int           // looks that were left
		looks int           // planned anew
		step  billing.Step
		left  int           // looks then
		put   time.Duration // when it is due then, since the runs began; 0 by its place
	}{
		{name: "planned, same", state: billing.Planned, hash: "old", step: billing.StepSend},
		{name: "planned, other", state: billing.Planned, hash: "new", step: billing.StepSend},
		{name: "rejected, same", state: billing.Rejected, hash: "old", step: billing.StepLookFirst, left: 2},
		{name: "rejected, other", state: billing.Rejected, hash: "new", step: billing.StepLookFirst, left: 2},
		{name: "failed, same", state: billing.Failed, hash: "old", step: billing.StepSend},
		{name: "failed, other", state: billing.Failed, hash: "new", step: billing.StepSend},
		{
			name: "put off", state: billing.Planned, stood: billing.StepSend, due: time.Minute, hash: "old",
			step: billing.StepSend,
		},
		{name: "to be looked up", state: billing.Failed, hash: "new", looks: 1, step: billing.StepLookFirst, left: 1},
		{
			name: "to be looked up twice", state: billing.Planned, hash: "old", had: 1, looks: 2,
			step: billing.StepLookFirst, left: 2,
		},
		{
			name: "still to be looked up", state: billing.Failed, hash: "new", had: 1, step: billing.StepLookFirst,
			left: 1,
		},
		{
			name: "put aside before its look-ups", state: billing.Planned, hash: "old", had: 2,
			step: billing.StepLookFirst, left: 2,
		},
		{
			name: "sent before, to be looked up", state: billing.Planned, stood: billing.StepSend, hash: "old",
			looks: 1, step: billing.StepLookFirst, left: 1,
		},
		{
			name: "looked up once of twice", state: billing.Planned, stood: billing.StepLookFirst, due: time.Hour,
			hash: "old", had: 1, looks: 2, step: billing.StepLookFirst, left: 1,
		},
		{
			name: "looked up once, due later", state: billing.Planned, stood: billing.StepLookFirst,
			due: 210 * time.Minute, hash: "new", had: 1, looks: 2, step: billing.StepLookFirst, left: 1,
			put: 210 * time.Minute,
		},
		{
			name: "looked up once, none asked", state: billing.Planned, stood: billing.StepLookFirst,
			due: 210 * time.Minute, hash: "old", had: 1, step: billing.StepLookFirst, left: 1, put: 210 * time.Minute,
		},
	}
	onEngines(t, func(t *testing.T, location string) {
		begun := time.Now().Round(0).UTC()
		soon := begun.Add(4 * time.Hour) // and what it enters is due an hour before
		j := open(t, location)
		begin(t, j, "R1")
		require.NoError(t,
			j.BeginRun(t.Context(), journal.Run{ID: "R2", Account: account, Period: "2026-12", Started: soon}))
		for i, test := range tests {
			before := enterOne(t, j, "R1", entry(i, test.name, "old")).Stored
			attempt := sent(t, j, "R1", &before)
			outcome := old
			outcome.State = test.state
			before.SessionHash = "old"
			l := billing.Life{
				Outcome: outcome, Step: test.stood, Tries: 4, Looks: test.had, Sent: 1, Refused: true,
				Resent: true, LastAttempt: before.LastAttempt,
			}
			if test.stood != 0 {
				l.Due = begun.Add(test.due)
			}
			require.NoError(t, j.Conclude(t.Context(), &before, &attempt, l))

			replaced := enterOne(t, j, "R2", journal.Entry{
				Seq: i, Reference: test.name, Hash: test.hash, Customer: "Åse\x00", CustomerNumber: "43",
				Organization: "974760673",
				Product:      billing.B2BGrouped, Channel: billing.ChannelMerchant,
				Gross: money.New(100, money.MustCurrency("SEK")), VAT: money.New(20, money.MustCurrency("SEK")),
				DaysUntilDue: 30, AskedDue: "2027-02-28", Rows: 1, Flow: "two-step", Looks: test.looks,
				Body: []byte("body"), CreateBody: []byte("session"),
			})
			require.Equal(t, billing.ToSend, replaced.Decision)
			got := replaced.Stored
			require.Equal(t, got, storedOrder(t, j, test.name), "what Enter returned is what is stored")
			require.WithinDuration(t, time.Now(), got.PlannedAt, time.Minute)
			require.Equal(t, got.PlannedAt, got.UpdatedAt)

			want := before // of which the id stays
			want.Hash, want.Customer, want.CustomerNumber, want.Organization = test.hash, "Åse", "43", "974760673"
			want.Product, want.Channel, want.Gross, want.VAT = billing.B2BGrouped, billing.ChannelMerchant,
				money.New(100, money.MustCurrency("SEK")), money.New(20, money.MustCurrency("SEK"))
			want.DaysUntilDue, want.AskedDue, want.Flow, want.Period, want.Run = 30, "2027-02-28", "two-step",
				"2026-12", "R2"
			want.Body, want.CreateBody, want.PlannedAt = []byte("body"), []byte("session"), got.PlannedAt
			want.Version = 4
			want.Life = billing.Life{
				Outcome: billing.Outcome{State: billing.Planned, SessionID: "S1", UpdatedAt: got.UpdatedAt},
				Step:    test.step, Due: soon.Add(time.Duration(i) - time.Hour), Looks: test.left, Sent: 0,
				LastAttempt: attempt.Started, Grouped: true,
			}
			if test.put != 0 {
				want.Due = begun.Add(test.put)
			}
			require.Equal(t, want, got)
			require.Equal(t, 1, got.Attempts)
			require.Equal(t, attempt.Started, got.FirstAttempt)
			require.Equal(t, "old", got.SessionHash)
			_, err := j.Begin(t.Context(), &before, journal.Attempt{Run: "R1"}, before.Life)
			require.ErrorIs(t, err, journal.ErrTaken, "who saw the replaced content must not send it")
			attempts, err := j.Attempts(t.Context(), account, test.name)
			require.NoError(t, err)
			require.Len(t, attempts, 1)
		}
	})
}

// What may exist at the provider stays as it is, but that the run that holds it as it was sent may send it again.
func TestEnterLeavesWhatMayExist(t *testing.T) {
	t.Parallel()
	tests := []struct {
		state billing.State
		hash  string
		run   string // that may send it then
	}{
		{billing.Sending, "old", "R2"},
		{billing.InDoubt, "old", "R2"},
		{billing.Sending, "new", "R1"},
		{billing.InDoubt, "new", "R1"},
		{billing.Registered, "old", "R1"},
		{billing.Invoiced, "new", "R1"},
		{billing.Conflict, "old", "R1"},
		{billing.Conflict, "new", "R1"},
		{billing.Voided, "old", "R1"},
		{billing.Voided, "new", "R1"},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		begin(t, j, "R2")
		for i, test := range tests {
			before := conclude(t, j, "R1", enterOne(t, j, "R1", entry(i, fmt.Sprint("A", i), "old")).Stored,
				billing.Outcome{State: test.state, SessionID: "S1", Message: "m"})
			p := entry(i, before.Reference, test.hash)
			p.Body, p.DaysUntilDue, p.Flow, p.Looks = []byte("body"), 30, "two-step", 2
			got := enterOne(t, j, "R2", p).Stored
			require.Equal(t, got, storedOrder(t, j, before.Reference), "what Enter returned is what is stored")
			want := before
			want.Run = test.run
			require.Equal(t, want, got, "%s %s", test.state, test.hash)
			_, err := j.Begin(t.Context(), &before, journal.Attempt{Run: "R1"}, before.Life)
			require.NoError(t, err, "nothing of it changed")
		}
	})
}

func TestEnterKeepsEveryField(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		particulars := billing.Particulars{
			Organization: "974760673", CustomerReference: "PO \"7\"", CostCenter: "410", Country: "NO",
			DeliveredFrom: "2026-11-01", DeliveredTo: "2026-11-30",
			VAT: []billing.VATShare{{Rate: 2500, Treatment: "3", Gross: 1}},
		}
		p := journal.Entry{
			Particulars: particulars,
			Seq:         7, Reference: "A.b_c-1", Hash: "1:ff", Customer: "Åse\x00 \xff AS", CustomerNumber: "0042",
			Product: billing.B2BGrouped, Gross: money.New(1, money.MustCurrency("JPY")), DaysUntilDue: 365,
			AskedDue: "2027-02-28", Organization: "974760673", Looks: 1, Rows: 3, Flow: "two-step",
			Body: []byte(`{"p":1}`), CreateBody: []byte(`{"s":1}`),
		}
		entered := enterOne(t, j, "R1", p)
		work := journal.Work{Account: account, Run: "R1", Steps: []billing.Step{billing.StepLookFirst}}
		due, err := j.Due(t.Context(), work, begun.Add(7), 1, nil)
		require.NoError(t, err)
		require.Len(t, due, 1)
		got := due[0]
		require.Equal(t, entered.Stored, got)
		require.Equal(t, begun.Add(7-time.Hour), got.Due, "by its place in the run")
		require.Equal(t, 1, got.Looks)
		require.True(t, got.Grouped)
		require.Equal(t, "R1", got.Run)
		require.Equal(t, "974760673", got.Organization)
		require.Equal(t, "Åse \uFFFD AS", got.Customer)
		require.Equal(t, "0042", got.CustomerNumber)
		require.Equal(t, billing.B2BGrouped, got.Product)
		require.Equal(t, billing.Channel(""), got.Channel)
		require.Equal(t, money.New(1, money.MustCurrency("JPY")), got.Gross)
		require.Equal(t, money.New(0, money.MustCurrency("JPY")), got.VAT)
		require.Equal(t, 365, got.DaysUntilDue)
		require.Equal(t, billing.Date("2027-02-28"), got.AskedDue)
		require.Empty(t, got.DueDate, "the provider has not told one")
		require.Equal(t, "two-step", got.Flow)
		require.Equal(t, `{"p":1}`, string(got.Body))
		require.Equal(t, `{"s":1}`, string(got.CreateBody))
		require.Equal(t, int64(1), got.Version)
		require.Zero(t, got.Attempts)
		run := 0
		for order, err := range j.RunOrders(t.Context(), "R1") {
			require.NoError(t, err)
			require.Equal(t, 7, order.Seq)
			require.Equal(t, 3, order.Rows)
			require.Equal(t, particulars, order.Particulars)
			run++
		}
		require.Equal(t, 1, run)
	})
}

func TestEnterRefusesWhatTheCallerGotWrong(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		_, err := j.Enter(t.Context(), "R1", []journal.Entry{entry(0, "A", "x"), entry(1, "A", "x")})
		require.ErrorContains(t, err, "order A is entered twice")
		enterOne(t, j, "R1", entry(0, "B", "x"))
		_, err = j.Enter(t.Context(), "R1", []journal.Entry{entry(2, "C", "x"), entry(1, "B", "x")})
		require.ErrorContains(t, err, "order B is entered twice in run R1")
		_, err = j.Enter(t.Context(), "R1", []journal.Entry{entry(0, "D", "x")})
		require.Error(t, err, "a place has one order")
		_, err = j.Enter(t.Context(), "R9", []journal.Entry{entry(0, "D", "x")})
		require.ErrorIs(t, err, journal.ErrNotFound)
		two := entry(3, "E", "x")
		two.VAT = money.New(1, money.MustCurrency("SEK"))
		_, err = j.Enter(t.Context(), "R1", []journal.Entry{two})
		require.ErrorContains(t, err, "VAT in SEK")

		require.Equal(t, []string{"B"}, dueNow(t, j, send("R1")), "a refused call leaves nothing")
	})
}

func TestEnterOfManyKeepsOrder(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		const n = 1234
		var entries []journal.Entry
		for i := range n {
			entries = append(entries, entry(i*3, fmt.Sprintf("REF-%04d", (i*7919)%10007), "x"))
		}
		entered, err := j.Enter(t.Context(), "R1", entries)
		require.NoError(t, err)
		for i := range entries {
			require.Equal(t, entries[i].Reference, entered[i].Stored.Reference)
		}
		i := 0
		for order, err := range j.RunOrders(t.Context(), "R1") {
			require.NoError(t, err)
			require.Equal(t, entries[i].Reference, order.Order.Reference)
			require.Equal(t, entries[i].Seq, order.Seq)
			i++
		}
		require.Equal(t, n, i)

		count := 0
		for shard := range 3 {
			work := send("R1")
			work.Shard = journal.Shard{Index: shard, Count: 3}
			due, err := j.Due(t.Context(), work, soon, n, nil)
			require.NoError(t, err)
			last := begun.Add(-time.Hour - 1)
			for _, order := range due {
				require.Equal(t, shard, journal.ShardOf(order.Reference, 3))
				require.True(t, order.Due.After(last), "in the run's order")
				last = order.Due
				count++
			}
		}
		require.Equal(t, n, count, "every order is in one shard")
	})
}

func TestShardOfIsStable(t *testing.T) {
	t.Parallel()
	// FNV-1a of "a" is 0xe40c292c.
	require.Equal(t, 0xe40c292c%7, journal.ShardOf("a", 7))
	require.Equal(t, 0, journal.ShardOf("anything", 1))
}
