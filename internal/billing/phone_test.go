package billing

import (
	"fmt"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
)

// The shortcuts for phone numbers agree with the library.
func TestPlainPhones(t *testing.T) {
	t.Parallel()
	for _, country := range countries {
		check := func(begin, digits int) {
			national := fmt.Sprint(begin)
			for i := 0; len(national) < digits; i++ {
				national += fmt.Sprint((begin + i*i) % 10)
			}
			text := fmt.Sprintf("+%d%s", country.calling, national)
			number := bareE164(text, country.calling)
			if number == nil {
				return
			}
			require.True(t, phonenumbers.IsValidNumber(number) || !country.isMobile(text), text)
			require.Equal(t, text, phonenumbers.Format(number, phonenumbers.E164))
		}
		for begin := range 1000 {
			for digits := 5; digits <= 12; digits++ {
				check(begin, digits)
			}
		}
		for begin := 10_000; begin < 100_000; begin++ {
			if country.isMobile(fmt.Sprintf("+%d%d%0*d", country.calling, begin, max(0, country.mobile-5), 0)) {
				check(begin, country.mobile)
			}
		}
	}
}
