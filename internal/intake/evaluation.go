package intake

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
	"kraviabatch/internal/xlsx"
)

// say notes currencies that stand beside numbers of the formula.
func (e *evaluation) say(words ...money.CurrencyWord) {
	for _, word := range words {
		if word != "" && !slices.Contains(e.currencies, word) {
			e.currencies = append(e.currencies, word)
		}
	}
}

// run evaluates a formula over the cells of its references, in their order.
func (t *madeRows) run(of *bound, target billing.Kind, cells []*cell) (any, error) {
	e := &t.now
	e.derivation, e.bound, e.cells, e.target = t.derivation, of, cells, target
	for i, name := range of.formula.names {
		e.env[name] = strings.TrimSpace(cells[i].Text())
	}
	for k, i := range of.formula.cells {
		e.env[of.formula.cellNames[k]] = cells[i]
	}
	e.env[readerName] = e
	return of.formula.run(&t.machine, e.env)
}

// evaluation is the running formula: its cells, and what num, hours and date need to read them.
type evaluation struct {
	*derivation
	bound      *bound
	target     billing.Kind // the kind that the value is for, "" where it is true or false
	cells      []*cell
	env        map[string]any
	currencies []money.CurrencyWord // beside the numbers that were read
}

// column is the column that a cell stands in.
func (d *derivation) column(o origin) *column {
	if o.join >= 0 {
		return d.joins[o.join].column(o.at)
	}
	return d.table.column(o.at)
}

// source is the cell and the column by which num, hours or date reads its text. Where the text is what one of the
// cells shows, it is that cell. Another text, such as a piece of a cell, is read with the column's decimal mark only
// where the number stands like that in a cell; else "1.234" would be read in one of two ways, and it is an error.
func (e *evaluation) source(of *argument, text string) (c column, value *cell, err error) {
	value = &cell{Kind: xlsx.Text, Value: text}
	c = column{mark: money.Dot, slash: dayFirst, dash: dayFirst, decided: true}
	stored, stands := false, len(of.references) == 0
	for i, reference := range of.references {
		from, own := e.cells[reference], e.column(e.bound.origins[reference])
		is := strings.TrimSpace(text) == strings.TrimSpace(from.Text())
		if i == 0 || is {
			c = *own
			if slices.Contains(e.bound.converted, reference) {
				c.unit.currency = ""
			}
		}
		if is {
			c.values = nil
			return c, from, nil
		}
		stored = stored || from.Kind == xlsx.Number
		stands = stands || strings.Contains(from.Text(), strings.TrimLeft(bareNumber(text), "+-\u2212"))
	}
	c.values = nil
	if told := markOfNumber(bareNumber(text)); told == differs && (!c.decided || stored || !stands) {
		r := money.Read(bareNumber(text))
		hint := hintFormulaMark
		if c.decided && !stored {
			hint = hintFormulaLeaveMark
		}
		return c, value, &valueError{fmt.Sprintf(msgFormulaTwoNumbers, shown(text), r.Dot, r.Comma), hint}
	}
	return c, value, nil
}

func (e *evaluation) number(of *argument, text string) (*big.Rat, error) {
	c, value, err := e.source(of, text)
	if err != nil {
		return nil, err
	}
	n, err := c.exact(value)
	if err == nil && n.Percent && (e.target != billing.Percent || of.scaled) {
		err = &valueError{fmt.Sprintf(msgFormulaPercent, shown(value.Text())), hintFormulaPercent}
	}
	if err != nil {
		return nil, err
	}
	e.say(n.Currency, c.unit.currency)
	return n.Decimal.Rat(), nil
}

// exact is the number in a cell. The error is a *valueError where the cell is not a number, has another decimal mark
// than the column, or shows a word that changes what the number means.
func (c *column) exact(value *cell) (money.Number, error) {
	if value.Kind == xlsx.Text && c.otherMark(value.Value) {
		e := &valueError{fmt.Sprintf(msgFormulaMark, shown(value.Value), c.mark), hintFormulaOneMark}
		return money.Number{}, e
	}
	if words := value.Words(); words != "" {
		asMoney, asNumber := column{known: billing.ColAmount}, column{known: billing.ColQuantity}
		if !asMoney.fitsWords(words) && !asNumber.fitsWords(words) {
			return money.Number{}, &valueError{fmt.Sprintf(msgFormulaWords, words), hintFormulaWords}
		}
	}
	n, ok := c.number(value)
	if !ok {
		return n, &valueError{fmt.Sprintf(msgFormulaNotNumber, shown(value.Text())), hintFormulaCounts}
	}
	return n, nil
}

// hours is the number of hours in a time of the form H:MM or H:MM:SS, or in a number.
func (e *evaluation) hours(of *argument, text string) (*big.Rat, error) {
	c, value, err := e.source(of, text)
	if err != nil {
		return nil, err
	}
	const day, hour = 24 * 60 * 60, 60 * 60
	if digits, _, ok := value.Number(); ok && (value.Kind == xlsx.Time || value.Kind == xlsx.Date) {
		days, ok := new(big.Rat).SetString(digits)
		switch whole := ok && days.Cmp(big.NewRat(1, 1)) >= 0; {
		case whole && value.Kind == xlsx.Date:
			return nil, &valueError{fmt.Sprintf(msgFormulaMoment, shown(value.Text())), hintFormulaMoment}
		case whole && !showsDays(value.Text()):
			return nil, &valueError{fmt.Sprintf(msgFormulaDays, shown(value.Text()), digits), hintFormulaDays}
		case ok:
			// rounded to seconds, as the sheet shows it
			seconds, _ := new(big.Rat).SetString(days.Mul(days, big.NewRat(day, 1)).FloatString(0))
			return seconds.Quo(seconds, big.NewRat(hour, 1)), nil
		}
	}
	shows := strings.TrimSpace(value.Text())
	clock, negative := strings.CutPrefix(strings.ReplaceAll(shows, "\u2212", "-"), "-")
	parts := strings.Split(clock, ":")
	if len(parts) == 1 {
		if c.mark == money.Dot && value.Kind == xlsx.Text && clockWithDot.MatchString(clock) && e.commas {
			return nil, &valueError{fmt.Sprintf(msgFormulaClock, shown(shows)), hintFormulaClock}
		}
		return e.number(of, text)
	}
	total := new(big.Rat)
	for i, part := range parts {
		n, ok := new(big.Rat).SetString(part)
		if !ok || i > 2 || part == "" || strings.Trim(part, "0123456789") != "" || i > 0 &&
			(len(part) != 2 || part >= "60") {
			return nil, &valueError{fmt.Sprintf(msgFormulaNotTime, shown(shows)), hintFormulaCorrectCell}
		}
		total.Add(total, n.Quo(n, big.NewRat([]int64{1, 60, hour}[min(i, 2)], 1)))
	}
	if negative {
		total.Neg(total)
	}
	return total, nil
}

// clockWithDot matches numbers that can be times: many write half past seven as 7.30.
var clockWithDot = regexp.MustCompile(`^[0-9]{1,2}\.[0-5][0-9]$`)

// showsDays reports whether a time shows 24 hours or more, as the format [h]:mm does.
func showsDays(shows string) bool {
	hours, err := strconv.Atoi(shows[:len(shows)-len(strings.TrimLeft(shows, "0123456789"))])
	const day = 24
	return err == nil && hours >= day
}

// date is the date in a cell, YYYY-MM-DD. form is one of dateForms, or "" where the column's order of dates counts.
func (e *evaluation) date(of *argument, text, form string) (string, error) {
	c, value, err := e.source(of, text)
	if err != nil {
		return "", err
	}
	c.known = billing.ColDeliveryDate
	if first, second, open := twoDays(text); open && form == "" && e.dates == "" && !slices.Contains(e.cells, value) {
		return "", &valueError{fmt.Sprintf(msgFormulaTwoDays, shown(text), first, second), hintFormulaTwoDays}
	}
	if form != "" {
		c.slash, c.dash = orderOf(form, '/'), orderOf(form, '-')
		if d, ok := splitDate(value.Text()); value.Kind == xlsx.Text &&
			(!ok || d.separator != form[2] && !d.yearFirst) {
			return "", &valueError{fmt.Sprintf(msgFormulaDateForm, shown(value.Text()), form), hintFormulaCorrectCell}
		}
	}
	r := c.readDay(value)
	if r.problem != nil {
		return "", &valueError{r.problem.Message, r.problem.Hint}
	}
	if !billing.IsDay(r.value) {
		return "", &valueError{fmt.Sprintf(msgFormulaNotDate, shown(value.Text())), hintFormulaNotDate}
	}
	return r.value, nil
}
