package dintero_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
)

func isCredentials(err error) bool { return errors.Is(err, dintero.ErrCredentials) }

func TestSecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	secret := dintero.Secret(canarySecret)
	cfg := config("http://localhost/v1")
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", secret, cfg, &cfg)
	}
	out.WriteString(secret.String() + secret.GoString())
	for _, v := range []any{secret, cfg.Secret, map[string]any{"s": secret}, []dintero.Secret{secret}} {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		out.Write(data)
		data, err = yaml.Marshal(v)
		require.NoError(t, err)
		out.Write(data)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", secret, "config", cfg)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", secret)
	requireClean(t, out.String())
}

func requireClean(t *testing.T, text string) {
	t.Helper()
	for _, canary := range []string{canarySecret, canaryToken, fmt.Sprintf("%x", canarySecret)} {
		require.NotContains(t, strings.ToLower(text), canary)
	}
}

// The provider of this test answers every call with what no program should repeat, in every shape of answer.
func TestNothingPrivateLeavesTheClient(t *testing.T) {
	t.Parallel()
	const buyer = `"billing_address":{"first_name":"Kari","last_name":"Nordmann","email":"kari@example.no","phone_number":"+4798765432","address_line":"Lillegata 5"},` +
		`"customer":{"id":"Kari"},"items":[{"id":"x","description":"Nordmann"}]`
	words := "kari@example.no or +47 987 65 432 or 01019012345 is wrong, Bearer " + canaryToken + " / " + canarySecret
	for _, answer := range []struct {
		status int
		body   string
	}{
		{
			200,
			`{"id":"T12345678.1","status":"FAILED",` + buyer +
				`,"events":[{"event":"AUTHORIZE","success":false,"error":{"message":"` + words + `"}}]}`,
		},
		{200, `{` + buyer + `,"id":"` + canaryToken + `","status":"CAPT`},
		{200, `{"status":"CAPTURED",` + buyer + `,"message":"` + words + `"}`},
		{
			400,
			`{"error":{"message":"` + words + `","errors":[{"description":"` + words + `","path":["a"]}]},` + buyer +
				`}`,
		},
		{401, `{"error":{"message":"` + words + `"}}`},
		{500, words},
		{502, `<html>` + words + ` Kari Nordmann</html>`},
	} {
		b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(answer.status)
			_, _ = io.WriteString(w, answer.body)
		})
		a := b.client.Pay(t.Context(), []byte(`{"email":"kari@example.no"}`), dintero.StrictSuccess, expect())
		_, err := b.client.Transaction(t.Context(), "T1")
		_, listErr := b.client.TransactionsByReference(t.Context(), "R1")
		text := fmt.Sprintf("%s\n%s\n%s\n%v\n%v\n%v\n%+v\n%#v", a.Message, a.Hint, a.Code, a.Fatal, err, listErr,
			b.client, b.client) + b.log.String()
		requireClean(t, text)
		for _, private := range []string{"kari", "98765432", "987 65 432", "01019012345", "Nordmann", "Lillegata"} {
			require.NotContains(t, strings.ToLower(text), strings.ToLower(private), answer.body)
		}
	}
}

func TestNewChecksTheConfiguration(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		change func(*dintero.Config)
		says   string // "" when it is fine
	}{
		{func(*dintero.Config) {}, ""},
		{func(c *dintero.Config) { c.BaseURL = "" }, ""},
		{func(c *dintero.Config) { c.BaseURL = "http://127.0.0.1:8089/v1" }, ""},
		{func(c *dintero.Config) { c.BaseURL = "http://[::1]:8089/v1" }, ""},
		{func(c *dintero.Config) { c.BaseURL = "https://checkout.example.com/v1/" }, ""},
		{func(c *dintero.Config) { c.Account = "P12345678" }, ""},
		{func(c *dintero.Config) { c.Account = "" }, "account"},
		{func(c *dintero.Config) { c.Account = "T1234567" }, "account"},
		{func(c *dintero.Config) { c.Account = "t12345678" }, "account"},
		{func(c *dintero.Config) { c.Account = "T1234567/" }, "account"},
		{func(c *dintero.Config) { c.ClientID = "" }, "client id"},
		{func(c *dintero.Config) { c.ClientID = "a:b" }, "client id"},
		{func(c *dintero.Config) { c.Secret = "" }, "secret"},
		{func(c *dintero.Config) { c.Timeout = -1 }, "timeout"},
		{func(c *dintero.Config) { c.BaseURL = "http://checkout.dintero.com/v1" }, "https"},
		{func(c *dintero.Config) { c.BaseURL = "http://localhost.example.com/v1" }, "https"},
		{func(c *dintero.Config) { c.BaseURL = "ftp://localhost/v1" }, "https"},
		{func(c *dintero.Config) { c.BaseURL = "https://user:" + canarySecret + "@host/v1" }, "only"},
		{func(c *dintero.Config) { c.BaseURL = "https://user:" + canarySecret + "@ho st/v1" }, "cannot be read"},
		{func(c *dintero.Config) { c.BaseURL = "https://host/v1?x=1" }, "only"},
		{func(c *dintero.Config) { c.BaseURL = "checkout.dintero.com" }, "only"},
	} {
		cfg := config("http://localhost/v1")
		test.change(&cfg)
		_, err := dintero.New(cfg)
		if test.says == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, test.says)
		requireClean(t, err.Error())
	}
}

func TestLongAnswersAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("æ ø ", 5000)
	for _, body := range []string{
		`{"error":{"message":"x` + long + `"}}`, `{"error":{"message":"` + long + `"}}`,
		`{"error":{"message":"bad \xff UTF-8"}}`,
		strings.Repeat(`{"id":`, 500), `{"id":"` + long + `","status":"` + long + `"}`,
		`[` + strings.Repeat(`{"id":"`+long[:100]+`"},`, 100) + `{}]`,
	} {
		b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, body)
		})
		a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansRefused, a.Meaning)
		require.LessOrEqual(t, len(a.Message), 500)
		require.True(t, utf8.ValidString(a.Message), a.Message)
	}
}

// An answer that repeats the credentials in whatever form has them taken out, of whatever length they are.
func TestCredentialsAreTakenOutOfAnswers(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"pw4!", "hunter2", "a/b+c?d e", `qu"o\te<&>`, "blåbær12", "1234567",
		"canary-secret-4711-of-some-length/+",
	} {
		pair := "client:" + secret
		var said []string
		for _, text := range []string{secret, pair} {
			said = append(said, text, url.QueryEscape(text), url.PathEscape(text))
			for _, encoding := range []*base64.Encoding{
				base64.StdEncoding, base64.RawStdEncoding,
				base64.URLEncoding, base64.RawURLEncoding,
			} {
				said = append(said, encoding.EncodeToString([]byte(text)))
			}
		}
		for _, word := range append(said, canaryToken, base64.StdEncoding.EncodeToString([]byte(canaryToken))) {
			for _, escaped := range escapes(t, word) {
				for _, body := range []string{
					`{"error":{"message":"bad: Basic ` + escaped + `"}}`, `{"Error":"` + escaped + `"}`,
					`{"details":[{"field":"` + escaped + `"}]}`,
					`{"error":{"code":"E1","errors":[{"description":"` + escaped + `","path":["a","` + escaped +
						`"]}]}}`,
					`{"id":"x","status":"` + escaped + `"}`,
					`{"id":"x","status":"CAPTURED","currency":"` + escaped + `"}`,
					`{"id":"x","status":"CAPTURED","payment_product_type":"` + escaped + `"}`,
					`{"id":"x","status":"CAPTURED","metadata":{"kravia:invoice_channel":"` + escaped + `"}}`,
					`{"id":"` + escaped + `","events":[{"success":false,"error":{"message":"x ` + escaped +
						`"}}],"status":"FAILED"}`,
				} {
					withToken := []bool{true, false}
					if !slices.Contains(said, word) {
						withToken = []bool{true} // which is not known before there is one
					}
					requireUntold(t, secret, body, append(said, word, escaped), withToken)
				}
			}
		}
	}
}

// escapes are the ways to write a text between quotes in JSON.
func escapes(t *testing.T, text string) []string {
	t.Helper()
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(text))
	bare := strings.TrimSuffix(out.String(), "\n")
	escaped, err := json.Marshal(text)
	require.NoError(t, err)
	ascii := strconv.QuoteToASCII(text)
	all := []string{
		bare[1 : len(bare)-1], ascii[1 : len(ascii)-1], string(escaped[1 : len(escaped)-1]),
		strings.ReplaceAll(bare[1:len(bare)-1], "/", `\/`),
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// requireUntold has a provider that answers all calls with one body, the token or the refusal of one aside.
func requireUntold(t *testing.T, secret, body string, canaries []string, withToken []bool) {
	t.Helper()
	var log bytes.Buffer
	for _, withToken := range withToken {
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			answer, status := body, http.StatusForbidden
			if strings.HasPrefix(body, `{"id":"x"`) {
				status = http.StatusOK
			}
			if strings.HasSuffix(r.URL.Path, "/auth/token") && withToken {
				answer, status = `{"access_token":"`+canaryToken+`"}`, http.StatusOK
			}
			return &http.Response{
				StatusCode: status, Header: http.Header{"Content-Type": {"text/" + secret}},
				Body: io.NopCloser(strings.NewReader(answer)),
			}, nil
		})
		cfg := config("http://localhost/v1")
		cfg.Secret, cfg.HTTP = dintero.Secret(secret), &http.Client{Transport: transport}
		cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		client, err := dintero.New(cfg)
		require.NoError(t, err)
		a := client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
		_, err = client.Transaction(t.Context(), "T1")
		text := fmt.Sprintf("%s\n%s\n%v\n%v\n", a.Message, a.Hint, a.Fatal, err) + log.String()
		for _, failure := range []error{a.Fatal, err} {
			if failure != nil {
				text += dintero.Detail(failure)
			}
		}
		for _, canary := range canaries {
			require.NotContains(t, text, canary, body)
		}
	}
}

// A short secret may stand by chance in what an answer is about, which is read as it is.
func TestShortSecretsLeaveTransactionsAlone(t *testing.T) {
	t.Parallel()
	b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w,
			`{"id":"T1-2990","status":"CAPTURED","merchant_reference":"R1-2990","amount":29900,"currency":"NOK","payment_product_type":"kravia.b2b"}`)
	}, func(c *dintero.Config) { c.Secret = "2990" })
	got, err := b.client.Transaction(t.Context(), "T1-2990")
	require.NoError(t, err)
	require.Equal(t, "R1-2990", got.Reference)
	require.EqualValues(t, 29900, got.Amount)
}

// The other side's words may name persons and steer terminals: an error has none of them, journal and report
// have them on one line.
func TestErrorsHoldNoWordOfTheOtherSide(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 409, 429, 500} {
		b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w,
				`{"error":{"message":"Kari Nordmann,\nLillegata 5\u001b[31m\u009b\u202e is blocked"}}`)
		})
		_, err := b.client.Transaction(t.Context(), "T1")
		require.ErrorContains(t, err, fmt.Sprintf("(HTTP %d)", status))
		a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
		text := fmt.Sprint(err, a.Fatal, b.log.String())
		require.NotContains(t, text, "Kari")
		require.NotContains(t, text, "blocked")
		const said = "Kari Nordmann, Lillegata 5�[31m�� is blocked"
		require.Equal(t, said, a.Message)
		require.Contains(t, dintero.Detail(err), said)
	}
	b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
		if connection, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_, _ = io.WriteString(connection, "HTTP/1.1 Nordmann\x1b[31m\r\n\r\n")
			_ = connection.Close()
		}
	})
	_, err := b.client.Transaction(t.Context(), "T1")
	require.EqualError(t, err, "transaction: network.broken")
	require.Contains(t, dintero.Detail(err), "Nordmann")
	require.False(t, strings.ContainsFunc(dintero.Detail(err), billing.Hostile))
}
