package journal_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
	"kraviabatch/internal/money"
)

func TestPlanDecidesByWhatIsStored(t *testing.T) {
	t.Parallel()
	tests := []struct {
		stored  billing.State
		hash    string // of the second plan; the first is "old"
		verdict billing.Verdict
		state   billing.State // after it
		content string        // hash stored after it
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
		{billing.Voided, "new", billing.Mismatched, billing.Voided, "old"},
	}
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		begin(t, j, "R2")
		for i, test := range tests {
			reference := fmt.Sprintf("%d-%s", i, test.hash)
			first := planOne(t, j, "R1", plan(i, reference, "old"))
			require.Equal(t, billing.ToSend, first.Verdict)
			if test.stored != billing.Planned {
				settle(t, j, "R1", first.Stored, billing.Outcome{State: test.stored, SessionID: "S", Code: "was"})
			}

			second := planOne(t, j, "R2", plan(i, reference, test.hash))
			require.Equal(t, test.verdict, second.Verdict, reference)
			require.Equal(t, test.state, second.Stored.Outcome.State, reference)
			require.Equal(t, test.content, second.Stored.Hash, reference)
			require.JSONEq(t, `{"hash":"`+test.content+`"}`, string(second.Stored.Body), reference)
			if test.state == billing.Planned {
				require.Empty(t, second.Stored.Outcome.SessionID, "what is sent anew has no session")
				require.Empty(t, second.Stored.Outcome.Code)
			}
			found, err := j.OutcomesOf(t.Context(), "R2", []string{reference})
			require.NoError(t, err)
			got := found[reference]
			require.Equal(t, test.hash, got.Hash, "the run keeps its own copy")
			require.Equal(t, "Fjord "+test.hash, got.Customer)
			require.Equal(t, test.verdict, got.Verdict)
			stored := second.Stored
			stored.Body, stored.CreateBody = nil, nil
			require.Equal(t, stored, got.Order, "what Plan returned is what is stored")
		}
	})
}

func TestPlanKeepsAttemptsWhenContentIsReplaced(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		begin(t, j, "R2")
		first := planOne(t, j, "R1", plan(0, "A", "old"))
		version := settle(t, j, "R1", first.Stored, billing.Outcome{State: billing.Rejected})

		second := planOne(t, j, "R2", plan(0, "A", "new")).Stored
		require.Equal(t, version+1, second.Version)
		require.Equal(t, 1, second.Attempts)
		require.False(t, second.FirstAttempt.IsZero())
		_, err := j.Begin(t.Context(), journal.Attempt{Account: account, Reference: "A", Run: "R1"}, version)
		require.ErrorIs(t, err, journal.ErrTaken, "who saw the replaced content must not send it")
	})
}

func TestPlanKeepsEveryField(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		p := journal.Plan{
			Seq: 7, Reference: "A.b_c-1", Hash: "1:ff", Customer: "Åse\x00 \xff AS", CustomerNumber: "0042",
			Product: billing.B2BGrouped, Gross: money.New(1, money.MustCurrency("JPY")), DaysUntilDue: 365,
			DueDate: "2027-02-28", Rows: 3, Flow: "two-step", Body: []byte(`{"p":1}`), CreateBody: []byte(`{"s":1}`),
		}
		planned := planOne(t, j, "R1", p)
		pending, err := j.Pending(t.Context(), "R1", journal.Shard{}, 6, 1)
		require.NoError(t, err)
		require.Len(t, pending, 1)
		got := pending[0]
		require.Equal(t, planned.Stored, got.Order)
		require.Equal(t, 7, got.Seq)
		require.Equal(t, "Åse \uFFFD AS", got.Customer)
		require.Equal(t, "0042", got.CustomerNumber)
		require.Equal(t, billing.B2BGrouped, got.Product)
		require.Equal(t, billing.Channel(""), got.Channel)
		require.Equal(t, money.New(1, money.MustCurrency("JPY")), got.Gross)
		require.Equal(t, money.New(0, money.MustCurrency("JPY")), got.VAT)
		require.Equal(t, 365, got.DaysUntilDue)
		require.Equal(t, billing.Date("2027-02-28"), got.DueDate)
		require.Equal(t, "two-step", got.Flow)
		require.Equal(t, `{"p":1}`, string(got.Body))
		require.Equal(t, `{"s":1}`, string(got.CreateBody))
		require.Equal(t, int64(1), got.Version)
		require.Zero(t, got.Attempts)
		none, err := j.Pending(t.Context(), "R1", journal.Shard{}, 7, 1)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

func TestPlanRefusesWhatTheCallerGotWrong(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		_, err := j.Plan(t.Context(), "R1", []journal.Plan{plan(0, "A", "x"), plan(1, "A", "x")})
		require.ErrorContains(t, err, "order A is planned twice")
		planOne(t, j, "R1", plan(0, "B", "x"))
		_, err = j.Plan(t.Context(), "R1", []journal.Plan{plan(2, "C", "x"), plan(1, "B", "x")})
		require.ErrorContains(t, err, "order B is planned twice in run R1")
		_, err = j.Plan(t.Context(), "R1", []journal.Plan{plan(0, "D", "x")})
		require.Error(t, err, "a place has one order")
		_, err = j.Plan(t.Context(), "R9", []journal.Plan{plan(0, "D", "x")})
		require.ErrorIs(t, err, journal.ErrNotFound)
		two := plan(3, "E", "x")
		two.VAT = money.New(1, money.MustCurrency("SEK"))
		_, err = j.Plan(t.Context(), "R1", []journal.Plan{two})
		require.ErrorContains(t, err, "VAT in SEK")

		pending, err := j.Pending(t.Context(), "R1", journal.Shard{}, -1, 10)
		require.NoError(t, err)
		require.Len(t, pending, 1, "a refused call leaves nothing")
	})
}

func TestPlanOfManyKeepsOrder(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, location string) {
		j := open(t, location)
		begin(t, j, "R1")
		const n = 1234
		var plans []journal.Plan
		for i := range n {
			plans = append(plans, plan(i*3, fmt.Sprintf("REF-%04d", (i*7919)%10007), "x"))
		}
		planned, err := j.Plan(t.Context(), "R1", plans)
		require.NoError(t, err)
		for i := range plans {
			require.Equal(t, plans[i].Reference, planned[i].Stored.Reference)
		}
		i := 0
		for order, err := range j.RunOrders(t.Context(), "R1") {
			require.NoError(t, err)
			require.Equal(t, plans[i].Reference, order.Order.Reference)
			require.Equal(t, plans[i].Seq, order.Seq)
			i++
		}
		require.Equal(t, n, i)

		count := 0
		for shard := range 3 {
			seq := -1
			for {
				page, err := j.Pending(t.Context(), "R1", journal.Shard{Index: shard, Count: 3}, seq, 100)
				require.NoError(t, err)
				for _, order := range page {
					require.Equal(t, shard, journal.ShardOf(order.Reference, 3))
					require.Greater(t, order.Seq, seq)
					seq = order.Seq
					count++
				}
				if len(page) < 100 {
					break
				}
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
