package dintero_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dintero"
)

func TestCheckout(t *testing.T) {
	t.Parallel()
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method+" "+r.URL.Path != "GET /v1/admin/checkout" ||
			r.Header.Get("Authorization") != "Bearer "+canaryToken {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		_, _ = io.WriteString(w, `{"id":"x","configuration":{"payment_options":[
			{"type":"kravia.invoice_b2b","currencies":["NOK","sek"],"details":{"invoice_channel":"merchant","sca_policy":{}}},
			{"type":"bambora.creditcard","currencies":"NOK","details":null}]},
			"gateways":{"bambora":{},"kravia":{"merchant_id":30530,"supported_invoice_channels":["kravia","merchant"]}}}`)
	})
	checkout, err := b.client.Checkout(t.Context())
	require.NoError(t, err)
	require.Equal(t, &dintero.Checkout{
		Options: []dintero.PaymentOption{
			{Type: "kravia.invoice_b2b", Currencies: []string{"NOK", "SEK"}, Channel: "merchant"},
			{Type: "bambora.creditcard"},
		},
		SupportedChannels: []string{"kravia", "merchant"},
	}, checkout)
	require.Equal(t, dintero.Counts{Token: 1, Account: 1}, b.client.Requests())
}

func TestProfile(t *testing.T) {
	t.Parallel()
	b := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.EscapedPath() != "/v1/admin/session/profiles/T1%2F2" {
			t.Error(r.URL.EscapedPath())
		}
		_, _ = io.WriteString(w, `{"id":"T1/2"}`)
	})
	require.NoError(t, b.client.Profile(t.Context(), "T1/2"))
}

// A refusal says nothing, neither of the account nor of our credentials: the token is kept.
func TestPreflightCannotTell(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		cannot bool
		code   string
	}{
		{401, ``, true, "provider.not_available"},
		{403, `{"error":{"message":"Kari Nordmann"}}`, true, "provider.not_available"},
		{404, ``, true, "provider.not_available"},
		{405, ``, true, "provider.not_available"},
		{302, ``, true, "provider.not_available"},
		{200, `<html>`, true, "provider.not_available"},
		{200, strings.Repeat(" ", 5<<20), true, "provider.not_available"},
		{429, ``, false, "provider.throttled"},
		{500, ``, false, "provider.unavailable"},
	} {
		b := setup(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/transactions/T12345" {
				_, _ = io.WriteString(w, guideAnswer)
				return
			}
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body)
		})
		_, checkout := b.client.Checkout(t.Context())
		profile := b.client.Profile(t.Context(), "default")
		for _, err := range []error{checkout, profile} {
			var failure *dintero.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, test.code, string(failure.Code))
			if test.cannot {
				require.ErrorIs(t, err, dintero.ErrNotAvailable)
			} else {
				require.NotErrorIs(t, err, dintero.ErrNotAvailable)
			}
			require.False(t, isCredentials(err))
			require.NotContains(t, err.Error(), "Kari")
		}
		_, err := b.client.Transaction(t.Context(), "T12345")
		require.NoError(t, err)
		require.Equal(t, dintero.Counts{Token: 1, LookUp: 1, Account: 2}, b.client.Requests())
	}
}

// Credentials that give no token are refused for the pre-flight too.
func TestPreflightWithoutToken(t *testing.T) {
	t.Parallel()
	p := &issuer{expires: "600"}
	p.status.Store(http.StatusUnauthorized)
	client := inProcessClient(t, p)
	_, err := client.Checkout(t.Context())
	require.ErrorIs(t, err, dintero.ErrCredentials)
	require.NotErrorIs(t, err, dintero.ErrNotAvailable)
	require.ErrorIs(t, client.Profile(t.Context(), "default"), dintero.ErrCredentials)
}

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	for address, says := range map[string]string{
		"https://example.com/callback?report_event=CAPTURE": "",
		"https://example.com":                               "",
		"https://192.0.2.1:8443/x":                          "",
		"https://[2001:db8::1]/x":                           "",
		"https://localhost.example.com/":                    "",
		"http://example.com/":                               "not an https address",
		"HTTPS://example.com/":                              "",
		"not a url":                                         "not an https address",
		"example.com":                                       "not an https address",
		"https:///path":                                     "not an https address",
		"https://:443/":                                     "not an https address",
		"https://example.com/a b":                           "not an https address",
		" https://example.com/":                             "not an https address",
		"https://exa mple.com/":                             "not an https address",
		"https://example.com/\n":                            "not an https address",
		"ftp://example.com/":                                "not an https address",
		"":                                                  "not an https address",
		"https://user@example.com/":                         "user name",
		"https://user:key@example.com/":                     "user name",
		"https://localhost/":                                "this machine",
		"https://LocalHost.:8443/":                          "this machine",
		"https://app.localhost/":                            "this machine",
		"https://127.0.0.1/":                                "this machine",
		"https://127.9.9.9/":                                "this machine",
		"https://[::1]/":                                    "this machine",
		"https://[::ffff:127.0.0.1]/":                       "this machine",
		"https://0.0.0.0/":                                  "this machine",
		"https://[::]/":                                     "this machine",
		"https://[::ffff:0.0.0.0]/":                         "this machine",
	} {
		err := dintero.CheckAddress(address)
		if says == "" {
			require.NoError(t, err, address)
			continue
		}
		require.ErrorContains(t, err, says, address)
		require.NotContains(t, err.Error(), "key")
	}
}
