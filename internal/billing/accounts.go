package billing

import (
	"cmp"
	"strings"
)

// Accounts are the accounts of the seller's ledger that invoices are posted to.
type Accounts struct {
	Receivable string     `json:"receivable"`
	Revenue    AccountsBy `json:"revenue"`
	VAT        AccountsBy `json:"vat"`
}

// AccountsBy gives accounts by [TreatmentKey], by rate in percent such as "25" (or "25%" if a treatment may be called
// 25), and by "" the account for everything that is not listed.
type AccountsBy map[string]string

// Of is the account of a share: that of its treatment, else that of its rate, else that of "". It is "" for none.
func (a AccountsBy) Of(s *VATShare) string {
	rate := s.Rate.String()
	return cmp.Or(a[TreatmentKey(s.Treatment)], a[rate+"%"], a[rate], a[""])
}

// TreatmentKey is the treatment in lower case without spaces around it, so that spellings of one treatment are equal.
func TreatmentKey(treatment string) string { return strings.ToLower(strings.TrimSpace(treatment)) }
