package simulator

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

const tokenLife = 4 * time.Hour

// authorized says whether the request carries a token that is good.
func (p *Provider) authorized(r *http.Request) bool {
	until, known := p.tokens.Load(bearer(r))
	return known && time.Now().Before(until.(time.Time)) //nolint:forcetypeassert // nothing else is stored
}

func unauthorized() answer {
	return refuse(http.StatusUnauthorized, "UNAUTHORIZED", "Access forbidden, invalid JWT token was used")
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
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
	token := rand.Text()
	p.tokens.Store(token, c.at.Add(tokenLife))
	return reply(http.StatusOK, map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLife / time.Second),
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
