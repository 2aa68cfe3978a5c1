package intake

import (
	"fmt"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// fitsCells reports whether the cells can be those of one of our columns, and gives the evidence in them. Where only
// a word of the header speaks of the column, the cells must bear it out, and the header must speak of nothing else
// that an invoice depends on.
func (c *draftColumn) fitsCells(column billing.Column, level int) (why string, ok bool) {
	s := c.stats
	if s.filled == 0 {
		return "", level >= levelKnown
	}
	if level == levelPart && !c.speaksOfSame(column) {
		return "", false
	}
	if !kindIsMoney(column.Kind()) && column.Kind() != billing.Number && (c.unit.vat != 0 || c.unit.percent) &&
		level < levelOwn {
		return "", false
	}
	why, proven, possible := cellsOf(column, s)
	if level == levelOwn {
		return why, true
	}
	return why, proven || possible && (level > levelPart || why != "")
}

// speaksOfSame reports whether what the words of a header speak of fits one of our columns. A header that speaks of
// a discount, for example, does not fit a price.
func (c *draftColumn) speaksOfSame(column billing.Column) bool {
	what := theVocabulary().speaksOf(c.withoutMinor()).what
	kind := column.Kind()
	switch what {
	case "":
		return !kindIsMoney(kind) || c.unit.currency != "" || c.minor()
	case "money":
		return kind == billing.Money && column != billing.ColVATAmount || kind == billing.Text && c.stats.numbers == 0
	case "VAT":
		return column == billing.ColVAT || column == billing.ColVATAmount || column == billing.ColOrganizationNumber ||
			kind == billing.Money && c.unit.vat != 0
	case "a discount":
		return column == billing.ColDiscountAmount || column == billing.ColDiscountPercent
	case "a currency":
		return column == billing.ColCurrency
	case "a due date":
		return column == billing.ColDueDate || column == billing.ColDaysUntilDue
	case "a quantity":
		return column == billing.ColQuantity
	case draftBilled:
		return kind == billing.Money && c.stats.numeric() && !c.stats.all(c.stats.wholes)
	case "a percentage":
		return kind == billing.Percent
	}
	return false
}

func kindIsMoney(kind billing.Kind) bool { return kind == billing.Money || kind == billing.Percent }

// cellsOf reports by the form of the cells whether they surely are those of one of our columns, and whether they
// can be. why is the evidence.
func cellsOf(column billing.Column, s *columnStats) (why string, proven, possible bool) {
	is := func(n int, what string) (string, bool, bool) {
		return fmt.Sprintf(msgWhyCells, what, n, s.filled), s.most(n), s.most(n)
	}
	switch column { //nolint:exhaustive // the others are judged by their kind
	case billing.ColEmail:
		return is(s.emails, "e-mail addresses")
	case billing.ColPhoneNumber:
		return is(s.phones, "phone numbers")
	case billing.ColOrganizationNumber:
		home := s.home()
		if home == "" {
			return "", false, s.most(s.references) && s.letters*2 < s.filled
		}
		return fmt.Sprintf(msgWhyCheckDigits, home, s.orgs[home], s.filled), true, true
	case billing.ColPostalCode:
		return is(s.postal[4]+s.postal[5], "postal codes")
	case billing.ColCountry:
		return is(s.countries, "countries")
	case billing.ColCurrency:
		return is(s.codes+s.coded, "currency codes")
	case billing.ColDaysUntilDue:
		return dullFew, false, s.dates == 0 && len(s.words) < draftWords
	case billing.ColQuantity:
		if s.all(s.hours) {
			return msgWhyHours, true, true
		}
		return dullNumbers, false, s.numeric() && s.currencies == 0
	case billing.ColVAT:
		return dullFew, false, len(s.words) < draftWords && s.dates == 0 && s.currencies == 0
	case billing.ColProduct, billing.ColInvoiceChannel, billing.ColPrices:
		return is(s.choices(column), "its words")
	case billing.ColOrderReference, billing.ColCustomerNumber, billing.ColItemID, billing.ColLineID:
		return dullCodes, false, s.emails == 0 && !s.most(s.dates) &&
			(s.most(s.references) || column != billing.ColOrderReference && s.spaces == 0) && s.currencies == 0 &&
			s.percents == 0
	}
	return cellsOfKind(column.Kind(), s)
}

// cellsOfKind is cellsOf for columns of which only the kind is known.
func cellsOfKind(kind billing.Kind, s *columnStats) (why string, proven, possible bool) {
	switch kind {
	case billing.Money:
		return dullNumbers, false, s.most(s.numbers) && s.percents == 0
	case billing.Percent:
		return dullNumbers, false, s.most(s.numbers) && s.currencies == 0
	case billing.Number:
		return dullNumbers, false, s.most(s.numbers)
	case billing.Day:
		return dullDates, s.all(s.dates), s.most(s.dates)
	case billing.Text:
		return dullTexts, false, s.letters*2 >= s.filled && s.emails == 0 && !s.most(s.dates)
	case billing.Identifier, billing.Choice:
	}
	return "", false, true
}

// choices counts the cells that have one of the words of a column.
func (s *columnStats) choices(column billing.Column) int {
	n := 0
	for word, times := range s.words {
		if slices.ContainsFunc(column.Info().Choices, func(choice string) bool {
			return strings.EqualFold(choice, strings.TrimPrefix(word, "kravia."))
		}) {
			n += times
		}
	}
	return n
}
