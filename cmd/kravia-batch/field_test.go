package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/money"
)

// field has exports as finance departments have them.
const field = "testdata/field"

// fieldRun is what the last of a case's runs did.
type fieldRun struct {
	code   int
	billed map[string]fieldOrder // by reference
	codes  []string              // of problems and of the refusal
	said   string
}

type fieldOrder struct {
	amount, vat money.Amount
}

// TestFieldCases runs every case of testdata/field/cases.tsv in the sandbox, with a state of its own. A case
// has a name, the arguments of its runs, apart by ;; and what becomes of it, apart by ; where it is more than
// one thing:
//
//	bill REF=AMOUNT CUR [vat=AMOUNT], …   these orders are invoiced for these sums, and no others
//	refuse CODE                           the file or some order is refused for this; without bill, nothing at all is invoiced
//	warn CODE                             it is said, and nothing is kept back for it
func TestFieldCases(t *testing.T) {
	t.Parallel()
	for _, c := range fieldCases(t) {
		name, runs, outcome := c[0], c[1], c[2]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := t.TempDir()
			var last fieldRun
			for run := range strings.SplitSeq(runs, ";;") {
				last = runField(t, state, strings.Fields(run))
			}
			code, billed := 0, map[string]fieldOrder{}
			for part := range strings.SplitSeq(outcome, ";") {
				switch kind, rest, _ := strings.Cut(strings.TrimSpace(part), " "); kind {
				case "bill":
					billed = fieldOrders(t, rest, last.billed)
				case "refuse":
					code = last.code
					require.Contains(t, []int{3, 5}, code, last.said)
					require.Contains(t, last.codes, rest, last.said)
				case "warn":
					require.Contains(t, last.codes, rest, last.said)
				default:
					require.Fail(t, "not an outcome", part)
				}
			}
			require.Equal(t, code, last.code, last.said)
			require.Equal(t, billed, last.billed, last.said)
		})
	}
}

func fieldCases(t *testing.T) (cases [][]string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(field, "cases.tsv"))
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			require.Len(t, cells, 4, line)
			cases = append(cases, cells)
		}
	}
	return cases
}

// fieldOrders are the orders of an outcome. VAT that it does not tell is taken from what was billed.
func fieldOrders(t *testing.T, text string, got map[string]fieldOrder) map[string]fieldOrder {
	t.Helper()
	orders := map[string]fieldOrder{}
	for one := range strings.SplitSeq(text, ", ") {
		reference, rest, _ := strings.Cut(one, "=")
		words := strings.Fields(rest)
		require.GreaterOrEqual(t, len(words), 2, one)
		order := fieldOrder{fieldAmount(t, words[0], words[1]), got[reference].vat}
		if len(words) == 3 {
			order.vat = fieldAmount(t, strings.TrimPrefix(words[2], "vat="), words[1])
		}
		orders[reference] = order
	}
	return orders
}

func fieldAmount(t *testing.T, text, code string) money.Amount {
	t.Helper()
	currency, err := money.ParseCurrency(code)
	require.NoError(t, err)
	d, err := money.ParseDecimal(text, money.Dot)
	require.NoError(t, err)
	amount, exact, err := d.Amount(currency)
	require.NoError(t, err)
	require.True(t, exact)
	return amount
}

// runField runs the program on files of the folder.
func runField(t *testing.T, state string, args []string) fieldRun {
	t.Helper()
	for i, arg := range args {
		if _, err := os.Stat(filepath.Join(field, arg)); err == nil {
			args[i] = filepath.Join(field, arg)
		}
	}
	reports := t.TempDir()
	code, stdout, stderr := call(t,
		append(
			[]string{
				"run", "--sandbox", "--rate", "0", "--state", state, "--reports", reports, "--format", "csv",
				"--json",
			}, args...)...)
	made := fieldRun{code: code, billed: map[string]fieldOrder{}, said: stdout + stderr}
	for _, word := range strings.FieldsFunc(stdout+stderr, func(r rune) bool {
		return strings.ContainsRune(" :\",\n", r)
	}) {
		if strings.Contains(word, ".") {
			made.codes = append(made.codes, word)
		}
	}
	paths, err := filepath.Glob(filepath.Join(reports, "*.csv"))
	require.NoError(t, err)
	if len(paths) == 0 {
		require.Contains(t, []int{2, 5}, code, made.said)
		return made
	}
	require.Len(t, paths, 1)
	made.read(t, paths[0])
	return made
}

// read adds what a report tells.
func (r *fieldRun) read(t *testing.T, path string) {
	t.Helper()
	table := readCSV(t, path)
	at := func(row []string, column string) string { return row[slices.Index(table[0], column)] }
	for _, row := range table[1:] {
		r.said += strings.Join(row, ",") + "\n"
		r.codes = append(r.codes, at(row, "problem_code"))
		if !slices.Contains([]string{"invoiced", "already invoiced", "registered"}, at(row, "state")) {
			continue
		}
		reference, currency := at(row, "order_reference"), at(row, "currency")
		order := fieldOrder{
			fieldAmount(t, at(row, "amount"), currency),
			fieldAmount(t, at(row, "vat_amount"), currency),
		}
		if before, more := r.billed[reference]; more {
			var err error
			order.amount, err = order.amount.Add(before.amount)
			require.NoError(t, err)
			order.vat, err = order.vat.Add(before.vat)
			require.NoError(t, err)
		}
		r.billed[reference] = order
	}
}
