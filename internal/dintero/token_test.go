package dintero_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/dintero"
)

// issuer is a provider that gives tokens t1, t2, … and accepts those from valid on.
type issuer struct {
	issued  atomic.Int64
	valid   atomic.Int64
	expires string // JSON of expires_in
	delay   time.Duration
	status  atomic.Int64 // of the token's answers, 0 for 200
}

func (p *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/accounts/"+account+"/auth/token" {
		n := p.issued.Add(1)
		if p.delay > 0 {
			timer := time.NewTimer(p.delay)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done():
			}
		}
		if status := p.status.Load(); status != 0 {
			w.WriteHeader(int(status))
			return
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"t%d","expires_in":%s}`, n, p.expires)
		return
	}
	var n int64
	_, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer t%d", &n)
	if err != nil || n < p.valid.Load() {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = io.WriteString(w, guideAnswer)
}

// inProcess serves requests without a network, as time in a bubble needs it.
func inProcess(h http.Handler) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return w.Result(), nil
	}
}

func inProcessClient(t *testing.T, p *issuer) *dintero.Client {
	t.Helper()
	cfg := config("http://localhost/v1")
	cfg.HTTP = &http.Client{Transport: inProcess(p)}
	client, err := dintero.New(cfg)
	require.NoError(t, err)
	return client
}

func TestTokenRequest(t *testing.T) {
	t.Parallel()
	var body, user, secret string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/accounts/T12345678/auth/token" || r.Method != http.MethodPost {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		sent, _ := io.ReadAll(r.Body)
		body = string(sent)
		user, secret, _ = r.BasicAuth()
		_, _ = io.WriteString(w, `{"access_token":"x","expires_in":"14400"}`)
	}))
	t.Cleanup(server.Close)
	client, err := dintero.New(config(server.URL + "/v1/"))
	require.NoError(t, err)
	require.NoError(t, client.Authenticate(t.Context()))
	require.JSONEq(t,
		`{"grant_type":"client_credentials","audience":"https://api.dintero.com/v1/accounts/T12345678"}`, body)
	require.Equal(t, "client", user)
	require.Equal(t, canarySecret, secret)
	require.Equal(t, dintero.Counts{Token: 1}, client.Requests())
}

// Once the pacer lets nothing leave, no request does, the token's neither.
func TestNothingLeavesWithoutItsTurn(t *testing.T) {
	t.Parallel()
	b := setup(t, func(http.ResponseWriter, *http.Request) { t.Error("a request left") })
	b.pace.shut = errors.New("closed for today")
	require.ErrorIs(t, b.client.Authenticate(t.Context()), b.pace.shut)
	a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
	require.Equal(t, dintero.MeansNotSent, a.Meaning)
	require.Equal(t, dintero.CodeCancelled, a.Code)
	_, err := b.client.TransactionsByReference(t.Context(), "R-1")
	require.ErrorIs(t, err, b.pace.shut)
	require.ErrorIs(t, b.client.Document(t.Context(), b.server.URL+"/file", io.Discard, 10), b.pace.shut)
	require.Equal(t, dintero.Counts{}, b.client.Requests())
}

func TestAuthenticateRefused(t *testing.T) {
	t.Parallel()
	for status, credentials := range map[int]bool{
		401: true, 403: true, 400: false, 404: false, 429: false,
		500: false, 302: false,
	} {
		p := &issuer{expires: "600"}
		p.status.Store(int64(status))
		client := inProcessClient(t, p)
		err := client.Authenticate(t.Context())
		require.Error(t, err)
		require.Equal(t, credentials, isCredentials(err), "%d: %v", status, err)
		a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansNotSent, a.Meaning)
		require.Equal(t, credentials, isCredentials(a.Fatal))
		require.Zero(t, client.Requests().Pay)
	}
}

func TestTokenSingleFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{expires: "14400", delay: time.Second}
		client := inProcessClient(t, p)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
				if a.Meaning != dintero.MeansInvoiced {
					t.Errorf("%+v", a)
				}
			})
		}
		wg.Wait()
		require.Equal(t, dintero.Counts{Token: 1, Pay: 64}, client.Requests())
	})
}

// Those who waited for a renewal share its failure, whoever comes later asks again.
func TestTokenFailureIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{expires: "14400", delay: time.Second}
		p.status.Store(http.StatusInternalServerError)
		client := inProcessClient(t, p)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				if client.Authenticate(t.Context()) == nil {
					t.Error("no token was to be had")
				}
			})
		}
		wg.Wait()
		require.Equal(t, dintero.Counts{Token: 1}, client.Requests())
		p.status.Store(0)
		require.NoError(t, client.Authenticate(t.Context()))
	})
}

func TestTokenDroppedOncePer401(t *testing.T) {
	t.Parallel()
	p := &issuer{expires: "14400"}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	client, err := dintero.New(config(server.URL + "/v1"))
	require.NoError(t, err)
	require.NoError(t, client.Authenticate(t.Context()))
	p.valid.Store(2) // the first token is worth nothing from now on
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess,
				expect()); a.Meaning != dintero.MeansInvoiced {
				t.Errorf("%+v", a)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 2, client.Requests().Token)
}

func TestPay401Once(t *testing.T) {
	t.Parallel()
	p := &issuer{expires: "14400"}
	p.valid.Store(2)
	client := inProcessClient(t, p)
	a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
	require.Equal(t, dintero.MeansInvoiced, a.Meaning)
	require.Equal(t, dintero.Counts{Token: 2, Pay: 2}, client.Requests())
}

func TestTokenRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		expires string
		keeps   time.Duration // the token is used so long, and not a second longer
	}{
		{"14400", 12960 * time.Second}, // a tenth
		{"300", 240 * time.Second},     // a minute
		{"90", 45 * time.Second},       // half
		{"2", time.Second},
		{`"600"`, 540 * time.Second},
		{"null", 9 * time.Minute},
		{"-5", 9 * time.Minute},
		{`"soon"`, 9 * time.Minute},
		{"99999999999999", 24*time.Hour - 144*time.Minute},
	} {
		t.Run(test.expires, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := inProcessClient(t, &issuer{expires: test.expires})
				pay := func() {
					require.Equal(t, dintero.MeansInvoiced,
						client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect()).Meaning)
				}
				pay()
				wait(t, test.keeps-time.Millisecond)
				pay()
				require.Equal(t, 1, client.Requests().Token)
				wait(t, time.Millisecond)
				pay()
				require.Equal(t, 2, client.Requests().Token)
			})
		})
	}
}

// wait lets virtual time pass.
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

func TestTokenWaiterObeysItsOwnContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{expires: "600", delay: 3 * time.Second}
		client := inProcessClient(t, p)
		var wg sync.WaitGroup
		wg.Go(func() { // leads, and gives up after a second: that must not hurt the third
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if client.Authenticate(ctx) == nil {
				t.Error("the leader must fail")
			}
		})
		synctest.Wait()
		started := time.Now()
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if client.Authenticate(ctx) == nil || time.Since(started) != 500*time.Millisecond {
				t.Error("the impatient waiter must leave on its own time")
			}
		})
		wg.Go(func() {
			if err := client.Authenticate(t.Context()); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		require.Equal(t, 2, client.Requests().Token)
	})
}
