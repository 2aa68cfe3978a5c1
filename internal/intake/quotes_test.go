package intake_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestCellsOfSeveralLines tells a cell that is meant to have several lines from one that swallowed records.
func TestCellsOfSeveralLines(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		content string
		want    string // the cell that spans lines, "": refused
		column  int
	}{
		"prose with commas": {
			"order_reference,description,amount\nA1,\"Timer, oktober:\nuke 40, uke 41, uke 42\",100.00\n",
			"Timer, oktober:\nuke 40, uke 41, uke 42", 1,
		},
		"as many commas as cells": {
			"order_reference,description,amount\nA1,\"Timer, oktober:\nuke 40, fri\",100.00\n",
			"Timer, oktober:\nuke 40, fri", 1,
		},
		"commas without spaces": {
			"order_reference,description,amount\nA1,\"Timer,oktober\nuke 40,fri\",100.00\n",
			"Timer,oktober\nuke 40,fri", 1,
		},
		"in the last column": {
			"order_reference,amount,description\nA1,100.00,\"Timer\nman, tir, ons\"\n",
			"Timer\nman, tir, ons", 2,
		},
		"in the last of two": {"amount,description\n100.00,\"Timer\nman, tir\"\n", "Timer\nman, tir", 1},
		"four lines": {
			"order_reference;description;amount\nA1;\"a;b;c\n\nd;e;f\ng\";100.00\n",
			"a;b;c\n\nd;e;f\ng", 1,
		},
		"two records":            {"order_reference;description;amount;vat\nA1;\"x;10;25\nA2;y\";20;25\n", "", 0},
		"two records, CR":        {"order_reference;description;amount;vat\nA1;\"x;10;25\rA2;y\";20;25\n", "", 0},
		"two records, last cell": {"order_reference;amount;description\nA1;10;\"x\nA2;20;pipe 5\"\n", "", 0},
		"two columns":            {"description;amount\n\"x;10\npipe 5\";20\n", "", 0},
		"three records": {
			"order_reference;description;amount;vat\nA1;\"x;10;25\nA2;y;20,50 kr;25\nA3;z\";30,00 kr;25\n", "", 0,
		},
		"a record with a gap": {
			"order_reference;description;quantity;amount\nA1;\"x;1;10\nA2;y;;20\nA3;z\";1;30\n", "", 0,
		},
		"a total among them": {
			"order_reference;description;amount;vat\nA1;\"x;10;25\nA2;y;20;25\nSum;30\nA3;z\";30;25\n", "", 0,
		},
		"in a short record": {
			"order_reference;description;amount;note\nA0;x;10;y\nA1;\"x;10\nA2;y\";20\n", "",
			0,
		},
	} {
		got, err := cells(t, write(t, "lines.csv", tc.content))
		if tc.want == "" {
			require.Error(t, err, name)
			require.Contains(t, requireCode(t, err, "csv.quote").Message, "look like records of their own", name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, tc.want, got[0][tc.column], name)
	}
}

// TestTextOfSeveralLinesIsRead writes descriptions of several lines as encoding/csv quotes them, and reads
// the same back.
func TestTextOfSeveralLinesIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lines.csv")
	rapid.Check(t, func(rt *rapid.T) {
		delimiter := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(rt, "delimiter")
		word := rapid.SampledFrom(
			[]string{
				"uke", "timer", "Mån", "œuvre", "40", "7,5 t", "19\"", "\"x\"", "kl. 10:30", "(2 stk)",
				"1.250,00 kr", "m²", "='x'", "-",
			})
		prose := rapid.Custom(func(rt *rapid.T) string {
			lines := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) string {
				return strings.Join(rapid.SliceOfN(word, 1, 6).Draw(rt, "words"),
					rapid.SampledFrom([]string{" ", string(delimiter) + " ", " " + string(delimiter) + " "}).Draw(rt,
						"between"))
			}), 1, 5).Draw(rt, "lines")
			return strings.TrimSpace(strings.Join(lines, "\n"))
		})
		want := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) []string {
			return []string{
				"A" + rapid.StringMatching(`[0-9]{1,6}`).Draw(rt, "reference"), "x " + prose.Draw(rt, "description"),
				rapid.StringMatching(`[1-9][0-9]{0,4}\.[0-9]{2}`).Draw(rt, "amount"), "y " + prose.Draw(rt, "note"),
			}
		}), 1, 8).Draw(rt, "rows")
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		w.Comma, w.UseCRLF = delimiter, rapid.Bool().Draw(rt, "crlf")
		require.NoError(rt, w.Write([]string{"order_reference", "description", "amount", "note"}))
		require.NoError(rt, w.WriteAll(want))
		require.NoError(rt, os.WriteFile(path, out.Bytes(), 0o600))
		got, err := cells(t, path)
		require.NoError(rt, err)
		require.Equal(rt, want, got)
	})
}

// TestSwallowedRecordsAreRefused forgets a quote, and closes it by one in a later record.
func TestSwallowedRecordsAreRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lines.csv")
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(rt, "records")
		from := rapid.IntRange(0, n-2).Draw(rt, "opened in")
		to := rapid.IntRange(from+1, n-1).Draw(rt, "closed in")
		var out strings.Builder
		out.WriteString("order_reference;description;quantity;amount;note\n")
		for i := range n {
			text := rapid.SampledFrom([]string{"timer, uke 40", "rør 5", "service"}).Draw(rt, "text")
			switch i {
			case from:
				text = `"` + text
			case to:
				text += `"`
			}
			fmt.Fprintf(&out, "A%d;%s;%s;10.00;%s\n", i, text,
				rapid.SampledFrom([]string{"", "1", "2.5"}).Draw(rt, "quantity"),
				rapid.SampledFrom([]string{"", "x"}).Draw(rt, "note"))
		}
		require.NoError(rt, os.WriteFile(path, []byte(out.String()), 0o600))
		_, err := cells(t, path)
		require.ErrorContains(rt, err, "csv.quote", out.String())
	})
}
