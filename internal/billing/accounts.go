package billing

import (
	"cmp"
	"strings"
)

// Accounts are those of the seller's ledger that invoices are posted to.
type Accounts struct {
	Receivable string     `json:"receivable"`
	Revenue    AccountsBy `json:"revenue"`
	VAT        AccountsBy `json:"vat"`
}

// AccountsBy are accounts by [TreatmentKey], by rate in percent such as 25, or 25% where a treatment may be
// called 25, and by "" one for all that is not listed.
type AccountsBy map[string]string

// Of is the account of a share: that of its treatment where it is listed, else that of its rate, "" for none.
func (a AccountsBy) Of(s *VATShare) string {
	rate := s.Rate.String()
	return cmp.Or(a[TreatmentKey(s.Treatment)], a[rate+"%"], a[rate], a[""])
}

// TreatmentKey makes treatments comparable that differ in capitals.
func TreatmentKey(treatment string) string { return strings.ToLower(strings.TrimSpace(treatment)) }
