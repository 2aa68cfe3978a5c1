package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// figures are the numbers of a column in the rows that a draft keeps.
type figures struct {
	column *draftColumn
	values []money.Decimal
	has    []bool
	unit   money.Decimal // the smallest difference of two amounts: 0.01, or 1 in minor units
	rates  []money.Rate  // the VAT rates of all known countries
}

// figuresOf reads a column as numbers. It is nil where the cells are not numbers, or where their decimal mark is open.
func figuresOf(c *draftColumn) *figures {
	s := c.stats
	mark, ok := s.mark()
	if s.filled == 0 || !ok || !s.most(max(s.numbers, s.hours)) {
		return nil
	}
	rows := len(c.table.rows)
	f := &figures{
		column: c, values: make([]money.Decimal, rows), has: make([]bool, rows), unit: money.NewDecimal(1, 2),
		rates: draftRates(c.table.today),
	}
	if c.minor() {
		f.unit = money.NewDecimal(1, 0)
	}
	reader := column{mark: cmp.Or(mark, money.Dot)}
	for i := range rows {
		value := c.cell(i)
		if value.Kind == 0 || strings.TrimSpace(value.Value) == "" {
			continue
		}
		if d, ok := clockHours(value); ok {
			f.values[i], f.has[i] = d, true
		} else if n, ok := reader.number(value); ok {
			f.values[i], f.has[i] = n.Decimal, true
		}
	}
	return f
}

// clockHours is a clock text or time in hours, rounded to six decimals.
func clockHours(value *cell) (money.Decimal, bool) {
	const hour, millionths = 3600, 1_000_000
	seconds, ok := clockSeconds(value)
	return money.NewDecimal((seconds*millionths+hour/2)/hour, 6), ok
}

// clockSeconds is a clock text or time in seconds.
func clockSeconds(value *cell) (int64, bool) {
	text := strings.TrimSpace(value.Text())
	if value.Kind != xlsx.Text && value.Kind != xlsx.Time || !looksLikeHours(text) {
		return 0, false
	}
	var seconds int64
	for _, part := range append(strings.Split(text, ":"), "00")[:3] {
		n, _ := strconv.ParseInt(part, 10, 64) // digits alone, see looksLikeHours
		seconds = seconds*60 + n
	}
	return seconds, true
}

// proof is an arithmetic relation between columns that no row contradicts.
type proof struct {
	quantity, price, amount, discount *figures
	percent                           bool // the discount is a percentage
	rows                              int  // that have all of the columns
	telling                           int  // those of them whose quantity is neither zero nor one
	score                             int
}

func (p *proof) String() string {
	name := "quantity × unit_price"
	switch {
	case p.discount != nil && p.percent:
		name += " × (1 - discount)"
	case p.discount != nil:
		name += " - discount"
	}
	return fmt.Sprintf(msgWhyProduct, name, p.rows, p.rows)
}

// multiplies proves that quantity × price, less a discount, is the amount on every row that has all of them. The
// product may differ from the amount by what the rounding of the price explains.
func multiplies(p proof) (proof, bool) {
	for i := range p.amount.values {
		if !p.amount.has[i] || !p.quantity.has[i] || !p.price.has[i] {
			continue
		}
		q, a := p.quantity.values[i], p.amount.values[i]
		product, err := q.Mul(p.price.values[i])
		if err == nil && p.discount != nil && p.discount.has[i] {
			column := billing.ColDiscountAmount
			if p.percent {
				column = billing.ColDiscountPercent
			}
			product, err = less(product, column, p.discount.values[i])
		}
		slack, slackErr := q.Abs().Mul(p.price.values[i].HalfUnit(p.price.unit.Decimals()))
		if slackErr != nil || slack.Cmp(p.amount.unit) < 0 {
			slack = p.amount.unit
		}
		if err != nil || !within(product, a, slack) {
			return p, false
		}
		p.rows++
		count(&p.telling, !q.IsZero() && q.Cmp(money.NewDecimal(1, 0)) != 0 && !a.IsZero())
	}
	return p, p.rows > 0
}

// has reports whether the product uses a column.
func (p *proof) has(f *figures) bool { return f == p.quantity || f == p.price || f == p.discount }

// discounts reports whether the discount is above zero on some row, so that the proof needs it.
func (p *proof) discounts() bool {
	for i := range p.amount.values {
		if p.amount.has[i] && p.discount.has[i] && !p.discount.values[i].IsZero() {
			return true
		}
	}
	return false
}

// draftRates are the different VAT rates of all known countries on a day.
func draftRates(day billing.Date) []money.Rate {
	var rates []money.Rate
	for _, code := range billing.Homes() {
		of, _ := billing.VATRates(code, "", "", day)
		rates = append(rates, of...)
	}
	slices.Sort(rates)
	return slices.Compact(rates)
}

// fraction is a rate as a factor: 25 % is 0.25.
func fraction(r money.Rate) money.Decimal { return money.NewDecimal(int64(r), 4) }

// taxing is how two columns of amounts are related: as amounts with and without VAT, or as amounts and their VAT.
type taxing struct {
	rates   map[string][]money.Rate // by tax code: those that fit all of its rows
	rows    int                     // that have both amounts
	untaxed bool                    // some row has none
}

// single reports whether exactly one rate fits each code.
func (t *taxing) single() bool {
	for _, rates := range t.rates {
		if len(rates) != 1 {
			return false
		}
	}
	return len(t.rates) > 0
}

// taxes proves that on every row a VAT rate explains the other amount by the net amount: as the amount with VAT, or
// with vatAlone as the VAT. Rows with the same code must have the same rate. Where codes is nil, each row may have
// its own rate.
func taxes(net, other *figures, vatAlone bool, codes *draftColumn) (*taxing, bool) {
	t, taxed := &taxing{rates: map[string][]money.Rate{}}, false // whether some row has VAT
	for i := range net.values {
		if !net.has[i] || !other.has[i] {
			continue
		}
		fit := other.ratesBetween(net.values[i], other.values[i], vatAlone)
		code := ""
		if codes != nil {
			code = codes.value(i)
		}
		left, seen := t.rates[code]
		if !seen {
			left = fit
		}
		left = slices.DeleteFunc(slices.Clone(left), func(r money.Rate) bool { return !slices.Contains(fit, r) })
		if len(fit) == 0 || len(left) == 0 && codes != nil {
			return nil, false
		}
		t.rates[code] = left
		t.rows++
		taxed = taxed || net.values[i].Cmp(other.values[i]) != 0 && !other.values[i].IsZero()
		t.untaxed = t.untaxed || net.values[i].Cmp(other.values[i]) == 0 && !other.values[i].IsZero()
	}
	return t, taxed
}

// ratesBetween are the rates that explain the other amount by the net amount, to the unit.
func (f *figures) ratesBetween(net, other money.Decimal, vatAlone bool) []money.Rate {
	return slices.DeleteFunc(slices.Clone(f.rates), func(r money.Rate) bool {
		vat, err := net.Mul(fraction(r))
		if err == nil && !vatAlone {
			vat, err = vat.Add(net)
		}
		return err != nil || !within(vat, other, f.unit)
	})
}

// near reports whether two columns have amounts on the same rows, which differ by no more than the slack, and some.
func (f *figures) near(other *figures, slack money.Decimal) bool {
	for i := range f.values {
		if f.has[i] != other.has[i] || !within(f.values[i], other.values[i], slack) {
			return false
		}
	}
	return slices.Contains(f.has, true)
}

// same reports whether two columns have the same amounts on every row, and at least one.
func (f *figures) same(other *figures) bool { return f.near(other, money.Decimal{}) }

// varied reports whether a column has two different amounts other than zero. Equal columns are hardly a chance then.
func (f *figures) varied() bool {
	first := -1
	for i := range f.values {
		switch {
		case !f.has[i] || f.values[i].IsZero():
		case first < 0:
			first = i
		case f.values[i].Cmp(f.values[first]) != 0:
			return true
		}
	}
	return false
}

// ofOrders counts the orders of several rows, those of them with the same value on all rows, and those where this
// value is also the sum of the amounts. amount may be nil. There are none if the orders' numbers are in another table.
func (f *figures) ofOrders(reference *draftColumn, amount *figures) (several, repeated, summed int) {
	if reference.table != f.column.table {
		return 0, 0, 0
	}
	type order struct {
		rows    int
		first   money.Decimal
		differs bool
		sum     money.Sum
	}
	orders := map[string]*order{}
	for i := range f.values {
		if !f.has[i] {
			continue
		}
		o := orders[reference.value(i)]
		if o == nil {
			o = &order{first: f.values[i]}
			orders[reference.value(i)] = o
		}
		o.rows++
		o.differs = o.differs || o.first.Cmp(f.values[i]) != 0
		if amount != nil && amount.has[i] {
			o.sum.Add(amount.values[i])
		}
	}
	for _, o := range orders {
		if o.rows > 1 {
			several++
			count(&repeated, !o.differs)
			count(&summed, !o.differs && o.sum.Cmp(o.first) == 0)
		}
	}
	return several, repeated, summed
}
