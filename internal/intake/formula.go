package intake

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"kraviabatch/internal/billing"
)

// formula is a compiled expression over the texts of cells. Its numbers are exact fractions; there are no floats.
type formula struct {
	program   *vm.Program
	names     []string             // of the variables that stand for the references, in their order
	reads     map[int]billing.Kind // by reference: a number where it is read as one, Day where it is read as a date
	cells     []int                // references whose cells can be the value as they stand
	cellNames []string             // of the variables that stand for them
	joins     bool                 // it is cells and texts with + between them, and nothing else
	spelled   map[int][]spelling   // by reference: the texts that its cell is compared with
	hours     bool                 // it reads hours
	decides   []int                // references by whose cells it decides
	pairs     [][2]int             // references that are compared with each other
}

// formulaMistake is what is wrong with a formula, and where: line and column from 1, in characters.
type formulaMistake struct {
	line, column int
	message      string
}

// valueError is what keeps a formula from having a value on a row.
type valueError struct{ message, hint string }

func (e *valueError) Error() string { return e.message }

// readerName is the variable that holds the [evaluation]. Like those of references it begins with a letter
// that no header and no person writes.
const readerName = "ℵ"

// variable is the name of the reference i, as wide as {A}; longer headers are filled up with spaces, so that
// places stay.
func variable(i int) string { return fmt.Sprintf(readerName+"%c%c", 'a'+i/26, 'a'+i%26) }

const maxReferences = 26 * 26

// withVariables puts variables in the place of {headers}, and gives the headers by their variables' order.
func withVariables(text string) (code string, headers []string, mistake *formulaMistake) {
	in := []rune(text)
	out := make([]rune, 0, len(in))
	for i := 0; i < len(in); {
		switch c := in[i]; {
		case c == '\'' || c == '"' || c == '`':
			end := i + 1
			for end < len(in) && in[end] != c {
				if in[end] == '\\' && c != '`' {
					end++
				}
				end++
			}
			end = min(end+1, len(in))
			out, i = append(out, in[i:end]...), end
		case c == '{':
			end := i + 1
			for end < len(in) && in[end] != '}' && in[end] != '{' {
				end++
			}
			name := strings.TrimSpace(string(in[i+1 : end]))
			switch {
			case end == len(in) || in[end] == '{':
				return "", nil, at(in, i, msgFormulaOpenBrace)
			case name == "":
				return "", nil, at(in, i, msgFormulaNoName)
			case len(headers) == maxReferences:
				return "", nil, at(in, i, fmt.Sprintf(msgFormulaMany, maxReferences))
			}
			known := slices.Index(headers, name)
			if known < 0 {
				known, headers = len(headers), append(headers, name)
			}
			v := []rune(variable(known))
			for range end + 1 - i - len(v) {
				v = append(v, ' ')
			}
			out, i = append(out, v...), end+1
		case c == '}':
			return "", nil, at(in, i, msgFormulaCloseBrace)
		case strings.HasPrefix(string(in[i:min(len(in), i+9)]), "contains(") && !operand(out):
			// the function, beside the operator of the same name
			out, i = append(out, []rune("includes")...), i+len("contains")
		default:
			out, i = append(out, c), i+1
		}
	}
	return string(out), headers, nil
}

// operand reports whether code ends in what an operator can follow.
func operand(code []rune) bool {
	text := strings.TrimRight(string(code), " \n\t")
	for _, word := range []string{"and", "or", "not", "in", "&", "|", "!", "?", ":", "(", ",", "+", "=", "["} {
		if strings.HasSuffix(text, word) {
			return false
		}
	}
	return text != ""
}

func at(in []rune, i int, message string) *formulaMistake {
	before := string(in[:i])
	line := strings.Count(before, "\n")
	return &formulaMistake{line + 1, i - len([]rune(before[:strings.LastIndex(before, "\n")+1])) + 1, message}
}

// Types of values in formulas.
//
//nolint:gochecknoglobals // fixed
var (
	numberType = reflect.TypeFor[*big.Rat]()
	textType   = reflect.TypeFor[string]()
	truthType  = reflect.TypeFor[bool]()
	cellType   = reflect.TypeFor[*cell]()
)

// compileFormula checks names and types. code is of withVariables. target is what the value is for: a kind of
// column, or "" for a truth.
//
// Where a formula's value is a cell alone, as in {A} != ” ? {A} : {B}, the value is the cell itself with all
// that it says, and not the text that it shows.
func compileFormula(code string, references int, target billing.Kind) (*formula, *formulaMistake) {
	f := &formula{reads: map[int]billing.Kind{}, spelled: map[int][]spelling{}}
	code, results := wholeCells(code)
	env := map[string]any{readerName: (*evaluation)(nil)}
	for i := range references {
		f.names = append(f.names, variable(i))
		env[variable(i)] = ""
		if slices.Contains(results, i) {
			f.cells, f.cellNames = append(f.cells, i), append(f.cellNames, strings.ToUpper(variable(i)))
			env[f.cellNames[len(f.cells)-1]] = (*cell)(nil)
			f.read(i, target)
		}
	}
	p := &patcher{formula: f}
	options := append(formulaFunctions(), expr.Env(env), expr.DisableAllBuiltins(), expr.MaxNodes(maxFormulaNodes),
		expr.Patch(p))
	options = append(options, formulaOperators()...)
	program, err := expr.Compile(code, options...)
	if p.mistake != nil {
		return nil, p.mistake
	}
	if err != nil {
		return nil, formulaError(code, err)
	}
	f.program = program
	root := program.Node()
	f.joins = joins(root)
	if target == "" {
		f.decides = referencesIn(root)
	}
	checked := &comparisons{}
	if ast.Walk(&root, checked); checked.mistake != nil {
		return nil, checked.mistake
	}
	return f, f.fits(target)
}

// read notes what a reference is read as. A number or a day goes before a text.
func (f *formula) read(reference int, kind billing.Kind) {
	if stronger(kind, f.reads[reference]) {
		f.reads[reference] = kind
	}
}

func (f *formula) readAll(references []int, kind billing.Kind) {
	for _, r := range references {
		f.read(r, kind)
	}
}

const maxFormulaNodes = 500

// formulaError is a mistake in the words of this program.
func formulaError(code string, err error) *formulaMistake {
	m := &formulaMistake{1, 1, err.Error()}
	if e, ok := errors.AsType[*file.Error](err); ok {
		m = &formulaMistake{e.Line, e.Column + 1, e.Message}
	}
	if name, unknown := strings.CutPrefix(m.message, "unknown name "); unknown {
		m.message = fmt.Sprintf(msgFormulaUnknownName, name)
		if strings.Contains(code, name+"(") {
			m.message = noFunction(name)
		}
	}
	if token, unexpected := strings.CutPrefix(m.message, "unexpected token "); unexpected {
		switch token {
		case `Operator("=")`:
			m.message = msgFormulaAssignment
		case "EOF":
			m.message = msgFormulaEndsEarly
		default:
			m.message = fmt.Sprintf(msgFormulaUnexpected, token)
		}
	}
	if strings.HasPrefix(m.message, "unrecognized character") && strings.ContainsAny(m.message, "’‘“”´`") {
		m.message = msgFormulaQuote
	}
	if strings.HasPrefix(m.message, "invalid operation") && strings.Contains(m.message, "string") &&
		strings.Contains(m.message, "big.Rat") {
		m.message = fmt.Sprintf(msgFormulaNumberOfCell, m.message)
	}
	m.message = strings.NewReplacer("*big.Rat", "number", "big.Rat", "number", "interface {}", "number or text",
		"string", "text",
		"bool", "true or false", "includes", "contains", "_of", "").Replace(m.message)
	if call := argumentMistake.FindStringSubmatch(m.message); call != nil {
		m.message = fmt.Sprintf(msgFormulaArgument, call[3], call[2], call[1])
	}
	return m
}

var argumentMistake = regexp.MustCompile(`^cannot use (.+) as argument \(type (.+)\) to call (\w+)`)

// run is a formula's value: a text, a number or a truth.
func (f *formula) run(machine *vm.VM, env map[string]any) (any, error) {
	value, err := machine.Run(f.program, env)
	if err == nil {
		return value, nil
	}
	if e, ok := errors.AsType[*valueError](err); ok {
		return nil, e
	}
	if e, ok := errors.AsType[*stopError](err); ok {
		return nil, e
	}
	return nil, &valueError{formulaError("", err).message, hintFormula}
}
