package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// columnsFile has a synonym, a header that its cells decide, a currency, columns that are not used and one
// without cells.
const columnsFile = "Ordrenr;Fornavn;Etternavn;E-post;Telefon;Adresse;Postnr;Poststed;Land;Tekst;Antall;Enhetspris;Mva;Forfall;Lagerplass;Merke;Gammelt\n" +
	"V1;Siri;Berg;siri@example.no;40000021;Havna 3;151;Oslo;NO;\"Ved, sekk\n60 l\";4;1 034,50 kr;25;;B2;x;\n"

// TestCheckTellsColumns prints for every file how each column was understood, and the ones that are not used.
func TestCheckTellsColumns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ved, other, profile := filepath.Join(dir, "ved.csv"), filepath.Join(dir, "other.csv"), filepath.Join(dir, "p.yaml")
	require.NoError(t, os.WriteFile(ved, []byte(columnsFile), 0o600))
	require.NoError(t, os.WriteFile(other, []byte(strings.ReplaceAll(columnsFile, "V1", "V2")), 0o600))
	require.NoError(t, os.WriteFile(profile, []byte("ignore: [Merke]\n"), 0o600))
	const block = ` how its columns are read:
  Ordrenr     order_reference  V9                            as a synonym
  Fornavn     first_name       Siri                          as a synonym
  Etternavn   last_name        Berg                          as a synonym
  E-post      email            siri@example.no               as a synonym
  Telefon     phone_number     40000021                      as a synonym
  Adresse     address_line     Havna 3                       as a synonym
  Postnr      postal_code      151                           as a synonym
  Poststed    postal_place     Oslo                          as a synonym
  Land        country          NO                            as a synonym
  Tekst       description      Ved, sekk↵60 l                as a synonym
  Antall      quantity         4                             as a synonym
  Enhetspris  unit_price       ` + "`1 034,50 kr` → 1034.5 kr" + `     as a synonym
  Mva         vat              25                            because it fits every row (1)
  empty: Forfall, Gammelt
  not used, only copied to the report: Lagerplass
  passed over, as the profile says: Merke

`
	code, stdout, stderr := call(t, "check", "--reports", "off", "--profile", profile, ved, other)
	require.Equal(t, 0, code, stderr)
	require.Contains(t, spaceless(stdout),
		"ved.csv,"+spaceless(strings.ReplaceAll(block, "V9", "V1"))+"other.csv,"+
			spaceless(strings.ReplaceAll(block, "V9", "V2")))
	require.Contains(t, spaceless(stdout), "2 orders, 8 276.00 NOK incl. VAT can be sent\n")

	code, dry, stderr := call(t, "run", "--dry-run", "--profile", profile, ved, other)
	require.Equal(t, 0, code, stderr)
	require.Equal(t, strings.ReplaceAll(stdout, "2 orders, 8 276.00 NOK incl. VAT can be sent\n",
		"dry run, nothing was sent; a run would send 2 orders, 8 276.00 NOK incl. VAT\n"), dry)
	code, ran, stderr := call(t, "run", "--sandbox", "--rate", "0", "--state", dir, "--reports", dir, "--profile",
		profile, ved)
	require.Equal(t, 0, code, stderr)
	require.NotContains(t, ran+stderr, "order_reference", "a run is told by check")
	code, dry, stderr = call(t, "run", "--dry-run", "--sandbox", "--state", dir, "--profile", profile, ved, other)
	require.Equal(t, 0, code, stderr)
	require.Contains(t, dry, "a run would send 1 order, 4 138.00 NOK incl. VAT\n", "the other one is invoiced")
}

func TestCheckTellsColumnsAsJSON(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ved.csv")
	require.NoError(t, os.WriteFile(path, []byte(columnsFile), 0o600))
	code, stdout, stderr := call(t, "check", "--json", "--reports", "off", path)
	require.Equal(t, 0, code, stderr)
	var out struct{ Files []fileJSON }
	require.NoError(t, json.Unmarshal([]byte(stdout), &out))
	require.Len(t, out.Files, 1)
	columns := out.Files[0].Columns
	require.Len(t, columns, 17)
	require.Equal(t,
		intake.ColumnUse{
			Header: "Enhetspris", Column: billing.ColUnitPrice, How: "as a synonym",
			Sample: "1 034,50 kr", Read: "1034.5 kr",
		}, columns[11])
	require.Equal(t,
		intake.ColumnUse{Header: "Lagerplass", How: "not used, only copied to the report", Sample: "B2"}, columns[14])
	require.Contains(t, stdout, `"header": "Mva"`)
}

// TestCheckCutsLongCells keeps lines short whatever stands in a header or a cell.
func TestCheckCutsLongCells(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ved.csv")
	long := strings.Repeat("æ\u202e[31m", 60)
	text := strings.NewReplacer("Ved, sekk\n60 l", long, "Lagerplass", long).Replace(columnsFile)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	code, stdout, stderr := call(t, "check", "--reports", "off", path)
	require.Equal(t, 0, code, stderr)
	require.NotContains(t, stdout, "\u202e")
	require.Regexp(t, `(?m)^  Tekst +description +æ.{42}…  as a synonym$`, stdout)
}

// TestCheckHelpListsColumns with name, kind and what each says.
func TestCheckHelpListsColumns(t *testing.T) {
	t.Parallel()
	code, stdout, _ := call(t, "check", "--help")
	require.Equal(t, 0, code)
	for _, c := range billing.Columns() {
		require.Regexp(t, `(?m)^    `+c.String()+` +`+string(c.Kind())+` +\S.{3,}$`, stdout)
	}
}

// TestProfilesAccountForEveryColumn has the shipped profiles use or pass over each column of their samples.
func TestProfilesAccountForEveryColumn(t *testing.T) {
	t.Parallel()
	for _, sample := range profileSamples {
		if sample.messy() {
			continue
		}
		code, stdout, stderr := call(t, append([]string{"check", "--json", "--reports", "off"}, sample.args()...)...)
		require.Equal(t, 0, code, stderr)
		var out struct{ Files []fileJSON }
		require.NoError(t, json.Unmarshal([]byte(stdout), &out))
		for _, use := range out.Files[0].Columns {
			require.NotContains(t, use.How, "not used", "%s: %s", sample.file, use.Header)
		}
	}
}
