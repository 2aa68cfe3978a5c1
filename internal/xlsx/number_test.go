package xlsx

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, want string
		exact      bool
	}{
		{"299", "299", true},
		{"299.00000000000006", "299", false},
		{"4.7999999999E10", "47999999999", true},
		{"2.9900000000000003E-2", "0.0299", false},
		{"0.1", "0.1", true},
		{"1.1000000000000001", "1.1", false},
		{"999999999999999.9", "1000000000000000", false},
		{"123456789012345", "123456789012345", true},
		{"1234567890123450", "1234567890123450", false}, // the last digit is not what was typed
		{"1.23456789012345E+15", "1234567890123450", false},
		{"-12.5", "-12.5", true},
		{"-0", "0", true},
		{"-0.0", "0", true},
		{"007", "7", true},
		{"1.50", "1.5", true},
		{"5.", "5", true},
		{".5", "0.5", true},
		{"1E-400", "0", false},
		{"1.23456789E-12", "0.000000000001234568", false}, // 18 decimals at most
		{"0", "0", true},
		{"1.5E+2", "150", true},
		{" 7 ", "7", true},
		{"1E17", "100000000000000000", false},
	} {
		digits, exact, ok := (&Cell{Value: tc.text, Kind: Number}).Number()
		require.True(t, ok, tc.text)
		require.Equal(t, tc.want, digits, tc.text)
		require.Equal(t, tc.exact, exact, tc.text)
	}
	for _, text := range []string{
		"", "1E400", "1E18", "1E", "abc", "1,5", "--1", "+1", "1E999999999999", ".", "-",
		"NaN",
	} {
		_, _, ok := (&Cell{Value: text, Kind: Number}).Number()
		require.False(t, ok, text)
	}
	for _, kind := range []Kind{Text, Bool, ErrorValue, NoValue, Merged} {
		_, _, ok := (&Cell{Value: "5", Kind: kind}).Number()
		require.False(t, ok, kind)
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"0.25": "25", "0.07": "7", "0.285": "28.5", "1": "100", "0": "0",
		"-0.1": "-10", "0.28999999999999998": "29", "1E-3": "0.1",
	} {
		digits, ok := (&Cell{Value: value, Kind: Percent}).Percent()
		require.True(t, ok, value)
		require.Equal(t, want, digits, value)
	}
	for _, c := range []Cell{
		{Value: "0.25", Kind: Number},
		{Value: "x", Kind: Percent},
		{Value: "1E17", Kind: Percent},
	} {
		_, ok := c.Percent()
		require.False(t, ok, c)
	}
}

// TestNumberRoundsToFifteenDigits compares with arithmetic of any precision.
func TestNumberRoundsToFifteenDigits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{1,17}(\.[0-9]{1,20})?(E[+-]?[0-9])?`).Draw(rt, "text")
		digits, exact, ok := (&Cell{Value: text, Kind: Number}).Number()
		if !ok {
			return
		}
		want, _ := new(big.Rat).SetString(text)
		got, _ := new(big.Rat).SetString(digits)
		if exact {
			require.Zero(rt, want.Cmp(got), "%s is %s", text, digits)
		}
		off := new(big.Rat).Sub(want, got)
		tolerance := new(big.Rat).Mul(want, big.NewRat(5, 1_000_000_000_000_000))
		tolerance.Add(tolerance.Abs(tolerance), big.NewRat(1, 1_000_000_000_000_000_000))
		require.LessOrEqual(rt, off.Abs(off).Cmp(tolerance), 0, "%s is %s", text, digits)
		require.LessOrEqual(rt, len(strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(digits), "0")),
			shownDigits)
		again, _, _ := (&Cell{Value: digits, Kind: Number}).Number()
		require.Equal(rt, digits, again)
	})
}

func TestCompare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		number := rapid.StringMatching(`-?[0-9]{1,3}(\.[0-9]{1,2})?`)
		a, b := number.Draw(rt, "a"), number.Draw(rt, "b")
		one, _, _ := parseDecimal(a)
		two, _, _ := parseDecimal(b)
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		require.Equal(rt, x.Cmp(y), max(-1, min(1, one.compare(two))))
	})
}

func TestDay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		from         epoch
		serial, date string
		clock        string
	}{
		{epoch1900, "0", "", ""},
		{epoch1900, "0.5", "", ""}, // a time of day
		{epoch1900, "1", "1900-01-01", ""},
		{epoch1900, "59", "1900-02-28", ""},
		{epoch1900, "60", "", ""}, // a day that never was
		{epoch1900, "60.5", "", ""},
		{epoch1900, "61", "1900-03-01", ""},
		{epoch1900, "46053", "2026-01-31", ""},
		{epoch1900, "46053.5", "2026-01-31", "12:00:00"},
		{epoch1900, "46053.60416666666", "2026-01-31", "14:30:00"},
		{epoch1900, "46356.99998842592", "2026-11-30", "23:59:59"},
		{epoch1900, "46356.9999999653", "2026-11-30", "23:59:59"}, // 23:59:59.997
		{epoch1900, "46351.9999999", "2026-11-25", "23:59:59"},
		{epoch1900, "46351.99999", "2026-11-25", "23:59:59"},
		{epoch1900, "46351.0000000001", "2026-11-25", ""},
		{epoch1900, "2958465", "9999-12-31", ""},
		{epoch1900, "2958465.9999999", "9999-12-31", "23:59:59"},
		{epoch1900, "2958466", "", ""},
		{epoch1900, "99999999999999999", "", ""},
		{epoch1900, "-1", "", ""},
		{epoch1900, "x", "", ""},
		{0, "46053", "2026-01-31", ""},
		{0, "60", "", ""},
		{epoch1904, "44591", "2026-01-31", ""},
		{epoch1904, "0", "1904-01-01", ""},
		{epoch1904, "0.5", "", ""},
		{epoch1904, "60", "1904-03-01", ""},
		{epoch1904, "2957003", "9999-12-31", ""},
		{epoch1904, "2957004", "", ""},
		{epoch1900, "2026-11-30", "2026-11-30", ""},
		{epoch1900, "2026-11-30T08:30:00", "2026-11-30", "08:30:00"},
		{epoch1900, "2026-11-30T08:30:00.000", "2026-11-30", "08:30:00"},
		{epoch1900, "2026-11-30T00:00:00", "2026-11-30", ""},
		{epoch1900, "2026-11-30T08:30:00Z", "2026-11-30", "08:30:00"},
		{epoch1900, "2026-11-31", "", ""},
		{epoch1900, "08:30:00", "", ""},
	} {
		for _, kind := range []Kind{Date, Number} {
			date, clock, ok := (&Cell{Value: tc.serial, Kind: kind, from: tc.from}).Day()
			require.Equal(t, []any{tc.date, tc.clock, tc.date != ""}, []any{date, clock, ok}, tc.serial)
		}
	}
	for _, kind := range []Kind{Text, Percent, Time, Bool, ErrorValue, NoValue, Merged} {
		_, _, ok := (&Cell{Value: "46053", Kind: kind}).Day()
		require.False(t, ok, kind)
	}
}
