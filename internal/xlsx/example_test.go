package xlsx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"kraviabatch/internal/xlsx"
)

func Example() {
	data, err := os.ReadFile("testdata/openpyxl.xlsx")
	if err != nil {
		log.Fatal(err)
	}
	book, err := xlsx.Open(bytes.NewReader(data), int64(len(data))) // a file is read from where it lies
	if err != nil {
		log.Fatal(err)
	}
	rows, err := book.Rows(book.Sheets[0])
	if err != nil {
		log.Fatal(err)
	}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break // only now is it certain that nothing is missing
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(row.Number)
		for i := range row.Cells {
			fmt.Print(" | ", row.Cells[i].Text())
		}
		fmt.Println()
	}
	// Output:
	// 1 | order_reference | description | amount | vat | due_date | postal_code
	// 2 | A1 | Subscription | 299.5 | 25 | 2026-01-31 | 0151
	// 3 | A2 | Støtte | 1299 | 25.5 | 2026-02-28 | 151
}

func ExampleCell_Text() {
	for _, c := range []xlsx.Cell{
		{Value: "F26-4711", Kind: xlsx.Text},
		{Value: "299.00000000000006", Kind: xlsx.Number},
		{Value: "0.25", Kind: xlsx.Percent},
		{Value: "46356.3333333333", Kind: xlsx.Date},
	} {
		fmt.Println(c.Text())
	}
	// Output:
	// F26-4711
	// 299
	// 25 %
	// 2026-11-30 08:00:00
}
