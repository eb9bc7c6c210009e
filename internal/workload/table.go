//go:build linux

package workload

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// What -traffic says.
const (
	trafficRequests = "requests"
	trafficPush     = "push"
)

// requests are the kinds of traffic in which clients send requests.
var requests = []Kind{Closed, Pipelined, Open, Searched, Churn, Storm}

// table lists every flag of a workload. Where a flag has several values in one
// run, the flags that come first vary slowest, and so order the table of results.
func table() []Flag {
	return []Flag{
		{
			Name: "conn", Value: "COUNT", Side: Client, Help: "connections",
			set: func(w *Workload, s string) (err error) {
				if w.Conns, err = ParseCount(s); err == nil && w.Conns < 1 {
					err = errors.New("want at least 1")
				}
				return err
			},
			text: func(w Workload) string { return number(w.Conns) },
		}, {
			Name: "connect-rate", Value: "RATE", Side: Client, Single: true,
			Help: "new connections per second (default: as fast as the server takes them)",
			set: func(w *Workload, s string) (err error) {
				w.ConnectRate, err = parseRate(s)
				return err
			},
			text: func(w Workload) string { return decimal(w.ConnectRate) },
		}, {
			Name: "proto", Value: "PROTOCOL", Default: string(proto.Echo), Side: Client | Server,
			Help: "echo, or ws for WebSocket",
			set: func(w *Workload, s string) (err error) {
				w.Protocol, err = proto.ParseProtocol(s)
				return err
			},
			text: func(w Workload) string {
				if w.Protocol == proto.Echo {
					return ""
				}
				return string(w.Protocol)
			},
		}, {
			Name: "upgrade", Value: "WHO", Default: "tcp", Side: Server,
			Help: "who does a WebSocket's handshake in goroutine:pair: tcp (built in) or http (net/http)",
			set: func(w *Workload, s string) error {
				switch servers.Upgrade(s) {
				case servers.UpgradeTCP:
					w.Upgrade = ""
				case servers.UpgradeHTTP:
					w.Upgrade = s
				default:
					return fmt.Errorf("want %s or %s", servers.UpgradeTCP, servers.UpgradeHTTP)
				}
				return nil
			},
			text: func(w Workload) string { return w.Upgrade },
		}, {
			Name: "ws-path", Value: "PATH", Default: "/", Side: Client, Single: true,
			Help: "path and query that requests to upgrade ask for",
			set: func(w *Workload, s string) error {
				if w.WSPath = s; s == "/" {
					w.WSPath = ""
				}
				return proto.Request{Path: s}.Validate()
			},
			text: func(w Workload) string { return w.WSPath },
		}, {
			Name: "ws-protocol", Value: "SUBPROTOCOLS", Side: Client, Single: true, All: true,
			Help: "subprotocols that they offer, of which the server must choose one; repeatable or comma-separated",
			set: func(w *Workload, s string) error {
				for one := range strings.SplitSeq(s, ",") {
					w.WSProtocols = w.WSProtocols.with(strings.TrimSpace(one))
				}
				return w.Request().Validate()
			},
			text: func(w Workload) string { return string(w.WSProtocols) },
		}, {
			Name: "header", Value: "'NAME: VALUE'", Side: Client, Single: true, All: true,
			Help: "one more of their lines; repeatable; command lines and the run file show it",
			set: func(w *Workload, s string) error {
				w.Headers = w.Headers.with(strings.TrimSpace(s))
				return proto.Request{Headers: []string{s}}.Validate()
			},
			text: func(w Workload) string { return string(w.Headers) },
		}, {
			Name: "size", Value: "BYTES", Default: number(DefaultSize), Side: Client,
			Help:  "bytes per message, up to 1MiB; with -traffic push at least 32",
			kinds: append([]Kind{Push}, requests...),
			set: func(w *Workload, s string) (err error) {
				w.Size, err = ParseSize(s)
				return err
			},
			text: func(w Workload) string {
				if w.Idle {
					return ""
				}
				return number(w.Size)
			},
		}, {
			Name: "work", Value: "WORK", Default: "none", Side: Server, kinds: requests,
			Help: "per message: none, sleep:DURATION or cpu:ROUNDS of SHA-256",
			set: func(w *Workload, s string) (err error) {
				if w.Work, err = servers.ParseWork(s); err == nil && w.Work.Sleep > Longest {
					err = fmt.Errorf("want at most %v", Longest)
				}
				return err
			},
			text: func(w Workload) string {
				if w.Work == (servers.Work{}) {
					return ""
				}
				return w.Work.String()
			},
		}, {
			Name: "traffic", Value: "TRAFFIC", Default: trafficRequests, Side: Client | Server, Single: true,
			Help: "requests, or push: clients send nothing and are notified",
			set: func(w *Workload, s string) error {
				switch s {
				case trafficRequests, trafficPush:
					w.Push = s == trafficPush
					return nil
				}
				return fmt.Errorf("want %s or %s", trafficRequests, trafficPush)
			},
			text: func(w Workload) string {
				if w.Push {
					return trafficPush
				}
				return ""
			},
		}, {
			Name: "busy", Value: "CONNECTIONS", Side: Client, kinds: requests,
			Help: "connections that carry requests, or their share, such as 1%; the others stay idle (default: all)",
			set: func(w *Workload, s string) (err error) {
				w.Busy, err = parsePart(s, w.Conns)
				return err
			},
			text: func(w Workload) string { return number(w.Busy) },
		}, {
			Name: "pipeline", Value: "COUNT", Default: "1", Side: Client,
			Help: "requests that each busy connection has in flight",
			set: func(w *Workload, s string) (err error) {
				w.Pipeline, err = ParseCount(s)
				if err == nil && (w.Pipeline < 1 || w.Pipeline > MaxPipeline) {
					err = fmt.Errorf("want 1 to %d requests in flight on a connection", MaxPipeline)
				}
				return err
			},
			text: func(w Workload) string { return number(w.Pipeline) },
		}, {
			Name: "churn", Value: "RATE", Side: Client,
			Help: "connections per second that are closed and opened anew (default: none)",
			set: func(w *Workload, s string) (err error) {
				w.Churn, err = parseRate(s)
				return err
			},
			text: func(w Workload) string { return decimal(w.Churn) },
		}, {
			Name: "storm", Side: Client, Single: true,
			Help: "close all connections in mid-window, and open them again at once, as after an outage",
			set:  func(w *Workload, s string) error { return parseSwitch(&w.Storm, s) },
			text: func(w Workload) string { return switched(w.Storm) },
		}, {
			Name: "idle", Side: Client, Single: true,
			Help: "connect, and hold the connections without requests",
			set:  func(w *Workload, s string) error { return parseSwitch(&w.Idle, s) },
			text: func(w Workload) string { return switched(w.Idle) },
		}, {
			Name: "push-rate", Value: "RATE", Default: "1", Side: Server, kinds: []Kind{Push},
			Help: "broadcasts per second, evenly spaced",
			set: func(w *Workload, s string) (err error) {
				w.PushRate, err = strconv.ParseFloat(s, 64)
				switch {
				case err != nil || !(w.PushRate > 0) || w.PushRate > push.MaxRate:
					return fmt.Errorf("want more than 0 and at most %d broadcasts per second", push.MaxRate)
				case w.PushRate < 1/Longest.Seconds():
					return fmt.Errorf("want at least one broadcast in %v", Longest)
				}
				return nil
			},
			text: func(w Workload) string { return decimal(w.PushRate) },
		}, {
			Name: "push-fraction", Value: "SHARE", Default: "100%", Side: Server, kinds: []Kind{Push},
			Help: "subscribers that a broadcast goes to: 100%, or one part in a whole number, such as 10%",
			set: func(w *Workload, s string) (err error) {
				w.PushEvery, err = push.ParseFraction(s)
				return err
			},
			text: func(w Workload) string {
				if w.PushEvery == 0 {
					return ""
				}
				return push.Fraction(w.PushEvery)
			},
		}, {
			Name: "push-size", Value: "BYTES", Default: number(push.MinSize), Side: Server, kinds: []Kind{Push},
			Help: "bytes per notification, 32 to 1MiB; the first 32 are a stamp",
			set: func(w *Workload, s string) (err error) {
				if w.Size, err = ParseSize(s); err == nil && w.Size < push.MinSize {
					err = fmt.Errorf("want %d to %d bytes", push.MinSize, MaxSize)
				}
				return err
			},
			text: func(w Workload) string {
				if !w.Push {
					return ""
				}
				return number(w.Size)
			},
		}, {
			Name: "push-slow", Value: "CHOICE", Default: string(push.Drop), Side: Server, kinds: []Kind{Push},
			Help: "when more than 64 KiB wait for a subscriber: drop the notification, or disconnect it",
			set: func(w *Workload, s string) (err error) {
				w.PushSlow, err = push.ParseSlow(s)
				return err
			},
			text: func(w Workload) string { return string(w.PushSlow) },
		}, {
			Name: "rate", Value: "RATE", Side: Client,
			Help: "open loop: requests per second, due on a schedule (default: a closed loop)",
			set:  setRate,
			text: func(w Workload) string { return decimal(w.Rate) },
		}, {
			Name: "slo", Value: "OBJECTIVE", Side: Run, Single: true,
			Help: "search the highest rate with p50, p90, p99 or p99.9 of the latency under a limit, such as p99=5ms",
			set: func(w *Workload, s string) error {
				w.SLO = s
				return nil
			},
			text: func(w Workload) string { return w.SLO },
		}, {
			Name: "arrivals", Value: "SCHEDULE", Default: Uniform, Side: Client, Single: true, kinds: []Kind{Open, Searched},
			Help: "uniform or poisson: when requests are due in an open loop",
			set: func(w *Workload, s string) error {
				switch s {
				case Uniform, Poisson:
					w.Arrivals = s
					return nil
				}
				return fmt.Errorf("want %s or %s", Uniform, Poisson)
			},
			text: func(w Workload) string { return w.Arrivals },
		},
	}
}
