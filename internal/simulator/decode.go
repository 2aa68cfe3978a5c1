package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// violation is one finding about a body, with the path of names and indexes to the place.
type violation struct {
	Code        string   `json:"code"`
	Message     string   `json:"message"`
	Path        []string `json:"path"`
	Description string   `json:"description"`
}

type errorBody struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Errors  []violation `json:"errors,omitempty"`
}

// refuse is a refusal in the documented shape of errors.
func refuse(status int, code, message string) answer {
	return reply(status, errorBody{errorDetail{Code: code, Message: message}})
}

// invalid is the refusal of a request that breaks the schema.
func invalid(found []violation) answer {
	for i := range found {
		found[i].Description = found[i].Message
	}
	return reply(http.StatusBadRequest, errorBody{errorDetail{"INVALID_REQUEST_PARAMETER", "Validation errors", found}})
}

// duplicate is the refusal of a merchant reference that is taken. Its code and text are not documented.
func duplicate(message string) answer {
	return refuse(http.StatusBadRequest, "DUPLICATE_MERCHANT_REFERENCE", message)
}

func notFound(what string) answer {
	return refuse(http.StatusNotFound, "NOT FOUND", what+" not found")
}

// strict reads one JSON value and refuses unknown fields and what follows the value.
func strict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the JSON value")
	}
	return nil
}

// decode reads a body and refuses unknown fields, wrong types, explicit nulls and trailing data.
func decode(body []byte, into any) []violation {
	err := strict(body, into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		place := strings.Replace(wrongType.Field, "sessionRequest.", "", 1) // an embedded struct is no place in the body
		return []violation{{
			Code: "INVALID_TYPE", Path: strings.Split(place, "."),
			Message: fmt.Sprintf("expected %s, got %s", wrongType.Type, wrongType.Value),
		}}
	case err != nil:
		return []violation{{Code: "INVALID_BODY", Message: err.Error(), Path: []string{}}}
	case hasNull(body):
		return []violation{{Code: "INVALID_TYPE", Message: "null is not a value; leave the field out", Path: []string{}}}
	}
	return nil
}

// hasNull looks for a null outside of text.
func hasNull(body []byte) bool {
	if !bytes.Contains(body, []byte("null")) {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		if token == nil {
			return true
		}
	}
}

// with is an object that has the member too.
func with(object json.RawMessage, name string, member json.RawMessage) json.RawMessage {
	all := members(object)
	all[name] = member
	return raw(all)
}

// raw encodes what was decoded from JSON, so it can be encoded again.
func raw(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("simulator: keep %T: %v", value, err))
	}
	return encoded
}
