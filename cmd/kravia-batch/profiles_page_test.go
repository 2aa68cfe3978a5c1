package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
	"kraviabatch/internal/money"
)

// profilesPage is what a controller reads who has an export of an unknown program.
const profilesPage = "../../samples/PROFILES.md"

// TestProfilesPage does what the page says, from top to bottom, in one folder. Behind the language of a block
// stands what it is:
//
//	name=FILE         the file, to be written; with from=WORD the beginning of the file stays, or that of=ANOTHER, up to the line
//	                  that begins with the word
//	shows=FILE        the file, as a command has written it
//
// A block of sh has commands, whose exit code is 0 or in a comment. One of text has what the last command
// printed; … stands for lines.
func TestProfilesPage(t *testing.T) {
	t.Parallel()
	shell := newReader(t)
	output, ran := "", 0
	for _, b := range blocksOf(t, profilesPage) {
		switch name, shown := b.attribute("name"), b.attribute("shows"); {
		case b.language == "sh":
			for line := range strings.Lines(b.text) {
				require.Regexp(t, "^kravia-batch ", line)
				output = shell.screen(t, strings.TrimSpace(line), statedCode(t, line))
				ran++
			}
		case b.language == "text":
			requireShown(t, b.text, output)
		case name != "":
			path := filepath.Join(shell.dir, name)
			kept := ""
			if from := b.attribute("from"); from != "" {
				kept = beginning(t, filepath.Join(shell.dir, cmp.Or(b.attribute("of"), name)), from)
			}
			require.NoError(t, os.WriteFile(path, []byte(kept+b.text), 0o600))
		case shown != "":
			written, err := os.ReadFile(filepath.Join(shell.dir, shown))
			require.NoError(t, err)
			requireShown(t, b.text, string(written))
		default:
			require.Fail(t, "nothing tests this block", b.text)
		}
	}
	require.Greater(t, ran, 10)
}

// beginning is a file up to the line that begins with a word.
func beginning(t *testing.T, path, word string) (kept string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(strings.TrimSpace(line), word) {
			return kept
		}
		kept += line
	}
	require.Fail(t, "no line begins so", word)
	return ""
}

// attribute is what stands behind a block's language as key=value.
func (b *block) attribute(key string) string {
	for word := range strings.FieldsSeq(b.attributes) {
		if value, found := strings.CutPrefix(word, key+"="); found {
			return value
		}
	}
	return ""
}

// screen is what a reader sees who types a command.
func (r *reader) screen(t *testing.T, line string, code int) string {
	t.Helper()
	var screen strings.Builder
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, r.env, &screen, &screen
	_ = cmd.Run() // its exit code tells
	require.Equal(t, code, cmd.ProcessState.ExitCode(), "%s\n%s", line, screen.String())
	return screen.String()
}

// requireShown holds a block against the output that it shows.
func requireShown(t *testing.T, shown, output string) {
	t.Helper()
	parts := strings.Split(regexp.QuoteMeta(strings.TrimRight(shown, "\n")), "\n")
	for i, part := range parts {
		parts[i] = part + "\n"
		if strings.TrimSpace(part) == "…" {
			parts[i] = `(?:.*\n)*?`
		}
	}
	require.Regexp(t, "^"+strings.Join(parts, "")+"$", strings.TrimRight(output, "\n")+"\n")
}

// pageRow is a row of a table of the page that tells what to write.
type pageRow struct {
	title   string
	write   string // YAML, or a formula
	example string // cells and what becomes of them
}

// rowsOfPage are the rows of the page's tables that have a column "write" and perhaps one "for example".
func rowsOfPage(t *testing.T) (rows []pageRow) {
	t.Helper()
	data, err := os.ReadFile(profilesPage)
	require.NoError(t, err)
	write, example := -1, -1
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "|") {
			write = -1
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case slices.Contains(cells, "write"):
			write, example = slices.Index(cells, "write"), slices.Index(cells, "for example")
		case write < 0 || strings.Trim(cells[0], "-") == "":
		default:
			row := pageRow{title: cells[0]}
			for _, span := range codeSpan.FindAllStringSubmatch(cells[write], -1) {
				row.write += span[1] + "\n"
			}
			if example >= 0 {
				require.Greater(t, len(cells), example, line)
				row.example = cells[example]
			}
			rows = append(rows, row)
		}
	}
	return rows
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// TestProfilesPageTables takes each row of the page's tables at its word: what it tells to write is added to a small profile, which
// loads, and its cells become what it says.
func TestProfilesPageTables(t *testing.T) {
	t.Parallel()
	rows := rowsOfPage(t)
	require.Greater(t, len(rows), 60)
	for _, row := range rows {
		t.Run(row.title, func(t *testing.T) {
			t.Parallel()
			e := &example{dir: t.TempDir()}
			e.writeProfile(t, row.write)
			path := filepath.Join(e.dir, "profile.yaml")
			_, err := intake.LoadProfile(path)
			require.NoError(t, err)
			if cells, becomes, found := strings.Cut(row.example, "→"); found {
				e.writeFiles(t, cells)
				e.explain(t, becomes)
			} else {
				require.NotContains(t, row.example, "`", "an example has an arrow")
			}
		})
	}
}

// example is a profile and its files, of which the last row of the lines is looked at.
type example struct {
	dir   string
	base  []string // headers of the small profile that are still used
	files []string // registers
	bare  bool     // the lines have no header row
	row   int
}

// smallProfile is complete but for what a row of the page adds. Its columns give way to those.
const smallProfile = `
columns: {order_reference: Ref, description: Text, amount: Sum, vat: Rate}
defaults: {contact_name: Kari Nordmann, email: kari@example.no, phone_number: "+4740000011", address_line: Storgata 1,
  postal_code: "0151", postal_place: Oslo, country: "NO"}
`

// writeProfile adds YAML or a formula to the small profile.
func (e *example) writeProfile(t *testing.T, text string) {
	t.Helper()
	if formula := strings.TrimSpace(text); strings.HasPrefix(formula, "=") {
		quoted, err := json.Marshal(formula)
		require.NoError(t, err)
		text = fmt.Sprintf("columns: {description: %s}", quoted)
	}
	var small map[string]map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(smallProfile), &small))
	all := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(cmp.Or(text, "{}")), &all), text)
	own := map[string]map[string]any{}
	for key, value := range all {
		if section, ok := value.(map[string]any); ok {
			own[key] = section
		}
	}
	taken := slices.AppendSeq(slices.Collect(maps.Keys(own["columns"])), maps.Keys(own["constants"]))
	if slices.Contains(taken, "unit_price") {
		taken = append(taken, "amount")
	}
	if all["reference"] != nil {
		taken = append(taken, "order_reference")
	}
	for _, column := range taken {
		delete(small["columns"], column)
		delete(small["defaults"], column)
	}
	if slices.Contains(taken, "business_name") && !slices.Contains(taken, "organization_number") {
		small["defaults"]["organization_number"] = "999888003"
	}
	if e.bare = strings.Contains(text, "header_row: none"); e.bare {
		clear(small["columns"])
	}
	for _, header := range small["columns"] {
		e.base = append(e.base, fmt.Sprint(header))
	}
	for key, section := range small {
		maps.Copy(section, own[key])
		all[key] = section
	}
	data, err := yaml.Marshal(all)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(e.dir, "profile.yaml"), data, 0o600))
}

// cellOfRow is a cell under its header.
type cellOfRow struct{ header, value string }

// writeFiles makes CSV files of an example: "`Header` value; `Header` value", rows with <br> between them. A
// row that begins with "`name.csv`:" is one of another file.
func (e *example) writeFiles(t *testing.T, text string) {
	t.Helper()
	tables := map[string][][]cellOfRow{}
	for line := range strings.SplitSeq(text, "<br>") {
		file := "lines.csv"
		line = strings.TrimSpace(line)
		if m := regexp.MustCompile("^`([a-z]+\\.csv)`: ").FindStringSubmatch(line); m != nil {
			file, line = m[1], strings.TrimPrefix(line, m[0])
		}
		tables[file] = append(tables[file], cellsOf(t, line))
	}
	for name, rows := range tables {
		var table [][]string
		var header []string
		for _, cell := range rows[0] {
			header = append(header, cell.header)
		}
		for _, row := range rows {
			var cells []string
			for i, cell := range row {
				require.Equal(t, header[i], cell.header, "rows of one file have the same headers")
				cells = append(cells, cell.value)
			}
			table = append(table, cells)
		}
		if name == "lines.csv" {
			header, table = e.complete(header, table)
			if e.row = len(table) + 1; e.bare {
				e.row--
			}
		} else {
			e.files = append(e.files, filepath.Join(e.dir, name))
		}
		if !e.bare || name != "lines.csv" {
			table = append([][]string{header}, table...)
		}
		e.write(t, name, table)
	}
}

// complete adds the cells of the small profile.
func (e *example) complete(header []string, table [][]string) (fullHeader []string, full [][]string) {
	base := map[string]string{"Ref": "A-1", "Text": "Line", "Sum": "100.00", "Rate": "25"}
	for _, name := range slices.Sorted(slices.Values(e.base)) {
		if slices.Contains(header, name) {
			continue
		}
		header = append(header, name)
		for i := range table {
			table[i] = append(table[i], base[name])
		}
	}
	return header, table
}

func (e *example) write(t *testing.T, name string, rows [][]string) {
	t.Helper()
	f, err := os.Create(filepath.Join(e.dir, name))
	require.NoError(t, err)
	out := csv.NewWriter(f)
	out.Comma = ';'
	require.NoError(t, out.WriteAll(rows))
	require.NoError(t, f.Close())
}

// cellsOf reads "`Header` value; `Header` value"; (empty) stands for an empty cell.
func cellsOf(t *testing.T, text string) (cells []cellOfRow) {
	t.Helper()
	for part := range strings.SplitSeq(strings.TrimSpace(text), "; `") {
		part = strings.TrimPrefix(part, "`")
		header, value, found := strings.Cut(part, "`")
		require.True(t, found, text)
		value = strings.TrimSpace(value)
		if value == "(empty)" {
			value = ""
		}
		cells = append(cells, cellOfRow{header, value})
	}
	return cells
}

// explain compares what the program tells of the last row: columns, the "line" with VAT, "left out", or a "problem".
func (e *example) explain(t *testing.T, becomes string) {
	t.Helper()
	args := append([]string{
		"explain", "--json", "--period", "2026-11", "--profile", filepath.Join(e.dir, "profile.yaml"), "--row",
		fmt.Sprint(e.row),
		filepath.Join(e.dir, "lines.csv"),
	}, e.files...)
	_, stdout, stderr := call(t, args...)
	var told struct {
		Passed         string `json:"passed_over"`
		OrderReference string `json:"order_reference"`
		Cells          []struct{ Column, Read string }
		Tax            *struct {
			Gross    int64
			Currency string
		}
		Problems []struct{ Code, Severity string }
	}
	becomes = strings.TrimSpace(becomes)
	if refused, is := strings.CutPrefix(becomes, "refused"); is {
		require.Contains(t, stderr, strings.Trim(refused, " :`"))
		return
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &told), "%s\n%s", stdout, stderr)
	if becomes == "left out" {
		require.Contains(t, told.Passed, "left out")
		return
	}
	var problems []string
	for _, p := range told.Problems {
		if p.Severity == "error" {
			problems = append(problems, p.Code)
		}
	}
	if code, is := strings.CutPrefix(becomes, "problem"); is {
		require.Contains(t, problems, strings.Trim(code, " `"))
		return
	}
	require.Empty(t, problems, stdout)
	read := map[string]string{"order_reference": told.OrderReference}
	for _, cell := range told.Cells {
		read[cell.Column] = cell.Read
	}
	if told.Tax != nil {
		currency, err := money.ParseCurrency(told.Tax.Currency)
		require.NoError(t, err)
		read["line"] = money.New(told.Tax.Gross, currency).Grouped()
	}
	for _, cell := range cellsOf(t, becomes) {
		require.Equal(t, cell.value, read[cell.header], "%s of %v", cell.header, read)
	}
}

// TestProfilesPageIsComplete has the page name every key of the language, each function of formulas and each form of input that there is.
func TestProfilesPageIsComplete(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(profilesPage)
	require.NoError(t, err)
	reference := ""
	for _, row := range rowsOfPage(t) {
		reference += row.title + "\n"
	}
	for _, at := range []string{
		"%s: 1", "input: {%s: 1}", "registers: {x: {%s: 1}}", "seller: {%s: 1}",
		"accounts: {%s: 1}",
	} {
		keys := wordsOffered(t, fmt.Sprintf(at, "qqqqqqqqqq"), `there are (.+)\)`)
		require.NotEmpty(t, keys)
		for _, key := range keys {
			require.Regexp(t, "`(registers: )?"+key+"`", reference, "the page has no row for the key %s, as in %s",
				key, at)
		}
	}
	for _, function := range wordsOffered(t, `columns: {amount: "= qqqqqqqqqq({A})"}`, "there are (.+?) \\(") {
		require.Contains(t, string(data), "`"+function+"(", "the page has no example of the function %s", function)
	}
	for _, form := range []string{"encoding", "dates"} {
		for _, word := range wordsOffered(t, "input: {"+form+": qqqqqqqqqq}", `there are (.+)\)`) {
			require.Contains(t, string(data), word, form)
		}
	}
}

// wordsOffered are the words that the loader offers in place of one that it does not know.
func wordsOffered(t *testing.T, profile, pattern string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.yaml")
	require.NoError(t, os.WriteFile(path, []byte(profile), 0o600))
	_, err := intake.LoadProfile(path)
	require.Error(t, err)
	found := regexp.MustCompile(pattern).FindStringSubmatch(err.Error())
	require.NotEmpty(t, found, err)
	return regexp.MustCompile(`, | and `).Split(found[1], -1)
}
