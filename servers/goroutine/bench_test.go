//go:build linux

package goroutine_test

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"

	"c1m/internal/proto"
	"c1m/servers"
	"c1m/servers/goroutine"
)

const upgradeRequest = "GET / HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

// The two upgrades over loopback: connect, upgrade, reset. What the client
// and the kernel do is in both.

func BenchmarkUpgradeHTTPLoopback(b *testing.B) { benchmarkUpgrade(b, servers.UpgradeHTTP) }
func BenchmarkUpgradeTCPLoopback(b *testing.B)  { benchmarkUpgrade(b, servers.UpgradeTCP) }

func benchmarkUpgrade(b *testing.B, upgrade servers.Upgrade) {
	counters, err := servers.NewCounters(runtime.NumCPU())
	if err != nil {
		b.Fatal(err)
	}
	defer counters.Close()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan netip.AddrPort, 1), make(chan error, 1)
	go func() {
		ended <- goroutine.Serve(ctx, servers.Config{
			Addr: "127.0.0.1:0", Variant: "pair", Protocol: proto.WebSocket, Upgrade: upgrade,
			Counters: counters, Ready: func(addr netip.AddrPort) { ready <- addr },
		})
	}()
	var addr *net.TCPAddr
	select {
	case at := <-ready:
		addr = net.TCPAddrFromAddrPort(at)
	case err := <-ended:
		b.Fatal(err)
	}
	request, answer := []byte(upgradeRequest), make([]byte, 1024)
	b.ReportAllocs()
	for b.Loop() {
		c, err := net.DialTCP("tcp", nil, addr)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Write(request); err != nil {
			b.Fatal(err)
		}
		n, err := c.Read(answer)
		if err != nil || !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 101")) {
			b.Fatalf("%q, %v", answer[:n], err)
		}
		c.SetLinger(0) // a reset leaves no TIME_WAIT
		c.Close()
	}
	b.StopTimer()
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}
