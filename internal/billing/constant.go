package billing

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"kraviabatch/internal/money"
)

// ConstantCode is the code of a cell that contradicts the constant of its column.
func ConstantCode(c Column) Code { return Code(c.String() + ".constant") }

// constant is a cell that the rules put into every record.
type constant struct {
	column Column
	value  string
	said   reading // the last cell that agrees in another spelling; mostly the next record has the same
}

// reading is a cell and the country by whose rules it is read.
type reading struct{ cell, country string }

// constantsOf lists the rules' constants in the order of columns.
func constantsOf(rules *Rules) []constant {
	constants := make([]constant, 0, len(rules.Constants))
	for c, value := range rules.Constants {
		constants = append(constants, constant{column: c, value: norm.NFC.String(value)})
	}
	slices.SortFunc(constants, func(a, b constant) int { return cmp.Compare(a.column, b.column) })
	return constants
}

// putConstants puts the constants into a record. A cell that says something else is a problem, because an invoice must
// not silently differ from its row.
func (b *batchContext) putConstants(rec *Record) {
	if len(b.constants) == 0 {
		return
	}
	country := cmp.Or(b.rules.Constants[ColCountry], rec.Get(ColCountry), b.rules.Defaults[ColCountry])
	for i := range b.constants {
		c := &b.constants[i]
		own := rec.Values[c.column]
		rec.Set(c.column, c.value)
		if own == "" || own == c.value || c.said == (reading{own, country}) {
			continue
		}
		if b.agrees(c, clean(own), country) {
			c.said = reading{strings.Clone(own), strings.Clone(country)}
			continue
		}
		if !b.unread(rec, c.column) {
			p := NewProblem(ConstantCode(c.column), own, "constant", strconv.Quote(c.value))
			rec.Problems = append(rec.Problems, p)
		}
	}
}

// Own is the cell of a column as it was read, also if a constant that says something else has replaced it. If the
// constant says the same, Own is the constant.
func (r *Record) Own(c Column) string {
	for _, p := range r.Problems {
		if p.Code == ConstantCode(c) {
			return p.Value
		}
	}
	return r.Get(c)
}

// unread reports whether a cell of the record already has an error.
func (b *batchContext) unread(rec *Record, column Column) bool {
	return slices.ContainsFunc(rec.Problems, func(p Problem) bool {
		return p.Column == column.String() && b.rules.severity(&p) == Error
	})
}

// agrees reports whether a cell says the same as a constant, read by the rules of the record's country.
func (b *batchContext) agrees(c *constant, own, country string) bool {
	if own == "" ||
		strings.EqualFold(strings.Join(strings.Fields(own), " "), strings.Join(strings.Fields(c.value), " ")) {
		return true
	}
	switch c.column.Kind() {
	case Number, Money:
		return equal(own, c.value, money.ParseDecimal)
	case Percent:
		return equal(own, c.value, money.ParsePercent)
	case Text, Choice, Identifier, Day:
	}
	if word, ok := money.ParseCurrencyWord(own); ok && c.column == ColCurrency {
		currency, err := money.ParseCurrency(c.value)
		return err == nil && word.Fits(currency)
	}
	reader := &builder{batchContext: b, order: &Order{}}
	reader.order.Address.Country = CountryCode(clean(country))
	reader.home = countries[reader.order.Address.Country]
	said, ok := reader.normal(c.column, own)
	value, constantOK := reader.normal(c.column, c.value)
	return ok && constantOK && said == value
}

// equal reports whether two texts are the same number.
func equal(a, b string, parse func(string, money.Mark) (money.Decimal, error)) bool {
	one, err := parse(a, money.Dot)
	other, otherErr := parse(b, money.Dot)
	return err == nil && otherErr == nil && one.Cmp(other) == 0
}
