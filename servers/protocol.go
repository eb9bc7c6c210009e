//go:build linux

package servers

import (
	"fmt"
	"time"
)

// Protocol is what the bytes on a connection mean.
type Protocol string

// The protocols a server can speak.
const (
	Echo      Protocol = "echo" // any bytes come back
	WebSocket Protocol = "ws"   // messages come back (RFC 6455)
)

// ParseProtocol reads the name of a protocol.
func ParseProtocol(s string) (Protocol, error) {
	switch p := Protocol(s); p {
	case Echo, WebSocket:
		return p, nil
	}
	return "", fmt.Errorf("unknown protocol %q: want echo or ws", s)
}

// Upgrade is how a WebSocket begins.
type Upgrade string

// The ways to upgrade.
const (
	UpgradeTCP  Upgrade = "tcp"  // from the bytes of the connection
	UpgradeHTTP Upgrade = "http" // by net/http, which gives the connection away
)

// HeaderPatience is how long a client may take to send its request to upgrade,
// and how long what it sends is dropped after it broke the protocol, so that
// it can read why.
const HeaderPatience = 10 * time.Second

// Patience is c.HeaderPatience, or its default.
func (c Config) Patience() time.Duration {
	if c.HeaderPatience > 0 {
		return c.HeaderPatience
	}
	return HeaderPatience
}
