package simulator

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

// books hold all sessions and transactions, and write the state file.
type books struct {
	mu           sync.Mutex
	log          *os.File
	logged       int64 // length of the good part of log
	numbers      int   // invoice numbers given
	sessions     shelf[*session]
	transactions shelf[*transaction]
}

// shelf holds records in the order of their creation. Positions count from 1.
type shelf[T any] struct {
	all    []T
	byID   map[string]int
	byWord map[string][]int // in order, by the other texts that lists are asked for, in lower case
}

// put adds the n-th record, or replaces it.
func (s *shelf[T]) put(record T, n int, id string, words ...string) {
	if s.byID == nil {
		s.byID, s.byWord = map[string]int{}, map[string][]int{}
	}
	if n > len(s.all) {
		s.all = append(s.all, record)
		s.byID[id] = n
	}
	s.all[n-1] = record
	for _, word := range words {
		key := strings.ToLower(word)
		if at, known := slices.BinarySearch(s.byWord[key], n); key != "" && !known {
			s.byWord[key] = slices.Insert(s.byWord[key], at, n)
		}
	}
}

// get finds by id; the zero T when unknown. The caller holds books.mu, here and below.
func (s *shelf[T]) get(id string) (record T) {
	if n := s.byID[id]; n > 0 {
		record = s.all[n-1]
	}
	return record
}

// find gives the records that have one of the words, whatever its case, or that id, in order.
func (s *shelf[T]) find(words ...string) []int {
	var found []int
	for _, word := range words {
		found = append(found, s.byWord[strings.ToLower(word)]...)
		if n := s.byID[word]; n > 0 {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// numberOf is the number of the invoice with a document, "" when there is none.
func (b *books) numberOf(file string) string {
	for _, n := range b.transactions.find(file) {
		if t := b.transactions.all[n-1]; t.File == file {
			return t.Number
		}
	}
	return ""
}

// referenceOf is the reference of the session, transaction or file with an id, "" when there is none.
func (b *books) referenceOf(id string) string {
	if s := b.sessions.get(id); s != nil {
		return s.Reference
	}
	if found := b.transactions.find(id); len(found) > 0 {
		return b.transactions.all[found[0]-1].Reference
	}
	return ""
}

// entry is one line of the state file: what one committed event left behind, and the last invoice number given.
type entry struct {
	Session     *session     `json:"session,omitempty"`
	Transaction *transaction `json:"transaction,omitempty"`
	Numbers     int          `json:"numbers"`
}

// open reads the state file and keeps it open for appending. A torn last line, left by a kill, is cut off.
func (b *books) open(path string) error {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("simulator: state: %w", err)
	}
	if err := b.replay(file); err != nil {
		return errors.Join(fmt.Errorf("simulator: state %s: %w", path, err), file.Close())
	}
	b.log = file
	return nil
}

func (b *books) replay(file *os.File) error {
	reader := bufio.NewReaderSize(file, 1<<16)
	for line := 1; ; line++ {
		data, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return file.Truncate(b.logged)
		}
		if err != nil {
			return err
		}
		var read entry
		if err := json.Unmarshal(data, &read); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if s := read.Session; s != nil && s.CreatedAt.IsZero() {
			return fmt.Errorf("line %d: another version wrote it; remove the file", line)
		}
		b.logged += int64(len(data))
		b.apply(read)
	}
}

func (b *books) apply(change entry) {
	b.numbers = change.Numbers
	if s := change.Session; s != nil {
		b.sessions.put(s, s.N, s.ID, s.TransactionID, s.Reference, s.Reference2, s.Buyer)
	}
	if t := change.Transaction; t != nil {
		b.transactions.put(t, t.N, t.ID,
			append([]string{t.SessionID, t.File, t.Reference, t.Reference2}, t.Words...)...)
	}
}

// commit makes a change durable and then visible.
func (b *books) commit(s *session, t *transaction) error {
	change := entry{Session: s, Transaction: t, Numbers: b.numbers}
	if b.log != nil {
		line := append(raw(change), '\n')
		if _, err := b.log.Write(line); err != nil {
			return errors.Join(fmt.Errorf("simulator: state: %w", err), b.log.Truncate(b.logged))
		}
		b.logged += int64(len(line))
	}
	b.apply(change)
	return nil
}

func (b *books) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.log == nil {
		return nil
	}
	file := b.log
	b.log = nil
	return file.Close()
}

// opaque turns the n-th thing of a kind into an id without visible order: the same in every run, and unique because
// the scrambling is a bijection.
func opaque(kind uint64, number int) string {
	x := uint64(number) + kind<<48 //nolint:gosec // G115: a counter
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	x ^= x >> 29
	const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	id := make([]byte, 11)
	for i := range id {
		id[i] = base58[x%uint64(len(base58))]
		x /= uint64(len(base58))
	}
	return string(id)
}
