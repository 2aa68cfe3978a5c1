package billing

// ProblemGroup counts the problems of one code and severity with the same hint.
type ProblemGroup struct {
	Code     Code
	Severity Severity
	Hint     string // "" if the problems have different hints
	Count    int
	First    []Problem // the first few, as examples
}

const (
	shownProblems = 5  // how many problems of a group are kept
	maxHints      = 20 // groups with a hint for one code and severity; further hints share a group without one
)

// Waits reports whether the group's rows are correct and only wait for another row of their order or file. Such a group
// is shown after the other errors.
func (g *ProblemGroup) Waits() bool { return waits(g.Code) }

func waits(code Code) bool { return code == CodeOrderIncomplete || code == CodeOrderHeld }

// ProblemGroups counts problems by group. It keeps only a few of each, so that its memory does not grow with their
// number. The zero value is ready.
type ProblemGroups struct {
	all    []*ProblemGroup
	groups map[groupKey]*ProblemGroup
	hints  map[groupKey]int // by key without the hint: how many groups with a hint there are
}

type groupKey struct {
	code     Code
	severity Severity
	hint     string
}

// Add counts a problem and returns its group.
func (g *ProblemGroups) Add(p *Problem) *ProblemGroup {
	group := g.Of(p)
	if group == nil {
		group = g.open(p)
	}
	group.Count++
	if len(group.First) < shownProblems {
		group.First = append(group.First, *p)
	}
	return group
}

// Of is the group of a problem that was added, nil for any other problem.
func (g *ProblemGroups) Of(p *Problem) *ProblemGroup {
	if group := g.groups[keyOf(p)]; group != nil {
		return group
	}
	return g.groups[groupKey{code: p.Code, severity: p.Severity}]
}

// All lists the groups in the order of their first problems.
func (g *ProblemGroups) All() []*ProblemGroup { return g.all }

// keyOf is the key of a problem's own group. Problems that wait share one hint, because each of theirs names a row.
func keyOf(p *Problem) groupKey {
	if waits(p.Code) {
		return groupKey{p.Code, p.Severity, hintWait}
	}
	return groupKey{p.Code, p.Severity, p.Hint}
}

// open makes a group for the problem: its own, or the one without a hint if there are too many.
func (g *ProblemGroups) open(p *Problem) *ProblemGroup {
	if g.groups == nil {
		g.groups, g.hints = map[groupKey]*ProblemGroup{}, map[groupKey]int{}
	}
	key, alike := keyOf(p), groupKey{code: p.Code, severity: p.Severity}
	if g.hints[alike] == maxHints {
		key = alike
	}
	g.hints[alike]++
	group := &ProblemGroup{Code: key.code, Severity: key.severity, Hint: key.hint}
	g.groups[key] = group
	g.all = append(g.all, group)
	return group
}
