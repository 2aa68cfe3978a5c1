package billing_test

import (
	"encoding/csv"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"kraviabatch/internal/billing"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	want := []struct {
		column billing.Column
		name   string
	}{
		{billing.ColOrderReference, "order_reference"},
		{billing.ColCustomerNumber, "customer_number"},
		{billing.ColProduct, "product"},
		{billing.ColCurrency, "currency"},
		{billing.ColDaysUntilDue, "days_until_due"},
		{billing.ColDueDate, "due_date"},
		{billing.ColInvoiceChannel, "invoice_channel"},
		{billing.ColFirstName, "first_name"},
		{billing.ColLastName, "last_name"},
		{billing.ColContactName, "contact_name"},
		{billing.ColBusinessName, "business_name"},
		{billing.ColOrganizationNumber, "organization_number"},
		{billing.ColEmail, "email"},
		{billing.ColPhoneNumber, "phone_number"},
		{billing.ColAddressLine, "address_line"},
		{billing.ColAddressLine2, "address_line_2"},
		{billing.ColCOAddress, "co_address"},
		{billing.ColPostalCode, "postal_code"},
		{billing.ColPostalPlace, "postal_place"},
		{billing.ColCountry, "country"},
		{billing.ColCustomerReference, "customer_reference"},
		{billing.ColCostCenter, "cost_center"},
		{billing.ColLineID, "line_id"},
		{billing.ColItemID, "item_id"},
		{billing.ColDescription, "description"},
		{billing.ColQuantity, "quantity"},
		{billing.ColUnitPrice, "unit_price"},
		{billing.ColAmount, "amount"},
		{billing.ColDiscountPercent, "discount_percent"},
		{billing.ColDiscountAmount, "discount_amount"},
		{billing.ColVAT, "vat"},
		{billing.ColVATAmount, "vat_amount"},
		{billing.ColVATTreatment, "vat_treatment"},
		{billing.ColPrices, "prices"},
		{billing.ColDeliveryDate, "delivery_date"},
	}
	require.Len(t, billing.Columns(), len(want))
	require.Len(t, billing.ColumnNames(), len(want))
	for i, c := range billing.Columns() {
		require.Equal(t, want[i].column, c)
		require.Equal(t, want[i].name, c.String())
		byName, ok := billing.ColumnByName(c.String())
		require.True(t, ok)
		require.Equal(t, c, byName)
		text, err := c.MarshalText()
		require.NoError(t, err)
		var read billing.Column
		require.NoError(t, read.UnmarshalText(text))
		require.Equal(t, c, read)
		require.Equal(t, c < billing.ColLineID, c.Info().Order, c)
	}
	_, ok := billing.ColumnByName("")
	require.False(t, ok)
	own := billing.ColAmount
	require.NoError(t, own.UnmarshalText([]byte("of a newer version")))
	require.Zero(t, own)
}

func TestColumnInfos(t *testing.T) {
	t.Parallel()
	kinds := []billing.Kind{
		billing.Text, billing.Choice, billing.Identifier, billing.Number, billing.Money,
		billing.Percent, billing.Day,
	}
	lines := map[int]bool{}
	for _, c := range billing.Columns() {
		info := c.Info()
		require.Contains(t, kinds, info.Kind, c)
		require.NotEmpty(t, info.Needed, c)
		require.NotEmpty(t, info.Meaning, c)
		require.NotEmpty(t, info.Example, c)
		if info.Kind == billing.Choice {
			require.NotEmpty(t, info.Choices, c)
			for _, cell := range append(slices.Clone(info.TemplateLines), info.Example) {
				require.Contains(t, append(info.Choices, ""), cell, c)
			}
		}
		if info.TemplateLines != nil {
			lines[len(info.TemplateLines)] = true
		}
		require.Equal(t, info.Kind == billing.Money && (c == billing.ColAmount || c == billing.ColUnitPrice),
			info.WithVAT != nil && info.WithoutVAT != nil, c)
	}
	require.Len(t, lines, 1, "the template's lines have a cell in every column that has any")
}

// header is a synonym in the form in which headers are compared: without case, spaces, signs and accents.
func header(synonym string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || strings.ContainsRune(" _-./", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(strings.TrimSuffix(synonym, "?")))
}

// No header means two columns, except those that the cells decide.
func TestSynonyms(t *testing.T) {
	t.Parallel()
	ambiguous := strings.Fields(
		"discount rabatt alennus rebate avslag mva moms alv tax arvonlisavero merverdiavgift mervardesskatt")
	means := map[string]billing.Column{}
	var shared []string
	for _, c := range billing.Columns() {
		info := c.Info()
		own := map[string]bool{}
		for _, synonym := range slices.Concat([]string{c.String()}, info.Synonyms, info.WithVAT, info.WithoutVAT) {
			require.Equal(t, strings.TrimSpace(strings.ToLower(synonym)), synonym)
			require.True(t, norm.NFC.IsNormalString(synonym), synonym)
			name := header(synonym)
			require.NotEmpty(t, name)
			if other, ok := means[name]; ok && other != c {
				require.Contains(t, ambiguous, name, "%s and %s", other, c)
				shared = append(shared, name)
			}
			means[name] = c
			require.False(t, own[synonym], "%s twice in %s", synonym, c)
			own[synonym] = true
		}
	}
	require.ElementsMatch(t, ambiguous, shared)
}

func TestCodesAreWellFormed(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("codes.csv")
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		require.Contains(t, []string{"error", "warning", "off"}, row[1], row)
		require.Contains(t, []string{"yes", ""}, row[2], row)
		require.True(t, row[1] == "error" || row[2] == "yes" || row[0] == string(billing.CodeOtherPeriod),
			"a warning of the file can be switched off: %v", row)
		require.Equal(t, strings.HasPrefix(row[0], "*."), row[3] != "", row)
		for kind := range strings.FieldsSeq(row[3]) {
			require.Contains(t, strings.Fields("any text choice identifier number money percent day"), kind)
		}
	}
	seen := map[billing.Code]bool{}
	for _, info := range billing.Codes() {
		require.Regexp(t, `^[a-z_0-9]+\.[a-z_0-9]+$`, info.Code)
		require.False(t, seen[info.Code], info.Code)
		seen[info.Code] = true
		require.NotEmpty(t, info.Message)
		require.NotEmpty(t, info.Fix)
		require.NotEmpty(t, info.Example)
		require.False(t, strings.HasSuffix(info.Message, ".") || strings.HasSuffix(info.Fix, "."), info.Code)
	}
	for _, code := range []billing.Code{
		billing.CodeOrderIncomplete, billing.CodeOrderHeld,
		billing.CodeReferenceTemplate, "amount.date", "email.null", "due_date.time",
	} {
		require.True(t, seen[code], code)
	}
	require.False(t, seen["email.date"])
}

func TestNewProblemFillsItsWords(t *testing.T) {
	t.Parallel()
	p := billing.NewProblem("country.missing", "")
	require.Equal(t, `fill in country, or set constants: {country: "NO"} in the profile`, p.Hint)
	p = billing.NewProblem("order_reference.missing", "")
	require.Contains(t, p.Hint, `"{period}-{customer_number}"`)
	p = billing.NewProblem("order.differs", "{other}", "column", "email", "other", "{row} {value}", "row", "7")
	require.Equal(t, `email is "{other}" here and {row} {value} in row 7 of the same order`, p.Message)
	require.Equal(t, "email", p.Column)
	p = billing.NewProblem("nobody.knows", "x")
	require.Equal(t, billing.Error, p.Severity)
	require.Equal(t, "nobody.knows", p.Message)
	require.Empty(t, p.Column)
}

// call is a place of the program where a problem is made.
type call struct {
	code  string // or "*." and the suffix of a column's code
	words []string
}

// calls finds every call of report, NewProblem and intake's problem in the program, and every text in it.
func calls(t *testing.T) (found []call, texts map[string]bool) {
	t.Helper()
	texts = map[string]bool{}
	fset := token.NewFileSet()
	literal := func(e ast.Expr) string {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return ""
		}
		text, err := strconv.Unquote(lit.Value)
		require.NoError(t, err)
		return text
	}
	visit := func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			texts[literal(lit)] = true
		}
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := ""
		switch f := c.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		at, prefix := map[string]int{"report": 1, "NewProblem": 0, "problem": 1}[name], ""
		if name == "problem" {
			prefix = "*."
		}
		if name != "report" && name != "NewProblem" && name != "problem" || len(c.Args) <= at ||
			literal(c.Args[at]) == "" {
			return true
		}
		made := call{code: prefix + literal(c.Args[at]), words: []string{"value"}}
		for i := at + 2; i < len(c.Args) && name != "problem"; i += 2 {
			made.words = append(made.words, literal(c.Args[i]))
		}
		for i := at + 1; i < len(c.Args) && name == "problem"; i += 2 {
			made.words = append(made.words, literal(c.Args[i]))
		}
		found = append(found, made)
		return true
	}
	for _, root := range []string{"../../cmd", ".."} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			if err == nil {
				ast.Inspect(file, visit)
			}
			return err
		}))
	}
	return found, texts
}

// Every code of the program is in codes.csv with all its words, and every code of codes.csv is one of the program.
func TestCodesAreUsed(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("codes.csv")
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	require.NoError(t, err)
	placeholders := map[string][]string{}
	placeholder := regexp.MustCompile(`\{([a-z]+)\}`)
	for _, row := range rows[1:] {
		placeholders[row[0]] = nil
		for _, m := range placeholder.FindAllStringSubmatch(row[4]+row[5], -1) {
			if !strings.Contains(row[5], "such as") || m[1] != "period" {
				placeholders[row[0]] = append(placeholders[row[0]], m[1])
			}
		}
	}
	found, texts := calls(t)
	require.Greater(t, len(found), 80)
	for _, made := range found {
		names, ok := placeholders[made.code]
		require.True(t, ok, "%s is not in codes.csv", made.code)
		for _, name := range names {
			if made.code[0] == '*' && name == "shown" { // every cell tells it
				continue
			}
			require.Contains(t, made.words, name, made.code)
		}
	}
	for code := range maps.Keys(placeholders) {
		column, suffix, _ := strings.Cut(code, ".")
		_, known := billing.ColumnByName(column)
		used := texts[code] || column == "*" && (texts[suffix] || texts["."+suffix]) || known && texts["."+suffix]
		require.True(t, used, "nothing reports %s", code)
	}
}
