package billing

import "fmt"

// OtherPeriod is the problem of an order that an earlier run planned for another period, YYYY-MM or "" for
// none, than the run that has its row now. state is where the order stands.
func OtherPeriod(place Place, reference string, state State, earlier, now string) Problem {
	words := []string{"column", ColOrderReference.String(), "reference", reference, "done", done(state)}
	if earlier == "" {
		words = append(words, "was", "without a period")
	} else {
		words = append(words, "was", "for period "+earlier)
	}
	if now == "" {
		words = append(words, "is", "has no period", "again", "for this run", "such",
			fmt.Sprintf("; if it is the file of %[1]s again, use --period %[1]s", earlier))
	} else {
		words = append(words, "is", "is for period "+now, "again", "for "+now, "such",
			fmt.Sprintf(", such as this one with %s in front; if not, there is nothing to do", now))
	}
	p := NewProblem(CodeOtherPeriod, reference, words...)
	p.Place = place
	return p
}

// done is what an order's earlier run did with it.
func done(state State) string {
	switch state {
	case Invoiced:
		return "invoiced"
	case Registered:
		return "registered"
	case Voided:
		return "invoiced and cancelled"
	case Sending, InDoubt, Conflict:
		return "sent"
	case Planned, Rejected, Failed:
	}
	return "planned"
}
