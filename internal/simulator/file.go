package simulator

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	temporaryPath = "/_files/" // outside of the API, as the provider's content network is
	temporaryLife = 10 * time.Minute
)

// file answers for an invoice document, without asking for a token: the documentation shows none.
func (p *Provider) file(c *call) answer {
	id := c.request.PathValue("id")
	number, found := p.invoiceOf(id)
	if !found {
		return notFound("file")
	}
	expires := c.at.Add(temporaryLife)
	temporary := fmt.Sprintf("%s%s%s.pdf?expires=%d", c.base(), temporaryPath, id, expires.Unix())
	switch p.options.Files {
	case FilesPDF:
		return answer{
			status: http.StatusOK,
			header: http.Header{"Content-Type": {"application/pdf"}},
			body:   document(number),
		}
	case FilesRedirect:
		return answer{status: http.StatusFound, header: http.Header{"Location": {temporary}}}
	case FilesJSON:
	}
	return reply(http.StatusOK, struct {
		ID        string    `json:"id"`
		Name      string    `json:"name"`
		MIMEType  string    `json:"mime_type"`
		ExpiresAt time.Time `json:"expires_at"`
		URL       string    `json:"url"`
	}{id, "invoice_" + number + ".pdf", "application/pdf", expires, temporary})
}

func (p *Provider) invoiceOf(file string) (number string, found bool) {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	n := p.books.txByFile[file]
	if n == 0 {
		return "", false
	}
	return p.books.transactions[n-1].Number, true
}

// temporaryFile serves a document for a while to anyone with its URL, and refuses callers that send their bearer token
// to a foreign host.
func (p *Provider) temporaryFile(w http.ResponseWriter, r *http.Request) {
	number, found := p.invoiceOf(strings.TrimSuffix(r.PathValue("id"), ".pdf"))
	expires, err := strconv.ParseInt(r.URL.Query().Get("expires"), 10, 64)
	switch {
	case r.Header.Get("Authorization") != "":
		refuse(http.StatusBadRequest, "INVALID_REQUEST", "only one way to authenticate is allowed").write(w)
	case err != nil || !time.Now().Before(time.Unix(expires, 0)):
		refuse(http.StatusForbidden, "ACCESS_DENIED", "the link has expired").write(w)
	case !found:
		notFound("file").write(w)
	default:
		answer{
			status: http.StatusOK,
			header: http.Header{"Content-Type": {"application/pdf"}},
			body:   document(number),
		}.write(w)
	}
}

// document is a one-page PDF that names the invoice.
func document(number string) []byte {
	content := fmt.Sprintf("BT /F1 18 Tf 72 720 Td (Invoice %s) Tj ET", number)
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}
	var pdf, xref bytes.Buffer
	pdf.WriteString("%PDF-1.4\n")
	for i, object := range objects {
		fmt.Fprintf(&xref, "%010d 00000 n \n", pdf.Len())
		fmt.Fprintf(&pdf, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := pdf.Len()
	fmt.Fprintf(&pdf, "xref\n0 %d\n0000000000 65535 f \n%s", len(objects)+1, xref.Bytes())
	fmt.Fprintf(&pdf, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return pdf.Bytes()
}
