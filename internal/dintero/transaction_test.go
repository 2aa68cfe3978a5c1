package dintero_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
)

func parse(t *testing.T, body string) *dintero.Transaction {
	t.Helper()
	tr, err := dintero.ParseTransaction([]byte(body))
	require.NoError(t, err)
	return tr
}

func TestTransactionOfTheGuide(t *testing.T) {
	t.Parallel()
	tr := parse(t, guideAnswer)
	require.Equal(t, "T12345", tr.ID)
	require.Equal(t, dintero.StatusCaptured, tr.Status)
	require.Equal(t, billing.B2B, tr.Product)
	require.Equal(t, int64(29900), tr.Amount)
	require.Equal(t, "inv-2026-001", tr.Reference)
	require.Equal(t, "INV-2026-0001", tr.InvoiceNumber)
	require.Equal(t, billing.Date("2026-01-15"), tr.InvoiceDate)
	require.Equal(t, billing.Date("2026-02-14"), tr.DueDate)
	require.Equal(t, "https://api.dintero.com/v1/files/f-abc123", tr.InvoiceURL)
	require.True(t, tr.Created())
	require.True(t, tr.Live())
	require.True(t, tr.Initiated())
	require.Equal(t, "unpaid", tr.PaymentStatus(), "captured says that it exists, in the older edition")
}

func TestTransactionStatuses(t *testing.T) {
	t.Parallel()
	const initiate, capture = `{"event":"INITIATE_CAPTURE","success":true}`, `{"event":"CAPTURE","success":true}`
	for _, test := range []struct {
		status, events        string
		created, live, failed bool
		payment               string
		state                 billing.State // with an invoice number
	}{
		{"AUTHORIZED", initiate, true, true, false, "unpaid", billing.Invoiced},
		{"authorized", ``, true, true, false, "unpaid", billing.Invoiced},
		{"CAPTURED", capture, true, true, false, "unpaid", billing.Invoiced},
		{"CAPTURED", initiate, true, true, false, "paid", billing.Invoiced},
		{"CAPTURED", initiate + "," + capture, true, true, false, "paid", billing.Invoiced},
		{"CAPTURED", `{"event":"AUTHORIZE"},` + capture, true, true, false, "paid", billing.Invoiced},
		{
			"CAPTURED", `{"event":"INITIATE_CAPTURE","success":false},` + capture, true, true, false, "unpaid",
			billing.Invoiced,
		},
		{"CAPTURED", ``, true, true, false, "unpaid", billing.Invoiced},
		{"PARTIALLY_CAPTURED", initiate, true, true, false, "part-paid", billing.Invoiced},
		{"PARTIALLY_REFUNDED", ``, true, true, false, "part-refunded", billing.Invoiced},
		{"REFUNDED", ``, true, false, false, "refunded", billing.Voided},
		{"PARTIALLY_CAPTURED_REFUNDED", ``, true, false, false, "refunded", billing.Voided},
		{"AUTHORIZATION_VOIDED", ``, true, false, false, "voided", billing.Voided},
		{"FAILED", ``, false, false, true, "failed", billing.Rejected},
		{"DECLINED", ``, false, false, true, "failed", billing.Rejected},
		{"INITIATED", ``, false, false, false, "undecided", billing.InDoubt},
		{"initialized", ``, false, false, false, "undecided", billing.InDoubt},
		{"ON_HOLD", ``, false, false, false, "undecided", billing.InDoubt},
		{"UNKNOWN", ``, false, false, false, "undecided", billing.InDoubt},
		{"SOMETHING", ``, false, false, false, "undecided", billing.InDoubt},
		{"", ``, false, false, false, "undecided", billing.InDoubt},
	} {
		tr := parse(t,
			fmt.Sprintf(`{"id":"x","status":%q,"events":[%s],"metadata":{"kravia:invoice_number":"N1"}}`,
				test.status, test.events))
		got := fmt.Sprint(tr.Created(), tr.Live(), tr.Failed(), tr.PaymentStatus(), tr.Outcome(-1).State)
		require.Equal(t, fmt.Sprint(test.created, test.live, test.failed, test.payment, test.state), got,
			test.status+test.events)
	}
}

func TestTransactionFindsTheInvoice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, number, date, due, url string }{
		{
			"newest event first, whatever its place", `"events":[
			{"event":"AUTHORIZE","created_at":"2026-01-16T00:00:00Z","metadata":{"kravia:invoice_number":"new","kravia:invoice_due_date":"2026-02-16"}},
			{"event":"CAPTURE","created_at":"2026-01-15T00:00:00Z","metadata":{"kravia:invoice_number":"old","kravia:invoice_due_date":"2026-02-15","kravia:invoice_date":"2026-01-15"}}]`,
			"new", "2026-01-15", "2026-02-16", "",
		},
		{
			"last listed first, without times",
			`"events":[{"metadata":{"kravia:invoice_number":"1"}},{"metadata":{"kravia:invoice_number":"2"}}]`, "2",
			"", "", "",
		},
		{
			"own metadata before events",
			`"metadata":{"kravia:invoice_number":"own"},"events":[{"metadata":{"kravia:invoice_number":"2"}}]`,
			"own", "", "", "",
		},
		{
			"not from failed events",
			`"events":[{"metadata":{"kravia:invoice_number":"1"}},{"success":false,"metadata":{"kravia:invoice_number":"2"}}]`, "1", "", "", "",
		},
		{
			"day with time", `"events":[{"metadata":{"kravia:invoice_date":"2026-01-15T00:00:00Z"}}]`, "", "2026-01-15",
			"", "",
		},
		{
			"no day at all",
			`"events":[{"metadata":{"kravia:invoice_date":"15.01.2026","kravia:invoice_due_date":20260115}}]`, "",
			"", "", "",
		},
		{"URL on an event", `"events":[{"metadata":{"kravia:invoice_url":"https://h/f"}}]`, "", "", "", "https://h/f"},
		{"URL that is none", `"metadata":{"kravia:invoice_url":"javascript:alert(1)"}`, "", "", "", ""},
		{"odd types", `"metadata":[1],"events":{"a":1},"amount":{"x":1},"created_at":5`, "", "", "", ""},
		{
			"odd elements",
			`"events":[null,5,"x",[],{"metadata":"x"},{"metadata":{"kravia:invoice_number":{"x":1}}},{"metadata":{"kravia:invoice_number":7}}]`, "7", "", "", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tr := parse(t, `{`+test.body+`}`)
			require.Equal(t, []string{test.number, test.date, test.due, test.url},
				[]string{tr.InvoiceNumber, string(tr.InvoiceDate), string(tr.DueDate), tr.InvoiceURL})
		})
	}
}

func TestTransactionAmounts(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]int64{
		`29900`: 29900, `"29900"`: 29900, `29900.00`: 29900, `-5`: -5, `29900.5`: 0, `null`: 0, `true`: 0,
		`2.99e4`: 0, `"x"`: 0,
		`99999999999999999999`: 0,
	} {
		require.Equal(t, want, parse(t, `{"amount":`+literal+`}`).Amount, literal)
	}
}

func TestOutcomeWarnsOfTheDueDate(t *testing.T) {
	t.Parallel()
	tr := parse(t, guideAnswer)
	require.Empty(t, tr.Outcome(30).Code)
	require.Empty(t, tr.Outcome(-1).Code)
	o := tr.Outcome(29)
	require.Equal(t, billing.Invoiced, o.State)
	require.Equal(t, dintero.CodeDueDate, o.Code)
	require.Contains(t, o.Message, "2026-02-13")
	require.Equal(t, billing.Date("2026-02-14"), o.DueDate, "as the provider says")
}

func TestOutcomeWarnsOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	const url, date, due = `"kravia:invoice_url":"https://h/f"`, `"kravia:invoice_date":"2026-01-15"`,
		`"kravia:invoice_due_date":"2026-02-14"`
	for _, test := range []struct {
		status, metadata string
		days             int
		code             billing.Code
		says             string
	}{
		{"AUTHORIZED", url + "," + date + "," + due, 30, "", ""},
		{"AUTHORIZED", url + "," + due, 30, "", ""},
		{"AUTHORIZED", url, 30, "invoice.incomplete", "the provider does not name the due date"},
		{"AUTHORIZED", due, 30, "invoice.incomplete", "the provider does not name the invoice's address"},
		{
			"AUTHORIZED", date, -1, "invoice.incomplete",
			"the provider names neither the invoice's address nor its due date",
		},
		{
			"AUTHORIZED", date + "," + due, 29, "invoice.due_date",
			"due 2026-02-14, but 29 days from the invoice date is 2026-02-13",
		},
		{"AUTHORIZATION_VOIDED", date, 30, "", ""},
	} {
		o := parse(t,
			`{"id":"x","status":"`+test.status+`","metadata":{"kravia:invoice_number":"N1",`+test.metadata+
				`}}`).Outcome(test.days)
		require.Equal(t, test.code, o.Code, test.metadata)
		require.Equal(t, test.says, o.Message)
		require.Equal(t, test.code == "invoice.incomplete", o.Hint == "refresh later")
	}
	require.Empty(t, parse(t, `{"id":"x","status":"AUTHORIZED"}`).Outcome(30).Code,
		"nothing is missing before there is a number")
}

func TestSettlement(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"NOT_SETTLED": "not settled", "pending_settlement": "pending settlement",
		"PARTIALLY_SETTLED": "partially settled",
		"SETTLED":           "settled", "": "",
	} {
		tr := parse(t, `{"id":"x","status":"CAPTURED","settlement_status":"`+given+`"}`)
		require.Equal(t, strings.ToUpper(given), tr.SettlementStatus)
		require.Equal(t, want, tr.Outcome(-1).Settlement)
	}
}

func TestPaid(t *testing.T) {
	t.Parallel()
	const half, rest = `{"event":"CAPTURE","amount":400}`, `{"event":"CAPTURE","amount":600,"success":true}`
	for _, test := range []struct {
		status, events string
		paid           int64
	}{
		{"AUTHORIZED", `{"event":"AUTHORIZE","amount":1000}`, 0},
		{"PARTIALLY_CAPTURED", half, 400},
		{"PARTIALLY_CAPTURED", half + `,{"event":"CAPTURE","amount":100,"success":false}`, 400},
		{"PARTIALLY_CAPTURED", `{"event":"CAPTURE"}`, 0},
		{"PARTIALLY_CAPTURED", half + `,{"event":"CAPTURE","amount":2000}`, 400},
		{"PARTIALLY_CAPTURED", half + `,{"event":"CAPTURE","amount":"300"}`, 700},
		{"CAPTURED", `{"event":"AUTHORIZE"},` + half + "," + rest, 1000},
		{"CAPTURED", `{"event":"CAPTURE","amount":1000}`, 0}, // the older edition
		{"AUTHORIZATION_VOIDED", half, 0},
	} {
		tr := parse(t, `{"status":"`+test.status+`","amount":1000,"events":[`+test.events+`]}`)
		require.Equal(t, test.paid, tr.Outcome(-1).Paid, "%+v", test)
	}
}

// Nothing that may be paid is voided.
func TestMayBePaid(t *testing.T) {
	t.Parallel()
	const authorize, initiate, capture = `{"event":"AUTHORIZE"}`, `{"event":"INITIATE_CAPTURE"}`, `{"event":"CAPTURE"}`
	for _, test := range []struct {
		status, settlement, events string
		payment                    string
		may                        bool
	}{
		{"AUTHORIZED", "", authorize, "unpaid", false},
		{"AUTHORIZED", "NOT_SETTLED", authorize + "," + initiate, "unpaid", false},
		{"AUTHORIZED", "SETTLED", authorize, "unpaid", true},
		{"AUTHORIZED", "", authorize + "," + capture, "unpaid", true},
		{"CAPTURED", "", capture, "unpaid", false},
		{"CAPTURED", "NOT_SETTLED", capture, "unpaid", false},
		{"CAPTURED", "PENDING_SETTLEMENT", capture, "paid", true},
		{"CAPTURED", "", authorize + "," + capture, "paid", true},
		{"CAPTURED", "", initiate + "," + capture, "paid", true},
		{"CAPTURED", "", ``, "unpaid", true},
		{"PARTIALLY_CAPTURED", "", capture, "part-paid", true},
		{"PARTIALLY_REFUNDED", "", ``, "part-refunded", true},
		{"ON_HOLD", "", ``, "undecided", true},
	} {
		tr := parse(t,
			`{"status":"`+test.status+`","settlement_status":"`+test.settlement+`","events":[`+test.events+`]}`)
		require.Equal(t, test.payment, tr.PaymentStatus(), "%+v", test)
		require.Equal(t, test.may, tr.MayBePaid(), "%+v", test)
	}
}

// One value of an unexpected type changes nothing else of what is read.
func TestLenientReadingIsTheSame(t *testing.T) {
	t.Parallel()
	plain := `{"id":" x ","status":"Authorized","payment_product_type":"kravia.invoice_b2c","amount":5,"currency":"nok","merchant_reference":" R ",
		"session_id":"s","created_at":"2026-01-15T10:30:00Z","settlement_status":"settled","billing_address":{"first_name":"Kari","postal_code":"5003"},
		"metadata":{"kravia:invoice_channel":"Kravia","ext_content":"1:ab","kravia:invoice_number":"N1"},
		"events":[{"name":"CAPTURE","success":false,"error":{"code":"E1","message":"no","errors":[{"path":["a","b"],"description":"bad"}]}},{"event":"authorize","success":true}],
		"success":true,"unknown":1}`
	want := parse(t, plain)
	require.Equal(t, billing.ChannelKravia, want.Channel)
	require.Equal(t, "1:ab", want.Content)
	require.Equal(t, "5003", want.Buyer.PostalCode)
	require.Equal(t, "E1 no; a.b: bad", parse(t, strings.Replace(plain, "Authorized", "failed", 1)).Outcome(0).Message)
	for _, change := range [][2]string{
		{`"amount":5`, `"amount":"5"`},
		{`"5003"`, `5003`},
		{`"success":true,"unknown"`, `"success":"TRUE","unknown"`},
		{`"unknown":1`, `"error":[5]`},
		{`"unknown":1`, `"error":"word"`},
	} {
		require.Contains(t, plain, change[0])
		require.Equal(t, want, parse(t, strings.Replace(plain, change[0], change[1], 1)), change[1])
	}
}

func TestOutcomeOfAFailure(t *testing.T) {
	t.Parallel()
	o := parse(t, `{"id":"x","status":"FAILED","events":[
		{"event":"AUTHORIZE","success":false,"created_at":"2026-01-15T00:00:00Z","error":{"message":"old reason"}},
		{"event":"AUTHORIZE","success":false,"created_at":"2026-01-16T00:00:00Z","error":{"code":"E1","message":"kari@example.no is blocked",
		 "retry_policy":{"retry_codes":["RETRY_AFTER_DELAY"],"retry_after":"2026-02-01T00:00:00Z"}}}]}`).Outcome(14)
	require.Equal(t, billing.Rejected, o.State)
	require.Equal(t, dintero.CodeDeclined, o.Code)
	require.Equal(t, "E1 [hidden] is blocked", o.Message)
	require.Equal(t, "the provider says it may be tried again later 2026-02-01T00:00:00Z", o.Hint)
}

func FuzzParseTransaction(f *testing.F) {
	for _, body := range []string{
		guideAnswer, newerAnswer, `{}`, `[]`, `null`, ``, `{"events":[{"error":{"errors":[{"path":[1,"a"]}]}}]}`,
		guideAnswer[:300],
		`{"status":"FAILED","events":[{"success":false,"error":{"message":"a@b"}}]}`, strings.Repeat("[", 200),
		`{"id":"\ud800"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		tr, err := dintero.ParseTransaction(body)
		if err != nil {
			require.Nil(t, tr)
			require.Equal(t, "no complete JSON object", err.Error())
			return
		}
		require.False(t, tr.Live() && tr.Failed())
		require.False(t, tr.Live() && !tr.Created())
		o := tr.Outcome(14)
		require.Equal(t, tr.Live() && tr.InvoiceNumber != "", o.State == billing.Invoiced)
		require.Equal(t, tr.Live() && tr.InvoiceNumber == "", o.State == billing.Registered)
		for _, d := range []billing.Date{o.InvoiceDate, o.DueDate} {
			require.True(t, d == "" || !d.Time().IsZero() || d == "0001-01-01", d)
		}
		require.NotContains(t, o.Message, "@")
		require.LessOrEqual(t, len(o.Message), 500)
	})
}
