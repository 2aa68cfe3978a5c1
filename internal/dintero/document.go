package dintero

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxHops is how often a document may point elsewhere.
const maxHops = 4

// Document writes the invoice document behind an invoice URL to w: all of it, at most limit bytes, or nothing. The
// provider answers with the PDF, with a redirect, or with JSON that holds a temporary address. Only the first request
// may carry the token, and only to the provider itself over https (or to a base URL on loopback).
func (c *Client) Document(ctx context.Context, address string, w io.Writer, limit int64) error {
	const operation = "document"
	bearer := true
	for range maxHops {
		target, err := url.Parse(address)
		if err != nil || !c.mayFetch(target) {
			return refusedDocument(msgDocumentAddress)
		}
		bearer = bearer && c.mayKnowToken(target)
		r, failure := c.send(ctx, call{
			operation: operation, kind: countOther, method: http.MethodGet, target: target.String(), bearer: bearer,
			limit: limit,
		})
		switch {
		case failure != nil:
			return failure
		case r.status >= 300 && r.status <= 399 && r.location != "":
			next, err := target.Parse(r.location)
			if err != nil {
				return refusedDocument(msgDocumentTarget)
			}
			address = next.String()
		case r.status != http.StatusOK && bearer:
			return refusal(operation, r)
		case r.status != http.StatusOK: // says nothing of our credentials: such links expire
			return refusedDocument(fmt.Sprintf(msgDocumentStatus, r.status))
		case r.failure != nil:
			return r.failure
		case bytes.HasPrefix(r.body, []byte("%PDF-")):
			if _, err := w.Write(r.body); err != nil {
				return fmt.Errorf("document: %w", err)
			}
			return nil
		default:
			type place struct {
				URL string `json:"url"`
			}
			file, err := decode[place](r.body)
			if err != nil || file.URL == "" {
				return refusedDocument(msgDocumentNoPDF)
			}
			address = file.URL
		}
		bearer = false
	}
	return refusedDocument(msgDocumentHops)
}

func refusedDocument(message string) *Error {
	return &Error{Operation: "document", Code: CodeDocument, Message: message}
}

// mayFetch refuses what is neither https nor, for a provider on loopback, on loopback too.
func (c *Client) mayFetch(u *url.URL) bool {
	if u.User != nil || u.Host == "" {
		return false
	}
	return u.Scheme == "https" || (u.Scheme == "http" && c.base.Scheme == "http" && loopback(u.Hostname()))
}

// mayKnowToken reports whether the address is the provider's own.
func (c *Client) mayKnowToken(u *url.URL) bool {
	if u.Scheme == c.base.Scheme && strings.EqualFold(u.Host, c.base.Host) {
		return true
	}
	host := strings.ToLower(u.Hostname())
	return u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") &&
		(host == "dintero.com" || strings.HasSuffix(host, ".dintero.com"))
}
