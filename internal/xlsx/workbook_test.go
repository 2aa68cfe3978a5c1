package xlsx_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/xlsx"
)

// changed is the usual workbook, with a row 25 % | a, and some parts changed or, where they are "-", left out.
func changed(change map[string]string) map[string]string {
	all := parts(inRow(`<c s="1"><v>0.25</v></c><c t="inlineStr"><is><t>æ😀</t></is></c>`))
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_, content string) bool { return content == "-" })
	return all
}

// renamed is the usual workbook with other paths.
func renamed(oldnew ...string) map[string]string {
	all := map[string]string{}
	replacer := strings.NewReplacer(oldnew...)
	for name, content := range changed(nil) {
		if strings.HasSuffix(name, ".rels") {
			content = replacer.Replace(content)
		}
		all[replacer.Replace(name)] = content
	}
	return all
}

func inUTF16(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func TestPartsAreFound(t *testing.T) {
	t.Parallel()
	const percent, plain = "1 percent:0.25=25 % text:æ😀", "1 number:0.25 text:æ😀"
	unstyled := inRow(`<c s="0"><v>0.25</v></c><c t="inlineStr" s="7"><is><t>æ😀</t></is></c>`)
	styles := parts("")["xl/styles.xml"]
	sheet := parts(inRow(`<c s="1"><v>0.25</v></c><c t="inlineStr"><is><t>æ😀</t></is></c>`))["xl/worksheets/sheet1.xml"]
	workbook := parts("")["xl/workbook.xml"]
	for name, tc := range map[string]struct {
		parts map[string]string
		want  string
	}{
		"as usual":       {changed(nil), percent},
		"another folder": {renamed("xl/", "book/"), percent},
		"no folder":      {renamed("xl/workbook", "workbook", "xl/_rels", "_rels", "xl/", ""), percent},
		"another name":   {renamed("workbook.xml", "WorkBook1.xml"), percent},
		"another case": {
			renamed("xl/_rels/workbook.xml", "XL/_rels/Workbook.XML", "xl/styles.xml", "xl/Styles.xml"), percent,
		},
		"backslashes": {
			changed(map[string]string{"xl/worksheets/sheet1.xml": "-", `xl\worksheets\sheet1.xml`: sheet}), percent,
		},
		"absolute targets": {
			changed(map[string]string{"_rels/.rels": relations("r1", "officeDocument", "/xl/workbook.xml")}), percent,
		},
		"no styles": {
			changed(
				map[string]string{
					"xl/worksheets/sheet1.xml":   unstyled,
					"xl/_rels/workbook.xml.rels": relations("r1", "worksheet", "worksheets/sheet1.xml"),
				}), plain,
		},
		"styles that are not there": {
			changed(map[string]string{"xl/worksheets/sheet1.xml": unstyled, "xl/styles.xml": "-"}), plain,
		},
		"empty style sheet": {
			changed(
				map[string]string{
					"xl/worksheets/sheet1.xml": unstyled,
					"xl/styles.xml":            `<styleSheet xmlns="` + mainSpace + `"/>`,
				}), plain,
		},
		"shared texts not there": {changed(map[string]string{"xl/sharedStrings.xml": "-"}), percent},
		"UTF-16, little": {
			changed(
				map[string]string{
					"xl/worksheets/sheet1.xml": inUTF16(binary.LittleEndian,
						"\ufeff"+strings.Replace(sheet, "UTF-8", "UTF-16", 1)),
				}), percent,
		},
		"UTF-16, big, without mark": {
			changed(map[string]string{"xl/worksheets/sheet1.xml": inUTF16(binary.BigEndian, sheet)}), percent,
		},
		"UTF-16 elsewhere": {
			changed(
				map[string]string{
					"xl/workbook.xml": inUTF16(binary.BigEndian, "\ufeff"+workbook),
					"xl/styles.xml":   inUTF16(binary.LittleEndian, "\ufeff"+styles),
				}), percent,
		},
		"utf8": {
			changed(map[string]string{"xl/worksheets/sheet1.xml": strings.Replace(sheet, "UTF-8", "utf8", 1)}),
			percent,
		},
		"mark before UTF-8": {
			changed(
				map[string]string{
					"xl/worksheets/sheet1.xml": "\ufeff" + sheet,
					"xl/workbook.xml":          "\ufeff" + workbook,
				}), percent,
		},
		"styles under another name": {changed(map[string]string{
			"xl/styles22.xml": strings.Replace(styles, `numFmtId="9"`, `numFmtId="10"`, 1),
			"xl/styles.xml":   strings.Replace(styles, `numFmtId="9"`, `numFmtId="2"`, 1),
			"xl/_rels/workbook.xml.rels": relations("r1", "worksheet", "worksheets/sheet1.xml", "r2", "styles",
				"styles22.xml"),
		}), percent},
		"relations to other things": {
			changed(
				map[string]string{
					"xl/_rels/workbook.xml.rels": strings.Replace(parts("")["xl/_rels/workbook.xml.rels"],
						"<Relationship ",
						`<Relationship Id="e" Type="x/externalLink" TargetMode="External" Target="http://x/%zz"/><Relationship `,
						1),
				}), percent,
		},
		"alternative fonts": {changed(map[string]string{"xl/styles.xml": strings.Replace(styles, "<cellXfs>",
			`<fonts><m:AlternateContent xmlns:m="http://schemas.openxmlformats.org/markup-compatibility/2006"/></fonts><cellXfs>`, 1)}), percent},
		"alternatives beside sheets": {
			changed(map[string]string{"xl/workbook.xml": strings.Replace(workbook, "<sheets>",
				`<m:AlternateContent xmlns:m="http://schemas.openxmlformats.org/markup-compatibility/2006"><m:Choice/></m:AlternateContent><sheets>`, 1)}), percent,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(archived(t, tc.parts))
			require.NoError(t, err)
			require.Equal(t, []string{tc.want}, got)
		})
	}
}

func TestEpoch1904(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"1", "true"} {
		all := parts(inRow(`<c s="2"><v>44591</v></c><c><v>44591</v></c>`))
		all["xl/workbook.xml"] = strings.Replace(all["xl/workbook.xml"], "<sheets>",
			`<workbookPr date1904="`+value+`"/><sheets>`, 1)
		got, err := read(archived(t, all))
		require.NoError(t, err)
		require.Equal(t, []string{"1 date:44591=2026-01-31 number:44591"}, got)
	}
}

func TestSheetsAreListed(t *testing.T) {
	t.Parallel()
	all := parts(inRow(""))
	all["xl/workbook.xml"] = `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relationSpace +
		`"><sheets><sheet name="A &amp; B" r:id="r1"/><sheet name="chart" r:id="r4"/><sheet name="module" r:id=""/>` +
		`<sheet name="C" state="hidden" r:id="r1"/><sheet name="D" state="veryHidden" r:id="r1"/></sheets></workbook>`
	all["xl/_rels/workbook.xml.rels"] = relations("r1", "worksheet", "worksheets/sheet1.xml", "r4", "chartsheet",
		"chartsheets/sheet1.xml")
	data := archived(t, all)
	book, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	require.Len(t, book.Sheets, 3)
	for i, want := range []string{"A & B", "C", "D"} {
		require.Equal(t, want, book.Sheets[i].Name)
		require.Equal(t, i == 0, book.Sheets[i].Visible)
	}
}

func TestFormatsOfTheFile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ formats, style, value, want string }{
		"built in":              {``, "9", "0.25", "percent:0.25=25 %"},
		"built in date":         {``, "14", "46351.5", "date:46351.5=2026-11-25 12:00:00"},
		"built in month":        {``, "17", "46351", "date:46351=2026-11-25"},
		"built in time":         {``, "46", "1.5", "time:1.5=36:00:00"},
		"built in date of Asia": {``, "31", "46351", "date:46351=2026-11-25"},
		"built in thousands":    {``, "4", "1250", "number:1250"},
		"built in exponent":     {``, "11", "4711", "number:4711"},
		"built in text":         {``, "49", "4711", "number:4711"},
		"built in currency":     {``, "44", "1250", "number:1250"},
		"no style format":       {``, "", "4711", "number:4711"},
		"own id": {
			`<numFmt numFmtId="164" formatCode="0%"/>`, "164", "0.25",
			"percent:0.25=25 %",
		},
		"counted from 59":        {`<numFmt numFmtId="59" formatCode="0%"/>`, "59", "0.25", "percent:0.25=25 %"},
		"59 that nobody defined": {``, "59", "0.25", "number:0.25"},
		"2 redefined as percent": {
			`<numFmt numFmtId="2" formatCode="0.00%"/>`, "2", "0.25",
			"percent:0.25=25 %",
		},
		"9 redefined as number":  {`<numFmt numFmtId="9" formatCode="0.00"/>`, "9", "0.25", "number:0.25=0.25"},
		"14 redefined as number": {`<numFmt numFmtId="14" formatCode="0"/>`, "14", "25", "number:25"},
		"another section for the value": {
			`<numFmt numFmtId="164" formatCode="[=0]&quot;-&quot;;0%"/>`, "164",
			"0.25", "percent:0.25=25 %",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			style := strings.ReplaceAll(
				`<styleSheet xmlns="NS"><numFmts>FORMATS</numFmts><cellXfs><xf/><xf numFmtId="ID"/></cellXfs></styleSheet>`, "NS", mainSpace)
			style = strings.NewReplacer("FORMATS", tc.formats, "ID", tc.style).Replace(style)
			all := parts(inRow(`<c s="1"><v>` + tc.value + `</v></c>`))
			all["xl/styles.xml"] = strings.ReplaceAll(style, ` numFmtId=""`, "")
			got, err := read(archived(t, all))
			require.NoError(t, err)
			require.Equal(t, []string{strings.ReplaceAll("1 "+tc.want, "0.25=0.25", "0.25")}, got)
		})
	}
}

func TestWorkbooksRefused(t *testing.T) {
	t.Parallel()
	workbook := parts("")["xl/workbook.xml"]
	doctype := func(part string) map[string]string {
		return changed(map[string]string{part: "<!DOCTYPE x>" + strings.TrimPrefix(changed(nil)[part], declaration)})
	}
	for name, tc := range map[string]struct {
		data []byte
		kind xlsx.ErrorKind
		says string
	}{
		"empty":        {nil, xlsx.Damaged, "the zip archive of the workbook cannot be read"},
		"text":         {[]byte("a;b\n1;2\n"), xlsx.Damaged, "cannot be read"},
		"cut":          {archived(t, changed(nil))[:500], xlsx.Damaged, "cannot be read"},
		"old workbook": {[]byte("\xd0\xcf\x11\xe0" + strings.Repeat("x", 70_000)), xlsx.OldFormat, ".xls"},
		"password": {
			[]byte("\xd0\xcf\x11\xe0" + strings.Repeat("x", 65_520) +
				inUTF16(binary.LittleEndian, "EncryptedPackage")), xlsx.Password, "password",
		},
		"archive": {archived(t, map[string]string{"a.csv": "1"}), xlsx.NotWorkbook, "archive"},
		"document": {
			archived(t, map[string]string{"_rels/.rels": relations("r", "x", "y")}),
			xlsx.NotWorkbook, "not a workbook",
		},
		"OpenDocument": {
			archived(t, map[string]string{"mimetype": "x", "content.xml": "x"}),
			xlsx.NotWorkbook, "OpenDocument",
		},
		"binary workbook": {
			archived(t, map[string]string{"_rels/.rels": relations("r", "officeDocument", "xl/workbook.bin")}),
			xlsx.OldFormat, "XLSB",
		},
		"no workbook part": {
			archived(t, changed(map[string]string{"xl/workbook.xml": "-"})), xlsx.Damaged,
			"part xl/workbook.xml is missing",
		},
		"no relations": {
			archived(t, changed(map[string]string{"xl/_rels/workbook.xml.rels": "-"})),
			xlsx.Damaged, "part xl/_rels/workbook.xml.rels is missing",
		},
		"no sheet part": {
			archived(t, changed(map[string]string{"xl/worksheets/sheet1.xml": "-"})),
			xlsx.Damaged, "part xl/worksheets/sheet1.xml is missing",
		},
		"sheet without relation": {
			archived(t,
				changed(
					map[string]string{"xl/workbook.xml": strings.Replace(workbook, `r:id="r1"`, `r:id="r9"`, 1)})),
			xlsx.Damaged, `part xl/workbook.xml: sheet "Lines" has no part`,
		},
		"part twice": {
			archived(t, changed(map[string]string{"XL/styles.xml": "x"})), xlsx.Damaged,
			"the archive has this part twice",
		},
		"two style sheets": {archived(t, changed(map[string]string{
			"xl/other.xml": parts("")["xl/styles.xml"],
			"xl/_rels/workbook.xml.rels": relations("r1", "worksheet", "worksheets/sheet1.xml", "r2", "styles",
				"styles.xml", "r3", "styles", "other.xml"),
		})), xlsx.Damaged, "two parts for its styles"},
		"document type in relations": {
			archived(t, doctype("_rels/.rels")), xlsx.Damaged,
			"part _rels/.rels: byte 0: the part has a document type",
		},
		"document type in workbook": {archived(t, doctype("xl/workbook.xml")), xlsx.Damaged, "document type"},
		"document type in styles":   {archived(t, doctype("xl/styles.xml")), xlsx.Damaged, "document type"},
		"document type in texts": {
			archived(t, doctype("xl/sharedStrings.xml")), xlsx.Damaged,
			"part xl/sharedStrings.xml: byte 0: the part has a document type",
		},
		"alternative sheets": {
			archived(t, changed(map[string]string{"xl/workbook.xml": strings.Replace(workbook, "<sheets>",
				`<sheets><m:AlternateContent xmlns:m="http://schemas.openxmlformats.org/markup-compatibility/2006"/>`,
				1)})), xlsx.Damaged, "<AlternateContent>",
		},
		"formats of another namespace": {
			archived(t,
				changed(map[string]string{"xl/styles.xml": strings.Replace(parts("")["xl/styles.xml"], "<numFmts>",
					`<numFmts><x:numFmt xmlns:x="urn:other" numFmtId="164" formatCode="0%"/>`, 1)})), xlsx.Damaged,
			"<numFmt> of another namespace among numFmts",
		},
		"alternative formats": {
			archived(t,
				changed(map[string]string{"xl/styles.xml": strings.Replace(parts("")["xl/styles.xml"], "<cellXfs>",
					`<cellXfs><m:AlternateContent xmlns:m="http://schemas.openxmlformats.org/markup-compatibility/2006"/>`,
					1)})), xlsx.Damaged, "<AlternateContent>",
		},
		"alternative texts": {archived(t, changed(map[string]string{
			"xl/sharedStrings.xml": `<sst xmlns="x" xmlns:m="http://schemas.openxmlformats.org/markup-compatibility/2006"><si><m:AlternateContent/></si></sst>`,
		})), xlsx.Damaged, "<AlternateContent> in a text"},
		"other elements among texts": {
			archived(t, changed(map[string]string{"xl/sharedStrings.xml": `<sst><t>x</t></sst>`})), xlsx.Damaged,
			"<t> among the shared texts",
		},
		"a style without styles": {
			archived(t, changed(map[string]string{"xl/styles.xml": "-"})), xlsx.Damaged,
			"style 1, but the workbook has only 0 styles",
		},
		"styles that are none": {
			archived(t, changed(map[string]string{"xl/styles.xml": "<x/>"})),
			xlsx.Damaged, "part xl/styles.xml: byte 4: <x> where <styleSheet> should be",
		},
		"styles that are cut": {
			archived(t, changed(map[string]string{"xl/styles.xml": "<styleSheet>"})),
			xlsx.Damaged, "the part ends before it is complete",
		},
		"format that is no id": {
			archived(t,
				changed(
					map[string]string{
						"xl/styles.xml": `<styleSheet><cellXfs><xf numFmtId="nine"/></cellXfs></styleSheet>`,
					})),
			xlsx.Damaged, `"nine"`,
		},
		"text between styles": {
			archived(t,
				changed(map[string]string{"xl/styles.xml": `<styleSheet><cellXfs>0<xf/></cellXfs></styleSheet>`})),
			xlsx.Damaged, "text between elements",
		},
		"replaced character": {
			archived(t,
				changed(
					map[string]string{"xl/workbook.xml": "\xff\xfe" +
						inUTF16(binary.LittleEndian, "<workbook x='\ufffd'/>")})), xlsx.Encoding, "half a character",
		},
		"half a character": {
			archived(t, changed(map[string]string{"xl/workbook.xml": "\xff\xfe<\x00a\x00\x00\xd8>\x00"})),
			xlsx.Encoding, "half a character",
		},
		"half a unit": {
			archived(t,
				changed(
					map[string]string{"xl/workbook.xml": "\xff\xfe" + inUTF16(binary.LittleEndian, "<workbook>") +
						"x"})), xlsx.Encoding, "half a character",
		},
		"too many sheets": {
			archived(t,
				changed(
					map[string]string{
						"xl/workbook.xml": strings.Replace(workbook, "<sheets>",
							"<sheets>"+strings.Repeat(`<sheet name="x" r:id="r1"/>`, 250), 1),
					})),
			xlsx.TooLarge, "more than 250 sheets",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(tc.data)
			requireRefused(t, err, tc.kind, tc.says)
		})
	}
}

// TestSizesThatLie holds that a part must be as long as the archive says.
func TestSizesThatLie(t *testing.T) {
	t.Parallel()
	sheet := inRow(`<c><v>5</v></c>`)
	for _, off := range []int{-1, 1, -100, 100} {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for name, content := range parts(sheet) {
			size := len(content)
			if content == sheet {
				size += off
			}
			to, err := w.CreateRaw(&zip.FileHeader{
				Name: name, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte(content)),
				UncompressedSize64: uint64(size), CompressedSize64: uint64(len(deflated(t, content))),
			})
			require.NoError(t, err)
			_, err = to.Write(deflated(t, content))
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		_, err := read(out.Bytes())
		requireRefused(t, err, xlsx.Damaged, "part xl/worksheets/sheet1.xml")
	}
}

func deflated(tb testing.TB, content string) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	require.NoError(tb, err)
	_, err = w.Write([]byte(content))
	require.NoError(tb, err)
	require.NoError(tb, w.Close())
	return out.Bytes()
}

// TestBombs holds that small files which unpack to much are refused.
func TestBombs(t *testing.T) {
	t.Parallel()
	data := archived(t,
		parts(inRow(`<c><v>5</v></c>`)+strings.Repeat("<!--"+strings.Repeat(" ", 64<<10-7)+"-->", 80<<20/(64<<10))))
	_, err := read(data)
	requireRefused(t, err, xlsx.TooLarge, "unpacks to 80 MiB")

	data = archived(t,
		parts(inRow(`<c><v>5</v></c>`)+strings.Repeat("<!--"+strings.Repeat(" ", 64<<10-7)+"-->", 16<<20/(64<<10))))
	got, err := read(data)
	require.NoError(t, err)
	require.Equal(t, []string{"1 number:5"}, got)

	_, err = read(archived(t, parts(inRow(`<c t="str"><v>`+strings.Repeat("x", 3<<20)+`</v></c>`))))
	requireRefused(t, err, xlsx.TooLarge, "longer than 2 MiB")
	_, err = read(archived(t, parts("<worksheet>"+strings.Repeat("<a>", 100))))
	requireRefused(t, err, xlsx.Damaged, "deeper")

	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := range 10_001 {
		_, err := w.Create("p" + strings.Repeat("0", i%7) + string(rune(0x4e00+i)))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	_, err = read(out.Bytes())
	requireRefused(t, err, xlsx.TooLarge, "more than 10000 parts")
}
