package report

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/money"
)

// The summary has the expected totals that were given and no others, by currency code.
func TestExpectedAsJSON(t *testing.T) {
	t.Parallel()
	nok := func(minor int64) money.Amount { return money.New(minor, money.MustCurrency("NOK")) }
	jpy := money.New(500, money.MustCurrency("JPY"))
	for want, expected := range map[string]Expected{
		`{}`:         {},
		`{"rows":0}`: {Rows: new(0)},
		`{"rows":60,"money":[{"currency":"NOK","total":125,"net":100,"vat":25}]}`: {
			new(60),
			[]money.Amount{nok(125)},
			[]money.Amount{nok(100)},
			[]money.Amount{nok(25)},
		},
		`{"money":[{"currency":"JPY","net":500},{"currency":"NOK","net":-1}]}`: {Net: []money.Amount{nok(-1), jpy}},
		`{"money":[{"currency":"JPY","total":500},{"currency":"NOK","vat":0}]}`: {
			Total: []money.Amount{jpy},
			VAT:   []money.Amount{nok(0)},
		},
	} {
		got, err := json.Marshal(&expected)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
		r := makeReport(everyState())
		r.Control.Expected = &expected
		summary, err := json.Marshal(reconciled(t, r))
		require.NoError(t, err)
		require.Contains(t, string(summary), `"expected":`+want)
	}
	summary, err := json.Marshal(reconciled(t, makeReport(everyState())))
	require.NoError(t, err)
	require.NotContains(t, string(summary), `"expected"`)
}
