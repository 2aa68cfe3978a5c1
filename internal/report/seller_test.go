package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

func TestSellerIsNamed(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"Eksempel AS":            "&LEksempel AS  2026-11&R&BSANDBOX",
		"Fjord & Fjell\n\x1bAS":  "&LFjord && Fjell↵\ufffdAS  2026-11&R&BSANDBOX",
		strings.Repeat("&", 150): "&L" + strings.Repeat("&&", 99) + "…  2026-11&R&BSANDBOX",
	} {
		r := makeReport(everyState())
		r.Run.Seller = name
		r.Control.LeftOut, r.LeftOut = 1, again([]billing.LeftOut{leftOutRow(2, "1", "")})
		r.rowsPerSheet = 10
		_, f := written(t, r)
		require.Equal(t, clean(name), shown(t, f, "Summary", "A1"))
		require.Contains(t, shown(t, f, "Summary", "A2"), "SANDBOX")
		for _, sheet := range f.GetSheetList() {
			words, err := f.GetHeaderFooter(sheet)
			require.NoError(t, err)
			require.Equal(t, header, words.OddHeader, sheet)
			require.Equal(t, "&L20261122-130405-ab12&C&A&RPage &P of &N", words.OddFooter, sheet)
		}
	}
}

func TestSellerInTheJSONSummary(t *testing.T) {
	t.Parallel()
	r := makeReport(everyState())
	data, err := json.Marshal(reconciled(t, r))
	require.NoError(t, err)
	require.NotContains(t, string(data), "seller")
	r.Run.Seller = "Eksempel AS"
	data, err = json.Marshal(reconciled(t, r))
	require.NoError(t, err)
	require.Contains(t, string(data), `"account":"","seller":"Eksempel AS","period":"2026-11","files":`)
}

// A register is one of the files, but the report is not named after it.
func TestRegisterAmongTheFiles(t *testing.T) {
	t.Parallel()
	r := makeReport([]ended{{billing.FinalInvoiced, []int64{29900}, "NOK"}})
	r.Run.Files = append([]File{{Name: "kunder.csv", SHA256: "ab", Rows: 120, Register: "customers"}}, r.Run.Files...)
	require.Equal(t, "lines_20261122-130405-ab12", fileName(&r.Run))
	s := reconciled(t, r)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	require.Contains(t, string(data),
		`"files":[{"name":"kunder.csv","sha256":"ab","rows":120,"register":"customers"},{"name":"lines.csv",`)
	_, f := written(t, r)
	require.Equal(t, "120", shown(t, f, "Summary", cellOf(t, f, "kunder.csv (register customers)", 1)))
}
