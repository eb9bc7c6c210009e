//go:build linux

package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"c1m/internal/proto"
	"c1m/internal/result"
)

// handshakeFlags are the flags that say what a client's requests to upgrade
// say.
type handshakeFlags struct {
	path      string
	protocols []string
	headers   []string
}

func (f *handshakeFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.path, "ws-path", "/", "`PATH` and query that WebSockets ask for")
	flags.StringSliceVar(&f.protocols, "ws-protocol", nil, "`SUBPROTOCOLS` that WebSockets offer: the server must choose one")
	flags.StringArrayVar(&f.headers, "header", nil, "one more line of each request to upgrade, '`NAME: VALUE`'; repeatable; the run file and command lines show it")
}

// request is what the flags ask for.
func (f handshakeFlags) request() proto.Request {
	r := proto.Request{Path: f.path, Protocols: f.protocols}
	if r.Path == "/" { // as if nothing was said
		r.Path = ""
	}
	for _, line := range f.headers {
		r.Headers = append(r.Headers, strings.TrimSpace(line))
	}
	return r
}

// check refuses what no request can say, and flags that nothing would take.
func (f handshakeFlags) check(webSocket bool, given func(string) bool) error {
	for _, name := range []string{"ws-path", "ws-protocol", "header"} {
		if given(name) && !webSocket {
			return usagef("-%s: only a WebSocket is upgraded; add -proto ws", name)
		}
	}
	// Each by itself, so that the error names the flag; then all.
	whole := f.request()
	for _, part := range []struct {
		flag string
		of   proto.Request
	}{
		{"ws-path", proto.Request{Path: f.path}},
		{"ws-protocol", proto.Request{Protocols: whole.Protocols}},
		{"header", proto.Request{Headers: whole.Headers}},
		{"header", whole},
	} {
		if err := part.of.Validate(); err != nil {
			return usagef("-%s: %w", part.flag, err)
		}
	}
	if f.path == "" && given("ws-path") {
		return usagef("-ws-path: empty; want a path such as /chat")
	}
	return nil
}

// checkRows refuses subprotocols for servers that choose none.
func (f handshakeFlags) checkRows(rows []row) error {
	if len(f.protocols) > 0 && slices.ContainsFunc(rows, func(r row) bool { return r.kind == result.KindMode }) {
		return usagef("-ws-protocol %s: our own modes choose no subprotocol; use -modes none with -exec or -target", strings.Join(f.protocols, ","))
	}
	return nil
}

// on is the cell whose WebSockets ask so.
func (f handshakeFlags) on(cell result.Cell) result.Cell {
	if cell.Protocol == string(proto.WebSocket) {
		r := f.request()
		cell.WSPath, cell.WSProtocols, cell.Headers = r.Path, r.Protocols, r.Headers
	}
	return cell
}
