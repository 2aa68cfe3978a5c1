package simulator_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

func TestTransportEndsWithTheContextButTheProviderWorksOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, err := simulator.New(simulator.Options{Latency: 10 * time.Second})
		require.NoError(t, err)
		b := &bundle{t: t, provider: p, client: &http.Client{Transport: p.Transport()}}
		b.login()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/sessions/pay",
			strings.NewReader(orderB2B("a")))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+b.token)
		before := time.Now()
		_, err = b.client.Do(request)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(before))
		require.Equal(t, 0, p.Live("a"))

		require.NoError(t, p.Close()) // waits for the commit
		require.Equal(t, 10*time.Second, time.Since(before))
		require.Equal(t, 1, p.Live("a"))
		require.Equal(t, http.StatusServiceUnavailable, b.get("/transactions").status)
	})
}

func TestTransportBodyEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setup(t, simulator.Options{Faults: []simulator.Fault{{Action: simulator.ActionHuge}}})
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/transactions", nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+b.token)
		response, err := b.client.Do(request)
		require.NoError(t, err)
		_, err = io.CopyN(io.Discard, response.Body, 1000)
		require.NoError(t, err)
		cancel()
		synctest.Wait()
		_, err = io.Copy(io.Discard, response.Body)
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, response.Body.Close())
	})
}

func TestTransportBodyMayBeLeftUnread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // fails if the handler is left waiting
		b := setup(t, simulator.Options{Faults: []simulator.Fault{{Action: simulator.ActionHuge}}})
		response, err := b.try(http.MethodGet, "/transactions", "")
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	})
}

func TestTransportTellsThatTheRequestWasSent(t *testing.T) {
	t.Parallel()
	b := setup(t, simulator.Options{Faults: []simulator.Fault{{Action: simulator.ActionDropBefore}}})
	sent := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { sent++ },
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/transactions", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+b.token)
	_, err = b.client.Do(request)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, 1, sent)
}

// The same handler behind a real server: what the in-process transport imitates.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action simulator.Action
		live   int
	}{
		{simulator.ActionDropBefore, 0},
		{simulator.ActionDropAfter, 1},
		{simulator.ActionTruncated, 1},
	} {
		t.Run(string(test.action), func(t *testing.T) {
			t.Parallel()
			b := setup(t,
				simulator.Options{Faults: []simulator.Fault{{Operation: simulator.OpPay, Action: test.action}}})
			server := httptest.NewServer(b.provider)
			defer server.Close()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1/sessions/pay",
				strings.NewReader(orderB2B("a")))
			require.NoError(t, err)
			request.Header.Set("Authorization", "Bearer "+b.token)
			response, err := server.Client().Do(request)
			if err == nil {
				_, err = io.ReadAll(response.Body)
				require.NoError(t, response.Body.Close())
			}
			require.Error(t, err)
			require.Equal(t, test.live, b.provider.Live("a"))
		})
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			mode   simulator.FileMode
			status int
			kind   string
		}{
			{simulator.FilesJSON, 200, "application/json"},
			{simulator.FilesPDF, 200, "application/pdf"},
			{simulator.FilesRedirect, 302, "application/json"},
		} {
			b := setup(t, simulator.Options{Files: test.mode})
			get := func(url string, headers ...string) answer {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
				require.NoError(t, err)
				for i := 0; i < len(headers); i += 2 {
					request.Header.Set(headers[i], headers[i+1])
				}
				response, err := b.client.Do(request)
				require.NoError(t, err)
				return read(t, response)
			}
			file := get(dig(t, b.pay("a"), "metadata", "kravia:invoice_url").(string))
			require.Equal(t, test.status, file.status)
			require.Equal(t, test.kind, file.header.Get("Content-Type"))
			temporary := file.header.Get("Location")
			if test.mode == simulator.FilesPDF {
				requirePDF(t, file.text)
				continue
			}
			if test.mode == simulator.FilesJSON {
				require.Equal(t, "invoice_INV-2000-0001.pdf", file.object()["name"])
				require.Equal(t, "application/pdf", file.object()["mime_type"])
				temporary = file.object()["url"].(string)
			}
			requirePDF(t, get(temporary).text)
			require.Equal(t, http.StatusBadRequest, get(temporary, "Authorization", "Bearer "+b.token).status)
			time.Sleep(11 * time.Minute)
			require.Equal(t, http.StatusForbidden, get(temporary).status)
		}
	})
}

// requirePDF checks the frame of a PDF and that its cross-reference table points at objects.
func requirePDF(t *testing.T, pdf string) {
	t.Helper()
	require.True(t, strings.HasPrefix(pdf, "%PDF-1.4\n"))
	require.Contains(t, pdf, "Invoice INV-")
	var start int
	_, err := fmt.Sscanf(pdf[strings.LastIndex(pdf, "startxref"):], "startxref\n%d\n%%%%EOF", &start)
	require.NoError(t, err)
	table := strings.Split(pdf[start:], "\n")
	require.Equal(t, "xref", table[0])
	for i, line := range table[3:8] {
		var offset int
		_, err := fmt.Sscanf(line, "%d 00000 n", &offset)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(pdf[offset:], fmt.Sprintf("%d 0 obj\n", i+1)))
	}
}

func BenchmarkPay(b *testing.B) {
	p, err := simulator.New(simulator.Options{StateFile: b.TempDir() + "/state.jsonl", ForgetRequests: true})
	require.NoError(b, err)
	client := &http.Client{Transport: p.Transport()}
	login, err := http.NewRequestWithContext(b.Context(), http.MethodPost, tokenURL, strings.NewReader(grant))
	require.NoError(b, err)
	login.SetBasicAuth("id", "secret")
	response, err := client.Do(login)
	require.NoError(b, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	token := string(body[len(`{"access_token":"`) : bytes.IndexByte(body, ',')-1])
	for i := 0; b.Loop(); i++ {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, base+"/sessions/pay",
			strings.NewReader(orderB2B(fmt.Sprint("r", i))))
		require.NoError(b, err)
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Dintero-Feature-Toggles", strictSuccess)
		response, err := client.Do(request)
		require.NoError(b, err)
		require.Equal(b, http.StatusOK, response.StatusCode)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(b, err)
		require.NoError(b, response.Body.Close())
	}
	require.NoError(b, p.Close())
}
