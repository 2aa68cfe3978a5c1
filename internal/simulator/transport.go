package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
)

// Transport calls the provider inside the process, without sockets, and so works under virtual time. It behaves as a
// network does: when the request's context ends the client gets the context's error while the provider works on to the
// end, and a connection that the provider cuts is an error after the request was sent.
func (p *Provider) Transport() http.RoundTripper {
	return transport{p}
}

type transport struct{ provider *Provider }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	served, err := arriving(request)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
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
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.header,
		ContentLength: w.length,
		Body:          w,
		Request:       request,
	}, nil
}

// arriving is the request as a server sees it: its body read, its context no longer the client's.
func arriving(request *http.Request) (*http.Request, error) {
	var body []byte
	if request.Body != nil {
		var err error
		body, err = readAll(request.Body, request.ContentLength)
		if err := errors.Join(err, request.Body.Close()); err != nil {
			return nil, err
		}
	}
	served := request.WithContext(context.WithoutCancel(request.Context()))
	served.Body = io.NopCloser(bytes.NewReader(body))
	served.ContentLength = int64(len(body))
	if served.Host == "" {
		served.Host = request.URL.Host
	}
	return served, nil
}

// response is the server's side of one exchange, and then the body that the client reads.
type response struct {
	ctx    context.Context //nolint:containedctx // the body lives as long as its request
	header http.Header
	status int   // 0 before anything is answered
	length int64 // announced
	body   bytes.Buffer
	end    error // what the client meets behind the body; nil is a whole answer
	ended  chan struct{}
}

// run lets the handler answer. [http.ErrAbortHandler] is a cut connection.
func (w *response) run(provider *Provider, request *http.Request) {
	defer close(w.ended)
	defer func() {
		if reason := recover(); reason == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http has it
			w.end = io.ErrUnexpectedEOF
		} else if reason != nil {
			panic(reason)
		}
	}()
	provider.ServeHTTP(w, request)
}

// Header implements [http.ResponseWriter].
func (w *response) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter]. Every answer announces its length.
func (w *response) WriteHeader(status int) {
	w.status = status
	w.length, _ = strconv.ParseInt(w.header.Get("Content-Length"), 10, 64)
}

// Write implements [http.ResponseWriter].
func (w *response) Write(data []byte) (int, error) { return w.body.Write(data) }

// Flush implements [http.Flusher]; nothing is held back.
func (w *response) Flush() {}

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
