package intake

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"kraviabatch/internal/billing"
)

// wholeCells writes in capitals the variables of references whose cell can be the formula's value as it is.
func wholeCells(code string) (marked string, references []int) {
	tree, err := parser.Parse(code)
	if err != nil {
		return code, nil // compileFormula reports the mistake
	}
	runes := []rune(code)
	for n := range resultsOf(tree.Node) {
		id, ok := n.(*ast.IdentifierNode)
		if !ok || !namesCell(id) {
			continue
		}
		references = append(references, referenceOf(id.Value))
		copy(runes[n.Location().From:], []rune(strings.ToUpper(id.Value)))
	}
	return string(runes), references
}

// resultsOf are the parts of a formula that can be its value: the branches of ? : or the formula itself.
func resultsOf(n ast.Node) iter.Seq[ast.Node] {
	return func(yield func(ast.Node) bool) {
		switch n := n.(type) {
		case *ast.ConditionalNode:
			for _, branch := range []ast.Node{n.Exp1, n.Exp2} {
				for part := range resultsOf(branch) {
					if !yield(part) {
						return
					}
				}
			}
		default:
			yield(n)
		}
	}
}

// fits checks that the type of the formula's value fits its target.
func (f *formula) fits(target billing.Kind) *formulaMistake {
	for n := range resultsOf(f.program.Node()) {
		wrong := ""
		switch got := n.Type(); {
		case target == "" && got != truthType && !isStop(n):
			wrong = msgFormulaNoTruth
		case target == "":
		case got == truthType:
			wrong = msgFormulaTruth
		case got == numberType && target == billing.Day:
			wrong = msgFormulaNumberForDate
		case got == numberType && target == billing.Choice:
			wrong = msgFormulaNumberForWord
		case got == textType && isNumeric(target) && !isEmptyText(n) && !isStop(n):
			wrong = msgFormulaTextInNumber
		case got.Kind() != reflect.Interface && got != textType && got != numberType && got != cellType:
			wrong = msgFormulaType
		}
		if wrong != "" {
			return &formulaMistake{1, n.Location().From + 1, wrong}
		}
	}
	return nil
}

func isEmptyText(n ast.Node) bool {
	text, ok := n.(*ast.StringNode)
	return ok && text.Value == ""
}

func isStop(n ast.Node) bool { return calls(n, "stop") }

// isDate reports whether a value is always a date: date({Header}) in one part at least, a day as a text, or empty.
func isDate(n ast.Node) bool {
	is := false
	for part := range resultsOf(n) {
		if calls(part, "date_of") {
			is = true
		} else if !isDay(part) && !isEmptyText(part) && !isStop(part) {
			return false
		}
	}
	return is
}

// calls reports whether a part is a call of the function.
func calls(n ast.Node, function string) bool {
	call, ok := n.(*ast.CallNode)
	if !ok {
		return false
	}
	callee, ok := call.Callee.(*ast.IdentifierNode)
	return ok && callee.Value == function
}

// comparisons finds comparisons of texts by their order, in which 10 comes before 9, and of a date with a text.
type comparisons struct{ mistake *formulaMistake }

func (c *comparisons) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || c.mistake != nil || !slices.Contains([]string{"<", "<=", ">", ">=", "==", "!="}, n.Operator) {
		return
	}
	if n.Left.Type() != textType || n.Right.Type() != textType {
		return
	}
	message := ""
	switch left, right := isDate(n.Left), isDate(n.Right); {
	case left && right:
	case !left && !right && (n.Operator == "==" || n.Operator == "!="):
	case !left && !right:
		message = fmt.Sprintf(msgFormulaComparesTexts, n.Operator)
	case left && !isDay(n.Right), right && !isDay(n.Left):
		message = msgFormulaComparesDate
	}
	if message != "" {
		c.mistake = &formulaMistake{1, n.Location().From + 1, message}
	}
}

// isDay reports a day that is written in the formula, such as '2026-11-01'.
func isDay(n ast.Node) bool {
	text, ok := n.(*ast.StringNode)
	return ok && billing.IsDay(text.Value)
}

// joins reports whether a formula is only cells and texts with + between them.
func joins(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryNode:
		return n.Operator == "+" && joins(n.Left) && joins(n.Right)
	case *ast.IdentifierNode, *ast.StringNode:
		return true
	}
	return false
}
