package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

func TestTemplateDescribesEveryColumn(t *testing.T) {
	t.Parallel()
	for _, c := range billing.Columns() {
		info := c.Info()
		require.NotEmpty(t, info.Needed, info.Name)
		require.NotEmpty(t, info.Meaning, info.Name)
		require.NotEmpty(t, info.Example, info.Name)
		require.Contains(t, []int{0, len(exampleTitles())}, len(info.TemplateLines), info.Name)
		if info.Kind == billing.Choice {
			require.Contains(t, info.Choices, info.Example, info.Name)
		}
	}
}

func templateFile(t *testing.T) (string, *excelize.File) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, WriteTemplate(&out, XLSX))
	path := filepath.Join(t.TempDir(), "template.xlsx")
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	f, err := excelize.OpenFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return path, f
}

func TestTemplateSetUp(t *testing.T) {
	t.Parallel()
	path, f := templateFile(t)
	require.Equal(t, []string{"Lines", "Example", "Columns", "Choices"}, f.GetSheetList())
	visible, err := f.GetSheetVisible("Choices")
	require.NoError(t, err)
	require.False(t, visible)
	header, err := f.GetRows("Lines")
	require.NoError(t, err)
	require.Len(t, header, 1, "nothing is filled in")
	comments, err := f.GetComments("Lines")
	require.NoError(t, err)
	require.Len(t, comments, len(header[0]))
	lists, err := f.GetDataValidations("Lines")
	require.NoError(t, err)
	var listed []string
	for _, list := range lists {
		listed = append(listed, list.Formula1)
	}
	require.Contains(t, listed, "'Choices'!$C$1:$C$3", "the products")
	require.Len(t, lists, 5)
	postal, err := excelize.ColumnNumberToName(slices.Index(header[0], "postal_code") + 1)
	require.NoError(t, err)
	id, err := f.GetColStyle("Lines", postal)
	require.NoError(t, err)
	style, err := f.GetStyle(id)
	require.NoError(t, err)
	require.Equal(t, 49, style.NumFmt, "text, so that 0253 stays")

	_, err = intake.Open(context.Background(), path, intake.Options{})
	var refusal *intake.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "file.no_rows", refusal.Code)
	require.Equal(t, "Lines", refusal.Sheet)
}

// The lines of sheet Example, copied into Lines, make orders without a problem.
func TestTemplateFilledIn(t *testing.T) {
	t.Parallel()
	path, f := templateFile(t)
	example, err := f.GetRows("Example", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	header, err := f.GetRows("Lines")
	require.NoError(t, err)
	for i, row := range example[4:] {
		require.Equal(t, header[0][i], row[0], "in the order of Lines")
		for line := 1; line < len(row); line++ {
			if row[line] == "" {
				continue
			}
			kind, err := f.GetCellType("Example", ref(line+1, i+5))
			require.NoError(t, err)
			if kind == excelize.CellTypeSharedString {
				require.NoError(t, f.SetCellStr("Lines", ref(i+1, line+1), row[line]))
			} else {
				require.NoError(t, f.SetCellDefault("Lines", ref(i+1, line+1), row[line]))
			}
		}
	}
	require.NoError(t, f.SaveAs(path))
	file, err := intake.Open(context.Background(), path, intake.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	require.Equal(t, 4, file.Rows)
	scratch, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, scratch.Close()) })
	grouper := billing.NewGrouper(
		&billing.Rules{DaysUntilDue: 14, Channel: billing.ChannelKravia, Today: "2026-12-01"}, scratch)
	grouper.AddTable(file.Tables[0])
	for rec, err := range file.Records(context.Background()) {
		require.NoError(t, err)
		require.NoError(t, grouper.Add(rec))
	}
	totals := map[string]int64{}
	for group, err := range grouper.Groups() {
		require.NoError(t, err)
		for _, row := range group.Rows {
			require.Empty(t, row.Problems)
		}
		totals[group.Reference] = group.Order.Gross.Minor()
	}
	require.Equal(t,
		map[string]int64{"2026-11-K1001": 199_00 + 58_80, "2026-11-K2001": 99_00, "2026-11-K3001": 1169_10}, totals)
}

func TestTemplateAsCSV(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, WriteTemplate(&out, CSV))
	table, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Len(t, table, 1)
	require.Equal(t, "order_reference", table[0][0])
	require.Contains(t, table[0], "description")
	require.Error(t, WriteTemplate(&out, JSON))
}
