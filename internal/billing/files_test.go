package billing_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// byReference gives the codes of each group.
func byReference(groups []billing.Group) map[string]string {
	found := map[string]string{}
	for _, g := range groups {
		for _, row := range g.Rows {
			for _, p := range row.Problems {
				found[g.Reference] = strings.TrimSpace(found[g.Reference] + " " + string(p.Code))
			}
		}
		if g.Order != nil {
			found[g.Reference] += "sent"
		}
	}
	return found
}

// A row that may belong to any order of its file holds back all of them, but none of another file.
func TestHeld(t *testing.T) {
	t.Parallel()
	lost := sheet("order_reference=A", "order_reference=", "order_reference=B", "order_reference=A")
	other := sheet("order_reference=C")
	groups := groupFiles(t, rules(), lost, other)
	require.Equal(t,
		map[string]string{
			"A": "order.held order.held", "": "order_reference.missing", "B": "order.held",
			"C": "sent",
		}, byReference(groups))
	require.Contains(t, messages(groups),
		"row 2: order A is not sent because row 3 may belong to it (order_reference.missing) "+
			"(fix row 3; until then no order of its file is sent)")

	bad := sheet("order_reference=A", "order_reference=4.7E+09", "order_reference=B | email=")
	bad[1].Problems = []billing.Problem{billing.NewProblem("order_reference.scientific", "4.7E+09")}
	require.Equal(t,
		map[string]string{"A": "order.held", "4.7E+09": "order_reference.scientific", "B": "order.held email.missing"},
		byReference(groupFiles(t, rules(), bad)))
	r := rules()
	r.Severity = map[billing.Code]billing.Severity{"order_reference.null": billing.Warning}
	null := sheet("order_reference=A", "order_reference=NULL")
	null[1].Problems = []billing.Problem{billing.NewProblem("order_reference.null", "NULL")}
	require.Equal(t, map[string]string{"A": "order.held", "NULL": "order_reference.null"},
		byReference(groupFiles(t, rules(), null)))
	require.Equal(t, map[string]string{"A": "sent", "NULL": "order_reference.nullsent"},
		byReference(groupFiles(t, r, null)))

	r = rules()
	r.Reference = "F-{customer_number}"
	empty := sheet("order_reference= | customer_number=1", "order_reference=", "order_reference=B")
	require.Equal(t, map[string]string{"F-1": "order.held", "": "order_reference.template", "B": "order.held"},
		byReference(groupFiles(t, r, empty, nil)))
	damaged := sheet("order_reference= | customer_number=1", "order_reference= | customer_number=#REF!",
		"order_reference=B | customer_number=#REF!")
	for i := range damaged[1:] {
		damaged[i+1].Problems = []billing.Problem{billing.NewProblem("customer_number.error_value", "#REF!")}
	}
	require.Equal(t, "order.held", byReference(groupFiles(t, r, damaged))["F-1"])
	require.Equal(t, map[string]string{"F-1": "sent", "B": "customer_number.error_value"},
		byReference(groupFiles(t, r, damaged[:1], damaged[2:])),
		"a cell that the reference is not made of holds nothing back")

	r = rules()
	r.Severity = map[billing.Code]billing.Severity{"email.null": billing.Warning}
	lowered := sheet("order_reference=A", "order_reference=")
	lowered[1].Problems = []billing.Problem{billing.NewProblem("email.null", "NULL")}
	require.Contains(t, messages(groupFiles(t, r, lowered))[0], "row 3 may belong to it (order_reference.missing)",
		"what is lowered is no reason")

	remark := sheet("order_reference=A", "order_reference=Antall rader: 2 | description= | amount= | quantity=")
	require.Equal(t, map[string]string{"A": "order.held", "Antall rader: 2": "order_reference.characters"},
		byReference(groupFiles(t, rules(), remark)),
		"a remark has one problem")
	sum := sheet("order_reference=A", "order_reference=Totalt | description=")
	sum[1].Problems = []billing.Problem{billing.NewProblem("row.total", "Totalt", "amount", "299.00")}
	require.Equal(t, map[string]string{"A": "order.held", "Totalt": "row.total"},
		byReference(groupFiles(t, rules(), sum)))

	total := sheet("order_reference=A", "order_reference= | description=Sum")
	total[1].Problems = []billing.Problem{billing.NewProblem("row.total", "Sum", "amount", "299.00")}
	require.Equal(t, map[string]string{"A": "order.held", "": "row.total"}, byReference(groupFiles(t, rules(), total)))
}

// An order with rows in two files is refused, unless the profile allows it. A doubtful row in either file holds it
// back.
func TestOrderInTwoFiles(t *testing.T) {
	t.Parallel()
	one, two := sheet("order_reference=A", "order_reference=B"),
		sheet("order_reference=A | line_id=9", "order_reference=C | line_id=9")
	groups := groupFiles(t, rules(), one, two)
	require.Equal(t, map[string]string{"A": "order.incomplete order.files", "B": "sent", "C": "sent"},
		byReference(groups))
	require.Contains(t, messages(groups),
		"row 2: order A has rows in lines.csv and in lines2.csv "+
			"(put all rows of an order into one file, or give the files one at a time)")
	require.Contains(t, messages(groups),
		"row 2: order A is not sent because row 2 of lines2.csv has a problem (order.files) (fix row 2 of lines2.csv)")
	r := rules()
	r.Severity = map[billing.Code]billing.Severity{"order.files": billing.Warning}
	require.Equal(t, map[string]string{"A": "order.filessent", "B": "sent", "C": "sent"},
		byReference(groupFiles(t, r, one, two)))
	r.Severity["order.files"] = billing.Off
	groups = groupFiles(t, r, one, append(two, record("order_reference=")))
	require.Equal(t,
		map[string]string{
			"A": "order.held order.held", "B": "sent", "C": "order.held",
			"": "order_reference.missing",
		}, byReference(groups))
	require.Contains(t, messages(groups),
		"row 2: order A is not sent because row 2 of lines2.csv may belong to it (order_reference.missing) "+
			"(fix row 2 of lines2.csv; until then no order of its file is sent)")
}

// A line that two files have is found, whatever the order of rows and columns.
func TestTwice(t *testing.T) {
	t.Parallel()
	one := sheet("order_reference=A", "order_reference=B", "order_reference=B")
	two := sheet("order_reference=C", "order_reference=D", "order_reference=B")
	twice := func(files ...[]billing.Record) (first, second billing.Place, found bool) {
		first, second, found, err := grouper(t, rules(), files...).Twice()
		require.NoError(t, err)
		return first, second, found
	}
	first, second, found := twice(one, nil, two)
	require.True(t, found)
	require.Equal(t, billing.Place{File: "lines.csv", Row: 3}, first)
	require.Equal(t, billing.Place{File: "lines3.csv", Row: 4}, second)
	_, _, found = twice(one, two[:2])
	require.False(t, found)
	_, _, found = twice(one)
	require.False(t, found, "the same line in one file is another question")
	_, _, found = twice()
	require.False(t, found)
	changed := sheet("order_reference=A | amount=299.01")
	_, _, found = twice(one, changed)
	require.False(t, found)
}
