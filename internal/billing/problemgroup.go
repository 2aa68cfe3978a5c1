package billing

// ProblemGroup is all problems of one code and severity that are mended alike.
type ProblemGroup struct {
	Code     Code
	Severity Severity
	Hint     string // "" where each problem has its own
	Count    int
	First    []Problem // some of them, for showing
}

const (
	shownProblems = 5  // kept of each group
	maxHints      = 20 // groups of a code and severity; further hints share one without a hint
)

// Waits reports whether the group's rows are right and only wait for another row of their order or file. Such
// a group is told after those of the other errors.
func (g *ProblemGroup) Waits() bool { return waits(g.Code) }

func waits(code Code) bool { return code == CodeOrderIncomplete || code == CodeOrderHeld }

// ProblemGroups counts problems as they pass. It keeps some of each group, so that its memory does not grow
// with their number. The zero value is ready.
type ProblemGroups struct {
	all    []*ProblemGroup
	groups map[groupKey]*ProblemGroup
	hints  map[groupKey]int // by key without a hint: how many groups have one
}

type groupKey struct {
	code     Code
	severity Severity
	hint     string
}

// Add counts a problem.
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

// Of is the group of a problem that was added, nil of any other.
func (g *ProblemGroups) Of(p *Problem) *ProblemGroup {
	if group := g.groups[keyOf(p)]; group != nil {
		return group
	}
	return g.groups[groupKey{code: p.Code, severity: p.Severity}]
}

// All are the groups in the order of their first problems.
func (g *ProblemGroups) All() []*ProblemGroup { return g.all }

func keyOf(p *Problem) groupKey {
	if waits(p.Code) {
		return groupKey{p.Code, p.Severity, hintWait}
	}
	return groupKey{p.Code, p.Severity, p.Hint}
}

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
