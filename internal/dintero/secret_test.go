package dintero_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

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
		{200, `{"id":"T12345678.1","status":"FAILED",` + buyer + `,"events":[{"event":"AUTHORIZE","success":false,"error":{"message":"` + words + `"}}]}`},
		{200, `{` + buyer + `,"id":"` + canaryToken + `","status":"CAPT`},
		{200, `{"status":"CAPTURED",` + buyer + `,"message":"` + words + `"}`},
		{400, `{"error":{"message":"` + words + `","errors":[{"description":"` + words + `","path":["a"]}]},` + buyer + `}`},
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
		text := fmt.Sprintf("%s\n%s\n%s\n%v\n%v\n%v\n%+v\n%#v", a.Message, a.Hint, a.Raw, a.Fatal, err, listErr, b.client, b.client) + b.log.String()
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
		`{"error":{"message":"x` + long + `"}}`, `{"error":{"message":"` + long + `"}}`, `{"error":{"message":"bad \xff UTF-8"}}`,
		strings.Repeat(`{"id":`, 500), `{"id":"` + long + `","status":"` + long + `"}`,
		`[` + strings.Repeat(`{"id":"`+long[:100]+`"},`, 100) + `{}]`,
	} {
		b := setup(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, body)
		})
		a := b.client.Pay(t.Context(), []byte(`{}`), dintero.StrictSuccess, expect())
		require.Equal(t, dintero.MeansRejected, a.Meaning)
		require.LessOrEqual(t, len(a.Message), 500)
		require.LessOrEqual(t, len(a.Raw), 2048)
		require.True(t, utf8.ValidString(a.Message), a.Message)
		require.True(t, utf8.ValidString(a.Raw), a.Raw)
		require.Contains(t, a.Raw, "bytes of text/plain")
	}
}
