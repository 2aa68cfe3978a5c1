package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// Sheets of the template besides Lines. None of them has a row that the importer could read as a header.
const (
	sheetExample = "Example"
	sheetColumns = "Columns"
	sheetChoices = "Choices" // hidden
)

// filledRows is the last row of the template with drop-downs.
const filledRows = 10_000

// WriteTemplate writes an empty input to w: a workbook with drop-downs and explanations, or only the header as CSV. The
// other formats are an error.
func WriteTemplate(w io.Writer, format Format) (err error) {
	switch format {
	case CSV, ExcelCSV:
		d := dialectOf(format)
		var names []string
		for _, c := range templateColumns() {
			names = append(names, c.String())
		}
		_, err := io.WriteString(w, d.begin+strings.Join(names, string(d.separator))+"\r\n")
		return err
	case Postings, ExcelPostings, SIE, JSON:
		return fmt.Errorf(msgNoTemplate, format)
	case XLSX:
	}
	t := &template{book: newBook(&Report{Run: RunInfo{ID: "kravia-batch"}}, "")}
	f := t.book.f
	defer func() { err = errors.Join(err, t.book.close()) }()
	for _, sheet := range []string{sheetExample, sheetColumns, sheetChoices} {
		if _, err := f.NewSheet(sheet); err != nil {
			return err
		}
	}
	for _, write := range []func() error{t.choices, t.lines, t.example, t.columns} {
		if err := write(); err != nil {
			return err
		}
	}
	return t.book.save(w, msgTemplate, "", time.Now())
}

func exampleTitles() []string {
	return []string{msgExampleBusiness, msgExampleSecond, msgExamplePrivate, msgExampleGrouped}
}

// templateColumns are the columns of the template; users can add the others.
func templateColumns() []billing.Column {
	return slices.DeleteFunc(billing.Columns(), func(c billing.Column) bool { return !c.Info().InTemplate })
}

// template is the workbook being written.
type template struct {
	book *book
	err  error // the first error of put, after which it does nothing more
}

func (t *template) put(sheet string, col, row int, text string, k kind, fill tone) {
	c, f := t.book.cell(text, k, fill, 0), t.book.f
	at := ref(col, row)
	set := f.SetCellStr
	if c.form == formNumber {
		set = f.SetCellDefault
	}
	if t.err = cmp.Or(t.err, t.book.err); t.err == nil && text != "" {
		t.err = set(sheet, at, c.text)
	}
	if t.err == nil {
		t.err = f.SetCellStyle(sheet, at, at, c.style)
	}
}

// choices writes the lists of the drop-downs. VAT rates are numbers, so that they show the reader's decimal mark.
func (t *template) choices() error {
	for i, c := range templateColumns() {
		for row, choice := range c.Info().Choices {
			k := kindText
			if c == billing.ColVAT {
				k = kindNumber
			}
			t.put(sheetChoices, i+1, row+1, choice, k, toneNone)
		}
	}
	return cmp.Or(t.err, t.book.f.SetSheetVisible(sheetChoices, false))
}

func (t *template) lines() error {
	f := t.book.f
	if err := f.SetSheetName("Sheet1", sheetLines); err != nil {
		return err
	}
	columns := templateColumns()
	for i, c := range columns {
		if err := t.line(i+1, c); err != nil {
			return fmt.Errorf("column %s: %w", c, err)
		}
	}
	if err := f.SetRowHeight(sheetLines, 1, 22); err != nil {
		return err
	}
	if err := t.book.filter(sheetLines, "A1:"+ref(len(columns), 2), 1, "$1:$1"); err != nil {
		return err
	}
	return f.SetPanes(sheetLines, &excelize.Panes{
		Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomRight"}},
	})
}

// line writes one column of the sheet Lines: header, explanation, format and drop-down.
func (t *template) line(col int, column billing.Column) error {
	f, c := t.book.f, column.Info()
	fill := toneHeader
	if strings.HasPrefix(c.Needed, "always") || strings.HasPrefix(c.Needed, "once for each order") {
		fill = toneTest
	}
	t.put(sheetLines, col, 1, c.Name, kindHeader, fill)
	text := fmt.Sprintf(msgTemplateColumn, c.Meaning, c.Needed, c.Example)
	if err := cmp.Or(t.err, t.book.comment(sheetLines, ref(col, 1), text)); err != nil {
		return err
	}
	id := t.book.style(look{kind: kindOfColumn(column), tone: toneNone})
	name := colName(col)
	width := float64(max(len(c.Name), len(c.Example)) + 2*padding)
	if column == billing.ColDescription {
		width = 44
	}
	err := errors.Join(f.SetColWidth(sheetLines, name, name, width), t.format(col, id))
	if err != nil || len(c.Choices) == 0 {
		return err
	}
	list := excelize.NewDataValidation(true)
	list.SetSqref(fmt.Sprintf("%s2:%s%d", name, name, filledRows))
	list.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", quotedSheet(sheetChoices), name, name, len(c.Choices)))
	style, title := excelize.DataValidationErrorStyleWarning, msgNotUsual
	if c.Kind == billing.Choice {
		style, title = excelize.DataValidationErrorStyleStop, msgNotAllowed
	}
	list.SetError(style, title, strings.Join(c.Choices, ", "))
	return f.AddDataValidation(sheetLines, list)
}

// format sets the style of a column below its header.
func (t *template) format(col, style int) error {
	f, name := t.book.f, colName(col)
	header, err := f.GetCellStyle(sheetLines, name+"1")
	if err != nil {
		return err
	}
	return errors.Join(f.SetColStyle(sheetLines, name, style), f.SetCellStyle(sheetLines, name+"1", name+"1", header))
}

// example shows filled-in lines, one in each column, so that the importer cannot read the sheet as a list.
func (t *template) example() error {
	f := t.book.f
	if err := t.book.layout(sheetExample, "landscape", 1); err != nil {
		return err
	}
	t.begin(sheetExample, msgExampleIntro, slices.Insert(exampleTitles(), 0, msgExampleColumn)...)
	for row, c := range templateColumns() {
		t.put(sheetExample, 1, row+5, c.String(), kindLabel, toneTotal)
		for i, value := range c.Info().TemplateLines {
			t.put(sheetExample, i+2, row+5, value, kindOfColumn(c), toneNone)
		}
	}
	return errors.Join(t.err, f.SetColWidth(sheetExample, "A", "A", 24), f.SetColWidth(sheetExample, "B", "E", 34),
		t.book.freeze(sheetExample, 4))
}

// begin writes the title of a sheet, an introduction and the header of a table.
func (t *template) begin(sheet, intro string, headers ...string) {
	t.put(sheet, 1, 1, sheet, kindTitle, toneNone)
	t.put(sheet, 1, 2, intro, kindLabel, toneNone)
	t.err = errors.Join(t.err, t.book.f.MergeCell(sheet, "A2", "E2"), t.book.f.SetRowHeight(sheet, 1, 34))
	for i, header := range headers {
		t.put(sheet, i+1, 4, header, kindHeader, toneHeader)
	}
}

// columns describes every column that the importer knows.
func (t *template) columns() error {
	f := t.book.f
	if err := t.book.layout(sheetColumns, "landscape", 1, "$4:$4"); err != nil {
		return err
	}
	t.begin(sheetColumns, msgColumnsIntro, "column", "what it says", "needed", "for example", "choices")
	err := f.SetRowHeight(sheetColumns, 2, 34)
	widths := []int{24, 60, 40, 30, 30}
	for i, width := range widths {
		err = errors.Join(err, f.SetColWidth(sheetColumns, colName(i+1), colName(i+1), float64(width)))
	}
	for i, column := range billing.Columns() {
		c := column.Info()
		needed := c.Needed
		if !c.InTemplate {
			needed += msgAddColumn
		}
		lines := 1
		for k, text := range []string{c.Name, c.Meaning, needed, c.Example, strings.Join(c.Choices, ", ")} {
			kind := kindProse
			if k == 0 {
				kind = kindLabel
			}
			lines = max(lines, linesIn(text, widths[k]))
			t.put(sheetColumns, k+1, i+5, text, kind, toneNone)
		}
		err = errors.Join(err, f.SetRowHeight(sheetColumns, i+5, float64(lineHigh*lines)))
	}
	return errors.Join(t.err, err, t.book.freeze(sheetColumns, 4))
}
