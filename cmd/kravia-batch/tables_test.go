package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"kraviabatch/internal/billing"
)

// TestColumnTables keeps the pages' tables of columns what the program's own table says.
func TestColumnTables(t *testing.T) {
	t.Parallel()
	for page, tables := range map[string]map[string]string{
		filesPage: {"needed columns": neededColumns()},
		tour:      {"columns": allColumns(), "synonyms": synonyms()},
	} {
		data, err := os.ReadFile(page)
		require.NoError(t, err)
		text := string(data)
		for name, table := range tables {
			before, rest, found := strings.Cut(text, "<!-- "+name+" -->\n")
			require.True(t, found, "%s: %s", page, name)
			_, after, found := strings.Cut(rest, "<!-- /"+name+" -->\n")
			require.True(t, found, "%s: %s", page, name)
			text = before + "<!-- " + name + " -->\n" + table + "<!-- /" + name + " -->\n" + after
		}
		if *update {
			require.NoError(t, os.WriteFile(page, []byte(text), 0o644))
			continue
		}
		require.Equal(t, text, string(data), "`make samples` writes it anew")
	}
}

// neededColumns lists what some order needs.
func neededColumns() string {
	var b strings.Builder
	b.WriteString("| column | needed | what it says |\n|---|---|---|\n")
	for _, c := range billing.Columns() {
		info := c.Info()
		if c == billing.ColContactName || strings.HasPrefix(info.Needed, "if wanted") {
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", info.Name, tableCell(info.Needed), tableCell(info.Meaning))
	}
	return b.String()
}

func allColumns() string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		order bool
	}{{"of the order", true}, {"of the line", false}} {
		fmt.Fprintf(&b, "| %s | kind | needed | what it says | for example |\n|---|---|---|---|---|\n", part.title)
		for _, c := range billing.Columns() {
			info := c.Info()
			if info.Order != part.order {
				continue
			}
			example := "`" + info.Example + "`"
			if len(info.Choices) > 0 {
				example = "`" + strings.Join(info.Choices, "` `") + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", info.Name, info.Kind, tableCell(info.Needed),
				tableCell(info.Meaning), example)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func synonyms() string {
	var b strings.Builder
	b.WriteString("| column | is also called |\n|---|---|\n")
	for _, c := range billing.Columns() {
		info := c.Info()
		text := synonymsOf(c, info.Synonyms)
		for _, vat := range []struct {
			says     string
			synonyms []string
		}{{"with VAT", info.WithVAT}, {"without VAT", info.WithoutVAT}} {
			if len(vat.synonyms) > 0 {
				text += fmt.Sprintf("; %s: %s", vat.says, synonymsOf(c, vat.synonyms))
			}
		}
		if text != "" {
			fmt.Fprintf(&b, "| `%s` | %s |\n", info.Name, tableCell(text))
		}
	}
	return b.String()
}

// synonymsOf are the spellings, with stars around those that count only where the cells decide.
func synonymsOf(c billing.Column, synonyms []string) string {
	names := make([]string, len(synonyms))
	for i, s := range synonyms {
		spelling, unsure := strings.CutSuffix(s, "?")
		if unsure || sharedSynonym(c, spelling) {
			spelling = "*" + spelling + "*"
		}
		names[i] = spelling
	}
	return strings.Join(names, ", ")
}

// sharedSynonym reports whether a header can stand for another column too.
func sharedSynonym(c billing.Column, header string) bool {
	return slices.ContainsFunc(billing.Columns(), func(other billing.Column) bool {
		return other != c && slices.Contains(other.Info().Synonyms, header)
	})
}
