package dintero

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// networkError says why there is no answer. If the connection broke, the system's words may quote what the provider
// sent, so they go into Words and not into Message, which may be logged.
func networkError(operation string, err error, secrets []string) *Error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // without the URL, whose query holds references
	}
	said := mask(hide(err.Error(), secrets))
	failure := &Error{Operation: operation, Code: CodeBroken, cause: err}
	var (
		dial      *net.OpError
		name      *net.DNSError
		untrusted *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		authority x509.UnknownAuthorityError
		timeout   net.Error
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		failure.Code, failure.Message = CodeTimeout, msgNoAnswer
	case errors.Is(err, context.Canceled):
		failure.Code, failure.Message = CodeCancelled, "given up"
	case errors.As(err, &untrusted), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &authority):
		failure.Code, failure.Message = CodeTLS, said
	case errors.As(err, &name), errors.As(err, &dial) && dial.Op == "dial":
		failure.Code, failure.Message = CodeUnreachable, said
	case errors.As(err, &timeout) && timeout.Timeout():
		failure.Code, failure.Message = CodeTimeout, said
	default:
		failure.Words = said
	}
	return failure
}

func cancelled(operation string, cause error) *Error {
	return &Error{
		Operation: operation, Code: CodeCancelled, Message: msgNotSent, Unsent: true,
		cause: cause,
	}
}

// parseRetryAfter reads seconds or an HTTP date, as the wait from now on. known is false for anything else.
// It may be as long as a duration can be; a date in the past is no wait.
func parseRetryAfter(value string, now time.Time) (wait time.Duration, known bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}
	if strings.Trim(value, "0123456789") == "" {
		const longest = int64(1<<63-1) / int64(time.Second)
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > longest {
			seconds = longest
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, at.Sub(now)), true
}
