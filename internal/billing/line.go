package billing

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kraviabatch/internal/money"
)

// lineReader reads the line of one row.
type lineReader struct {
	*builder
	row       int
	delivery  Date
	quantity  money.Decimal
	price     money.Decimal // zero if the row has none that can be read
	exclVAT   bool
	stated    money.Amount // without VAT if exclVAT is set, else with VAT
	hasAmount bool
	line      int // index of the line in the order
}

// value is a cell of the row, or the default of its column.
func (l *lineReader) value(column Column) string {
	return l.rules.value(&l.records[l.row].Record, column)
}

// lines reads the line of every row. A row keeps what could be read even if its order is bad. A row that has only text
// is part of the line before it, or of the first line if there is none before it.
func (c *builder) lines() {
	taken := c.lineIDs()
	if n := len(c.records); n > 1 && len(taken) < n { // else every row has its own id
		c.duplicates()
	}
	c.order.Lines = make([]Line, 0, len(c.records))
	number, texts := 0, 0 // texts counts the rows with only text before the first line
	for i := range c.records {
		n := len(c.order.Lines)
		if (n > 0 || i < len(c.records)-1) && c.textAlone(&c.records[i].Record) { // at least one row is a line
			if n == 0 {
				texts++
			} else {
				c.addText(i, &c.order.Lines[n-1], "before it")
			}
			continue
		}
		line := c.readLine(i)
		if line.ID == "" {
			for number++; ; number++ {
				line.ID = strconv.Itoa(number)
				if _, ok := taken[line.ID]; !ok {
					break
				}
			}
			line.numbered = true
			c.rows[i].LineID = line.ID
		}
		line.row = i
		if n == 0 {
			line.row = 0
			for text := range texts {
				c.addText(text, &line, "after it")
			}
		}
		c.order.Lines = append(c.order.Lines, line)
	}
	c.roundByRate()
}

// lineIDs gives the rows by the line ids that the input has.
func (c *builder) lineIDs() map[string]int {
	taken := map[string]int{}
	for i := range c.records {
		id := c.rows[i].LineID
		if id == "" {
			continue
		}
		if first, ok := taken[id]; ok {
			c.report(i, "line_id.duplicate", id, "row", strconv.Itoa(c.rows[first].Row))
			continue
		}
		taken[id] = i
	}
	return taken
}

// textAlone reports whether a prepared record has a description and no other cell of a line. A cell that could not be
// read counts as one.
func (b *batchContext) textAlone(rec *Record) bool {
	if b.makesLine || rec.Get(ColDescription) == "" || rec.Get(ColLineID) != "" {
		return false
	}
	for _, column := range []Column{
		ColQuantity, ColUnitPrice, ColAmount, ColDiscountPercent, ColDiscountAmount,
		ColVAT, ColVATAmount,
	} {
		own := rec.Get(column) != "" && b.rules.Constants[column] == ""
		if own || b.unread(rec, column) {
			return false
		}
	}
	return true
}

// addText adds the text of a row that has only text to a line. The row shows the line's id and rate, and zero amounts.
func (c *builder) addText(i int, line *Line, where string) {
	before := utf8.RuneCountInString(line.Description)
	line.Description += "; " + c.rows[i].Description
	if n := utf8.RuneCountInString(line.Description); before <= LongDescription && n > LongDescription {
		c.report(i, "description.long", "", "length", strconv.Itoa(n), "limit", strconv.Itoa(LongDescription))
	}
	nothing, noVAT := money.New(0, c.order.Currency), money.New(0, c.order.Currency)
	c.rows[i].LineID, c.rows[i].Rate, c.rows[i].Amount, c.rows[i].VATAmount = line.ID, line.Rate, &nothing, &noVAT
	c.rows[i].Treatment = line.Treatment
	c.report(i, "description.text", c.rows[i].Description, "where", where)
}

// duplicates warns of rows whose known cells are all equal.
func (c *builder) duplicates() {
	seed := maphash.MakeSeed()
	seen := make(map[uint64]int, len(c.records))
	for i := range c.records {
		sum := hashOf(seed, c.records[i].Values[:]...)
		first, ok := seen[sum]
		if ok && c.records[i].Values == c.records[first].Values {
			c.report(i, "row.duplicate", "", "row", strconv.Itoa(c.rows[first].Row))
			continue
		}
		seen[sum] = i
	}
}

// hashOf hashes texts so that different lists differ, also if their texts are equal when joined.
func hashOf(seed maphash.Seed, texts ...string) uint64 {
	var sum maphash.Hash
	sum.SetSeed(seed)
	for _, text := range texts {
		_, _ = sum.WriteString(text) // never fails
		_ = sum.WriteByte(0)         // never fails
	}
	return sum.Sum64()
}

// readLine reads the line of row i and fills in what the row shows of it.
func (c *builder) readLine(i int) Line {
	l := &lineReader{builder: c, row: i, line: len(c.order.Lines)}
	line := Line{
		ID: c.rows[i].LineID, ItemID: l.value(ColItemID), Description: l.value(ColDescription),
		Treatment: l.value(ColVATTreatment),
	}
	c.rows[i].Description, c.rows[i].Treatment = line.Description, line.Treatment
	switch n := utf8.RuneCountInString(line.Description); {
	case n == 0:
		c.report(i, "description.missing", "")
	case n > LongDescription:
		c.report(i, "description.long", "", "length", strconv.Itoa(n), "limit", strconv.Itoa(LongDescription))
	}
	delivery, err := ParseDate(l.value(ColDeliveryDate))
	if err != nil {
		c.report(i, "delivery_date.unreadable", l.value(ColDeliveryDate))
	}
	line.DeliveryDate, l.delivery = delivery, delivery
	l.exclVAT = l.readPrices()
	line.Quantity = l.readQuantity()
	l.quantity = line.Quantity
	c.rows[i].Quantity = line.Quantity.String()
	if text := l.value(ColQuantity); text != "" && line.Quantity.IsZero() {
		c.rows[i].Quantity = text
	}
	l.stated, l.hasAmount = l.amount()
	rate, rateOK := c.rate(l)
	line.Rate = rate
	if l.hasAmount && (rateOK || !l.exclVAT) && l.tax(&line) {
		c.rows[i].Amount = &line.Gross
		if rateOK {
			c.rows[i].VATAmount, c.rows[i].Rate = &line.VAT, rate
			if c.rules.RoundByRate {
				c.taxed = append(c.taxed, *l)
			} else {
				c.checkVATAmount(l, line.VAT)
			}
		}
	}
	if c.rows[i].Amount == nil {
		c.rows[i].AmountText = l.value(ColAmount)
	}
	return line
}

// readPrices reports whether the row's prices are without VAT: the row's cell, else the rules decide. A row without
// the cell is refused if another row of the order says the opposite of the rules.
func (l *lineReader) readPrices() bool {
	text := l.value(ColPrices)
	switch ColPrices.choice(text) {
	case "incl":
		return false
	case "excl":
		return true
	}
	if text != "" {
		l.report(l.row, "prices.unknown", text)
	} else if i := l.otherPrices(); i >= 0 {
		l.report(l.row, "prices.missing", "", "row", strconv.Itoa(l.rows[i].Row))
	}
	return l.rules.ExclVAT
}

// otherPrices is the first row of the order that says the opposite of the rules about its prices, -1 for none.
func (c *builder) otherPrices() int {
	if c.other == nil {
		c.other = new(slices.IndexFunc(c.records, func(other spooled) bool {
			says := ColPrices.choice(other.Get(ColPrices))
			return says != "" && (says == "excl") != c.rules.ExclVAT
		}))
	}
	return *c.other
}

// readQuantity is the quantity, 1 if the cell is empty, and 0 if it cannot be used.
func (l *lineReader) readQuantity() money.Decimal {
	text := l.value(ColQuantity)
	if text == "" {
		return money.NewDecimal(1, 0)
	}
	q, err := money.ParseDecimal(text, money.Dot)
	if err != nil {
		l.report(l.row, "quantity.unreadable", text)
		return money.Decimal{}
	}
	if q.IsZero() {
		l.report(l.row, "quantity.zero", text)
	}
	return q
}

// amount is the line's total as the row states it, with or without VAT; without an amount it is computed from quantity,
// unit price and discount. If the row has both, they must agree. ok is false if there is no usable total.
func (l *lineReader) amount() (total money.Amount, ok bool) {
	text, priceText := l.value(ColAmount), l.value(ColUnitPrice)
	if l.order.Currency.Code() == "" {
		return money.Amount{}, false
	}
	computed, priced := l.priced(priceText)
	if text == "" {
		if priceText == "" && !l.unread(&l.records[l.row].Record, ColUnitPrice) { // intake has reported why
			l.report(l.row, "amount.missing", "")
		}
		return computed, priced
	}
	stated, ok := l.readAmount(text)
	switch {
	case ok && priced:
		l.compare(stated, computed)
	case ok && l.quantity.Sign() < 0 && stated.Minor() > 0:
		l.report(l.row, "quantity.sign", l.quantity.String(), "amount", stated.String())
	}
	return stated, ok
}

// readAmount reads the amount cell as whole or minor units of the order's currency. It never rounds.
func (l *lineReader) readAmount(text string) (money.Amount, bool) {
	currency := l.order.Currency
	d, err := money.ParseDecimal(text, money.Dot)
	if err != nil {
		l.report(l.row, "amount.unreadable", text)
		return money.Amount{}, false
	}
	if l.rules.Minor {
		amount, err := d.MinorAmount(currency)
		if err != nil {
			l.report(l.row, "amount.decimals", text, "currency", fmt.Sprintf(msgMinorUnit, currency.Code()))
		}
		return amount, err == nil
	}
	amount, exact, err := d.Amount(currency)
	if err != nil {
		l.report(l.row, "amount.too_large", text)
		return money.Amount{}, false
	}
	if !exact {
		l.report(l.row, "amount.decimals", text, "currency", currency.Code())
	}
	return amount, true
}

// parseAmount reads a text as an amount of the order's currency. exact is false if the text has more decimals than the
// currency.
func (c *builder) parseAmount(text string) (amount money.Amount, exact bool, err error) {
	d, err := money.ParseDecimal(text, money.Dot)
	switch {
	case err != nil:
		return money.Amount{}, false, err
	case c.rules.Minor:
		amount, err = d.MinorAmount(c.order.Currency)
		return amount, err == nil, err
	}
	return d.Amount(c.order.Currency)
}

// tax computes the line's gross and VAT from the stated amount. It is false if they are out of range.
func (l *lineReader) tax(line *Line) bool {
	if l.stated.Minor() < 0 {
		l.report(l.row, "amount.negative", l.stated.String(), "amount", l.stated.String())
	}
	gross, vat, err := taxed(l.stated, line.Rate, l.exclVAT)
	if err != nil {
		l.report(l.row, "amount.too_large", strings.TrimSpace(l.stated.String()))
		return false
	}
	line.Gross, line.VAT = gross, vat
	return true
}
