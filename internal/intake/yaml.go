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
	maxYAMLDepth  = 32        // levels of nesting; a profile has fewer than ten
)

// ReadYAML reads a YAML file whose size and nesting are harmless for a parser. The error is a *[ProfileError] with its
// place for more than 128 KiB, deep nesting, anchors, aliases and a second document: no such file needs them.
func ReadYAML(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf(msgUnreadableYAML, err)
	}
	defer func() { _ = in.Close() }() // read only
	data, err := io.ReadAll(io.LimitReader(in, maxYAML+1))
	if err != nil {
		return nil, fmt.Errorf(msgUnreadableYAML, err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, yamlMistake(filepath.Base(path), nil, msgYAMLNotUTF8, hintYAMLNotUTF8)
	}
	return data, plainYAML(filepath.Base(path), data)
}

// plainYAML refuses what ReadYAML does, by the tokens of a file: the lexer is linear, the parser is not.
func plainYAML(file string, data []byte) error {
	if len(data) > maxYAML {
		return yamlMistake(file, nil, fmt.Sprintf(msgYAMLTooLarge, maxYAML>>10), hintYAMLTooLarge)
	}
	var columns []int // of the tokens that contain the next one
	brackets, begun := 0, false
	for i, t := range lexer.Tokenize(string(data)) {
		if i == maxYAMLTokens {
			return yamlMistake(file, t, fmt.Sprintf(msgYAMLTooLong, maxYAMLTokens), hintYAMLTooLarge)
		}
		switch t.Type { //nolint:exhaustive // most tokens are plain
		case token.AnchorType, token.AliasType:
			return yamlMistake(file, t, msgYAMLAnchor, hintYAMLAnchor)
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets = max(0, brackets-1)
		case token.DocumentHeaderType:
			if begun {
				return yamlMistake(file, t, msgYAMLDocuments, hintYAMLDocuments)
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
			return yamlMistake(file, t, msgYAMLDeep, hintYAMLDeep)
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
