//go:build linux

// Package goroutine is the mode the standard library suggests: package net,
// and a goroutine per connection, or two. The runtime's poller waits; there
// is no event loop of our own.
package goroutine

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
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
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	cfg.Announce(servers.AddrPort(ln))
	err = s.accept(ctx, ln)
	ln.Close()
	s.closeAll()
	s.running.Wait()
	return err
}

type server struct {
	cfg     servers.Config
	handle  handler
	running sync.WaitGroup
	freed   chan struct{} // a connection has ended since accept last looked

	mu    sync.Mutex
	conns map[*net.TCPConn]struct{} // the open ones, to close at the end
}

// handler serves one connection until it ends, counting into a shard.
type handler func(c *net.TCPConn, work servers.Work, count *servers.Counter) error

// accept starts a goroutine for each connection until ctx is done.
func (s *server) accept(ctx context.Context, ln *net.TCPListener) error {
	var wait time.Duration
	for i := 0; ; i++ {
		// The shards keep goroutines on different processors from
		// counting in the same cache line.
		count := s.cfg.Counters.Writer(i % s.cfg.Counters.Len())
		c, err := ln.AcceptTCP()
		if ctx.Err() != nil {
			if err == nil {
				c.Close()
			}
			return nil
		}
		switch servers.JudgeAccept(err) {
		case servers.Accepted:
			wait = 0
			s.start(c, count)
		case servers.Exhausted:
			wait = min(max(2*wait, 5*time.Millisecond), 500*time.Millisecond)
			s.pause(ctx, wait)
		case servers.ConnectionLost:
			count.Errors.Add(1)
		default:
			return err
		}
	}
}

// pause waits for d, or until a descriptor has become free.
func (s *server) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-s.freed:
	case <-t.C:
	}
}

func (s *server) start(c *net.TCPConn, count *servers.Counter) {
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	count.Accepted.Add(1)
	count.Open.Add(1)
	s.running.Add(1)
	go s.serve(c, count)
}

func (s *server) serve(c *net.TCPConn, count *servers.Counter) {
	defer s.running.Done()
	if err := s.handle(c, s.cfg.Work, count); err != nil && !gone(err) {
		count.Errors.Add(1)
	}
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

// gone reports whether err only says that the peer left, or that we closed.
func gone(err error) bool {
	return err == io.EOF || errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT)
}

func (s *server) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.SetLinger(0) // do not wait for a peer that does not read
		c.Close()
	}
}
