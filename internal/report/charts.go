package report

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/money"
)

// Size of the row of charts.
const (
	chartRows     = 18
	rowPixels     = 20
	charPixels    = 7
	columnPadding = 5 // pixels that a column has beside its characters
	chartsGap     = 12
	chartsInRow   = 3
)

// The colours of the charts; they differ in lightness.
const (
	colourOrders = "24405C"
	colourMoney  = "7FA7C9"
	colourVAT    = "F0A63C"
)

// charts puts orders by state, money by state and VAT by rate beside each other. They read the tables above, and
// show the one currency with most money, because amounts of different currencies have no common axis.
func (w *summarySheet) charts() {
	w.gap()
	top := w.sheet.row + 1
	lastState := w.firstState + finals - 1
	w.chart(0, top, "Orders by state", excelize.Bar, w.series(3, w.firstState, lastState, w.firstState-2, colourOrders))
	main := w.mainCurrency()
	if main < 0 {
		w.sheet.row += chartRows
		return
	}
	code := w.s.Money[main].Currency.Code()
	w.chart(1, top, "Money by state, "+code, excelize.Bar,
		w.series(4+main, w.firstState, lastState, w.firstState-2, colourMoney))
	if first, last := w.vatRows(w.s.Money[main].Currency); last >= first {
		w.chart(2, top, "VAT by rate, "+code, excelize.Col, w.series(3, first, last, w.firstVAT-1, colourVAT))
	}
	w.sheet.row += chartRows
}

// mainCurrency is the index of the currency with most money, or -1.
func (w *summarySheet) mainCurrency() int {
	main := -1
	for i := range w.s.Money {
		if main < 0 || w.s.Money[i].In.Minor() > w.s.Money[main].In.Minor() {
			main = i
		}
	}
	return main
}

// vatRows is the rows of the VAT table that have the currency; last < first when there are none.
func (w *summarySheet) vatRows(currency money.Currency) (first, last int) {
	row := w.firstVAT
	first = row
	last = row - 1
	for i := range w.s.VAT {
		t := &w.s.VAT[i]
		if !t.Invoiced {
			continue
		}
		if t.Currency == currency {
			if last < first {
				first = row
			}
			last = row
		}
		row++
	}
	return first, last
}

// series is one column of a table, named by its header.
func (w *summarySheet) series(col, first, last, header int, colour string) excelize.ChartSeries {
	in := func(col, from, to int) string {
		return fmt.Sprintf("%s!$%s$%d:$%s$%d", sheetSummary, colName(col), from, colName(col), to)
	}
	return excelize.ChartSeries{
		Name:       fmt.Sprintf("%s!$%s$%d", sheetSummary, colName(col), header),
		Categories: in(1, first, last),
		Values:     in(col, first, last),
		Fill:       excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}},
	}
}

func (w *summarySheet) chart(place, row int, title string, kind excelize.ChartType, series excelize.ChartSeries) {
	if w.err != nil {
		return
	}
	width := w.width*charPixels/chartsInRow - chartsGap
	col, offset := w.columnAt(place * (width + chartsGap))
	gapWidth := uint(40)
	font := excelize.Font{Size: 9, Color: "404040"}
	c := &excelize.Chart{
		Type: kind, Series: []excelize.ChartSeries{series}, GapWidth: &gapWidth,
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: &excelize.Font{Bold: true, Size: 12}}}},
		Dimension: excelize.ChartDimension{Width: uint(width), Height: (chartRows - 2) * rowPixels},
		Format:    excelize.GraphicOptions{OffsetX: offset, AltText: title},
		Legend:    excelize.ChartLegend{Position: "none"},
		XAxis:     excelize.ChartAxis{ReverseOrder: kind == excelize.Bar, Font: font},
		YAxis:     excelize.ChartAxis{MajorGridLines: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "#,##0"}, Font: font},
	}
	w.err = w.book.f.AddChart(sheetSummary, ref(col, row), c)
}

// columnAt is the column that so many pixels from the left edge fall into, and how far into it.
func (w *summarySheet) columnAt(pixels int) (col, offset int) {
	col = 1
	for _, width := range w.widths[:w.last-1] {
		if across := width*charPixels + columnPadding; pixels >= across {
			pixels -= across
			col++
			continue
		}
		break
	}
	return col, pixels
}
