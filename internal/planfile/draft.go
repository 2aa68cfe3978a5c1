package planfile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"
	"slices"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// Draft is a plan that is being made. Its orders are in a working file.
type Draft struct {
	Head
	Earlier map[billing.Final]int // orders that the state of the journal keeps from being sent, by state
	orders  *billing.Tape[DraftOrder]
	sum     hash.Hash // of the orders
}

// New starts a plan by a person, whose impossible name is [ErrName]. Version, Made, control totals and hashes
// of the head are filled in.
func New(head Head, by string, scratch billing.Scratch) (*Draft, error) {
	by, err := checkName(by)
	if err != nil {
		return nil, err
	}
	head.Version, head.By, head.Made = version, by, time.Now().UTC().Truncate(time.Second)
	return &Draft{
		Head: head, Earlier: map[billing.Final]int{}, orders: billing.NewTape[DraftOrder](scratch),
		sum: sha256.New(),
	}, nil
}

// Add takes the next order, in the order in which the input makes them.
func (d *Draft) Add(m *DraftOrder) error {
	d.count(m)
	line, err := encode(&m.Order, "")
	if err != nil {
		return fmt.Errorf("order %s: %w", m.Reference, err)
	}
	_, _ = d.sum.Write(line) // never fails
	return d.orders.Put(m)
}

func (d *Draft) count(m *DraftOrder) {
	if m.Final != billing.FinalNotAttempted {
		d.Earlier[m.Final]++
	}
	switch {
	case m.Send:
		d.Control.ToSend++
		sum := d.sumOf(m.Gross.Currency().Code())
		sum.ToSend += m.Gross.Minor() // an order has at most 2^31 minor units
		sum.ToSendVAT += m.VAT.Minor()
	case m.Final == billing.FinalConflict:
		d.Control.Conflicts++
	default:
		d.Control.Settled++
	}
}

func (d *Draft) sumOf(currency string) *Sum {
	i := slices.IndexFunc(d.Control.Money, func(s Sum) bool { return s.Currency == currency })
	if i < 0 {
		i = len(d.Control.Money)
		d.Control.Money = append(d.Control.Money, Sum{Currency: currency})
	}
	return &d.Control.Money[i]
}

// Finish adds the control totals of the whole input and seals the plan.
func (d *Draft) Finish(read journal.Control, vat []billing.VATTotal) (err error) {
	c := &d.Control
	c.Rows, c.InvalidRows, c.Orders, c.InvalidOrders = read.Rows, read.InvalidRows, read.Orders, read.InvalidOrders
	for _, total := range read.Money {
		d.sumOf(total.Currency().Code()).Total = total.Minor()
	}
	slices.SortFunc(c.Money, func(a, b Sum) int { return cmp.Compare(a.Currency, b.Currency) })
	for _, v := range vat {
		net, err := v.Gross.Sub(v.VAT)
		if err != nil {
			return fmt.Errorf("VAT of %s %%: %w", v.Rate, err)
		}
		c.VAT = append(c.VAT,
			VAT{v.Gross.Currency().Code(), v.Rate.String(), net.Minor(), v.VAT.Minor(), v.Gross.Minor()})
	}
	d.OrdersSHA256 = hex.EncodeToString(d.sum.Sum(nil))
	d.SHA256, err = d.seal()
	return err
}

// Write writes the plan's file, without approvals.
func (d *Draft) Write(w io.Writer) error {
	return write(w, &d.Head, func(yield func(*Order, error) bool) {
		for m, err := range d.Orders() {
			if !yield(&m.Order, err) {
				return
			}
		}
	}, nil)
}

// Orders gives the orders as they were added; it can be called again. An error is the last thing yielded.
func (d *Draft) Orders() iter.Seq2[DraftOrder, error] { return d.orders.All() }
