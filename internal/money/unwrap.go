package money

import (
	"strings"
	"unicode"
)

// unwrapping removes what stands around the digits of a number, from the outside in. It leaves unknown text in rest,
// which is then not a number.
type unwrapping struct {
	rest     string
	word     CurrencyWord
	percent  bool
	negative bool
	conflict string // two statements that contradict each other, "" for none

	front, back bool // a word was removed on this side
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

// take removes a beginning and an end, or neither if one is missing.
func (u *unwrapping) take(beginning, end string) bool {
	rest, begins := strings.CutPrefix(u.rest, beginning)
	rest, ends := strings.CutSuffix(rest, end)
	if begins && ends {
		u.rest = strings.TrimSpace(rest)
	}
	return begins && ends
}

// words removes a currency or a percent sign, in total at most one in front and one behind.
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

// say notes a percent sign or a currency. It is false for any other word.
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
