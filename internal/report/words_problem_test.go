package report

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"kraviabatch/internal/billing"
)

func TestProblemsInNorwegian(t *testing.T) {
	t.Parallel()
	w := wordsOf("no")
	for _, test := range []struct {
		problem       billing.Problem
		message, hint string
	}{
		{billing.NewProblem("email.missing", ""), "e-postadressen mangler", "fyll ut email"},
		{
			billing.NewProblem("vat.fraction", "0.25"), `mva-satsen "0.25" ser ut som en brøk, ikke en prosent`,
			"skriv 25 for 25 %",
		},
		{
			billing.NewProblem("vat.rate", "59.8", "rate", "59.8", "country", "NO", "day", "2026-11-30", "rates",
				"25, 15, 12, 11.11 or 0"),
			"59.8 % er ikke en mva-sats i NO den 2026-11-30",
			"bruk 25, 15, 12, 11.11 eller 0; hvis kolonnen har mva-koder eller mva-beløp, må overskriften si det",
		},
		{
			billing.NewProblem("order.incomplete", "A1", "reference", "A1", "place", "row 8", "code", "email.missing"),
			"ordre A1 sendes ikke fordi rad 8 har et problem (email.missing)", "rett rad 8",
		},
		{
			billing.NewProblem("order.incomplete", "A1", "reference", "A1", "place", "row 8 of a b.csv", "code",
				"email.missing"),
			"ordre A1 sendes ikke fordi rad 8 i a b.csv har et problem (email.missing)", "rett rad 8 i a b.csv",
		},
		{
			billing.NewProblem("phone_number.invalid", "1", "of", " of NO"), `"1" er ikke et gyldig telefonnummer i NO`,
			"skriv ett nummer med landkode: +4799999999",
		},
		{
			billing.NewProblem("phone_number.invalid", "1", "of", ""), `"1" er ikke et gyldig telefonnummer`,
			"skriv ett nummer med landkode: +4799999999",
		},
		{
			billing.NewProblem("register.key", "7", "register", "kunder", "key", "Kundenr", "file", "k.csv", "near",
				", such as 77"),
			`registeret kunder har ingen rad med Kundenr "7", i k.csv`,
			"correct the number, or add the row to the register, such as 77",
		},
		{
			billing.NewProblem("amount.mismatch", "300.00", "amount", "300.00", "computed", "298.00", "because", ""),
			"beløpet er 300.00, men antall og enhetspris gir 298.00", "rett en av dem, eller behold bare én",
		},
		{
			billing.NewProblem("amount.mismatch", "300.00", "amount", "300.00", "computed", "240.00", "because",
				"; the difference is the VAT of the row: one of them is with VAT and one without"),
			"beløpet er 300.00, men antall og enhetspris gir 240.00; forskjellen er radens mva: den ene er med mva og den andre uten",
			"rett en av dem, eller behold bare én",
		},
		{
			billing.NewProblem("row.total", "Sum", "why", "it has no amount"),
			`raden sier "Sum", men den har ikke noe beløp`,
			"rett eller fjern raden; hvis den er en fakturalinje, formuler den annerledes",
		},
		{ // the file's words are those between two values, so that these cannot be told apart
			billing.NewProblem("order.differs", " here and ", "column", "email", "other", `"x"`, "row", "3"),
			`email is " here and " here and "x" in row 3 of the same order`,
			"gjør radene like, eller la en av cellene være tom",
		},
		{
			billing.NewProblem("order.differs", "a@b.no", "column", "email", "other", `"c@d.no"`, "row", "3"),
			`email er "a@b.no" her og "c@d.no" i rad 3 i samme ordre`,
			"gjør radene like, eller la en av cellene være tom",
		},
		{
			billing.Problem{Code: "amount.missing", Message: "as an older program said", Hint: "run again"},
			"as an older program said", "kjør på nytt",
		},
		{
			billing.Problem{
				Code: "email.missing",
				Hint: `fill in email; the file has no column for email, and these were not understood: "A", "B"`,
			},
			"", `fyll ut email; filen har ingen kolonne for email, og disse ble ikke forstått: "A", "B"`,
		},
	} {
		p := &test.problem
		message, hint := w.problem(p.Code, p.Message, p.Hint)
		require.Equal(t, test.message, message)
		require.Equal(t, test.hint, hint)
		message, hint = wordsOf("").problem(p.Code, p.Message, p.Hint)
		require.Equal(t, []string{p.Message, p.Hint}, []string{message, hint}, "English stays")
	}
}

// Whatever the values are, a problem is in English, or translated with each value in its place.
func TestValuesStayInTheirPlaces(t *testing.T) {
	t.Parallel()
	pieces := rapid.SliceOfN(
		rapid.SampledFrom(
			[]string{
				"a", " ", " is ", " here and ", " in row ", "3", " of the same order", "{value}", "%d", `"`,
				"\n", "row 3",
			}), 0, 5)
	codes := map[billing.Code][]string{ // and their placeholders beside {value}
		"order.differs": {"column", "other", "row"}, "amount.mismatch": {"amount", "computed", "because"},
		"line_id.duplicate": {"row"},
		"register.twice":    {"register", "key", "file", "row", "other"},
		"order.incomplete":  {"reference", "place", "code"}, "email.missing": {},
	}
	w := wordsOf("no")
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(
			[]billing.Code{
				"order.differs", "amount.mismatch", "line_id.duplicate", "register.twice",
				"order.incomplete", "email.missing",
			}).Draw(t, "code")
		value := strings.Join(pieces.Draw(t, "value"), "")
		values, places := []string{}, []string{"{value}", strconv.Quote(value)}
		for _, name := range codes[code] {
			english := strings.Join(pieces.Draw(t, name), "")
			said := english
			switch name { // what no file says
			case "row":
				english, said = "33", "33"
			case "column":
				english, said = "vat_amount", "vat_amount"
			case "computed":
				english, said = "-1.50", "-1.50"
			case "place":
				english, said = "row 33 of "+english, "rad 33 i "+english
			}
			values, places = append(values, name, english), append(places, "{"+name+"}", said)
		}
		p := billing.NewProblem(code, value, values...)
		message, hint := w.problem(p.Code, p.Message, p.Hint)
		fill := strings.NewReplacer(places...)
		require.Contains(t, []string{p.Message, fill.Replace(w.text(w.codes[code].Message))}, message)
		require.Contains(t, []string{p.Hint, fill.Replace(w.text(w.codes[code].Fix))}, hint)
	})
}
