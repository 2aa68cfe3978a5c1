package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"runtime/debug"
	"strconv"
)

// Transport calls the provider inside the process, without sockets, and so works under virtual time. It behaves as a
// network does: when the request's context ends the client gets the context's error while the provider works on to the
// end, and a connection that the provider cuts is an error after the request was sent.
func (p *Provider) Transport() http.RoundTripper {
	return transport{p}
}

type transport struct {
	handler http.Handler
}

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
	w := &response{header: http.Header{}, ended: make(chan struct{})}
	go w.run(t.handler, served)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.ended:
	}
	switch {
	case w.defect != "":
		panic(w.defect) // here, where the client's side may catch it
	case w.end != nil && w.status == 0:
		return nil, errCut
	}
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.header,
		ContentLength: w.length,
		Body:          &responseBody{ctx: ctx, rest: w.body, end: w.end},
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
	served.RequestURI = request.URL.RequestURI()
	served.RemoteAddr = "in-process"
	if served.Host == "" {
		served.Host = request.URL.Host
	}
	return served, nil
}

// errCut is what a client sees when the provider ends the connection instead of answering.
var errCut = fmt.Errorf("simulator: connection reset after the request was sent: %w", io.ErrUnexpectedEOF)

// response is the server's side of one exchange. Its fields are for the client once ended is closed.
type response struct {
	header http.Header
	status int   // 0 before anything is answered
	length int64 // announced; -1 when not
	body   []byte
	end    error  // what the client meets behind the body; nil is a whole answer
	defect string // what the handler panicked with, and where
	ended  chan struct{}
}

// run lets the handler answer. Only [http.ErrAbortHandler] is a cut connection; any other panic is a defect.
func (w *response) run(handler http.Handler, request *http.Request) {
	defer close(w.ended)
	defer func() {
		if reason := recover(); reason != nil {
			w.end = io.ErrUnexpectedEOF
			if err, _ := reason.(error); !errors.Is(err, http.ErrAbortHandler) {
				w.defect = fmt.Sprintf("simulator: %v\n\n%s", reason, debug.Stack())
			}
		}
	}()
	handler.ServeHTTP(w, request)
	w.WriteHeader(http.StatusOK)
}

// Header implements [http.ResponseWriter].
func (w *response) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter]; only the first call counts.
func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status, w.length = status, -1
	if length, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil {
		w.length = length
	}
}

// Write implements [http.ResponseWriter].
func (w *response) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.body = append(w.body, data...)
	return len(data), nil
}

// Flush implements [http.Flusher]; nothing is held back.
func (w *response) Flush() {}

// responseBody gives the answer out as long as the request's context allows.
type responseBody struct {
	ctx  context.Context //nolint:containedctx // the body lives as long as its request
	rest []byte
	end  error
}

// Read implements [io.Reader].
func (b *responseBody) Read(into []byte) (int, error) {
	switch {
	case b.ctx.Err() != nil:
		return 0, b.ctx.Err()
	case len(b.rest) == 0 && b.end == nil:
		return 0, io.EOF
	case len(b.rest) == 0:
		return 0, b.end
	}
	n := copy(into, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// Close implements [io.Closer].
func (b *responseBody) Close() error {
	b.rest, b.end = nil, http.ErrBodyReadAfterClose
	return nil
}
