package simulator

import (
	"os"
	"slices"
	"strings"
	"sync"
)

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
	txByWord     map[string][]int // by the other texts that search finds
	txByFile     map[string]int   // the first of a grouped invoice
}

func (b *books) apply(change entry) {
	b.numbers = change.Numbers
	if s := change.Session; s != nil {
		if s.N > len(b.sessions) {
			b.sessions = append(b.sessions, s)
			b.sessionByID[s.ID] = s.N
		}
		index(b.sessionByRef, s.N, s.Reference, s.Reference2)
		b.sessions[s.N-1] = s
	}
	if t := change.Transaction; t != nil {
		if t.N > len(b.transactions) {
			b.transactions = append(b.transactions, t)
			b.txByID[t.ID] = t.N
			index(b.txByWord, t.N, t.Words...)
		}
		index(b.txByRef, t.N, t.Reference, t.Reference2)
		b.transactions[t.N-1] = t
		if _, known := b.txByFile[t.File]; t.File != "" && !known {
			b.txByFile[t.File] = t.N
		}
	}
}

// index adds n to the positions of each text; they stay in order.
func index(positions map[string][]int, n int, texts ...string) {
	for _, text := range texts {
		key := strings.ToLower(text)
		if at, known := slices.BinarySearch(positions[key], n); key != "" && !known {
			positions[key] = slices.Insert(positions[key], at, n)
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

// referenceOf is the reference of the session, transaction or file with an id, "" when there is none.
func (b *books) referenceOf(id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.session(id); s != nil {
		return s.Reference
	}
	if n := max(b.txByID[id], b.txByFile[id]); n > 0 {
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
