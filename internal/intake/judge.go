package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// judge decides what the header alone leaves open: ambiguous headers, totals, and rows that contradict the currency
// above the header. It reads the rows once more, but only when there is something to decide.
func (f *File) judge(ctx context.Context, t *detected, p *Profile, sums []int) error {
	j := &judge{file: f, profile: p, sums: sums}
	if len(sums) > 0 && !f.layout.textOwn() {
		j.seen = map[string]bool{}
	}
	for i := range f.layout.columns {
		if c := &f.layout.columns[i]; c.unsure && len(c.columns) > 0 {
			d := &dispute{at: i, signed: map[string]int{}, orders: map[string]*orderTotal{}}
			for _, column := range c.columns {
				d.readings = append(d.readings, hypothesis{column: column})
			}
			j.disputes = append(j.disputes, d)
		}
	}
	if len(j.disputes) == 0 && len(sums) == 0 && f.layout.currency == "" {
		return nil
	}
	if _, err := f.eachRecord(ctx, j.row); err != nil {
		return err
	}
	if err := j.settle(t.row); err != nil {
		return err
	}
	f.passOver(j.totals)
	return f.recount(ctx, len(j.totals) > 0 || len(j.disputes) > 0)
}

// recount counts the records and the rows left out again after a decision, and collects the hidden rows again. A
// decision can change them: cells are filled down past a total, and a head row that only a total follows has no lines.
func (f *File) recount(ctx context.Context, decided bool) error {
	if !decided || f.derivation == nil {
		return nil
	}
	clear(f.layout.hidden)
	f.Rows = 0
	var err error
	f.LeftOut, err = f.eachRecord(ctx, func(r *row) error {
		f.Rows++
		f.widen(r)
		return nil
	})
	return err
}

// eachRecord calls take for every row that can be a record, and counts the rows that the profile leaves out.
func (f *File) eachRecord(ctx context.Context, take func(*row) error) (left int, err error) {
	in, err := f.filter()
	if err != nil {
		return 0, err
	}
	defer in.stop()
	err = each(ctx, in, take)
	return in.left, err
}

// passOver takes totals out of the records, and adds a notice.
func (f *File) passOver(totals []int) {
	if len(totals) == 0 {
		return
	}
	rows := make([]string, len(totals))
	for i, row := range totals {
		f.layout.totals[row], rows[i] = true, strconv.Itoa(row)
	}
	f.Rows -= len(totals)
	f.notice(msgTotalsSkipped, listed(rows, 5))
}

// judge is one reading of all rows that decides disputes and totals.
type judge struct {
	file     *File
	profile  *Profile
	disputes []*dispute
	sums     []int // numbers of the rows that say total, in order
	totals   []int // numbers of those that are the sum of rows before them
	running  runningSums
	party    party           // of the order that the current row continues
	seen     map[string]bool // names of the orders and customers of the lines so far
	name     string          // an order or customer whose name has a word for total, with that word
}

// party is what only the first row of an order needs to have.
type party struct{ reference, country, currency string }

// continues takes what a row leaves out from the previous row of its order.
func (p party) continues(reference, country, currency string) party {
	if reference == p.reference || reference == "" {
		country, currency = cmp.Or(country, p.country), cmp.Or(currency, p.currency)
	}
	return party{cmp.Or(reference, p.reference), country, currency}
}

// dispute is a header that can stand for several columns, or for one column or none.
type dispute struct {
	at       int // index of the column
	readings []hypothesis
	signed   map[string]int         // count of cells with a sign of "percent" or "money"
	bare     int                    // count of cells that have neither and are not zero
	differ   int                    // count of rows on which two readings fit and would bill different sums
	orders   map[string]*orderTotal // by order reference: the amounts of a column such as Total
	inferred string                 // why the only reading holds, if no row proves it
}

// hypothesis is one column that a header may stand for.
type hypothesis struct {
	column  billing.Column
	fits    int    // count of rows that agree with it
	fails   int    // count of rows that contradict it
	failRow int    // the first of those
	example string // the cell of that row
}

// orderTotal is what the rows of one order have in a column such as Total.
type orderTotal struct {
	first money.Decimal // on its first row
	rows  int
	same  bool // all rows have the same
}

// text is a row's value of a known column: the profile's constant, the cell, or the profile's default.
func (j *judge) text(r *row, c billing.Column) string {
	if value := j.profile.constants()[c]; value != "" {
		return value
	}
	if at := j.file.layout.index(c); at >= 0 {
		if text := strings.TrimSpace(j.file.layout.read(r, at).value); text != "" {
			return text
		}
	}
	return j.profile.defaults()[c]
}

// decimal is a row's number in a column of the layout. It reports false for none.
func (j *judge) decimal(r *row, at int) (money.Decimal, bool) {
	if at < 0 || r.cellAt(at).Value == "" {
		return money.Decimal{}, false
	}
	n, ok := j.file.layout.column(at).number(r.cellAt(at))
	return n.Decimal, ok
}

// line has the numbers of a row whose columns are not ambiguous.
type line struct {
	price, quantity, amount money.Decimal
	hasPrice, hasAmount     bool
}

func (j *judge) line(r *row) line {
	l := line{quantity: money.NewDecimal(1, 0)}
	if q, ok := j.decimal(r, j.file.layout.index(billing.ColQuantity)); ok {
		l.quantity = q
	}
	l.price, l.hasPrice = j.decimal(r, j.file.layout.index(billing.ColUnitPrice))
	if given := j.profile.given(billing.ColUnitPrice); !l.hasPrice && given != "" {
		n, err := money.ParseNumber(given, money.Dot)
		l.price, l.hasPrice = n.Decimal, err == nil
	}
	l.amount, l.hasAmount = j.decimal(r, j.file.layout.index(billing.ColAmount))
	return l
}

// row decides whether a row is a total, and otherwise weighs the disputes and adds the row to the sums.
func (j *judge) row(r *row) error {
	l := j.line(r)
	total, ok := j.lineTotal(r, l)
	if len(j.sums) > 0 && j.sums[0] == r.number {
		j.sums = j.sums[1:]
		if j.sumsUp(r, total, ok) {
			return nil
		}
	}
	if err := j.file.checkCurrency(r, j.text(r, billing.ColCurrency)); err != nil {
		return err
	}
	j.party = j.party.continues(j.text(r, billing.ColOrderReference), j.text(r, billing.ColCountry),
		j.text(r, billing.ColCurrency))
	for _, d := range j.disputes {
		j.weigh(d, r, l)
	}
	if j.seen != nil {
		for _, c := range identifying() {
			if own := j.file.layout.value(r, c); own != "" {
				j.seen[c.String()+" "+own] = true
			}
		}
	}
	if ok {
		j.running.add(j.text(r, billing.ColOrderReference), j.text(r, billing.ColCustomerNumber), total)
	}
	return nil
}

// disputed is the index of an ambiguous header that may stand for a column, -1 for none.
func (j *judge) disputed(c billing.Column) int {
	for _, d := range j.disputes {
		if slices.ContainsFunc(d.readings, func(h hypothesis) bool { return h.column == c }) {
			return d.at
		}
	}
	return -1
}

// lineTotal is a row's amount: as stated, or else quantity × price less the discounts.
func (j *judge) lineTotal(r *row, l line) (money.Decimal, bool) {
	if l.hasAmount {
		return l.amount, true
	}
	if total, ok := j.decimal(r, j.disputed(billing.ColAmount)); ok {
		return total, true
	}
	if !l.hasPrice {
		return money.Decimal{}, false
	}
	total, err := l.price.Mul(l.quantity)
	for _, c := range []billing.Column{billing.ColDiscountPercent, billing.ColDiscountAmount} {
		if discount, ok := j.decimal(r, j.file.layout.index(c)); ok && err == nil {
			total, err = less(total, c, discount)
		}
	}
	return total, err == nil
}

// less subtracts a discount, which is percent or money by its column, from a sum.
func less(sum money.Decimal, c billing.Column, discount money.Decimal) (money.Decimal, error) {
	if c == billing.ColDiscountAmount {
		return sum.Sub(discount)
	}
	left, err := discount.PercentLeft()
	if err != nil {
		return money.Decimal{}, err
	}
	return sum.Mul(left)
}

// weigh compares the readings of an ambiguous header with a row.
func (j *judge) weigh(d *dispute, r *row, l line) {
	value := r.cellAt(d.at)
	if strings.TrimSpace(value.Value) == "" {
		return
	}
	n, ok := j.file.layout.columns[d.at].number(value)
	switch {
	case ok && n.Percent:
		d.signed["percent"]++
	case ok && n.Currency != "":
		d.signed["money"]++
	case !ok || !n.Decimal.IsZero():
		d.bare++
	}
	fitting := 0
	for i := range d.readings {
		h := &d.readings[i]
		fits, told := false, true
		if ok {
			fits, told = j.test(d, h.column, r, l, n)
		}
		switch {
		case !told:
		case fits:
			h.fits++
			fitting++
		default:
			if h.fails++; h.fails == 1 {
				h.failRow, h.example = r.number, value.Text()
			}
		}
	}
	if fitting > 1 && !j.alike(r, l, n.Decimal) {
		d.differ++
	}
}

// alike reports whether a number gives the same VAT of the row, read as a rate and as an amount.
func (j *judge) alike(r *row, l line, d money.Decimal) bool {
	total, ok := j.lineTotal(r, l)
	rate := slices.DeleteFunc(slices.Clone(j.rates(r)), func(rate money.Rate) bool { return rate.Decimal() != d })
	return ok && len(rate) == 1 && j.isVATOf(r, d, total, rate)
}

// test reports whether a number fits a column on its row. told is false where the row decides nothing.
func (j *judge) test(d *dispute, c billing.Column, r *row, l line, n money.Number) (fits, told bool) {
	if c != billing.ColAmount && c.Kind() == billing.Money && n.Percent || c.Kind() == billing.Percent &&
		n.Currency != "" {
		return false, true
	}
	switch c { //nolint:exhaustive // only these columns have ambiguous headers
	case billing.ColVAT:
		return j.isRate(r, n.Decimal), true
	case billing.ColVATAmount:
		total, ok := j.lineTotal(r, l)
		return ok && j.isVATOf(r, n.Decimal, total, j.rates(r)), ok
	case billing.ColDiscountPercent, billing.ColDiscountAmount:
		return j.isDiscount(c, r, l, n.Decimal)
	case billing.ColAmount:
		return j.isLineTotal(d, r, l, n.Decimal)
	}
	return false, false
}

// rates lists the VAT rates that a row can have. Without country and currency those of every country count.
func (j *judge) rates(r *row) []money.Rate {
	day, err := billing.ParseDate(j.text(r, billing.ColDeliveryDate))
	if err != nil || day == "" {
		day = j.file.options.Today
	}
	currency := strings.ToUpper(j.party.currency)
	if currency == "" && j.party.country == "" {
		currency = "EUR" // VATRates gives the rates of every country for it
	}
	rates, _ := billing.VATRates(j.profile.orNone().Seller, currency, billing.CountryCode(j.party.country), day)
	return rates
}

func (j *judge) isRate(r *row, d money.Decimal) bool {
	return slices.ContainsFunc(j.rates(r), func(rate money.Rate) bool { return rate.Decimal() == d })
}

// isVATOf reports whether an amount is a total's VAT at one of the rates. The total has VAT if the row's prices have.
func (j *judge) isVATOf(r *row, vat, total money.Decimal, rates []money.Rate) bool {
	with := j.file.pricesOf(r, j.profile) == withVAT
	return slices.ContainsFunc(rates, func(rate money.Rate) bool {
		hundred, err := money.NewDecimal(100, 0), error(nil)
		if with {
			hundred, err = hundred.Add(rate.Decimal())
		}
		have, err1 := vat.Mul(hundred)
		want, err2 := total.Mul(rate.Decimal())
		slack, err3 := hundred.Mul(money.NewDecimal(1, 2))
		return errors.Join(err, err1, err2, err3) == nil && within(have, want, slack)
	})
}

// within reports whether two numbers differ by slack at most.
func within(a, b, slack money.Decimal) bool {
	diff, err := a.Sub(b)
	return err == nil && diff.Abs().Cmp(slack) <= 0
}

// isDiscount compares a discount with quantity × price less the amount. A row without both decides nothing.
func (j *judge) isDiscount(c billing.Column, r *row, l line, discount money.Decimal) (fits, told bool) {
	if discount.IsZero() {
		return true, false
	}
	amount, ok := l.amount, l.hasAmount
	if at := j.disputed(billing.ColAmount); !ok && at >= 0 {
		amount, ok = j.decimal(r, at)
	}
	if !ok || !l.hasPrice {
		return false, false
	}
	return l.discounted(c, discount, amount), true
}

// discounted reports whether quantity × price less the discount is the amount.
func (l *line) discounted(c billing.Column, discount, amount money.Decimal) bool {
	full, err := l.price.Mul(l.quantity)
	if err == nil {
		full, err = less(full, c, discount)
	}
	return err == nil && within(full, amount, l.slack())
}

// slack is how far an amount may be from quantity × price: by half a unit of the price's last digit, by 0.01 at least.
func (l *line) slack() money.Decimal {
	slack, err := l.price.HalfUnit(2).Mul(l.quantity.Abs())
	if least := money.NewDecimal(1, 2); err != nil || slack.Cmp(least) < 0 {
		return least
	}
	return slack
}

// isLineTotal reports whether an amount is quantity × price, before or after a discount. A row without a price
// decides nothing; settleTotal then compares the rows of each order.
func (j *judge) isLineTotal(d *dispute, r *row, l line, total money.Decimal) (fits, told bool) {
	reference := j.text(r, billing.ColOrderReference)
	o := d.orders[reference]
	if o == nil {
		o = &orderTotal{first: total, same: true}
		d.orders[reference] = o
	}
	o.rows++
	o.same = o.same && o.first == total
	if !l.hasPrice {
		return false, false
	}
	full, err := l.price.Mul(l.quantity)
	if err == nil && within(full, total, l.slack()) {
		return true, true
	}
	for _, c := range []billing.Column{billing.ColDiscountPercent, billing.ColDiscountAmount} {
		at := max(j.file.layout.index(c), j.disputed(c))
		if discount, ok := j.decimal(r, at); ok && l.discounted(c, discount, total) {
			return true, true
		}
	}
	return false, true
}
