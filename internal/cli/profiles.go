//go:build linux

package cli

import (
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// profileServer gives up on connections that do not say what they want, or do
// not take what they asked for. A profile lasts as long as its reader asks, at
// most as long as its answer may take.
func profileServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, MaxHeaderBytes: 16 << 10,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 10 * time.Minute, IdleTimeout: time.Minute,
	}
}

// serveProfiles serves Go's profiles at addr until the function it returns is
// called. It warns where others could read them.
func serveProfiles(addr string, say func(string, ...any)) (func(), error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, noAnswerf("-pprof %s: %w", addr, err)
	}
	if a, ok := listener.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		say("warning: -pprof %s is not a loopback address: whoever reaches it can read this process's memory profile", addr)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	server := profileServer(mux)
	say("profiles at http://%v/debug/pprof/", listener.Addr())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // always an error: that it was closed
	}()
	return func() {
		_ = server.Close()
		<-done
	}, nil
}
