package report

import (
	"errors"
	"strings"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// layout sets up printing: A4, the given number of pages wide, rows and columns repeated as titles say, pages numbered.
// Every page names the seller, the period and the environment, so that a single sheet of paper is not mistaken.
func (b *book) layout(name, orientation string, wide int, titles ...string) error {
	const a4 = 9
	run := &b.report.Run
	edges := excelize.HeaderFooterOptions{OddFooter: "&L" + safeName(run.ID, "run") + "&C&A&R" +
		b.words.say("Page %s of %s", "&P", "&N")}
	if run.Environment != "" {
		whose := strings.TrimSpace(headerText(run.Seller) + "  " + headerText(run.Period))
		edges.OddHeader = "&L" + whose + "&R&B" + strings.ToUpper(string(run.Environment))
	}
	side, top, header := 0.4, 0.7, 0.3
	err := errors.Join(
		b.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: new(true)}),
		b.f.SetPageLayout(name, &excelize.PageLayoutOptions{
			Size: new(a4), Orientation: &orientation, FitToWidth: &wide, FitToHeight: new(0),
		}),
		b.f.SetHeaderFooter(name, &edges), b.f.SetPageMargins(name,
			&excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &header}))
	if err != nil || len(titles) == 0 {
		return err
	}
	for i := range titles {
		titles[i] = quotedSheet(name) + "!" + titles[i]
	}
	return b.f.SetDefinedName(
		&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: strings.Join(titles, ","), Scope: name})
}

// paperWidth is the number of characters that fit on a landscape page in a readable size.
const paperWidth = 215

// pagesWide returns the number of pages beside each other that a width in characters needs.
func pagesWide(width int) int { return max(1, (width+paperWidth-1)/paperWidth) }

// maxHeaderText limits a text in a page header: Excel allows 255 characters in all, with each & doubled.
const maxHeaderText = 100

// headerText prepares foreign text for the header of a page, where & begins a command.
func headerText(text string) string {
	runes := []rune(billing.OneLine(clean(text)))
	if len(runes) > maxHeaderText {
		runes = append(runes[:maxHeaderText-1], '…')
	}
	return strings.ReplaceAll(string(runes), "&", "&&")
}

// quotedSheet returns a sheet's name as formulas and references write it before the exclamation mark.
func quotedSheet(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// filter puts a filter on an area of a sheet, and then calls layout, which the filter would undo. Excelize does not
// double the apostrophes of the sheet's name, and Excel would call such a workbook damaged, so filter does.
func (b *book) filter(name, area string, wide int, titles ...string) error {
	if err := b.f.AutoFilter(name, area, nil); err != nil {
		return err
	}
	names := b.f.WorkBook.DefinedNames.DefinedName
	for i := range names {
		if cells, ok := strings.CutPrefix(names[i].Data, "'"+name+"'!"); ok &&
			names[i].Name == "_xlnm._FilterDatabase" {
			names[i].Data = quotedSheet(name) + "!" + cells
		}
	}
	return b.layout(name, "landscape", wide, titles...)
}
