//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/load"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/internal/report"
	"c1m/internal/result"
)

// clientTraffic are the flags that say what a replica's connections carry.
type clientTraffic struct {
	proto   string
	traffic string
	size    oneSize
	busy    onePart
	idle    bool

	pipeline count
	churn    clientRate
	storm    bool

	handshake handshakeFlags
}

func (f *clientTraffic) register(flags *pflag.FlagSet) {
	f.size, f.pipeline = 8, 1
	flags.StringVar(&f.proto, "proto", string(proto.Echo), "`PROTOCOL`: echo or ws (WebSocket)")
	flags.StringVar(&f.traffic, "traffic", trafficRequests, "`TRAFFIC`: requests, or push: send nothing, and be notified by a server that pushes")
	flags.Var(&f.size, "size", "bytes per message, up to 1MiB (default with -traffic push: 32)")
	flags.Var(&f.busy, "busy", "connections that carry requests, or their share, such as 1%, while the others stay idle (default: all)")
	flags.Var(&f.pipeline, "pipeline", "requests that each busy connection has in flight")
	flags.Var(&f.churn, "churn", "connections per second that are closed and opened anew (default: none)")
	flags.BoolVar(&f.storm, "storm", false, "close all connections in mid-window, and open them again at once")
	f.handshake.register(flags)
	flags.BoolVar(&f.idle, "idle", false, "connect, and hold the connections without a request")
}

// check refuses what connections cannot carry.
func (f clientTraffic) check(conns int, window time.Duration, given func(string) bool) error {
	if _, err := proto.ParseProtocol(f.proto); err != nil {
		return usagef("-proto: %w", err)
	}
	if err := checkSize(int(f.size)); err != nil {
		return err
	}
	if given("busy") {
		if n := part(f.busy).of(conns); n < 1 || n > conns {
			return usagef("-busy %v: want 1 to %d, the number of connections, or a share, such as 1%%", part(f.busy), conns)
		}
	}
	if err := checkPipeline(int(f.pipeline)); err != nil {
		return err
	}
	if f.pipeline > 1 && given("rate") {
		return usagef("-pipeline %d: a schedule takes connections that are idle; leave -rate out", f.pipeline)
	}
	if err := checkChurn(float64(f.churn), given); err != nil {
		return err
	}
	if turns := float64(f.churn) * window.Seconds(); f.churn > 0 && turns < 1 && !given("replica") {
		return usagef("-churn %v: less than one connection in a window of %v; want more, or a longer -d", float64(f.churn), window)
	}
	if f.storm {
		if err := checkReopening("storm", given); err != nil {
			return err
		}
	}
	if err := f.checkPush(given); err != nil {
		return err
	}
	if err := f.handshake.check(f.proto == string(proto.WebSocket), given); err != nil {
		return err
	}
	if !f.idle {
		return nil
	}
	for _, name := range []string{"size", "busy", "pipeline", "churn", "storm", "rate"} {
		if given(name) && (name != "size" || !given("replica")) { // whoever starts replicas names the size always
			return usagef("-idle: connections that carry no requests have no -%s; leave one of the two out", name)
		}
	}
	return nil
}

// on adds what connections carry to a replica's load.
func (f clientTraffic) on(c load.Config) load.Config {
	c.WebSocket = f.proto == string(proto.WebSocket)
	c.Size, c.Idle = int(f.size), f.idle
	if c.WebSocket {
		c.Upgrade = f.handshake.request()
	}
	c.Churn, c.Storm = float64(f.churn), f.storm
	if f.traffic == trafficPush {
		c.Push, c.Idle = true, true
		c.Size = max(c.Size, push.MinSize)
	}
	if f.pipeline > 1 {
		c.Pipeline = int(f.pipeline)
	}
	if f.busy != (onePart{}) {
		c.Busy = part(f.busy).of(c.Conns)
	}
	return c
}

// writeUpgrades is what there is to say of connections that were upgraded.
func writeUpgrades(b *bytes.Buffer, r result.Replica) {
	fmt.Fprintf(b, "upgrades/s     %s\n", perSecond(float64(r.Upgrade.Count())/max(r.ConnectTime, time.Nanosecond).Seconds()))
	fmt.Fprintf(b, "to upgrade     %s\n", quantiles(r.Upgrade))
}

// writeIdle is what there is to say of connections without a request.
func writeIdle(b *bytes.Buffer, r result.Replica) {
	fmt.Fprintf(b, "connects/s     %s\n", perSecond(float64(r.Connected)/max(r.ConnectTime, time.Nanosecond).Seconds()))
	fmt.Fprintf(b, "to connect     %s\n", quantiles(r.Connect))
	fmt.Fprintf(b, "held           %d of %d\n", r.Kept, r.Asked)
}

// writeReopened is what there is to say of connections that were closed on
// purpose.
func writeReopened(b *bytes.Buffer, r result.Replica) {
	if r.Reconnect == nil {
		return
	}
	fmt.Fprintf(b, "reopened       %d\n", r.Reopened)
	fmt.Fprintf(b, "to connect     %s\n", quantiles(r.Reconnect))
	if s := r.Storm; s != nil {
		report.Hang(b, fmt.Sprintf("recovered      after %v  ", round(s.Recovered)),
			fmt.Sprintf("(%d dials failed, %d connections never did)", s.Failures, s.Silent))
	}
}

// oneSize is a flag's message size.
type oneSize int

func (z *oneSize) Type() string   { return "BYTES" }
func (z *oneSize) String() string { return (*count)(z).String() }

func (z *oneSize) Set(s string) error {
	n, err := parseSize(s)
	*z = oneSize(n)
	return err
}

// onePart is a flag's part of the connections.
type onePart part

func (p *onePart) Type() string { return "CONNECTIONS" }

func (p *onePart) String() string {
	if *p == (onePart{}) { // none given
		return ""
	}
	return part(*p).String()
}

func (p *onePart) Set(s string) error {
	v, err := parsePart(s)
	*p = onePart(v)
	return err
}
