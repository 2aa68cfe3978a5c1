package xlsx

import (
	"strconv"
	"strings"
)

// loadStyles reads the number format of each cell style. A format that the file defines replaces the built-in
// one with the same id, because some programs number their own formats from 59 or redefine low ids.
func (w *Workbook) loadStyles(part string) error {
	elements, err := w.elements(part, "styleSheet", "numFmts", "cellXfs")
	if err != nil {
		return err
	}
	own := map[string]string{} // codes by id
	for _, e := range elements {
		if e.path == "numFmts/numFmt" {
			own[e.values["numFmtId"]] = e.values["formatCode"]
		}
	}
	formats := map[string]*Format{}
	for _, e := range elements {
		if e.path != "cellXfs/xf" {
			continue
		}
		id := e.values["numFmtId"]
		format, known := formats[id]
		if !known {
			code, isOwn := own[id]
			n, err := strconv.Atoi(id)
			switch {
			case isOwn:
			case err != nil && id != "":
				return inPart(refuse(Damaged, msgFormatID, shorten(id)), part, 0)
			default:
				code = builtinFormat(n)
			}
			format = parseFormat(code)
			formats[id] = format
		}
		w.formats = append(w.formats, format)
	}
	return nil
}

// format is the number format of a style. A cell that names no style has style 0, so style 0 needs no style
// sheet. Any other style without a style sheet is damage: nobody could tell dates and percentages from numbers.
func (w *Workbook) format(style int) (*Format, error) {
	switch {
	case style == 0 && len(w.formats) == 0:
		return nil, nil //nolint:nilnil // nil is General
	case style < 0 || style >= len(w.formats):
		return nil, refuse(Damaged, msgStyleBeyond, style, len(w.formats))
	}
	return w.formats[style], nil
}

// builtinFormat is the code of a number format that needs no definition (ECMA-376 part 1, 18.8.30). Currency formats
// have none, for each spreadsheet shows its own country's. East Asian dates are read without their words.
func builtinFormat(id int) string {
	switch {
	case id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return "yyyy/m/d"
	case id >= 32 && id <= 35, id == 55, id == 56:
		return "h:mm:ss"
	}
	const codes = `1 0|2 0.00|3 #,##0|4 #,##0.00|5 #,##0;-#,##0|6 #,##0;-#,##0|7 #,##0.00;-#,##0.00|` +
		`8 #,##0.00;-#,##0.00|9 0%|10 0.00%|11 0.00E+00|12 # ?/?|13 # ??/??|14 m/d/yyyy|15 d-mmm-yy|16 d-mmm|` +
		`17 mmm-yy|18 h:mm AM/PM|19 h:mm:ss AM/PM|20 h:mm|21 h:mm:ss|22 m/d/yyyy h:mm|` +
		`37 #,##0_);(#,##0)|38 #,##0_);(#,##0)|39 #,##0.00_);(#,##0.00)|40 #,##0.00_);(#,##0.00)|` +
		`41 #,##0;-#,##0;"-"|42 #,##0;-#,##0;"-"|` +
		`43 #,##0.00;-#,##0.00;"-"|44 #,##0.00;-#,##0.00;"-"|45 mm:ss|46 [h]:mm:ss|47 mm:ss.0|48 ##0.0E+0|`
	_, after, _ := strings.Cut("|"+codes, "|"+strconv.Itoa(id)+" ") // "" where there is none
	code, _, _ := strings.Cut(after, "|")
	return code
}
