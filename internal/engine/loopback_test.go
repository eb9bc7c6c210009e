//go:build linux

package engine

import (
	"context"
	"net"
	"testing"
	"time"
)

// A command that listens at the other loopback address is called there.
func TestEitherLoopbackAddressIsTaken(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		listener, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Skipf("no %s here: %v", host, err)
		}
		defer listener.Close()
		want := listener.Addr().String()
		_, port, _ := net.SplitHostPort(want)
		first := "127.0.0.1:" + port
		if got, err := awaitAccept(context.Background(), []string{first, twin(first)}, time.Minute, nil); err != nil || got != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}

// A port that somebody has in IPv6 is not free.
func TestTwinIsTaken(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here: ", err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if addr := twin("127.0.0.1:" + port); addr != listener.Addr().String() || !taken(context.Background(), addr) {
		t.Errorf("%s is free", addr)
	}
}
