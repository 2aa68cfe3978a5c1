package simulator

import "net/http"

// routes fills the mux with the API and the control interface.
func (p *Provider) routes() {
	p.mux = http.NewServeMux()
	for _, route := range []struct {
		pattern   string
		operation Operation
		handle    func(*call) answer
	}{
		{"POST /v1/accounts/{aid}/auth/token", OpToken, p.token},
		{"POST /v1/sessions/pay", OpPay, p.pay},
		{"POST /v1/sessions", OpCreate, p.create},
		{"POST /v1/sessions-profile", OpCreate, p.createFromProfile},
		{"GET /v1/sessions", OpSessions, p.listSessions},
		{"GET /v1/sessions/{id}", OpSession, p.getSession},
		{"POST /v1/sessions/{id}/pay", OpSessionPay, p.paySession},
		{"POST /v1/sessions/{id}/cancel", OpCancel, p.cancelSession},
		{"GET /v1/transactions", OpTransactions, p.listTransactions},
		{"GET /v1/transactions/{id}", OpTransaction, p.getTransaction},
		{"POST /v1/transactions/{id}/capture", OpCapture, p.capture},
		{"POST /v1/transactions/{id}/void", OpVoid, p.void},
		{"GET /v1/files/{id}", OpFile, p.file},
		{"GET /v1/admin/checkout", OpCheckout, p.checkout},
		{"GET /v1/admin/session/profiles/{id}", OpProfile, p.profile},
	} {
		p.mux.HandleFunc(route.pattern, p.serve(route.operation, route.handle))
	}
	p.mux.HandleFunc("GET "+temporaryPath+"{id}", p.temporaryFile)
	p.mux.HandleFunc(elsewhere, p.unknown)
	p.controlRoutes()
}

// elsewhere is the pattern of everything that has no route.
const elsewhere = "/"

// unknown answers 405 where another method has a route, and else 404.
func (p *Provider) unknown(w http.ResponseWriter, r *http.Request) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := *r
		other.Method = method
		if _, pattern := p.mux.Handler(&other); pattern != elsewhere {
			refuse(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", r.Method+" is not allowed here").write(w)
			return
		}
	}
	notFound(r.Method + " " + r.URL.Path).write(w)
}
