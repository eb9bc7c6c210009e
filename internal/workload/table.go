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

// The values of -traffic.
const (
	trafficRequests = "requests"
	trafficPush     = "push"
)

// requests are the kinds of traffic in which clients send requests.
var requests = []Kind{Closed, Pipelined, Open, Searched, Staged, Churn, Storm}

// protocolNames returns the values of -proto.
func protocolNames() []string {
	var names []string
	for _, p := range proto.Protocols() {
		names = append(names, string(p))
	}
	return names
}

// table lists every flag of a workload. If flags have several values in one run, the first
// flags vary slowest, which orders the table of results.
func table() []Flag {
	return []Flag{
		{
			Name: "conn", Listed: "conns", Value: "COUNT", Side: Client, Help: "connections",
			set: func(w *Workload, s string) (err error) {
				if w.Conns, err = ParseCount(s); err == nil && w.Conns < 1 {
					err = errors.New("want at least 1")
				}
				return err
			},
			text: func(w Workload) string { return number(w.Conns) },
		}, {
			Name: "connect-rate", Value: "RATE", Side: Client, Single: true,
			Help: "new connections per second (default: no limit)",
			set: func(w *Workload, s string) (err error) {
				w.ConnectRate, err = parseRate(s)
				return err
			},
			text: func(w Workload) string { return decimal(w.ConnectRate) },
		}, {
			Name: "connect-stages", Value: "STAGES", Side: Client, Single: true,
			Help: "new connections per second in stages: '2m:1k..10k'",
			set: func(w *Workload, s string) (err error) {
				w.ConnectStages, err = ParseStages(s)
				return err
			},
			text: func(w Workload) string { return string(w.ConnectStages) },
		}, {
			Name: "pin", Side: Client, Single: true,
			Help: "keep each client loop on a processor under load",
			set:  func(w *Workload, s string) error { return parseSwitch(&w.Pin, s) },
			text: func(w Workload) string { return switched(w.Pin) },
		}, {
			Name: "proto", Value: "PROTOCOL", Default: string(proto.Echo), Side: Client | Server,
			Help:    proto.Help(),
			Choices: protocolNames(),
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
			Name: "upgrade", Value: "HOW", Default: "tcp", Side: Server,
			Help:    "goroutine:pair: tcp or http (net/http)",
			Choices: []string{string(servers.UpgradeTCP), string(servers.UpgradeHTTP)},
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
			Help: "WebSocket: path and query to request",
			set: func(w *Workload, s string) error {
				if w.WSPath = s; s == "/" {
					w.WSPath = ""
				}
				return proto.Request{Path: s}.Validate()
			},
			text: func(w Workload) string { return w.WSPath },
		}, {
			Name: "ws-protocol", Value: "NAMES", Side: Client, Single: true, All: true,
			Help: "WebSocket: subprotocols to offer; repeatable",
			set: func(w *Workload, s string) error {
				for one := range strings.SplitSeq(s, ",") {
					w.WSProtocols = w.WSProtocols.with(strings.TrimSpace(one))
				}
				return w.Request().Validate()
			},
			text: func(w Workload) string { return string(w.WSProtocols) },
		}, {
			Name: "header", Value: "'NAME: VALUE'", Side: Client, Single: true, All: true,
			Help: "WebSocket: request header; repeatable, not secret",
			set: func(w *Workload, s string) error {
				w.Headers = w.Headers.with(strings.TrimSpace(s))
				return proto.Request{Headers: []string{s}}.Validate()
			},
			text: func(w Workload) string { return string(w.Headers) },
		}, {
			Name: "size", Value: "BYTES", Default: number(DefaultSize), Side: Client,
			Help:  "bytes per message, up to 1MiB",
			kinds: append([]Kind{Push}, requests...),
			set: func(w *Workload, s string) (err error) {
				w.Size, err = parseSize(s)
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
			Help:    "none, sleep:TIME or cpu:ROUNDS",
			Choices: []string{"none", "sleep:", "cpu:"},
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
			Name: "traffic", Group: GroupTraffic, Value: "TRAFFIC", Default: trafficRequests, Side: Client | Server, Single: true,
			Help:    "requests, or push: notifications",
			Choices: []string{trafficRequests, trafficPush},
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
			Name: "busy", Value: "CONNS", Side: Client, kinds: requests,
			Help: "busy connections: 500 or 1% (default: all)",
			set: func(w *Workload, s string) (err error) {
				w.Busy, err = parsePart(s, w.Conns)
				return err
			},
			text: func(w Workload) string { return number(w.Busy) },
		}, {
			Name: "pipeline", Group: GroupTraffic, Value: "COUNT", Default: "1", Side: Client,
			Help: "requests in flight per busy connection",
			set: func(w *Workload, s string) (err error) {
				w.Pipeline, err = ParseCount(s)
				if err == nil && (w.Pipeline < 1 || w.Pipeline > MaxPipeline) {
					err = fmt.Errorf("want 1 to %d requests in flight on a connection", MaxPipeline)
				}
				return err
			},
			text: func(w Workload) string { return number(w.Pipeline) },
		}, {
			Name: "churn", Group: GroupTraffic, Value: "RATE", Side: Client,
			Help: "connections per second to close and reopen",
			set: func(w *Workload, s string) (err error) {
				w.Churn, err = parseRate(s)
				return err
			},
			text: func(w Workload) string { return decimal(w.Churn) },
		}, {
			Name: "storm", Group: GroupTraffic, Side: Client, Single: true,
			Help: "close all connections mid-window and reopen them",
			set:  func(w *Workload, s string) error { return parseSwitch(&w.Storm, s) },
			text: func(w Workload) string { return switched(w.Storm) },
		}, {
			Name: "idle", Group: GroupTraffic, Side: Client, Single: true,
			Help: "hold connections without requests",
			set:  func(w *Workload, s string) error { return parseSwitch(&w.Idle, s) },
			text: func(w Workload) string { return switched(w.Idle) },
		}, {
			Name: "push-rate", Group: GroupTraffic, Value: "RATE", Default: "1", Side: Server, kinds: []Kind{Push},
			Help: "push: broadcasts per second",
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
			Name: "push-fraction", Group: GroupTraffic, Value: "SHARE", Default: "100%", Side: Server, kinds: []Kind{Push},
			Help:    "push: subscribers of a broadcast",
			Choices: []string{"100%", "50%", "10%", "1%"},
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
			Name: "push-size", Group: GroupTraffic, Value: "BYTES", Default: number(push.MinSize), Side: Server, kinds: []Kind{Push},
			Help: "push: bytes per notification, 32 to 1MiB",
			set: func(w *Workload, s string) (err error) {
				if w.Size, err = parseSize(s); err == nil && w.Size < push.MinSize {
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
			Name: "push-slow", Group: GroupTraffic, Value: "CHOICE", Default: string(push.Drop), Side: Server, kinds: []Kind{Push},
			Help:    "push: drop or disconnect slow ones",
			Choices: []string{string(push.Drop), string(push.Disconnect)},
			set: func(w *Workload, s string) (err error) {
				w.PushSlow, err = push.ParseSlow(s)
				return err
			},
			text: func(w Workload) string { return string(w.PushSlow) },
		}, {
			Name: "rate", Listed: "rates", Group: GroupTraffic, Value: "RATE", Side: Client,
			Help: "open loop: requests per second (10k, 50%)",
			set:  setRate,
			text: func(w Workload) string { return decimal(w.Rate) },
		}, {
			Name: "stages", Group: GroupTraffic, Value: "STAGES", Side: Client, Single: true,
			Help: "open loop in stages: '10s:1k, 30s:1k..20k, 5s:0'",
			set: func(w *Workload, s string) (err error) {
				w.Stages, err = ParseStages(s)
				return err
			},
			text: func(w Workload) string { return string(w.Stages) },
		}, {
			Name: "slo", Group: GroupTraffic, Value: "OBJECTIVE", Side: Run, Single: true,
			Help:    "highest rate within a limit, such as p99=5ms",
			Choices: []string{"p50=", "p90=", "p99=", "p99.9="},
			set: func(w *Workload, s string) error {
				w.SLO = s
				return nil
			},
			text: func(w Workload) string { return w.SLO },
		}, {
			Name: "arrivals", Group: GroupTraffic, Value: "SCHEDULE", Default: Uniform, Side: Client, Single: true, kinds: []Kind{Open, Searched, Staged},
			Help:    "open loop: uniform or poisson",
			Choices: []string{Uniform, Poisson},
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
