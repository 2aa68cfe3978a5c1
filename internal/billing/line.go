package billing

import (
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"
	"unicode/utf8"

	"kraviabatch/internal/money"
)

// lines reads every row's line; a row keeps what could be read of it even when its order is bad.
func (c *check) lines() {
	taken := map[string]int{}
	for i := range c.records {
		if id := c.rows[i].LineID; id != "" {
			if first, ok := taken[id]; ok {
				c.add(i, CodeLineDuplicate, ColLineID, id, fmt.Sprintf("line id %s is also in row %d of the order", id, c.rows[first].Row), "make line ids unique in the order, or leave them empty")
				continue
			}
			taken[id] = i
		}
	}
	c.duplicates()
	number := 0
	for i := range c.records {
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
		c.order.Lines = append(c.order.Lines, line)
	}
}

// duplicates warns of rows that say exactly the same.
func (c *check) duplicates() {
	if len(c.records) == 1 {
		return
	}
	seed := maphash.MakeSeed()
	seen := make(map[uint64]int, len(c.records))
	for i := range c.records {
		var sum maphash.Hash
		sum.SetSeed(seed)
		for _, cell := range c.records[i].cells() {
			_, _ = sum.WriteString(*cell) // never fails
			_ = sum.WriteByte(0)          // never fails
		}
		first, ok := seen[sum.Sum64()]
		if ok && sameCells(&c.records[i].Record, &c.records[first].Record) {
			c.add(i, CodeRowDuplicate, "", "", fmt.Sprintf("the row says the same as row %d of the order", c.rows[first].Row), "remove one if it is there by mistake")
			continue
		}
		seen[sum.Sum64()] = i
	}
}

func sameCells(a, b *Record) bool {
	x, y := a.cells(), b.cells()
	for i := range x {
		if *x[i] != *y[i] {
			return false
		}
	}
	return true
}

// The columns of a line, looked up once.
//
//nolint:gochecknoglobals // fixed table
var (
	colItemID      = columnsByName[ColItemID]
	colDescription = columnsByName[ColDescription]
	colQuantity    = columnsByName[ColQuantity]
	colUnitPrice   = columnsByName[ColUnitPrice]
	colAmount      = columnsByName[ColAmount]
	colDiscount    = columnsByName[ColDiscountPercent]
	colVAT         = columnsByName[ColVAT]
	colVATAmount   = columnsByName[ColVATAmount]
	colDelivery    = columnsByName[ColDeliveryDate]
)

// value is a cell of the line that is being read, or its default.
func (c *check) value(column Column) string {
	if v := strings.TrimSpace(*c.line[column.field]); v != "" {
		return v
	}
	return c.rules.Defaults[column.Name]
}

func (c *check) readLine(i int) Line {
	c.line = c.records[i].cells()
	line := Line{ID: c.rows[i].LineID, ItemID: c.value(colItemID), Description: c.value(colDescription)}
	c.rows[i].Description = line.Description
	switch n := utf8.RuneCountInString(line.Description); {
	case n == 0:
		c.add(i, CodeDescriptionMissing, ColDescription, "", "the line has no description", "fill in description")
	case n > LongDescription:
		c.add(i, CodeDescriptionLong, ColDescription, "", fmt.Sprintf("the description has %d characters and may be cut on the invoice", n), fmt.Sprintf("shorten it to %d", LongDescription))
	}
	delivery, err := ParseDate(c.value(colDelivery))
	if err != nil {
		c.add(i, CodeDeliveryUnreadable, ColDeliveryDate, c.value(colDelivery), err.Error(), "write it as 2026-01-31")
	}
	line.DeliveryDate = delivery
	line.Quantity = c.quantity(i)
	c.rows[i].Quantity = line.Quantity.String()
	if text := c.value(colQuantity); text != "" && line.Quantity.IsZero() {
		c.rows[i].Quantity = text
	}
	rate, rateOK := c.rate(i, delivery)
	line.Rate = rate
	stated, amountOK := c.amount(i, line.Quantity)
	if amountOK && (rateOK || !c.rules.ExclVAT) && c.tax(i, &line, stated) {
		c.rows[i].Amount = &line.Gross
		if rateOK {
			c.rows[i].VATAmount, c.rows[i].Rate = &line.VAT, rate
			c.checkVATAmount(i, line.VAT)
		}
	}
	if c.rows[i].Amount == nil {
		c.rows[i].AmountText = c.value(colAmount)
	}
	return line
}

func (c *check) quantity(i int) money.Decimal {
	text := c.value(colQuantity)
	if text == "" {
		return money.NewDecimal(1, 0)
	}
	q, err := money.ParseDecimal(text, money.Dot)
	if err != nil {
		c.add(i, CodeQuantityUnreadable, ColQuantity, text, fmt.Sprintf("%q is not a quantity", text), "write a number such as 2 or 2.5")
		return money.Decimal{}
	}
	if q.Sign() <= 0 {
		c.add(i, CodeQuantityZero, ColQuantity, text, fmt.Sprintf("the quantity %s is not positive", q), "write a positive quantity; put the sign on the amount")
	}
	return q
}

func (c *check) rate(i int, delivery Date) (money.Rate, bool) {
	text := c.value(colVAT)
	c.rows[i].VAT = text
	if text == "" {
		c.add(i, CodeVATMissing, ColVAT, "", "the line has no VAT rate", "write the percentage, 0 for none, or give a default in the profile")
		return 0, false
	}
	rate, err := money.ParseRate(text, money.Dot)
	if looksLikeFraction(text, rate, err) {
		c.add(i, CodeVATFraction, ColVAT, text, fmt.Sprintf("the VAT rate %s looks like a fraction", text), "write the percentage: 25 for 25 %")
		return 0, false
	}
	if err != nil {
		c.add(i, CodeVATUnreadable, ColVAT, text, fmt.Sprintf("%q is not a VAT percentage", text), "write 25 or 25.5")
		return 0, false
	}
	c.rows[i].VAT = rate.String()
	day := delivery
	if day == "" {
		day = c.rules.Today
	}
	country := c.order.Address.Country
	if rates := validRates(country, day); rates != nil && !validRate(rates, rate) {
		c.add(i, CodeVATRate, ColVAT, text, fmt.Sprintf("%s %% is no VAT rate of %s on %s", rate, country, day), rateNames(rates)+" are")
	}
	return rate, true
}

// looksLikeFraction reports whether a rate is above 0 and below 1 percent, which no country has.
func looksLikeFraction(text string, rate money.Rate, err error) bool {
	if err == nil {
		return rate > 0 && rate < 100
	}
	d, err := money.ParseDecimal(text, money.Dot)
	return err == nil && d.Sign() > 0 && d.Cmp(money.NewDecimal(1, 0)) < 0
}

// amount is the line total as stated: with or without VAT, as the rules have it.
func (c *check) amount(i int, quantity money.Decimal) (money.Amount, bool) {
	text, priceText := c.value(colAmount), c.value(colUnitPrice)
	currency := c.order.Currency
	if currency.Code() == "" {
		return money.Amount{}, false
	}
	computed, priced := c.priced(i, priceText, quantity)
	if text == "" {
		if priceText == "" {
			c.add(i, CodeAmountMissing, ColAmount, "", "the line has neither amount nor unit price", "fill in one of them")
		}
		return computed, priced
	}
	stated, ok := c.stated(i, text)
	if !ok {
		return money.Amount{}, false
	}
	if priced {
		if diff, err := stated.Sub(computed); err != nil || diff.Minor() < -1 || diff.Minor() > 1 {
			c.add(i, CodeAmountMismatch, ColAmount, text,
				fmt.Sprintf("the amount is %s but quantity and unit price make %s", stated, computed), "correct one of them, or keep only one")
		}
	}
	return stated, true
}

func (c *check) stated(i int, text string) (money.Amount, bool) {
	d, err := money.ParseDecimal(text, money.Dot)
	if err != nil {
		c.add(i, CodeAmountUnreadable, ColAmount, text, fmt.Sprintf("%q is not an amount", text), "write a number such as 299.00")
		return money.Amount{}, false
	}
	if c.rules.Minor {
		amount, err := d.MinorAmount(c.order.Currency)
		if err != nil {
			c.add(i, CodeAmountDecimals, ColAmount, text, err.Error(), "write whole minor units, such as 29900 for 299.00")
		}
		return amount, err == nil
	}
	amount, exact, err := d.Amount(c.order.Currency)
	if err != nil {
		c.add(i, CodeAmountTooLarge, ColAmount, text, fmt.Sprintf("the amount %s is too large", text), "check the amount")
		return money.Amount{}, false
	}
	if !exact {
		c.add(i, CodeAmountDecimals, ColAmount, text, fmt.Sprintf("%s has more decimals than %s", text, c.order.Currency), "round it in the export")
	}
	return amount, true
}

// priced is quantity × unit price less the discount, rounded once.
func (c *check) priced(i int, priceText string, quantity money.Decimal) (money.Amount, bool) {
	if priceText == "" || quantity.Sign() <= 0 {
		return money.Amount{}, false
	}
	price, err := money.ParseDecimal(priceText, money.Dot)
	if err != nil {
		c.add(i, CodePriceUnreadable, ColUnitPrice, priceText, fmt.Sprintf("%q is not a unit price", priceText), "write a number such as 299.00")
		return money.Amount{}, false
	}
	factors := []money.Decimal{price, quantity}
	if text := c.value(colDiscount); text != "" {
		discount, err := money.ParseRate(text, money.Dot)
		if err != nil {
			c.add(i, CodeDiscountUnreadable, ColDiscountPercent, text, fmt.Sprintf("%q is not a discount from 0 to 100 percent", text), "write 0 to 100")
			return money.Amount{}, false
		}
		left, _ := discount.Decimal().PercentLeft() // two decimals
		factors = append(factors, left)
	}
	if c.rules.Minor {
		factors = append(factors, money.NewDecimal(1, c.order.Currency.Digits()))
	}
	amount, _, err := money.Product(c.order.Currency, factors...)
	if err != nil {
		c.add(i, CodeAmountTooLarge, ColUnitPrice, priceText, "quantity × unit price is too large", "check both")
		return money.Amount{}, false
	}
	return amount, true
}

// tax fills the line's gross and VAT from the stated amount.
func (c *check) tax(i int, line *Line, stated money.Amount) bool {
	if stated.Minor() < 0 {
		c.add(i, CodeAmountNegative, ColAmount, stated.String(), fmt.Sprintf("the line is negative: %s", stated), "nothing, if it is a discount")
	}
	if !c.rules.ExclVAT {
		line.Gross, line.VAT = stated, line.Rate.InGross(stated)
		return true
	}
	gross, err := line.Rate.AddTo(stated)
	if errors.Is(err, money.ErrOverflow) {
		c.add(i, CodeAmountTooLarge, ColAmount, stated.String(), "the amount with VAT is too large", "check the amount")
		return false
	}
	line.Gross = gross
	line.VAT, err = gross.Sub(stated)
	return err == nil
}

// checkVATAmount compares the file's own VAT amount with the computed one.
func (c *check) checkVATAmount(i int, computed money.Amount) {
	text := c.value(colVATAmount)
	if text == "" {
		return
	}
	d, err := money.ParseDecimal(text, money.Dot)
	var stated money.Amount
	if err == nil && c.rules.Minor {
		stated, err = d.MinorAmount(c.order.Currency)
	} else if err == nil {
		stated, _, err = d.Amount(c.order.Currency)
	}
	if err != nil {
		c.add(i, CodeVATAmountUnreadable, ColVATAmount, text, fmt.Sprintf("%q is not a VAT amount", text), "write a number, or leave it empty")
		return
	}
	if diff, err := stated.Sub(computed); err != nil || diff.Minor() < -1 || diff.Minor() > 1 {
		c.add(i, CodeVATAmountMismatch, ColVATAmount, text, fmt.Sprintf("the VAT amount is %s, computed is %s", stated, computed), "check whether amounts are with or without VAT (prices in the profile)")
	}
}
