//go:build !linux && !darwin

package journal

import "strings"

// onNetwork knows a network share by its UNC name, such as \\server\share.
func onNetwork(path string) bool {
	return strings.HasPrefix(path, `\\`) || strings.HasPrefix(path, "//")
}
