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
	"sync"
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
	reader, writer := io.Pipe()
	w := &response{header: http.Header{}, started: make(chan struct{}), body: writer}
	go w.run(t.handler, served)
	select {
	case <-ctx.Done():
		_ = reader.CloseWithError(ctx.Err()) // later writes of the handler fail and are ignored
		return nil, ctx.Err()
	case <-w.started:
	}
	if w.defect != "" {
		panic(w.defect) // here, where the client's side may catch it
	}
	if w.cut != nil {
		return nil, w.cut
	}
	stop := context.AfterFunc(ctx, func() { _ = writer.CloseWithError(ctx.Err()) })
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.sent,
		ContentLength: w.length,
		Body:          &responseBody{PipeReader: reader, stop: stop},
		Request:       request,
	}, nil
}

// arriving is the request as a server sees it: its body read, its context no longer the client's.
func arriving(request *http.Request) (*http.Request, error) {
	var body []byte
	if request.Body != nil {
		var err error
		body, err = io.ReadAll(request.Body)
		if err := errors.Join(err, request.Body.Close()); err != nil {
			return nil, err
		}
	}
	served := request.Clone(context.WithoutCancel(request.Context()))
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

// response is the server's side of one exchange. Its fields are for the client once started is closed.
type response struct {
	header  http.Header
	once    sync.Once
	started chan struct{}
	status  int
	sent    http.Header
	length  int64 // announced; -1 when not
	cut     error
	defect  string // what the handler panicked with, and where
	body    *io.PipeWriter
}

// run lets the handler answer. Only [http.ErrAbortHandler] is a cut connection; any other panic is a defect.
func (w *response) run(handler http.Handler, request *http.Request) {
	defer func() {
		if reason := recover(); reason != nil {
			w.once.Do(func() {
				w.cut = errCut
				if err, _ := reason.(error); !errors.Is(err, http.ErrAbortHandler) {
					w.defect = fmt.Sprintf("simulator: %v\n\n%s", reason, debug.Stack())
				}
				close(w.started)
			})
			_ = w.body.CloseWithError(io.ErrUnexpectedEOF)
			return
		}
		w.WriteHeader(http.StatusOK)
		_ = w.body.Close()
	}()
	handler.ServeHTTP(w, request)
}

// Header implements [http.ResponseWriter].
func (w *response) Header() http.Header {
	return w.header
}

// WriteHeader implements [http.ResponseWriter]; only the first call counts.
func (w *response) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent, w.length = status, w.header.Clone(), -1
		if length, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil {
			w.length = length
		}
		close(w.started)
	})
}

// Write implements [http.ResponseWriter]. It waits for the client to read.
func (w *response) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(data)
}

// Flush implements [http.Flusher]; nothing is held back.
func (w *response) Flush() {}

// responseBody stops watching the context once the client is done with the body.
type responseBody struct {
	*io.PipeReader
	stop func() bool
}

// Close ends the exchange; what the handler still writes is lost.
func (b *responseBody) Close() error {
	b.stop()
	return b.PipeReader.Close()
}
