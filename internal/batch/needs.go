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

// need is what an order needs of the account. A need without product is one for a channel alone.
type need struct {
	product  billing.Product
	currency string
	channel  billing.Channel
}

// needs are the orders that the provider has still to be asked about, by what they need.
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

// askTimeout is the longest wait for what the account is set up for: orders can be sent without knowing.
const askTimeout = 5 * time.Second

// askAccount tells what the run's orders need and the account lacks, as far as the provider says so plainly.
// The run goes on whatever the answer is: each order's own answer decides.
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

// lacks names each product in a currency, and each channel, that orders need and the account has not.
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
		what := fmt.Sprintf("the product %s in %s", n.product, n.currency)
		if n.product == "" {
			what = "the invoice channel " + string(n.channel)
		}
		notices = append(notices,
			fmt.Sprintf("the provider says that the account does not have %s: orders of this run that need it: %d; "+
				"the run goes on; if they are rejected, ask Dintero to enable it", what, missing[n]))
	}
	return notices
}
