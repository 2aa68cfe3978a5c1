package dispatch_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/simulator"
)

// with is a provider that shows the faults.
func with(faults ...simulator.Fault) simulator.Options { return simulator.Options{Faults: faults} }

func (b *bundle) faults(faults ...simulator.Fault) {
	require.NoError(b.t, b.provider.SetFaults(faults))
}

func once(operation simulator.Operation, action simulator.Action) simulator.Fault {
	return simulator.Fault{Operation: operation, Action: action, Times: 1}
}

// refuses answers once with a status, and does nothing.
func refuses(operation simulator.Operation, status int) simulator.Fault {
	return simulator.Fault{Operation: operation, Action: simulator.ActionStatus, Status: status, Times: 1}
}

// hangs commits so much later, once, and never answers.
func hangs(operation simulator.Operation, delay time.Duration) simulator.Fault {
	return simulator.Fault{Operation: operation, Action: simulator.ActionHang, Delay: delay, Times: 1}
}

// rewriting changes the provider's answers on their way.
type rewriting struct {
	http.RoundTripper
	change func(r *http.Request, body []byte) []byte
}

func (w rewriting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	body = w.change(r, body)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, err
}

// naming is an answer that names a session.
func naming(id string) string {
	return fmt.Sprintf(`{"error":{"code":"X","message":"merchant_reference already exists"},"session_id":%q}`, id)
}
