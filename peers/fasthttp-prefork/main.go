// Fasthttp-prefork echoes with the processes of fasthttp's package prefork, in
// each of which package net serves the listener of all. It does not use
// fasthttp's HTTP server.
package main

import (
	"context"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"

	"github.com/valyala/fasthttp/prefork"

	"c1m/peers/internal/peer"
)

func main() {
	peer.Main(peer.Protocols{"echo": serve})
}

func serve(ctx context.Context, addr string) error {
	children := &supervised{ctx: ctx}
	defer context.AfterFunc(ctx, children.endOne)()
	server := prefork.Prefork{
		Network:          "tcp",
		RecoverThreshold: max(1, runtime.GOMAXPROCS(0)/2), // what prefork.New sets
		OnMasterDeath:    func() { os.Exit(1) },
		OnChildSpawn:     children.spawned,
		ServeFunc:        func(l net.Listener) error { return peer.Accept(ctx, l, peer.Echo) },
	}
	return server.ListenAndServe(addr)
}

// supervised shuts the master down. The package has no call for it, but ends
// all children and returns when it is told of a new one and gets an error: so
// one is ended, and its successor refused.
type supervised struct {
	ctx    context.Context
	mu     sync.Mutex
	newest int
}

func (s *supervised) spawned(pid int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest = pid
	return s.ctx.Err()
}

func (s *supervised) endOne() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newest > 0 {
		syscall.Kill(s.newest, syscall.SIGTERM)
	}
}
