package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/intake"
)

// TestWidths holds records that are shorter or longer than the header against what the file shows of them.
func TestWidths(t *testing.T) {
	t.Parallel()
	const header = "order_reference;email;description;amount;cost_center;customer_reference\n"
	row := func(n int, rest string) string { return fmt.Sprintf("A%d;a@b.no;x;10.50%s\n", n, rest) }
	var block, mixed strings.Builder // 15 rows beside the header, then 16 that end earlier
	for n := range 31 {
		rest := ";;"
		if n == 3 {
			rest = ";4100;Kari"
		}
		if n >= 15 {
			rest = ""
		}
		block.WriteString(row(n, rest))
		if n == 20 {
			rest = ";"
		}
		mixed.WriteString(row(n, rest))
	}
	for name, tc := range map[string]struct {
		content string
		records int    // 0: refused
		says    string // by the refusal
	}{
		"all whole":                      {header + row(1, ";;") + row(2, ";4100;Kari"), 2, ""},
		"a delimiter behind each record": {header + row(1, ";;;") + row(2, ";4100;Kari;"), 2, ""},
		"several behind each record":     {header + row(1, ";;;;;") + row(2, ";4100;Kari;;;"), 2, ""},
		"a delimiter behind some":        {header + row(1, ";4100;Kari") + row(2, ";4100;Kari;"), 2, ""},
		"one that another may have pushed": {
			header + row(1, ";4100;") + row(2, ";4100;Kari;"), 0,
			"line 3 has 7 cells where the header has 6",
		},
		"a header without its delimiter": {
			"order_reference;noteemail;description;amount;cost_center\nA1;x;a@b.no;y;10;\n", 0, "line 2 has 6 cells",
		},
		"text beyond the header": {
			header + row(1, ";4100;Kari") + row(2, ";4100;Kari;x"), 0,
			"line 3 has 7 cells",
		},
		"empty header at the end": {strings.Replace(header, "\n", ";\n", 1) + row(1, ";4100;Kari") +
			row(2, ";;Ola"), 2, ""},
		"empty header, some delimiters": {strings.Replace(header, "\n", ";;\n", 1) + row(1, ";4100;Kari") +
			row(2, ";;Ola;"), 2, ""},
		"left out at the end": {header + row(1, ";4100;Kari") + row(2, "") + row(3, ";4100"), 3, ""},
		"left out and not left out": {
			header + row(1, ";4100;Kari") + row(2, "") + row(3, ";4100;"), 0,
			"line 3 has 4 cells",
		},
		"left out by blocks":                {header + block.String(), 31, ""},
		"left out in a block of two widths": {header + mixed.String(), 0, "line 17 has 4 cells"},
		"no record has all":                 {header + row(1, ";4100") + row(2, ";4100"), 0, "line 2 has 5 cells"},
		"a cell left out in the middle": {
			header + row(1, ";4100;Kari") + "A2;x;10.50;4100;Ola\n", 0,
			"line 3 has 5 cells",
		},
		"an amount left out": {
			header + row(1, ";4100;Kari") + "A2;a@b.no;x\n", 0,
			"line 3 has 3 cells",
		},
		"a line break in a cell": {
			header + row(1, ";4100;Kari") + "A2;a@b.no;x\ny;10.50;4100;Ola\n", 0,
			"line 3 has 3 cells",
		},
		"text under numbers": {
			header + row(1, ";4100;Kari") + "A2;a@b.no;x;y;10\n", 0,
			"line 3 has 5 cells",
		},
		"text under numbers, and a delimiter": {
			header + row(1, ";4100;Kari") + "A2;a@b.no;x;y;10;Ola;\n", 0,
			"line 3 has 7 cells",
		},
		"the last line is cut off": {
			header + row(1, ";4100;Kari") + "A2;a@b.no;x;10", 0,
			"line 3 has 4 cells",
		},
		"the last line is cut at a delimiter": {
			header + row(1, ";4100;Kari;") + "A2;a@b.no;x;10;4100;Ka", 0,
			"line 3 has 6 cells",
		},
		"the last line has no line end": {header + row(1, ";4100;Kari") +
			strings.TrimSuffix(row(2, ";4100;Ola"), "\n"), 2, ""},
		"a short line, and no line end": {header + row(1, ";4100;Kari") + row(2, "") +
			strings.TrimSuffix(row(3, ";4100;Ola"), "\n"), 3, ""},
		"repeated header with a delimiter": {header + row(1, ";;;") + strings.Replace(header, "\n", ";\n", 1) +
			row(2, ";;;"), 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, end := range []string{"\n", "\r\n"} {
				got, err := cells(t, write(t, "lines.csv", strings.ReplaceAll(tc.content, "\n", end)))
				if tc.records == 0 {
					require.Error(t, err)
					refusal := requireCode(t, err, "csv.ragged")
					require.Contains(t, refusal.Message, tc.says)
					require.NotZero(t, refusal.Row)
					continue
				}
				require.NoError(t, err)
				require.Len(t, got, tc.records)
				for _, cells := range got {
					require.Equal(t, "10.50", cells[3])
				}
			}
		})
	}
}

// TestProfileWithoutColumnsKnowsNoHeader has a header that lost a delimiter: a profile that names no columns,
// such as that of --prices, does not tell which header is which.
func TestProfileWithoutColumnsKnowsNoHeader(t *testing.T) {
	t.Parallel()
	path := write(t, "lines.csv", "order_reference;noteemail;description;amount;cost_center\nA1;x;a@b.no;y;10;\n")
	_, err := intake.Open(t.Context(), path,
		intake.Options{Profile: &intake.Profile{Prices: intake.PricesInclVAT}, TmpDir: t.TempDir()})
	requireCode(t, err, "csv.ragged")
}

// TestCutFilesAreRefused cuts a file off in any place: it is refused, or has whole records only.
func TestCutFilesAreRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var whole strings.Builder
		whole.WriteString("order_reference;description;amount;vat;cost_center\n")
		n := rapid.IntRange(2, 6).Draw(rt, "records")
		for i := range n {
			fmt.Fprintf(&whole, "A%d;support;100.00;25;%s\n", i,
				rapid.SampledFrom([]string{"4100", "Oslo"}).Draw(rt, "cost center"))
		}
		at := rapid.IntRange(whole.Len()-30, whole.Len()).Draw(rt, "cut")
		got, err := cells(t, write(t, "cut.csv", whole.String()[:at]))
		if err == nil {
			for _, record := range got {
				require.Equal(rt, []string{"support", "100.00", "25"}, record[1:4])
			}
		}
	})
}

// TestNumbersThatAreTwoCells has numbers with a decimal comma and without quotes where the comma separates the cells.
func TestNumbersThatAreTwoCells(t *testing.T) {
	t.Parallel()
	const empty, zero = "line 2 has 6 cells where the header has 5", `a cell under "vat" begins with a zero`
	for content, says := range map[string]string{
		"order_reference,description,vat,unit_price,quantity\nA1,x,25,1250,50,\n":                 empty,
		"order_reference,description,quantity,unit_price,note\nA1,x,1,5,950,\nA2,y,2,5,950,\n":    empty,
		"order_reference,description,amount,vat,note\nA1,x,1250,00,25,\n":                         zero,
		"order_reference,description,amount,vat,note\nA1,x,1250,00,25\n":                          zero,
		"order_reference,description,amount,vat,note\nA1,x,12,50,25\nA2,x,99,05,25\n":             zero,
		"order_reference,description,amount,vat,note\nA1,x,1250,25,Kari,\nA2,x,99,25,Ola,\n":      empty,
		"order_reference,description,amount,vat,note\nA1,x,1250.50,25,Kari,\nA2,x,99,25,Ola,\n":   "",
		"order_reference,description,amount,vat,note\nA1,x,\"1250,50\",25,,\nA2,x,99,25,Ola,\n":   "",
		"order_reference;description;amount;vat;note\nA1;x;1250;25;Kari;\nA2;x;99;25;Ola;\n":      "",
		"order_reference,description,amount,vat,cost_center\nA1,x,1250,25,0410\nA2,x,99,0,0\n":    "",
		"order_reference,description,amount,vat,note\nA1,x,\"1.250\",00,25,\nA2,x,99,00,Ola,\n":   `a cell under "vat" begins with a zero`,
		"order_reference,description,amount,vat,note\nA1,x,\"1,250\",25,Kari,\nA2,x,99,25,Ola,\n": empty,
	} {
		t.Run(content, func(t *testing.T) {
			t.Parallel()
			_, err := cells(t, write(t, "lines.csv", content))
			if says == "" {
				require.NoError(t, err)
				return
			}
			require.Contains(t, requireCode(t, err, "csv.ragged").Error(), says)
		})
	}
}
