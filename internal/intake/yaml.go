package intake

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Limits of a YAML file. The parser's time and memory grow with the square of the nesting.
const (
	maxYAML       = 128 << 10 // bytes
	maxYAMLTokens = 40_000    // words and signs
	maxYAMLDepth  = 32        // tokens that stand inside one another; a profile's are fewer than ten
)

// ReadYAML is a profile or a file of settings whose size and nesting any YAML parser can bear. What no such file needs
// is a *[ProfileError] with its place: a size beyond 128 KiB, deep nesting, anchors and aliases, a second document.
func ReadYAML(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	defer func() { _ = in.Close() }() // read only
	data, err := io.ReadAll(io.LimitReader(in, maxYAML+1))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, yamlMistake(filepath.Base(path), nil, "the file is not UTF-8", "save it as UTF-8 in the editor")
	}
	return data, plainYAML(filepath.Base(path), data)
}

func plainYAML(file string, data []byte) error {
	if len(data) > maxYAML {
		return yamlMistake(file, nil, fmt.Sprintf("the file has more than %d KiB", maxYAML>>10),
			"a profile or a file of settings has a few lines")
	}
	var columns []int // of the tokens that the next one stands inside of
	brackets, begun := 0, false
	for i, t := range lexer.Tokenize(string(data)) {
		if i == maxYAMLTokens {
			return yamlMistake(file, t, fmt.Sprintf("the file has more than %d words and signs", maxYAMLTokens),
				"a profile or a file of settings has a few lines")
		}
		switch t.Type { //nolint:exhaustive // most tokens are plain
		case token.AnchorType, token.AliasType:
			return yamlMistake(file, t, "anchors (&) and aliases (*) are not supported",
				"write the value out; put a text that begins with & or * in quotes")
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets = max(0, brackets-1)
		case token.DocumentHeaderType:
			if begun {
				return yamlMistake(file, t, "the file has more than one YAML document",
					"put everything into one, without a line of ---")
			}
		}
		begun = begun || t.Type != token.CommentType && t.Type != token.DocumentHeaderType
		if brackets == 0 {
			for len(columns) > 0 && columns[len(columns)-1] >= t.Position.Column {
				columns = columns[:len(columns)-1]
			}
			columns = append(columns, t.Position.Column)
		}
		if brackets+len(columns) > maxYAMLDepth {
			return yamlMistake(file, t, "the values are nested too deeply here",
				"look for a bracket that is not closed, or for wrong indentation")
		}
	}
	return nil
}

func yamlMistake(file string, at *token.Token, message, hint string) error {
	e := &ProfileError{File: file, Message: message, Hint: hint}
	if at != nil && at.Position != nil {
		e.Line, e.Column = at.Position.Line, at.Position.Column
	}
	return e
}
