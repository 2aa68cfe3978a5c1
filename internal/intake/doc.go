// Package intake turns an export file into records. It hides encodings, delimiters, sheets, header names and
// their synonyms, profiles and their formulas, registers, size limits, true row numbers, and numbers and
// dates as people write them.
//
// A file has one of two outcomes: it is read exactly right, or it is refused with an [Error] that names file,
// sheet, row, column, value, what is wrong and how to fix it. Nothing is guessed: what the file leaves open
// is decided by a profile, by other cells of the file, or not at all. What was decided stands in
// [File.Notices] and [File.Columns]. A single cell that cannot be read stays as it is and carries a problem
// in its record.
//
// # Files
//
// XLSX and XLSM workbooks are read by package xlsx. Any other file must be text with a delimiter: comma,
// semicolon, tab or bar, by the header line, a line sep=; above it, or the profile. Text is UTF-8 or UTF-16
// with a byte order mark, UTF-8, or else Windows-1252 where every byte is a letter or sign that texts have; a
// profile can also say macintosh, cp850, cp865, iso-8859-1 and UTF-16 without a mark. An encoding that the
// bytes contradict is refused.
//
// # Header
//
// The header is the first row that has the needed columns, within the first 50. A header cell is compared
// without case, accents, spaces and the signs _ - . : *. It may also say a currency, a percent sign, and
// whether prices are with VAT:
//
//	Beløp (NOK)          amount, in NOK
//	Rabatt %             discount_percent
//	Pris eks. mva        unit_price, refused unless prices are without VAT
//	Mva, Rabatt, Total   what the cells decide, and refused if they do not
//	Status               refused: it is not understood, and speaks of what an invoice depends on
//	Prosjekt             the input's own, copied to the report
//
// # Profiles
//
// A [Profile] has an [Expression] for each of our columns that the export fills. With columns in a profile no
// name or synonym counts.
//
//	order_reference: Ordrenr                          a header: the cell as it stands
//	description: "{Tekst}, {Dato}"                    a text with cells in it
//	amount: "= num({Debet}, 0) - num({Kredit}, 0)"    a formula: typed when it is loaded, without loops, of exact fractions
//	email: customers.E-post                           a cell of a register
//
// A cell that is no plain cell of its own row is made: by a text, a formula, a register, a head row or the
// cell above. The made cells of a row stand beside those of the table, in columns of their own from index
// madeBase on, and are read like any other cell; what keeps one from being made is a problem of its row.
// values says what their words mean in one of our columns.
//
// A [Register] is another table, in which rows are looked up by a key: another file, another sheet, or rows
// among the lines. A [Join] says in the profile which and how. Its rows are in a working file, for there may
// be as many as lines.
//
// [Draft] writes the profile of an unknown export. What the export does not decide stands there as a
// question, and [LoadProfile] takes no profile with one.
//
// # Rows
//
// A row is a record unless it is blank, repeats the header, says that it is a total and is the sum of rows
// before it, is hidden and the profile skips hidden rows, belongs to the footer that the profile declares, or
// has another role by the profile's formulas: a head row carries the order of the rows after it, a row of a
// register is looked up, and one that only says no to is left out, which [Options.LeftOut] is told. Row
// numbers are those of a spreadsheet.
//
// # Cells
//
//	1.250,50  1 250,50 kr  € 99   numbers, whose decimal mark is the same in the whole column; a currency is kept
//	25 %      0.25 shown as 25 %  percentages
//	2026-01-31  31.01.2026        dates; 03/04/2027 and 03-04-2027 need another date of the column, or the profile
//	2026-12-13T23:00:00Z          a moment, whose day is that of Norway
//	000042    F26-0042            identifiers as the sheet shows them; 4.7E+09, 1001.0 and dates are none
//	#REF!  NULL  &oslash;  '0151  problems
//
// # Passes
//
// [Open] reads the file more than once, and each time the same bytes:
//
//	survey   its SHA-256, encoding, delimiter and header
//	compose  what the profile makes of it; its formulas read cells, so that marks and dates of their columns are settled first
//	observe  every row: the decimal mark and the order of dates of each column, totals, hidden rows, the end
//	judge    where a header or a total is in doubt, or a row above the header names a currency: what the sums of the rows decide
//
// [File.Records] then streams the records through gocsv, CSV and XLSX alike.
package intake
