//go:build linux

package contract

import (
	"context"
	"fmt"
	"time"

	"c1m/internal/proto"
)

// stop is the theme of the server's end.
func stop() []Clause {
	return []Clause{
		{
			ID: "stop", Title: "SIGTERM ends it in 10 s, and the port is free", Protocols: both, Needs: Stopping, run: stopRun,
			Why: "Whoever runs a server restarts it, and kills it after a while: Docker after ten seconds ([docker stop](https://docs.docker.com/reference/cli/docker/container/stop/)). Clients that are idle, within a message, or do not read must not prevent the end. Then it is started again at the same address, which fails for a minute without SO_REUSEADDR ([socket(7)](https://man7.org/linux/man-pages/man7/socket.7.html)), and serves.",
		},
	}
}

// stopLimit is how long a server may take to end, with DefaultPatience.
const stopLimit = 10 * time.Second

func stopRun(s *scene) error {
	const idle = 100
	server, err := s.start(Options{})
	if err != nil {
		return err
	}
	clients, err := s.crowd(idle + 1)
	if err != nil {
		return err
	}
	within := clients[idle]
	b := within.wire.encode(within.message())
	if err := within.write(b[:len(b)/2]); err != nil {
		return found("a client sent half a message", "it to be taken", err)
	}
	if s.target.Protocol == proto.WebSocket {
		if err := s.badUpgrades(); err != nil {
			return err
		}
	}
	if _, err := s.deafen(); err != nil {
		return err
	}

	addr, limit := server.Addr(), s.target.scaled(stopLimit)
	ctx, cancel := context.WithTimeoutCause(s.ctx, limit, fmt.Errorf("it still runs after %v", limit))
	defer cancel()
	if err := server.Stop(ctx); err != nil {
		return found(fmt.Sprintf("with %d clients idle, one within a message and one that does not read, the server was sent SIGTERM", idle),
			fmt.Sprintf("its end within %v", limit), err)
	}
	s.stopped()

	const did = "the server was sent SIGTERM, ended, and was started again at the same address"
	if _, err := s.start(Options{Addr: addr}); err != nil {
		return found(did, "it to serve", err)
	}
	if _, err := s.dialAndTrip(); err != nil {
		return found(did, "it to serve", err)
	}
	return nil
}

// badUpgrades makes a client within its request to upgrade, and one that broke the
// protocol and does not go.
func (s *scene) badUpgrades() error {
	if _, _, err := s.halfUpgrade(); err != nil {
		return err
	}
	broken, err := s.dial()
	if err == nil {
		err = broken.write(frame{fin: true, opcode: opText, payload: []byte("a"), plain: true}.append(nil))
	}
	if err != nil {
		return found("a client sent a frame without a mask", "it to be taken", err)
	}
	return nil
}
