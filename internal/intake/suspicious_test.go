package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSuspiciousTexts has cells of a column, and the problem that they are.
func TestSuspiciousTexts(t *testing.T) {
	t.Parallel()
	for problem, cells := range map[string]string{
		"null": `last_name=NULL|last_name=Null|last_name=null|last_name=NONE|last_name=None|last_name=nil|last_name=NIL|last_name=<NA>|last_name=(blank)|last_name=[object Object]
			last_name=(tom)|last_name=(tyhjä)|last_name=NaT|last_name=nan|last_name=N/A|last_name=undefined|last_name= NULL |last_name={null}|contact_name=Kari NULL|contact_name=NULL NULL
			contact_name=nan nan|contact_name=Kari nan|contact_name=None None|contact_name=NULL, NULL|contact_name=N/A N/A|contact_name=undefined undefined|contact_name=KARI NULL
			address_line=Storgata NULL|address_line=null 5|address_line=c/o NULL|description=Abonnement undefined|description=Lønn NaN|description=NULL|description=Abonnement NULL
			description=nan|description=nan nan|business_name=NULL|business_name=Null|business_name=Fjord AS NULL`,
		"error_value": `description=#MANGLER!|description=#I/T|description=#NAVN?|description=#VERDI!|description=#REF!|description=#DIV/0!|description=#NUM!|description=#OVERFLYT!|description=#TOM!
			description=#SAKNAS!|description=#SAKNAS|description=#VÄRDEFEL!|description=#REFERENS!|description=#DIVISION/0!|description=#OGILTIGT!|description=#SKÄRNING!|description=#NAMN?
			description=#VÆRDI!|description=#REFERENCE!|description=#NUL!|description=#NUMMER!|description=#OVERLØB!|description=#PUUTTUU!|description=#PUUTTUU|description=#ARVO!
			description=#VIITTAUS!|description=#JAKO/0!|description=#LUKU!|description=#TYHJÄ!|description=#NIMI?|description=#LEVITTYMINEN!|description=#ERROR!|description=#GETTING_DATA
			description=Err:502|description=Feil:502|description=Virhe:509|description=####|description= #N/A |last_name=#MANGLER!`,
		"": `last_name=Nullmeier|contact_name=Nan Goldin|last_name=Nilsen|last_name=Nan|first_name=Nil|contact_name=Ada None|contact_name=Kari Null|last_name=Undheim|last_name=Naney
			description=Pepsi null sukker|description=NULL UTSLIPP|business_name=NULL UTSLIPP AS|description=Nan|description=# 12 bolter|description=#1|description=#12!|description=#hytta!
			description=#Hytta!|description=Err: 502|description=Feil:rettet|description=Fakturanr:502|description=(ny)|description=[1] ny|description=<ny>|description=Annullert null|description=Nullstilt
			description=Nulls|business_name=Nullpunkt AS|postal_place=Nullarbor|order_reference=line.null|customer_reference=K1-null|description=N/A-test|description=Fjord nan|description=En lang tekst som forteller om NULL i en tabell og hva det betyr der`,
	} {
		for _, one := range strings.FieldsFunc(cells, func(r rune) bool { return r == '|' || r == '\n' }) {
			column, cell, found := strings.Cut(strings.TrimLeft(one, "\t"), "=")
			require.True(t, found, one)
			t.Run(one, func(t *testing.T) {
				t.Parallel()
				table := fmt.Sprintf("description;amount;%s\nx;1;%q", column, cell)
				if column == "description" {
					table = fmt.Sprintf("amount;description\n1;%q", cell)
				}
				records, _, err := understand(t, table, "")
				require.NoError(t, err)
				require.Len(t, records, 1)
				_, got, _ := strings.Cut(records[0], "!"+column+".")
				require.Equal(t, problem, got, records[0])
			})
		}
	}
}
