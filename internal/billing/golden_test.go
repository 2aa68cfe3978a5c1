package billing_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An order that an earlier version invoiced keeps its hash; another hash would make it a conflict. The hashes are those
// of the version before columns and codes became tables. They must never be changed to make this test pass.
func TestHashesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, rows, hash string }{
		{"business", "", "1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d"},
		{"consumer", "consumer", "1:f8a27a0d5b62bd7ef3b4eb4d39e91afa47087ac91152b5bc2c9844feef8a2610"},
		{"two lines", ";amount=1.00", "1:14bf9f4a8004380f8725acd723e9bbf5f90bfa8f8974bb5483b29a24c00ff804"},
		{
			"reference alone", "order_reference=A.b_c-9",
			"1:f2edef9872c2e2c9087871f2e70747894a010ddce4af347745b1163e505f56b3",
		},
		{"product in capitals", "product=B2B", "1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d"},
		{
			"product in full", "product=kravia.invoice_b2b",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{"product by the number", "product=", "1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d"},
		{
			"product by no number", "consumer | product=",
			"1:f8a27a0d5b62bd7ef3b4eb4d39e91afa47087ac91152b5bc2c9844feef8a2610",
		},
		{
			"grouped", "grouped | customer_reference=PO  7",
			"1:1e5825afe1c70bf4f2b60b0bb935038eaff703aa2b1ac6e62c01e3a8ef2a70d4",
		},
		{
			"currency in lower case", "currency=nok",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{"currency of the country", "currency=", "1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d"},
		{"days with zeros", "days_until_due=014", "1:b4d0d526cd588914e0e3a47cf14f7601a75a0da8db50b3899cd5794c5ebc6575"},
		{
			"days of the settings", "days_until_due=",
			"1:b4d0d526cd588914e0e3a47cf14f7601a75a0da8db50b3899cd5794c5ebc6575",
		},
		{
			"due date", "days_until_due= | due_date=2026-12-06",
			"1:ec5364fbce3f6d56540ddeb70f268bc713275fcdba7af3bf722ce1f16405ec53",
		},
		{"channel", "invoice_channel=Merchant", "1:ce310004d5a45faf76aa379b6128dd3f590073b6ac8da1cc544a879a4dc64e13"},
		{"country in lower case", "country=no", "1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d"},
		{
			"contact name", "first_name= | last_name= | contact_name=Ola Olav Nordmann",
			"1:0caa3fe329f05c444bf2ee7cae559804710ef1c979d76e83b15fb58ed497f18f",
		},
		{
			"contact name with spaces", "first_name= | last_name= | contact_name=  Ola   Nordmann ",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"contact and last name", "first_name= | contact_name=Ola Nordmann",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"contact of one word and last name", "first_name= | contact_name=Ola",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"contact with a particle", "first_name= | last_name= | contact_name=Jan van der Berg",
			"1:67199cf89d067d1354cf06bf031e61999240061e9646aaf0657c6db2f4c45d31",
		},
		{
			"name with two spaces", "first_name=Ola  Olav",
			"1:8231892a62dd808ee3e84337493c466456ec1e9e3a496edba6b718853b6932d3",
		},
		{
			"business name with spaces", "business_name=Nordmann   &  Sønn AS",
			"1:b057d408407c1ce7550efd2377af2f326c284d5b4b6e8077200e8bc9c60b07e4",
		},
		{
			"address with two spaces",
			"address_line=Storgata  1 | address_line_2=2nd  floor | co_address=c/o  Lien | postal_place=Oslo  S | " +
				"cost_center=4  10",
			"1:fd9f301bfb676190948ca4c288d0123a2b9687031e70c5e69951e1cca3efa2bb",
		},
		{
			"e-mail in capitals", "email=Ola@Nordmann.NO",
			"1:7b8b607f006eb3dd201d5bccca948df01e898b4d27ff95189a7b8c7844aa42d8",
		},
		{
			"phone with spaces", "phone_number=999 99 999",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"phone with 00", "phone_number=0047 99999999",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"phone in groups", "phone_number=+47 22 22 22 22",
			"1:bd29fad242ea7214f73747b82580b13ef66cf5a9fd4f27c4233c571085b20940",
		},
		{
			"phone in parentheses", "phone_number=(+47) 22 22 22 22",
			"1:bd29fad242ea7214f73747b82580b13ef66cf5a9fd4f27c4233c571085b20940",
		},
		{
			"phone with dots", "phone_number=22.22.22.22",
			"1:bd29fad242ea7214f73747b82580b13ef66cf5a9fd4f27c4233c571085b20940",
		},
		{
			"postal code with spaces", "postal_code= 0 151",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"postal code without zero", "postal_code=151",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"postal code with its country", "postal_code=no-0151",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"organization number in groups", "organization_number=974 760 673",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"organization number of VAT", "organization_number=NO974760673MVA",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"organization number of VAT in words", "organization_number=no 974.760.673 mva",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"organization number with a wrong digit", "organization_number=123456789",
			"1:5ed5015a69faee920f5468140436cca1486780998995eed0fba2fbd216b0ae0f",
		},
		{
			"organization number unseen", "organization_number=974\u200b760673",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"Swedish", "swedish | organization_number=556036-0793 | postal_code=111 22 | phone_number=070-123 45 67",
			"1:ca97b520726c37f1459a6b855a218c6e3270a9b74736b324f46097638d2b7d33",
		},
		{
			"Swedish with letters", "swedish | organization_number=SE556036-0793 | postal_code=SE-111 22",
			"1:ca97b520726c37f1459a6b855a218c6e3270a9b74736b324f46097638d2b7d33",
		},
		{
			"Finnish", "finnish | organization_number=0112038-9 | phone_number=040 1234567",
			"1:bc83bfb4ad5334fe9e8c798edba915997c8568f777bd1b1f8eeeecb2e0ac57ff",
		},
		{
			"Finnish without zeros", "finnish | organization_number=112038-9 | postal_code=100",
			"1:bc83bfb4ad5334fe9e8c798edba915997c8568f777bd1b1f8eeeecb2e0ac57ff",
		},
		{
			"Finnish VAT number", "finnish | organization_number=FI01120389",
			"1:bc83bfb4ad5334fe9e8c798edba915997c8568f777bd1b1f8eeeecb2e0ac57ff",
		},
		{
			"German",
			"country=DE | currency=EUR | organization_number=DE 123.456.789 | postal_code=DE-10 117 | " +
				"phone_number=030 123456 | product=b2b",
			"1:f576351ceeb5fbe5cfb656902274bd27cfc57f01d6c5fe9434e5be9e2140d5b9",
		},
		{
			"item and delivery", "item_id=X 1 | delivery_date=2026-10-31",
			"1:e4fb5a53821099104ac4bb6c8f79a3e04dd6dfdcb8b417456d974ebc4137d07e",
		},
		{
			"quantity and price", "quantity=2.50 | unit_price=119.60 | amount=",
			"1:b8d073e9bd58b6c6155d894cc596c243d1e2111e2faf78ded2bbbeb2aa8459e4",
		},
		{
			"price and amount", "quantity=3 | unit_price=99.67 | amount=299.00",
			"1:25d26a135db5a3daeefb81b4058ae29977573ac7974b25e8279a2c272a493c0b",
		},
		{
			"discount", "unit_price=400 | discount_percent=25.25 | amount=",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
		{
			"negative line", ";description=Rebate | amount=-100",
			"1:178b3243b3a201d16748d40ed024960781e7024d6d94221229f80cc926d55536",
		},
		{"VAT of 11.11", "vat=11.11", "1:7a86b78a0b1fe709793d711bff5b512ad442bcff981ef6295fdd5091d88ef26c"},
		{"no VAT", "vat=0", "1:82872e84c7a314ec516b40528541a2c33a5f741a0377737f44eb2ae64cf0ae9d"},
		{"VAT amount", "vat_amount=59.80", "1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d"},
		{
			"description with spaces", "description=Hours  in  November ",
			"1:5ce98b266fb931b4c858b1277a7185925aa66a9435893cfc1335a1b6b8f69b10",
		},
		{
			"letters in two parts", "last_name=A\u030angstro\u0308m",
			"1:4eb69bf5c9e0ed13d36b8170f086ce314ee6d471dd623b68d60f402c44062c17",
		},
		{
			"no-break space", "address_line=Storgata\u00a01",
			"1:97a921b79858c40a936dc02a65e219d159b56d6c94096f75192ccafd40747e4d",
		},
	} {
		groups := group(t, rules(), sheet(strings.Split(tt.rows, ";")...)...)
		require.Len(t, groups, 1, tt.name)
		require.NotNil(t, groups[0].Order, "%s: %v", tt.name, messages(groups))
		require.Equal(t, tt.hash, groups[0].Order.Hash(), tt.name)
	}
}
