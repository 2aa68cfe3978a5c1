package dintero_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dintero"
)

// hijack cuts the connection after the request was read and head was written.
func hijack(t *testing.T, w http.ResponseWriter, head string) {
	t.Helper()
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(conn, head)
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset instead of an orderly end
	}
	_ = conn.Close()
}

func TestPayNetworkFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		api     func(t *testing.T, w http.ResponseWriter, r *http.Request)
		timeout time.Duration
		meaning dintero.Meaning
		code    string
		status  int
	}{
		{
			"reset after write", func(t *testing.T, w http.ResponseWriter, _ *http.Request) { hijack(t, w, "") }, 0,
			dintero.MeansInDoubt, "network.broken", 0,
		},
		{"cut inside the body", func(t *testing.T, w http.ResponseWriter, _ *http.Request) {
			hijack(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"id\":")
		}, 0, dintero.MeansInDoubt, "network.broken", 200},
		{"no HTTP at all", func(t *testing.T, w http.ResponseWriter, _ *http.Request) {
			hijack(t, w, "SSH-2.0-OpenSSH\r\n")
		}, 0, dintero.MeansInDoubt, "network.broken", 0},
		{"timeout", func(_ *testing.T, _ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // the server notices a client that left only after the body
			<-r.Context().Done()
		}, 100 * time.Millisecond, dintero.MeansInDoubt, "network.timeout", 0},
		{"timeout inside the body", func(_ *testing.T, w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, `{"id":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, 100 * time.Millisecond, dintero.MeansInDoubt, "network.timeout", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			b := setup(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				test.api(t, w, r)
			}, func(cfg *dintero.Config) {
				if test.timeout > 0 {
					cfg.Timeout = test.timeout
				}
			})
			require.NoError(t, b.client.Authenticate(t.Context()))
			a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
			require.Equal(t, test.meaning, a.Meaning, "%+v", a)
			require.Equal(t, test.code, string(a.Code))
			require.Equal(t, test.status, a.HTTPStatus)
			require.NoError(t, a.Fatal)
			require.EqualValues(t, 1, calls.Load(), "the transport must not send twice")
		})
	}
}

// A connection that the server closes while idle is the one place where transports like to send again.
func TestPayOnAStaleConnectionIsNotRepeated(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) > 1 {
			hijack(t, w, "")
			return
		}
		_, _ = io.WriteString(w, guideAnswer)
	})
	require.Equal(t, dintero.MeansInvoiced,
		b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect()).Meaning)
	require.Equal(t, dintero.MeansInDoubt,
		b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect()).Meaning)
	require.EqualValues(t, 2, calls.Load())
}

func TestPayUnreachable(t *testing.T) {
	t.Parallel()
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(http.ResponseWriter, *http.Request) {}, func(cfg *dintero.Config) { cfg.HTTP = nil })
		require.NoError(t, b.client.Authenticate(t.Context()))
		b.server.CloseClientConnections()
		b.server.Close()
		require.Eventually(t, func() bool { // the first calls may still meet the dying connection
			a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
			return a.Meaning == dintero.MeansNotSent && a.Code == dintero.CodeUnreachable && a.Fatal == nil
		}, 5*time.Second, 10*time.Millisecond)
	})
	t.Run("refused at the token", func(t *testing.T) {
		t.Parallel()
		client, err := dintero.New(config("http://127.0.0.1:1")) // where no other test listens
		require.NoError(t, err)
		a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansNotSent, a.Meaning)
		require.Equal(t, dintero.CodeUnreachable, a.Code)
		require.NoError(t, a.Fatal)
	})
	t.Run("untrusted certificate", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		client, err := dintero.New(config(server.URL))
		require.NoError(t, err)
		a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansNotSent, a.Meaning)
		require.Equal(t, dintero.CodeTLS, a.Code)
	})
	t.Run("plain text where TLS should be", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(server.Close)
		client, err := dintero.New(config(strings.Replace(server.URL, "http:", "https:", 1)))
		require.NoError(t, err)
		a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansNotSent, a.Meaning)
	})
}

// roundTrip is a transport that knows nothing of connections.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Without proof that nothing left, an error is doubt: also when the transport does not say what it did.
func TestPayErrorWithoutProofIsInDoubt(t *testing.T) {
	t.Parallel()
	cfg := config("http://localhost/v1")
	cfg.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/auth/token") {
			return response(http.StatusOK, `{"access_token":"x","expires_in":600}`), nil
		}
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	})}
	client, err := dintero.New(cfg)
	require.NoError(t, err)
	a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
	require.Equal(t, dintero.MeansInDoubt, a.Meaning)
}

func response(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

func TestPayCancelled(t *testing.T) {
	t.Parallel()
	t.Run("before its turn", func(t *testing.T) {
		t.Parallel()
		b := setup(t, func(http.ResponseWriter, *http.Request) { t.Error("must not be called") })
		require.NoError(t, b.client.Authenticate(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		a := b.client.Pay(ctx, []byte(`{}`), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansNotSent, a.Meaning)
		require.Equal(t, dintero.CodeCancelled, a.Code)
		require.Zero(t, b.client.Requests().Pay)
	})
	t.Run("under way", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		b := setup(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		})
		a := b.client.Pay(ctx, []byte(`{}`), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansInDoubt, a.Meaning)
		require.Equal(t, dintero.CodeCancelled, a.Code)
	})
}

func TestRedirectIsNeverFollowed(t *testing.T) {
	t.Parallel()
	var other atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other.Add(1) }))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		b := setup(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		require.Equal(t, dintero.MeansInDoubt,
			b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect()).Meaning)
		_, err := b.client.Transaction(t.Context(), "T1")
		var failure *dintero.Error
		require.ErrorAs(t, err, &failure)
		require.Equal(t, dintero.CodeRedirect, failure.Code)
	}
	require.Zero(t, other.Load())
}
