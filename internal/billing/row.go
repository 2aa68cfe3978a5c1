package billing

import "kraviabatch/internal/money"

// Row is one checked record: what the report shows of it, whether its order is sent or not. The journal keeps it in the
// form of [AppendRow], so that a report can be made again without the file. Older journals have it as JSON.
type Row struct {
	Place
	Ordinal     int           `json:"ordinal"`             // position among all rows of the batch, from 0
	Table       int           `json:"table"`               // index of its Table
	Reference   string        `json:"reference,omitempty"` // merchant reference of its order, "" if it has none
	LineID      string        `json:"line_id,omitempty"`
	Customer    string        `json:"customer,omitempty"` // a name, else the customer number
	Description string        `json:"description,omitempty"`
	Quantity    string        `json:"quantity,omitempty"`    // a decimal with a dot, else as the file had it
	Amount      *money.Amount `json:"amount,omitempty"`      // including VAT; nil if it could not be computed
	AmountText  string        `json:"amount_text,omitempty"` // as the file had it, if Amount is nil
	VAT         string        `json:"vat,omitempty"`         // a percentage with a dot, else as the file had it
	VATAmount   *money.Amount `json:"vat_amount,omitempty"`
	Currency    string        `json:"currency,omitempty"`
	Rate        money.Rate    `json:"rate,omitempty"`    // basis points, valid if VATAmount is set
	Country     string        `json:"country,omitempty"` // the customer's
	Treatment   string        `json:"vat_treatment,omitempty"`
	Valid       bool          `json:"valid"` // its order can be sent
	Cells       []string      `json:"cells,omitempty"`
	Problems    []Problem     `json:"problems,omitempty"`
}
