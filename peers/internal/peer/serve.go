package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// Listen accepts connections at addr with package net, and handles each in a
// goroutine of its own, until ctx is done.
func Listen(ctx context.Context, addr string, handle func(net.Conn)) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return Accept(ctx, listener, handle)
}

// Accept is Listen with a listener, which it closes. When descriptors run out,
// it waits and tries again, as net/http's server does.
func Accept(ctx context.Context, listener net.Listener, handle func(net.Conn)) error {
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		conn, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
			fmt.Fprintln(os.Stderr, err)
			time.Sleep(100 * time.Millisecond)
		case err != nil:
			return err
		default:
			go handle(conn)
		}
	}
}

// Echo returns what comes on a connection until it ends, with one buffer.
func Echo(conn net.Conn) {
	defer conn.Close()
	buffer := make([]byte, 4<<10)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if _, err := conn.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// HTTP serves handler at addr with net/http until ctx is done. Connections that
// a handler has taken over are not part of its graceful shutdown: they end with
// the process.
func HTTP(ctx context.Context, addr string, handler http.Handler) error {
	server := &http.Server{Addr: addr, Handler: handler}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return Shutdown(server.Shutdown)
	}
}

// Shutdown calls a library's own shutdown and gives it Grace. Connections that
// do not end by then are no error: they end with the process.
func Shutdown(shutdown func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), Grace)
	defer cancel()
	if err := shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
