package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

func TestEveryColumnHasItsFieldAndNames(t *testing.T) {
	t.Parallel()
	for _, exclVAT := range []bool{false, true} {
		owner := map[string]string{}
		for _, c := range billing.Columns() {
			var r billing.Record
			field := fieldOf(&r, c.Name)
			require.NotNil(t, field, c.Name)
			*field = "x"
			require.Equal(t, "x", r.Get(c))
			require.GreaterOrEqual(t, len(synonyms(c.Name, exclVAT)), 3, c.Name)
			for _, s := range append(synonyms(c.Name, exclVAT), c.Name) {
				other, taken := owner[normalise(s)]
				require.True(t, !taken || other == c.Name, "%q stands for %s and %s", s, other, c.Name)
				owner[normalise(s)] = c.Name
			}
		}
	}
	require.Nil(t, fieldOf(&billing.Record{}, "own"))
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ordre nr.": "ordrenr", "ORDRE_NR": "ordrenr", "Beløp": "belop", "Erä-päivä": "erapaiva", "Era\u0308pa\u0308iva\u0308": "erapaiva", "MVA %": "mva%",
		" Línea ": "linea", "æ": "ae", "": "",
	} {
		require.Equal(t, want, normalise(in), in)
	}
}

// TestMarkOfNumberAgreesWithMoney proves the fast judgement against the parser, but for the lone zero.
func TestMarkOfNumberAgreesWithMoney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringMatching(`-?[0-9]{0,4}[.,]?[0-9]{0,4}([.,][0-9]{0,3})?`).Draw(rt, "value")
		r := money.Read(value)
		want := noNumber
		switch {
		case r.Ambiguous():
			want = differs
		case r.DotOK && r.CommaOK:
			want = neutral
		case r.DotOK:
			want = onlyDot
		case r.CommaOK:
			want = onlyComma
		}
		if got := markOfNumber(value); want == differs {
			require.Contains(rt, []markReading{differs, onlyDot, onlyComma}, got, value)
			require.True(rt, got == differs || value[0] == '0' || value[:2] == "-0", value)
		} else {
			require.Equal(rt, want, got, value)
		}
		if d, err := money.ParseDecimal(value, money.Dot); err == nil && canonical(value) {
			require.Equal(rt, d.String(), value)
		}
	})
}

func TestSerialsOfBothEpochs(t *testing.T) {
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
		{epoch1900, "-1", "", ""},
		{epoch1900, "x", "", ""},
		{epoch1904, "44591", "2026-01-31", ""},
		{epoch1904, "0", "1904-01-01", ""},
		{epoch1904, "2957003", "9999-12-31", ""},
		{epoch1904, "2957004", "", ""},
	} {
		date, clock, ok := tc.from.dayOf(tc.serial)
		require.Equal(t, tc.date, date, tc.serial)
		require.Equal(t, tc.clock, clock, tc.serial)
		require.Equal(t, tc.date != "", ok, tc.serial)
	}
}

func TestNumberFormats(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]cellKind{
		"General": number, "0.00": number, "#,##0.00;[Red]-#,##0.00": number, "0%": percent, "0.0 %": percent, "yyyy-mm-dd": day, "dd.mm.yyyy": day,
		`#,##0 "days"`: number, `[$-414]d. mmmm yyyy;@`: day, `0\d`: number, "h:mm": number, "[h]:mm:ss": number, "m/d/yy h:mm": day, "@": number, `_-* #,##0 "kr"_-`: number,
		"": number, `0\%`: number, `0"%"`: number, "0.0%;-0.0%;0.0%;@": percent, "[$$-409]#,##0": number, "[DBNum1]yyyy": day, "[Red": number, `"open`: number, ";;;": number,
		"[$-F800]dddd, mmmm dd, yyyy": day, "YYYY-MM-DD": day,
	} {
		for _, value := range []string{"1", "-1", "0", "0.5"} {
			require.Equal(t, want, parseFormat(code).kind([]byte(value)), "%s of %s", code, value)
		}
	}
}

// TestNumberFormatSections follows ECMA-376 part 1, 18.8.31: positive, negative, zero, and conditions in their stead.
func TestNumberFormatSections(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		code  string
		kinds map[string]cellKind
	}{
		{"0;0%", map[string]cellKind{"1": number, "0": number, "-1": percent}},
		{"0%;0", map[string]cellKind{"1": percent, "0": percent, "-1": number}},
		{"0;-0;0%", map[string]cellKind{"1": number, "0": percent, "-1": number, "x": number}},
		{"0;-0;0%;@", map[string]cellKind{"1": number, "0": percent, "-1": number}},
		{"0%;@", map[string]cellKind{"1": percent, "0": percent, "-1": percent}},
		{"0;yyyy-mm-dd", map[string]cellKind{"1": number, "-1": day}},
		{`[=0]"-";0%`, map[string]cellKind{"0.5": percent, "0": number, "-1": percent}},
		{"[=0]?;0%", map[string]cellKind{"0.5": percent, "0": number}},
		{"[>=1]0;0%", map[string]cellKind{"1": number, "25": number, "0.5": percent, "-1": percent}},
		{"[<1]0%;0", map[string]cellKind{"0.99": percent, "1": number}},
		{"[<1]0%", map[string]cellKind{"0.99": percent, "1": number}},
		{"[Red][< 1]0%;[Blue][>= 100]0.0;[Green]yyyy", map[string]cellKind{"0.99": percent, "100": number, "1": day}},
		{"[>100]0%;0;yyyy", map[string]cellKind{"101": percent, "100": day, "-1": number}},
		{"[<>5]0%;0", map[string]cellKind{"4": percent, "5": number}},
		{"[<=5]0%;0", map[string]cellKind{"5": percent, "5.1": number}},
		{"[>5]0%;[<-5]0%", map[string]cellKind{"6": percent, "5": number, "-6": percent}},
		{"0;-0;0;0%;0%", map[string]cellKind{"1": number, "-1": number, "0": number}},
	} {
		for value, want := range tc.kinds {
			require.Equal(t, want, parseFormat(tc.code).kind([]byte(value)), "%s of %s", tc.code, value)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Beløbp", nearest([]string{"Dato", "Beløbp"}, []string{"beløp", "amount"}))
	require.Equal(t, "amuont", nearest([]string{"amuont"}, []string{"amount"}))
	require.Empty(t, nearest([]string{"customer"}, []string{"amount"}))
	require.Empty(t, nearest(nil, []string{"amount"}))
}

// FuzzDate holds that what is read as a date is one, and never another than the one that is written.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-01-31", "31.01.2026", "1/2/2026", "20260131", "2026-01-31T10:00:00+01:00", "31.1.26", "99.99.9999", "1.1.0000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		d, ok := splitDate(value)
		if !ok {
			return
		}
		for _, order := range []dateOrder{dayFirst, monthFirst} {
			if iso, ok := d.iso(order); ok {
				date, err := billing.ParseDate(iso)
				require.NoError(t, err, value)
				require.NotEmpty(t, date)
				require.False(t, d.shortYear)
			}
		}
	})
}
