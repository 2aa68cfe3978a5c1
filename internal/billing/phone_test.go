package billing

import (
	"fmt"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
)

// What is asked first, and whether a number is taken apart by the library, makes no difference.
func TestPlainPhones(t *testing.T) {
	t.Parallel()
	for code, country := range countries {
		for begin := range 1000 {
			for digits := 5; digits <= 12; digits++ {
				text := fmt.Sprintf("+%d%d%0*d", country.calling, begin, max(0, digits-len(fmt.Sprint(begin))), begin%97)
				number := plainPhone(text, country.calling)
				if number == nil {
					continue
				}
				require.Equal(t, phonenumbers.IsValidNumber(number), validPhone(number, code), text)
				require.Equal(t, text, phonenumbers.Format(number, phonenumbers.E164))
			}
		}
	}
}
