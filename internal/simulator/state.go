package simulator

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// entry is one line of the state file: what one committed event left behind, and the last invoice number given.
type entry struct {
	Session     *session     `json:"session,omitempty"`
	Transaction *transaction `json:"transaction,omitempty"`
	Numbers     int          `json:"numbers"`
}

// open reads the state file and keeps it open for appending. A torn last line, left by a kill, is cut off.
func (b *books) open(account, path string) error {
	b.account = account
	b.sessionByID, b.sessionByRef = map[string]int{}, map[string][]int{}
	b.txByID, b.txByRef, b.txByFile = map[string]int{}, map[string][]int{}, map[string]int{}
	b.txByWord = map[string][]int{}
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
		if s := read.Session; s != nil && len(s.Order) == 0 {
			return fmt.Errorf("line %d: another version wrote it, in which CAPTURED did not mean paid; remove the file", line)
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
