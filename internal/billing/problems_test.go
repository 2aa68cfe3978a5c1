package billing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// problemTest has the rows of one order, separated by "; ", and the codes that they get, in order.
type problemTest struct {
	name  string
	rows  string
	codes string
	sent  bool
}

func checkProblems(t *testing.T, r *billing.Rules, tests []problemTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			groups := group(t, r, sheet(strings.Split(tt.rows, "; ")...)...)
			require.Equal(t, tt.codes, strings.Join(codes(groups), " "), "%v", messages(groups))
			for _, g := range groups {
				require.Equal(t, tt.sent, g.Order != nil)
				for _, row := range g.Rows {
					require.Equal(t, tt.sent, row.Valid)
					for _, p := range row.Problems {
						checkProblem(t, &row, &p)
					}
				}
			}
		})
	}
}

// checkProblem checks that a problem's texts are complete.
func checkProblem(t require.TestingT, row *billing.Row, p *billing.Problem) {
	known := slices.ContainsFunc(billing.Codes(), func(info billing.CodeInfo) bool { return info.Code == p.Code })
	require.True(t, known, p.Code)
	require.Equal(t, row.Place, p.Place)
	require.NotEmpty(t, p.Message)
	require.NotEmpty(t, p.Hint)
	text := strings.NewReplacer("{period}-{customer_number}", "", `{country: "NO"}`, "").Replace(p.Message + p.Hint)
	require.NotContains(t, text, "{", p.Code)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	checkProblems(t, rules(), []problemTest{
		{"clean", "", "", true},
		{"no reference", "order_reference= ", "order_reference.missing", false},
		{"reference characters", "order_reference=F 17/4", "order_reference.characters", false},
		{"reference of 35", "order_reference=" + strings.Repeat("a", 35), "", true},
		{"reference of 36", "order_reference=" + strings.Repeat("a", 36), "order_reference.length", false},
		{"invisible in reference", "order_reference=inv\u200b-1", "text.invisible", true},
		{"look-alike in reference", "order_reference=inv-\u0430", "order_reference.characters", false},
		{"two e-mails", "; email=other@nordmann.no", "order.incomplete order.differs", false},
		{
			"two addresses", "; address_line=Storgata 2 | postal_code=0152",
			"order.incomplete order.differs order.differs", false,
		},
		{"second row empty", "; email= | country= | currency=", "", true},
		{"product", "product=b2x", "product.unknown", false},
		{"product in full", "product=kravia.invoice_b2b", "", true},
		{"days unreadable", "days_until_due=soon", "days_until_due.unreadable", false},
		{"days 0", "days_until_due=0", "", true},
		{"days 365", "days_until_due=365", "", true},
		{"days 366", "days_until_due=366", "days_until_due.range", false},
		{"days -1", "days_until_due=-1", "days_until_due.range", false},
		{"due date", "days_until_due= | due_date=2026-12-06", "", true},
		{"due date past", "days_until_due= | due_date=2026-11-21", "due_date.range", false},
		{"due date far", "days_until_due= | due_date=2027-11-23", "due_date.range", false},
		{"due date unreadable", "days_until_due= | due_date=2026-02-30", "due_date.unreadable", false},
		{"due twice", "due_date=2026-12-06", "due_date.twice", false},
		{
			"due twice in two rows", "days_until_due=; days_until_due= | due_date=2026-12-06; days_until_due=10",
			"order.incomplete due_date.twice order.incomplete", false,
		},
		{"channel", "invoice_channel=post", "invoice_channel.unknown", false},
		{"channel merchant", "invoice_channel=Merchant", "", true},
		{"channel grouped", "grouped | invoice_channel=kravia", "invoice_channel.grouped", false},
		{"no business name", "business_name=", "business_name.missing", false},
		{"no organization number", "organization_number=", "organization_number.missing", false},
		{
			"business in b2c", "consumer | business_name=X AS | organization_number=974760673",
			"business_name.b2c organization_number.b2c", false,
		},
		{"no e-mail", "email=", "email.missing", false},
		{"e-mail", "email=ola@nordmann", "email.invalid", false},
		{"look-alike e-mail", "email=\u043ela@nordmann.no", "email.invalid", false},
		{"e-mail with name", "email=Ola <ola@nordmann.no>", "email.invalid", false},
		{"no phone", "phone_number=", "phone_number.missing", false},
		{"no address", "address_line= | postal_place=", "address_line.missing postal_place.missing", false},
		{"no postal code", "postal_code=", "postal_code.missing", false},
		{"no country", "country=", "country.missing", false},
		{"country that is none", "country=Norgge", "country.unknown", false},
		{
			"country of no known form", "country=DE | currency=EUR | phone_number=+4930123456", "country.unsupported",
			true,
		},
		{"line id twice", "; line_id=sub-001 | amount=1.00", "order.incomplete line_id.duplicate", false},
		{"same row twice", "line_id=; ", "row.duplicate", true},
		{"no description", "description=", "description.missing", false},
		{"description of 100", "description=" + strings.Repeat("å", 100), "", true},
		{"long description", "description=" + strings.Repeat("å", 101), "description.long", true},
		{"quantity", "quantity=two", "quantity.unreadable", false},
		{"quantity 0", "quantity=0", "quantity.zero", false},
		{"return with an amount above zero", "quantity=-1; ", "quantity.sign order.incomplete", false},
		{"return with an amount below zero", "quantity=-1 | amount=-100; ", "", true},
		{"return with a price", "quantity=-2 | unit_price=50 | amount=; ", "", true},
		{"return with both", "quantity=-30 | unit_price=3.33 | amount=-100; ", "", true},
		{
			"return with both, farther", "quantity=-30 | unit_price=3.33 | amount=-100.20; ",
			"amount.mismatch order.incomplete", false,
		},
		{"return with a price below zero", "quantity=-2 | unit_price=-50 | amount=100", "", true},
		{"return alone", "quantity=-1 | unit_price=299 | amount=", "order.credit", false},
		{"prices on the first row alone", "prices=excl; ", "order.incomplete prices.missing", false},
		{"prices on the second row alone", "; line_id= | prices=excl", "prices.missing order.incomplete", false},
		{"prices on one row as without them", "prices=incl; line_id=", "", true},
		{"no amount", "amount=", "amount.missing", false},
		{"amount", "amount=299 eks", "amount.unreadable", false},
		{"amount decimals", "amount=299.005", "amount.decimals", false},
		{"amount zeros", "amount=299.0000", "", true},
		{"unit price", "amount= | unit_price=149.50 | quantity=2", "", true},
		{"unit price unreadable", "amount= | unit_price=free", "unit_price.unreadable", false},
		{"unit price unreadable beside an amount", "unit_price=free", "unit_price.unreadable", false},
		{"amount too large", "amount=999999999999999999", "amount.too_large", false},
		{
			"product too large", "amount= | unit_price=999999999999999999 | quantity=999999999999999999",
			"amount.too_large", false,
		},
		{"amount with VAT too large", "amount=92233720368547758 | prices=excl", "amount.too_large", false},
		{"total max", "amount=21474836.47", "", true},
		{"total above max", "amount=21474836.48", "order.total", false},
		{
			"total out of range", "amount=90000000000000000; amount=90000000000000000", "order.total order.incomplete",
			false,
		},
		{"total zero", "amount=0", "order.total", false},
		{"total negative", "amount=-1.00", "order.credit", false},
		{"discount line", "; amount=-50.00", "", true},
		{"delivery", "delivery_date=2026-13-01", "delivery_date.unreadable", false},
		{"prices", "prices=maybe", "prices.unknown", false},
		{
			"everything empty but the reference",
			"product= | currency= | first_name= | last_name= | business_name= | organization_number= | email= | " +
				"phone_number= | address_line= | postal_code= | postal_place= | country= | line_id= | description= | " +
				"quantity= | amount= | vat=",
			"country.missing email.missing phone_number.missing postal_code.missing first_name.missing " +
				"last_name.missing address_line.missing postal_place.missing description.missing vat.missing", false,
		},
	})
}

// A cell with a problem from intake gets no other problem.
func TestProblemsOfIntake(t *testing.T) {
	t.Parallel()
	rec := record("amount=#REF!")
	rec.Problems = []billing.Problem{billing.NewProblem("amount.error_value", "#REF!")}
	groups := group(t, rules(), rec)
	require.Equal(t, []string{`row 2: the cell holds the error "#REF!" (correct the formula)`}, messages(groups))
	require.Nil(t, groups[0].Order)

	rec = record("amount= | unit_price=")
	rec.Problems = []billing.Problem{billing.NewProblem("unit_price.error_value", "#REF!")}
	require.Equal(t, []string{"unit_price.error_value"}, codes(group(t, rules(), rec)),
		"the price is there, and cannot be read")

	r := rules()
	r.Severity = map[billing.Code]billing.Severity{
		"customer_reference.null": billing.Warning,
		"email.null":              billing.Off,
	}
	rec = record("customer_reference=NULL | email=NULL")
	rec.Problems = []billing.Problem{
		billing.NewProblem("customer_reference.null", "NULL"),
		billing.NewProblem("email.null", "NULL"),
	}
	require.Equal(t, []string{"customer_reference.null", "email.invalid"}, codes(group(t, r, rec)),
		"what is lowered hides nothing")
}

// A total that does not add up is not a line, and no profile can have it invoiced.
func TestTotalStaysAnError(t *testing.T) {
	t.Parallel()
	for _, lowered := range []billing.Severity{billing.Warning, billing.Off} {
		r := rules()
		r.Severity = map[billing.Code]billing.Severity{"row.total": lowered}
		rows := sheet("order_reference=A", "order_reference=A | description=Sum | amount=77.00")
		rows[1].Problems = []billing.Problem{
			billing.NewProblem("row.total", "Sum", "why", "its amount 77.00 is not the sum of the rows before it"),
		}
		require.Equal(t, map[string]string{"A": "order.incomplete row.total"}, byReference(group(t, r, rows...)))
	}
}

func TestSeverityOfProfile(t *testing.T) {
	t.Parallel()
	r := rules()
	r.Severity = map[billing.Code]billing.Severity{
		"organization_number.check_digit": billing.Error,
		"phone_number.missing":            billing.Off,
	}
	groups := group(t, r, record("organization_number=123456789 | phone_number="))
	require.Equal(t, []string{"organization_number.check_digit"}, codes(groups))
	require.Nil(t, groups[0].Order)
}

// A code that is not lowerable stays an error whatever the rules say.
func TestNeededCodesStayErrors(t *testing.T) {
	t.Parallel()
	for _, lowered := range []billing.Severity{billing.Warning, billing.Off} {
		r := rules()
		r.Severity = map[billing.Code]billing.Severity{}
		for _, info := range billing.Codes() {
			if !info.Lowerable && info.Code != billing.CodeOtherPeriod { // which planning says, by the journal
				require.Equal(t, billing.Error, info.Severity, info.Code)
			}
			r.Severity[info.Code] = lowered
		}
		for _, row := range []string{
			"order_reference=", "order_reference=F 17/4", "order_reference=" + strings.Repeat("a", 36),
			"product=b2x", "currency=kroner",
			"currency= | country=DE", "country=", "country=Norgge", "days_until_due=soon", "days_until_due=366",
			"due_date=2026-12-06",
			"days_until_due= | due_date=soon", "days_until_due= | due_date=2020-01-01", "invoice_channel=post",
			"business_name=",
			"organization_number=", "organization_number=12345", "consumer | business_name=X AS",
			"consumer | organization_number=974760673",
			"description=", "quantity=two", "quantity=0", "quantity=-1", "amount= | unit_price=free", "amount=",
			"amount=299 eks", "amount=299.005",
			"amount=999999999999999999", "amount=0", "amount=-1", "vat=", "vat=high", "vat=0.25",
			"prices=maybe", "unit_price=299 | discount_percent=110",
			"discount_percent=10", "discount_amount=10", "unit_price=299 | discount_amount=300",
			"unit_price=299 | discount_percent=1 | discount_amount=2",
		} {
			groups := group(t, r, record(row))
			require.Nil(t, groups[0].Order, row)
			require.NotEmpty(t, codes(groups), row)
		}
		require.Nil(t, group(t, r, sheet("", "email=other@nordmann.no")...)[0].Order)
		for _, info := range billing.Codes() {
			if info.Code == billing.CodeOtherPeriod {
				continue
			}
			rec := record("")
			rec.Problems = []billing.Problem{billing.NewProblem(info.Code, "x")}
			require.Equal(t, info.Lowerable, group(t, r, rec)[0].Order != nil, info.Code)
		}
	}
}

// The hint for a missing cell names the headers that were not understood.
func TestMissingNamesHeaders(t *testing.T) {
	t.Parallel()
	missing := func(table billing.Table) string {
		g := billing.NewGrouper(rules(), &memory{})
		g.AddTable(table)
		require.NoError(t, g.Add(record("email=")))
		for group, err := range g.Groups() {
			require.NoError(t, err)
			return group.Rows[0].Problems[0].Hint
		}
		return ""
	}
	known := []billing.Column{0, billing.ColAmount, 0}
	require.Equal(t,
		`fill in email; the file has no column for email, and these were not understood: "Kontakt-adresse", "Merke"`,
		missing(billing.Table{Header: []string{"Kontakt-adresse", "Beløp", "Merke"}, Known: known}))
	require.Equal(t, `fill in email; the file has no column for email`,
		missing(billing.Table{Header: []string{" ", "Beløp", ""}, Known: known}))
	require.Equal(t, `fill in email; the file has no column for email`,
		missing(billing.Table{Header: strings.Split("abcdefghi", ""), Known: make([]billing.Column, 9)}))
	require.Equal(t, "fill in email",
		missing(billing.Table{Header: []string{"E-post", "x"}, Known: []billing.Column{billing.ColEmail, 0}}))
}
