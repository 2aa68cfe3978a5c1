package dintero

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
)

// parseBase refuses any address to which a token must not go.
func parseBase(text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil {
		// the parser's error repeats the text, which may hold a password
		return nil, errors.New(msgBaseURL)
	}
	switch {
	case base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New(msgBaseURLParts)
	case base.Scheme == "https", base.Scheme == "http" && loopback(base.Hostname()):
		return base, nil
	}
	return nil, errors.New(msgBaseURLHTTPS)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// OnLoopback reports whether a base URL is one of this machine, where nothing is invoiced.
func OnLoopback(baseURL string) bool {
	base, err := parseBase(baseURL)
	return err == nil && loopback(base.Hostname())
}

// CheckAddress refuses a callback or return URL that the provider cannot use. Its errors do not repeat the
// address, which may hold a key.
func CheckAddress(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "https", u.Hostname() == "", strings.ContainsFunc(text, unicode.IsSpace):
		return errors.New(msgNoHTTPS)
	case u.User != nil:
		return errors.New(msgUserName)
	case ofThisMachine(u.Hostname()):
		return errors.New(msgThisMachine)
	}
	return nil
}

// ofThisMachine is wider than loopback: any name or address that means the machine itself.
func ofThisMachine(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return ip.IsLoopback() || ip.IsUnspecified()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
