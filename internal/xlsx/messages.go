package xlsx

// What the package tells users. A text with values has an example above it.
const (
	// What the file is instead of a workbook.

	msgPassword     = "the workbook has a password"
	msgEncrypted    = "the file is encrypted"
	msgOldFormat    = "the file is an old workbook (.xls) or another old Office file"
	msgBinary       = "the file is a binary workbook (XLSB)"
	msgOpenDocument = "the file is an OpenDocument file, not XLSX"
	msgOtherArchive = "the file is a zip archive, but not a workbook"
	msgNotWorkbook  = "the file is not a workbook"

	// The archive and its parts.

	msgArchive      = "the zip archive of the workbook cannot be read"
	msgCannotUnpack = "the part cannot be unpacked"
	msgEndsEarly    = "the part ends before it is complete"
	msgPartTwice    = "the archive has this part twice"
	// part xl/worksheets/sheet1.xml is missing
	msgPartMissing = "part %s is missing"
	// sheet "Lines" has no part in the archive
	msgSheetWithoutPart = "sheet %q has no part in the archive"
	// the workbook has two parts for its styles: xl/styles.xml and xl/other.xml
	msgTwoParts = "the workbook has two parts for its %s: %s and %s"
	// <numFmt> of another namespace among numFmts
	msgOtherNamespace     = "<%s> of another namespace among %s"
	msgTextAmongElements  = "text between elements"
	msgTextBetweenStrings = "text between the shared texts"
	// <t> among the shared texts
	msgAmongStrings = "<%s> among the shared texts"
	// a style has the number format "nine", which is not a number
	msgFormatID = "a style has the number format %q, which is not a number"

	// Limits.

	// the workbook has more than 10000 parts
	msgTooManyParts = "the workbook has more than %d parts"
	// the workbook has more than 250 sheets
	msgTooManySheets = "the workbook has more than %d sheets"
	// the sheet has more than 100000 merged areas
	msgTooManyMerged = "the sheet has more than %d merged areas"
	// part xl/worksheets/sheet1.xml unpacks to 80 MiB from 79 KiB; no export is packed so tightly
	msgBomb = "part %s unpacks to %d MiB from %d KiB; no export is packed so tightly"
	// part xl/styles.xml has 20 MiB; the limit is 16 MiB
	msgPartTooLarge = "part %s has %d MiB; the limit is %d MiB"
	// the shared texts of the workbook take more than 96 MiB
	msgTextsTooLarge = "the shared texts of the workbook take more than %d MiB"
	// a cell or tag is longer than 2 MiB
	msgTokenTooLarge = "a cell or tag is longer than %d MiB"
	// row 7 has a cell in column 1025; the limit is 1024 columns
	msgTooManyColumns = "row %d has a cell in column %d; the limit is %d columns"

	// Sheets, rows and cells.

	msgNoSheetData       = "the sheet has no <sheetData>"
	msgSheetDataPlace    = "<sheetData> is in the wrong place"
	msgTextBetweenRows   = "text between the rows"
	msgTextBetweenCells  = "text between the cells"
	msgTextBesideValue   = "text beside the value of a cell"
	msgTextOutsideOfRuns = "text outside of <t>"
	// <rows> where a row should be
	msgNotRow = "<%s> where a row should be"
	// <d> where a cell should be
	msgNotCell = "<%s> where a cell should be"
	// unknown element <w> in a cell
	msgInCell = "unknown element <%s> in a cell"
	// unknown element <u> in a text
	msgInText = "unknown element <%s> in a text"
	// element <b> inside a value
	msgInValue = "element <%s> inside a value"
	// row number "2" is not valid after row 2
	msgRowNumber = "row number %q is not valid after row %d"
	// a row follows row 1048576, the last that a sheet can have
	msgRowBeyond = "a row follows row %d, the last that a sheet can have"
	// cell "B1" is not valid in row 1 after column 2
	msgCellPlace = "cell %q is not valid in row %d after column %d"
	msgTwoValues = "a cell has two values"
	// <is> in a cell of type "n"
	msgInlineType = "<is> in a cell of type %q"
	// unknown cell type "x"
	msgCellType = "unknown cell type %q"
	// style "one" is not a number
	msgStyleNumber = "style %q is not a number"
	// a cell has style 5, but the workbook has only 5 styles
	msgStyleBeyond = "a cell has style %d, but the workbook has only %d styles"
	// shared text "-1" in row 2 does not exist
	msgNoSharedText = "shared text %q in row %d does not exist"
	// "yes" is not a logical value
	msgLogical = "%q is not a logical value"
	// the number "1,5" in row 7 cannot be read
	msgNumber = "the number %q in row %d cannot be read"
	// "B2:A1" is not a merged area
	msgMergedArea = "%q is not a merged area"

	// XML. What is damaged has its byte in the part before it.

	// byte 216: a cell has two values
	msgAtByte = "byte %d: %s"
	// <chartsheet> where <worksheet> should be
	msgRoot          = "<%s> where <%s> should be"
	msgAttribute     = `an attribute does not have the form name="value"`
	msgTagName       = "a tag has no valid name"
	msgTagInTag      = "a tag begins before the previous tag ends"
	msgTextOutside   = "text outside of the document"
	msgSecondRoot    = "a second document begins after the first"
	msgEndsInsideTag = "the part ends inside a tag"
	// the part ends before "-->"
	msgEndsBefore = "the part ends before %q"
	// </row> has no opening tag
	msgClosesNothing = "</%s> has no opening tag"
	// </d> does not match <c>
	msgClosesOther = "</%s> does not match <%s>"
	// tags are nested deeper than 64 levels
	msgTooDeep = "tags are nested deeper than %d levels"
	// <x:c> has a prefix that is not declared
	msgPrefix    = "<%s> has a prefix that is not declared"
	msgDoctype   = "the part has a document type or another declaration, which no workbook has"
	msgAmpersand = "an & does not begin an entity"
	// unknown entity "&nbsp;"
	msgEntity = "unknown entity %q"
	// control character 0x01 in a text
	msgControl = "control character 0x%02x in a text"

	// Encodings.

	// the encoding ISO-8859-1 is not supported
	msgEncoding = "the encoding %s is not supported"
	msgUTF16    = "UTF-16 text with half a character"
	msgNotUTF8  = "a text is not UTF-8"
)
