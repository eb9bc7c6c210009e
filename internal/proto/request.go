package proto

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gobwas/httphead"
)

// Request is the content of all of a client's upgrade requests in addition to what
// RFC 6455 requires. The zero value requests /.
type Request struct {
	Path      string   // and query; empty is /
	Protocols []string // requested subprotocols: the answer must select one
	Headers   []string // further lines, each "Name: value"
}

// Validate refuses a malformed request, and headers that the handshake sets itself.
func (r Request) Validate() error {
	if err := r.checkPath(); err != nil {
		return err
	}
	for i, p := range r.Protocols {
		if !isToken(p) {
			return fmt.Errorf("subprotocol %q: want letters, digits and !#$%%&'*+-.^_`|~", p)
		}
		if slices.Contains(r.Protocols[:i], p) {
			return fmt.Errorf("subprotocol %q: given twice", p)
		}
	}
	for _, line := range r.Headers {
		if err := checkHeader(line); err != nil {
			return err
		}
	}
	if n := len(r.Append(nil, strings.Repeat("h", maxHost), Key{})); n > MaxHeader {
		return fmt.Errorf("path, subprotocols and headers: the request has %d bytes; want at most %d", n, MaxHeader)
	}
	return nil
}

// maxHost is the longest host and port: an IPv6 address with a zone.
const maxHost = 80

func (r Request) checkPath() error {
	switch {
	case r.Path == "":
		return nil
	case r.Path[0] != '/':
		return fmt.Errorf("path %q: must begin with /", r.Path)
	case strings.ContainsFunc(r.Path, func(c rune) bool { return c <= ' ' || c > '~' || c == '#' }):
		return fmt.Errorf("path %q: must be printable ASCII without spaces and #; write other characters as %%XX", r.Path)
	}
	return nil
}

// checkHeader refuses a line that is not a header, or that the handshake sets.
func checkHeader(line string) error {
	name, value, ok := strings.Cut(line, ":")
	switch {
	case !ok || !isToken(name):
		return fmt.Errorf("header %q: want 'Name: value'", line)
	case strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
		return fmt.Errorf("header %q: a value must not contain line breaks or control characters", line)
	case isOwn(name):
		return fmt.Errorf("header %q: the handshake sets %s itself", line, name)
	}
	return nil
}

// isOwn reports whether the handshake sets a header, or the header would change
// where the request ends.
func isOwn(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "sec-websocket-") ||
		slices.Contains([]string{"host", "upgrade", "connection", "content-length", "transfer-encoding", "te", "trailer"}, name)
}

// isToken reports whether s is a token (RFC 9110, 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c > '~' || !httphead.OctetTypes[byte(c)].IsToken() })
}

// Append appends the request for a host.
func (r Request) Append(out []byte, host string, k Key) []byte {
	key := k.encode()
	out = append(out, "GET "...)
	if r.Path == "" {
		out = append(out, '/')
	}
	out = append(out, r.Path...)
	out = append(out, " HTTP/1.1\r\nHost: "...)
	out = append(out, host...)
	out = append(out, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "...)
	out = append(out, key[:]...)
	out = append(out, "\r\nSec-WebSocket-Version: 13\r\n"...)
	for i, p := range r.Protocols {
		if i == 0 {
			out = append(out, "Sec-WebSocket-Protocol: "...)
		} else {
			out = append(out, ", "...)
		}
		out = append(out, p...)
	}
	if len(r.Protocols) > 0 {
		out = append(out, "\r\n"...)
	}
	for _, line := range r.Headers {
		out = append(out, line...)
		out = append(out, "\r\n"...)
	}
	return append(out, "\r\n"...)
}

// Refusal is an answer that refuses an upgrade.
type Refusal struct {
	Status   string // the status line, quoted if necessary
	Location string // the target of a redirect
	Body     string // its start, quoted; empty if not received
}

// Error returns the server's answer as one printable line.
func (r *Refusal) Error() string {
	text := r.Status
	if r.Location != "" {
		text += ", a redirect to " + r.Location
	}
	if r.Body != "" {
		text += ": " + r.Body
	}
	return text
}

// Is makes every refusal match errRefused.
func (r *Refusal) Is(target error) bool { return target == errRefused }

var errRefused = errors.New("the answer is not 101")

// refusal builds a Refusal from a status line, the header after it, and the start of
// a body.
func refusal(status, header, body []byte) *Refusal {
	r := &Refusal{Status: shown(status, false), Body: shown(body, true)}
	if !redirects(status) {
		return r
	}
	for len(header) > 0 {
		var one []byte
		one, header = line(header)
		if name, value, ok := httphead.ParseHeaderLine(one); ok && is(name, "Location") {
			r.Location = shown(value, true)
		}
	}
	return r
}

func redirects(status []byte) bool {
	parsed, ok := httphead.ParseResponseLine(status)
	return ok && parsed.Status/100 == 3
}

// shown returns the first shownBytes of a server's answer in printable characters.
func shown(b []byte, quoted bool) string {
	cut := ""
	if len(b) > shownBytes {
		b, cut = b[:shownBytes], "…"
	}
	if len(b) == 0 {
		return ""
	}
	text := strconv.QuoteToASCII(string(b))
	if inner := text[1 : len(text)-1]; !quoted && inner == string(b) {
		text = inner
	}
	return text + cut
}

// shownBytes is the length to which lines and bodies are cut.
const shownBytes = 64
