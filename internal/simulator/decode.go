package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
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
