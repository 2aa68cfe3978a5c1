package intake

// Nearest is the word that was probably meant by what was written, "" where none of them is a small typing error away.
func Nearest(words []string, written string) string { return nearest(words, []string{written}) }

// nearest is the found word that is a small typing error away from one of the wanted, "" for none.
func nearest(found, wanted []string) string {
	best, word := 1<<30, ""
	for _, f := range found {
		for _, w := range wanted {
			a, b := []rune(normalise(f)), []rune(normalise(w))
			if d := distance(a, b); d < best && d <= max(1, min(len(a), len(b))/3) {
				best, word = d, f
			}
		}
	}
	return word
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b.
func distance(a, b []rune) int {
	const tooLong = 100 // no name of a column is longer
	if len(a) > tooLong || len(b) > tooLong {
		return tooLong
	}
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
