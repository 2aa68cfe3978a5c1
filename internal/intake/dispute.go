package intake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// settle decides every ambiguous header, or refuses the file and names the possible readings.
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
	if c.sample.Kind == 0 { // all cells are empty
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
		return j.decide(d, left[0], msgBecauseCellsSay)
	case len(left) == 1 && len(borne) == 1:
		return j.decide(d, left[0], fmt.Sprintf(msgBecauseFits, left[0].fits))
	case len(borne) == 2 && d.differ == 0:
		return j.decide(d, left[0], msgBecauseSame)
	case d.bare == 0 && len(d.signed) == 0 && left[0].column != billing.ColAmount:
		return j.decide(d, left[0], msgBecauseZero)
	}
	return j.undecided(d, headerRow)
}

// says is what all cells but zeros say by their signs: "percent" or "money"; "" if some say nothing or they disagree.
func (d *dispute) says() string {
	if d.bare > 0 || len(d.signed) != 1 {
		return ""
	}
	return slices.Collect(maps.Keys(d.signed))[0]
}

// decide settles what an ambiguous header stands for, and notes why.
func (j *judge) decide(d *dispute, h hypothesis, because string) error {
	c := &j.file.layout.columns[d.at]
	if other := j.file.layout.index(h.column); other >= 0 {
		message := fmt.Sprintf(msgBothCanBe, j.file.layout.column(other).text, c.text, h.column)
		return refuse(codeAmbiguous, message, fmt.Sprintf(hintIgnoreOne, c.text)).at(0, c.text, "")
	}
	c.known, c.how, c.unsure = h.column, because, false
	j.file.Tables[0].Known[d.at] = h.column
	j.file.notice(msgReadAs, c.text, h.column, because)
	return nil
}

// settleTotal decides a column such as Total in a list without prices. It is the amount of each line, unless
// every order of several rows has the same amount on all of them: then it is the order's total.
func (j *judge) settleTotal(d *dispute, headerRow int) error {
	h := &d.readings[0]
	if h.fits+h.fails > 0 {
		return nil
	}
	several := slices.DeleteFunc(slices.Collect(maps.Values(d.orders)), func(o *orderTotal) bool { return o.rows < 2 })
	differ := slices.ContainsFunc(several, func(o *orderTotal) bool { return !o.same })
	c := &j.file.layout.columns[d.at]
	if len(several) > 0 && !differ {
		return refuse(codeTotals, fmt.Sprintf(msgOrderTotal, c.text), fmt.Sprintf(hintOrderTotal, c.text)).
			at(headerRow, c.text, c.sample.Text())
	}
	d.inferred = msgBecauseNoOrderTotal
	return nil
}

// undecided refuses a file with a header that can be read in two ways, or in none.
func (j *judge) undecided(d *dispute, headerRow int) error {
	c := &j.file.layout.columns[d.at]
	var readings, names []string
	for _, h := range d.readings {
		what := describeReading(h.column)
		switch {
		case h.fails > 0:
			what += fmt.Sprintf(msgReadingFails, h.failRow, shown(h.example))
		case h.fits > 0:
			what += msgReadingFits
		}
		readings = append(readings, what)
		names = append(names, h.column.String())
	}
	if len(readings) == 0 {
		readings, names = []string{msgReadingNone}, []string{msgReadingOther}
	}
	message := fmt.Sprintf(msgUndecided, c.text, strings.Join(readings, " or "), shown(c.sample.Text()))
	if len(readings) == 1 {
		message = fmt.Sprintf(msgNotReading, c.text, readings[0])
	}
	return refuse(codeUndecided, message, fmt.Sprintf(hintUndecided, strings.Join(names, " or "), c.text)).
		at(headerRow, c.text, "")
}

// describeReading names a column as a reading of an ambiguous header.
func describeReading(c billing.Column) string {
	return cmp.Or(map[billing.Column]string{
		billing.ColVAT:             msgReadingVATPercent,
		billing.ColVATAmount:       msgReadingVATMoney,
		billing.ColDiscountPercent: msgReadingDiscountPercent,
		billing.ColDiscountAmount:  msgReadingDiscountMoney,
		billing.ColAmount:          msgReadingAmount,
	}[c], c.String())
}
