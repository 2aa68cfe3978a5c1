package billing

import "fmt"

// OtherPeriod is the warning that an earlier run had the order for another period than the current run. The periods are
// YYYY-MM, "" for none. state is where the order stands.
func OtherPeriod(place Place, reference string, state State, earlier, now string) Problem {
	words := []string{"column", ColOrderReference.String(), "reference", reference, "done", done(state)}
	if earlier == "" {
		words = append(words, "was", msgWithoutPeriod)
	} else {
		words = append(words, "was", fmt.Sprintf(msgForPeriod, earlier))
	}
	if now == "" {
		words = append(words, "is", msgHasNoPeriod, "again", msgThisRun, "such",
			fmt.Sprintf(hintSamePeriod, earlier))
	} else {
		words = append(words, "is", fmt.Sprintf(msgIsForPeriod, now), "again", "for "+now, "such",
			fmt.Sprintf(hintNewReference, now))
	}
	p := NewProblem(CodeOtherPeriod, reference, words...)
	p.Place = place
	return p
}

// done is what the earlier run did with the order.
func done(state State) string {
	switch state {
	case Invoiced:
		return "invoiced"
	case Registered:
		return "registered"
	case Voided:
		return msgCancelled
	case Sending, InDoubt, Conflict:
		return "sent"
	case Planned, Rejected, Failed:
	}
	return "planned"
}
