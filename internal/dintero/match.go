package dintero

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// Expect is what the order's transaction must agree with. Empty fields are not compared.
type Expect struct {
	Reference string
	Amount    money.Amount
	Product   billing.Product
	Channel   billing.Channel
	Content   string // [billing.Order.Hash]
	Address   billing.Address
}

// Verify compares the answer to our own request with the order. What the answer says must agree; what it leaves out is
// accepted. It gives the code of the first difference and a sentence about it, or "" twice.
func (c *Client) Verify(t *Transaction, want Expect) (code billing.Code, message string) {
	currency, channel := want.Amount.Currency().Code(), channelOf(want.Product, want.Channel)
	switch {
	case foreign(t.ID, c.account) || foreign(t.SessionID, c.account):
		return CodeEnvironment, fmt.Sprintf(msgForeignTransaction, cut(t.ID, maxWord), c.account)
	case differs(t.Reference, want.Reference):
		return CodeReference,
			fmt.Sprintf(msgOtherReference, cut(t.Reference, maxWord), want.Reference)
	case t.Amount != 0 && want.Amount.Minor() != 0 && t.Amount != want.Amount.Minor():
		return CodeAmount, fmt.Sprintf(msgOtherAmount, t.Amount, want.Amount.Minor())
	case differs(t.Currency, currency):
		return CodeCurrency, fmt.Sprintf(msgOtherCurrency, cut(t.Currency, maxWord), currency)
	case differs(t.Product, want.Product):
		return CodeProduct,
			fmt.Sprintf(msgOtherProduct, cut(string(t.Product), maxWord), want.Product)
	case differs(t.Channel, channel):
		return CodeChannel,
			fmt.Sprintf(msgOtherChannel, cut(string(t.Channel), maxWord), channel)
	case differs(t.Content, want.Content):
		return CodeContent, msgOtherContent
	case differs(organization(&t.Buyer, want.Address.Country), organization(&want.Address, want.Address.Country)):
		return CodeCustomer, msgOtherCompany
	}
	return "", ""
}

// differs compares two values of which either may be missing.
func differs[S ~string](told, want S) bool { return told != "" && want != "" && told != want }

// Same compares a transaction that a look-up found with an order. Other programs may use the same references, so beside
// what [Client.Verify] compares, the transaction must say what it is about and for whom. One that leaves that out is a
// conflict and not a match: taking another's invoice for ours would leave the order without one.
func (c *Client) Same(t *Transaction, want Expect) (code billing.Code, message string) {
	if code, message = c.Verify(t, want); code != "" {
		return code, message
	}
	switch {
	case t.Amount == 0:
		return lacks("amount")
	case t.Currency == "":
		return lacks("currency")
	case t.Product == "":
		return lacks("product")
	case t.Reference == "" && want.Reference != "":
		return lacks("merchant reference")
	case t.Content != "" && t.Content == want.Content:
		return "", ""
	case want.Product == billing.B2C:
		return sameCustomer(&t.Buyer, &want.Address)
	case t.Buyer.OrganizationNumber == "" || want.Address.OrganizationNumber == "":
		return lacks("organization number")
	}
	return "", ""
}

func lacks(what string) (billing.Code, string) {
	return CodeUncomparable, fmt.Sprintf(msgMissing, what)
}

// sameCustomer compares what both addresses have. Agreement of the postal code or the telephone number is not enough,
// since many people share them.
func sameCustomer(theirs, ours *billing.Address) (billing.Code, string) {
	told := false
	for _, field := range []struct {
		name         string
		theirs, ours string
		telling      bool
	}{
		{"name", fullName(theirs), fullName(ours), true},
		{
			"e-mail address", strings.ToLower(keep(theirs.Email, printable)),
			strings.ToLower(keep(ours.Email, printable)), true,
		},
		{"telephone number", telephone(theirs), telephone(ours), false},
		{"postal code", alphanumeric(theirs.PostalCode), alphanumeric(ours.PostalCode), false},
	} {
		if differs(field.theirs, field.ours) {
			return CodeCustomer, fmt.Sprintf(msgOtherCustomer, field.name)
		}
		told = told || field.telling && field.theirs != "" && field.ours != ""
	}
	if !told {
		return lacks("customer's name or e-mail address")
	}
	return "", ""
}

func fullName(a *billing.Address) string {
	return strings.ToLower(strings.Join(strings.Fields(a.FirstName+" "+a.LastName), " "))
}

// telephone writes the sign before the country's number as +.
func telephone(a *billing.Address) string {
	number := keep(a.PhoneNumber, func(r rune) bool { return r == '+' || unicode.IsDigit(r) })
	if rest, international := strings.CutPrefix(number, "00"); international {
		return "+" + rest
	}
	return number
}

// organization is the organization number without separators and without the century that Swedish registers
// put before it.
func organization(a *billing.Address, country string) string {
	number := alphanumeric(a.OrganizationNumber)
	if country == "SE" && len(number) == 12 && slices.Contains([]string{"16", "18", "19", "20"}, number[:2]) {
		return number[2:]
	}
	return number
}

func alphanumeric(s string) string {
	return strings.ToUpper(keep(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }))
}

func printable(r rune) bool { return !unicode.IsSpace(r) }

func keep(s string, wanted func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if wanted(r) {
			return r
		}
		return -1
	}, s)
}

// channelOf is the order's channel, always said: left out, the account's own default would decide. Grouped
// invoices have no choice of channel.
func channelOf(product billing.Product, channel billing.Channel) billing.Channel {
	switch product {
	case billing.B2B, billing.B2C:
		return cmp.Or(channel, billing.ChannelKravia)
	case billing.B2BGrouped:
	}
	return ""
}

// foreign reports whether an id names another account. Only ids of the full form "T12345678.…" are judged: the
// provider's examples abbreviate.
func foreign(id, account string) bool {
	return len(id) > accountLength && id[accountLength] == '.' && validAccount(id[:accountLength]) &&
		id[:accountLength] != account
}
