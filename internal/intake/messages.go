package intake

// What the reading of files tells users: texts about files as a whole, their bytes and their records. A text with
// values has an example above it. messages_table.go has the texts about headers, rows and cells.
const (
	// What to do, for many refusals.
	hintExportAgain      = "export it again"
	hintExportFileAgain  = "export the file again"
	hintExportUTF8       = "export the file again as CSV in UTF-8"
	hintCopyAgain        = "copy or export it again"
	hintCheckFile        = "check it"
	hintCheckDelimiter   = "check the delimiter"
	hintCheckEncoding    = "check the encoding"
	hintCell             = "correct the cell"
	hintCellOrFormula    = "correct the cell or the formula"
	hintFillIn           = "fill in the cell"
	hintFormulaInProfile = "correct the formula in the profile"
	//  and 3 more
	msgAndMore = " and %d more"
	//  (did you mean "Høy"?)
	msgDidYouMean = " (did you mean %q?)"

	// Files and folders.
	msgWordStdin    = "standard input"
	msgStdinTwice   = "standard input is given twice"
	hintStdinOnce   = "write - once"
	msgNoSuchFile   = "there is no such file or folder"
	msgCannotOpen   = "the file cannot be opened"
	msgUnreadable   = "the file cannot be read"
	msgEmptyFile    = "the file is empty"
	msgNotAFile     = "this is not a file"
	hintFileOrStdin = "give a file, a folder, or - for standard input"
	// november: not read: november.xls (another ending), old/ (a folder)
	msgNotRead       = "%s: not read: %s"
	msgNothingToRead = "the folder holds no file to read"
	// the folder holds no file to read, only november.xls (another ending)
	msgOnlyOthers = "the folder holds no file to read, only %s"
	hintFolder    = "put .csv, .tsv, .txt, .xlsx or .xlsm files into the folder"
	// november.csv and november (1).csv have the same content, so every line would be billed twice
	msgSameContent    = "%s and %s have the same content, so every line would be billed twice"
	hintGiveOne       = "give one of them"
	msgNoStdin        = "there is no standard input"
	hintNameFile      = "name a file"
	msgStdinNotStored = "standard input cannot be stored"
	hintTmpDir        = "check the temporary folder"
	msgStdinCut       = "standard input cannot be read to its end"
	hintPipeAgain     = "pipe it again"
	msgReadCut        = "the file cannot be read to its end"
	hintLocalDisk     = "copy the file to a local disk"
	msgChanged        = "the file changed while it was read"
	hintChanged       = "wait until it is written completely, then start again"
	msgGone           = "the file is gone"
	hintGone          = "put the file back and start again"

	// Formats that are not read.

	// the file is a PDF, not CSV or XLSX
	msgOtherFormat    = "the file is %s, not CSV or XLSX"
	msgFormatGzip     = "compressed with gzip"
	msgFormatCompress = "compressed with compress (.Z)"
	msgFormatBzip2    = "compressed with bzip2"
	msgFormatXZ       = "compressed with xz"
	msgFormatZstd     = "compressed with Zstandard (zstd)"
	msgFormatLZ4      = "compressed with LZ4"
	msgFormatExcel2   = "an old workbook (Excel 2)"
	msgFormatExcel3   = "an old workbook (Excel 3)"
	msgFormatExcel4   = "an old workbook (Excel 4)"
	msgFormatLotus    = "an old worksheet (Lotus 1-2-3)"
	msgFormatSYLK     = "a SYLK file (.slk), an old spreadsheet format"
	msgFormatDIF      = "a DIF file, an old spreadsheet format"
	msgFormatXML2003  = "an XML spreadsheet of Excel 2003"
	hintSaveAs        = "open it in a spreadsheet and save it as XLSX or CSV"
	hintUnpack        = "unpack it, and give the file that was in it"
	hintExportFrom    = "export the lines as CSV or XLSX from the program that wrote it"
	hintExportLines   = "export the lines as CSV or XLSX"
	hintPDF           = "export the lines as CSV or XLSX; a PDF only shows them"
	hintSaveTable     = "save the table as CSV or XLSX"

	// Workbooks.
	msgReadAsWorkbook = "read as a workbook, although its name does not end in .xlsx"
	msgNotAWorkbook   = "the file is not a workbook, although its name says so"
	hintSaveOrRename  = "open it in a spreadsheet and save it as XLSX, or name it .csv if it is text"
	msgDamaged        = "the workbook is damaged or incomplete"
	hintDamaged       = "copy or download it again, or open it in a spreadsheet and save it again"
	hintPassword      = "save it without a password"
	hintSaveXLSX      = "save it as XLSX"
	hintOwnWorkbook   = "save the lines in a workbook of their own, or as CSV"
	hintSaveLines     = "save the lines as XLSX or CSV"
	//  (part xl/styles.xml)
	msgInPart = " (part %s)"

	// Sheets.

	// sheet "Linjer" is hidden; it is read because the profile names it
	msgHiddenSheetRead = "sheet %q is hidden; it is read because the profile names it"
	// several sheets could be the list of lines: "Oktober", "November"
	msgManySheets = "several sheets could be the list of lines: %s"
	// say which one in a profile: input: {sheet: "Oktober"}
	hintManySheets = "say which one in a profile: input: {sheet: %q}"
	// only the hidden sheet "Linjer" looks like the list of lines
	msgOnlyHiddenSheet = "only the hidden sheet %q looks like the list of lines"
	// unhide it, or name it in a profile: input: {sheet: "Linjer"}
	hintOnlyHiddenSheet = "unhide it, or name it in a profile: input: {sheet: %q}"
	// sheet "Linjer" looks like a list of lines too, but is hidden; it was not read
	msgHiddenSheetToo = "sheet %q looks like a list of lines too, but is hidden; it was not read"
	// sheet "Kunder" was not read, because it has no column for description and amount
	msgSheetNotRead = "sheet %q was not read, because it has no column for %s"
	// no visible sheet has cells in row 4, where the profile erp.yaml expects the header
	msgNoSheetWithRow   = "no visible sheet has cells in row %d, where the profile %s expects the header"
	hintHeaderRow       = "correct header_row in the profile"
	msgNoSheetWithCells = "no visible sheet has cells"
	msgNoHeaderRow      = "the sheet has no header row"
	hintNoHeaderRow     = "check the sheet, and header_row in the profile"
	// there is no sheet "Linjre"; there are "Linjer", "Kunder"
	msgNoSheet  = "there is no sheet %q; there are %s"
	hintNoSheet = "correct the profile, or rename the sheet"
	// did you mean "Linjer"? If so, correct the profile
	hintNearSheet = "did you mean %q? If so, correct the profile"

	// Encodings.
	msgReadAsWindows = "read as windows-1252, because it is not UTF-8 and has no byte order mark"
	// byte order marks inside the file were passed over (2)
	msgInnerMarks = "byte order marks inside the file were passed over (%d)"
	msgEndMark    = "the end mark Ctrl-Z (0x1A) behind the last line was passed over"
	// the text cannot be decoded as utf-16le
	msgNotDecoded = "the text cannot be decoded as %s"
	msgNoText     = "the file holds no text"
	// the text read as utf-16le holds NUL characters
	msgNULText = "the text read as %s holds NUL characters"
	// the profile declares utf-8, but the file begins with the byte order mark of utf-16le
	msgOtherMark        = "the profile declares %s, but the file begins with the byte order mark of %s"
	hintCorrectEncoding = "correct the encoding in the profile, or leave it out"
	// the profile declares utf-16le, but the bytes are utf-8
	msgOtherBytes  = "the profile declares %s, but the bytes are %s"
	msgWordNoUTF16 = "no UTF-16"
	// the file ends in the middle of a character of utf-16le: it was cut off
	msgCutCharacter = "the file ends in the middle of a character of %s: it was cut off"
	// the file ends in the middle of a character of UTF-8, on line 40: it was cut off
	msgCutUTF8 = "the file ends in the middle of a character of UTF-8, on line %d: it was cut off"
	// line 3 holds a NUL byte, which text never does
	msgNULByte = "line %d holds a NUL byte, which text never does"
	// it looks like utf-16le without a byte order mark: declare it in a profile, input: {encoding: utf-16le}
	hintDeclareUTF16 = "it looks like %[1]s without a byte order mark: declare it in a profile, " +
		"input: {encoding: %[1]s}"
	// line 3 holds the byte 0xe6, which is not UTF-8, while the rest is UTF-8
	msgNotUTF8 = "line %d holds the byte 0x%x, which is not UTF-8, while the rest is UTF-8"
	// line 3 holds the byte 0xe6, which is not UTF-8, while the profile declares utf-8
	msgNotDeclaredUTF8 = "line %d holds the byte 0x%x, which is not UTF-8, while the profile declares utf-8"
	hintOneEncoding    = "export the file again in one encoding, or declare the encoding in the profile"
	// the profile declares windows-1252, but all of the file is UTF-8
	msgAllUTF8 = "the profile declares %s, but all of the file is UTF-8"
	// line 3 holds the control character U+0007, which is no text
	msgControl = "line %d holds the control character %U, which is no text"
	// line 3 holds the control character U+001A, the end mark Ctrl-Z of DOS, with more text behind it
	msgInnerEndMark = "line %d holds the control character %U, the end mark Ctrl-Z of DOS, with more text behind it"
	hintRemoveIt    = "remove it, or export the file again"
	// line 3 holds text that is UTF-8 encoded twice: "MÃ¸bler", where 'ø' became several signs
	msgTwiceUTF8 = "line %d holds text that is UTF-8 encoded twice: %q, where %q became several signs"
	// line 3 holds UTF-8, while the file is read as windows-1252: "MÃ¸bler", where 'ø' became several signs
	msgUTF8ReadAs = "line %d holds UTF-8, while the file is read as %s: %q, where %q became several signs"
	hintInSource  = "correct it in the source, or export the file again as CSV in UTF-8"
	// line 3: read as windows-1252, the text has "M›bler", in which '›' is no letter
	msgNoWord = "line %d: %s, the text has %s"
	// read as windows-1252
	msgReadAsCharset = "read as %s"
	// the profile declares macintosh, but read as macintosh
	msgDeclaredCharset = "the profile declares %[1]s, but read as %[1]s"
	// "M›bler", in which '›' is no letter
	msgNoLetter = "%q, in which %q is no letter"
	// the control character U+009B
	msgControlSign = "the control character %U"
	// line 3: read as windows-1252, the text has "M›bler", in which '›' is no letter; it looks like cp865, which makes
	// it "Møbler"
	msgLooksLikeCharset = "%s; it looks like %s, which makes it %q"
	// declare the encoding in a profile, input: {encoding: cp865}, or export the file again as CSV in UTF-8
	hintDeclareCharset = "declare the encoding in a profile, input: {encoding: %s}, " +
		"or export the file again as CSV in UTF-8"

	// Delimiters and header line.

	// the profile declares the delimiter ',', but ';' stands between the column names
	msgDelimiterBetween = "the profile declares the delimiter %q, but %q stands between the column names"
	// the profile declares the delimiter ',', but the file begins with "sep=;"
	msgDelimiterSep        = "the profile declares the delimiter %q, but the file begins with %q"
	hintDelimiterInProfile = "correct the delimiter in the profile, or leave it out"
	// "sep=;x" does not name one character that separates cells
	msgSepLine  = "%q does not name one character that separates cells"
	hintSepLine = "write sep=; or remove the line"
	// '\n' cannot separate cells
	msgNoDelimiter   = "%q cannot separate cells"
	hintUseDelimiter = "use a comma, semicolon, tab or bar"
	msgNoHeaderLine  = "no header line was found"
	hintHeaderLine   = "put the column names on one line above the data"
	msgNoLine        = "no line with cells was found"

	// Records of a CSV file.

	// line 7 has 2000 cells, more than 1024
	msgManyCells = "line %d has %d cells, more than %d"
	// cell 3 on line 7 has 2000000 bytes, more than 1048576
	msgLongCell            = "cell %d on line %d has %d bytes, more than %d"
	hintOpenQuoteOrShorten = "look for a quote that is opened and not closed, or shorten the cell"
	// the record on line 7 is longer than 8 MiB
	msgLongRecord = "the record on line %d is longer than %d MiB"
	hintOpenQuote = "look for a quote that is opened there and not closed"
	// the file has more than 20000000 records
	msgManyRecords = "the file has more than %d records"
	hintSplit      = "split it"
	// line 7 has a carriage return (CR) between cells, so it may be two lines
	msgStrayReturn = "line %d has a carriage return (CR) between cells, so it may be two lines"
	hintLineEnds   = "end all lines alike, or put quotes around a cell with a line break"
	// a quote opened on line 7 is not closed
	msgOpenQuote = "a quote opened on line %d is not closed"
	// a quote opened on line 7 is not closed properly; the next quote is on line 9
	msgOpenQuoteTo   = "a quote opened on line %d is not closed properly; the next quote is on line %d"
	hintDoubleQuotes = `close the cell with a quote, and double the quotes inside it: "5"" pipe"`
	// line 7 has a quote inside a cell that does not begin with one
	msgBareQuote    = "line %d has a quote inside a cell that does not begin with one"
	hintPutInQuotes = `put quotes around the cell and double those inside it: "5"" pipe"`
	// a quote opened on line 7 makes one cell of 3 lines, which look like records of their own
	msgSwallowedRecords = "a quote opened on line %d makes one cell of %d lines, which look like records of their own"
	// close the cell with a quote, and double the quotes inside it: "5"" pipe"; if the cell is meant so, write its
	// lines without ";"
	hintSwallowedRecords = `close the cell with a quote, and double the quotes inside it: "5"" pipe"; ` +
		"if the cell is meant so, write its lines without %q"
	// line 7 has 5 cells where the header has 6
	msgRagged     = "line %d has %d cells where the header has %d"
	hintDelimiter = "look for a missing or an extra delimiter, " +
		"or a cell with a delimiter or line break that needs quotes"
	hintDelimiterOrFooter = "look for a missing or an extra delimiter, or a cell with a delimiter or line break that " +
		"needs quotes; lines after the last record are left out with skip_footer in a profile"
	hintDelimiterOrEmpty = "look for a missing or an extra delimiter, or a cell with a delimiter or line break that " +
		"needs quotes; empty cells at the end of a line need their delimiters"
	hintCutLine = "the file ends in the middle of this line, as one that was cut off: copy or export it again; " +
		"if the line is complete, end it with a line break"
	hintHeaderDelimiter = "put a delimiter at the end of the header line too, if none is missing between its names"
	// its cell under "Beløp" does not look like those of the other lines: look for a missing or an extra delimiter, or
	// a cell with a delimiter or line break that needs quotes
	hintOddCell = "its cell under %q does not look like those of the other lines: look for a missing or an extra " +
		"delimiter, or a cell with a delimiter or line break that needs quotes"
	// a cell under "Beløp" begins with a zero, as the decimals of the cell before it do
	msgSplitNumber   = "a cell under %q begins with a zero, as the decimals of the cell before it do"
	hintDecimalComma = "put a number with a decimal comma into quotes, or export with another delimiter than the comma"

	// YAML files.

	// the file cannot be read: permission denied
	msgUnreadableYAML = "the file cannot be read: %w"
	msgYAMLNotUTF8    = "the file is not UTF-8"
	hintYAMLNotUTF8   = "save it as UTF-8 in the editor"
	// the file has more than 128 KiB
	msgYAMLTooLarge = "the file has more than %d KiB"
	// the file has more than 40000 words and signs
	msgYAMLTooLong    = "the file has more than %d words and signs"
	hintYAMLTooLarge  = "a profile or a file of settings has a few lines"
	msgYAMLAnchor     = "anchors (&) and aliases (*) are not supported"
	hintYAMLAnchor    = "write the value out; put a text that begins with & or * in quotes"
	msgYAMLDocuments  = "the file has more than one YAML document"
	hintYAMLDocuments = "put everything into one, without a line of ---"
	msgYAMLDeep       = "the values are nested too deeply here"
	hintYAMLDeep      = "look for a bracket that is not closed, or for wrong indentation"
)
