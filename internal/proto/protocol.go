package proto

import (
	"fmt"
	"strings"

	"github.com/gobwas/ws"
)

// Protocol names what the bytes on a connection mean. The zero value is Echo.
type Protocol string

// The protocols.
const (
	Echo      Protocol = "echo" // any bytes come back
	WebSocket Protocol = "ws"   // messages come back (RFC 6455)
)

// definition is a protocol's row in the table.
type definition struct {
	name     Protocol
	server   func(handle func(message []byte)) Server
	client   func(request Request, size int) framing // nil where messages are sent as they are
	summary  string                                  // behind the name, in help
	framed   bool
	upgrades bool
	pushes   bool
	farewell []byte
}

// table lists every protocol. A new one is a line here and its own files.
func table() []definition {
	return []definition{
		{name: Echo,
			server: func(handle func([]byte)) Server { return &echo{handle} }},
		{name: WebSocket,
			server:  func(handle func([]byte)) Server { return newWebSocket(handle) },
			client:  func(r Request, size int) framing { return newWebSocketClient(r, size) },
			summary: "for WebSocket", framed: true, upgrades: true, pushes: true, farewell: ws.CompiledCloseGoingAway},
	}
}

// ParseProtocol reads the name of a protocol.
func ParseProtocol(s string) (Protocol, error) {
	for _, d := range table() {
		if string(d.name) == s {
			return d.name, nil
		}
	}
	return "", fmt.Errorf("unknown protocol %q: want %s", s, Names(func(Protocol) bool { return true }))
}

// Protocols lists every protocol.
func Protocols() []Protocol {
	var list []Protocol
	for _, d := range table() {
		list = append(list, d.name)
	}
	return list
}

// Names lists the protocols that have a property, as one writes a choice:
// "echo or ws".
func Names(has func(Protocol) bool) string {
	var names []string
	for _, d := range table() {
		if has(d.name) {
			names = append(names, string(d.name))
		}
	}
	return strings.Join(names, " or ")
}

// Help lists the protocols for a line of help.
func Help() string {
	var words []string
	for _, d := range table() {
		words = append(words, strings.TrimSpace(string(d.name)+" "+d.summary))
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + ", or " + words[last]
}

// definition is p's row. A Protocol that is not in the table is a mistake of
// the program's: ParseProtocol makes none.
func (p Protocol) definition() definition {
	if p == "" {
		p = Echo
	}
	for _, d := range table() {
		if d.name == p {
			return d
		}
	}
	panic(fmt.Sprintf("protocol %q is not in the table", string(p)))
}

// NewServer makes the server's side for the connections of one goroutine. It
// calls handle once per message, before its reply. The message is good until
// handle returns.
func (p Protocol) NewServer(handle func(message []byte)) Server { return p.definition().server(handle) }

// NewClient makes the client's side for the connections of one goroutine, for
// messages of size bytes. The request is what a handshake asks for, where there
// is one.
func (p Protocol) NewClient(request Request, size int) Client {
	if make := p.definition().client; make != nil {
		return Client{make(request, size)}
	}
	return Client{}
}

// Framed reports whether a message has bounds of its own, however it arrives.
func (p Protocol) Framed() bool { return p.definition().framed }

// Upgrades reports whether a connection begins with an HTTP request to upgrade
// (Request).
func (p Protocol) Upgrades() bool { return p.definition().upgrades }

// Pushes reports whether a server may send messages that nobody asked for.
func (p Protocol) Pushes() bool { return p.definition().pushes }

// Farewell is what a server that stops sends on an Open connection before it
// closes it; empty if the protocol has no such message. It must not be changed.
func (p Protocol) Farewell() []byte { return p.definition().farewell }
