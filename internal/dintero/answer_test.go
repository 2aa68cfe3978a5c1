package dintero_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
)

// answerTest is one kind of answer and exactly what it becomes.
type answerTest struct {
	name    string
	status  int
	header  string // "Key: value"
	body    string
	meaning dintero.Meaning
	code    billing.Code
	fatal   bool
	says    string // part of the message
	hint    string // part of the hint
}

func failedWith(event string) string {
	return `{"id":"T12345678.a","status":"FAILED","success":false,"amount":29900,"merchant_reference":"inv-2026-001","events":[` + event + `]}`
}

func withStatus(status string) string { return strings.Replace(guideAnswer, "CAPTURED", status, 1) }

func answerTests() []answerTest {
	const (
		invoiced, registered, voided = dintero.MeansInvoiced, dintero.MeansRegistered, dintero.MeansVoided
		declined, refused            = dintero.MeansDeclined, dintero.MeansRefused
		notSent, doubt               = dintero.MeansNotSent, dintero.MeansInDoubt
	)
	noNumber := strings.ReplaceAll(guideAnswer, "kravia:invoice_number", "other")
	validation := `{"error":{"code":"INVALID_REQUEST_PARAMETER","message":"bad","errors":[{"path":["session","order"],"description":"postal_code is missing"}]},"session_id":"T12345678.s9","success":false}`
	policy := `{"event":"AUTHORIZE","success":false,"error":{"code":"CREDIT","message":"no credit","retry_policy":{"retry_codes":["DO_NOT_RETRY"]}}}`
	return []answerTest{
		{name: "guide", status: 200, body: guideAnswer, meaning: invoiced},
		{name: "newer edition", status: 200, body: newerAnswer, meaning: invoiced},
		{name: "created", status: 201, body: guideAnswer, meaning: invoiced},
		{name: "voided", status: 200, body: withStatus("AUTHORIZATION_VOIDED"), meaning: voided},
		{name: "accepted", status: 202, body: guideAnswer, meaning: doubt, code: "provider.accepted"},
		{name: "accepted, failed", status: 202, body: failedWith(policy), meaning: doubt, code: "provider.accepted"},
		{name: "accepted, no body", status: 202, meaning: doubt, code: "provider.accepted"},
		{name: "no number yet", status: 200, body: noNumber, meaning: registered},
		{name: "partially captured", status: 200, body: withStatus("PARTIALLY_CAPTURED"), meaning: invoiced},
		{
			name: "failed", status: 200, body: failedWith(policy), meaning: declined, code: "provider.declined",
			says: "no credit", hint: "not to try again",
		},
		{
			name: "failed, no reason", status: 200, body: failedWith(``), meaning: declined, code: "provider.declined",
			says: "no reason",
		},
		{name: "declined", status: 200, body: withStatus("declined"), meaning: declined, code: "provider.declined"},
		{
			name: "success false alone", status: 200,
			body: `{"success":false,"error":"Rejected","error_details":[{"code":"wrong_ssn"}]}`, meaning: refused,
			code: "provider.declined", says: "Rejected; wrong_ssn",
		},
		{
			name: "success false and captured", status: 200,
			body: strings.Replace(guideAnswer, `{`, `{"success":false,`, 1), meaning: doubt,
			code: "answer.contradictory",
		},
		{
			name: "success and failed", status: 200,
			body: strings.Replace(failedWith(policy), `"success":false`, `"success":true`, 1), meaning: doubt,
			code: "answer.contradictory",
		},
		{
			name: "success false and voided", status: 200,
			body: strings.Replace(withStatus("AUTHORIZATION_VOIDED"), `{`, `{"success":false,`, 1), meaning: doubt,
			code: "answer.contradictory",
		},
		{
			name: "failed, but no transaction", status: 200, body: `{"status":"FAILED"}`, meaning: refused,
			code: "provider.declined",
		},
		{
			name: "verification", status: 200, body: `{"success":true,"redirect_url":"https://id.example.com"}`,
			meaning: refused, code: "provider.verification",
		},
		{name: "initiated", status: 200, body: withStatus("INITIATED"), meaning: doubt, code: "answer.status"},
		{
			name: "initialized", status: 200, body: withStatus("initialized"), meaning: doubt, code: "answer.status",
			says: "INITIATED",
		},
		{name: "on hold", status: 200, body: withStatus("ON_HOLD"), meaning: doubt, code: "answer.status"},
		{name: "unknown", status: 200, body: withStatus("UNKNOWN"), meaning: doubt, code: "answer.status"},
		{
			name: "unlisted status", status: 200, body: withStatus("FROBNICATED"), meaning: doubt,
			code: "answer.status", says: "FROBNICATED",
		},
		{name: "refunded at once", status: 200, body: withStatus("REFUNDED"), meaning: doubt, code: "answer.status"},
		{
			name: "missing id", status: 200, body: strings.Replace(guideAnswer, `"id"`, `"no_id"`, 1), meaning: doubt,
			code: "answer.unreadable",
		},
		{
			name: "missing status", status: 200, body: strings.Replace(guideAnswer, `"status"`, `"no_status"`, 1),
			meaning: doubt, code: "answer.unreadable",
		},
		{
			name: "missing amount", status: 200, body: strings.Replace(guideAnswer, `"amount"`, `"no_amount"`, 1),
			meaning: doubt, code: "answer.unreadable",
		},
		{
			name: "missing reference", status: 200,
			body: strings.Replace(guideAnswer, `"merchant_reference"`, `"no"`, 1), meaning: doubt,
			code: "answer.unreadable",
		},
		{
			name: "html", status: 200, header: "Content-Type: text/html", body: "<html><title>Welcome</title></html>",
			meaning: doubt, code: "answer.unreadable",
		},
		{name: "truncated json", status: 200, body: guideAnswer[:300], meaning: doubt, code: "answer.unreadable"},
		{name: "empty", status: 200, meaning: doubt, code: "answer.unreadable"},
		{name: "array", status: 200, body: `[]`, meaning: doubt, code: "answer.unreadable"},
		{name: "null", status: 200, body: `null`, meaning: doubt, code: "answer.unreadable"},
		{
			name: "huge", status: 200, body: guideAnswer + strings.Repeat(" ", 20<<20), meaning: doubt,
			code: "answer.too_large",
		},
		{
			name: "wrong amount", status: 200, body: strings.Replace(guideAnswer, "29900", "29901", 1), meaning: doubt,
			code: "answer.amount_mismatch", says: "29901",
		},
		{
			name: "wrong reference", status: 200, body: strings.Replace(guideAnswer, "inv-2026-001", "INV-2026-001", 1),
			meaning: doubt, code: "answer.reference_mismatch",
		},
		{
			name: "wrong currency", status: 200, body: strings.Replace(newerAnswer, `"nok"`, `"SEK"`, 1),
			meaning: doubt, code: "answer.currency_mismatch",
		},
		{
			name: "wrong product", status: 200, body: strings.Replace(guideAnswer, "invoice_b2b", "invoice_b2c", 1),
			meaning: doubt, code: "answer.product_mismatch",
		},
		{
			name: "wrong customer", status: 200, body: strings.Replace(newerAnswer, "123 456 789", "987654321", 1),
			meaning: doubt, code: "answer.customer_mismatch",
		},
		{
			name: "wrong channel", status: 200,
			body: strings.Replace(guideAnswer, `"metadata":{`, `"metadata":{"kravia:invoice_channel":"merchant",`,
				1), meaning: doubt, code: "answer.channel_mismatch",
		},
		{
			name: "wrong content", status: 200,
			body:    strings.Replace(guideAnswer, `"metadata":{`, `"metadata":{"ext_content":"1:00",`, 1),
			meaning: doubt, code: "answer.content_mismatch",
		},
		{
			name: "wrong account", status: 200, body: strings.Replace(newerAnswer, "T12345678.3", "P12345678.3", 1),
			meaning: doubt, code: "environment.mismatch",
		},
		{
			name: "failed, but another reference", status: 200,
			body: strings.Replace(failedWith(policy), "inv-2026-001", "x", 1), meaning: doubt,
			code: "answer.reference_mismatch",
		},
		{name: "redirect", status: 307, header: "Location: /v1/elsewhere", meaning: doubt, code: "provider.redirect"},
		{name: "moved", status: 301, header: "Location: /v1/elsewhere", meaning: doubt, code: "provider.redirect"},
		{
			name: "validation", status: 400, body: validation, meaning: refused, code: "provider.rejected",
			says: "session.order: postal_code is missing",
		},
		{name: "400 without words", status: 400, meaning: refused, code: "provider.rejected", says: "bad request"},
		{
			name: "duplicate", status: 400, body: `{"error":{"message":"merchant_reference already exists"}}`,
			meaning: refused, code: "provider.rejected",
		},
		{
			name: "400 that speaks of success", status: 400, body: guideAnswer, meaning: doubt,
			code: "answer.contradictory",
		},
		{
			name: "401 twice", status: 401, body: `{"error":{"message":"Access forbidden"}}`, meaning: notSent,
			code: "provider.credentials", fatal: true, says: "Access forbidden",
		},
		{name: "403", status: 403, meaning: notSent, code: "provider.credentials", fatal: true},
		{name: "404", status: 404, meaning: refused, code: "provider.rejected"},
		{name: "405", status: 405, meaning: refused, code: "provider.rejected"},
		{name: "408", status: 408, meaning: doubt, code: "provider.unexpected"},
		{name: "409", status: 409, meaning: doubt, code: "provider.conflict"},
		{
			name: "409 duplicate", status: 409, body: `{"error":{"message":"Duplicate reference"}}`, meaning: doubt,
			code: "provider.conflict",
		},
		{name: "412", status: 412, meaning: refused, code: "provider.rejected"},
		{name: "413", status: 413, meaning: refused, code: "provider.rejected"},
		{name: "415", status: 415, meaning: refused, code: "provider.rejected"},
		{name: "422", status: 422, meaning: refused, code: "provider.rejected"},
		{name: "418", status: 418, meaning: doubt, code: "provider.unexpected"},
		{name: "429", status: 429, meaning: notSent, code: "provider.throttled"},
		{name: "500", status: 500, body: validation, meaning: doubt, code: "provider.unavailable"},
		{
			name: "502 html", status: 502, body: "<html>Bad Gateway</html>", meaning: doubt,
			code: "provider.unavailable", says: "bad gateway",
		},
		{name: "503", status: 503, header: "Retry-After: 7", meaning: doubt, code: "provider.unavailable"},
	}
}

func TestPayAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range answerTests() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			b := setup(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				if key, value, found := strings.Cut(test.header, ": "); found {
					w.Header().Set(key, value)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
			require.Equal(t, test.meaning.String(), a.Meaning.String(), "%+v", a)
			require.Equal(t, test.code, a.Code)
			require.Equal(t, test.status, a.HTTPStatus)
			require.Contains(t, a.Message, test.says)
			require.Contains(t, a.Hint, test.hint)
			require.Equal(t, a.Code == "", a.Message == "", "a plain success has nothing to say: %q", a.Message)
			if test.fatal {
				require.ErrorIs(t, a.Fatal, dintero.ErrCredentials)
			} else {
				require.NoError(t, a.Fatal)
			}
			want := 1
			if test.status == http.StatusUnauthorized {
				want = 2
			}
			require.Equal(t, want, calls)
			require.Equal(t, want, b.pace.waits)
			require.Equal(t, want, b.client.Requests().Pay)
			if test.status == http.StatusTooManyRequests {
				require.Len(t, b.pace.throttled, 1)
				require.Zero(t, b.pace.passed)
			} else {
				require.Equal(t, want, b.pace.passed)
			}
		})
	}
}

func TestPayReadsTheInvoice(t *testing.T) {
	t.Parallel()
	b := setup(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, newerAnswer) })
	a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
	require.Equal(t, "T12345678.sess1", a.SessionID)
	o := a.Transaction.Outcome(30)
	require.Equal(t, billing.Outcome{
		State: billing.Invoiced, TransactionID: "T12345678.3YkJX", SessionID: "T12345678.sess1", InvoiceNumber: "4711",
		InvoiceDate: "2026-01-15", DueDate: "2026-02-14", PaymentStatus: "unpaid", Settlement: "not settled",
		Code: "invoice.incomplete", Message: "the provider does not name the invoice's address", Hint: "refresh later",
	}, o)
}

func TestPayKeepsTheSessionOfARefusal(t *testing.T) {
	t.Parallel()
	b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"error":{"message":"oops"},"session_id":"T12345678.s9","success":false}`)
	})
	require.Equal(t, "T12345678.s9", b.client.Pay(t.Context(), []byte(`{}`), dintero.Strict, expect()).SessionID)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value string
		least time.Duration
		most  time.Duration
	}{
		{"7", 7 * time.Second, 7 * time.Second},
		{"0", 0, 0},
		{"", -1, -1},
		{"soon", -1, -1},
		{"-5", -1, -1},
		{"1.5", -1, -1},
		{"1000000000", 1e9 * time.Second, 1e9 * time.Second},
		{"99999999999999999999999", 9e9 * time.Second, 1<<63 - 1},
		{time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), 59 * time.Minute, time.Hour},
		{time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), 0, 0},
		{"Fri, 31 Dec 9999 23:59:59 GMT", 9e9 * time.Second, 1<<63 - 1},
	} {
		t.Run(test.value, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", test.value)
				w.WriteHeader(http.StatusTooManyRequests)
			})
			a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
			require.Equal(t, dintero.MeansNotSent, a.Meaning)
			require.Len(t, b.pace.throttled, 1)
			require.GreaterOrEqual(t, b.pace.throttled[0], test.least)
			require.LessOrEqual(t, b.pace.throttled[0], test.most)
		})
	}
}

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	var seen http.Header
	var body string
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		sent, _ := io.ReadAll(r.Body)
		body = fmt.Sprintf("%s %s %s", r.Method, r.URL.Path, sent)
		_, _ = io.WriteString(w, guideAnswer)
	})
	b.client.Pay(t.Context(), []byte(`{"a":1}`), dintero.StrictSuccess, expect())
	require.Equal(t, `POST /v1/sessions/pay {"a":1}`, body)
	require.Equal(t, "strict-success-merchant-reference", seen.Get("Dintero-Feature-Toggles"))
	require.Equal(t, "Bearer "+canaryToken, seen.Get("Authorization"))
	require.Equal(t, "application/json", seen.Get("Content-Type"))
	require.Equal(t, "kravia-batch/1.2.3", seen.Get("User-Agent"))
	require.Equal(t, "kravia-batch", seen.Get("Dintero-System-Name"))
	require.Equal(t, "1.2.3", seen.Get("Dintero-System-Version"))
	for key := range seen {
		require.NotContains(t, strings.ToLower(key), "idempotency")
	}
	b.client.Pay(t.Context(), []byte(`{}`), dintero.Strict, expect())
	require.Equal(t, "strict-merchant-reference", seen.Get("Dintero-Feature-Toggles"))
	_, err := b.client.Transaction(t.Context(), "T12345")
	require.NoError(t, err)
	require.Empty(t, seen.Get("Dintero-Feature-Toggles"))
}

func TestParseGuard(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]dintero.Guard{
		"strict-success": dintero.StrictSuccess,
		"strict":         dintero.Strict,
	} {
		g, err := dintero.ParseGuard(text)
		require.NoError(t, err)
		require.Equal(t, want, g)
	}
	_, err := dintero.ParseGuard("")
	require.Error(t, err)
}
