package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// LeftOut counts the rows that the profile left out, and adds up their amounts exactly, by currency. No other total has
// them.
type LeftOut struct {
	Rows    int
	Without int // rows of Rows without an amount that can be read
	byFile  map[string]int
	sums    map[money.Currency]*money.Sum // the zero currency is for rows without a valid one
}

// Add counts a row.
func (l *LeftOut) Add(row *billing.LeftOut) {
	if l.byFile == nil {
		l.byFile, l.sums = map[string]int{}, map[money.Currency]*money.Sum{}
	}
	l.Rows++
	l.byFile[row.File]++
	amount, err := money.ParseDecimal(row.Amount, money.Dot)
	if err != nil {
		l.Without++
		return
	}
	entry(l.sums, currencyOf(row)).Add(amount)
}

// currencyOf returns the currency of a row, zero for none.
func currencyOf(row *billing.LeftOut) money.Currency {
	currency, _ := money.ParseCurrency(row.Currency)
	return currency
}

// currencies returns the currencies of the sums by code, first the zero one.
func (l *LeftOut) currencies() []money.Currency {
	return slices.SortedFunc(maps.Keys(l.sums), compareCurrency)
}

// String returns "12 rows, 4 500.00 and 300.00 NOK, 3 without an amount"; here 4 500.00 is of rows without a currency.
func (l *LeftOut) String() string {
	asIs := func(sum string) string { return sum }
	return l.text(counted(l.Rows, "row"), msgAnd, fmt.Sprintf(msgWithout, l.Without), asIs)
}

// text joins the parts of String. mark sets the marks of an amount.
func (l *LeftOut) text(rows, and, without string, mark func(sum string) string) string {
	parts, sums := []string{rows}, []string(nil)
	for _, currency := range l.currencies() {
		sums = append(sums, mark(sumText(l.sums[currency], currency)))
	}
	if len(sums) > 0 {
		parts = append(parts, strings.Join(sums, and))
	}
	if l.Without > 0 {
		parts = append(parts, without)
	}
	return strings.Join(parts, ", ")
}

// leftOut is String in the language of the workbook.
func (w words) leftOut(l *LeftOut) string {
	return l.text(w.count(l.Rows, "1 row", "%d rows"), " "+w.say("and")+" ", w.say("%d without an amount", l.Without),
		w.marked)
}

// sumText returns a sum for readers, with its currency if it has one.
func sumText(sum *money.Sum, currency money.Currency) string {
	number, err := sum.Decimal()
	if err != nil {
		return strings.TrimSpace(fmt.Sprintf(msgTooLarge, currency.Code()))
	}
	form := cmp.Or(currency, money.MustCurrency("NOK")) // a bare number has two decimals, as most money has
	amount, exact, err := number.Amount(form)
	switch {
	case err != nil || !exact:
		return strings.TrimSpace(number.String() + " " + currency.Code())
	case form != currency:
		return amount.Thousands()
	}
	return amount.Grouped()
}

// leftOutSum is the sum of one currency. Total is in minor units, nil for a sum without a currency or with fractions of
// the minor unit. Amount is the same as a decimal, "" when it is too large.
type leftOutSum struct {
	Currency string `json:"currency"`
	Total    *int64 `json:"total,omitempty"`
	Amount   string `json:"amount"`
}

// MarshalJSON writes the number of rows and a sum for each currency. The sum without a code is of rows without a
// currency.
func (l *LeftOut) MarshalJSON() ([]byte, error) {
	sums := []leftOutSum{}
	for _, currency := range l.currencies() {
		sum := leftOutSum{Currency: currency.Code()}
		if number, err := l.sums[currency].Decimal(); err == nil {
			sum.Amount = number.String()
			if amount, exact, err := number.Amount(currency); err == nil && exact && currency.Code() != "" {
				minor := amount.Minor()
				sum.Amount, sum.Total = amount.String(), &minor
			}
		}
		sums = append(sums, sum)
	}
	return json.Marshal(struct {
		Rows    int          `json:"rows"`
		Money   []leftOutSum `json:"money"`
		Without int          `json:"without_amount,omitempty"`
	}{l.Rows, sums, l.Without})
}

// leftOutLine is one row that was left out, in JSON.
type leftOutLine struct {
	File        string            `json:"file"`
	Sheet       string            `json:"sheet"`
	Row         int               `json:"row"`
	Reference   string            `json:"order_reference"`
	Customer    string            `json:"customer"`
	Description string            `json:"description"`
	Amount      string            `json:"amount"` // decimal, "" for none
	Currency    string            `json:"currency"`
	Cells       map[string]string `json:"cells"` // the other cells of the row that are not empty, by header
}

func (s *leftOutShape) line(row *billing.LeftOut) leftOutLine {
	l := leftOutLine{
		row.File, row.Sheet, row.Row, row.Reference, row.Customer, row.Description, row.Amount, row.Currency,
		map[string]string{},
	}
	s.buffer = s.own.cells(row.Table, row.Cells, s.buffer)
	for i, text := range s.buffer {
		if text != "" {
			l.Cells[s.own.names[i]] = text
		}
	}
	return l
}
