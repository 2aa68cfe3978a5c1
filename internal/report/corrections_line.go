package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func (s *correctionSheet) line(l *Checked) error {
	row := l.Row + s.shift
	if row > lastSheetRow {
		return fmt.Errorf(msgRecord, ErrNoSheet, row)
	}
	s.sheet.row = row - 1 // rows without a record stay empty
	bad := make([][]billing.Problem, len(s.widths))
	for _, p := range l.Found {
		column, _ := billing.ColumnByName(p.Column)
		at, ok := s.at[column]
		if !ok {
			at, ok = s.at[fallbackColumn(column)]
		}
		if ok {
			bad[at] = append(bad[at], p)
		}
	}
	cells := make([]cell, len(s.widths))
	for i := range s.Table.Header {
		if i == s.problems {
			continue
		}
		c, err := s.cell(l, i, bad[i])
		if err != nil {
			return err
		}
		if c.form != formBlank || c.formula != "" || len(bad[i]) > 0 {
			cells[i] = c
		}
		if err := s.comment(bad[i], ref(i+1, row)); err != nil {
			return err
		}
	}
	if len(l.Found) == 0 {
		return s.sheet.add(cells, 0)
	}
	text := problemText(l.Found)
	found, err := s.exact(text, kindProse, s.count(l.Found))
	if err != nil {
		return err
	}
	cells[s.problems] = found
	return s.sheet.add(cells, lineHigh*linesIn(text, s.widths[s.problems]))
}

// fallbackColumn returns the column that a file may have in place of another one, zero for none.
func fallbackColumn(c billing.Column) billing.Column {
	switch c { //nolint:exhaustive // the others stand for themselves
	case billing.ColAmount:
		return billing.ColUnitPrice
	case billing.ColFirstName, billing.ColLastName:
		return billing.ColContactName
	}
	return 0
}

// count counts the row and returns its colour. A row that is right, and only waits for another row of its order or
// file, is not coloured.
func (s *correctionSheet) count(found []billing.Problem) tone {
	ofSibling := func(p billing.Problem) bool {
		return p.Code == billing.CodeOrderIncomplete || p.Code == billing.CodeOrderHeld
	}
	own := slices.DeleteFunc(slices.Clone(found), ofSibling)
	t := worst(own)
	switch {
	case t == toneProblem:
		s.errors++
	case len(own) < len(found):
		s.waiting++
		return toneMuted
	default:
		s.warnings++
	}
	return t
}

func worst(found []billing.Problem) tone {
	switch {
	case len(found) == 0:
		return toneNone
	case slices.ContainsFunc(found, func(p billing.Problem) bool { return p.Severity == billing.Error }):
		return toneProblem
	}
	return toneAttention
}

// problemText returns a row's problems, one a line.
func problemText(found []billing.Problem) string {
	var lines []string
	for _, p := range found {
		text := fmt.Sprintf(msgProblem, p.Message, p.Hint)
		if p.Column != "" {
			text = fmt.Sprintf(msgInColumn, p.Column, text)
		}
		if p.Severity == billing.Warning {
			text = fmt.Sprintf(msgWarning, text)
		}
		lines = append(lines, text)
	}
	return fit(strings.Join(lines, "\n"))
}

// comment explains a coloured cell.
func (s *correctionSheet) comment(found []billing.Problem, at string) error {
	if len(found) == 0 {
		return nil
	}
	if s.comments == maxComments {
		s.uncommented++
		return nil
	}
	s.comments++
	var parts []string
	for _, p := range found {
		parts = append(parts, fmt.Sprintf(msgComment, strings.ToUpper(p.Severity.String()), p.Message, p.Hint))
	}
	return s.book.comment(s.sheet.name, at, fit(strings.Join(parts, "\n\n")))
}

func (b *book) comment(sheet, at, text string) error {
	return b.f.AddComment(sheet, excelize.Comment{
		Author: "kravia-batch", Cell: at, Width: 300, Height: uint(24 + 17*linesIn(text, 44)),
		Paragraph: []excelize.RichTextRun{{Text: text}},
	})
}

// cell returns the i-th cell of a record as the file had it, with the tone of its problems.
func (s *correctionSheet) cell(l *Checked, i int, found []billing.Problem) (cell, error) {
	text := ""
	if i < len(l.Cells) {
		text = l.Cells[i]
	}
	k, c := s.kind(i), s.known(i)
	blank := cell{form: formBlank, style: s.book.style(look{kind: k, tone: worst(found)})}
	unread := slices.ContainsFunc(l.Problems, func(p billing.Problem) bool {
		return p.Column == c.String() && p.Severity == billing.Error && p.Code != billing.ConstantCode(c)
	})
	switch {
	case unread && s.Table.Sheet != "" && needsErrorFormula(l.Problems, c):
		blank.formula = "NA()"
		return blank, nil
	case text == "":
		return blank, nil
	case !unread && s.Table.Sheet != "" && c != 0:
		if value := typed(l.Own(c), c); value != "" {
			style := s.book.style(look{kind: k, tone: worst(found), currency: l.currency(c)})
			return cell{form: formNumber, text: value, style: style}, nil
		}
	}
	return s.exact(text, k, worst(found))
}

// currency returns the currency word beside a number of the record, in its cell or in its number format.
func (l *Checked) currency(c billing.Column) string {
	for _, said := range l.Currencies {
		if said.Column == c {
			return string(said.Word)
		}
	}
	return ""
}

// typed returns the number or date that a cell of a workbook was read as, "" for text. It must stay a number: as text
// it could be read otherwise, since 1.234 is another number if the comma is the decimal mark.
func typed(text string, c billing.Column) string {
	switch kindOfColumn(c) { //nolint:exhaustive // the others are texts
	case kindNumber:
		if d, err := money.ParseDecimal(text, money.Dot); err == nil && d.String() == text {
			return number(text)
		}
	case kindDate:
		return serial(text, time.DateOnly)
	}
	return ""
}

// needsErrorFormula reports whether a problem of a cell would disappear if the cell were written as text, because the
// importer sees it by the type of the cell. Such a cell is written as =NA(), which is an error in every column.
func needsErrorFormula(found []billing.Problem, c billing.Column) bool {
	return slices.ContainsFunc(found, func(p billing.Problem) bool {
		switch strings.TrimPrefix(string(p.Code), c.String()+".") {
		case "error_value", "no_value", "merged", "digits_lost", "date", "time", "shown", "format":
			return p.Column == c.String()
		}
		return false
	})
}
