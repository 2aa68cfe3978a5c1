package xlsx_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/xlsx"
)

// export is a workbook of that many rows of texts, numbers and dates, as billing exports have them.
func export(tb testing.TB, rows int) []byte {
	tb.Helper()
	book := excelize.NewFile()
	code := "dd.mm.yyyy"
	date, err := book.NewStyle(&excelize.Style{CustomNumFmt: &code})
	require.NoError(tb, err)
	w, err := book.NewStreamWriter("Sheet1")
	require.NoError(tb, err)
	for i := range rows {
		require.NoError(tb, w.SetRow(fmt.Sprintf("A%d", i+1), []any{
			fmt.Sprintf("F26-%06d", i/3), 10_000 + i/3, "b2b", fmt.Sprintf("Fjord %d Eiendom AS", i/3), 974_760_673,
			"faktura@fjord.example",
			"Kaigata 4", "5003", "Bergen", "NO", fmt.Sprintf("Leie av kontor, måned %d", i%12), 1 + i%4,
			299.5 + float64(i%1000)/4, 25,
			excelize.Cell{StyleID: date, Value: 46_000 + i%300},
			"NOK",
		}))
	}
	require.NoError(tb, w.Flush())
	var out bytes.Buffer
	require.NoError(tb, book.Write(&out))
	require.NoError(tb, book.Close())
	return out.Bytes()
}

// eachRow calls visit with the rows of the first sheet.
func eachRow(data []byte, visit func(*xlsx.Row)) error {
	book, err := xlsx.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	rows, err := book.Rows(book.Sheets[0])
	if err != nil {
		return err
	}
	for {
		row, err := rows.Next()
		if err == io.EOF { //nolint:errorlint // documented to be it
			return nil
		}
		if err != nil {
			return err
		}
		visit(row)
	}
}

func BenchmarkRows(b *testing.B) {
	data := export(b, 20_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		count := 0
		require.NoError(b, eachRow(data, func(row *xlsx.Row) { count += len(row.Cells) }))
		require.Equal(b, 320_000, count)
	}
}

func BenchmarkText(b *testing.B) {
	data := export(b, 20_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		size := 0
		require.NoError(b, eachRow(data, func(row *xlsx.Row) {
			for i := range row.Cells {
				size += len(row.Cells[i].Text())
			}
		}))
		require.NotZero(b, size)
	}
}
