package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func TestSIE(t *testing.T) {
	t.Parallel()
	orders := small()
	orders[2].Gross, orders[2].VAT = money.New(5000, money.MustCurrency("SEK")), money.New(0, money.MustCurrency("SEK"))
	orders[2].Customer, orders[2].Particulars.CostCenter = "Łódź–\"Sør\" \\ 日本\x1b", "Öst 2"
	files, err := filesOf(t, t.TempDir(), reportOf(orders...), SIE)
	require.NoError(t, err)
	text, err := charmap.CodePage437.NewDecoder().String(files[".si"])
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(`#FLAGGA 0
#PROGRAM "kravia-batch" "1.0.0"
#FORMAT PC8
#GEN 20261122
#SIETYP 4
#FNAMN "Blåfjell Ærlig & Sönn \"AB\""
#VALUTA SEK
#DIM 1 "Kostnadsställe"
#OBJEKT 1 "410" "410"
#OBJEKT 1 "Öst 2" "Öst 2"
#VER "" "" 20261122 "Invoice 100201, Fjord & Fjell AS"
{
#TRANS 1500 {} 988.50 20261122 "Invoice 100201, Fjord & Fjell AS"
#TRANS 3000 {1 "410"} -800.00 20261122 "Invoice 100201, Fjord & Fjell AS"
#TRANS 2700 {} -200.00 20261122 "Invoice 100201, Fjord & Fjell AS"
#TRANS 3010 {1 "410"} 10.00 20261122 "Invoice 100201, Fjord & Fjell AS"
#TRANS 2701 {} 1.50 20261122 "Invoice 100201, Fjord & Fjell AS"
}
#VER "" "" 20261122 "Invoice 100203, ?ódz-\"Sör\" / ???"
{
#TRANS 1500 {} 50.00 20261122 "Invoice 100203, ?ódz-\"Sör\" / ???"
#TRANS 3108 {1 "Öst 2"} -50.00 20261122 "Invoice 100203, ?ódz-\"Sör\" / ???"
}
#VER "" "" 20261122 "Invoice 100206, Nord AB"
{
#TRANS 1500 {} 1.25 20261122 "Invoice 100206, Nord AB"
#TRANS 3000 {} -1.00 20261122 "Invoice 100206, Nord AB"
#TRANS 2700 {} -0.25 20261122 "Invoice 100206, Nord AB"
}
#VER "" "" 20261201 "Cancelled invoice 100206-C, Nord AB"
{
#TRANS 1500 {} -1.25 20261201 "Cancelled invoice 100206-C, Nord AB"
#TRANS 3000 {} 1.00 20261201 "Cancelled invoice 100206-C, Nord AB"
#TRANS 2700 {} 0.25 20261201 "Cancelled invoice 100206-C, Nord AB"
}
`, "\n", "\r\n"), text)
	for _, sum := range readSIE(t, text) {
		require.Zero(t, sum)
	}
}

// A text may lose an accent, but a changed cost center would post money to another one.
func TestSIEKeepsCostCenters(t *testing.T) {
	t.Parallel()
	of := func(seq int, center string) Order {
		return posted(seq, ByThisRun, "SEK", "Sør AS", center, billing.VATShare{Rate: 2500, Gross: 125, VAT: 25})
	}
	files, err := filesOf(t, t.TempDir(),
		reportOf(of(1, "Öst \"2\""), of(2, "Ærø"), of(3, "a\\b"), of(4, "Øst"), of(5, "Øst"), of(6, "")), SIE)
	require.EqualError(t, err,
		`an SIE file is in code page 437, which cannot have these cost centers as they are: "a\\b", "Ærø", "Øst"; rename them in your ledger and the input, or use --format postings`)
	require.Empty(t, files)

	var many []Order
	for seq := range maxPostingProblems + 1 {
		many = append(many, of(seq+1, fmt.Sprintf("Ø%02d", seq+1)))
	}
	_, err = filesOf(t, t.TempDir(), reportOf(many...), SIE)
	require.ErrorContains(t, err, `"Ø09", "Ø10" and more; rename`)

	files, err = filesOf(t, t.TempDir(), reportOf(of(1, "Öst \"2\"")), SIE)
	require.NoError(t, err)
	text, err := charmap.CodePage437.NewDecoder().String(files[".si"])
	require.NoError(t, err)
	require.Contains(t, text, `#OBJEKT 1 "Öst \"2\"" "Öst \"2\""`)
}

// sieField is a field of a line: in quotes, between braces, or up to a space.
var sieField = regexp.MustCompile(`"(?:\\"|[^"])*"|\{[^}]*\}|[^ ]+`)

// readSIE gives the sum of each voucher in minor units.
func readSIE(t *testing.T, text string) (sums []int64) {
	t.Helper()
	open := false
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		fields := sieField.FindAllString(line, -1)
		switch fields[0] {
		case "#VER":
			require.Len(t, fields, 5)
			require.False(t, open)
			sums = append(sums, 0)
		case "{}", "{", "}":
			open = fields[0] == "{"
		case "#TRANS":
			require.True(t, open)
			require.Len(t, fields, 6)
			sums[len(sums)-1] += minorOf(t, fields[3])
		default:
			require.Empty(t, sums, line)
			require.True(t, strings.HasPrefix(line, "#"), line)
		}
	}
	require.False(t, open)
	require.Len(t, sums, 4)
	return sums
}

func TestSIEHasOneCurrency(t *testing.T) {
	t.Parallel()
	files, err := filesOf(t, t.TempDir(), reportOf(small()...), SIE)
	require.EqualError(t, err, "an SIE file has one currency, and the vouchers are in SEK, NOK: use --format postings")
	require.Empty(t, files)
}
