// Package xlsx reads the cells of Office Open XML workbooks (.xlsx, .xlsm) row by row, as they are stored and
// as a reader of the sheet sees them.
//
// It is strict: a sheet is read exactly, or there is an [Error]. Damage is never silent, because [Rows.Next]
// gives io.EOF only when all tags were closed, all texts were found and the archive's checksum was right. So
// nothing that came out may be used for good before io.EOF.
//
// # What is read
//
// Parts are found by their relations, wherever they are, in transitional and strict workbooks, in UTF-8 and UTF-16. A
// workbook may lack styles and shared texts. A cell's value is what stands in <v>, or for texts in <is>:
//
//	<c><v>5</v></c>                                Number   5
//	<c t="s"><v>0</v></c>                          Text     the first shared text, without phonetic guides
//	<c t="str"><f>A1</f><v>x</v></c>               Text     x, the stored result; formulas are not computed
//	<c><f>A1</f></c>                               NoValue
//	<c t="b"><v>1</v></c>                          Bool     TRUE
//	<c t="e"><v>#REF!</v></c>                      ErrorValue
//	<c t="d"><v>2026-11-30</v></c>                 Date
//	<c s="1"><v>0.25</v></c> with the format 0%    Percent  0.25, shown as 25 %
//	<c s="2"><v>46356</v></c> with dd.mm.yyyy      Date     46356, shown as 2026-11-30
//	<c s="3"><v>0.3125</v></c> with h:mm           Time     0.3125, shown as 7:30
//
// The section of the number format that holds for the value decides; a format that the workbook defines goes before the
// built-in one with its id. A row of height 0 is hidden; zeroHeight only hides rows that the file leaves out. Line ends
// inside texts are LF, and _x000A_ is the character that it stands for. Formulas, comments, pictures, links and
// conditional formats are passed over, and so are extensions in other namespaces.
//
// # What is refused
//
// An archive with two parts of one name, a checksum that is wrong, or a part that is missing, longer than announced, or
// packed like a bomb; document types; encodings but those two; tags that are malformed or do not match; rows or cells
// out of order, below row 1,048,576 or beyond column 1024; two values in one cell; unknown elements where rows, cells
// and values stand, and alternatives there (AlternateContent), of which another program would show another; shared
// texts, styles and types of cells that do not exist; numbers that are none; logical values but 0, 1, false and true;
// more than 100,000 merged areas; workbooks with a password, and the formats before and beside XLSX.
package xlsx
