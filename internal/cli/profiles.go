//go:build linux

package cli

import (
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// serveProfiles serves Go's profiles at addr until the returned function is called. It warns
// if addr is reachable by others.
func serveProfiles(addr string, logf func(string, ...any)) (func(), error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, noAnswerf("-pprof %s: %w", addr, err)
	}
	if a, ok := listener.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		logf("warning: -pprof %s is not a loopback address: anyone who reaches it can read this process's memory profile", addr)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	logf("profiles at http://%v/debug/pprof/", listener.Addr())
	return serveHTTP(listener, httpServer(mux, profileLimit)), nil
}

// profileLimit limits the duration of a profile.
const profileLimit = 10 * time.Minute
