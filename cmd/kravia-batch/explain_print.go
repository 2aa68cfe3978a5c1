package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"kraviabatch/internal/billing"
)

// printExplanation prints an explanation in words, in the order in which a row goes through the program.
func printExplanation(w io.Writer, e *explanation) {
	where := fmt.Sprintf(msgPlace, e.File, e.Row)
	if e.Sheet != "" {
		where = fmt.Sprintf(msgSheetPlace, e.File, e.Sheet, e.Row)
	}
	fmt.Fprintln(w, where)
	if e.Passed != "" {
		fmt.Fprintf(w, "  "+msgRowPassed+"\n", e.Passed)
		t := &textTable{}
		for _, c := range e.Cells {
			if c.Value != "" {
				t.add(brief(c.Header, headerWidth), brief(c.Value, explainedWidth))
			}
		}
		t.print(w)
		return
	}
	title(w, msgHeadRead)
	printCells(w, e.Cells)
	title(w, "grouped")
	printGrouping(w, e)
	title(w, "taxed")
	if e.Tax == nil {
		fmt.Fprintln(w, " ", msgNotTaxed)
	} else {
		fmt.Fprintf(w, "  "+msgTaxedAt+"\n", e.Tax.shown, e.Tax.Rate)
		fmt.Fprintln(w, " ", e.Tax.Formula)
	}
	if e.Order != nil {
		printOrder(w, e.Order)
		title(w, msgHeadItem)
		for line := range strings.SplitSeq(string(e.Item), "\n") {
			fmt.Fprintln(w, " ", line)
		}
	}
	title(w, "problems")
	for _, p := range e.Problems {
		text := p.Message
		if p.Column != "" {
			text = p.Column + ": " + text
		}
		fmt.Fprintf(w, "  %s %s\n", p.Severity, p.Code)
		fmt.Fprintln(w, "   ", text)
		fmt.Fprintf(w, "    "+msgFix+"\n", p.Hint)
	}
	switch {
	case len(e.Problems) == 0:
		fmt.Fprintln(w, "  none")
	case e.Order == nil:
		fmt.Fprintln(w, " ", msgOrderNotSent)
	}
	if e.Outcome != nil {
		printOutcome(w, e.Outcome)
	}
}

// explainedWidth is how many characters of a cell and what it became are shown.
const explainedWidth = 90

func printCells(w io.Writer, cells []explainedCell) {
	t := &textTable{}
	var empty []string
	for _, c := range cells {
		if c.Value == "" && c.Read == "" {
			empty = append(empty, c.Header)
			continue
		}
		read := c.Read
		if c.Currency != "" {
			read += fmt.Sprintf(msgInCurrency, c.Currency)
		}
		column := cmp.Or(c.Column, "–")
		t.add(brief(c.Header, headerWidth), column, becomes(c.Value, read, explainedWidth), c.How)
	}
	t.print(w)
	printNames(w, "empty", empty)
}

// maxOthers is how many other rows of an order are named.
const maxOthers = 20

func printGrouping(w io.Writer, e *explanation) {
	switch {
	case e.Reference == "":
		fmt.Fprintln(w, " ", msgNoOrder)
		return
	case e.Derived != "":
		fmt.Fprintf(w, "  "+msgOrderDerived+"\n", e.Reference, e.Derived)
	default:
		fmt.Fprintln(w, "  order", e.Reference)
	}
	if len(e.Others) == 0 {
		fmt.Fprintln(w, " ", msgOnlyRow)
		return
	}
	rows := make([]string, 0, maxOthers)
	for _, p := range e.Others[:min(maxOthers, len(e.Others))] {
		rows = append(rows, fmt.Sprint(p.Row))
	}
	more := ""
	if n := len(e.Others) - len(rows); n > 0 {
		more = fmt.Sprintf(msgAndMore, n)
	}
	fmt.Fprintf(w, "  "+msgTogether+"\n", strings.Join(rows, ", "), more)
}

func printOrder(w io.Writer, o *explainedOrder) {
	a := &o.Address
	person := strings.TrimSpace(a.FirstName + " " + a.LastName)
	title(w, msgHeadOrder)
	for _, line := range []struct{ name, value string }{
		{"product", string(o.Product)},
		{"total", o.shown},
		{wordDaysUntilDue, fmt.Sprint(o.DaysUntilDue)},
		{"invoice channel", string(o.Channel)},
		{"customer number", o.Customer},
		{"business", joined(" ", a.BusinessName, a.OrganizationNumber)},
		{"person", person},
		{"e-mail, phone", joined(", ", a.Email, a.PhoneNumber)},
		{
			"address",
			joined(", ", a.COAddress, a.AddressLine, a.AddressLine2, joined(" ", a.PostalCode, a.PostalPlace),
				a.Country),
		},
		{"their reference", joined(", ", a.CustomerReference, a.CostCenter)},
	} {
		if line.value != "" {
			fmt.Fprintf(w, "  %-16s %s\n", line.name, line.value)
		}
	}
}

// joined joins the texts that are not empty.
func joined(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), separator)
}

func printOutcome(w io.Writer, o *explainedOutcome) {
	title(w, fmt.Sprintf(msgHeadEnded, o.Account))
	fmt.Fprintln(w, " ", o.State)
	for _, line := range []struct{ name, value string }{
		{"newest run", o.Run},
		{"invoice", o.InvoiceNumber},
		{"invoice date", string(o.InvoiceDate)},
		{"due date", string(o.DueDate)},
		{"payment", o.PaymentStatus},
		{"URL", o.InvoiceURL},
		{"message", o.Message},
	} {
		if line.value != "" {
			fmt.Fprintf(w, "  %-16s %s\n", line.name, line.value)
		}
	}
	if o.Differs {
		fmt.Fprintf(w, "  "+msgDiffers+"\n", billing.FinalConflict)
	}
}
