package billing

// Decide is what a run does with an order whose reference is stored already, with the same content or with another. replace is
// true where the run's own order takes the place of the stored one: only where certainly nothing was sent, or nothing came of it.
func Decide(stored State, sameContent bool) (verdict Verdict, replace bool) {
	switch stored {
	case Planned, Failed, Rejected:
		return ToSend, true
	case Sending, InDoubt:
		if sameContent {
			return ToSend, false
		}
	case Registered, Invoiced, Voided, Conflict:
		if sameContent {
			return Already, false
		}
	}
	return Mismatched, false
}
