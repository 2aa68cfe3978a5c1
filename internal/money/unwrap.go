package money

import (
	"strings"
	"unicode"
)

// unwrapping takes off what stands around the digits of a number, from the outside in. What it does not know it
// leaves in rest, which is then no number.
type unwrapping struct {
	rest     string
	word     CurrencyWord
	percent  bool
	negative bool
	conflict string // what cannot be said together, "" if nothing

	front, back bool // a word was taken off on this side
}

func (u *unwrapping) unwrap() {
	u.words()
	if u.take("-", "") || u.take("(", ")") {
		u.negative = true
		u.words()
	}
	switch {
	case u.take("", ",-"), u.take("", ".-"), u.take("", ",\u2013"):
	case u.take("", ":-"):
		u.say(string(krone))
	case !u.negative && u.take("", "-"):
		u.negative = true
		u.words()
	}
	if u.percent && u.word != "" {
		u.conflict = "% and " + string(u.word)
	}
}

// take removes a beginning and an end, both or none.
func (u *unwrapping) take(beginning, end string) bool {
	rest, begins := strings.CutPrefix(u.rest, beginning)
	rest, ends := strings.CutSuffix(rest, end)
	if begins && ends {
		u.rest = strings.TrimSpace(rest)
	}
	return begins && ends
}

// words takes off a currency or a percent sign, at most one in front and one behind in all.
func (u *unwrapping) words() {
	if rest := strings.TrimLeftFunc(u.rest, inWord); !u.front && len(rest) < len(u.rest) {
		if u.front = u.say(u.rest[:len(u.rest)-len(rest)]); u.front {
			u.rest = strings.TrimSpace(rest)
		}
	}
	if rest := strings.TrimRightFunc(u.rest, inWord); !u.back && len(rest) < len(u.rest) {
		if u.back = u.say(u.rest[len(rest):]); u.back {
			u.rest = strings.TrimSpace(rest)
		}
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || strings.ContainsRune(".%$€£", r) }

// say notes a percent sign or a currency, and reports false for other words.
func (u *unwrapping) say(text string) bool {
	if text == "%" && !u.percent {
		u.percent = true
		return true
	}
	word, known := ParseCurrencyWord(text)
	if !known {
		return false
	}
	both, agree := u.word.and(word)
	if !agree {
		u.conflict = string(u.word) + " and " + string(word)
		return false
	}
	u.word = both
	return true
}
