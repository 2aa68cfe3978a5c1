package main

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

const linesPerOrder = 4

// columns are those of the data, in the program's own names.
func columns() []string {
	return []string{
		"order_reference", "customer_number", "product", "currency", "days_until_due", "business_name",
		"organization_number", "first_name",
		"last_name", "email", "phone_number", "address_line", "postal_code", "postal_place", "country", "line_id",
		"item_id", "description",
		"quantity", "amount", "vat", "delivery_date",
	}
}

// lines makes rows of orders of four lines each, in random order, the same in every run. Two of three orders are to a
// business.
func lines(rows int, take func(row []string) error) error {
	random := rand.New(rand.NewPCG(1, 2))
	numbers := make([]int, (rows+linesPerOrder-1)/linesPerOrder)
	for _, at := range random.Perm(rows) {
		order := at / linesPerOrder
		numbers[order]++
		if err := take(line(random, order, numbers[order])); err != nil {
			return err
		}
	}
	return nil
}

func line(random *rand.Rand, order, number int) []string {
	product, business, organization := "b2c", "", ""
	if order%3 != 0 {
		product, business, organization = "b2b", fmt.Sprintf(`Firma %d "Nord", AS`, order), organizationNumber(order)
	}
	place := []string{"0151 Oslo", "5003 Bergen", "7011 Trondheim", "4006 Stavanger"}[order%4]
	minor := 1000 + random.IntN(899_000)
	return []string{
		fmt.Sprintf("INV-2026-%07d", order), strconv.Itoa(10_000 + order), product, "NOK", "14", business,
		organization, "Kari",
		fmt.Sprintf("Nordmann%d", order), fmt.Sprintf("kari%d@example.no", order),
		fmt.Sprintf("+47%d", 40_000_000+order%9_000_000),
		fmt.Sprintf("Storgata %d", order%200), place[:4], place[5:], "NO", fmt.Sprintf("l%d", number),
		fmt.Sprintf("SKU-%d", random.IntN(500)),
		fmt.Sprintf("Abonnement, oktober %d", number), strconv.Itoa(1 + random.IntN(8)),
		fmt.Sprintf("%d.%02d", minor/100, minor%100),
		[]string{"25", "25", "25", "15", "12", "0"}[random.IntN(6)], fmt.Sprintf("2026-10-%02d", 1+random.IntN(28)),
	}
}

// organizationNumber is a valid Norwegian one: its last digit is a checksum, and numbers whose checksum would be 10 are
// skipped.
func organizationNumber(order int) string {
	for base := 90_000_000 + order*7%9_000_000; ; base++ {
		sum, rest := 0, base
		for _, weight := range []int{2, 3, 4, 5, 6, 7, 2, 3} {
			sum += rest % 10 * weight
			rest /= 10
		}
		if check := (11 - sum%11) % 11; check < 10 {
			return fmt.Sprintf("%d%d", base, check)
		}
	}
}

// writeCSV writes the data as CSV.
func writeCSV(path string, rows int) error {
	return written(path, func(out io.Writer) error {
		w := csv.NewWriter(out)
		if err := w.Write(columns()); err != nil {
			return err
		}
		if err := lines(rows, w.Write); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	})
}

// writeXLSX writes the data as Excel stores it: each text once, in a part of its own, and numbers as numbers.
func writeXLSX(path string, rows int) error {
	return written(path, func(out io.Writer) error {
		archive := zip.NewWriter(out)
		for name, content := range smallParts() {
			if err := writePart(archive, name, func(w *bufio.Writer) error {
				_, err := w.WriteString(content)
				return err
			}); err != nil {
				return err
			}
		}
		texts := sharedTexts{at: map[string]int{}}
		if err := writePart(archive, "xl/worksheets/sheet1.xml", func(w *bufio.Writer) error {
			return writeSheet(w, rows, &texts)
		}); err != nil {
			return err
		}
		if err := writePart(archive, "xl/sharedStrings.xml", texts.write); err != nil {
			return err
		}
		return archive.Close()
	})
}

// smallParts are the parts of a workbook that only say that it has one sheet and shared texts.
func smallParts() map[string]string {
	const (
		space     = "http://schemas.openxmlformats.org/"
		relations = xml.Header + `<Relationships xmlns="` + space + `package/2006/relationships">`
		kind      = `Type="` + space + `officeDocument/2006/relationships/`
		content   = `ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.`
	)
	return map[string]string{
		"[Content_Types].xml": xml.Header + `<Types xmlns="` + space + `package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ` + content + `sheet.main+xml"/>` +
			`<Override PartName="/xl/worksheets/sheet1.xml" ` + content + `worksheet+xml"/>` +
			`<Override PartName="/xl/sharedStrings.xml" ` + content + `sharedStrings+xml"/></Types>`,
		"_rels/.rels": relations + `<Relationship Id="r1" ` + kind +
			`officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels": relations + `<Relationship Id="r1" ` + kind +
			`worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" ` + kind + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/workbook.xml": xml.Header + `<workbook ` + spreadsheet + ` xmlns:r="` + space +
			`officeDocument/2006/relationships">` +
			`<sheets><sheet name="Lines" sheetId="1" r:id="r1"/></sheets></workbook>`,
	}
}

// spreadsheet declares the namespace of parts of a workbook.
const spreadsheet = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`

func writePart(archive *zip.Writer, name string, write func(*bufio.Writer) error) error {
	part, err := archive.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(part)
	return errors.Join(write(w), w.Flush())
}

// writeSheet writes the rows. Each text cell holds the number of a shared text.
func writeSheet(w *bufio.Writer, rows int, texts *sharedTexts) error {
	fmt.Fprintf(w, `%s<worksheet %s><sheetData>`, xml.Header, spreadsheet)
	number := 0
	write := func(row []string) error {
		number++
		fmt.Fprintf(w, `<row r="%d" spans="1:%d">`, number, len(row))
		for i, value := range row {
			switch columns()[i] {
			case "days_until_due", "quantity", "amount", "vat":
				if number > 1 {
					fmt.Fprintf(w, `<c r="%c%d"><v>%s</v></c>`, 'A'+i, number, value)
					continue
				}
			}
			if value != "" {
				fmt.Fprintf(w, `<c r="%c%d" t="s"><v>%d</v></c>`, 'A'+i, number, texts.number(value))
			}
		}
		_, err := w.WriteString("</row>")
		return err
	}
	if err := write(columns()); err != nil {
		return err
	}
	if err := lines(rows, write); err != nil {
		return err
	}
	_, err := w.WriteString("</sheetData></worksheet>")
	return err
}

// sharedTexts are the texts of a workbook in the order of their first use.
type sharedTexts struct {
	at   map[string]int
	list []string
}

func (t *sharedTexts) number(text string) int {
	n, ok := t.at[text]
	if !ok {
		n = len(t.list)
		t.at[text], t.list = n, append(t.list, text)
	}
	return n
}

func (t *sharedTexts) write(w *bufio.Writer) error {
	fmt.Fprintf(w, `%s<sst %s uniqueCount="%d">`, xml.Header, spreadsheet, len(t.list))
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	for _, text := range t.list {
		fmt.Fprintf(w, "<si><t>%s</t></si>", escape.Replace(text))
	}
	_, err := w.WriteString("</sst>")
	return err
}

// written makes a file.
func written(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
