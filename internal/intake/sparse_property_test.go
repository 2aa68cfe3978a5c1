package intake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// sparseOrder is an order of which each row may leave out what the first one has.
type sparseOrder struct {
	cells []string // Kunde, Fri, Avtale, Status
	lines []string // their texts
}

// sparseTable is the same orders in a table whose rows all have the order's cells, and in one whose first
// rows or head rows alone must.
type sparseTable struct {
	profile      string
	full, sparse [][]string
}

const (
	sparseCustomers = "Nr;Epost;Rabatt;Fri;Sperret;Type;Gruppe\n7;a@b.example;10;Ja;Nei;b2c;G1\n8;c@d.example;;Nei;Ja;;\n9;e@f.example;5;Nei;Nei;b2b;G2\n"
	sparseGroups    = "Navn;Rabatt\nG1;20\nG2;\n"
)

func drawSparse(rt *rapid.T) *sparseTable {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, label) }
	heads, apart := rapid.Bool().Draw(rt, "heads"), rapid.Bool().Draw(rt, "apart")
	p := "columns:\n  order_reference: Ordre\n  customer_number: Kunde\n  description: Tekst\n  amount: Sum\n"
	p += pick("from the register", "  product: kunder.Type\n", "  email: kunder.Epost\n", "  item_id: kunder.Type\n")
	p += "  vat: " +
		pick("vat", `"= {Fri} == 'Ja' ? 0 : 25"`, `"= lower({Fri}) == 'ja' ? 0 : 25"`,
			`"= {Fri} contains 'J' ? 0 : {Avtale} == 'A' ? 15 : 25"`,
			`"= {kunder.Fri} == 'Ja' ? 0 : 25"`, `"= {Fri} == {kunder.Fri} ? 0 : 25"`,
			`"= {Avtale} == 'A' ? num({Fri}) : 25"`) + "\n"
	p += pick("discount", "", "  discount_percent: kunder.Rabatt\n", "  discount_percent: grupper.Rabatt\n",
		"  discount_percent: \"= {Avtale} in ['A', 'B'] ? 10 : ''\"\n",
		"  discount_percent: \"= upper({Fri}) == 'JA' ? num({kunder.Rabatt}, 0) : 1\"\n")
	p += "registers:\n  kunder: {file: \"kunder*.csv\", key: Nr, by: " + pick("by", "customer_number", `"{Kunde}"`) +
		"}\n"
	if strings.Contains(p, "grupper.") {
		p += "  grupper: {file: \"grupper*.csv\", key: Navn, by: \"{kunder.Gruppe}\"}\n"
	}
	if only := pick("only", "", "{Status} != 'Kladd'", "{Status} == 'Klar'", "{kunder.Sperret} != 'Ja'",
		"lower({Status}) != 'kladd'"); only != "" {
		p += "only: \"= " + only + "\"\n"
	}
	fill := rapid.SliceOfNDistinct(
		rapid.SampledFrom([]string{`"{Fri}"`, `"{Avtale}"`, `"{Status}"`, `"{Kunde}"`, "customer_number"}), 0, 3,
		rapid.ID).Draw(rt, "fill")
	if strings.Contains(strings.Join(fill, ","), "Kunde") {
		p = strings.Replace(p, "customer_number: Kunde", "customer_number: \"{Kunde}\"", 1)
	}
	if len(fill) > 0 {
		p += "fill_down: [" + strings.Join(fill, ", ") + "]\n"
	}
	if !strings.Contains(p, "Status") {
		p += "ignore: [Status]\n"
	}
	header := []string{"Type", "Ordre", "Kunde", "Fri", "Avtale", "Status", "Tekst", "Sum"}
	t := &sparseTable{profile: p, full: [][]string{header}, sparse: [][]string{header}}
	if heads {
		t.profile += "head: \"= {Type} == 'H'\"\n"
	}
	var orders []*sparseOrder
	for i := range rapid.IntRange(1, 3).Draw(rt, "orders") {
		o := &sparseOrder{
			cells: []string{
				pick("Kunde", "7", "8", "9", ""), pick("Fri", "Ja", "Nei", ""), pick("Avtale", "A", ""),
				pick("Status", "Klar", "Kladd", ""),
			},
		}
		for n := range rapid.IntRange(1, 3).Draw(rt, "lines") {
			o.lines = append(o.lines, fmt.Sprintf("Leie %d-%d", i+1, n+1))
		}
		orders = append(orders, o)
	}
	begun := map[int]bool{}
	row := func(kind, order string, cells []string, line string) []string {
		amount := "100,00"
		if line == "" {
			amount = ""
		}
		return append(append([]string{kind, order}, cells...), line, amount)
	}
	for at := 0; ; {
		var left []int
		for i, o := range orders {
			if len(o.lines) > 0 {
				left = append(left, i)
			}
		}
		if len(left) == 0 {
			return t
		}
		if len(orders[at].lines) == 0 || apart && !heads {
			at = rapid.SampledFrom(left).Draw(rt, "next")
		}
		o, order := orders[at], fmt.Sprint(at+1)
		if heads && !begun[at] {
			for _, rows := range []*[][]string{&t.full, &t.sparse} {
				*rows = append(*rows, row("H", order, o.cells, ""))
			}
		}
		t.full = append(t.full, row("L", order, o.cells, o.lines[0]))
		cells := append([]string{}, o.cells...)
		for i := range cells {
			if (heads || begun[at]) && rapid.Bool().Draw(rt, "left out") {
				cells[i] = ""
			}
		}
		t.sparse = append(t.sparse, row("L", order, cells, o.lines[0]))
		begun[at], o.lines = true, o.lines[1:]
	}
}

// says are the lines of a table by their text: "out" where one is left out. bad are the orders with a problem.
func (t *sparseTable) says(rt *rapid.T, dir string, rows [][]string) (lines map[string]string, bad map[string]bool) {
	var out strings.Builder
	for _, row := range rows {
		out.WriteString(strings.Join(row, ";") + "\n")
	}
	path := filepath.Join(dir, "lines.csv")
	require.NoError(rt, os.WriteFile(path, []byte(out.String()), 0o600))
	require.NoError(rt, os.WriteFile(filepath.Join(dir, "profile.yaml"), []byte(t.profile), 0o600))
	p, err := intake.LoadProfile(filepath.Join(dir, "profile.yaml"))
	require.NoError(rt, err)
	lines, bad = map[string]string{}, map[string]bool{}
	options := intake.Options{Profile: p, TmpDir: dir, LeftOut: func(l billing.LeftOut) error {
		lines[l.Description] = "out"
		return nil
	}}
	for _, join := range p.Registers {
		r, err := intake.OpenRegister(rt.Context(), filepath.Join(dir, join.Name+".csv"), join.Name, options)
		require.NoError(rt, err)
		defer func() { require.NoError(rt, r.Close()) }()
		options.Registers = append(options.Registers, r)
	}
	f, err := intake.Open(rt.Context(), path, options)
	if err != nil {
		require.ErrorContains(rt, err, "all rows are left out")
		for _, row := range rows {
			lines[row[6]] = "out"
		}
		return lines, bad
	}
	defer func() { require.NoError(rt, f.Close()) }()
	for r, err := range f.Records(rt.Context()) {
		require.NoError(rt, err)
		order := rows[r.Row-1][1]
		bad[order] = bad[order] || len(r.Problems) > 0
		lines[r.Get(billing.ColDescription)] = strings.Join([]string{
			r.Get(billing.ColAmount), r.Get(billing.ColItemID), r.Get(billing.ColVAT),
			r.Get(billing.ColDiscountPercent), r.Get(billing.ColDescription),
		}, " ")
	}
	return lines, bad
}

// TestLinesAreWhatTheirOrderSays leaves out of lines what the first row or the head row of their order has.
// Each is the line that it would be with these cells, or its order has a problem.
func TestLinesAreWhatTheirOrderSays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "kunder.csv"), []byte(sparseCustomers), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "grupper.csv"), []byte(sparseGroups), 0o600))
	rapid.Check(t, func(rt *rapid.T) {
		table := drawSparse(rt)
		full, _ := table.says(rt, dir, table.full)
		sparse, bad := table.says(rt, dir, table.sparse)
		for _, row := range table.sparse[1:] {
			if text := row[6]; text != "" && !bad[row[1]] {
				require.Equal(rt, full[text], sparse[text], "%s\n%v\n%v", table.profile, table.full, table.sparse)
			}
		}
	})
}
