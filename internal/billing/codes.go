package billing

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
)

// CodeInfo is what codes.csv says about a code. A code is a column, a dot, and what is wrong with it.
type CodeInfo struct {
	Code      Code
	Severity  Severity // applies unless a profile sets another one
	Lowerable bool     // a profile may make it a warning or switch it off, because the order is correct anyway
	Message   string   // with {placeholders}
	Fix       string   // with {placeholders}
	Example   string
}

// Codes that other packages ask for by name.
const (
	CodeOrderCredit       Code = "order.credit"             // adds up to less than nothing
	CodeOrderIncomplete   Code = "order.incomplete"         // follows from a problem of another row of the order
	CodeOrderHeld         Code = "order.held"               // follows from a problem of another row of the file
	CodeOtherPeriod       Code = "order.other_period"       // reported when the order is entered in the journal
	CodeReferenceTemplate Code = "order_reference.template" // only with a profile that has a reference template
)

//go:embed codes.csv
var codesCSV string

//nolint:gochecknoglobals // fixed tables
var (
	codeInfos = readCodes()
	codeIndex = indexCodes()
)

// readCodes reads codes.csv. A code that begins with * stands for one code for each column of the kinds in its row.
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

// NewProblem makes a problem of a code, with the message and fix of codes.csv. words fills their placeholders: a name,
// its text, the next name, and so on. {value} is the value in quotes. The problem's column is the code's prefix, or the
// text of "column" if words has it.
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

// fill puts words into the placeholders of a text. Other text in braces stays.
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
