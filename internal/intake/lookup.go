package intake

import (
	"cmp"
	"fmt"
	"strings"

	"kraviabatch/internal/billing"
)

// lookup is the result of looking a register up for a row.
type lookup struct {
	done    bool
	cells   []cell
	problem billing.Problem
}

// problemError is a problem of a row: a cell cannot be read, or a key has no row in its register, or different ones.
type problemError struct{ billing.Problem }

func (e *problemError) Error() string { return e.Message }

// look gives the cells of the register's row that belongs to a row, nil for an empty key. The error is a *problemError
// or one of reading the register. Each register is looked up once per row.
func (t *madeRows) look(r *row, i int) ([]cell, error) {
	l := &t.found[i]
	if !l.done {
		l.done = true // a register that would look itself up is refused when the profile is loaded
		key, err := t.key(r, i)
		if err != nil || key == "" {
			return nil, err
		}
		if *l, err = t.joins[i].find(key); err != nil {
			return nil, err
		}
	}
	if l.problem.Code != "" {
		return nil, &problemError{l.problem}
	}
	return l.cells, nil
}

// key is the key by which a row looks a register up: of earlier rows of the order if it is the order's, and empty here.
func (t *madeRows) key(r *row, i int) (string, error) {
	j := &t.joins[i]
	switch {
	case j.by.Expression != nil:
		m, err := t.value(r, &making{known: billing.ColItemID, target: billing.Identifier, from: j.by, key: true})
		if said, bad := (&column{known: billing.ColItemID}).told(&m.cell); bad && m.problem.Code == "" {
			m.problem = *said.problem
		}
		if m.problem.Code != "" && err == nil {
			return "", unreadKey(j, &m.problem)
		}
		return keyOf(&m.cell), err
	case j.col >= madeBase:
		if err := t.make(r, j.col-madeBase); err != nil {
			return "", err
		}
	case j.col < 0:
		return j.value, nil
	}
	said := t.table.read(r, j.col)
	if said.problem != nil {
		return "", unreadKey(j, said.problem)
	}
	own := strings.TrimSpace(said.value)
	if !j.followsOrder() || r.role == aHead || len(t.identity) == 0 {
		return cmp.Or(own, j.value), nil
	}
	if before := t.order.unkeyed[i]; own != "" && before > 0 {
		why := fmt.Sprintf(msgRegisterEmptyKey, j.rule.ByColumn, before)
		return "", unreadKey(j, &billing.Problem{Value: own, Message: why, Hint: hintRegisterEmptyKey})
	}
	t.order.keys[i] = cmp.Or(own, t.order.keys[i])
	if t.order.keys[i] == "" && j.value != "" {
		t.order.unkeyed[i] = r.number
	}
	return cmp.Or(t.order.keys[i], j.value), nil
}

// unreadKey is the problem of a key that cannot be read. One of another register, on the way to it, stays as it is.
func unreadKey(j *join, p *billing.Problem) error {
	if strings.HasPrefix(string(p.Code), "register.") {
		return &problemError{*p}
	}
	e := billing.NewProblem("register.unread", p.Value, "register", j.Name, "why", p.Message, "fix", p.Hint)
	return &problemError{e}
}
