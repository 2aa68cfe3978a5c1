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

// A plan's file is JSON of one canonical form: the head with a line for each value, then a line for each
// order, then a line for each approval. Any edit changes the form or a hash.
const (
	version = 2

	ordersBegin    = "  \"orders\": [\n"
	ordersEnd      = "  ],\n"
	approvalsBegin = "  \"approvals\": [\n"
	approvalsEnd   = "  ]\n"
	fileEnd        = "}\n"
	firstEntry     = "    " // in front of it
	nextEntry      = "   ,"

	maxLine = 1 << 20
	maxHead = 64 << 20
)

// encode is one value as a line of the file, with its line feed.
func encode(value any, indent string) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	err := encoder.Encode(value)
	return billing.EscapeJSON(out.Bytes()), err
}

// form is the head as it stands in the file, up to the orders.
func (h *Head) form() ([]byte, error) {
	text, err := encode(h, "  ")
	return append(bytes.TrimSuffix(text, []byte("\n}\n")), ",\n"...), err
}

// seal is the plan's identity.
func (h *Head) seal() (string, error) {
	bare := *h
	bare.SHA256 = ""
	text, err := bare.form()
	return hashOf(text), err
}

// write writes a file from its head, its orders or their lines, and its approvals.
func write[T any](to io.Writer, head *Head, orders iter.Seq2[T, error], approvals []Approval) error {
	out := bufio.NewWriter(to)
	text, err := head.form()
	if err != nil {
		return err
	}
	_, _ = out.Write(text) // Flush tells
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
	if err := writeList(out, approvalsBegin, signed, approvalsEnd); err != nil {
		return err
	}
	_, _ = out.WriteString(fileEnd) // Flush tells
	return out.Flush()
}

func writeList[T any](out *bufio.Writer, begin string, entries iter.Seq2[T, error], end string) error {
	_, _ = out.WriteString(begin) // Flush tells
	prefix := firstEntry
	for entry, err := range entries {
		if err != nil {
			return err
		}
		line, err := encode(entry, "")
		if err != nil {
			return err
		}
		_, _ = out.WriteString(prefix) // Flush tells
		_, _ = out.Write(line)         // Flush tells
		prefix = nextEntry
	}
	_, err := out.WriteString(end)
	return err
}

// reader reads a file's lines.
type reader struct {
	*bufio.Reader
	at int64 // how many bytes were read
}

func newReader(r io.Reader) *reader { return &reader{Reader: bufio.NewReaderSize(r, maxLine)} }

// line is the next line with its line feed, good until the next call.
func (r *reader) line() ([]byte, error) {
	line, err := r.ReadSlice('\n')
	r.at += int64(len(line))
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		return nil, errForm
	}
	return line, err
}

// head reads up to the first order.
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

// knownVersion refuses the forms of other versions of the program, by the line that tells it.
func knownVersion(line string) error {
	var n int
	if _, err := fmt.Sscanf(line, `  "version": %d,`, &n); err != nil ||
		line != fmt.Sprintf("  \"version\": %d,\n", n) {
		return errForm
	}
	if n != version {
		return refusal(fmt.Sprintf("plan format %d is not supported by this version; create a new plan", n))
	}
	return nil
}

// list gives entries, with their line feeds, up to the end of their list. An error is the last thing yielded.
func (r *reader) list(end string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for prefix := firstEntry; ; prefix = nextEntry {
			line, err := r.line()
			if err == nil && string(line) == end {
				return
			}
			entry, ok := bytes.CutPrefix(line, []byte(prefix))
			if err == nil && !ok {
				err = errForm
			}
			if !yield(entry, err) || err != nil {
				return
			}
		}
	}
}

// orders gives the lines of the orders, which must have the head's hash, each good until the next.
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

// expect reads a line that must be the one given.
func (r *reader) expect(text string) error {
	line, err := r.line()
	if err == nil && string(line) != text {
		err = errForm
	}
	return err
}

// approvals reads the rest of the file. Each must be sealed for the plan.
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
			return nil, refusal(fmt.Sprintf("the approval by %q was edited or belongs to another plan", a.By))
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
