package xlsx_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/xlsx"
)

func TestCells(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ cells, want string }{
		"number":                 {`<c><v>5</v></c>`, "1 number:5"},
		"number of type n":       {`<c t="n"><v>5</v></c>`, "1 number:5"},
		"spaces around a number": {"<c><v> 5\n</v></c>", "1 number:5"},
		"exponent":               {`<c><v>4.7999999999E10</v></c>`, "1 number:4.7999999999E10=47999999999"},
		"exponent with plus":     {`<c><v>1.5E+2</v></c>`, "1 number:1.5E+2=150"},
		"percent":                {`<c s="1"><v>0.25</v></c>`, "1 percent:0.25=25 %"},
		"date":                   {`<c s="2"><v>46356.5</v></c>`, "1 date:46356.5=2026-11-30 12:00:00"},
		"time":                   {`<c s="3"><v>0.3125</v></c>`, "1 time:0.3125=7:30"},
		"zeros":                  {`<c s="4"><v>42</v></c>`, "1 number:42=000042"},
		"empty style":            {`<c s=""><v>5</v></c>`, "1 number:5"},
		"shared text":            {`<c t="s"><v>0</v></c><c t="s"><v> 1 </v></c>`, "1 text:a text:b"},
		"inline text":            {`<c t="inlineStr"><is><t>x</t></is></c>`, "1 text:x"},
		"rich text": {
			`<c t="inlineStr"><is><r><rPr><b/></rPr><t>a</t></r><r><t xml:space="preserve"> b</t></r><rPh><t>no</t></rPh><phoneticPr/></is></c>`, "1 text:a b",
		},
		"result that is text":       {`<c t="str"><f>A1&amp;"x"</f><v>res</v></c>`, "1 text:res"},
		"result that is empty text": {`<c t="str"><f>A1</f><v></v></c><c><v>5</v></c>`, "1 text: number:5"},
		"text in <is> of type str":  {`<c t="str"><is><t>x</t></is></c>`, "1 text:x"},
		"text in <v> of inlineStr":  {`<c t="inlineStr"><v>x</v></c>`, "1 text:x"},
		"formula":                   {`<c><f>1+1</f><v>2</v></c>`, "1 number:2"},
		"formula without result": {
			`<c><f>1+1</f></c><c><f>1</f><v/></c><c t="str"><f>1</f></c>`,
			"1 novalue: novalue: novalue:",
		},
		"logical": {`<c t="b"><v>1</v></c><c t="b"><v>0</v></c>`, "1 bool:TRUE bool:FALSE"},
		"logical in words": {
			`<c t="b"><v>true</v></c><c t="b"><v>FALSE</v></c><c t="b"><v> 1 </v></c>`,
			"1 bool:TRUE bool:FALSE bool:TRUE",
		},
		"error": {`<c t="e"><v>#REF!</v></c>`, "1 error:#REF!"},
		"ISO date": {
			`<c t="d"><v>2026-01-31</v></c><c t="d"><v>2026-01-31T08:00:00</v></c>`,
			"1 date:2026-01-31 date:2026-01-31T08:00:00=2026-01-31 08:00:00",
		},
		"ISO time": {
			`<c t="d"><v>08:00:00</v></c><c t="d"><v>soon</v></c>`,
			"1 time:08:00:00 text:soon",
		},
		"empty cells": {
			`<c s="1"/><c t="s"></c><c><v/></c><c t="inlineStr"><is/></c><c><v>5</v></c>`,
			"1 text: text: text: text: number:5",
		},
		"references": {
			`<c r="B1"><v>5</v></c><c r="d1"><v>6</v></c><c><v>7</v></c>`,
			"1 text: number:5 text: number:6 number:7",
		},
		"CDATA":   {`<c t="inlineStr"><is><t><![CDATA[a<b&c]]></t></is></c>`, "1 text:a<b&c"},
		"comment": {`<c t="inlineStr"><is><t>a<!-- c -->b</t></is></c>`, "1 text:ab"},
		"entities": {
			`<c t="inlineStr"><is><t>&lt;&#230;&#xe6;&amp;&#13;</t></is></c>`,
			"1 text:<ææ&\r",
		},
		"escaped character":  {`<c t="inlineStr"><is><t>a_x000A_b</t></is></c>`, "1 text:a\nb"},
		"escaped underscore": {`<c t="inlineStr"><is><t>a_x005F_x000A_b_x</t></is></c>`, "1 text:a_x000A_b_x"},
		"escaped pair":       {`<c t="str"><v>_xD83D__xDE00_</v></c>`, "1 text:😀"},
		"line ends":          {"<c t=\"inlineStr\"><is><t>a\r\nb\rc\n</t></is></c>", "1 text:a\nb\nc\n"},
		"extension of a cell": {
			`<c><v>1</v><extLst><ext><v>9</v><t>z</t></ext></extLst></c><c t="inlineStr"><is><t>a</t></is><extLst><ext><t>z</t></ext></extLst></c>`, "1 number:1 text:a",
		},
		"foreign element in a cell": {`<c><v>1</v><y:v xmlns:y="urn:other">5</y:v></c>`, "1 number:1"},
		"foreign element in a text": {
			`<c t="inlineStr"><is><t>a</t><y:t xmlns:y="urn:other">5</y:t></is></c>`,
			"1 text:a",
		},
		"another prefix":             {`<z:c xmlns:z="` + mainSpace + `"><z:v>5</z:v></z:c>`, "1 number:5"},
		"foreign until it ends":      {`<c><x xmlns="urn:other"><v>7</v></x><v>5</v></c>`, "1 number:5"},
		"quotes, spaces and > there": {`<c t='inlineStr' x="&gt;>" ><is><t >x</t></is></c >`, "1 text:x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(archived(t, parts(inRow(tc.cells))))
			require.NoError(t, err)
			require.Equal(t, []string{tc.want}, got)
		})
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rows string
		want []string
	}{
		"none": {``, nil},
		"numbers": {
			`<row r="7"><c r="A7"><v>5</v></c></row><row><c><v>6</v></c></row>`,
			[]string{"7 number:5", "8 number:6"},
		},
		"last row": {`<row r="1048576"><c><v>5</v></c></row>`, []string{"1048576 number:5"}},
		"extension of a row": {
			`<row><c><v>5</v></c><extLst><ext><c><v>6</v></c></ext></extLst></row>`,
			[]string{"1 number:5"},
		},
		"comment between them": {`<!-- x > y --><row a="&gt;>"><c><v>5</v></c></row>`, []string{"1 number:5"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(archived(t, parts(inSheet(tc.rows))))
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}

// TestHiddenRows follows what spreadsheets show.
func TestHiddenRows(t *testing.T) {
	t.Parallel()
	// Excel writes out only the rows that it shows, then.
	const flat = `<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>`
	for name, tc := range map[string]struct {
		format, row string
		want        bool
	}{
		"shown":                      {``, `<row/>`, false},
		"hidden":                     {``, `<row hidden="1"/>`, true},
		"hidden in words":            {``, `<row hidden="true" ht="15"/>`, true},
		"said to be shown":           {``, `<row hidden="0" ht="15"/>`, false},
		"without height":             {``, `<row ht="0"/>`, true},
		"without height in decimals": {``, `<row ht="0.00" hidden="0"/>`, true},
		"of little height":           {``, `<row ht="0.75"/>`, false},
		"of ten":                     {``, `<row ht="10"/>`, false},
		"usual height":               {`<sheetFormatPr defaultRowHeight="15" zeroHeight="0"/>`, `<row/>`, false},
		"among hidden ones":          {flat, `<row/>`, false},
		"hidden among hidden ones":   {flat, `<row hidden="1"/>`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sheet := strings.Replace(inSheet(tc.row), "<sheetData>", tc.format+"<sheetData>", 1)
			require.NoError(t,
				eachRow(archived(t, parts(sheet)), func(row *xlsx.Row) { require.Equal(t, tc.want, row.Hidden) }))
		})
	}
}

// TestAnotherRootNamespace reads the strict form, one with prefixes, and one without a namespace.
func TestAnotherRootNamespace(t *testing.T) {
	t.Parallel()
	for _, sheet := range []string{
		`<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData><row><c><v>5</v></c></row></sheetData></worksheet>`,
		`<x:worksheet xmlns:x="` + mainSpace +
			`"><x:sheetData><x:row><x:c><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
		`<worksheet><sheetData><row><c><v>5</v></c></row></sheetData></worksheet>`,
	} {
		got, err := read(archived(t, parts(sheet)))
		require.NoError(t, err)
		require.Equal(t, []string{"1 number:5"}, got)
	}
}

func TestSheetsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sheet string
		kind  xlsx.ErrorKind
		says  string
	}{
		"two values": {
			inRow(`<c><v>1</v><v>2</v></c>`), xlsx.Damaged,
			"row 1: byte 216: a cell has two values",
		},
		"a value and a text":        {inRow(`<c t="str"><v>1</v><is><t>2</t></is></c>`), xlsx.Damaged, "two values"},
		"text of a number":          {inRow(`<c><is><t>2</t></is></c>`), xlsx.Damaged, "<is>"},
		"an element in a value":     {inRow(`<c><v>1<b/>2</v></c>`), xlsx.Damaged, "<b> inside a value"},
		"unknown element in a cell": {inRow(`<c><w>1</w></c>`), xlsx.Damaged, "<w> in a cell"},
		"unknown element in a text": {inRow(`<c t="inlineStr"><is><u>1</u></is></c>`), xlsx.Damaged, "<u> in a text"},
		"unknown element in a row":  {inRow(`<d><v>1</v></d>`), xlsx.Damaged, "<d> where a cell should be"},
		"foreign cell": {
			inRow(`<x:c xmlns:x="urn:other"><x:v>99</x:v></x:c>`), xlsx.Damaged,
			"<c> where a cell should be",
		},
		"unknown element of rows": {inSheet(`<rows/>`), xlsx.Damaged, "<rows> where a row should be"},
		"alternative rows": {
			inSheet(`<mc:AlternateContent><mc:Fallback><row/></mc:Fallback></mc:AlternateContent>`), xlsx.Damaged,
			"<AlternateContent>",
		},
		"alternative cells": {
			inRow(`<mc:AlternateContent><mc:Fallback><c/></mc:Fallback></mc:AlternateContent>`), xlsx.Damaged,
			"<AlternateContent>",
		},
		"alternative values": {
			inRow(`<c><mc:AlternateContent><mc:Fallback><v>1</v></mc:Fallback></mc:AlternateContent></c>`),
			xlsx.Damaged, "<AlternateContent>",
		},
		"alternative texts": {
			inRow(
				`<c t="inlineStr"><is><mc:AlternateContent><mc:Fallback><t>1</t></mc:Fallback></mc:AlternateContent></is></c>`),
			xlsx.Damaged, "<AlternateContent>",
		},
		"alternative sheets": {
			`<worksheet xmlns="` + mainSpace +
				`"><a:AlternateContent xmlns:a="http://schemas.openxmlformats.org/markup-compatibility/2006"><sheetData/></a:AlternateContent><sheetData/></worksheet>`,
			xlsx.Damaged, "<sheetData> is in the wrong place",
		},
		"two lists of rows":   {`<worksheet><sheetData/><sheetData/></worksheet>`, xlsx.Damaged, "<sheetData>"},
		"no list of rows":     {`<worksheet/>`, xlsx.Damaged, "no <sheetData>"},
		"text among rows":     {inSheet(`5`), xlsx.Damaged, "text between the rows"},
		"text among cells":    {inRow(`5`), xlsx.Damaged, "text between the cells"},
		"text in a cell":      {inRow(`<c>5</c>`), xlsx.Damaged, "text beside the value"},
		"another root":        {`<chartsheet/>`, xlsx.Damaged, "<chartsheet> where <worksheet> should be"},
		"no number":           {inRow(`<c><v>1,5</v></c>`), xlsx.Damaged, `the number "1,5"`},
		"power of ten beyond": {inRow(`<c><v>1E401</v></c>`), xlsx.Damaged, `the number "1E401"`},
		"attribute without quotes": {
			inRow(`<c><f x=1>2</f><v>2</v></c>`), xlsx.Damaged,
			"an attribute does not have the form name=",
		},
		"attribute without value": {
			inRow(`<c r="A1" nowrap t="n"><v>2</v></c>`), xlsx.Damaged,
			"an attribute does not have the form name=",
		},
		"slash among attributes": {
			inRow(`<c r="A1" / t="n"><v>2</v></c>`), xlsx.Damaged,
			"an attribute does not have the form name=",
		},
		"tag inside a tag":      {inRow(`<c r="A1" <v>2</v></c>`), xlsx.Damaged, "a tag begins before"},
		"space before a name":   {inRow("<c>< v>2</v></c>"), xlsx.Damaged, "a tag has no valid name"},
		"space before an end's": {inRow("<c></ c>"), xlsx.Damaged, "</> does not match <c>"},
		"declaration cut": {
			`<?xml version="1.0?><worksheet><sheetData/></worksheet>`, xlsx.Damaged,
			"an attribute does not have the form name=",
		},
		"infinity":               {inRow(`<c><v>INF</v></c>`), xlsx.Damaged, `the number "INF"`},
		"neither true nor false": {inRow(`<c t="b"><v>yes</v></c>`), xlsx.Damaged, `"yes" is not a logical value`},
		"unknown type":           {inRow(`<c t="x"><v>1</v></c>`), xlsx.Damaged, `cell type "x"`},
		"shared text beyond":     {inRow(`<c t="s"><v>2</v></c>`), xlsx.Damaged, `shared text "2"`},
		"shared text below":      {inRow(`<c t="s"><v>-1</v></c>`), xlsx.Damaged, `shared text "-1"`},
		"style beyond": {
			inRow(`<c s="5"><v>1</v></c>`), xlsx.Damaged,
			"a cell has style 5, but the workbook has only 5 styles",
		},
		"style below":               {inRow(`<c s="-1"><v>1</v></c>`), xlsx.Damaged, "style -1"},
		"style in words":            {inRow(`<c s="one"><v>1</v></c>`), xlsx.Damaged, `style "one"`},
		"cell twice":                {inRow(`<c r="B1"/><c r="B1"/>`), xlsx.Damaged, `cell "B1"`},
		"cell of another row":       {inRow(`<c r="A2"/>`), xlsx.Damaged, `cell "A2"`},
		"cell without a row":        {inRow(`<c r="A"/>`), xlsx.Damaged, `cell "A"`},
		"cell without a column":     {inRow(`<c r="1"/>`), xlsx.Damaged, `cell "1"`},
		"column beyond":             {inRow(`<c r="XFE1"/>`), xlsx.Damaged, `cell "XFE1"`},
		"column of no list":         {inRow(`<c r="AMK1"><v>1</v></c>`), xlsx.TooLarge, "column 1025"},
		"rows out of order":         {inSheet(`<row r="2"/><row r="2"/>`), xlsx.Damaged, `"2" is not valid after row 2`},
		"row beyond":                {inSheet(`<row r="1048577"/>`), xlsx.Damaged, `row number "1048577"`},
		"row beyond without number": {inSheet(`<row r="1048576"/><row/>`), xlsx.Damaged, "a row follows row 1048576"},
		"document type":             {`<!DOCTYPE worksheet><worksheet/>`, xlsx.Damaged, "document type"},
		"unknown entity":            {inRow(`<c t="str"><v>&x;</v></c>`), xlsx.Damaged, "unknown entity"},
		"control character":         {inRow("<c t=\"str\"><v>\x01</v></c>"), xlsx.Damaged, "control character 0x01"},
		"undeclared prefix":         {inRow(`<x:c/>`), xlsx.Damaged, "<x:c> has a prefix that is not declared"},
		"tags that do not match":    {inRow(`<c></d>`), xlsx.Damaged, "</d> does not match <c>"},
		"cut":                       {inRow(`<c>`)[:200], xlsx.Damaged, "part xl/worksheets/sheet1.xml: "},
		"empty":                     {``, xlsx.Damaged, "the part ends before it is complete"},
		"two documents":             {inSheet(``) + inSheet(``), xlsx.Damaged, "second document"},
		"bytes that are not UTF-8":  {inRow("<c t=\"str\"><v>\xf8</v></c>"), xlsx.Encoding, "not UTF-8"},
		"Latin-1": {
			`<?xml version="1.0" encoding="ISO-8859-1"?><worksheet/>`, xlsx.Encoding,
			"the encoding ISO-8859-1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(archived(t, parts(tc.sheet)))
			requireRefused(t, err, tc.kind, tc.says, "part xl/worksheets/sheet1.xml")
		})
	}
}

// long is a sheet part of several buffers. Its rows have other lengths each, so that every kind of tag and text is cut
// somewhere by the end of a buffer.
func long(rows int) (sheet string, want []string) {
	var b strings.Builder
	for i := range rows {
		text := strings.Repeat("æ", i%7) + strings.Repeat("x", i%301)
		fmt.Fprintf(&b,
			`<row r="%d" ><c r="A%[1]d" t="str"><v>%s</v></c ><c  t='s'><v>0</v></c><c/><c><f>1+1</f><v xml:space="x">%[1]d</v></c></row>`, i+1, text)
		want = append(want, fmt.Sprintf("%d text:%s text:a text: number:%[1]d", i+1, text))
	}
	return inSheet(b.String()), want
}

func TestManyRows(t *testing.T) {
	t.Parallel()
	sheet, want := long(5000)
	got, err := read(archived(t, parts(sheet)))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestDamageBehindManyRows(t *testing.T) {
	t.Parallel()
	sheet, _ := long(5000)
	_, err := read(
		archived(t,
			parts(strings.Replace(sheet, "</sheetData>", `<row r="5001"><c><v>x</v></c></row></sheetData>`, 1))))
	requireRefused(t, err, xlsx.Damaged, "row 5001", `the number "x"`)
}
