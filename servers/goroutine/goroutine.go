//go:build linux

// Package goroutine is the mode that the standard library suggests: package net and
// one or two goroutines per connection. The runtime's poller waits; there is no
// event loop.
package goroutine

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"c1m/servers"
)

// Serve implements servers.Serve, with the variants single and pair.
func Serve(ctx context.Context, cfg servers.Config) error {
	ln, err := servers.Listen(cfg.Addr, nil)
	if err != nil {
		return err
	}
	s := &server{
		cfg:    cfg,
		handle: single,
		conns:  make(map[*net.TCPConn]struct{}),
		freed:  make(chan struct{}, 1),
	}
	if cfg.Variant == "pair" {
		s.handle = pair
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		ln.Close()
	})
	defer func() {
		if !stop() {
			<-closed // otherwise the descriptor could outlive Serve
		}
	}()
	endPushing := func() {}
	if cfg.Push.Rate > 0 {
		s.hub = newHub(cfg.Protocol, cfg.Push, cfg.Counters, &s.running)
		if endPushing, err = s.hub.start(); err != nil {
			ln.Close()
			return err
		}
	}
	cfg.Announce(servers.AddrPort(ln))
	if cfg.Upgrade == servers.UpgradeHTTP {
		err = s.serveHTTP(ctx, ln)
	} else {
		err = s.accept(ctx, ln)
	}
	ln.Close()
	endPushing()
	s.closeAll()
	s.running.Wait()
	return err
}

type server struct {
	cfg      servers.Config
	handle   handler
	hub      *hub // nil without notifications
	running  sync.WaitGroup
	stopping atomic.Bool
	freed    chan struct{} // a connection has ended since accept last looked
	accepted int           // calls of accept, including failed ones
	wait     time.Duration // the last pause for want of descriptors

	mu    sync.Mutex
	conns map[*net.TCPConn]struct{} // the open ones, to close at the end
}

// handler serves one connection until it ends.
type handler func(t *talk) error

// accept starts a goroutine for each connection until ctx is done.
func (s *server) accept(ctx context.Context, ln *net.TCPListener) error {
	for {
		c, count, err := s.next(ctx, ln)
		if ctx.Err() != nil && err != nil {
			return nil
		}
		if err != nil {
			return err
		}
		s.begin(c, count)
		go s.serve(c, count, func() error { return s.handle(newTalk(c, s, count)) })
	}
}

// next waits for a connection, and returns its counter too. It returns an error
// when ctx is done or the listener is unusable.
func (s *server) next(ctx context.Context, ln *net.TCPListener) (*net.TCPConn, *servers.Counter, error) {
	for {
		// Several counters, so that goroutines on different processors do not
		// write the same cache line.
		count := s.cfg.Counters.Writer(s.accepted % s.cfg.Counters.Len())
		s.accepted++
		c, err := ln.AcceptTCP()
		if ctx.Err() != nil {
			if err == nil {
				c.Close()
			}
			return nil, nil, ctx.Err()
		}
		switch servers.JudgeAccept(err) {
		case servers.Accepted:
			s.wait = 0
			return c, count, nil
		case servers.Exhausted:
			s.wait = min(max(2*s.wait, 5*time.Millisecond), 500*time.Millisecond)
			s.pause(ctx, s.wait)
		case servers.ConnectionLost:
			count.Errors.Add(1)
		default:
			return nil, nil, err
		}
	}
}

// pause waits for d, or until a descriptor is free.
func (s *server) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-s.freed:
	case <-t.C:
	}
}

// begin registers a connection, end closes and removes it.
func (s *server) begin(c *net.TCPConn, count *servers.Counter) {
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	count.Accepted.Add(1)
	count.Open.Add(1)
	s.running.Add(1)
}

func (s *server) end(c *net.TCPConn, count *servers.Counter) {
	defer s.running.Done()
	c.Close()
	select {
	case s.freed <- struct{}{}:
	default:
	}
	count.Open.Add(-1)
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

func (s *server) serve(c *net.TCPConn, count *servers.Counter, handle func() error) {
	err := handle()
	if err != nil && !gone(err) {
		count.Errors.Add(1)
	}
	if err != nil && s.stopping.Load() {
		c.SetLinger(0) // do not wait for a peer that does not read
	}
	s.end(c, count)
}

// gone reports whether err only means that the peer or this server closed the
// connection.
func gone(err error) bool {
	return err == io.EOF || errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT)
}

// closeAll closes every connection. If the protocol has a farewell, the
// connection's own goroutines send it and end, because only they know where a
// message ends.
func (s *server) closeAll() {
	s.stopping.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if len(s.cfg.Protocol.Farewell()) > 0 {
			c.SetReadDeadline(longAgo)
			c.SetWriteDeadline(time.Now().Add(parting))
			continue
		}
		c.SetLinger(0) // do not wait for a peer that does not read
		c.Close()
	}
}

// longAgo, as a deadline, interrupts blocked calls.
var longAgo = time.Unix(1, 0)

// parting is how long a write may still take when the server stops: only a write
// to a peer that does not read takes any time.
const parting = 100 * time.Millisecond
