package simulator

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"
)

// tokens holds the bearer tokens that are good, with the time each ends. A restart forgets them all.
type tokens struct {
	mu   sync.Mutex
	live map[string]time.Time
}

func (t *tokens) grant(until time.Time) string {
	token := rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live[token] = until
	return token
}

func (t *tokens) good(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	until, known := t.live[token]
	if known && !now.Before(until) {
		delete(t.live, token)
		return false
	}
	return known
}

func (t *tokens) forget(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.live, token)
}

func unauthorized() answer {
	return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "Access forbidden, invalid JWT token was used")
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

type tokenBody struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
}

// token exchanges client credentials for a bearer token. The audience names the api host whichever host is called.
func (p *Provider) token(c *call) answer {
	id, secret, ok := c.request.BasicAuth()
	if !ok || !p.admits(id, secret) {
		return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "invalid client credentials")
	}
	body, found := p.decode(c.body, "token")
	if found != nil {
		return invalid(found)
	}
	if text(body.text("grant_type")) != "client_credentials" {
		return invalid([]violation{{
			Code: "ENUM_MISMATCH", Path: []string{"grant_type"},
			Message: "grant_type must be client_credentials",
		}})
	}
	audience := "https://api.dintero.com/v1/accounts/" + p.options.Account
	if c.request.PathValue("aid") != p.options.Account || text(body.text("audience")) != audience {
		return refuse(http.StatusForbidden, "FORBIDDEN", "the client has no access to this account")
	}
	return reply(http.StatusOK, tokenBody{
		AccessToken: p.tokens.grant(c.at.Add(p.options.TokenTTL)),
		TokenType:   "Bearer",
		ExpiresIn:   int(p.options.TokenTTL / time.Second),
	})
}

func (p *Provider) admits(id, secret string) bool {
	if p.options.ClientID == "" {
		return id != "" && secret != ""
	}
	sameID := subtle.ConstantTimeCompare([]byte(id), []byte(p.options.ClientID)) == 1
	sameSecret := subtle.ConstantTimeCompare([]byte(secret), []byte(p.options.ClientSecret)) == 1
	return sameID && sameSecret
}
