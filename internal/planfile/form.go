package planfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"kraviabatch/internal/billing"
)

// A plan's file is JSON with one byte form: the head with one value a line, then one order a line, then one
// approval a line. Any edit breaks the form or a hash.
const (
	version = 2

	ordersBegin    = "  \"orders\": [\n"
	ordersEnd      = "  ],\n"
	approvalsBegin = "  \"approvals\": [\n"
	approvalsEnd   = "  ]\n"
	fileEnd        = "}\n"
	firstPrefix    = "    " // stands before the first order or approval
	nextPrefix     = "   ," // stands before each further one

	maxLine = 1 << 20  // bytes; no order comes near it
	maxHead = 64 << 20 // bytes; a file that is no plan is not read into memory without end
)

// encode returns a value as JSON with a line feed at its end; without an indent it is one line.
func encode(value any, indent string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	err := encoder.Encode(value)
	return billing.EscapeJSON(out.Bytes()), err
}

// form returns the head as it stands in the file, up to the orders.
func (h *Head) form() ([]byte, error) {
	text, err := encode(h, "  ")
	return append(bytes.TrimSuffix(text, []byte("\n}\n")), ",\n"...), err
}

// seal returns the plan's identity, for [Head.SHA256].
func (h *Head) seal() (string, error) {
	bare := *h
	bare.SHA256 = ""
	text, err := bare.form()
	return hashOf(text), err
}

// write writes a plan's file. T is [Order] for a draft, and a line of JSON for a plan that is copied.
func write[T any](to io.Writer, head *Head, orders iter.Seq2[T, error], approvals []Approval) error {
	out := bufio.NewWriter(to)
	text, err := head.form()
	if err != nil {
		return err
	}
	_, _ = out.Write(text) // Flush returns the first error of all writes
	if err := writeList(out, ordersBegin, orders, ordersEnd); err != nil {
		return err
	}
	signed := func(yield func(Approval, error) bool) {
		for _, a := range approvals {
			if !yield(a, nil) {
				return
			}
		}
	}
	if err := writeList(out, approvalsBegin, signed, approvalsEnd+fileEnd); err != nil {
		return err
	}
	return out.Flush()
}

// writeList writes a list with one item a line. Errors of writing are left to the caller's Flush.
func writeList[T any](out *bufio.Writer, begin string, items iter.Seq2[T, error], end string) error {
	_, _ = out.WriteString(begin)
	prefix := firstPrefix
	for item, err := range items {
		if err != nil {
			return err
		}
		line, err := encode(item, "")
		if err != nil {
			return err
		}
		_, _ = out.WriteString(prefix)
		_, _ = out.Write(line)
		prefix = nextPrefix
	}
	_, err := out.WriteString(end)
	return err
}

// reader reads the lines of a plan's file and refuses with errForm what does not have the form.
type reader struct {
	*bufio.Reader
	at int64 // number of bytes read so far
}

func newReader(r io.Reader) *reader { return &reader{Reader: bufio.NewReaderSize(r, maxLine)} }

// line returns the next line with its line feed. The bytes are valid until the next call.
func (r *reader) line() ([]byte, error) {
	line, err := r.ReadSlice('\n')
	r.at += int64(len(line))
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		return nil, errForm
	}
	return line, err
}

// head reads the head, up to the first order, and checks its form and its hash.
func (r *reader) head() (h Head, err error) {
	var text []byte
	for n := 0; ; n++ {
		line, err := r.line()
		if err != nil {
			return h, err
		}
		if string(line) == ordersBegin {
			break
		}
		if text = append(text, line...); len(text) > maxHead || n == 0 && string(line) != "{\n" {
			return h, errForm
		}
		if n == 1 {
			if err := knownVersion(string(line)); err != nil {
				return h, err
			}
		}
	}
	closed := append(bytes.TrimSuffix(bytes.Clone(text), []byte(",\n")), "\n}"...)
	if json.Unmarshal(closed, &h) != nil {
		return h, errForm
	}
	again, err := h.form()
	if err != nil {
		return h, err
	}
	sum, err := h.seal()
	if err == nil && (!bytes.Equal(text, again) || sum != h.SHA256) {
		err = errForm
	}
	return h, err
}

// knownVersion refuses a plan with another version of the form. The line is the file's second one.
func knownVersion(line string) error {
	var n int
	if _, err := fmt.Sscanf(line, `  "version": %d,`, &n); err != nil ||
		line != fmt.Sprintf("  \"version\": %d,\n", n) {
		return errForm
	}
	if n != version {
		return refusal(fmt.Sprintf(msgVersion, n, hintNew))
	}
	return nil
}

// list yields the lines of a list without their prefixes, up to the line that ends it. After an error nothing more is
// yielded.
func (r *reader) list(end string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for prefix := firstPrefix; ; prefix = nextPrefix {
			line, err := r.line()
			if err == nil && string(line) == end {
				return
			}
			item, ok := bytes.CutPrefix(line, []byte(prefix))
			if err == nil && !ok {
				err = errForm
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// orders yields the lines of the orders. The bytes of a line are valid until the next one. When their hash is not the
// one in the head, errForm comes last: a caller must read to the end before it trusts any order.
func (r *reader) orders(h *Head) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		sum := sha256.New()
		for line, err := range r.list(ordersEnd) {
			_, _ = sum.Write(line) // never fails
			if !yield(line, err) || err != nil {
				return
			}
		}
		if hex.EncodeToString(sum.Sum(nil)) != h.OrdersSHA256 {
			yield(nil, errForm)
		}
	}
}

// expect reads one line, which must be the given text.
func (r *reader) expect(text string) error {
	line, err := r.line()
	if err == nil && string(line) != text {
		err = errForm
	}
	return err
}

// approvals reads the approvals and the end of the file. Each approval must carry the plan's hash and its own seal.
func (r *reader) approvals(h *Head) (approvals []Approval, err error) {
	if err := r.expect(approvalsBegin); err != nil {
		return nil, err
	}
	for line, err := range r.list(approvalsEnd) {
		if err != nil {
			return nil, err
		}
		var a Approval
		if json.Unmarshal(line, &a) != nil {
			return nil, errForm
		}
		again, err := encode(&a, "")
		switch {
		case err != nil:
			return nil, err
		case !bytes.Equal(again, line):
			return nil, errForm
		case a.Plan != h.SHA256 || a.Seal != a.seal():
			return nil, refusal(fmt.Sprintf(msgApprovalEdited, a.By))
		}
		approvals = append(approvals, a)
	}
	if err := r.expect(fileEnd); err != nil {
		return nil, err
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, errForm
	}
	return approvals, nil
}
