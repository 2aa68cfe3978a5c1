package intake

import "kraviabatch/internal/billing"

// Headers are expressions as a profile has them.
func Headers(texts map[billing.Column]string) map[billing.Column]*Expression {
	columns := map[billing.Column]*Expression{}
	for c, text := range texts {
		x, mistake := parseExpression(text, nil, c.Kind())
		if mistake != nil {
			panic(mistake)
		}
		columns[c] = x
	}
	return columns
}
