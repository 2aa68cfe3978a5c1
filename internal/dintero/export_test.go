package dintero

// ParseTransaction reads the provider's JSON of one transaction. Missing, renamed and additional fields are no error;
// only what is no JSON object is.
func ParseTransaction(data []byte) (*Transaction, error) {
	w, err := decode[wire](data)
	if err != nil {
		return nil, err
	}
	return w.transaction(), nil
}
