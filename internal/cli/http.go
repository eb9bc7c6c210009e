//go:build linux

package cli

import (
	"net"
	"net/http"
	"time"
)

// httpServer returns a server that closes connections that do not send a request, or do not
// read the answer within a time.
func httpServer(handler http.Handler, answer time.Duration) *http.Server {
	return &http.Server{
		Handler: handler, MaxHeaderBytes: 16 << 10,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: answer, IdleTimeout: time.Minute,
	}
}

// serveHTTP serves until the returned function is called.
func serveHTTP(listener net.Listener, server *http.Server) (end func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // always returns an error when closed
	}()
	return func() {
		_ = server.Close()
		<-done
	}
}
