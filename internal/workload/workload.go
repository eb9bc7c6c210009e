//go:build linux

// Package workload defines what the connections of a load carry: the protocol and its
// messages, the busy connections, the kind of traffic, and its pace. It owns the flags for
// that, their checks, and the arguments that pass a workload to servers and replicas. It
// must not depend on how a load is generated, measured or shown.
package workload

import (
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// Workload is the load of all replicas together or of one. The zero value with a number of
// connections is a closed loop of echo. Its JSON names are those of run files.
type Workload struct {
	Conns       int     `json:"conns"`                  // connections
	ConnectRate float64 `json:"connect_rate,omitempty"` // new connections per second; 0: as fast as possible

	// ConnectStages are how many connections are opened per second, as a function of the
	// time since a replica began to connect; after the last stage its last rate goes on.
	// They are those of all replicas together, also in the workload of one replica: each
	// of n replicas opens every n-th connection.
	ConnectStages Stages `json:"connect_stages,omitempty"`

	// Pin says that the event loops of clients keep their processors under load.
	Pin bool `json:"pin,omitempty"`

	Protocol    proto.Protocol `json:"proto"`
	Upgrade     string         `json:"upgrade,omitempty"`     // who answers the upgrade request; empty: the protocol
	WSPath      string         `json:"ws_path,omitempty"`     // path of upgrade requests; empty: /
	WSProtocols List           `json:"ws_protocol,omitempty"` // their subprotocols
	Headers     List           `json:"header,omitempty"`      // their further lines, each "Name: value"
	Size        int            `json:"size"`                  // bytes per message
	Work        servers.Work   `json:"work"`                  // of the server, per message

	// Busy is how many of the connections carry requests; the others are idle. 0
	// means all. Idle means none.
	Busy int  `json:"busy,omitempty"`
	Idle bool `json:"idle,omitempty"`

	// Push means that the connections send nothing and receive notifications:
	// PushRate broadcasts per second, each to one in PushEvery subscribers. PushSlow
	// is the policy for subscribers that do not read.
	Push      bool      `json:"push,omitempty"`
	PushRate  float64   `json:"push_rate,omitempty"`
	PushEvery int       `json:"push_every,omitempty"`
	PushSlow  push.Slow `json:"push_slow,omitempty"`

	// Pipeline is how many requests each busy connection has in flight; 0 means 1.
	Pipeline int `json:"pipeline,omitempty"`

	// Churn is how many connections per second are closed and reopened. Storm means
	// that all are, in the middle of the window.
	Churn float64 `json:"churn,omitempty"`
	Storm bool    `json:"storm,omitempty"`

	// Rate is requests per second in an open loop; 0 means a closed loop. RateShare
	// is the rate as a share of the throughput of a closed loop. Arrivals is Uniform
	// or Poisson, in an open loop.
	Rate      float64 `json:"rate,omitempty"`
	RateShare float64 `json:"rate_share,omitempty"`
	Arrivals  string  `json:"arrivals,omitempty"`

	// Stages are those of an open loop whose rate changes with time. They are those of
	// all replicas together, also in the workload of one replica: each of n replicas
	// sends every n-th request.
	Stages Stages `json:"stages,omitempty"`

	// SLO is the objective of a search for the highest rate: a limit of a percentile
	// of the latency, such as p99=5ms (internal/search).
	SLO string `json:"slo,omitempty"`
}

// How requests arrive in an open loop.
const (
	Uniform = "uniform" // at equal intervals
	Poisson = "poisson" // independently of each other, at exponential intervals
)

// DefaultSize is the default size of a message, in bytes.
const DefaultSize = 8

// Limits of a Workload.
const (
	MaxSize     = 1 << 20 // bytes per message
	MaxPipeline = 1024    // requests in flight on a connection

	// Longest limits every duration given by a flag: a longer one is probably a typing
	// error.
	Longest = 24 * time.Hour

	// MaxRate is the highest rate of one replica, in requests per second. A request
	// costs a system call, about a microsecond, so no process can send more at even
	// intervals.
	MaxRate = 1e6
)

// Requests reports whether connections send requests.
func (w Workload) Requests() bool { return !w.Idle && !w.Push }

// Scheduled reports whether requests are due at known times: an open loop, whose rate is
// not a share, or stages.
func (w Workload) Scheduled() bool { return w.Rate > 0 || w.Stages != "" }

// Connecting returns how long it takes until the last connection is due by the flags that
// limit the rate; 0 if none does.
func (w Workload) Connecting() time.Duration {
	if w.ConnectStages != "" {
		last, _ := w.ConnectStages.Continued().Due(float64(w.Conns - 1))
		return last
	}
	if w.ConnectRate > 0 {
		return time.Duration(float64(w.Conns) / w.ConnectRate * float64(time.Second))
	}
	return 0
}

// BusyConns returns how many connections carry requests.
func (w Workload) BusyConns() int {
	switch {
	case !w.Requests():
		return 0
	case w.Busy > 0:
		return w.Busy
	}
	return w.Conns
}

// Request returns the content of a client's upgrade requests.
func (w Workload) Request() proto.Request {
	return proto.Request{Path: w.WSPath, Protocols: w.WSProtocols.Values(), Headers: w.Headers.Values()}
}

// Pushed returns the configuration of a server's notifications.
func (w Workload) Pushed() push.Config {
	if !w.Push {
		return push.Config{}
	}
	return push.Config{Rate: w.PushRate, Every: w.PushEvery, Size: w.Size, Slow: w.PushSlow}
}
