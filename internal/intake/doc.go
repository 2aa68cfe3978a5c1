// Package intake turns an export file into records. It hides encodings, delimiters, sheets, header names and their synonyms,
// profiles, size limits, true row numbers, and numbers and dates as people write them.
//
// A file has one of two outcomes: it is read exactly right, or it is refused with an [Error] that names file, sheet, row, column,
// value, what is wrong and how to fix it. Nothing is guessed: what the file leaves open is decided by a profile, by other cells
// of the file, or not at all. What was decided stands in [File.Notices] and [File.Columns]. A single cell that cannot be read
// stays as it is and carries a problem in its record.
//
// # Files
//
// XLSX and XLSM workbooks are read by package xlsx. Any other file must be text with a delimiter: comma, semicolon, tab or bar, by
// the header line, a line sep=; above it, or the profile. Text is UTF-8 or UTF-16 with a byte order mark, UTF-8, or else
// Windows-1252 where every byte is a letter or sign that texts have; a profile can also say macintosh, cp850, cp865, iso-8859-1
// and UTF-16 without a mark. An encoding that the bytes contradict is refused.
//
// # Header
//
// The header is the first row that has the needed columns, within the first 50. A header cell is compared without case, accents,
// spaces and the signs _ - . : *. It may also say a currency, a percent sign, and whether prices are with VAT:
//
//	Beløp (NOK)          amount, in NOK
//	Rabatt %             discount_percent
//	Pris eks. mva        unit_price, refused unless prices are without VAT
//	Mva, Rabatt, Total   what the cells decide, and refused if they do not
//	Status               refused: it is not understood, and speaks of what an invoice depends on
//	Prosjekt             the input's own, copied to the report
//
// With a profile that has columns, those are the columns, and no name or synonym counts beside them.
//
// # Rows
//
// A row is a record unless it is blank, repeats the header, says that it is a total and is the sum of rows before it, is hidden
// and the profile skips hidden rows, or belongs to the footer that the profile declares. Row numbers are those of a spreadsheet.
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
// [Open] surveys the whole file: its SHA-256, encoding, delimiter and header, and for each column the decimal mark and the order of
// dates; where a header or a total is in doubt, it reads the rows once more. [File.Records] then streams the records through
// gocsv, CSV and XLSX alike.
package intake
