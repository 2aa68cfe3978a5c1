package intake

import (
	"slices"
	"strings"
	"unicode"
)

// sight is one character in its line.
type sight struct {
	line []rune
	at   int
}

func (s sight) before() rune { return runeAt(s.line, s.at-1) }
func (s sight) after() rune  { return runeAt(s.line, s.at+1) }

// runeAt is a space beside the line.
func runeAt(line []rune, i int) rune {
	if i < 0 || i >= len(line) {
		return ' '
	}
	return line[i]
}

// nearby is how far from a character its neighbours are looked at.
const nearby = 100

// left and right are the letters that the character touches.
func (s sight) left() []rune {
	from := s.at
	for from > max(0, s.at-nearby) && unicode.IsLetter(s.line[from-1]) {
		from--
	}
	return s.line[from:s.at]
}

func (s sight) right() []rune {
	to := s.at + 1
	for to < min(len(s.line), s.at+nearby) && unicode.IsLetter(s.line[to]) {
		to++
	}
	return s.line[s.at+1 : to]
}

func (s sight) earlier(signs string) bool {
	return strings.ContainsAny(string(s.line[max(0, s.at-nearby):s.at]), signs)
}

func (s sight) later(signs string) bool {
	return strings.ContainsAny(string(s.line[s.at+1:min(len(s.line), s.at+nearby)]), signs)
}

func alnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// odd reports a character beyond ASCII that no text has in this place, the sign that its byte stands for another one: Œ in
// BlŒbær is the å of Mac Roman, † in Bl†b‘r that of code page 850. The rules name what windows-1252 shows for the Nordic letters
// of the other tables, and the places where it is what it seems: Œuvre, Šibenik, Kari’s, 5 m², 19” and «navn».
func (s sight) odd() bool {
	r := s.line[s.at]
	switch {
	case unicode.IsControl(r), r == '\ufffd':
		return true
	case strings.ContainsRune("ªºµ", r), !unicode.IsLetter(r):
		return s.oddSign()
	}
	return s.oddLetter()
}

// clash is odd where the encoding was declared: signs that stand alone are the user's affair, those behind a letter are not.
func (s sight) clash() bool {
	r := s.line[s.at]
	return s.odd() && (unicode.IsControl(r) || unicode.IsLetter(r) || unicode.IsLetter(s.before()))
}

// oddLetter judges letters by the case and kind of their neighbours.
func (s sight) oddLetter() bool {
	before, after := s.before(), s.after()
	switch r := s.line[s.at]; r {
	case 'Å', 'Ä', 'Ö', 'Æ', 'Ø':
		return false
	case 'Š', 'š', 'Ž', 'ž':
		return s.oddCaron()
	case 'Œ', 'œ': // before u in all words that have it: Œuvre, sœur
		return unicode.ToLower(after) != 'u' || unicode.IsUpper(r) && unicode.IsLower(before)
	case 'Ÿ':
		return !unicode.IsUpper(before) || unicode.IsLower(after)
	case 'ƒ':
		return true
	case 'ÿ':
		return unicode.IsDigit(before) || unicode.IsDigit(after)
	case 'ß':
		return !vowel(before)
	default:
		alone := strings.ContainsRune("ÉÊÐÑÒÓÔÕÛ", r) && !unicode.IsLetter(before) && !unicode.IsLetter(after) // … – “ ’ € of Mac Roman
		return unicode.IsUpper(r) && (unicode.IsLower(before) || unicode.IsDigit(before) || unicode.IsDigit(after) || alone)
	}
}

func vowel(r rune) bool { return strings.ContainsRune("aeiouáéíóúäöüõå", unicode.ToLower(r)) }

// oddCaron judges Š š Ž ž, consonants whose bytes are vowels elsewhere: they stand beside a vowel, or Š begins a name (Škoda).
func (s sight) oddCaron() bool {
	r, before, after := s.line[s.at], s.before(), s.after()
	upper := unicode.IsUpper(r)
	switch {
	case unicode.IsDigit(before), unicode.IsDigit(after), upper && unicode.IsLower(before), !upper && unicode.IsUpper(after),
		!upper && unicode.IsUpper(before) && !unicode.IsLower(after):
		return true
	case vowel(after):
		return false
	case vowel(before):
		return r == 'Ž' && unicode.IsLetter(after) // AKTIEÄGARE of code page 850
	}
	const shortest = 4 // letters that follow in Škoda, Štefan
	return r != 'Š' || len(s.left()) > 0 || len(s.right()) < shortest || !strings.ContainsRune("ktpvlm", after)
}

// oddSign judges what is no letter.
func (s sight) oddSign() bool {
	before, after := s.before(), s.after()
	letterBefore, letterAfter := unicode.IsLetter(before), unicode.IsLetter(after)
	switch r := s.line[s.at]; r {
	case '\u00a0', '\ufeff':
		return false
	case '\u00ad':
		return !letterBefore || !letterAfter
	case '°':
		return letterBefore
	case '€', '£', '§', '‰', '½', '¼', '¾', '±', '÷':
		return letterBefore || letterAfter
	case '×':
		return letterBefore
	case '•', '©':
		return letterBefore
	case '·':
		return letterBefore != letterAfter
	case '®':
		return letterAfter
	case '…', '™': // the last Ö of MALMÖ in other tables
		return letterAfter || unicode.IsUpper(before)
	case '²', '³':
		return letterAfter || before != 'm' && before != 'M' && before != ')' && !unicode.IsDigit(before)
	case 'º':
		return letterAfter || before != 'n' && before != 'N' && !unicode.IsDigit(before)
	case 'ª':
		return letterAfter || !unicode.IsDigit(before)
	case 'µ':
		return letterBefore || !strings.ContainsRune("mglsFAVW", after)
	case '–', '—':
		return s.oddDash()
	case '’', '´':
		return s.oddApostrophe()
	}
	return s.oddQuote()
}

// oddQuote judges quotation marks; other signs are always odd: no word and no price has them.
func (s sight) oddQuote() bool {
	before, after := s.before(), s.after()
	opens := !alnum(before) && !unicode.IsSpace(after)
	closes := !unicode.IsSpace(before) && !unicode.IsLetter(after)
	switch s.line[s.at] {
	case '“':
		return !opens && (!closes || !s.earlier("„"))
	case '„':
		return !opens || !s.later("“”")
	case '‘', '‚':
		return !opens || !s.later("’‘")
	case '”':
		inches := unicode.IsDigit(before) && !unicode.IsLetter(after)
		return !inches && (!opens || !s.later("”")) && (!closes || !s.earlier("“„”"))
	case '«':
		return !opens && (!closes || !s.earlier("»"))
	case '»':
		return !opens && !closes
	}
	return true
}

// oddDash judges a dash between letters: Oslo–Bergen and kvartal–rapport have one, Espa–a has the ñ of Mac Roman.
func (s sight) oddDash() bool {
	left, right := s.left(), s.right()
	const whole = 4 // letters that make a word of each side
	return len(left) > 0 && len(right) > 0 && !unicode.IsUpper(right[0]) && min(len(left), len(right)) < whole
}

// oddApostrophe judges ’ and ´ beside letters: Kari’s, L’Oréal, O’Brien and Hans’ have one, ’rlig and B’R have the Æ of code page 850.
func (s sight) oddApostrophe() bool {
	left, right := strings.ToLower(string(s.left())), strings.ToLower(string(s.right()))
	oneOf := func(word, list string) bool { return slices.Contains(strings.Fields(list), word) }
	switch {
	case right == "":
		return left != "" && !strings.ContainsAny(left[len(left)-1:], "sxz") && !s.earlier("‘’´")
	case left == "":
		return !oneOf(right, "n t em") && !s.later("’´")
	case oneOf(right, "s t n d m re ve ll en er et ene"):
		return unicode.IsUpper(s.after()) && right != "s"
	case left == "o":
		return false
	}
	return !oneOf(left, "d l n s c j m t qu all dell nell sant un") || !vowel(s.after()) && right[0] != 'h'
}
