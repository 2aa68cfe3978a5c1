package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// settle decides every ambiguous header, or refuses the file with its readings.
func (j *judge) settle(headerRow int) error {
	for _, d := range j.disputes {
		if err := j.settleOne(d, headerRow); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) settleOne(d *dispute, headerRow int) error {
	c := &j.file.layout.columns[d.at]
	if c.sample.Kind == 0 { // no cell says anything
		c.columns = nil
		return nil
	}
	says := ""
	if len(d.readings) > 1 {
		says = d.says()
	} else {
		clear(d.signed)
	}
	if says != "" {
		d.readings = slices.DeleteFunc(d.readings, func(h hypothesis) bool {
			return says == "percent" != (h.column.Kind() == billing.Percent)
		})
	}
	if len(d.readings) == 1 && d.readings[0].column == billing.ColAmount {
		if err := j.settleTotal(d, headerRow); err != nil {
			return err
		}
	}
	left := slices.DeleteFunc(slices.Clone(d.readings), func(h hypothesis) bool { return h.fails > 0 })
	borne := slices.DeleteFunc(slices.Clone(left), func(h hypothesis) bool { return h.fits == 0 })
	switch {
	case len(left) == 0 || len(d.signed) > 0 && says == "":
	case len(left) == 1 && d.inferred != "":
		return j.decide(d, left[0], d.inferred)
	case len(left) == 1 && says != "":
		return j.decide(d, left[0], "because its cells say so")
	case len(left) == 1 && len(borne) == 1:
		return j.decide(d, left[0], fmt.Sprintf("because it fits every row (%d)", left[0].fits))
	case len(borne) == 2 && d.differ == 0:
		return j.decide(d, left[0], "and every reading bills the same")
	case d.bare == 0 && len(d.signed) == 0 && left[0].column != billing.ColAmount:
		return j.decide(d, left[0], "though every cell is zero")
	}
	return j.undecided(d, headerRow)
}

// says is what all cells that are not zero say themselves to be, "" if they do not agree.
func (d *dispute) says() string {
	if d.bare > 0 || len(d.signed) != 1 {
		return ""
	}
	for says := range d.signed {
		return says
	}
	return ""
}

// decide reads a column as what it turned out to be.
func (j *judge) decide(d *dispute, h hypothesis, because string) error {
	c := &j.file.layout.columns[d.at]
	if other := j.file.layout.index(h.column); other >= 0 {
		return refuse(codeAmbiguous,
			fmt.Sprintf("the columns %q and %q can both be %s", j.file.layout.column(other).text, c.text, h.column),
			fmt.Sprintf("pass one of them over in a profile: ignore: [%q]", c.text)).at(0, c.text, "")
	}
	c.known, c.how, c.unsure = h.column, because, false
	j.file.Tables[0].Known[d.at] = h.column
	j.file.notice("column %q is read as %s, %s", c.text, h.column, because)
	return nil
}

// settleTotal decides a column such as Total without prices: it is the line's total unless every order of
// several rows has one and the same amount on all of them, which is the order's.
func (j *judge) settleTotal(d *dispute, headerRow int) error {
	h := &d.readings[0]
	if h.fits+h.fails > 0 {
		return nil
	}
	several, repeated := 0, 0
	for _, o := range d.orders {
		if o.rows > 1 {
			several++
			if o.same {
				repeated++
			}
		}
	}
	c := &j.file.layout.columns[d.at]
	if several > 0 && repeated == several {
		return refuse(codeTotals,
			fmt.Sprintf(
				"the column %q has one amount on every row of an order, as an order's total has it, so it is not read as the amount of each line", c.text),
			fmt.Sprintf(
				"export the lines' own amounts or unit prices, or name the column amount if it is one; to pass it over: ignore: [%q] in a profile", c.text)).
			at(headerRow, c.text, c.sample.Text())
	}
	d.inferred = "because no order has one amount on all of its rows"
	return nil
}

// undecided refuses a file whose header can be read in two ways, or in none.
func (j *judge) undecided(d *dispute, headerRow int) error {
	c := &j.file.layout.columns[d.at]
	var readings, names []string
	for _, h := range d.readings {
		what := describeReading(h.column)
		switch {
		case h.fails > 0:
			what += fmt.Sprintf(" (row %d, %q, does not fit)", h.failRow, shown(h.example))
		case h.fits > 0:
			what += " (fits every row)"
		}
		readings = append(readings, what)
		names = append(names, h.column.String())
	}
	if len(readings) == 0 {
		readings, names = []string{"nothing that its cells fit"}, []string{"a column that it is"}
	}
	message := fmt.Sprintf("the column %q can be %s, and its cells do not decide (the first is %q)", c.text,
		strings.Join(readings, " or "), shown(c.sample.Text()))
	if len(readings) == 1 {
		message = fmt.Sprintf("the column %q is not %s", c.text, readings[0])
	}
	return refuse(codeUndecided, message,
		fmt.Sprintf("name the column %s, map it in a profile, or pass it over there: ignore: [%q]",
			strings.Join(names, " or "), c.text)).
		at(headerRow, c.text, "")
}

func describeReading(c billing.Column) string {
	switch c { //nolint:exhaustive // the columns that headers are ambiguous about
	case billing.ColVAT:
		return "VAT in percent"
	case billing.ColVATAmount:
		return "VAT in money"
	case billing.ColDiscountPercent:
		return "a discount in percent"
	case billing.ColDiscountAmount:
		return "a discount in money"
	case billing.ColAmount:
		return "the amount of each line"
	}
	return c.String()
}
