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
		{epoch1900, "1", "1900-01-01", ""},
		{epoch1900, "59", "1900-02-28", ""},
		{epoch1900, "60", "", ""}, // a day that never was
		{epoch1900, "61", "1900-03-01", ""},
		{epoch1900, "46053", "2026-01-31", ""},
		{epoch1900, "46053.5", "2026-01-31", "12:00:00"},
		{epoch1900, "46053.60416666666", "2026-01-31", "14:30:00"},
		{epoch1900, "2958465", "9999-12-31", ""},
		{epoch1900, "2958466", "", ""},
		{epoch1900, "-1", "", ""},
		{epoch1900, "x", "", ""},
		{epoch1904, "44591", "2026-01-31", ""},
		{epoch1904, "0", "1904-01-01", ""},
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
	} {
		require.Equal(t, want, formatKind(code), code)
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
