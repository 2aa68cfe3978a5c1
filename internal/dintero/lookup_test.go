package dintero_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dintero"
)

func TestTransactionsByReferencePagesAndComparesExactly(t *testing.T) {
	t.Parallel()
	var queries []url.Values
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.Query())
		var rows []string
		start, size := 0, 100
		if r.URL.Query().Get("starting_after") == "id-99" {
			start, size = 100, 3
		}
		for i := start; i < start+size; i++ {
			reference := "ref-1" // every other one differs in case only
			if i%2 == 1 {
				reference = "REF-1"
			}
			rows = append(rows, fmt.Sprintf(`{"id":"id-%d","status":"CAPTURED","merchant_reference":%q}`, i, reference))
		}
		_, _ = io.WriteString(w, "["+strings.Join(rows, ",")+"]")
	})
	found, err := b.client.TransactionsByReference(t.Context(), "ref-1")
	require.NoError(t, err)
	require.Len(t, found, 52)
	require.Equal(t, "id-102", found[51].ID)
	require.Equal(t, []url.Values{
		{"merchant_reference": {"ref-1"}, "limit": {"100"}},
		{"merchant_reference": {"ref-1"}, "limit": {"100"}, "starting_after": {"id-99"}},
	}, queries)
	require.Equal(t, dintero.Counts{Token: 1, LookUp: 2}, b.client.Requests())
	require.Equal(t, 2, b.pace.waits)
}

func TestLookUpErrors(t *testing.T) {
	t.Parallel()
	full := strings.TrimSuffix(strings.Repeat(`{"id":"same","merchant_reference":"x"},`, 100), ",")
	for _, test := range []struct {
		name   string
		status int
		body   string
		code   string
	}{
		{"no array", 200, `{"items":[]}`, "answer.unreadable"},
		{"null", 200, `null`, "answer.unreadable"},
		{"html", 200, `<html>`, "answer.unreadable"},
		{"unreadable element", 200, `[5]`, "answer.unreadable"},
		{"element without id", 200, `[{"merchant_reference":"R"}]`, "answer.unreadable"},
		{"repeats itself", 200, "[" + full + "]", "answer.unreadable"},
		{"too large", 200, strings.Repeat(" ", 5<<20) + "[]", "answer.too_large"},
		{"throttled", 429, ``, "provider.throttled"},
		{"unavailable", 503, ``, "provider.unavailable"},
		{"forbidden", 403, ``, "provider.credentials"},
		{"not found", 404, ``, "provider.not_found"},
		{"refused", 400, ``, "provider.rejected"},
		{"accepted", 202, `[]`, "provider.unexpected"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "9")
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			_, err := b.client.TransactionsByReference(t.Context(), "R")
			var failure *dintero.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, test.code, string(failure.Code))
			require.Equal(t, test.status, failure.Status)
			require.Equal(t, test.status == http.StatusForbidden, isCredentials(err))
			_, err = b.client.SessionsByReference(t.Context(), "R")
			require.ErrorAs(t, err, &failure)
			require.Equal(t, test.status, failure.Status)
			if test.status == http.StatusForbidden || test.status == http.StatusNotFound {
				require.ErrorIs(t, err, dintero.ErrNotAvailable)
				require.False(t, isCredentials(err))
				test.code = "provider.not_available"
			}
			require.Equal(t, test.code, string(failure.Code))
		})
	}
}

func TestLookUpStopsWhenTheFilterIsIgnored(t *testing.T) {
	t.Parallel()
	n := 0
	b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		rows := make([]string, 100)
		for i := range rows {
			n++
			rows[i] = fmt.Sprintf(`{"id":"id-%d","merchant_reference":"other"}`, n)
		}
		_, _ = io.WriteString(w, "["+strings.Join(rows, ",")+"]")
	})
	_, err := b.client.TransactionsByReference(t.Context(), "R")
	require.ErrorContains(t, err, "more than 20 pages")
}

func TestSessionsByReference(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)
	var query url.Values
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.Query()
		_, _ = io.WriteString(w, `[
			{"id":"s1","order":{"merchant_reference":"R","amount":29900,"currency":"nok"},"transaction_id":"T1","created_at":"2026-01-15T10:30:00Z","metadata":{"ext_content":"1:ab"}},
			{"id":"s7","order":{"merchant_reference":"R"},"expires_at":"2026-01-15T10:00:01Z"},
			{"id":"s8","order":{"merchant_reference":"R"},"expires_at":"2026-01-15T10:00:00Z"},
			{"id":"s2","order":{"merchant_reference":"R"},"events":[{"name":"INITIATED"},{"name":"PAY_FAILED"}]},
			{"id":"s3","order":{"merchant_reference":"R"},"events":[{"name":"FAILED"}]},
			{"id":"s4","order":{"merchant_reference":"R"},"cancelled_at":"2026-01-15T10:30:00Z"},
			{"id":"s5","order":{"merchant_reference":"R-2"}},
			{"id":"s6"}]`)
	})
	found, err := b.client.SessionsByReference(t.Context(), "R")
	require.NoError(t, err)
	require.Equal(t, url.Values{"search": {"R"}, "limit": {"100"}}, query)
	var got []string
	for _, s := range found {
		got = append(got, fmt.Sprintf("%s %s ended=%t in flight=%t", s.ID, s.TransactionID, s.Ended, s.InFlight(now)))
	}
	require.Equal(t, []string{
		"s1 T1 ended=false in flight=false", "s7  ended=false in flight=true", "s8  ended=false in flight=false",
		"s2  ended=false in flight=true", "s3  ended=true in flight=false",
		"s4  ended=true in flight=false",
	}, got)
	require.Equal(t, dintero.Session{
		ID: "s1", Reference: "R", Amount: 29900, Currency: "NOK", TransactionID: "T1", Content: "1:ab",
		CreatedAt: time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC),
	}, found[0])
}

func TestTransactionsByID(t *testing.T) {
	t.Parallel()
	var query url.Values
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.Query()
		_, _ = io.WriteString(w, `[{"id":"T2","status":"CAPTURED"},{"id":"T9","status":"CAPTURED"}]`)
	})
	found, err := b.client.TransactionsByID(t.Context(), []string{"T1", "T2"})
	require.NoError(t, err)
	require.Equal(t, url.Values{"id": {"T1", "T2"}, "limit": {"100"}}, query)
	require.Len(t, found, 1)
	require.Equal(t, "T2", found[0].ID)
	for _, n := range []int{0, 101} {
		_, err = b.client.TransactionsByID(t.Context(), make([]string, n))
		require.ErrorContains(t, err, "1 to 100")
	}
}

func TestTransactionByID(t *testing.T) {
	t.Parallel()
	var path string
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		_, _ = io.WriteString(w, strings.Replace(guideAnswer, "T12345", "T1/2 3", 1))
	})
	tr, err := b.client.Transaction(t.Context(), "T1/2 3")
	require.NoError(t, err)
	require.Equal(t, "INV-2026-0001", tr.InvoiceNumber)
	require.Equal(t, "/v1/transactions/T1%2F2%203", path)
	_, err = b.client.Transaction(t.Context(), "T99")
	var failure *dintero.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, dintero.CodeOther, failure.Code)
}

func TestTransactionsAfter(t *testing.T) {
	t.Parallel()
	var query url.Values
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.Query()
		_, _ = io.WriteString(w, `[{"id":"T2","merchant_reference":"R2"},{"id":"T1","merchant_reference":"R1"}]`)
	})
	found, err := b.client.TransactionsAfter(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, url.Values{"payment_product": {"kravia"}, "limit": {"100"}}, query)
	require.Len(t, found, 2)
	require.Equal(t, "R1", found[1].Reference)
	_, err = b.client.TransactionsAfter(t.Context(), "T1")
	require.NoError(t, err)
	require.Equal(t, url.Values{"payment_product": {"kravia"}, "limit": {"100"}, "starting_after": {"T1"}}, query)
	require.Equal(t, dintero.Counts{Token: 1, LookUp: 2}, b.client.Requests())
}

// Credentials that give no token are refused for the list too.
func TestSessionsWithoutToken(t *testing.T) {
	t.Parallel()
	p := &issuer{expires: "600"}
	p.status.Store(http.StatusForbidden)
	_, err := inProcessClient(t, p).SessionsByReference(t.Context(), "R")
	require.ErrorIs(t, err, dintero.ErrCredentials)
	require.NotErrorIs(t, err, dintero.ErrNotAvailable)
}
