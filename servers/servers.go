//go:build linux

// Package servers is the contract between a server architecture and the
// program that runs it: the configuration, the counters, the work done per
// message, and the names of the modes. It holds no server.
package servers

import (
	"context"
	"net/netip"
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
)

// Serve is a mode. It listens on cfg.Addr, calls cfg.Ready as soon as it accepts
// connections, and serves until ctx is done. It then stops accepting, closes every
// connection, joins every goroutine and process it started, and returns nil. If it
// cannot continue it returns the error; it never just logs it.
type Serve func(ctx context.Context, cfg Config) error

// Config is the configuration of a mode. It is the same for all modes; they differ
// in who accepts, waits, reads, handles and writes.
type Config struct {
	// Addr is the host:port to listen on. Port 0 lets the kernel choose; an
	// empty host means every address, IPv6 and IPv4.
	Addr string

	// Variant is the choice inside the mode, one of Mode.Variants.
	Variant string

	// Concurrency is the number of loops, processes or workers; 0 for modes
	// without that choice.
	Concurrency int

	// Protocol is what the connections speak; empty is echo.
	Protocol proto.Protocol

	// Upgrade is who does the handshake; empty is UpgradeTCP. Only
	// goroutine:pair has UpgradeHTTP.
	Upgrade Upgrade

	// HandshakeTimeout is how long a handshake may take; 0 is the constant of
	// that name.
	HandshakeTimeout time.Duration

	// Work is done for each message before its reply is written.
	Work Work

	// Push describes the notifications; only for a Protocol that pushes.
	Push push.Config

	// Counters is where the mode counts, one writer a slot (Mode.Writers).
	Counters *Counters

	// Ready, if not nil, is called once, with the address listened on.
	Ready func(netip.AddrPort)
}
