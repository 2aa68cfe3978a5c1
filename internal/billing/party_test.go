package billing_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestContactName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ contact, first, last, wantFirst, wantLast string }{
		{"Ola Nordmann", "", "", "Ola", "Nordmann"},
		{"Ola Olav  Nordmann", "", "", "Ola Olav", "Nordmann"},
		{"Nordmann, Ola", "", "", "Ola", "Nordmann"},
		{"Nordmann,Ola", "", "", "Ola", "Nordmann"},
		{"Nordmann , Ola Olav", "", "", "Ola Olav", "Nordmann"},
		{"van der Berg, Jan", "", "", "Jan", "van der Berg"},
		{"Jan van der Berg", "", "van der Berg", "Jan", "van der Berg"},
		{"van der Berg, Jan", "", "van der Berg", "Jan", "van der Berg"},
		{"Jan van der Berg", "Jan", "", "Jan", "van der Berg"},
		{"van der Berg, Jan", "Jan", "", "Jan", "van der Berg"},
		{"Ola Nordmann", "", "Lien", "Ola", "Lien"},
		{"Ola Nordmann", "Kari", "Lien", "Kari", "Lien"},
		{"Ola Nordmann", "Kari", "", "Kari", "Nordmann"},
		{"Ola", "", "Nordmann", "Ola", "Nordmann"},
		{"Nordmann", "Ola", "", "Ola", "Nordmann"},
		{"Ola", "", "", "", "Ola"},
		{"Ola", "Ola", "", "Ola", ""},
		{"Nordmann", "", "Nordmann", "", "Nordmann"},
		{"Nordmann,", "", "", "", "Nordmann"},
		{", Ola", "", "", "Ola", ""},
		{"Nordmann, Ola, Lien, Kari", "", "", "", ""},
		{" , ", "", "", "", ""},
		{"", "", "", "", ""},
	} {
		groups := group(t, rules(),
			record("first_name="+tt.first+" | last_name="+tt.last+" | contact_name="+tt.contact))
		var want []string
		if tt.wantFirst == "" {
			want = append(want, "first_name.missing")
		}
		if tt.wantLast == "" {
			want = append(want, "last_name.missing")
		}
		require.Equal(t, want, codes(groups), tt.contact)
		if want == nil {
			require.Equal(t, tt.wantFirst, groups[0].Order.Address.FirstName, tt.contact)
			require.Equal(t, tt.wantLast, groups[0].Order.Address.LastName, tt.contact)
		}
	}
}

func TestOrganizationNumber(t *testing.T) {
	t.Parallel()
	const checkDigit, format, long, person = "organization_number.check_digit", "organization_number.format",
		"organization_number.vat_number", "organization_number.person"
	for _, tt := range []struct{ base, given, want, codes string }{
		{"", "974760673", "974760673", ""},
		{"", "974 760 673", "974760673", ""},
		{"", "NO 974 760 673 MVA", "974760673", ""},
		{"", "NO974760673MVA", "974760673", ""},
		{"", "123456789", "123456789", checkDigit},
		{"", "974\u200b760673", "974760673", "text.invisible"},
		{"", "12345", "", format},
		{"", "9747606731", "", format},
		{"", "SE5560360793", "", format},
		{"", "97476O673", "", format},
		{"swedish", "556036-0793", "5560360793", ""},
		{"swedish", "5560360794", "5560360794", checkDigit},
		{"swedish", "SE556036079301", "5560360793", long},
		{"swedish", "556036079301", "5560360793", long},
		{"swedish", "16 556036-0793", "5560360793", long},
		{"swedish", "SE556036079401", "", format},
		{"swedish", "SE556036079302", "", format},
		{"swedish", "SE165560360793", "", format},
		{"swedish", "165560360794", "", format},
		{"swedish", "175560360793", "", format},
		{"swedish", "198112289601", "", format}, // can be read in both ways
		{"swedish", "SE198112289601", "1981122896", long},
		{"swedish", "811228-9874", "8112289874", person},
		{"swedish", "19811228-9874", "8112289874", long + " " + person},
		{"swedish", "NO974760673", "", format},
		{"finnish", "0112038-9", "01120389", ""},
		{"finnish", "FI01120389", "01120389", ""},
		{"finnish", "0112038-8", "01120388", checkDigit},
		{"finnish", "112038-9", "01120389", "organization_number.restored"},
		{"finnish", "12038", "", format},
	} {
		groups := group(t, rules(), record(tt.base+" | organization_number="+tt.given))
		require.Equal(t, tt.codes, strings.Join(codes(groups), " "), tt.given)
		require.Equal(t, tt.want != "", groups[0].Order != nil, tt.given)
		if tt.want != "" {
			require.Equal(t, tt.want, groups[0].Order.Address.OrganizationNumber, tt.given)
		}
	}
	require.Equal(t,
		[]string{
			`row 2: "SE556036079301" is a VAT number or another long form; ` +
				`the organization number 5560360793 is sent (write the organization number)`,
		},
		messages(group(t, rules(), record("swedish | organization_number=SE556036079301"))))
	require.Equal(t,
		[]string{`row 2: "12345" is not an organization number of FI (write the number with 8 digits, as in FI)`},
		messages(group(t, rules(), record("finnish | organization_number=12345"))))
	for _, p := range group(t, rules(), record("swedish | organization_number=811228-9874"))[0].Rows[0].Problems {
		require.NotContains(t, p.Message+p.Value, "811228", "a personal number is not repeated")
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ base, given, want string }{
		{"", "+4799999999", "+4799999999"},
		{"", "99999999", "+4799999999"},
		{"", "22 22 22 22", "+4722222222"},
		{"", "(+47) 22 22 22 22", "+4722222222"},
		{"", "(0047) 22222222", "+4722222222"},
		{"", "0047 22222222", "+4722222222"},
		{"", "+47 22-22.22 22", "+4722222222"},
		{"", "+47 22\u201122\u201322 22", "+4722222222"},
		{"", "+46701234567", "+46701234567"},
		{"", "22/22 22 22", "+4722222222"},
		{"swedish", "070-123 45 67", "+46701234567"},
		{"swedish", "+46 (0)70-123 45 67", "+46701234567"},
		{"swedish", "08/123 456 78", "+46812345678"},
		{"finnish", "040 1234567", "+358401234567"},
		{"", "4000OOOO", ""},
		{"", "tlf. 40000000", ""},
		{"", "Ola 99999999", ""},
		{"", "99999999,5", ""},
		{"", "22 22 22 22x12", ""},
		{"", "22 22 22 22 ext. 12", ""},
		{"", "22 22 22 22;ext=12", ""},
		{"", "22222222 # 12", ""},
		{"", "+47 22 22 22 22 / 33", ""},
		{"", "22222222/33", ""},
		{"", "22222222 / 33333333", ""},
		{"", "22222222, 33333333", ""},
		{"", "22222222 33333333", ""},
		{"", "22222222\n33333333", ""},
		{"", "+4722222222+4733333333", ""},
		{"", "22222222+", ""},
		{"", "22 +22 22 22", ""},
		{"", "22222222 +47", ""},
		{"swedish", "08-12 34 56/78", ""},
		{"swedish", "08/12/345678", ""},
		{"", "123", ""},
		{"", "+", ""},
		{"", "()", ""},
		{"", "4.7999999999E10", ""},
		{"", "4.7999999999", ""},
		{"", "\u0664\u0660\u0660\u0660\u0660\u0660\u0660\u0660", ""},
	} {
		groups := group(t, rules(), record(tt.base+" | phone_number="+tt.given))
		if tt.want == "" {
			require.Equal(t, []string{"phone_number.invalid"}, codes(groups), tt.given)
			continue
		}
		require.Empty(t, codes(groups), tt.given)
		require.Equal(t, tt.want, groups[0].Order.Address.PhoneNumber, tt.given)
	}
	require.Equal(t,
		[]string{
			`row 2: "tlf. 40000000" is not a valid phone number of NO ` +
				`(write one number with its country code: +4799999999)`,
		},
		messages(group(t, rules(), record("phone_number=tlf. 40000000"))))
}

func TestPostalCode(t *testing.T) {
	t.Parallel()
	const format, restored = "postal_code.format", "postal_code.restored"
	for _, tt := range []struct{ base, given, want, code string }{
		{"", "0151", "0151", ""},
		{"", "N-0151", "0151", ""},
		{"", "NO-0151", "0151", ""},
		{"", "151", "0151", restored},
		{"", "N-151", "0151", restored},
		{"", "12345", "", format},
		{"", "S-0151", "", format},
		{"", "-0151", "", format},
		{"", "015I", "", format},
		{"swedish", "111 20", "11120", ""},
		{"swedish", "S-111 20", "11120", ""},
		{"swedish", "SE-111 20", "11120", ""},
		{"swedish", "1112", "", format},
		{"finnish", "FIN-00100", "00100", ""},
		{"finnish", "country=AX | postal_code=AX-22100", "22100", ""},
		{"finnish", "100", "00100", restored},
		{
			"", "country=DE | currency=EUR | phone_number=+4930123456 | postal_code=de-10 117", "10 117",
			"country.unsupported",
		},
	} {
		row := tt.base + " | postal_code=" + tt.given
		if strings.Contains(tt.given, "=") {
			row = tt.base + " | " + tt.given
		}
		groups := group(t, rules(), record(row))
		require.Equal(t, tt.code, strings.Join(codes(groups), " "), row)
		if tt.want != "" {
			require.Equal(t, tt.want, groups[0].Order.Address.PostalCode, row)
		}
	}
	require.Equal(t, []string{`row 2: "1112" is not a postal code of SE (write the code with 5 digits, as in SE)`},
		messages(group(t, rules(), record("swedish | postal_code=1112"))))
}

func TestCountry(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ base, given, want string }{
		{"", "no", "NO"},
		{"", "Norge", "NO"},
		{"", "SJ", "NO"},
		{"swedish", "SVERIGE", "SE"},
		{"finnish", "suomi", "FI"},
		{"finnish", "ax", "FI"},
		{"finnish", "Åland", "FI"},
		{"", "de", "DE"},
	} {
		groups := group(t, rules(), record(tt.base+" | country="+tt.given))
		require.Equal(t, tt.want, groups[0].Rows[0].Country, tt.given)
	}
	for _, given := range []string{"Norgge", "UK", "X1", "NOR", "47"} {
		require.Contains(t, codes(group(t, rules(), record("country="+given))), "country.unknown", given)
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	require.Equal(t,
		[]string{
			`row 2: "kåre@nordmann.no" is not a valid e-mail address: the letter 'å' is not allowed ` +
				`(write it like name@example.com, without letters such as å or é)`,
		},
		messages(group(t, rules(), record("email=kåre@nordmann.no"))))
	for _, given := range []string{
		"ola@nordmann", "a@b@c.no", "ola@.no", "@nordmann.no", "ola@nordmann.no.",
		"ola nordmann@x.no", "ola@nordmann.no; kari@x.no", "ola@x.no,kari@x.no",
	} {
		require.Equal(t, []string{"email.invalid"}, codes(group(t, rules(), record("email="+given))), given)
	}
}
