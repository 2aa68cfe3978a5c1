package report

import (
	"strings"

	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
)

// layout is the print set-up: A4, one page wide, titles repeated, pages numbered.
func (b *book) layout(name, orientation, titles string) error {
	a4, wide, high, fitToPage := 9, 1, 0, true
	if err := b.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fitToPage}); err != nil {
		return err
	}
	err := b.f.SetPageLayout(name, &excelize.PageLayoutOptions{
		Size: &a4, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &high,
	})
	if err != nil {
		return err
	}
	left, top, header := 0.4, 0.6, 0.3
	margins := &excelize.PageLayoutMarginsOptions{Left: &left, Right: &left, Top: &top, Bottom: &top}
	run := &b.report.Run
	words := &excelize.HeaderFooterOptions{OddFooter: "&L" + plainName(run.ID, "run") + "&C&A&RPage &P of &N"}
	if run.Seller != "" {
		margins.Header = &header
		words.OddHeader = "&L" + headerText(run.Seller) + "&R" + strings.ToUpper(string(run.Environment))
	}
	if err := b.f.SetPageMargins(name, margins); err != nil {
		return err
	}
	if err := b.f.SetHeaderFooter(name, words); err != nil || titles == "" {
		return err
	}
	return b.f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: quotedSheet(name) + "!" + titles, Scope: name,
	})
}

// maxHeaderText is how many characters of a text stand in a header: all of a header are 255 at most, with each & doubled.
const maxHeaderText = 100

// headerText is foreign text in the header of a page, where & begins a command.
func headerText(text string) string {
	runes := []rune(billing.OneLine(clean(text)))
	if len(runes) > maxHeaderText {
		runes = append(runes[:maxHeaderText-1], '…')
	}
	return strings.ReplaceAll(string(runes), "&", "&&")
}

// quotedSheet is a sheet's name in a formula or a reference, before its exclamation mark.
func quotedSheet(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// filter puts the buttons of a filter on an area of a sheet. The library forgets to double the apostrophes of the sheet's name, for
// which Excel calls the workbook damaged.
func (b *book) filter(name, area string) error {
	if err := b.f.AutoFilter(name, area, nil); err != nil {
		return err
	}
	names := b.f.WorkBook.DefinedNames.DefinedName
	for i := range names {
		if cells, ok := strings.CutPrefix(names[i].Data, "'"+name+"'!"); ok && names[i].Name == "_xlnm._FilterDatabase" {
			names[i].Data = quotedSheet(name) + "!" + cells
		}
	}
	return nil
}
