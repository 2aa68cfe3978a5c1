// Package intake turns an export file into records. It hides encodings, delimiters, sheets, header names and
// their synonyms, profiles and their formulas, registers, size limits, the row numbers that a spreadsheet
// shows, and numbers and dates as people write them.
//
// A file has one of two outcomes. It is read exactly right, or it is refused with an [Error] that names the file,
// sheet, row, column and value, says what is wrong and how to fix it. Nothing is guessed: what the file leaves open is
// decided by a profile, by other cells of the file, or not at all. [File.Notices] and [File.Columns] say what was
// decided. A single cell that cannot be read keeps its text and gets a problem in its record, which is then not billed.
//
// # Order of use
//
//	Inputs        the paths of files, folders and standard input
//	LoadProfile   the profile, if there is one
//	OpenRegister  each register of the profile that is a file of its own
//	Open          reads the file and settles how it is read, or refuses it
//	File.Records  streams the records, as often as needed
//	File.Close
//
// Records before an error of [File.Records] must not be billed: the file may have changed since Open.
//
// # Files
//
// Package xlsx reads XLSX and XLSM workbooks. Any other file must be text with a delimiter: comma, semicolon, tab or
// bar. The profile names it, or a line sep=; at the top, or it is found in the header line. Text is UTF-8, UTF-16 with
// a byte order mark, or Windows-1252 if every byte is a letter or sign where texts have one. A profile can also declare
// macintosh, cp850, cp865, iso-8859-1, and UTF-16 without a mark. Bytes that contradict the encoding refuse the file.
//
// # Header
//
// The header is the first row that has the needed columns, among the first 50. Header cells are compared
// without case, accents, spaces and the signs _ - . : *. A header may also name a currency, a percent sign,
// and whether prices are with VAT:
//
//	Beløp (NOK)          amount, in NOK
//	Rabatt %             discount_percent
//	Pris eks. mva        unit_price, refused unless prices are without VAT
//	Mva, Rabatt, Total   ambiguous: the cells must prove what they are, or the file is refused
//	Status               refused: it is not understood, but an invoice may depend on it
//	Prosjekt             a column of the input's own, copied to the report
//
// # Profiles
//
// A [Profile] has an [Expression] for each of our columns that the export fills. If it has columns, names and
// synonyms do not count.
//
//	order_reference: Ordrenr                          a header: the cell as it stands
//	description: "{Tekst}, {Dato}"                    a text with cells in it
//	amount: "= num({Debet}, 0) - num({Kredit}, 0)"    a formula: typed when loaded, without loops, of exact fractions
//	email: customers.E-post                           a cell of a register
//
// A made cell is one that is not simply a cell of its own row: it comes from a text, a formula, a register, a head row
// or the cell above. The made cells of a row stand beside those of the table, from index madeBase on, and are read like
// any other. If one cannot be made, its row gets a problem. The profile's values say what words mean in a column.
//
// A [Register] is another table, in which rows are looked up by a key: another file, another sheet, or rows among the
// lines. A [Join] in the profile says how. A register may have as many rows as the file, so they are kept on disk.
//
// [Draft] writes the profile of an unknown export. What the export does not decide is a question in it, and
// [LoadProfile] refuses a profile with questions.
//
// # Rows
//
// A row is a record unless
//
//   - it is blank, or repeats the header,
//   - it says that it is a total, and is the sum of rows before it,
//   - it is hidden, and the profile skips hidden rows,
//   - it belongs to the footer that the profile declares,
//   - it is a head row by the profile, which carries the order of the rows after it,
//   - it is a row of a register, or
//   - the profile's formula only leaves it out; [Options.LeftOut] gets such rows.
//
// Row numbers are those that a spreadsheet shows.
//
// # Cells
//
// A column is read by the kind of its cells; each kind has a file: number.go, date.go, identifier.go. The
// texts that no reader means are in suspicious.go.
//
//	1.250,50  1 250,50 kr  € 99   numbers; a column has one decimal mark, and a currency is kept
//	25 %      0.25 shown as 25 %  percentages
//	2026-01-31  31.01.2026        dates; 03/04/2027 needs another date of the column, or the profile
//	2026-12-13T23:00:00Z          a moment, whose date is that of Norway
//	000042    F26-0042            identifiers as the sheet shows them; 4.7E+09, 1001.0 and dates are problems
//	#REF!  NULL  &oslash;  '0151  problems
//
// # Passes
//
// [Open] reads the file several times, and makes sure that the bytes are the same:
//
//	survey   SHA-256, encoding, delimiter and header
//	compose  the profile's expressions; the marks of the columns that formulas read are settled first
//	observe  every row: the decimal mark and date order of each column, totals, hidden rows, the end
//	judge    only if a header, a total or a currency above the header is in doubt: what the sums of the rows prove
//
// [File.Records] then streams the records through gocsv, for CSV and XLSX alike.
package intake
