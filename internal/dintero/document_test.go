package dintero_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dintero"
)

const pdf = "%PDF-1.7 an invoice"

// library is a foreign host that must never see a token.
func library(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a foreign host got the token")
		}
		switch r.URL.Path {
		case "/invoice.pdf":
			_, _ = io.WriteString(w, pdf)
		case "/expired":
			w.WriteHeader(http.StatusForbidden)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestDocument(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request, foreign string)
		limit  int64
		says   string // "" when the document arrives
	}{
		{
			"the PDF itself", func(w http.ResponseWriter, _ *http.Request, _ string) { _, _ = io.WriteString(w, pdf) },
			1000, "",
		},
		{"JSON", func(w http.ResponseWriter, _ *http.Request, foreign string) {
			_, _ = io.WriteString(w, `{"id":"f","mime_type":"application/pdf","url":"`+foreign+`/invoice.pdf"}`)
		}, 1000, ""},
		{"redirect", func(w http.ResponseWriter, r *http.Request, foreign string) {
			http.Redirect(w, r, foreign+"/invoice.pdf", http.StatusFound)
		}, 1000, ""},
		{
			"too large", func(w http.ResponseWriter, _ *http.Request, _ string) { _, _ = io.WriteString(w, pdf) },
			int64(len(pdf)) - 1, "longer than",
		},
		{"exactly the limit", func(w http.ResponseWriter, _ *http.Request, _ string) {
			_, _ = io.WriteString(w, pdf)
		}, int64(len(pdf)), ""},
		{
			"a web page", func(w http.ResponseWriter, _ *http.Request, _ string) { _, _ = io.WriteString(w, "<html>") },
			1000, "not a PDF",
		},
		{"expired link", func(w http.ResponseWriter, r *http.Request, foreign string) {
			http.Redirect(w, r, foreign+"/expired", http.StatusFound)
		}, 1000, "HTTP 403"},
		{"round and round", func(w http.ResponseWriter, r *http.Request, foreign string) {
			http.Redirect(w, r, foreign+"/round", http.StatusFound)
		}, 1000, "too often"},
		{"plain http to the world", func(w http.ResponseWriter, r *http.Request, _ string) {
			http.Redirect(w, r, "http://cdn.example.com/invoice.pdf", http.StatusFound)
		}, 1000, "not one that documents come from"},
		{"a local file", func(w http.ResponseWriter, _ *http.Request, _ string) {
			_, _ = io.WriteString(w, `{"url":"file:///etc/passwd"}`)
		}, 1000, "not one that documents come from"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			foreign := library(t)
			b := setup(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer "+canaryToken {
					t.Error("the provider did not get the token")
				}
				test.answer(w, r, foreign.URL)
			})
			var out bytes.Buffer
			err := b.client.Document(t.Context(), b.server.URL+"/v1/files/f-1", &out, test.limit)
			if test.says == "" {
				require.NoError(t, err)
				require.Equal(t, pdf, out.String())
				return
			}
			require.ErrorContains(t, err, test.says)
			require.False(t, isCredentials(err), "a link says nothing of our credentials")
			require.Empty(t, out.String())
		})
	}
}

func TestDocumentRefusedByTheProvider(t *testing.T) {
	t.Parallel()
	b := setup(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	require.True(t, isCredentials(b.client.Document(t.Context(), b.server.URL+"/v1/files/f-1", io.Discard, 1000)))
}

// The transport notes who gets a token; nothing leaves the process.
func TestDocumentTokenGoesToTheProviderOnly(t *testing.T) {
	t.Parallel()
	for address, token := range map[string]bool{
		"https://checkout.dintero.com/v1/files/f":        true,
		"https://api.dintero.com/v1/files/f":             true,
		"https://api.dintero.com:443/v1/files/f":         true,
		"https://API.Dintero.com/v1/files/f":             true,
		"https://api.dintero.com:8443/v1/files/f":        false,
		"https://dintero.com.example.com/v1/files/f":     false,
		"https://evildintero.com/v1/files/f":             false,
		"https://example.com/?x=https://api.dintero.com": false,
	} {
		cfg := config("")
		var authorization string
		cfg.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/auth/token") {
				return response(http.StatusOK, `{"access_token":"`+canaryToken+`","expires_in":600}`), nil
			}
			authorization = r.Header.Get("Authorization")
			return response(http.StatusOK, pdf), nil
		})}
		client, err := dintero.New(cfg)
		require.NoError(t, err)
		require.NoError(t, client.Document(t.Context(), address, io.Discard, 1000))
		require.Equal(t, token, authorization != "", address)
	}
	client, err := dintero.New(config(""))
	require.NoError(t, err)
	for _, address := range []string{
		"http://api.dintero.com/v1/files/f", "http://127.0.0.1/f", "https://user@api.dintero.com/f", "/v1/files/f",
		"", "ftp://api.dintero.com/f",
		":",
	} {
		require.ErrorContains(t, client.Document(t.Context(), address, io.Discard, 1000),
			"not one that documents come from", address)
	}
	require.Equal(t, dintero.Counts{}, client.Requests())
}
