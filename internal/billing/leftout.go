package billing

// LeftOut is a row that the profile leaves out. It is no line, and is listed in the report.
type LeftOut struct {
	Place
	Table       int    `json:"table"`                 // index of its Table
	Reference   string `json:"reference,omitempty"`   // as far as it has one
	Customer    string `json:"customer,omitempty"`    // business name, person's name or customer number
	Description string `json:"description,omitempty"` //
	// the line's total as the file states it, a decimal with a dot; "" where there is none
	Amount   string   `json:"amount,omitempty"`
	Currency string   `json:"currency,omitempty"` // as the row says it, else ""
	Cells    []string `json:"cells,omitempty"`    // the row as the file had it
}
