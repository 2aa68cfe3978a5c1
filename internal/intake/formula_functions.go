package intake

import (
	"cmp"
	"math/big"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"

	"kraviabatch/internal/billing"
)

// formulaFunctions are the functions of formulas. The patcher renames num, hours and date, to pass the evaluation.
func formulaFunctions() []expr.Option {
	text := func(f func(string) string) func(...any) (any, error) {
		return func(args ...any) (any, error) { return f(args[0].(string)), nil }
	}
	return []expr.Option{
		expr.Function("num_of", numberOf((*evaluation).number),
			new(func(*evaluation, *argument, string, *big.Rat) *big.Rat)),
		expr.Function("hours_of", numberOf((*evaluation).hours),
			new(func(*evaluation, *argument, string, *big.Rat) *big.Rat)),
		expr.Function("date_of", dateOf, new(func(*evaluation, *argument, string, string) string)),
		expr.Function("round", round, new(func(*big.Rat, *big.Rat) *big.Rat)),
		expr.Function("text", func(args ...any) (any, error) { return decimalText(args[0].(*big.Rat)) },
			new(func(*big.Rat) string)),
		expr.Function("digits", text(onlyDigitsOf), new(func(string) string)),
		expr.Function("trim", text(strings.TrimSpace), new(func(string) string)),
		expr.Function("upper", text(strings.ToUpper), new(func(string) string)),
		expr.Function("lower", text(strings.ToLower), new(func(string) string)),
		expr.Function("replace", func(args ...any) (any, error) {
			return strings.ReplaceAll(args[0].(string), args[1].(string), args[2].(string)), nil
		}, new(func(string, string, string) string)),
		expr.Function("part", part, new(func(string, string, *big.Rat) string)),
		expr.Function("stop", func(args ...any) (any, error) {
			return "", &stopError{cmp.Or(strings.TrimSpace(args[0].(string)), msgFormulaStops)}
		}, new(func(string) string)),
		expr.Function("includes", func(args ...any) (any, error) {
			return strings.Contains(args[0].(string), args[1].(string)), nil
		}, new(func(string, string) bool)),
	}
}

// formulaOperators are the operators on numbers. They compute with exact fractions.
func formulaOperators() []expr.Option {
	var options []expr.Option
	operator := func(sign, name string, f func(a, b *big.Rat) (any, error), kind any) {
		options = append(options, expr.Function(name, func(args ...any) (any, error) {
			return f(args[0].(*big.Rat), args[1].(*big.Rat))
		}, kind), expr.Operator(sign, name), expr.Patch(retype{}))
	}
	for sign, f := range map[string]func(z, a, b *big.Rat) *big.Rat{
		"+": (*big.Rat).Add, "-": (*big.Rat).Sub, "*": (*big.Rat).Mul,
	} {
		operator(sign, "number"+sign, func(a, b *big.Rat) (any, error) {
			return bounded(f(new(big.Rat), a, b))
		}, new(func(a, b *big.Rat) *big.Rat))
	}
	operator("/", "number/", func(a, b *big.Rat) (any, error) {
		if b.Sign() == 0 {
			return nil, &valueError{msgFormulaZero, hintFormulaCounts}
		}
		return bounded(new(big.Rat).Quo(a, b))
	}, new(func(a, b *big.Rat) *big.Rat))
	for sign, holds := range map[string]func(order int) bool{
		"==": func(o int) bool { return o == 0 }, "!=": func(o int) bool { return o != 0 },
		"<": func(o int) bool { return o < 0 }, "<=": func(o int) bool { return o <= 0 },
		">": func(o int) bool { return o > 0 }, ">=": func(o int) bool { return o >= 0 },
	} {
		operator(sign, "number"+sign, func(a, b *big.Rat) (any, error) { return holds(a.Cmp(b)), nil },
			new(func(a, b *big.Rat) bool))
	}
	return options
}

// retype makes expr find the types of calls again after each operator was replaced. Without it expr keeps the type of
// a call that it has seen, and no longer looks into its arguments.
type retype struct{}

func (retype) Reset()             {}
func (retype) ShouldRepeat() bool { return false }

func (retype) Visit(node *ast.Node) {
	if n, ok := (*node).(*ast.CallNode); ok {
		n.SetNature(nature.Nature{})
	}
}

// maxBits bounds the numerator and the denominator of a number, which could grow without end.
const maxBits = 512

// bounded is a number, or an error where it is too long.
func bounded(r *big.Rat) (any, error) {
	if r.Num().BitLen() > maxBits || r.Denom().BitLen() > maxBits {
		return nil, &valueError{msgFormulaNumberDigits, hintFormulaCell}
	}
	return r, nil
}

// numberOf is num or hours. args are the evaluation, the argument, its text and the number of an empty one, or nil.
func numberOf(read func(*evaluation, *argument, string) (*big.Rat, error)) func(args ...any) (any, error) {
	return func(args ...any) (any, error) {
		text, fallback := args[2].(string), args[3].(*big.Rat)
		if strings.TrimSpace(text) != "" {
			return read(args[0].(*evaluation), args[1].(*argument), text)
		}
		if fallback == nil {
			return nil, &valueError{msgFormulaEmptyNumber, hintFormulaEmptyNumber}
		}
		return fallback, nil
	}
}

// dateOf is date. args are the evaluation, the argument, its text and the form of dates, "" for none.
func dateOf(args ...any) (any, error) {
	e, text := args[0].(*evaluation), args[2].(string)
	switch {
	case strings.TrimSpace(text) != "":
		return e.date(args[1].(*argument), text, args[3].(string))
	case e.target == billing.Day:
		return "", nil
	}
	return nil, &valueError{msgFormulaEmptyDate, hintFormulaEmptyDate}
}

// round rounds a number to 0 to 8 decimals, half away from zero.
func round(args ...any) (any, error) {
	value, digits := args[0].(*big.Rat), args[1].(*big.Rat)
	if !digits.IsInt() || !digits.Num().IsInt64() || digits.Num().Int64() < 0 || digits.Num().Int64() > maxDecimals {
		return nil, &valueError{msgFormulaRound, hintFormulaCorrect}
	}
	rounded, ok := new(big.Rat).SetString(value.FloatString(int(digits.Num().Int64())))
	if !ok {
		return nil, &valueError{msgFormulaNotRounded, hintFormulaCorrect}
	}
	return rounded, nil
}

// stopError is why the profile stops a row, in the profile's own words.
type stopError struct{ reason string }

func (e *stopError) Error() string { return e.reason }

// part is the n-th part of a text between separators, counted from 1; "" beyond the last.
func part(args ...any) (any, error) {
	text, separator, n := args[0].(string), args[1].(string), args[2].(*big.Rat)
	if separator == "" || !n.IsInt() || n.Sign() <= 0 {
		return nil, &valueError{msgFormulaParts, hintFormulaCorrect}
	}
	parts := strings.Split(text, separator)
	if !n.Num().IsInt64() || n.Num().Int64() > int64(len(parts)) {
		return "", nil
	}
	return strings.TrimSpace(parts[n.Num().Int64()-1]), nil
}

// maxDecimals is how many decimals a formula's number may have in the end.
const maxDecimals = 8

// decimalText writes a number with a decimal point. One with more than maxDecimals, such as a third, is an error.
func decimalText(r *big.Rat) (string, error) {
	decimals, exact := r.FloatPrec()
	if !exact || decimals > maxDecimals {
		return "", &valueError{msgFormulaDecimals, hintFormulaRound}
	}
	return r.FloatString(decimals), nil
}

// onlyDigitsOf is a text without all that is not a digit.
func onlyDigitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
