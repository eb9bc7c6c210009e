//go:build linux

// Package workload is what the connections of a load carry: the protocol and
// its messages, which connections are busy, the kind of traffic, and its pace.
// It owns the flags that say so, their checks, and the arguments that pass a
// workload on to a server or a replica. It must not depend on how a load is
// made, measured or shown.
package workload

import (
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// Workload is one load, of all replicas together or of one of them. Its zero
// value, with a number of connections, is a closed loop of echo. Its JSON names
// are those of run files.
type Workload struct {
	Conns       int            `json:"conns"`                  // connections
	ConnectRate float64        `json:"connect_rate,omitempty"` // new connections per second; 0 is as fast as the server takes them
	Protocol    proto.Protocol `json:"proto"`
	Upgrade     string         `json:"upgrade,omitempty"`     // who does the handshake, where that is not the protocol
	WSPath      string         `json:"ws_path,omitempty"`     // what requests to upgrade ask for; empty is /
	WSProtocols List           `json:"ws_protocol,omitempty"` // subprotocols that they offer
	Headers     List           `json:"header,omitempty"`      // their further lines, each "Name: value"
	Size        int            `json:"size"`                  // bytes per message
	Work        servers.Work   `json:"work"`                  // what the server does for each message

	// Busy is how many of the connections carry requests, the others being
	// idle; 0 is all of them. Idle says that none does.
	Busy int  `json:"busy,omitempty"`
	Idle bool `json:"idle,omitempty"`

	// Push says that the connections send nothing and are notified: PushRate
	// broadcasts per second, each to one in PushEvery of them. PushSlow is what
	// becomes of a subscriber that does not read.
	Push      bool      `json:"push,omitempty"`
	PushRate  float64   `json:"push_rate,omitempty"`
	PushEvery int       `json:"push_every,omitempty"`
	PushSlow  push.Slow `json:"push_slow,omitempty"`

	// Pipeline is how many requests each busy connection has in flight; 0 is 1.
	Pipeline int `json:"pipeline,omitempty"`

	// Churn is how many connections per second are closed and opened anew.
	// Storm says that all are, in the middle of the window.
	Churn float64 `json:"churn,omitempty"`
	Storm bool    `json:"storm,omitempty"`

	// Rate is requests per second in an open loop; 0 is a closed loop. RateShare
	// gives the rate as a share of the throughput in a closed loop. Arrivals is
	// Uniform or Poisson, in an open loop.
	Rate      float64 `json:"rate,omitempty"`
	RateShare float64 `json:"rate_share,omitempty"`
	Arrivals  string  `json:"arrivals,omitempty"`

	// SLO says that the highest rate is searched for that keeps a percentile of
	// the latency under a limit, such as p99=5ms (internal/search).
	SLO string `json:"slo,omitempty"`
}

// How requests arrive in an open loop.
const (
	Uniform = "uniform" // at equal distances
	Poisson = "poisson" // independently of each other: with exponential distances
)

// DefaultSize is the bytes of a message unless -size says otherwise.
const DefaultSize = 8

// Limits of a Workload.
const (
	MaxSize     = 1 << 20 // bytes per message
	MaxPipeline = 1024    // requests in flight on a connection

	// Longest bounds every time and interval that a flag gives: a longer one is a
	// slip of the keyboard.
	Longest = 24 * time.Hour

	// MaxRate is the highest rate of one replica, in requests per second. A
	// request costs a system call, which takes about a microsecond, and latency
	// is told to the microsecond: no process sends more than that evenly.
	MaxRate = 1e6
)

// Requests reports whether connections send requests.
func (w Workload) Requests() bool { return !w.Idle && !w.Push }

// BusyConns is how many connections carry requests.
func (w Workload) BusyConns() int {
	switch {
	case !w.Requests():
		return 0
	case w.Busy > 0:
		return w.Busy
	}
	return w.Conns
}

// Request is what a client's requests to upgrade say.
func (w Workload) Request() proto.Request {
	return proto.Request{Path: w.WSPath, Protocols: w.WSProtocols.Values(), Headers: w.Headers.Values()}
}

// Pushed is what a server pushes under this workload.
func (w Workload) Pushed() push.Config {
	if !w.Push {
		return push.Config{}
	}
	return push.Config{Rate: w.PushRate, Every: w.PushEvery, Size: w.Size, Slow: w.PushSlow}
}
