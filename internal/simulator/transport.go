package simulator

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
)

// Transport calls the provider inside the process, without sockets, so that tests can use virtual time. It behaves
// like a network: when the request's context ends, the client gets the context's error while the provider finishes the
// call, and a connection that the provider closes is an error after the request was sent.
func (p *Provider) Transport() http.RoundTripper { return transport{p} }

type transport struct{ provider *Provider }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	served := request.WithContext(context.WithoutCancel(ctx)) // as a server sees it
	served.Host = cmp.Or(request.Host, request.URL.Host)
	var body bytes.Buffer
	if request.Body != nil {
		body.Grow(int(max(request.ContentLength, 0)) + bytes.MinRead)
		_, err := body.ReadFrom(request.Body)
		if err := errors.Join(err, request.Body.Close(), ctx.Err()); err != nil {
			return nil, err
		}
	}
	served.Body, served.ContentLength = io.NopCloser(&body), int64(body.Len())
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	w := &response{ctx: ctx, header: http.Header{}, ended: make(chan struct{})}
	go w.run(t.provider, served)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.ended:
	}
	if w.end != nil && w.status == 0 {
		return nil, fmt.Errorf("simulator: connection reset after the request was sent: %w", w.end)
	}
	length, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, ContentLength: length, Body: w, Request: request,
	}, nil
}

// response is what the handler writes, and then the body that the client reads.
type response struct {
	ctx    context.Context //nolint:containedctx // the body lives as long as its request
	header http.Header
	status int // 0 before anything is answered
	body   bytes.Buffer
	end    error // what the client gets after the body; nil for a complete answer
	ended  chan struct{}
}

// run calls the handler. A panic with [http.ErrAbortHandler] is a connection that the provider closes.
func (w *response) run(provider *Provider, request *http.Request) {
	defer close(w.ended)
	defer func() {
		if reason := recover(); reason == http.ErrAbortHandler { //nolint:errorlint // the very value, as in net/http
			w.end = io.ErrUnexpectedEOF
		} else if reason != nil {
			panic(reason)
		}
	}()
	provider.ServeHTTP(w, request)
}

// Header implements [http.ResponseWriter].
func (w *response) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter].
func (w *response) WriteHeader(status int) { w.status = status }

// Write implements [http.ResponseWriter].
func (w *response) Write(data []byte) (int, error) { return w.body.Write(data) }

// Read implements [io.Reader], as long as the request's context allows.
func (w *response) Read(into []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.body.Read(into)
	if err != nil && w.end != nil {
		err = w.end
	}
	return n, err
}

// Close implements [io.Closer].
func (w *response) Close() error { return nil }
