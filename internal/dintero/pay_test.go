package dintero_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dintero"
)

// routes answers by method and path, and fails the test for any other request.
func routes(t *testing.T, answers map[string]string) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		answer, found := answers[r.Method+" "+strings.TrimPrefix(r.URL.Path, "/v1")]
		if !found {
			t.Errorf("unexpected %s %s", r.Method, r.URL.Path)
		}
		status, body, _ := strings.Cut(answer, " ")
		w.WriteHeader(map[string]int{"200": 200, "202": 202, "400": 400, "404": 404, "409": 409, "503": 503}[status])
		_, _ = io.WriteString(w, body)
	}
}

func TestCreateSession(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		profile bool
		answers map[string]string
		meaning dintero.Meaning
		session string
		code    string
	}{
		{
			"plain", false,
			map[string]string{"POST /sessions": `200 {"id":"T12345678.s1","url":"https://x"}`},
			dintero.MeansOpened, "T12345678.s1", "",
		},
		{
			"profile", true,
			map[string]string{"POST /sessions-profile": `200 {"id":"T12345678.s1"}`},
			dintero.MeansOpened, "T12345678.s1", "",
		},
		{"no id", false, map[string]string{"POST /sessions": `200 {}`}, dintero.MeansInDoubt, "", "answer.unreadable"},
		{
			"other account", false,
			map[string]string{"POST /sessions": `200 {"id":"P12345678.s1"}`},
			dintero.MeansInDoubt, "", "environment.mismatch",
		},
		{
			"refused", false,
			map[string]string{"POST /sessions": `400 {"error":{"message":"no"}}`},
			dintero.MeansRefused, "", "provider.rejected",
		},
		{
			"accepted", false,
			map[string]string{"POST /sessions": `202 {"id":"T12345678.s1"}`},
			dintero.MeansInDoubt,
			"", "provider.accepted",
		},
		{"down", false, map[string]string{"POST /sessions": `503 `}, dintero.MeansInDoubt, "", "provider.unavailable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, routes(t, test.answers))
			a := b.client.CreateSession(t.Context(), []byte(`{}`), test.profile, 0)
			require.Equal(t, test.meaning, a.Meaning)
			require.Equal(t, test.session, a.SessionID)
			require.Equal(t, test.code, string(a.Code))
			require.Equal(t, dintero.Counts{Token: 1, Other: 1}, b.client.Requests())
		})
	}
}

func TestPaySession(t *testing.T) {
	t.Parallel()
	transaction := `200 ` + strings.Replace(newerAnswer, `"success":true,`, ``, 1)
	for _, test := range []struct {
		name    string
		pay     string
		session string
		meaning dintero.Meaning
		code    string
		lookUps int
	}{
		{"transaction", `200 ` + newerAnswer, "", dintero.MeansInvoiced, "", 0},
		{
			"result", `200 {"success":true,"actions":[]}`, `200 {"id":"s1","transaction_id":"T12345678.3YkJX"}`,
			dintero.MeansInvoiced, "", 2,
		},
		{
			"result, nothing said", `200 {}`, `200 {"id":"s1","transaction_id":"T12345678.3YkJX"}`,
			dintero.MeansInvoiced, "", 2,
		},
		{
			"result, no transaction yet", `200 {"success":true}`, `200 {"id":"s1"}`, dintero.MeansInDoubt,
			"answer.unreadable", 1,
		},
		{"result, look-up fails", `200 {"success":true}`, `503 `, dintero.MeansInDoubt, "answer.unreadable", 1},
		{"rejected", `200 {"success":false,"error":"Rejected"}`, "", dintero.MeansRefused, "provider.declined", 0},
		{
			"verification", `200 {"success":true,"redirect_url":"https://id.example.com"}`, "", dintero.MeansRefused,
			"provider.verification", 0,
		},
		{"no JSON", `200 <html>`, "", dintero.MeansInDoubt, "answer.unreadable", 0},
		{"refused", `400 {"error":{"message":"expired"}}`, "", dintero.MeansRefused, "provider.rejected", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answers := map[string]string{"POST /sessions/s1/pay": test.pay}
			if test.lookUps > 0 {
				answers["GET /sessions/s1"] = test.session
			}
			if test.lookUps > 1 {
				answers["GET /transactions/T12345678.3YkJX"] = transaction
			}
			b := setup(t, routes(t, answers))
			a := b.client.PaySession(t.Context(), "s1", []byte(`{}`), expect())
			require.Equal(t, test.meaning, a.Meaning, "%+v", a)
			require.Equal(t, test.code, string(a.Code))
			require.NotEmpty(t, a.SessionID)
			require.Equal(t, dintero.Counts{Token: 1, Pay: 1, LookUp: test.lookUps}, b.client.Requests())
			require.Equal(t, 1+test.lookUps, b.pace.waits)
		})
	}
}

func TestPaySessionComparesWhatItFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t, routes(t, map[string]string{
		"POST /sessions/s1/pay":             `200 {"success":true}`,
		"GET /sessions/s1":                  `200 {"id":"s1","transaction_id":"T12345678.3YkJX"}`,
		"GET /transactions/T12345678.3YkJX": `200 ` + strings.Replace(newerAnswer, "29900", "1", 1),
	}))
	a := b.client.PaySession(t.Context(), "s1", []byte(`{}`), expect())
	require.Equal(t, dintero.MeansInDoubt, a.Meaning)
	require.Equal(t, dintero.CodeAmount, a.Code)
}

func TestCaptureAndVoid(t *testing.T) {
	t.Parallel()
	captured := strings.Replace(newerAnswer, "T12345678.3YkJX", "T1", 1)
	voided := strings.Replace(captured, `"authorized"`, `"AUTHORIZATION_VOIDED"`, 1)
	for _, test := range []struct {
		name    string
		void    bool
		answer  string
		meaning dintero.Meaning
		code    string
	}{
		{"captured", false, `200 ` + captured, dintero.MeansInvoiced, ""},
		{"capture accepted", false, `202 ` + captured, dintero.MeansInDoubt, "provider.accepted"},
		{"capture of another", false, `200 ` + newerAnswer, dintero.MeansInDoubt, "answer.id_mismatch"},
		{"capture refused", false, `400 {"error":{"message":"no"}}`, dintero.MeansRefused, "provider.rejected"},
		{
			"capture in conflict", false, `409 {"error":{"message":"captured"}}`, dintero.MeansInDoubt,
			"provider.conflict",
		},
		{"capture down", false, `503 `, dintero.MeansInDoubt, "provider.unavailable"},
		{"voided", true, `200 ` + voided, dintero.MeansVoided, ""},
		{"void accepted", true, `202 `, dintero.MeansInDoubt, "provider.accepted"},
		{"void refused", true, `400 {"error":{"message":"paid"}}`, dintero.MeansRefused, "provider.rejected"},
		{"void of nothing", true, `404 `, dintero.MeansRefused, "provider.rejected"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var body string
			b := setup(t, func(w http.ResponseWriter, r *http.Request) {
				sent, _ := io.ReadAll(r.Body)
				body = string(sent)
				routes(t,
					map[string]string{
						"POST /transactions/T1/capture": test.answer,
						"POST /transactions/T1/void":    test.answer,
					})(w, r)
			})
			var a dintero.Answer
			if test.void {
				a = b.client.Void(t.Context(), "T1")
				require.Empty(t, body)
			} else {
				a = b.client.Capture(t.Context(), "T1", nok(29900))
				require.Equal(t, `{"amount":29900}`, body)
			}
			require.Equal(t, test.meaning, a.Meaning, "%+v", a)
			require.Equal(t, test.code, string(a.Code))
			if test.meaning == dintero.MeansInvoiced {
				require.True(t, a.Transaction.Initiated())
			}
		})
	}
}

// A guard is sent as it is asked for. Only a refusal that speaks of the guard, and of no reference, is about the guard.
func TestCreateSessionWithGuard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		guard  dintero.Guard
		status int
		says   string
		code   string
		header string
	}{
		{
			dintero.Strict, 400, "Dintero-Feature-Toggles: not allowed here", "provider.guard_refused",
			"strict-merchant-reference",
		},
		{
			dintero.StrictSuccess, 400, "unknown value strict-success-merchant-reference", "provider.guard_refused",
			"strict-success-merchant-reference",
		},
		{dintero.Strict, 400, "Unknown toggle", "provider.guard_refused", "strict-merchant-reference"},
		{
			dintero.Strict, 400, "merchant_reference exists (strict-merchant-reference)", "provider.rejected",
			"strict-merchant-reference",
		},
		{dintero.Strict, 400, "amount is missing", "provider.rejected", "strict-merchant-reference"},
		{dintero.Strict, 422, "Unknown toggle", "provider.rejected", "strict-merchant-reference"},
		{0, 400, "Unknown toggle", "provider.rejected", ""},
	} {
		var header string
		b := setup(t, func(w http.ResponseWriter, r *http.Request) {
			header = r.Header.Get("Dintero-Feature-Toggles")
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, `{"error":{"message":"`+test.says+`"}}`)
		})
		a := b.client.CreateSession(t.Context(), []byte(`{}`), false, test.guard)
		require.Equal(t, dintero.MeansRefused, a.Meaning)
		require.Equal(t, test.code, string(a.Code), test.says)
		require.Equal(t, test.header, header)
	}
}

func TestCancelSession(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, answer string
		meaning      dintero.Meaning
		code         string
	}{
		{
			"cancelled", `200 {"id":"s1","cancelled_at":"2026-01-15T10:30:00Z","order":{"amount":29900}}`,
			dintero.MeansVoided, "",
		},
		{
			"cancelled by its events", `200 {"id":"s1","events":[{"name":"INITIATED"},{"name":"CANCELLED"}]}`,
			dintero.MeansVoided, "",
		},
		{"not cancelled", `200 {"id":"s1"}`, dintero.MeansInDoubt, "answer.unreadable"},
		{
			"another", `200 {"id":"s2","cancelled_at":"2026-01-15T10:30:00Z"}`, dintero.MeansInDoubt,
			"answer.id_mismatch",
		},
		{"nothing said", `200 `, dintero.MeansInDoubt, "answer.unreadable"},
		{
			"accepted", `202 {"id":"s1","cancelled_at":"2026-01-15T10:30:00Z"}`, dintero.MeansInDoubt,
			"provider.accepted",
		},
		{"refused", `400 {"error":{"message":"paid"}}`, dintero.MeansRefused, "provider.rejected"},
		{"unknown", `404 `, dintero.MeansRefused, "provider.rejected"},
		{"down", `503 `, dintero.MeansInDoubt, "provider.unavailable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, routes(t, map[string]string{"POST /sessions/s1/cancel": test.answer}))
			a := b.client.CancelSession(t.Context(), "s1")
			require.Equal(t, test.meaning, a.Meaning, "%+v", a)
			require.Equal(t, test.code, string(a.Code))
			require.Equal(t, "s1", a.SessionID)
			require.Nil(t, a.Transaction)
			require.Equal(t, test.code == "", a.Hint == "")
			require.Equal(t, dintero.Counts{Token: 1, Other: 1}, b.client.Requests())
		})
	}
}
