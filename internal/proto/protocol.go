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
	client   func(request Request, size int) framing // nil if messages are sent unchanged
	summary  string                                  // after the name, in help
	framed   bool
	upgrades bool
	pushes   bool
	farewell []byte
}

// table lists every protocol.
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

// ParseProtocol parses the name of a protocol.
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

// Names lists the protocols that have a property, as a choice: "echo or ws".
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

// definition returns p's row. It panics for a protocol that is not in the table,
// which ParseProtocol never returns.
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

// NewServer returns a Server for the connections of one goroutine. It calls handle
// once per message, before its reply. The message is valid until handle returns.
func (p Protocol) NewServer(handle func(message []byte)) Server { return p.definition().server(handle) }

// NewClient returns a Client for the connections of one goroutine and messages of
// size bytes. A handshake, if there is one, sends request.
func (p Protocol) NewClient(request Request, size int) Client {
	if make := p.definition().client; make != nil {
		return Client{make(request, size)}
	}
	return Client{}
}

// Framed reports whether messages have boundaries, however their bytes arrive.
func (p Protocol) Framed() bool { return p.definition().framed }

// Upgrades reports whether a connection starts with an upgrade request (Request).
func (p Protocol) Upgrades() bool { return p.definition().upgrades }

// Pushes reports whether a server may send messages without a request.
func (p Protocol) Pushes() bool { return p.definition().pushes }

// Farewell returns what a server sends on an Open connection before it shuts down;
// empty if the protocol has no such message. It must not be modified.
func (p Protocol) Farewell() []byte { return p.definition().farewell }
