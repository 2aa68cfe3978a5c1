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
	"time"
)

// session and transaction are immutable once they are in the books: a change puts a changed copy in their place.
type session struct {
	N             int                        `json:"n"` // position in the order of creation, from 1
	ID            string                     `json:"id"`
	Reference     string                     `json:"reference"`
	Reference2    string                     `json:"reference_2,omitempty"`
	Amount        int64                      `json:"amount"`
	Currency      string                     `json:"currency"`
	Items         json.RawMessage            `json:"items"`
	Address       json.RawMessage            `json:"address,omitempty"`
	Configuration *configuration             `json:"configuration,omitempty"`
	ProfileID     string                     `json:"profile_id,omitempty"`
	Metadata      map[string]json.RawMessage `json:"metadata,omitempty"`
	Headers       json.RawMessage            `json:"headers,omitempty"` // who called: the documented system headers
	Created       time.Time                  `json:"created"`
	Visible       time.Time                  `json:"visible"` // in lists from then on
	Expires       time.Time                  `json:"expires,omitzero"`
	Cancelled     time.Time                  `json:"cancelled,omitzero"`
	Transaction   string                     `json:"transaction,omitempty"`
	Authorized    bool                       `json:"authorized,omitempty"` // was successfully authorized once
	Events        []sessionEvent             `json:"events"`
}

type sessionEvent struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

type transaction struct {
	N           int       `json:"n"` // position in the order of creation, from 1
	ID          string    `json:"id"`
	Session     string    `json:"session"`
	Reference   string    `json:"reference"`
	Reference2  string    `json:"reference_2,omitempty"`
	Amount      int64     `json:"amount"`
	Paid        int64     `json:"paid,omitempty"`
	Currency    string    `json:"currency"`
	Product     string    `json:"product"`
	Channel     string    `json:"channel,omitempty"`
	Days        int       `json:"days"`
	Status      string    `json:"status"`
	Captured    bool      `json:"captured,omitempty"` // collection has been started
	Group       string    `json:"group,omitempty"`    // grouped purchases of one group share an invoice
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
	Visible     time.Time `json:"visible"`          // in lists from then on
	Held        time.Time `json:"held,omitzero"`    // ON_HOLD until then; zero: for ever
	Late        bool      `json:"late,omitempty"`   // its number waits for Issue, as a grouped one's does
	Numbered    time.Time `json:"shown,omitzero"`   // the number shows from then on
	Base        string    `json:"base"`             // scheme and host of its URLs
	Number      string    `json:"number,omitempty"` // invoice number
	File        string    `json:"file,omitempty"`
	InvoiceDate string    `json:"invoice_date,omitempty"`
	DueDate     string    `json:"due_date,omitempty"`
	Events      []event   `json:"events"`
}

type event struct {
	Kind   string    `json:"kind"`
	Status string    `json:"status"` // of the transaction after it
	Amount int64     `json:"amount"`
	At     time.Time `json:"at"`
	Dated  bool      `json:"dated,omitempty"`  // shows the invoice's number and dates
	Reason string    `json:"reason,omitempty"` // of a failure
}

// live says whether a customer owes this: created, and neither failed nor voided.
func (t *transaction) live() bool {
	return t.Status != statusFailed && t.Status != statusVoided
}

// entry is one line of the state file: what one committed event left behind, and the last invoice number given.
type entry struct {
	Session     *session     `json:"session,omitempty"`
	Transaction *transaction `json:"transaction,omitempty"`
	Numbers     int          `json:"numbers"`
}

// books hold all sessions and transactions with their indexes, and write the state file.
type books struct {
	account string

	mu           sync.Mutex
	log          *os.File
	logged       int64 // length of the good part of log
	numbers      int   // invoice numbers given
	sessions     []*session
	transactions []*transaction
	sessionByID  map[string]int
	txByID       map[string]int
	sessionByRef map[string][]int // by lower-case reference, of both kinds
	txByRef      map[string][]int
	txByFile     map[string]int // the first of a grouped invoice
}

// open reads the state file and keeps it open for appending. A torn last line, left by a kill, is cut off.
func (b *books) open(account, path string) error {
	b.account = account
	b.sessionByID, b.sessionByRef = map[string]int{}, map[string][]int{}
	b.txByID, b.txByRef, b.txByFile = map[string]int{}, map[string][]int{}, map[string]int{}
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
		b.logged += int64(len(data))
		b.apply(read)
	}
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

// commit makes a change durable and then visible. The caller holds b.mu.
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

func (b *books) apply(change entry) {
	b.numbers = change.Numbers
	if s := change.Session; s != nil {
		if s.N > len(b.sessions) {
			b.sessions = append(b.sessions, s)
			b.sessionByID[s.ID] = s.N
			index(b.sessionByRef, s.N, s.Reference, s.Reference2)
		}
		b.sessions[s.N-1] = s
	}
	if t := change.Transaction; t != nil {
		if t.N > len(b.transactions) {
			b.transactions = append(b.transactions, t)
			b.txByID[t.ID] = t.N
			index(b.txByRef, t.N, t.Reference, t.Reference2)
		}
		b.transactions[t.N-1] = t
		if _, known := b.txByFile[t.File]; t.File != "" && !known {
			b.txByFile[t.File] = t.N
		}
	}
}

func index(positions map[string][]int, n int, references ...string) {
	for _, reference := range references {
		key := strings.ToLower(reference)
		if known := positions[key]; reference != "" && !slices.Contains(known, n) {
			positions[key] = append(known, n)
		}
	}
}

// name numbers a new session and gives it its id. The caller holds b.mu.
func (b *books) name(s *session) {
	s.N = len(b.sessions) + 1
	s.ID = b.account + "." + opaque(1, s.N)
}

// nameTransaction numbers a new transaction and gives it its id. The caller holds b.mu.
func (b *books) nameTransaction(t *transaction) {
	t.N = len(b.transactions) + 1
	t.ID = b.account + "." + opaque(2, t.N)
}

// session finds by id; nil when unknown. The caller holds b.mu.
func (b *books) session(id string) *session {
	if n := b.sessionByID[id]; n > 0 {
		return b.sessions[n-1]
	}
	return nil
}

// transaction finds by id; nil when unknown. The caller holds b.mu.
func (b *books) transaction(id string) *transaction {
	if n := b.txByID[id]; n > 0 {
		return b.transactions[n-1]
	}
	return nil
}

// taken is the duplicate guard: whether any session, or any once authorized session, has the reference. The caller
// holds b.mu.
func (b *books) taken(reference string, authorizedOnly bool) bool {
	return slices.ContainsFunc(b.sessionByRef[strings.ToLower(reference)], func(n int) bool {
		s := b.sessions[n-1]
		return s.Reference == reference && (s.Authorized || !authorizedOnly)
	})
}

func (b *books) referenceOfSession(id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.session(id); s != nil {
		return s.Reference
	}
	return ""
}

func (b *books) referenceOfTransaction(id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.transaction(id); t != nil {
		return t.Reference
	}
	return ""
}

func (b *books) referenceOfFile(id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := b.txByFile[id]; n > 0 {
		return b.transactions[n-1].Reference
	}
	return ""
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
