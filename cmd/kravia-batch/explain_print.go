package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"kraviabatch/internal/billing"
)

// printExplanation writes an explanation for a person, in the order in which a row goes through the program.
func printExplanation(w io.Writer, e *explanation) {
	where := fmt.Sprintf("%s row %d", e.File, e.Row)
	if e.Sheet != "" {
		where = fmt.Sprintf("%s, sheet %s, row %d", e.File, e.Sheet, e.Row)
	}
	fmt.Fprintln(w, where)
	title(w, "read (header, column, cell as the file has it → as it was read)")
	printCells(w, e.Cells)
	title(w, "grouped")
	printGrouping(w, e)
	title(w, "taxed")
	if e.Tax == nil {
		fmt.Fprintln(w, "  not computed: see the problems")
	} else {
		fmt.Fprintf(w, "  %s at %s %%\n", e.Tax.shown, e.Tax.Rate)
		fmt.Fprintln(w, " ", e.Tax.Formula)
	}
	if e.Order != nil {
		printOrder(w, e.Order)
		title(w, "sent as this item of the order's request")
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
		fmt.Fprintln(w, "    fix:", p.Hint)
	}
	switch {
	case len(e.Problems) == 0:
		fmt.Fprintln(w, "  none")
	case e.Order == nil:
		fmt.Fprintln(w, "  the order is not sent")
	}
	if e.Outcome != nil {
		printOutcome(w, e.Outcome)
	}
}

func printCells(w io.Writer, cells []explainedCell) {
	var headers, columns int
	for _, c := range cells {
		headers, columns = max(headers, utf8.RuneCountInString(c.Header)), max(columns, len(c.Column))
	}
	headers, columns = min(headers, 40), max(columns, len("(passed on)"))
	for _, c := range cells {
		column, value := cmp.Or(c.Column, "(passed on)"), c.Value
		switch {
		case c.Value == "" && c.Read == "":
			continue
		case c.Column != "" && c.Read != c.Value:
			value = fmt.Sprintf("%q → %q", c.Value, c.Read)
		}
		fmt.Fprintf(w, "  %-*s  %-*s  %s\n", headers, c.Header, columns, column, value)
	}
	empty := slices.DeleteFunc(slices.Clone(cells), func(c explainedCell) bool { return c.Value != "" || c.Read != "" })
	if len(empty) > 0 {
		names := make([]string, len(empty))
		for i, c := range empty {
			names[i] = c.Header
		}
		fmt.Fprintln(w, "  empty:", strings.Join(names, ", "))
	}
}

// maxSisters is how many other rows of an order are named.
const maxSisters = 20

func printGrouping(w io.Writer, e *explanation) {
	switch {
	case e.Reference == "":
		fmt.Fprintln(w, "  in no order: the row has no reference")
		return
	case e.Derived != "":
		fmt.Fprintf(w, "  order %s, derived from %s\n", e.Reference, e.Derived)
	default:
		fmt.Fprintln(w, "  order", e.Reference)
	}
	if len(e.Sisters) == 0 {
		fmt.Fprintln(w, "  the only row of its order")
		return
	}
	rows := make([]string, 0, maxSisters)
	for _, p := range e.Sisters[:min(maxSisters, len(e.Sisters))] {
		rows = append(rows, fmt.Sprint(p.Row))
	}
	more := ""
	if n := len(e.Sisters) - len(rows); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	fmt.Fprintf(w, "  together with row %s%s\n", strings.Join(rows, ", "), more)
}

func printOrder(w io.Writer, o *explainedOrder) {
	a := &o.Address
	person := strings.TrimSpace(a.FirstName + " " + a.LastName)
	title(w, "normalised, the order as a whole")
	for _, line := range []struct{ name, value string }{
		{"product", string(o.Product)},
		{"total", o.shown},
		{"days until due", fmt.Sprint(o.DaysUntilDue)},
		{"invoice channel", string(o.Channel)},
		{"customer number", o.Customer},
		{"business", joined(" ", a.BusinessName, a.OrganizationNumber)},
		{"person", person},
		{"e-mail, phone", joined(", ", a.Email, a.PhoneNumber)},
		{"address", joined(", ", a.COAddress, a.AddressLine, a.AddressLine2, joined(" ", a.PostalCode, a.PostalPlace), a.Country)},
		{"their reference", joined(", ", a.CustomerReference, a.CostCenter)},
	} {
		if line.value != "" {
			fmt.Fprintf(w, "  %-16s %s\n", line.name, line.value)
		}
	}
}

// joined puts a separator between the texts that there are.
func joined(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), separator)
}

func printOutcome(w io.Writer, o *explainedOutcome) {
	title(w, "ended, in the journal of "+o.Account)
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
		fmt.Fprintf(w, "  the journal has this reference with other content than the file: as it stands here the order would be a %s\n", billing.FinalConflict)
	}
}
