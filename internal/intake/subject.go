package intake

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"
)

//go:embed subjects.csv
var subjectsCSV string

// subject is something that an invoice depends on, and the normalised words by which headers speak of it.
type subject struct {
	name                string
	alone, words        []string
	starts, ends, parts []string
}

// vocabulary is the content of subjects.csv, whose comments say how words are matched.
type vocabulary struct {
	subjects    []*subject                 // in the order in which they are looked for
	harmless    []string                   // words that are cut out of a header before subjects are looked for
	others      subject                    // of numbers that are no money
	labels      subject                    // of numbers that count nothing
	sums        subject                    // of money, if all cells are numbers
	payers      subject                    // of who is invoiced
	cells       map[string]map[string]bool // subject → entire cells that speak of it
	stateStarts []string                   // beginnings of cells that decide whether a row is to be billed
}

// headerWords says what the words of a header speak of.
type headerWords struct {
	what                         string // the subject, "" for nothing that an invoice depends on
	harmless                     bool   // the header has a harmless word
	others, labels, sums, payers bool   // the header speaks of these special subjects
}

//nolint:gochecknoglobals // a fixed table
var theVocabulary = sync.OnceValue(readVocabulary)

func readVocabulary() *vocabulary {
	in := csv.NewReader(strings.NewReader(subjectsCSV))
	in.Comment = '#'
	rows, err := in.ReadAll()
	if err != nil {
		panic("subjects.csv is no table") // the file is part of the program, and a test reads it
	}
	v := &vocabulary{cells: map[string]map[string]bool{}}
	for _, row := range rows[1:] {
		v.add(row[0], row[1], row[2])
	}
	return v
}

func (v *vocabulary) add(name, how, list string) {
	spellings := strings.Split(list, "|")
	for i, s := range spellings {
		spellings[i] = normalise(s)
	}
	switch {
	case name == "harmless":
		v.harmless = append(v.harmless, spellings...)
		return
	case how == "cell start":
		v.stateStarts = append(v.stateStarts, spellings...)
		return
	case how == "cell":
		if v.cells[name] == nil {
			v.cells[name] = map[string]bool{}
		}
		for _, s := range spellings {
			v.cells[name][s] = true
		}
		return
	}
	s := v.subject(name)
	into, known := map[string]*[]string{
		"alone": &s.alone, "word": &s.words, "start": &s.starts, "end": &s.ends, "part": &s.parts,
	}[how]
	if !known {
		panic("subjects.csv: no way to match is called " + how)
	}
	*into = append(*into, spellings...)
}

// subject gives the subject of a name, and adds it if it is new.
func (v *vocabulary) subject(name string) *subject {
	switch name {
	case subjectOtherNumbers:
		return &v.others
	case subjectLabel:
		return &v.labels
	case subjectSums:
		return &v.sums
	case subjectPayer:
		return &v.payers
	}
	at := slices.IndexFunc(v.subjects, func(s *subject) bool { return s.name == name })
	if at < 0 {
		at = len(v.subjects)
		v.subjects = append(v.subjects, &subject{name: name})
	}
	return v.subjects[at]
}

// speaksOf says what the words of a header speak of.
func (v *vocabulary) speaksOf(header string) headerWords {
	list := pieces(header)
	whole := []string{normalise(header), strings.Join(list, "")}
	rest := v.withoutHarmless(list)
	h := headerWords{harmless: len(rest) < len(list)}
	for _, s := range v.subjects {
		if s.spokenOf(whole, rest) {
			h.what = s.name
			return h
		}
	}
	switch _, u := splitHeader(header); {
	case u.currency != "":
		h.what = "money"
	case u.percent:
		h.what = "a percentage"
	default:
		h.others, h.labels = v.others.spokenOf(whole, list), v.labels.spokenOf(whole, list)
		h.sums, h.payers = v.sums.spokenOf(whole, rest), v.payers.spokenOf(whole, list)
	}
	return h
}

// stateCell reports whether a cell, of words normalised and joined, decides whether its row is to be billed.
func (v *vocabulary) stateCell(joined string) bool {
	return v.cells[subjectStatus][joined] ||
		slices.ContainsFunc(v.stateStarts, func(start string) bool { return strings.HasPrefix(joined, start) })
}

// pieces gives the words of a header, split at slashes and without the numbers behind them: Pris1/stk has two.
func pieces(header string) []string {
	var list []string
	for _, word := range words(header) {
		for piece := range strings.SplitSeq(word, "/") {
			if name := strings.TrimRight(piece, "0123456789"); name != "" {
				piece = name
			}
			if piece != "" {
				list = append(list, piece)
			}
		}
	}
	return list
}

// withoutHarmless removes the harmless words. At each word it removes the longest run that is harmless.
func (v *vocabulary) withoutHarmless(list []string) []string {
	var rest []string
	for at := 0; at < len(list); {
		n := longestRun(list[at:], v.harmless)
		if n == 0 {
			rest = append(rest, list[at])
			n = 1
		}
		at += n
	}
	return rest
}

// longestRun is how many words at the beginning of the list make one of the spellings together, 0 for none.
func longestRun(list, spellings []string) int {
	const most = 5 // words in a spelling at most
	for n := min(most, len(list)); n > 0; n-- {
		if slices.Contains(spellings, strings.Join(list[:n], "")) {
			return n
		}
	}
	return 0
}

// spokenOf reports whether a header speaks of the subject. whole has forms of the entire header, list its words.
func (s *subject) spokenOf(whole, list []string) bool {
	if slices.ContainsFunc(whole, func(w string) bool { return slices.Contains(s.alone, w) }) {
		return true
	}
	for at, word := range list {
		if longestRun(list[at:], s.words) > 0 ||
			slices.ContainsFunc(s.starts, func(start string) bool { return strings.HasPrefix(word, start) }) ||
			slices.ContainsFunc(s.ends, func(end string) bool { return strings.HasSuffix(word, end) }) ||
			slices.ContainsFunc(s.parts, func(part string) bool { return strings.Contains(word, part) }) {
			return true
		}
	}
	return false
}
