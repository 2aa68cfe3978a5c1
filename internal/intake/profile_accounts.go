package intake

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"kraviabatch/internal/billing"
	"kraviabatch/internal/money"
)

// accounts reads the accounts that invoices are posted to. treatments are the words under values for vat, or nil.
func (l *linter) accounts(n ast.Node, treatments *Values) *billing.Accounts {
	a := &billing.Accounts{}
	l.mapping(n, readers{
		"receivable": func(n ast.Node) { a.Receivable = l.account(n) },
		"revenue":    func(n ast.Node) { a.Revenue = l.accountsBy(n, treatments) },
		"vat":        func(n ast.Node) { a.VAT = l.accountsBy(n, treatments) },
	})
	switch {
	case a.Receivable == "":
		l.mistake(n, msgAccountsReceivable, hintAccountsReceivable)
	case len(a.Revenue) == 0:
		l.mistake(n, msgAccountsRevenue, hintAccountsRevenue)
	case len(a.VAT) == 0:
		l.mistake(n, msgAccountsVAT, hintAccountsVAT)
	}
	return a
}

// accountsBy reads one account for all lines, or accounts by VAT treatment and VAT rate.
func (l *linter) accountsBy(n ast.Node, treatments *Values) billing.AccountsBy {
	if _, several := n.(ast.MapNode); !several {
		return billing.AccountsBy{"": l.account(n)}
	}
	by := billing.AccountsBy{}
	for key, pair := range l.pairs(n) {
		of := billing.TreatmentKey(key)
		if percent, isRate := strings.CutSuffix(of, "%"); isRate {
			rate, err := money.ParseRate(strings.TrimSpace(percent), money.Dot)
			if err != nil {
				l.mistake(pair.Key, fmt.Sprintf(msgAccountsRate, shown(key)), hintAccountsRate)
			}
			of = rate.String() + "%"
		} else if rate, err := money.ParseRate(of, money.Comma); err == nil && strings.Contains(of, ",") {
			l.mistake(pair.Key, fmt.Sprintf(msgAccountsComma, shown(key)),
				fmt.Sprintf(hintAccountsComma, rate.String()))
		} else if err == nil && treatments.ambiguous(of, rate) {
			l.mistake(pair.Key, fmt.Sprintf(msgAccountsAmbiguous, shown(key)), fmt.Sprintf(hintAccountsAmbiguous, rate))
		}
		if _, twice := by[of]; twice || of == "" {
			l.mistake(pair.Key, fmt.Sprintf(msgAccountsTwice, shown(key)), hintAccountsTwice)
		}
		by[of] = l.account(pair.Value)
	}
	return by
}

// accountForm is what the formats of postings accept as an account.
var accountForm = regexp.MustCompile(`^[0-9A-Za-z]{1,10}$`)

func (l *linter) account(n ast.Node) string {
	value := l.text(n)
	if !accountForm.MatchString(value) {
		l.mistake(n, fmt.Sprintf(msgAccountsForm, shown(value)), hintAccountsForm)
	}
	return value
}

// ambiguous reports a treatment that looks like a rate and means another one, while a different word means that rate.
// Its account could be taken for that of the rate.
func (v *Values) ambiguous(word string, rate money.Rate) bool {
	if v == nil {
		return false
	}
	says := func(text string) bool {
		r, err := money.ParseRate(text, money.Dot)
		return err == nil && r == rate
	}
	of, isWord := v.of[foldWord(word)]
	return isWord && !says(of) && slices.ContainsFunc(slices.Collect(maps.Values(v.of)), says)
}
