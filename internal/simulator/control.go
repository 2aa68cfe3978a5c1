package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// controlRoutes adds the interface for tests in other processes.
func (p *Provider) controlRoutes() {
	p.mux.HandleFunc("GET /_simulator/ledger", func(w http.ResponseWriter, _ *http.Request) {
		reply(http.StatusOK, p.Invoices()).write(w)
	})
	p.mux.HandleFunc("GET /_simulator/requests", func(w http.ResponseWriter, _ *http.Request) {
		reply(http.StatusOK, p.Requests()).write(w)
	})
	p.mux.HandleFunc("POST /_simulator/faults", command(func(faults []Fault) (any, error) {
		return map[string]int{"faults": len(faults)}, p.script.replace(faults)
	}))
	p.mux.HandleFunc("POST /_simulator/issue", command(func(order struct {
		Now time.Time `json:"now"`
	},
	) (any, error) {
		if order.Now.IsZero() {
			order.Now = moment()
		}
		issued, err := p.Issue(order.Now)
		return map[string]int{"issued": issued}, err
	}))
	p.mux.HandleFunc("POST /_simulator/paid", command(func(order struct {
		Reference string `json:"reference"`
		Amount    int64  `json:"amount"`
	},
	) (any, error) {
		return map[string]int64{"paid": order.Amount}, p.MarkPaid(order.Reference, order.Amount)
	}))
}

// command is a control request with a JSON body; an empty body is the zero value.
func command[T any](do func(T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestLimit))
		var request T
		if err == nil && len(body) > 0 {
			err = json.Unmarshal(body, &request)
		}
		if err != nil {
			refuse(http.StatusBadRequest, "BAD_REQUEST", err.Error()).write(w)
			return
		}
		result, err := do(request)
		if err != nil {
			refuse(http.StatusBadRequest, "BAD_REQUEST", err.Error()).write(w)
			return
		}
		reply(http.StatusOK, result).write(w)
	}
}
