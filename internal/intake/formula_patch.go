package intake

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"

	"kraviabatch/internal/billing"
)

// patcher rewrites a parsed formula: literals become exact numbers, and num, hours and date get the evaluation that
// reads their cells. It also notes what the formula compares, and refuses what formulas do not have.
type patcher struct {
	*formula
	mistake *formulaMistake
}

func (p *patcher) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IntegerNode:
		ast.Patch(node, constant(big.NewRat(int64(n.Value), 1)))
	case *ast.FloatNode: // up to fifteen digits, its shortest decimal is exactly what was written
		exact, ok := new(big.Rat).SetString(fmt.Sprint(n.Value))
		if !ok || len(strings.Trim(fmt.Sprint(n.Value), "0.")) > maxLiteral {
			p.fail(n, msgFormulaDigits)
			return
		}
		ast.Patch(node, constant(exact))
	case *ast.UnaryNode:
		if n.Operator == "-" {
			ast.Patch(node, &ast.BinaryNode{Operator: "-", Left: constant(new(big.Rat)), Right: n.Node})
		}
	case *ast.CallNode:
		p.call(node, n)
	case *ast.ConditionalNode:
		p.decides = append(p.decides, referencesIn(n.Cond)...)
	case *ast.BinaryNode:
		p.comparesDate(n, n.Operator, n.Left, n.Right)
		if (n.Operator == "*" || n.Operator == "/") && !isOne(n.Left) && !isOne(n.Right) {
			ast.Walk(node, scale{})
		}
		list, ok := n.Right.(*ast.ArrayNode)
		if !ok {
			p.compare(n.Operator, n.Left, n.Right)
			return
		}
		p.compare(n.Operator, n.Left, list.Nodes...)
		if n.Operator == "in" && slices.ContainsFunc(list.Nodes, isNumber) {
			p.fail(n, msgFormulaIn)
		}
	case *ast.BuiltinNode:
		p.fail(n, noFunction(n.Name))
	case *ast.MapNode, *ast.PredicateNode, *ast.MemberNode, *ast.SliceNode, *ast.VariableDeclaratorNode:
		p.fail(n, msgFormulaPart)
	}
}

// maxLiteral is the number of digits that a float keeps exactly.
const maxLiteral = 15

// isOne reports 1 and -1: multiplying by them does not scale.
func isOne(n ast.Node) bool {
	if minus, ok := n.(*ast.BinaryNode); ok && minus.Operator == "-" {
		zero, literal := minus.Left.(*ast.ConstantNode)
		return literal && isNumber(zero) && zero.Value.(*big.Rat).Sign() == 0 && isOne(minus.Right)
	}
	return isNumber(n) && n.(*ast.ConstantNode).Value.(*big.Rat).Cmp(big.NewRat(1, 1)) == 0
}

// isNumber reports a number that is written in the formula.
func isNumber(n ast.Node) bool {
	c, ok := n.(*ast.ConstantNode)
	if !ok {
		return false
	}
	_, ok = c.Value.(*big.Rat)
	return ok
}

// noFunction is the mistake of calling what is not a function.
func noFunction(name string) string { return fmt.Sprintf(msgFormulaNoFunction, name) }

func constant(value any) *ast.ConstantNode { return &ast.ConstantNode{Value: value} }

// fail notes a mistake at a part of the formula, unless there was one before.
func (p *patcher) fail(n ast.Node, message string) {
	if p.mistake == nil {
		p.mistake = &formulaMistake{1, n.Location().From + 1, message}
	}
}

// call checks the arguments of a function, and gives num, hours and date the evaluation and their references.
func (p *patcher) call(node *ast.Node, n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	function := callee.Value
	var fallback ast.Node
	switch function {
	case "num_of", "hours_of", "date_of":
		p.fail(n, noFunction(function))
		return
	case "num", "hours":
		p.hours = p.hours || function == "hours"
		fallback = constant((*big.Rat)(nil))
	case "date":
		fallback = constant("")
	case "includes":
		if len(n.Arguments) == 2 {
			p.comparesDate(n, "contains", n.Arguments[0], n.Arguments[1])
			p.compare("contains", n.Arguments[0], n.Arguments[1])
		}
		return
	case "stop":
		if len(n.Arguments) == 1 {
			if reason, ok := n.Arguments[0].(*ast.StringNode); ok && strings.TrimSpace(reason.Value) == "" {
				p.fail(n, msgFormulaStopReason)
			}
		}
		return
	default:
		return
	}
	if len(n.Arguments) == 0 || len(n.Arguments) > 2 {
		second := msgFormulaNumberOfEmpty
		if function == "date" {
			second = msgFormulaFormOfDates
		}
		p.fail(n, fmt.Sprintf(msgFormulaTakes, function, function, second))
		return
	}
	if len(n.Arguments) == 2 {
		fallback = n.Arguments[1]
	}
	form, given := fallback.(*ast.StringNode)
	if function == "date" && len(n.Arguments) == 2 && (!given || !slices.Contains(dateForms(), form.Value)) {
		p.fail(n.Arguments[1], fmt.Sprintf(msgFormulaDateForms, strings.Join(dateForms(), "', '")))
	}
	ast.Patch(node, p.reading(n, function, n.Arguments[0], fallback))
	(*node).SetLocation(n.Location())
}

// reading calls num, hours or date on its argument. For a choice such as {Kind} == 'X' ? {A} : {B} it calls the
// function on each branch, since each column may have its own decimal mark.
func (p *patcher) reading(n *ast.CallNode, function string, of, fallback ast.Node) ast.Node {
	if choice, ok := of.(*ast.ConditionalNode); ok {
		choice.Exp1, choice.Exp2 = p.reading(n, function, choice.Exp1, fallback),
			p.reading(n, function, choice.Exp2, fallback)
		return choice
	}
	from := argument{references: referencesIn(of)}
	for _, r := range from.references {
		if function != "date" {
			p.read(r, billing.Number)
		} else if len(n.Arguments) == 1 {
			p.read(r, billing.Day)
		}
	}
	call := &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: function + "_of"},
		Arguments: []ast.Node{&ast.IdentifierNode{Value: readerName}, constant(&from), of, fallback},
	}
	call.SetLocation(n.Location())
	return call
}

// compare notes the texts with which a cell is compared, to find misspelt ones. It refuses those that no cell equals.
func (p *patcher) compare(operator string, left ast.Node, right ...ast.Node) {
	if operator == "!=" || operator == "in" {
		operator = "=="
	}
	if !slices.Contains([]string{"==", "contains", "startsWith", "endsWith", "matches"}, operator) {
		return
	}
	if _, first := left.(*ast.StringNode); first && len(right) == 1 && operator == "==" {
		left, right = right[0], []ast.Node{left}
	}
	for _, n := range right {
		one, isCell := left.(*ast.IdentifierNode)
		other, isOther := n.(*ast.IdentifierNode)
		if operator == "==" && isCell && isOther && namesCell(one) && namesCell(other) {
			p.pairs = append(p.pairs, [2]int{referenceOf(one.Value), referenceOf(other.Value)})
		}
		if text, ok := n.(*ast.StringNode); ok {
			same := foldSpaces(text.Value)
			p.spell(left, spelling{word: text.Value, operator: operator, same: same, small: strings.ToLower(same)},
				n, true)
		}
	}
}

// spell notes a text for each cell in the compared part of a formula. It keeps what functions do to the cell before the
// comparison. whole says that the part is compared as it is, and not as a branch or a piece of a text.
func (p *patcher) spell(of ast.Node, s spelling, at ast.Node, whole bool) {
	switch n := of.(type) {
	case *ast.IdentifierNode:
		if !namesCell(n) {
			return
		}
		if s.operator == "matches" {
			var err error
			if s.pattern, err = regexp.Compile(s.word); err != nil {
				return // expr reports the mistake
			}
			if strings.ContainsFunc(letterClass.ReplaceAllString(s.word, ""), unicode.IsLetter) {
				s.folded, _ = regexp.Compile("(?i)" + s.word) // valid, as the pattern is
			}
		}
		p.spelled[referenceOf(n.Value)] = append(p.spelled[referenceOf(n.Value)], s)
	case *ast.ConditionalNode:
		p.spell(n.Exp1, s, at, false)
		p.spell(n.Exp2, s, at, false)
	case *ast.BinaryNode:
		text, isText := n.Right.(*ast.StringNode)
		if n.Operator == "+" && isText {
			s.of = before(func(cell string) string { return cell + text.Value }, s.of)
			p.spell(n.Left, s, at, false)
		}
	case *ast.CallNode:
		change := strings.ToLower
		if calls(n, "upper") {
			change = strings.ToUpper
		}
		switch letters := calls(n, "lower") || calls(n, "upper"); {
		case s.operator == "matches" && (calls(n, "part") || calls(n, "replace")):
		case whole && s.operator != "matches" && letters && s.word != change(s.word):
			p.fail(at, fmt.Sprintf(msgFormulaLetters, change(s.word)))
		case letters && len(n.Arguments) == 1:
			s.of = before(change, s.of)
			p.spell(n.Arguments[0], s, at, false)
		case calls(n, "trim") && len(n.Arguments) == 1:
			p.spell(n.Arguments[0], s, at, whole)
		case (calls(n, "part") || calls(n, "replace")) && len(n.Arguments) == 3 && s.word != "":
			if s.of = changes(n, s.of); s.of != nil {
				p.spell(n.Arguments[0], s, at, false)
			}
		}
	}
}

// letterClass matches the parts of a pattern whose letters are not text, such as \d and [a-z].
var letterClass = regexp.MustCompile(`\\.|\[[^\]]*\]`)

// changes is what part or replace does to a text, followed by another change. It is nil where an argument is a cell.
func changes(n *ast.CallNode, then func(string) string) func(string) string {
	of, first := n.Arguments[1].(*ast.StringNode)
	if !first {
		return nil
	}
	if to, ok := n.Arguments[2].(*ast.StringNode); ok && calls(n, "replace") {
		return before(func(text string) string { return strings.ReplaceAll(text, of.Value, to.Value) }, then)
	}
	if number, ok := n.Arguments[2].(*ast.ConstantNode); ok && calls(n, "part") {
		return before(func(text string) string {
			found, _ := part(text, of.Value, number.Value)
			piece, _ := found.(string) // "" after an error
			return piece
		}, then)
	}
	return nil
}

// before is a change of a text followed by another one, which may be nil.
func before(change, then func(string) string) func(string) string {
	if then == nil {
		return change
	}
	return func(text string) string { return then(change(text)) }
}

// comparesDate refuses comparisons of a date with texts that are not dates: in, contains, startsWith and endsWith.
func (p *patcher) comparesDate(n ast.Node, operator string, left, right ast.Node) {
	if !isDate(left) {
		return
	}
	switch list, isList := right.(*ast.ArrayNode); operator {
	case "in":
		if isList && slices.ContainsFunc(list.Nodes, func(n ast.Node) bool { return !isDate(n) && !isDay(n) }) {
			p.fail(n, msgFormulaComparesDate)
		}
	case "startsWith":
		if text, ok := right.(*ast.StringNode); !ok || !isoBegins.MatchString(text.Value) {
			p.fail(n, msgFormulaDateBegins)
		}
	case "contains", "endsWith":
		p.fail(n, msgFormulaComparesDate)
	}
}

// isoBegins matches the beginning of a date such as 2026-11.
var isoBegins = regexp.MustCompile(`^[0-9]{4}(-([01][0-9](-([0-3][0-9])?)?)?)?$`)

// namesCell reports whether a variable stands for a header.
func namesCell(n *ast.IdentifierNode) bool {
	return strings.HasPrefix(n.Value, readerName) && n.Value != readerName
}

// referenceOf is the index of a variable's reference.
func referenceOf(name string) int {
	letters := strings.TrimPrefix(strings.ToLower(name), readerName)
	return int(letters[0]-'a')*26 + int(letters[1]-'a')
}

// argument is what num, hours or date reads: the references in it. Its text may be that of one of their cells.
type argument struct {
	references []int
	scaled     bool // the number is multiplied or divided, where "25 %" could mean 25 or 0.25
}

// scale marks the calls of num in a product or quotient.
type scale struct{}

func (scale) Visit(node *ast.Node) {
	if !calls(*node, "num_of") {
		return
	}
	for _, n := range (*node).(*ast.CallNode).Arguments {
		if c, ok := n.(*ast.ConstantNode); ok {
			if of, ok := c.Value.(*argument); ok {
				of.scaled = true
			}
		}
	}
}

// referencesIn are the references in a part of a formula.
func referencesIn(n ast.Node) []int {
	found := references{}
	ast.Walk(&n, &found)
	return found.all
}

type references struct{ all []int }

func (r *references) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.IdentifierNode)
	if ok && namesCell(n) && !slices.Contains(r.all, referenceOf(n.Value)) {
		r.all = append(r.all, referenceOf(n.Value))
	}
}
