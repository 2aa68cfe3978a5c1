package billing

// LeftOut is a row that the profile leaves out. It is in no order; the report lists it.
type LeftOut struct {
	Place
	Table       int    `json:"table"`               // index of its Table
	Reference   string `json:"reference,omitempty"` // "" if it has none
	Customer    string `json:"customer,omitempty"`  // a name, else the customer number
	Description string `json:"description,omitempty"`
	// the line's total as the file states it, a decimal with a dot; "" if there is none
	Amount   string   `json:"amount,omitempty"`
	Currency string   `json:"currency,omitempty"` // as the row says it, "" if it does not
	Cells    []string `json:"cells,omitempty"`    // the row as the file had it
}
