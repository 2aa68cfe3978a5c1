package intake

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// evaluate is the value of a formula over cells, in the order in which it names them. "!" begins an error.
func evaluate(text string, target billing.Kind, cells ...cell) (any, error) {
	x, mistake := parseExpression(text, nil, target)
	if mistake != nil {
		return nil, errors.New(mistake.message)
	}
	d := &derivation{table: &layout{}}
	b := &bound{Expression: x}
	pointers := make([]*cell, len(x.references))
	for i := range x.references {
		d.table.columns = append(d.table.columns, column{mark: money.Comma, slash: dayFirst, dash: dayFirst})
		b.origins = append(b.origins, origin{-1, i})
		pointers[i] = &cell{}
		if i < len(cells) {
			pointers[i] = &cells[i]
		}
	}
	return d.rows(nil).run(b, target, pointers)
}

func text(value string) cell { return cell{Kind: xlsx.Text, Value: value} }

func TestFormulas(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		formula string
		cells   []cell
		want    string // a number as a fraction or a text; "!" and the message of an error
	}{
		{"= num({A})", []cell{text("1 250,50")}, "1250.5"},
		{"= num({A})", []cell{text("kr 1 250,50")}, "1250.5"},
		{"= num({A})", []cell{text("12,5-")}, "-12.5"},
		{"= num({A})", []cell{text("1.5")}, `!"1.5" has another decimal mark than the column's ,`},
		{"= num({A})", []cell{text("")}, "!an empty cell is not a number"},
		{"= num({A}, 7)", []cell{text(" ")}, "7"},
		{"= num({A}, 7)", []cell{text("x")}, `!"x" is not a number`},
		{"= num({A})", []cell{{Kind: xlsx.Number, Value: "0.1"}}, "0.1"},
		{"= num({A}) + num({B})", []cell{{Kind: xlsx.Number, Value: "0.1"}, {Kind: xlsx.Number, Value: "0.2"}}, "0.3"},
		{"= num({A})", []cell{{Kind: xlsx.Percent, Value: "0.25"}}, `!"25 %" is a percentage`},
		{"= num({A})", []cell{{Kind: xlsx.ErrorValue, Value: "#REF!"}}, `!"#REF!" is not a number`},
		{"= num({A}) * 0.1 * 3", []cell{text("1")}, "0.3"},
		{"= num({A}) / 4", []cell{text("1")}, "0.25"},
		{"= num({A}) / 3", []cell{text("1")}, "!the formula's number has more decimals than can be billed exactly"},
		{"= round(num({A}) / 3, 2)", []cell{text("2")}, "0.67"},
		{"= round(num({A}), 2)", []cell{text("-0,005")}, "-0.01"},
		{"= round(num({A}), 9)", []cell{text("1")}, "!round takes 0 to 8 decimals"},
		{"= num({A}) / num({B})", []cell{text("1"), text("0")}, "!the formula divides by zero"},
		{"= -num({A})", []cell{text("1,5")}, "-1.5"},
		{"= num(replace({A}, ' stk', ''))", []cell{text("2,5 stk")}, "2.5"},
		{"= hours({A})", []cell{text("7:30")}, "7.5"},
		{"= hours({A})", []cell{text("37:30:00")}, "37.5"},
		{"= hours({A})", []cell{text("0:00:36")}, "0.01"},
		{"= hours({A})", []cell{text("7,25")}, "7.25"},
		{"= hours({A})", []cell{{Kind: xlsx.Time, Value: "0.3125"}}, "7.5"},
		{"= round(hours({A}), 2)", []cell{{Kind: xlsx.Time, Value: "0.30555555555555558"}}, "7.33"},
		{"= hours({A})", []cell{text("7:60")}, `!"7:60" is not a time such as 7:30 or 07:30:00`},
		{"= hours({A})", []cell{text("-1:30")}, "-1.5"},
		{"= hours({A})", []cell{text("--1:30")}, `!"--1:30" is not a time such as 7:30 or 07:30:00`},
		{"= hours({A}, 0)", []cell{text("")}, "0"},
		{"= date({A})", []cell{text("31.01.2026")}, "2026-01-31"},
		{"= date({A}, 'mm/dd/yyyy')", []cell{text("01/31/2026")}, "2026-01-31"},
		{"= date({A}, 'dd/mm/yyyy')", []cell{text("01/31/2026")}, `!"01/31/2026" is not a date`},
		{
			"= date({A}, 'd.m.y')",
			[]cell{text("01/31/2026")},
			"!date takes one of the forms '" + strings.Join(dateForms(), "', '") + "'",
		},
		{"= date({A})", []cell{text("")}, "!an empty cell is not a date"},
		{"= digits({A})", []cell{text("NO 999 888 003 MVA")}, "999888003"},
		{"= upper({A}) + lower({A}) + trim('  x ')", []cell{text("aB")}, "ABabx"},
		{"= replace({A}, '#', '')", []cell{text("#1001")}, "1001"},
		{"= contains({A}, 'x') || {A} startsWith 'y' ? 'yes' : 'no'", []cell{text("axb")}, "yes"},
		{"= {A} in ['a', 'b'] and not ({A} endsWith 'b') ? 'yes' : 'no'", []cell{text("b")}, "no"},
		{"= {A} matches '^[0-9]{3}$' ? 'yes' : 'no'", []cell{text("123")}, "yes"},
		{"= num({A}) == 2 ? 'two' : text(num({A}) * 2)", []cell{text("1,5")}, "3"},
		{"= num({A}) >= 1.5 && num({A}) < 1.51 && num({A}) != 2 ? 1 : 0", []cell{text("1,5")}, "1"},
		{"= {A} == '' ? '' : num({A})", []cell{text("")}, ""},
		{"= '{A}' + \"}\" + {A}", []cell{text("x")}, "{A}}x"},
		{"= 99999999999 * 99999999999 * 99999999999 * num({A}) > 0 ? 'big' : ''", []cell{text("1")}, "big"},
	} {
		value, err := evaluate(tc.formula, billing.Text, tc.cells...)
		if err == nil {
			var c cell
			if c, err = cellOf(value); err == nil {
				require.Equal(t, tc.want, c.Value, tc.formula)
				continue
			}
		}
		require.Equal(t, tc.want, "!"+err.Error(), tc.formula)
	}
}

// TestFormulasAreExact computes with random decimals, and compares the results with those of fractions.
func TestFormulasAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		decimal := func(name string) (cell, *big.Rat) {
			d := money.NewDecimal(rapid.Int64Range(-1e12, 1e12).Draw(t, name),
				rapid.IntRange(0, 4).Draw(t, name+" scale"))
			return cell{Kind: xlsx.Number, Value: d.String()}, d.Rat()
		}
		a, x := decimal("a")
		b, y := decimal("b")
		for formula, want := range map[string]*big.Rat{
			"= num({A}) + num({B})": new(big.Rat).Add(x, y),
			"= num({A}) - num({B})": new(big.Rat).Sub(x, y),
			"= num({A}) * num({B})": new(big.Rat).Mul(x, y),
		} {
			got, err := evaluate(formula, billing.Number, a, b)
			require.NoError(t, err)
			require.Zero(t, want.Cmp(got.(*big.Rat)), formula)
		}
	})
}

// FuzzFormula compiles any text and evaluates it over any cells. The result is a value or an error, and never a panic.
func FuzzFormula(f *testing.F) {
	for _, seed := range []string{
		"num({A}) * 2", "{A} == 'x' ? hours({B}) : ''", "date({A}, {B})", "let x = num({A}); x / x",
		"{A} + {B} matches {A}", "contains({A}, {B})", "round(num({A}), num({B}))",
	} {
		f.Add(seed, "1,5", "x")
	}
	f.Fuzz(func(_ *testing.T, formula, a, b string) {
		for _, target := range []billing.Kind{"", billing.Text, billing.Money, billing.Day} {
			if value, err := evaluate("="+formula, target, text(a), text(b)); err == nil {
				_, _ = cellOf(value) // a value of a type that no cell has is an error
			}
		}
		_, _ = parseExpression(formula, []string{"a"}, billing.Text)
	})
}
