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
	number := p.books.numberOf(id)
	if number == "" {
		return notFound("file")
	}
	expires := c.at.Add(temporaryLife)
	temporary := fmt.Sprintf("%s%s%s.pdf?expires=%d", c.base(), temporaryPath, id, expires.Unix())
	switch p.options.Files {
	case FilesPDF:
		return document(number)
	case FilesRedirect:
		return answer{status: http.StatusFound, header: http.Header{"Location": {temporary}}}
	case FilesJSON:
	}
	return reply(map[string]any{
		"id": id, "name": "invoice_" + number + ".pdf", "mime_type": "application/pdf", "expires_at": expires, "url": temporary,
	})
}

// temporaryFile serves a document for a while to anyone with its URL, and refuses callers that send their bearer token
// to a foreign host.
func (p *Provider) temporaryFile(w http.ResponseWriter, r *http.Request) {
	p.books.mu.Lock()
	defer p.books.mu.Unlock()
	number := p.books.numberOf(strings.TrimSuffix(r.PathValue("id"), ".pdf"))
	expires, err := strconv.ParseInt(r.URL.Query().Get("expires"), 10, 64)
	switch {
	case r.Header.Get("Authorization") != "":
		badRequest("INVALID_REQUEST", "only one way to authenticate is allowed").write(w)
	case err != nil || !time.Now().Before(time.Unix(expires, 0)):
		refuse(http.StatusForbidden, "ACCESS_DENIED", "the link has expired").write(w)
	case number == "":
		notFound("file").write(w)
	default:
		document(number).write(w)
	}
}

// document is a one-page PDF that names the invoice.
func document(number string) answer {
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
	return answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/pdf"}}, body: pdf.Bytes()}
}
