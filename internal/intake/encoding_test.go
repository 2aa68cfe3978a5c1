package intake_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/intake"
)

// line is a table of one record with the text as its description.
func line(text string) string { return "order_reference;description;amount\nA1;" + text + ";10\n" }

func bytesOf(t *testing.T, table *charmap.Charmap, text string) string {
	t.Helper()
	raw, err := table.NewEncoder().String(text)
	require.NoError(t, err, text)
	return raw
}

// readText opens bytes whose encoding may be declared, and gives the description of the first record, and the notices.
func readText(t *testing.T, raw, encoding string) (string, []string, error) {
	t.Helper()
	return readFirst(t, raw, intake.Input{Encoding: encoding})
}

// readTable is readText with a delimiter instead.
func readTable(t *testing.T, raw, delimiter string) (string, []string, error) {
	t.Helper()
	return readFirst(t, raw, intake.Input{Delimiter: delimiter})
}

func readFirst(t *testing.T, raw string, input intake.Input) (string, []string, error) {
	t.Helper()
	f, err := intake.Open(t.Context(), write(t, "text.csv", raw),
		intake.Options{Profile: &intake.Profile{Input: input}})
	if err != nil {
		return "", nil, err
	}
	defer func() { require.NoError(t, f.Close()) }()
	for r, err := range f.Records(t.Context()) {
		require.NoError(t, err)
		return r.Values[billing.ColDescription], f.Notices, nil
	}
	return "", nil, nil
}

// TestWindows1252IsRecognised reads without a declaration what Nordic texts have: letters, and signs where they belong.
func TestWindows1252IsRecognised(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Blåbær & Søner AS", "Ærlig Øl på Å", "JÄRVINEN Ööbik", "Übersee Straße Größe",
		"Café Zoë, señor Niño, façade", "Šibenik", "Škoda Octavia", "Slavoj Žižek",
		"Miloš Dušan Nataša KNEŽ", "Œuvre de cœur", "SŒUR L’HAŸ", "SIGURÐUR Þórðarson", "São Paulo ESPAÑA",
		"VÕRU Õismäe", "BLåBæR AS", "McÅse SunnØst",
		"1 250,00 € inkl. £ 5 og § 3", "5 m² à 3 m³, 20 °C, 1½ time, 4×4", "Oslo–Bergen 10 – 12 —",
		"kvartals–rapport", "Kari’s L’Oréal O’BRIEN D’Angelo D’En-Haut Hans’ bil",
		"«Nordlys» og “North” og ”Nord” og ‘x’", "»Nord« „Nord“", "19” skjerm", "Hei…", "LEGO® Sonos™ ©2026 • punkt",
		"Nº 5 og 1ª", "100 µg", "Levi´s",
		"myk\u00adbinde\u00a0strek", "MAÇÃ", "3 à 100", "Rock ’n’ roll", "50 ‰", "Å", "öre", "A·B 3 · 4",
	} {
		got, notices, err := readText(t, line(bytesOf(t, charmap.Windows1252, text)), "")
		require.NoError(t, err, text)
		require.Equal(t, strings.TrimSpace(text), got)
		require.Equal(t, []string{"read as windows-1252, because it is not UTF-8 and has no byte order mark"},
			notices[:1])
	}
}

// TestOtherTablesAreNotGuessed refuses what windows-1252 makes no words of, and names what does.
func TestOtherTablesAreNotGuessed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		table *charmap.Charmap
		name  string
		texts []string
	}{
		{charmap.Macintosh, "macintosh", []string{
			"Blåbær", "Sönder", "räkning", "Älvsborg", "JÄRVINEN", "Örebro", "GÖTEBORG", "Ås", "Ærlig", "BÆR", "Øst",
			"SØR", "Tromsø", "øl", "øre", "på", "å betale", "är", "över",
			"för", "Mälarö", "Työtunnit", "pöytä", "Über Köln", "München", "idé", "Café", "Pérez", "Blå æra", "MALMÖ",
		}},
		{charmap.CodePage850, "cp850", []string{
			"Blåbær", "Sönder", "räkning", "Älvsborg", "JÄRVINEN", "Örebro", "GÖTEBORG", "Ås", "Ærlig", "BÆR", "Øst",
			"SØR", "Tromsø", "øl", "på", "är", "över", "Malmö",
			"MALMÖ", "Källare", "Über Köln", "MÜNCHEN", "idé", "Lærdal", "AKTIEÄGARE",
		}},
		{charmap.CodePage865, "", []string{"Blåbær", "Tromsø", "Ærlig", "Ås", "Ølen", "sjømat", "LÆRDAL AS på Ås"}},
	} {
		for _, text := range tc.texts {
			raw := line(bytesOf(t, tc.table, text))
			_, _, err := readText(t, raw, "")
			require.Error(t, err, "%s in %s", text, tc.table)
			refusal := requireCode(t, err, "file.encoding")
			require.Contains(t, refusal.Message, "line 2", text)
			require.NotEmpty(t, refusal.Value, text)
			if tc.name != "" {
				require.Contains(t, refusal.Error(), tc.name, text)
				got, _, err := readText(t, raw, tc.name)
				require.NoError(t, err, text)
				require.Equal(t, text, got)
			}
		}
	}
	for _, punctuation := range []string{
		"Kari’s", "10 – 12", "Oslo–Bergen", "osv…", "“Nord”", "1\u00a0250,00",
		"100 €", "§ 5", "• punkt",
	} {
		_, _, err := readText(t, line(bytesOf(t, charmap.Macintosh, punctuation)), "")
		requireCode(t, err, "file.encoding")
	}
}

// TestEncodedTwice finds letters that were encoded twice, and leaves those that only look so.
func TestEncodedTwice(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"BjÃ¸rnÃ¥s", "Ã…s", "MALMÃ–", "SÃ–DERSTRÃ–M", "Ã\u0098st", "Ã˜st", "100 â‚¬", "Kariâ€™s", "10 â€“ 12",
		"20 Â°C", "1Â\u00a0250", "MÃ¼nchen", "ï»¿x", "DvoÅ™Ã¡k", "FranÃ§ois",
		"Bj√∏rn√•s", "Bj├©rk", "Bj├©rn├Ñs",
	} {
		_, _, err := readText(t, line(text), "")
		require.Error(t, err, text)
		refusal := requireCode(t, err, "file.encoding")
		require.Contains(t, refusal.Message, "line 2")
		require.Contains(t, refusal.Message, "UTF-8 encoded twice")
	}
	for _, text := range []string{
		"SÃO PAULO", "JOÃO, MAÇÃ” SÃO", "Â", "PÂTÉ Âge", "SJÖ” HALLÅ… BRÅ–SKI Å»", "Ä ‚", "naïve Noël", "Åse® Åse’s",
		"√2 ≈ 1,41", "3 ¬ 4", "Ô, Â, Ã", "ÎLE Êtes", "Пётр", "日本", "Zażółć gęślą jaźń",
	} {
		got, _, err := readText(t, line(text), "")
		require.NoError(t, err, text)
		require.Equal(t, text, got)
	}
	_, _, err := readText(t, line("MAÇÃ”"), "")
	require.ErrorContains(t, err, "UTF-8 encoded twice", "nothing shows that it is the end of a word")
}

// TestEncodedTwiceIsAlwaysFound encodes Nordic words twice.
func TestEncodedTwiceIsAlwaysFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.StringMatching(`[a-z]{0,4}[åäöæøÅÄÖÆØéü][a-zåäöæø]{0,4}`).Draw(rt, "word")
		for _, table := range []*charmap.Charmap{charmap.Windows1252, charmap.ISO8859_1} {
			again, err := table.NewDecoder().String(word)
			require.NoError(rt, err)
			_, _, err = readText(t, line(again), "")
			require.ErrorContains(rt, err, "UTF-8 encoded twice", again)
		}
	})
}

// TestContradictedEncodings refuses what a profile declares and the bytes are not.
func TestContradictedEncodings(t *testing.T) {
	t.Parallel()
	wide := func(text string) string {
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune(text)) {
			b.WriteByte(byte(unit))
			b.WriteByte(byte(unit >> 8))
		}
		return b.String()
	}
	good := line("Kåre Sørensen")
	latin := line("K\xe5re S\xf8rensen")
	for _, tc := range []struct {
		name, raw, declared string
		says                []string
	}{
		{"UTF-8 as windows-1252", good, "windows-1252", []string{"declares windows-1252", "UTF-8"}},
		{"UTF-8 as iso-8859-1", good, "iso-8859-1", []string{"declares iso-8859-1", "UTF-8"}},
		{"UTF-8 as macintosh", good, "macintosh", []string{"declares macintosh", "UTF-8"}},
		{"UTF-8 as cp850", good, "cp850", []string{"declares cp850", "UTF-8"}},
		{"windows-1252 as UTF-8", latin, "utf-8", []string{"declares utf-8", "0xe5", "line 2"}},
		{"windows-1252 as macintosh", latin, "macintosh", []string{"declares macintosh", "looks like windows-1252"}},
		{"windows-1252 as cp850", latin, "cp850", []string{"declares cp850", "looks like windows-1252"}},
		{
			"cp850 as windows-1252", line("Bl\x86b\x91r"), "windows-1252",
			[]string{"declares windows-1252", "looks like cp850", "Blåbær"},
		},
		{"macintosh as cp850", line("Bl\x8cb\xber"), "cp850", []string{"declares cp850", "looks like macintosh"}},
		{"signs as iso-8859-1", line("10 \x96 12"), "iso-8859-1", []string{"declares iso-8859-1", "U+0096"}},
		{"unused byte", line("K\x81re"), "windows-1252", []string{"declares windows-1252", "U+0081"}},
		{"UTF-8 mark", "\ufeff" + good, "windows-1252", []string{"declares windows-1252", "byte order mark of utf-8"}},
		{"UTF-16 mark", "\xff\xfe" + wide(good), "utf-8", []string{"declares utf-8", "byte order mark of utf-16le"}},
		{
			"other UTF-16 mark", "\xff\xfe" + wide(good), "utf-16be",
			[]string{"declares utf-16be", "byte order mark of utf-16le"},
		},
		{"UTF-8 as UTF-16", good, "utf-16le", []string{"declares utf-16le", "utf-8"}},
		{"other UTF-16", wide(good), "utf-16be", []string{"declares utf-16be", "the bytes are utf-16le"}},
		{"UTF-16 without a mark", wide(good), "", []string{"NUL", "encoding: utf-16le"}},
		{"UTF-16 cut", "\xff\xfe" + wide(good)[:41], "", []string{"utf-16le", "cut off"}},
		{"UTF-8 cut", good + "A2;Tromsø"[:len("A2;Tromsø")-1], "", []string{"line 3", "cut off"}},
		{
			"UTF-8 in windows-1252", "order_reference;description;amount\nA1;K\xe5re;10\nA2;Kåre;10\n", "",
			[]string{"line 3", "UTF-8"},
		},
		{
			"windows-1252 in UTF-8", "order_reference;description;amount\nA1;Kåre;10\nA2;K\xe5re;10\n", "",
			[]string{"line 3", "UTF-8"},
		},
		{"control character", line("a\x07b"), "", []string{"line 2", "U+0007"}},
		{"C1 control character", line("10 \u0096 12"), "", []string{"line 2", "U+0096"}},
		{"Ctrl-Z inside", good + "\x1aA2;y;1\n", "", []string{"line 3", "Ctrl-Z"}},
	} {
		_, _, err := readText(t, tc.raw, tc.declared)
		require.Error(t, err, tc.name)
		for _, part := range tc.says {
			require.ErrorContains(t, err, part, tc.name)
		}
	}
	for declared, raw := range map[string]string{
		"utf-16le": wide(good), "windows-1252": latin, "iso-8859-1": latin, "utf-8": good,
		"macintosh": line("K\x8cre S\xbfrensen"), "cp865": line("K\x86re S\x9brensen"),
	} {
		got, _, err := readText(t, raw, declared)
		require.NoError(t, err, declared)
		require.Equal(t, "Kåre Sørensen", got)
	}
}

// TestEndMark passes over Ctrl-Z behind the last line, with what DOS programs fill the file up with.
func TestEndMark(t *testing.T) {
	t.Parallel()
	for _, end := range []string{
		"\x1a", "\r\n\x1a", "\x1a\x1a\x1a", "\x1a\x00\x00\x00", "\x1a\r\n",
		"\r\n\x1a" + strings.Repeat("\x00", 300<<10),
	} {
		got, notices, err := readText(t, strings.ReplaceAll(line("x"), "\n", "\r\n")+end, "")
		require.NoError(t, err, "%.9q", end)
		require.Equal(t, "x", got)
		require.Equal(t, []string{"the end mark Ctrl-Z (0x1A) behind the last line was passed over"}, notices[:1])
	}
	_, _, err := readText(t, line("x")+"\x00\x1a", "")
	requireCode(t, err, "csv.nul")
}
