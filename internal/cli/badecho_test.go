//go:build linux

package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// badEcho is the command `badecho FAULT ADDR`: an echo server with one fault.
func badEcho() {
	fault, addr := os.Args[1], os.Args[2]
	switch fault {
	case "refuse":
		fmt.Fprintln(os.Stderr, "badecho: no thanks")
		os.Exit(3)
	case "deaf":
		select {} // never listens
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "badecho:", err)
		os.Exit(1)
	}
	if strings.HasSuffix(addr, ":0") {
		fmt.Fprintln(os.Stderr, "badecho:", listener.Addr())
	}
	var messages atomic.Int64
	for i := 0; ; i++ {
		conn, err := listener.Accept()
		if err != nil {
			os.Exit(1)
		}
		// Counts from the second: the first is the harness, asking whether
		// there is anybody.
		go serveBadly(conn, fault, i, &messages)
	}
}

func serveBadly(conn net.Conn, fault string, i int, messages *atomic.Int64) {
	defer conn.Close()
	switch fault {
	case "greet":
		fmt.Fprint(conn, "220 \x1b[31mmail server\r\n")
	case "mute":
		io.Copy(io.Discard, conn)
		return
	}
	b := make([]byte, 8)
	for n := 0; ; n++ {
		if _, err := conn.Read(b[:1]); err != nil {
			if fault == "fragile" && errors.Is(err, syscall.ECONNRESET) || fault == "farewell" && n > 0 {
				fmt.Fprintln(os.Stderr, "badecho:", err)
				os.Exit(5)
			}
			return
		}
		if fault == "chatty" {
			fmt.Println(strings.Repeat("a message, ", 90))
		}
		// Before the rest of the request has been read, the reply to it is a
		// guess: what this connection sent last.
		if fault == "early" && n > 0 && i%10 == 1 {
			conn.Write(b)
		}
		for got := 1; got < len(b); {
			k, err := conn.Read(b[got:])
			if err != nil {
				return
			}
			got += k
		}
		switch {
		case fault == "wrong" && n > 0 && i%10 == 1:
			b[3] ^= 1
		case fault == "drop" && n > 0 && i%100 == 1: // 1% of the connections
			return
		case fault == "stall" && n > 0 && i%2 == 1: // half of them
			time.Sleep(time.Hour)
		case fault == "starve" && n > 0 && i%2 == 1: // half of them wait, the others are served at once
			time.Sleep(900 * time.Millisecond)
		case fault == "capacity":
			queue.wait()
		case fault == "halt":
			halt()
			halted.RLock()
			halted.RUnlock()
		case fault == "limit" && n == 100:
			return
		case fault == "die" && messages.Load() > 100:
			die()
		}
		messages.Add(1)
		if _, err := conn.Write(b); err != nil {
			return
		}
	}
}

// halt stops all service once, for haltFor, some time after the first message.
var halt = sync.OnceFunc(func() {
	time.AfterFunc(haltAfter, func() {
		halted.Lock()
		time.Sleep(haltFor)
		halted.Unlock()
	})
})

var halted sync.RWMutex

const (
	haltAfter = 1500 * time.Millisecond
	haltFor   = 300 * time.Millisecond
)

// queue serves one request after another, capacity of them per second.
var queue served

// capacity is requests per second.
const capacity = 2000

// served is what one worker has taken on.
type served struct {
	mu  sync.Mutex
	end time.Time // of the last request
}

// wait returns when the worker has served one more request. It is by the
// schedule: a worker that overslept makes up for it.
func (s *served) wait() {
	s.mu.Lock()
	if now := time.Now(); s.end.Before(now) {
		s.end = now
	}
	s.end = s.end.Add(time.Second / capacity)
	end := s.end
	s.mu.Unlock()
	time.Sleep(time.Until(end))
}

// die says its last word once, whichever connections come to it together.
var die = sync.OnceFunc(func() {
	fmt.Fprintln(os.Stderr, "badecho: out of breath")
	os.Exit(7)
})
