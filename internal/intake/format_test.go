package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/intake"
)

// TestOtherFormatsAreNamed refuses what is no table of text, under any name, and says what it is.
func TestOtherFormatsAreNamed(t *testing.T) {
	t.Parallel()
	const rows = "<tr><td>A1</td><td>x</td></tr>"
	for name, tc := range map[string]struct{ content, says string }{
		"table":          {"<TABLE>" + rows + "</TABLE>", "a web page (HTML)"},
		"document":       {"\ufeff\n<!DOCTYPE html>\n<html>", "a web page (HTML)"},
		"comments":       {"<!-- made by x --> <!-- y -->\n<div class=\"r\"><table>" + rows, "a web page (HTML)"},
		"style":          {"<style>td{color:red}</style><table>" + rows, "a web page (HTML)"},
		"xhtml":          {`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">`, "a web page (HTML)"},
		"html in UTF-16": {"\xff\xfe<\x00t\x00a\x00b\x00l\x00e\x00>\x00<\x00t\x00r\x00>\x00", "a web page (HTML)"},
		"spreadsheet 2003": {
			`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, "XML spreadsheet of Excel 2003",
		},
		"invoice":     {`<?xml version="1.0"?><Invoice><ID>1</ID></Invoice>`, "XML"},
		"bare XML":    {`<orders><order id="1"/></orders>`, "XML"},
		"web archive": {"MIME-Version: 1.0\nContent-Type: multipart/related", "MHTML"},
		"SYLK":        {"ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K\"amount\"\r\nE\r\n", "SYLK"},
		"DIF":         {"TABLE\r\n0,1\r\n\"EXCEL\"\r\nVECTORS\r\n", "DIF"},
		"RTF":         {`{\rtf1\ansi Faktura}`, "RTF"},
		"JSON":        {`{"orders": []}`, "JSON"},
		"JSON list":   {"[\n  {\"amount\": 1}\n]", "JSON"},
		"PDF":         {"%PDF-1.7\n", "a PDF"},
		"gzip":        {"\x1f\x8b\x08\x00", "gzip"},
		"bzip2":       {"BZh91AY", "bzip2"},
		"xz":          {"\xfd7zXZ\x00", "xz"},
		"zstd":        {"\x28\xb5\x2f\xfd\x04", "zstd"},
		"7z":          {"7z\xbc\xaf\x27\x1c\x00", "7z"},
		"RAR":         {"Rar!\x1a\x07\x00", "RAR"},
		"empty ZIP":   {"PK\x05\x06" + strings.Repeat("\x00", 18), "ZIP"},
		"PNG":         {"\x89PNG\r\n\x1a\n", "PNG"},
		"JPEG":        {"\xff\xd8\xff\xe0", "JPEG"},
		"Parquet":     {"PAR1\x15\x04", "Parquet"},
		"SQLite":      {"SQLite format 3\x00\x10", "SQLite"},
		"Access":      {"\x00\x01\x00\x00Standard Jet DB\x00", "Access"},
		"dBase": {"\x03\x7e\x0b\x19\x01\x00\x00\x00\x61\x00\x20\x00" + strings.Repeat("\x00", 20) +
			"AMOUNT\x00\x00\x00\x00\x00N" + strings.Repeat("\x00", 32), "DBF"},
		"Excel 3": {"\x09\x02\x06\x00\x00\x00\x10\x00", "Excel 3"},
	} {
		for _, file := range []string{"lines.csv", "lines.xls", "lines.xlsx", "lines.txt"} {
			_, err := intake.Open(t.Context(), write(t, file, tc.content), intake.Options{})
			require.Error(t, err, name)
			refusal := requireCode(t, err, "file.format")
			require.Contains(t, refusal.Message, tc.says, name)
			require.NotEmpty(t, refusal.Hint, name)
		}
	}
}

// TestFormatsThatOnlyLookSo reads tables whose first bytes resemble another format.
func TestFormatsThatOnlyLookSo(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"ID;Pris;description;amount\n1;2;x;10\n",
		"ID;Product;description;amount\nP1;2;x;10\n",
		"<ref>,description,amount\nA1,x,10\n",
		"[ref];description;amount\nA1;x;10\n",
		"TABLE;description;amount\n0,1;x;10\n",
		"{ref};description;amount\nA1;x;10\n",
		"BM;description;amount\nA1;x;10\n",
		"01;description;amount\nA1;x;10\n",
	} {
		got, err := cells(t, write(t, "lines.csv", content))
		require.NoError(t, err, content)
		require.Len(t, got, 1)
	}
}
