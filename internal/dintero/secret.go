package dintero

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that is never printed, logged or marshalled: every such way gives a fixed word instead.
type Secret string

// hidden stands for a secret or for personal data wherever text leaves the package.
const hidden = "[hidden]"

// String is a fixed word.
func (Secret) String() string { return hidden }

// GoString is a fixed word.
func (Secret) GoString() string { return hidden }

// Format writes a fixed word for every verb: %d would print the text otherwise.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText gives a fixed word, for encoders such as YAML's.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON gives a fixed word.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// LogValue is a fixed word.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
