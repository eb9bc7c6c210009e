//go:build linux

package servers

import "time"

// Upgrade is who does a protocol's handshake.
type Upgrade string

// The ways to upgrade a connection.
const (
	UpgradeTCP  Upgrade = "tcp"  // the protocol, from the bytes of the connection
	UpgradeHTTP Upgrade = "http" // net/http, which then hands the connection over
)

// HandshakeTimeout is how long a client's handshake may take, and how long what
// it sends is dropped after it broke the protocol, so that it can read why.
const HandshakeTimeout = 10 * time.Second

// Timeout is c.HandshakeTimeout, or its default.
func (c Config) Timeout() time.Duration {
	if c.HandshakeTimeout > 0 {
		return c.HandshakeTimeout
	}
	return HandshakeTimeout
}
