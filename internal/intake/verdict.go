package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
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
	if d.says != "" {
		d.readings = slices.DeleteFunc(d.readings, func(h hypothesis) bool {
			return d.says == "percent" != (h.column.Kind() == billing.Percent)
		})
	}
	if len(d.readings) == 1 && d.readings[0].column == billing.ColAmount {
		if err := j.settleTotal(d, headerRow); err != nil {
			return err
		}
	}
	left := slices.DeleteFunc(slices.Clone(d.readings), func(h hypothesis) bool { return h.fails > 0 })
	borne := slices.DeleteFunc(slices.Clone(left), func(h hypothesis) bool { return h.fits == 0 })
	told := slices.ContainsFunc(d.readings, func(h hypothesis) bool { return h.fits+h.fails > 0 })
	switch {
	case len(left) == 1 && d.inferred != "":
		return j.decide(d, left[0], d.inferred)
	case len(borne) == 1 && (len(left) == 1 || d.says != ""):
		return j.decide(d, borne[0], fmt.Sprintf("because it fits every row (%d)", borne[0].fits))
	case len(left) == 1 && d.says != "":
		return j.decide(d, left[0], "because its cells say so")
	case !told && len(left) > 0 && j.onlyZeros(d):
		return j.decide(d, left[0], "though every cell is zero")
	}
	return j.undecided(d, headerRow)
}

// onlyZeros reports whether nothing depends on how a header is read.
func (j *judge) onlyZeros(d *dispute) bool {
	n, ok := j.file.layout.columns[d.at].number(&j.file.layout.columns[d.at].sample)
	return ok && n.Decimal.IsZero() && d.readings[0].column != billing.ColAmount
}

func (j *judge) decide(d *dispute, h hypothesis, because string) error {
	c := &j.file.layout.columns[d.at]
	c.known, c.how, c.unsure = h.column, because, false
	j.file.Tables[0].Known[d.at] = h.column
	j.file.notice("column %q is read as %s, %s", c.text, h.column, because)
	return nil
}

// settleTotal decides a column such as Total without prices: it is the line's total unless every order of several rows has one
// and the same amount on all of them, which is the order's.
func (j *judge) settleTotal(d *dispute, headerRow int) error {
	h := &d.readings[0]
	if h.fits+h.fails > 0 {
		return nil
	}
	several, repeated := 0, 0
	for _, o := range j.orders {
		if o.rows > 1 {
			several++
			if o.same {
				repeated++
			}
		}
	}
	c := &j.file.layout.columns[d.at]
	if several > 0 && repeated == several {
		return refuse(codeTotals, fmt.Sprintf("the column %q has one amount on every row of an order, as an order's total has it, so it is not read as the amount of each line", c.text),
			fmt.Sprintf("export the lines' own amounts or unit prices, or name the column amount if it is one; to pass it over: ignore: [%q] in a profile", c.text)).
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
	message := fmt.Sprintf("the column %q can be %s, and its cells do not decide (the first is %q)", c.text, strings.Join(readings, " or "), shown(c.sample.Text()))
	if len(readings) == 1 {
		message = fmt.Sprintf("the column %q is not %s", c.text, readings[0])
	}
	return refuse(codeUndecided, message, fmt.Sprintf("name the column %s, map it in a profile, or pass it over there: ignore: [%q]", strings.Join(names, " or "), c.text)).
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

// runningSums are what a total can sum up: all rows before it, those since the last total, and those before it of one order and
// of one customer.
type runningSums struct {
	all, since, order, customer money.Sum
	reference, number           string
}

func (s *runningSums) add(reference, number string, d money.Decimal) {
	if reference != s.reference {
		s.reference, s.order = reference, money.Sum{}
	}
	if number != s.number {
		s.number, s.customer = number, money.Sum{}
	}
	for _, sum := range []*money.Sum{&s.all, &s.since, &s.order, &s.customer} {
		sum.Add(d)
	}
}

// is reports whether an amount is one of the sums.
func (s *runningSums) is(d money.Decimal) bool {
	return slices.ContainsFunc([]*money.Sum{&s.all, &s.since, &s.order, &s.customer}, func(sum *money.Sum) bool { return sum.Cmp(d) == 0 })
}

// restart begins a new block after a total.
func (s *runningSums) restart() { s.since = money.Sum{} }

// totalWords are the words of rows that sum up others, normalised.
func totalWords() []string {
	return []string{
		"total", "totals", "totalt", "totalsum", "totalsumma", "totalbelop", "totalamount", "grandtotal", "subtotal", "subtotals", "sum", "sums", "summa", "sumtotal",
		"sumtotalt", "delsum", "delsumma", "mellomsum", "mellansumma", "ialt", "tilsammen", "sammanlagt", "yhteensa", "summayhteensa", "kaikkiyhteensa", "loppusumma",
		"valisumma", "samlet", "totaal",
	}
}

// totalText is the text by which a row says that it sums up others, "" if it does not: a description that begins or ends with a
// word for total, or another such text in a row without description.
func (f *File) totalText(r *row) string {
	if at := f.layout.description; at >= 0 && strings.TrimSpace(r.cellAt(at).Value) != "" {
		if text := r.cellAt(at).Value; isTotalText(text) {
			return text
		}
		return ""
	}
	for i := range r.cells {
		if i < len(f.layout.columns) && !f.layout.columns[i].numeric() && isTotalText(r.cells[i].Value) {
			return r.cells[i].Value
		}
	}
	return ""
}

// mayBeTotal is the quick look that nearly every text fails: words for total have one of these letters in a row.
func mayBeTotal(text string) bool {
	for i := 0; i+2 < len(text); i++ {
		switch text[i] | 0x20 {
		case 't', 's', 'a', 'y':
		default:
			continue
		}
		switch string([]byte{text[i] | 0x20, text[i+1] | 0x20, text[i+2] | 0x20}) {
		case "tot", "sum", "alt", "yht", "sam", "til":
			return true
		}
	}
	return false
}

func isTotalText(text string) bool {
	const longest = 80
	if text == "" || len(text) > longest || !mayBeTotal(text) {
		return false
	}
	list := words(text)
	if len(list) == 0 {
		return false
	}
	n := len(list)
	if slices.Contains(totalWords(), list[0]) || slices.Contains(totalWords(), list[n-1]) {
		return true
	}
	return n > 1 && (list[0]+list[1] == "ialt" || list[n-2]+list[n-1] == "ialt")
}
