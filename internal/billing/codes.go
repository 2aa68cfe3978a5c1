package billing

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
)

// CodeInfo is a row of codes.csv, or what such a row says of one column. A code is a column, a dot, and what is wrong.
type CodeInfo struct {
	Code      Code
	Severity  Severity // unless a profile says otherwise
	Lowerable bool     // a profile may make it a warning or switch it off: the order is right all the same
	Message   string   // with {placeholders}
	Fix       string   // with {placeholders}
	Example   string
}

// Codes that other packages ask for by name.
const (
	CodeOrderCredit       Code = "order.credit"             // adds up to less than nothing
	CodeOrderIncomplete   Code = "order.incomplete"         // follows from another row's problem
	CodeOrderHeld         Code = "order.held"               // follows from another row's problem
	CodeOtherPeriod       Code = "order.other_period"       // planning says it
	CodeReferenceTemplate Code = "order_reference.template" // needs a profile
)

//go:embed codes.csv
var codesCSV string

//nolint:gochecknoglobals // fixed tables
var (
	codeInfos = readCodes()
	codeIndex = indexCodes()
)

// readCodes reads codes.csv. A code that begins with * stands for one code of each column of the kinds that it names.
func readCodes() []CodeInfo {
	rows, err := csv.NewReader(strings.NewReader(codesCSV)).ReadAll()
	if err != nil {
		panic(err) // a test reads it
	}
	var infos []CodeInfo
	for _, row := range rows[1:] {
		info := CodeInfo{Code: Code(row[0]), Lowerable: row[2] == "yes", Message: row[4], Fix: row[5], Example: row[6]}
		if err := info.Severity.UnmarshalText([]byte(row[1])); err != nil {
			panic(err) // a test reads it
		}
		suffix, ofCells := strings.CutPrefix(row[0], "*")
		if !ofCells {
			infos = append(infos, info)
			continue
		}
		for _, c := range Columns() {
			if row[3] == "any" || slices.Contains(strings.Fields(row[3]), string(c.Kind())) {
				info.Code = Code(c.String() + suffix)
				infos = append(infos, info)
			}
		}
	}
	return infos
}

func indexCodes() map[Code]CodeInfo {
	index := map[Code]CodeInfo{}
	for _, info := range codeInfos {
		index[info.Code] = info
	}
	return index
}

// Codes lists every problem code of rows and orders, the general ones first. The result is the caller's.
func Codes() []CodeInfo { return slices.Clone(codeInfos) }

// NewProblem is the problem of a code. Its column is the code's prefix, its message and fix are those of
// codes.csv, their placeholders filled from words: a name, its text, and so on. {value} is the value in
// quotes, and "column" also names the column.
func NewProblem(code Code, value string, words ...string) Problem {
	info, ok := codeIndex[code]
	if !ok { // a test finds every code that is written in the program
		info = CodeInfo{Severity: Error, Message: string(code), Fix: "report this"}
	}
	column, _, _ := strings.Cut(string(code), ".")
	if _, ok := columnsByName[column]; !ok {
		column = ""
	}
	for i := 0; i+1 < len(words); i += 2 {
		if words[i] == "column" {
			column = words[i+1]
		}
	}
	return Problem{
		Code: code, Severity: info.Severity, Column: column, Value: value,
		Message: fill(info.Message, value, words), Hint: fill(info.Fix, value, words),
	}
}

// fill puts words into the placeholders of a text; others in braces stay.
func fill(text, value string, words []string) string {
	before, rest, found := strings.Cut(text, "{")
	if !found {
		return text
	}
	var filled strings.Builder
	for ; found; before, rest, found = strings.Cut(rest, "{") {
		filled.WriteString(before)
		name, after, _ := strings.Cut(rest, "}")
		i := 0
		for i+1 < len(words) && words[i] != name {
			i += 2
		}
		switch {
		case i+1 < len(words):
			filled.WriteString(words[i+1])
		case name == "value":
			filled.WriteString(strconv.Quote(value))
		default:
			filled.WriteByte('{')
			continue
		}
		rest = after
	}
	filled.WriteString(before)
	return filled.String()
}
