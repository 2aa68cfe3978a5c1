package planfile

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"time"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/journal"
)

// Scratch is a working file, empty at first.
type Scratch interface {
	io.Writer
	io.ReaderAt
}

// Draft is a plan that is being made. Its orders are in a working file.
type Draft struct {
	Head
	Earlier map[billing.Final]int // orders that the state of the journal keeps from being sent, by state
	scratch Scratch
	out     *bufio.Writer
	sum     hash.Hash // of the orders
	month   *comparison
}

// New starts a plan by a person, whose impossible name is [ErrName]. Version, Made, control totals and hashes of the head are
// filled in.
func New(head Head, by string, scratch Scratch) (*Draft, error) {
	by, err := checkName(by)
	if err != nil {
		return nil, err
	}
	head.Version, head.By, head.Made = version, by, time.Now().UTC().Truncate(time.Second)
	return &Draft{Head: head, Earlier: map[billing.Final]int{}, scratch: scratch, out: bufio.NewWriterSize(scratch, 1<<16), sum: sha256.New()}, nil
}

// Add takes the next order, in the order in which the input makes them.
func (d *Draft) Add(m *Made) error {
	d.count(m)
	line, err := encode(&m.Order, "")
	if err != nil {
		return fmt.Errorf("order %s: %w", m.Reference, err)
	}
	_, _ = d.sum.Write(line) // never fails
	var found []byte
	if m.Found != (Found{Final: billing.FinalNotAttempted}) {
		if found, err = json.Marshal(&m.Found); err != nil {
			return fmt.Errorf("order %s: %w", m.Reference, err)
		}
	}
	_, err = fmt.Fprintf(d.out, "%s\t%d\t%s\t%s\n", m.Reference, m.Rows, bytes.TrimSuffix(line, []byte("\n")), found)
	if err != nil {
		return fmt.Errorf("write working file: %w", err)
	}
	return nil
}

func (d *Draft) count(m *Made) {
	if m.Final != billing.FinalNotAttempted {
		d.Earlier[m.Final]++
	}
	if d.month != nil && m.Final != billing.FinalConflict && (m.Send || m.Outcome.State.Live()) {
		d.month.add(m.CustomerNumber, m.Customer, m.Gross, true)
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
		c.VAT = append(c.VAT, VAT{v.Gross.Currency().Code(), v.Rate.String(), net.Minor(), v.VAT.Minor(), v.Gross.Minor()})
	}
	if d.month != nil {
		if d.LastMonth, err = d.month.result(); err != nil {
			return err
		}
	}
	d.OrdersSHA256 = hex.EncodeToString(d.sum.Sum(nil))
	if d.SHA256, err = d.seal(); err != nil {
		return err
	}
	if err := d.out.Flush(); err != nil {
		return fmt.Errorf("write working file: %w", err)
	}
	return nil
}

// Write writes the plan's file, without approvals.
func (d *Draft) Write(w io.Writer) error {
	return write(w, &d.Head, func(yield func(json.RawMessage, error) bool) {
		for fields, err := range d.lines() {
			if !yield(fields[2], err) {
				return
			}
		}
	}, nil)
}

// Orders gives the orders as they were added; it can be called again. An error is the last thing yielded.
func (d *Draft) Orders() iter.Seq2[Made, error] { return d.read(true) }

// Found gives the orders as Orders does, with no more of what the file holds than Reference and Rows.
func (d *Draft) Found() iter.Seq2[Made, error] { return d.read(false) }

func (d *Draft) read(whole bool) iter.Seq2[Made, error] {
	return func(yield func(Made, error) bool) {
		for fields, err := range d.lines() {
			m := Made{Found: Found{Final: billing.FinalNotAttempted}}
			if err == nil {
				m.Reference = string(fields[0])
				m.Rows, err = strconv.Atoi(string(fields[1]))
			}
			if err == nil && whole {
				err = json.Unmarshal(fields[2], &m.Order)
			}
			if err == nil && len(fields[3]) > 0 {
				err = json.Unmarshal(fields[3], &m.Found)
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// lines are those of the working file: reference, number of rows, the line of the plan's file, and what was found, if anything.
func (d *Draft) lines() iter.Seq2[[4][]byte, error] {
	return func(yield func([4][]byte, error) bool) {
		r := newReader(io.NewSectionReader(d.scratch, 0, math.MaxInt64))
		for range d.Control.ToSend + d.Control.Settled + d.Control.Conflicts {
			line, err := r.line()
			fields := bytes.Split(bytes.TrimSuffix(line, []byte("\n")), []byte("\t"))
			if err != nil || len(fields) != 4 {
				yield([4][]byte{}, errors.New("read working file: orders of the plan are lost"))
				return
			}
			if !yield([4][]byte(fields), nil) {
				return
			}
		}
	}
}
