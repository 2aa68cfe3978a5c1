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

// formula is a compiled formula over texts of cells. Its numbers are exact fractions and never floats: they are money.
type formula struct {
	program   *vm.Program
	names     []string             // variables of the references, in their order
	reads     map[int]billing.Kind // by reference: the kind as which it is read, where that is not a text
	cells     []int                // references whose cell can be the value as it is
	cellNames []string             // variables of these cells
	joins     bool                 // it is only cells and texts with + between them
	spelled   map[int][]spelling   // by reference: the texts with which its cell is compared
	hours     bool                 // it calls hours
	decides   []int                // references in conditions
	pairs     [][2]int             // references that are compared with each other
}

// formulaMistake is what is wrong with a formula. Its line and column count from 1, in characters.
type formulaMistake struct {
	line, column int
	message      string
}

// valueError is why a formula has no value on a row. It becomes a problem of that row.
type valueError struct{ message, hint string }

func (e *valueError) Error() string { return e.message }

// readerName is the variable that holds the [evaluation]. Like the variables of references it begins with a letter
// that users do not write, so that no word of a formula can name it.
const readerName = "ℵ"

// variable is the variable of the i-th reference, as wide as {A}. withVariables pads it: places of mistakes stay right.
func variable(i int) string { return fmt.Sprintf(readerName+"%c%c", 'a'+i/26, 'a'+i%26) }

// maxReferences is the number of different names that variable can make.
const maxReferences = 26 * 26

// withVariables replaces each {header} by a variable. headers are in the order of their variables.
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
			padded := fmt.Sprintf("%-*s", end+1-i, variable(known))
			out, i = append(out, []rune(padded)...), end+1
		case c == '}':
			return "", nil, at(in, i, msgFormulaCloseBrace)
		case strings.HasPrefix(string(in[i:min(len(in), i+9)]), "contains(") && !operand(out):
			// contains( is the function; expr has only an operator with that name
			out, i = append(out, []rune("includes")...), i+len("contains")
		default:
			out, i = append(out, c), i+1
		}
	}
	return string(out), headers, nil
}

// operand reports whether an operator can follow the code.
func operand(code []rune) bool {
	text := strings.TrimRight(string(code), " \n\t")
	before := []string{"and", "or", "not", "in", "&", "|", "!", "?", ":", "(", ",", "+", "=", "["}
	return text != "" && !slices.ContainsFunc(before, func(word string) bool { return strings.HasSuffix(text, word) })
}

// at is a mistake at the i-th character.
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

// compileFormula compiles the code of withVariables, and checks its names and types. target is the kind of column that
// the value is for, or "" for a formula that is true or false.
//
// Where the value is a single cell, as in {Net} > 0 ? {A} : {B}, it is the cell itself, with its kind and number
// format, and not the text that the cell shows.
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

// read notes the kind as which a reference is read. Numbers and days win over texts.
func (f *formula) read(reference int, kind billing.Kind) {
	if stronger(kind, f.reads[reference]) {
		f.reads[reference] = kind
	}
}

// maxFormulaNodes bounds the size of a formula.
const maxFormulaNodes = 500

// formulaError rewrites an error of expr in the words of this program.
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
		"string", "text", "bool", "true or false", "includes", "contains", "_of", "").Replace(m.message)
	if call := argumentMistake.FindStringSubmatch(m.message); call != nil {
		m.message = fmt.Sprintf(msgFormulaArgument, call[3], call[2], call[1])
	}
	return m
}

var argumentMistake = regexp.MustCompile(`^cannot use (.+) as argument \(type (.+)\) to call (\w+)`)

// run gives a formula's text, number, cell or truth. The error is a *valueError, or a *stopError that stops the row.
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
