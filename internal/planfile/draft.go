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

// Draft is a plan that is being made. Its orders wait in a working file, so memory does not grow with them.
type Draft struct {
	Head
	Earlier map[billing.Final]int // number of orders that an earlier run has and that are not sent, by state
	orders  *billing.Tape[DraftOrder]
	sum     hash.Hash // of the orders
}

// New starts a draft by the author's name; a name that cannot be used is [ErrName]. The caller gives the head
// without version, time, control totals and hashes, which the draft fills in. After New come [Draft.Add] for each
// order, [Draft.Finish] and [Draft.Write].
func New(head Head, by string, scratch billing.Scratch) (*Draft, error) {
	by, err := checkName(by)
	if err != nil {
		return nil, err
	}
	head.Version, head.By, head.Made = version, by, time.Now().UTC().Truncate(time.Second)
	return &Draft{head, map[billing.Final]int{}, billing.NewTape[DraftOrder](scratch), sha256.New()}, nil
}

// Add adds the next order. Orders are added in the sequence in which the input makes them, since
// [File.SameOrders] compares them in that sequence.
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
		// An order has at most 2^31 minor units, so the sum of any real file fits.
		sum.ToSend += m.Gross.Minor()
		sum.ToSendVAT += m.VAT.Minor()
	case m.Final == billing.FinalConflict:
		d.Control.Conflicts++
	default:
		d.Control.Concluded++
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

// Finish adds the control totals and the VAT of the complete input, and seals the plan: no order may be added after it.
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

// Write writes the file of a finished draft, without approvals.
func (d *Draft) Write(w io.Writer) error {
	return write(w, &d.Head, func(yield func(*Order, error) bool) {
		for m, err := range d.Orders() {
			if !yield(&m.Order, err) {
				return
			}
		}
	}, nil)
}

// Orders yields the orders in the sequence in which they were added. It can be called again. After an error
// nothing more is yielded.
func (d *Draft) Orders() iter.Seq2[DraftOrder, error] { return d.orders.All() }
