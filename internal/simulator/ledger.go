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

// ledger holds all sessions and transactions in memory, and appends every change to the state file. A change is in the
// file before it is visible, so that a restart never forgets what a client has seen.
type ledger struct {
	mu           sync.Mutex
	log          *os.File
	logged       int64 // length in bytes of what was written to log entirely
	numbers      int   // how many invoice numbers were given
	sessions     shelf[*session]
	transactions shelf[*transaction]
}

// shelf holds records in the order of their creation. Positions count from 1.
type shelf[T any] struct {
	all    []T
	byID   map[string]int
	byWord map[string][]int // positions in order, by the other texts that a list can be filtered by, in lower case
}

// put adds the n-th record, or replaces it. The words find it, too.
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

// get finds a record by its id, the zero T for an unknown one. The caller holds ledger.mu, here and below.
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

// numberOf is the number of the invoice whose document has the id, "" for none.
func (l *ledger) numberOf(file string) string {
	for _, n := range l.transactions.find(file) {
		if t := l.transactions.all[n-1]; t.File == file {
			return t.Number
		}
	}
	return ""
}

// referenceOf is the merchant reference of the session, transaction or file with an id, "" for none.
func (l *ledger) referenceOf(id string) string {
	if s := l.sessions.get(id); s != nil {
		return s.Reference
	}
	if found := l.transactions.find(id); len(found) > 0 {
		return l.transactions.all[found[0]-1].Reference
	}
	return ""
}

// entry is one line of the state file: the session and the transaction as one change left them, and how many invoice
// numbers were given.
type entry struct {
	Session     *session     `json:"session,omitempty"`
	Transaction *transaction `json:"transaction,omitempty"`
	Numbers     int          `json:"numbers"`
}

// open reads the state file and keeps it open for appending. It cuts off an incomplete last line, which a killed
// process leaves.
func (l *ledger) open(path string) error {
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("simulator: state: %w", err)
	}
	if err := l.replay(file); err != nil {
		return errors.Join(fmt.Errorf("simulator: state %s: %w", path, err), file.Close())
	}
	l.log = file
	return nil
}

func (l *ledger) replay(file *os.File) error {
	reader := bufio.NewReaderSize(file, 1<<16)
	for line := 1; ; line++ {
		data, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return file.Truncate(l.logged)
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
		l.logged += int64(len(data))
		l.apply(read)
	}
}

func (l *ledger) apply(change entry) {
	l.numbers = change.Numbers
	if s := change.Session; s != nil {
		l.sessions.put(s, s.N, s.ID, s.TransactionID, s.Reference, s.Reference2, s.Buyer)
	}
	if t := change.Transaction; t != nil {
		l.transactions.put(t, t.N, t.ID,
			append([]string{t.SessionID, t.File, t.Reference, t.Reference2}, t.Words...)...)
	}
}

// commit writes a change to the state file, and then makes it visible.
func (l *ledger) commit(s *session, t *transaction) error {
	change := entry{Session: s, Transaction: t, Numbers: l.numbers}
	if l.log != nil {
		line := append(raw(change), '\n')
		if _, err := l.log.Write(line); err != nil {
			return errors.Join(fmt.Errorf("simulator: state: %w", err), l.log.Truncate(l.logged))
		}
		l.logged += int64(len(line))
	}
	l.apply(change)
	return nil
}

func (l *ledger) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.log == nil {
		return nil
	}
	file := l.log
	l.log = nil
	return file.Close()
}

// opaque turns the n-th thing of a kind into an id. Ids show no order, are the same in every run, and are unique,
// because the scrambling is a bijection.
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
