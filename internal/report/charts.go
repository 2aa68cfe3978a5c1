package report

import (
	"context"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Size of a row of charts.
const (
	chartRows     = 15
	rowPixels     = 20
	chartRowHigh  = 15 // points, which are rowPixels
	charPixels    = 7
	columnPadding = 5 // pixels of a column besides its characters
	chartsGap     = 12
	chartsInRow   = 3
)

// The colours of the charts; they differ in lightness.
const (
	colourMoney = "24405C"
	colourVAT   = "F0A63C"
	colourDue   = "7FA7C9"
)

// span is a range of rows of a sheet.
type span struct{ first, last int }

// grow extends the span by the next row.
func (s *span) grow(row int) {
	if s.first == 0 {
		s.first = row
	}
	s.last = row
}

// plot is a chart. Its series are asked for only when the tables that it shows are written.
type plot struct {
	title  string
	kind   excelize.ChartType
	series func() []excelize.ChartSeries
}

// plots returns the charts of a report. A chart of a single bar would say no more than the table, and is left out.
func (w *summarySheet) plots() (plots []plot) {
	b := w.book
	if states := w.filled(); len(states) > 1 {
		of := span{w.firstState, w.firstState + len(states) - 1}
		plots = append(plots, plot{w.say("Orders by state"), excelize.Bar, func() []excelize.ChartSeries {
			return []excelize.ChartSeries{w.series(sheetSummary, 1, 1, 3, of, colourMoney)}
		}})
	}
	for i := range w.s.Money {
		currency := w.s.Money[i].Currency
		rates, weeks := 0, 0
		for k := range w.s.VAT {
			if t := &w.s.VAT[k]; t.Part == partThisRun && t.Currency == currency {
				rates++
			}
		}
		for k := range w.s.Receivables.Due {
			if w.s.Receivables.Due[k].Amount.Currency() == currency {
				weeks++
			}
		}
		if rates > 1 {
			title := w.say("Net and VAT of this run by rate, %s", currency.Code())
			plots = append(plots, plot{title, excelize.ColStacked, func() []excelize.ChartSeries {
				of := *b.vatRows[currency]
				net := w.series(sheetVAT, vatRate, vatCustomer, vatNet, of, colourMoney)
				vat := w.series(sheetVAT, vatRate, vatCustomer, vatLines, of, colourVAT)
				net.Name, vat.Name = w.titled(sheetVAT, vatNet, b.vatHead), w.titled(sheetVAT, vatLines, b.vatHead)
				return []excelize.ChartSeries{net, vat}
			}})
		}
		if weeks > 1 {
			title := w.say("Due by week, %s", currency.Code())
			plots = append(plots, plot{title, excelize.Col, func() []excelize.ChartSeries {
				due := w.series(sheetReceivables, dueWeek, dueWeek, dueAmount, *b.dueRows[currency], colourDue)
				return []excelize.ChartSeries{due}
			}})
		}
	}
	return plots
}

// chartsSpace leaves room for the charts, which drawCharts draws when the other sheets are written.
func (w *summarySheet) chartsSpace() {
	if n := len(w.plots()); n > 0 {
		w.gap()
		w.chartsAt = w.sheet.row + 1
		for range (n+chartsInRow-1)/chartsInRow*chartRows + 1 {
			w.add(chartRowHigh)
		}
	}
}

// drawCharts draws the charts, chartsInRow beside each other.
func (b *book) drawCharts(context.Context) error {
	w := b.front
	if w.chartsAt == 0 {
		return nil
	}
	for i, p := range w.plots() {
		w.chart(i%chartsInRow, w.chartsAt+i/chartsInRow*chartRows, p.title, p.kind, p.series()...)
	}
	return w.err
}

// series returns one column of a table, with the cells of the columns name to lastName as names.
func (w *summarySheet) series(sheet string, name, lastName, col int, of span, colour string) excelize.ChartSeries {
	in := func(first, last int) string {
		return fmt.Sprintf("%s!$%s$%d:$%s$%d", quotedSheet(w.book.words.text(sheet)), colName(first), of.first,
			colName(last), of.last)
	}
	return excelize.ChartSeries{
		Categories: in(name, lastName), Values: in(col, col),
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}},
	}
}

// titled returns the reference of a cell that names a series.
func (w *summarySheet) titled(sheet string, col, row int) string {
	return fmt.Sprintf("%s!$%s$%d", quotedSheet(w.book.words.text(sheet)), colName(col), row)
}

func (w *summarySheet) chart(place, row int, title string, kind excelize.ChartType, series ...excelize.ChartSeries) {
	if w.err != nil {
		return
	}
	all := 0
	for _, width := range w.widths {
		all += width*charPixels + columnPadding
	}
	width := all/chartsInRow - chartsGap
	col, offset := w.columnAt(place * (width + chartsGap))
	font, bold := excelize.Font{Size: 9, Color: "404040"}, &excelize.Font{Bold: true, Size: 11}
	c := &excelize.Chart{
		Type: kind, Series: series, GapWidth: new(uint(40)),
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: bold}}},
		Dimension: excelize.ChartDimension{Width: uint(width), Height: (chartRows - 1) * rowPixels},
		Format:    excelize.GraphicOptions{OffsetX: offset, AltText: title},
		Legend:    excelize.ChartLegend{Position: "none"},
		XAxis:     excelize.ChartAxis{ReverseOrder: kind == excelize.Bar, Font: font},
		YAxis: excelize.ChartAxis{
			MajorGridLines: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: w.book.words.locale + "#,##0"}, Font: font,
		},
	}
	if len(series) > 1 {
		c.Legend.Position = "bottom"
	}
	w.err = w.book.f.AddChart(w.sheet.name, ref(col, row), c)
}

// columnAt returns the column at a distance in pixels from the left edge, and the rest of the distance.
func (w *summarySheet) columnAt(pixels int) (col, offset int) {
	col = 1
	for _, width := range w.widths[:w.last-1] {
		across := width*charPixels + columnPadding
		if pixels < across {
			break
		}
		pixels -= across
		col++
	}
	return col, pixels
}
