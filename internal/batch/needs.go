package batch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/dintero"
	"kraviabatch/internal/dispatch"
	"kraviabatch/internal/journal"
)

// need is what an order needs the account to have: a product in a currency, and a channel. A need without a product is
// one for a channel alone.
type need struct {
	product  billing.Product
	currency string
	channel  billing.Channel
}

// needs counts the orders that are to be sent, by what they need.
type needs map[need]int

func (n needs) add(p *journal.Entry) {
	n[need{p.Product, p.Gross.Currency().Code(), p.Channel}]++
}

func (n needs) orders() (orders int) {
	for _, number := range n {
		orders += number
	}
	return orders
}

// askTimeout is how long the run waits to learn what the account has. Orders can be sent without knowing.
const askTimeout = 5 * time.Second

// askAccount asks the provider what the account has, and gives a notice for each need that it lacks. The run goes on
// whatever the answer is: the provider's answer to each order decides.
func (s *Settings) askAccount(ctx context.Context, client *dintero.Client, wanted needs) []string {
	if len(wanted) == 0 {
		return nil
	}
	open, shut := dispatch.Until(ctx, s.Stop)
	defer shut()
	timed, cancel := context.WithTimeout(open, askTimeout)
	defer cancel()
	checkout, err := client.Checkout(timed)
	if err != nil {
		s.logger().Debug("the account's products are not known", "error", err)
		return nil
	}
	return lacks(checkout, wanted)
}

// lacks gives a notice for each product in a currency, and each channel, that orders need and the account does not
// have.
func lacks(checkout *dintero.Checkout, wanted needs) (notices []string) {
	missing := needs{}
	for n, orders := range wanted {
		if !checkout.Offers(n.product, n.currency) {
			missing[need{product: n.product, currency: n.currency}] += orders
		}
		if n.channel != "" && !checkout.Delivers(n.channel) {
			missing[need{channel: n.channel}] += orders
		}
	}
	byName := func(a, b need) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.currency, b.currency),
			cmp.Compare(a.channel, b.channel))
	}
	for _, n := range slices.SortedFunc(maps.Keys(missing), byName) {
		what := fmt.Sprintf(msgProductIn, n.product, n.currency)
		if n.product == "" {
			what = fmt.Sprintf(msgInvoiceChannel, n.channel)
		}
		notices = append(notices, fmt.Sprintf(msgAccountLacks, what, missing[n]))
	}
	return notices
}
