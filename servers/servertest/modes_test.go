//go:build linux

package servertest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"c1m/servers"

	"golang.org/x/sys/unix"
)

// faults are the ways in which the suite must not let a server be wrong. Each
// is a variant of the server below; "reference" has none.
type fault string

const (
	reference     fault = "reference"
	wrongBytes    fault = "wrong-bytes"    // the large message is damaged
	wrongOrder    fault = "wrong-order"    // swaps messages that arrive together
	ipv4Only      fault = "ipv4-only"      // an empty host is IPv4 alone
	noWork        fault = "no-work"        // replies at once
	oneAtATime    fault = "one-at-a-time"  // a message begun holds up all others
	greedy        fault = "greedy"         // stays with one connection to its end
	fewServed     fault = "few-served"     // 100 connections are served, the others wait
	ignoresEnd    fault = "ignores-end"    // keeps a connection whose client is gone
	spinsOnEnd    fault = "spins-on-end"   // reads the end again and again
	twoEach       fault = "two-each"       // two descriptors a connection
	spinsOnLimit  fault = "spins-on-limit" // accept again at once when descriptors are out
	dropsOnLimit  fault = "drops-on-limit" // ends when descriptors are out
	keepsAll      fault = "keeps-all"      // queues without bound
	waitsForAll   fault = "waits-for-all"  // shutdown waits for clients
	leaksRoutine  fault = "leaks-routine"  // a goroutine outlives Serve
	leaksSocket   fault = "leaks-socket"   // the listener outlives Serve
	hidesError    fault = "hides-error"    // nil for an address in use
	countsNothing fault = "counts-nothing" // messages are not counted
	countsResets  fault = "counts-resets"  // a peer that goes away is an error
)

// server is a goroutine per connection over package net: the plainest server
// that keeps the contract, and with a fault one that breaks it.
type server struct {
	cfg      servers.Config
	fault    fault
	listener *net.TCPListener
	group    sync.WaitGroup
	counter  *servers.Counter

	mu    sync.Mutex
	conns map[*net.TCPConn]bool

	exclusive sync.Mutex    // oneAtATime, greedy
	places    chan struct{} // fewServed
}

func serve(ctx context.Context, cfg servers.Config) error {
	if isPrefork(cfg.Variant) {
		return servePrefork(ctx, cfg)
	}
	s := &server{
		cfg:     cfg,
		fault:   fault(cfg.Variant),
		counter: cfg.Counters.Writer(0),
		conns:   make(map[*net.TCPConn]bool),
		places:  make(chan struct{}, 100),
	}
	network := "tcp"
	if s.fault == ipv4Only {
		network = "tcp4"
	}
	l, err := net.Listen(network, cfg.Addr)
	if err != nil {
		if s.fault == hidesError {
			return nil
		}
		return err
	}
	s.listener = l.(*net.TCPListener)
	cfg.Ready(address(l))
	return s.run(ctx)
}

// run accepts until ctx is done.
func (s *server) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	closed := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(closed)
		if s.fault == leaksSocket {
			s.listener.SetDeadline(time.Unix(1, 0))
			return
		}
		s.listener.Close()
	})
	if s.fault == leaksRoutine {
		go func() { select {} }()
	}
	err := s.accept(ctx)
	cancel() // accept may have failed
	<-closed
	if s.fault != waitsForAll {
		s.mu.Lock()
		for conn := range s.conns {
			conn.Close()
		}
		s.mu.Unlock()
	}
	s.group.Wait()
	return err
}

func (s *server) accept(ctx context.Context) error {
	for {
		conn, err := s.listener.AcceptTCP()
		switch {
		case ctx.Err() != nil:
			if conn != nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, unix.EMFILE) && s.fault != dropsOnLimit:
			if s.fault != spinsOnLimit {
				select {
				case <-ctx.Done():
				case <-time.After(20 * time.Millisecond):
				}
			}
			continue
		case err != nil:
			return fmt.Errorf("accept: %w", err)
		}
		s.counter.Accepted.Add(1)
		s.counter.Open.Add(1)
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		s.group.Go(func() { s.handle(conn) })
	}
}

func (s *server) handle(conn *net.TCPConn) {
	if s.fault == ignoresEnd {
		s.echo(conn)
		return
	}
	if s.fault == twoEach {
		if second, err := conn.File(); err == nil {
			defer second.Close()
		}
	}
	if s.fault == fewServed {
		s.places <- struct{}{}
		defer func() { <-s.places }()
	}
	if s.fault == keepsAll {
		s.keep(conn)
	} else {
		s.echo(conn)
	}
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
	conn.Close()
	s.counter.Open.Add(-1)
}

// echo answers until the connection ends.
func (s *server) echo(conn *net.TCPConn) {
	b := make([]byte, 4096)
	holding := false
	for total := 0; ; {
		n, err := conn.Read(b)
		if err != nil {
			if s.fault == countsResets && errors.Is(err, unix.ECONNRESET) {
				s.counter.Errors.Add(1)
			}
			for s.fault == spinsOnEnd && !errors.Is(err, net.ErrClosed) {
				_, err = conn.Read(b)
			}
			return
		}
		if s.fault == oneAtATime {
			s.exclusive.Lock()
			if n < 8 {
				_, err = io.ReadFull(conn, b[n:8])
				n = 8
			}
			s.exclusive.Unlock()
			if err != nil {
				return
			}
		}
		if s.fault == greedy && !holding {
			s.exclusive.Lock()
			holding = true
			defer s.exclusive.Unlock()
		}
		total += n
		if s.fault != countsNothing {
			s.counter.Messages.Add(1)
		}
		s.counter.Bytes.Add(int64(n))
		if s.fault != noWork {
			s.cfg.Work.Do(b[:n])
		}
		if s.fault == wrongBytes && total > 100_000 {
			b[0]++
		}
		if s.fault == wrongOrder && n >= 16 {
			copy(b, append(append([]byte(nil), b[8:16]...), b[:8]...))
		}
		if _, err := conn.Write(b[:n]); err != nil {
			return
		}
	}
}

// keep reads all a client sends and writes it when the client takes it.
func (s *server) keep(conn *net.TCPConn) {
	var (
		mu      sync.Mutex
		pending []byte
		ended   bool
		more    = sync.NewCond(&mu)
	)
	s.group.Go(func() {
		for {
			mu.Lock()
			for len(pending) == 0 && !ended {
				more.Wait()
			}
			b, last := pending, ended
			pending = nil
			mu.Unlock()
			if _, err := conn.Write(b); err != nil || last {
				return
			}
		}
	})
	b := make([]byte, 64<<10)
	for {
		n, err := conn.Read(b)
		mu.Lock()
		pending = append(pending, b[:n]...)
		ended = err != nil
		more.Signal()
		mu.Unlock()
		if err != nil {
			return
		}
		s.counter.Messages.Add(1)
		s.counter.Bytes.Add(int64(n))
	}
}

// address is what a listener listens on.
func address(l net.Listener) netip.AddrPort { return l.Addr().(*net.TCPAddr).AddrPort() }
