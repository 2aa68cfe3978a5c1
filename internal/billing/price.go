package billing

import "kraviabatch/internal/money"

// priced is quantity × unit price less the discount, rounded once, half up. It is negative for a return. ok is false if
// the row has no usable price.
func (l *lineReader) priced(priceText string) (amount money.Amount, ok bool) {
	left, less, discountOK := l.discount(priceText != "")
	if priceText == "" || l.quantity.IsZero() {
		return money.Amount{}, false
	}
	price, err := money.ParseDecimal(priceText, money.Dot)
	if err != nil {
		l.report(l.row, "unit_price.unreadable", priceText)
		return money.Amount{}, false
	}
	if !discountOK {
		return money.Amount{}, false
	}
	l.price = price
	amount, _, err = money.Product(l.order.Currency, price, l.quantity, left, l.priceUnit())
	switch {
	case err != nil:
		l.report(l.row, "amount.too_large", priceText, "column", ColUnitPrice.String())
		return money.Amount{}, false
	case less.Minor() == 0:
		return amount, true
	case !within(less.Minor(), amount.Minor()) && !l.takenOff(&less, amount):
		l.report(l.row, "discount_amount.range", less.String())
		return money.Amount{}, false
	}
	amount, err = amount.Sub(less)
	return amount, err == nil // cannot overflow: the result is nearer to zero
}

// takenOff changes the sign of a discount whose sign is not the line's, such as a positive discount on a return. It
// does so only if the amount that the row states shows that the discount was taken off.
func (l *lineReader) takenOff(less *money.Amount, full money.Amount) bool {
	turned := money.New(-less.Minor(), less.Currency())
	left, err := full.Sub(turned)
	if err != nil || !within(turned.Minor(), full.Minor()) {
		return false
	}
	stated, _, err := l.parseAmount(l.value(ColAmount))
	if err != nil || !l.agrees(stated, left) {
		return false
	}
	*less = turned
	return true
}

// priceUnit is what a price of 1 means: 1 whole unit of the currency, or 1 minor unit if the rules say so.
func (l *lineReader) priceUnit() money.Decimal {
	if l.rules.Minor {
		return money.NewDecimal(1, l.order.Currency.Digits())
	}
	return money.NewDecimal(1, 0)
}

// agrees reports whether an amount is what quantity and unit price give. The price may be rounded to its last digit, so
// the amount may differ by the quantity times half a unit of that digit, or by one minor unit.
func (l *lineReader) agrees(stated, computed money.Amount) bool {
	diff, err := stated.Sub(computed)
	if err != nil {
		return false
	}
	if near(stated, computed) {
		return true
	}
	decimals := l.order.Currency.Digits()
	if l.rules.Minor {
		decimals = 0
	}
	half, _, err := money.Product(l.order.Currency, l.price.HalfUnit(decimals), l.quantity.Abs(), l.priceUnit())
	return err == nil && diff.Minor() >= -half.Minor() && diff.Minor() <= half.Minor()
}

// compare reports an amount that quantity and unit price do not give.
func (l *lineReader) compare(stated, computed money.Amount) {
	if l.agrees(stated, computed) {
		return
	}
	because := ""
	if rate, err := money.ParseRate(l.value(ColVAT), money.Dot); err == nil && rate > 0 &&
		l.differsByVAT(stated, computed, rate) {
		because = msgVATBetween
	}
	l.report(l.row, "amount.mismatch", stated.String(), "amount", stated.String(), "computed", computed.String(),
		"because", because)
}

// differsByVAT reports whether one of the two amounts is the other with VAT added.
func (l *lineReader) differsByVAT(a, b money.Amount, rate money.Rate) bool {
	with, _, err := taxed(a, rate, true)
	other, _, otherErr := taxed(b, rate, true)
	return err == nil && near(with, b) || otherErr == nil && near(other, a)
}

// within reports whether a part is between zero and the whole amount, which may be negative.
func within(part, whole int64) bool {
	if whole < 0 {
		return part <= 0 && part >= whole
	}
	return part >= 0 && part <= whole
}

// discount reads the row's discount: left is the factor that a discount in percent leaves, less is the discount in
// money. A discount without a unit price is refused, because the amount can be before or after it.
func (l *lineReader) discount(priced bool) (left money.Decimal, less money.Amount, ok bool) {
	left, less = money.NewDecimal(1, 0), money.New(0, l.order.Currency)
	percentText, amountText := l.value(ColDiscountPercent), l.value(ColDiscountAmount)
	if percentText != "" {
		percent, err := money.ParsePercent(percentText, money.Dot)
		switch {
		case err != nil:
			l.report(l.row, "discount_percent.unreadable", percentText)
			return left, less, false
		case looksLikeFraction(percentText):
			l.report(l.row, "discount_percent.fraction", percentText)
		}
		if left, err = percent.PercentLeft(); err != nil {
			l.report(l.row, "discount_percent.unreadable", percentText)
			return left, less, false
		}
		if !priced && percent.Sign() != 0 {
			l.report(l.row, "discount_percent.no_price", percentText)
		}
	}
	if amountText == "" {
		return left, less, true
	}
	less, exact, err := l.parseAmount(amountText)
	switch {
	case err != nil || !exact:
		l.report(l.row, "discount_amount.unreadable", amountText)
		return left, less, false
	case !priced && less.Minor() != 0:
		l.report(l.row, "discount_amount.no_price", amountText)
	case less.Minor() != 0 && left != money.NewDecimal(1, 0):
		l.report(l.row, "discount_amount.twice", amountText)
	}
	return left, less, true
}
