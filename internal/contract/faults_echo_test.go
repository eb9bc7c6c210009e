//go:build linux

package contract

import (
	"errors"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// open counts the connections of a server process.
var open atomic.Int64

// accept serves until SIGTERM, a goroutine per connection.
func accept(listener *net.TCPListener, fault string, handle func(c *net.TCPConn, n int)) error {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- acceptAll(listener, fault, handle) }()
	for {
		select {
		case err := <-ended:
			return err
		case <-asked:
			if fault != "ignores-term" {
				return nil
			}
		}
	}
}

func acceptAll(listener *net.TCPListener, fault string, handle func(c *net.TCPConn, n int)) error {
	for n := 0; ; n++ {
		c, err := listener.AcceptTCP()
		if errors.Is(err, syscall.EMFILE) && fault != "ends-at-limit" {
			if fault != "spins-at-limit" {
				time.Sleep(20 * time.Millisecond)
			}
			continue
		}
		if err != nil {
			return err
		}
		if fault == "upgrades-in-turn" {
			handle(c, n)
			continue
		}
		go func() {
			now := open.Add(1)
			defer open.Add(-1)
			if fault == "closes-many" && now > 4000 {
				c.Close()
				return
			}
			handle(c, n)
		}()
	}
}

// echoServer is a server of bytes with a fault.
type echoServer struct {
	fault     string
	exclusive sync.Mutex
	places    chan struct{} // of serves-300
}

func (s *echoServer) handle(c *net.TCPConn, n int) {
	switch s.fault {
	case "serves-300":
		s.places <- struct{}{}
		defer func() { <-s.places }()
	case "two-each":
		if second, err := c.File(); err == nil {
			defer second.Close()
		}
	case "leaks":
		defer func() {
			if file, err := os.Open(os.DevNull); err == nil {
				kept.Store(file, true)
			}
		}()
	case "keeps-all":
		s.keep(c)
		return
	}
	if err := s.echo(c, n); s.fault == "keeps-ends" && errors.Is(err, io.EOF) {
		kept.Store(c, true)
		return
	}
	c.Close()
}

// kept is what a server does not close.
var kept sync.Map

// echo answers until the connection ends.
func (s *echoServer) echo(c *net.TCPConn, n int) error {
	b := make([]byte, 32<<10)
	for total := 0; ; {
		if s.fault == "polls" && open.Load() > 500 {
			c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		}
		k, err := c.Read(b)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if errors.Is(err, syscall.ECONNRESET) && s.fault == "dies-at-reset" {
			os.Exit(4)
		}
		if errors.Is(err, io.EOF) && s.fault == "dies-at-end" {
			os.Exit(4)
		}
		for err != nil && s.fault == "spins-at-end" && errors.Is(err, io.EOF) {
			_, err = c.Read(b)
		}
		if err != nil {
			return err
		}
		in := b[:k]
		switch s.fault {
		case "drops-byte":
			if at := 1<<16 - 1 - total; at >= 0 && at < k {
				in = append(in[:at], in[at+1:]...)
			}
		case "whole-messages":
			if rest := (8 - k%8) % 8; rest > 0 {
				s.exclusive.Lock()
				in = make([]byte, k+rest)
				copy(in, b[:k])
				_, err = io.ReadFull(c, in[k:])
				s.exclusive.Unlock()
			} else {
				s.exclusive.Lock()
				s.exclusive.Unlock() //lint:ignore SA2001 it waits for the one that reads
			}
		case "out-of-order":
			if k >= 16 && [4]byte(in) == [4]byte(in[8:]) { // of the same client
				in = append(append(append([]byte(nil), in[8:16]...), in[:8]...), in[16:]...)
			}
		case "late-to-some":
			if n >= 400 {
				time.Sleep(5 * time.Second)
			}
		case "greedy":
			s.exclusive.Lock()
			err = s.stay(c, in)
			s.exclusive.Unlock()
			in = nil
		}
		total += k
		if s.fault == "blocks" {
			s.exclusive.Lock()
		}
		if err == nil {
			_, err = c.Write(in)
		}
		if s.fault == "blocks" {
			s.exclusive.Unlock()
		}
		if errors.Is(err, syscall.ECONNRESET) && s.fault == "dies-at-reset" {
			os.Exit(4)
		}
		if err != nil {
			return err
		}
	}
}

// stay answers as long as a client has more to say and takes the answers.
func (s *echoServer) stay(c *net.TCPConn, in []byte) error {
	defer c.SetDeadline(time.Time{})
	more := make([]byte, 32<<10)
	for first := true; ; first = false {
		if first && len(in) < 4096 {
			_, err := c.Write(in)
			return err
		}
		c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		n, err := c.Write(in)
		if errors.Is(err, os.ErrDeadlineExceeded) { // it does not read: others may
			c.SetWriteDeadline(time.Time{})
			s.exclusive.Unlock()
			_, err = c.Write(in[n:])
			s.exclusive.Lock()
			return err
		}
		if err != nil {
			return err
		}
		c.SetReadDeadline(time.Now().Add(time.Second))
		n, err = c.Read(more)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return err
		}
		in = more[:n]
	}
}

// keep reads all that a client sends, and writes it when the client takes it.
func (s *echoServer) keep(c *net.TCPConn) {
	var (
		mu      sync.Mutex
		pending []byte
		over    bool
		more    = sync.NewCond(&mu)
	)
	go func() {
		defer c.Close()
		for {
			mu.Lock()
			for len(pending) == 0 && !over {
				more.Wait()
			}
			b, last := pending, over
			pending = nil
			mu.Unlock()
			if _, err := c.Write(b); err != nil || last {
				return
			}
		}
	}()
	b := make([]byte, 64<<10)
	for {
		n, err := c.Read(b)
		mu.Lock()
		pending = append(pending, b[:n]...)
		over = err != nil
		more.Signal()
		mu.Unlock()
		if err != nil {
			return
		}
	}
}
