package xlsx

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// numeric is a cell with a stored number under a format.
func numeric(value, code string) *Cell {
	f := parseFormat(code)
	return &Cell{Value: value, Kind: f.kind(value), Format: f, from: epoch1900}
}

func TestTextOfNumbers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ code, value, want string }{
		{"General", "42", "42"},
		{"general", "1E+20", "1E+20"}, // more digits than are written out
		{"General", "1234567890.5", "1234567890.5"},
		{"General", "299.00000000000006", "299"},
		{"General", "4.7E9", "4700000000"},
		{"@", "42", "42"},
		{`"K-"@`, "42", "K-42"},
		{`General" pcs"`, "1.5", "1.5 pcs"},
		{"000000", "42", "000042"},
		{"000000", "-42", "-000042"},
		{"000000", "42.5", "000043"},
		{"0", "1234567", "1234567"},
		{"0", "0.4", "0"},
		{"0", "-0.4", "0"},
		{"#", "0", ""},
		{`"F26-"0`, "4711", "F26-4711"},
		{`\F26\-0`, "4711", "F26-4711"},
		{`"K-"0000`, "42", "K-0042"},
		{"000 000 000", "974760673", "974 760 673"},
		{"00-00", "12345", "123-45"},
		{"00-00", "5", "00-05"},
		{`0" / "0`, "25", "2 / 5"},
		{`0" kr"`, "1250", "1250 kr"},
		{`0" kr"`, "-1250", "-1250 kr"},
		{`[$€-2] 0`, "1250", "€ 1250"},
		{"[<0]0;000", "-5", "5"},
		{"0;(0)", "-5", "(5)"},
		{`0;-0;"-"`, "0", "-"},
		{"0;-0;;@", "0", ""},
		{";;;", "5", ""},
		{"[Red", "5", ""},
		{`"open`, "5", "open"},
		{"[>5]0;[<-5]0.0", "0", "0"}, // no section: a spreadsheet shows ####
		// All others are plain digits, and a currency.
		{"0.00", "1001", "1001"},
		{"0.00", "9.995", "9.995"},
		{"0.0", "-0.04", "-0.04"},
		{"?", "0", "0"},
		{"#,##0", "1234567", "1234567"},
		{"0,", "1234567", "1234567"},
		{`0.0,,"M"`, "1250000", "1250000"},
		{"0.0E+00", "4711000000", "4711000000"},
		{"# ?/?", "0.5", "0.5"},
		{"#,##0.00_);(#,##0.00)", "-1250", "-1250"},
		{"[$€-2] #,##0.00", "1250", "1250 €"},
		{`_-* #,##0.00\ "kr"_-;-* #,##0.00\ "kr"_-;_-* "-"??\ "kr"_-;_-@_-`, "-1250.5", "-1250.5 kr"},
		{`_-* #,##0.00\ "kr"_-;-* #,##0.00\ "kr"_-;_-* "-"??\ "kr"_-;_-@_-`, "0", "0 kr"},
		{"#,##0.00 SEK", "1250", "1250 SEK"},
		{"$#,##0", "1250", "1250 $"},
		{"[>=1000]#,##0;0", "5", "5"},
		{"0%", "0.25", "25 %"},
		{"0.00%", "0.125", "12.5 %"},
		{"[<1]0%;0", "25", "25"},
	} {
		require.Equal(t, tc.want, numeric(tc.value, tc.code).Text(), "%s under %s", tc.value, tc.code)
	}
}

func TestTextOfDatesAndTimes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		code, value string
		kind        Kind
		want        string
	}{
		{"yyyy-mm-dd", "46356", Date, "2026-11-30"},
		{"dd.mm.yyyy hh:mm", "46356.3333333333", Date, "2026-11-30 08:00:00"},
		{"dd.mm.yyyy", "46356.9999999653", Date, "2026-11-30 23:59:59"},
		{"mmm yyyy", "46356", Date, "2026-11-30"},
		{"mmm", "46356", Date, "2026-11-30"},
		{"mmmm", "46356", Date, "2026-11-30"},
		{"[$-414]d. mmmm yyyy;@", "46356", Date, "2026-11-30"},
		{"YYYY", "46356", Date, "2026-11-30"},
		{"dd.mm.yyyy", "0.5", Date, "0.5"},
		{"dd.mm.yyyy", "60", Date, "60"},
		{"dd.mm.yyyy", "-1", Date, "-1"},
		{"h:mm", "0.3125", Time, "7:30"},
		{"hh:mm:ss", "0.3125", Time, "07:30:00"},
		{"h:mm", "1.3125", Time, "7:30"},
		{"[h]:mm", "1.3125", Time, "31:30"},
		{"[hh]:mm:ss", "0.0423611111111111", Time, "01:01:00"},
		{"mm:ss", "0.00520833333333333", Time, "07:30"},
		{"[m]:ss", "0.0520833333333333", Time, "75:00"},
		{"[ss]", "0.001", Time, "86"},
		{"mm:ss.0", "0.00012", Time, "0.00012"},
		{"hh.mm", "0.3125", Time, "07.30"},
		{"h:mm a/p", "0.25", Time, "6:00 A"},
		{"[h]:mm", "974760673", Time, "974760673"},
		{"h:mm AM/PM", "0.75", Time, "6:00 PM"},
		{"h:mm am/pm", "0", Time, "12:00 AM"},
		{"h:mm", "-0.5", Time, "-0.5"},
		{"h:mm", "0.9999999", Time, "0:00"},
	} {
		c := numeric(tc.value, tc.code)
		require.Equal(t, tc.kind, c.Kind, tc.code)
		require.Equal(t, tc.want, c.Text(), "%s under %s", tc.value, tc.code)
	}
}

func TestKindsOfFormats(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]Kind{
		"General": Number, "0.00": Number, "#,##0.00;[Red]-#,##0.00": Number, "0%": Percent, "0.0 %": Percent,
		"yyyy-mm-dd": Date, "dd.mm.yyyy": Date,
		`#,##0 "days"`: Number, `[$-414]d. mmmm yyyy;@`: Date, `0\d`: Number, "h:mm": Time, "[h]:mm:ss": Time,
		"m/d/yy h:mm": Date, "@": Number, `_-* #,##0 "kr"_-`: Number,
		"": Number, `0\%`: Number, `0"%"`: Number, "0.0%;-0.0%;0.0%;@": Percent, "[$$-409]#,##0": Number,
		"[DBNum1]yyyy": Date, "[Red": Number, `"open`: Number, ";;;": Number,
		"[$-F800]dddd, mmmm dd, yyyy": Date, "YYYY-MM-DD": Date, "mmmm": Date, "[$-409]mmm-yy": Date,
		"[$-F400]h:mm:ss AM/PM": Time, "0.00 SEK": Number, `0_d`: Number, `0*d`: Number,
		`General\ \d`: Number, "0.00 DKK": Date, // which no spreadsheet writes, and is no amount to bill
	} {
		for _, value := range []string{"1", "-1", "0", "0.5"} {
			require.Equal(t, want, parseFormat(code).kind(value), "%s of %s", code, value)
		}
	}
}

// TestSectionsOfFormats follows ECMA-376 part 1, 18.8.31: positive, negative, zero, and conditions in their stead.
func TestSectionsOfFormats(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		code  string
		kinds map[string]Kind
	}{
		{"0;0%", map[string]Kind{"1": Number, "0": Number, "-1": Percent}},
		{"0%;0", map[string]Kind{"1": Percent, "0": Percent, "-1": Number}},
		{"0;-0;0%", map[string]Kind{"1": Number, "0": Percent, "-1": Number, "x": Number}},
		{"0;-0;0%;@", map[string]Kind{"1": Number, "0": Percent, "-1": Number}},
		{"0%;@", map[string]Kind{"1": Percent, "0": Percent, "-1": Percent}},
		{"0;yyyy-mm-dd", map[string]Kind{"1": Number, "-1": Date}},
		{`[=0]"-";0%`, map[string]Kind{"0.5": Percent, "0": Number, "-1": Percent}},
		{"[=0]?;0%", map[string]Kind{"0.5": Percent, "0": Number}},
		{"[>=1]0;0%", map[string]Kind{"1": Number, "25": Number, "0.5": Percent, "-1": Percent}},
		{"[<1]0%;0", map[string]Kind{"0.99": Percent, "1": Number}},
		{"[<1]0%", map[string]Kind{"0.99": Percent, "1": Number}},
		{"[Red][< 1]0%;[Blue][>= 100]0.0;[Green]yyyy", map[string]Kind{"0.99": Percent, "100": Number, "1": Date}},
		{"[>100]0%;0;yyyy", map[string]Kind{"101": Percent, "100": Date, "-1": Number}},
		{"[<>5]0%;0", map[string]Kind{"4": Percent, "5": Number}},
		{"[<=5]0%;0", map[string]Kind{"5": Percent, "5.1": Number}},
		{"[>5]0%;[<-5]0%", map[string]Kind{"6": Percent, "5": Number, "-6": Percent}},
		{"0;-0;0;0%;0%", map[string]Kind{"1": Number, "-1": Number, "0": Number}},
	} {
		for value, want := range tc.kinds {
			require.Equal(t, want, parseFormat(tc.code).kind(value), "%s of %s", tc.code, value)
		}
	}
}

func TestCurrencyOfFormats(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"General": "", "0.00": "", "[$-414]0.00": "", "[$-F800]yyyy": "", `0" pcs"`: "", `"F26-"0`: "",
		`"ALLE "0`: "", "0%": "",
		`#,##0.00 "kr"`: "kr", `#,##0.00\ \k\r`: "kr", `"Kr." #,##0`: "Kr.", "#,##0.00 kr.": "kr.",
		`0" kr/mnd"`: "kr", "[$€-2] #,##0.00": "€", `[$kr-414] #,##0.00`: "kr", "[$NOK] 0": "NOK", "[$SEK-41D]0": "SEK",
		`"€" 0`: "€", "€ 0": "€", "$#,##0": "$", `"US$" 0`: "US$", `0 "EUR"`: "EUR", `0 "USD"`: "USD",
		"0.00 SEK": "SEK", `0.00 kr`: "kr", `"£"0;-"£"0`: "£",
		`_-* #,##0.00\ "kr"_-;-* #,##0.00\ "kr"_-;_-* "-"??\ "kr"_-;_-@_-`: "kr", `0;-0 "kr"`: "kr",
	} {
		require.Equal(t, want, parseFormat(code).Currency(), code)
	}
}

func TestPlainFormats(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"", "General", "@", "0", "#", "000000", `"F26-"0000`, "000 000 000", "[Red]0",
		"0;-0", "0;-0;0;@", `General" x"`, `_-0_-`, `00\.00`,
	} {
		require.True(t, parseFormat(code).Plain(), code)
	}
	for _, code := range []string{
		"#,##0", "0.00", "0.", "0E+00", "0%", "# ?/?", "0,", "?0", ",0", `0"A"."B"00`,
		"0/0", ";;;", `"x"`, "yyyy", "h:mm", "0;0.00", "#,##0;-0",
	} {
		require.False(t, parseFormat(code).Plain(), code)
	}
}

func TestFormatsOfTwoDecimals(t *testing.T) {
	t.Parallel()
	for code, two := range map[string]bool{
		"": false, "0": false, "#,##0": false, "0.0": false, "0.000": false, "yyyy": false, "General": false,
		`00\.00`: false,
		"0.00":   true, "#,##0.00": true, `0.00" kr";[Red]-0.00" kr"`: true, "_-* #,##0.00_-": true,
	} {
		require.Equal(t, two, parseFormat(code).TwoDecimals(), code)
	}
}

// TestPlainFormatsKeepDigits holds that what a plain format shows has the digits of the number, and with
// leading zeros no others.
func TestPlainFormatsKeepDigits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		code := rapid.StringMatching(`("[A-Z]{1,3}-")?[0]{1,12}(;-0)?|[#0 -]{1,12}0`).Draw(rt, "code")
		value := rapid.StringMatching(`[1-9][0-9]{0,14}`).Draw(rt, "value")
		require.True(rt, parseFormat(code).Plain(), code)
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, numeric(value, code).Text())
		require.Equal(rt, value, strings.TrimLeft(digits, "0"), code)
	})
}

// FuzzFormat gives any format and any number to the reader: whatever it shows, it is shown again alike, and
// nothing crashes.
func FuzzFormat(f *testing.F) {
	for _, code := range []string{
		"0.00", `_-* #,##0.00\ "kr"_-;-0;"-"??;@`, "[>=100]0.0%;[<-1]yyyy;h:mm",
		"##0.0E+0", "# ?/?", "[h]:mm:ss.000 AM/PM", "[$€-2]0", "0,,.", `\`, "_", "*", `"`, "[", "E+",
	} {
		f.Add(code, "1234.5")
		f.Add(code, "-9.99E-7")
	}
	f.Fuzz(func(t *testing.T, code, value string) {
		c := numeric(value, code)
		text := c.Text()
		require.Equal(t, text, c.Text())
		require.NotZero(t, c.Kind)
		digits, _, ok := c.Number()
		require.Equal(t, ok, digits != "")
		c.Format.Currency()
		c.Format.Plain()
		c.Day()
	})
}

func TestWordsOfFormats(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ format, value, want string }{
		{"0.00", "5", ""},
		{"#,##0.00", "5", ""},
		{`#,##0.00 "kr"`, "5", "kr"},
		{"[$€-2] #,##0.00", "5", "€"},
		{`[>=1000]0 "kr";0 "EUR"`, "5", "EUR"},
		{`[>=1000]0 "kr";0 "EUR"`, "1000", "kr"},
		{`0 "NOK eks"`, "5", "NOK eks"},
		{`#,##0.00 "eks mva"`, "5", "eks mva"},
		{`0"%"`, "5", "%"},
		{`0\%`, "5", "%"},
		{"-0", "5", "-"},
		{`"-"0`, "5", "-"},
		{`"("0")"`, "5", "( )"},
		{"0;-0", "-5", ""},
		{"0_);(0)", "-5", ""},
		{"0_);(0)", "5", ""},
		{"#,##0,", "5000", ","},
		{`_-* #,##0.00 "kr"_-;-* #,##0.00 "kr"_-;_-* "-"?? "kr"_-;_-@_-`, "-5", "kr"},
		{`_-* #,##0.00 "kr"_-;-* #,##0.00 "kr"_-;_-* "-"?? "kr"_-;_-@_-`, "0", "kr"},
		{"¥0", "5", "¥"},
		{"General", "5", ""},
		{"0 SEK", "5", "SEK"},
	} {
		c := Cell{Value: tc.value, Kind: Number, Format: parseFormat(tc.format)}
		require.Equal(t, tc.want, c.Words(), "%s of %s", tc.format, tc.value)
	}
}
